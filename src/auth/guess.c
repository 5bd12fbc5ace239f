/*
 * guess.c - wrong claims, and how they slow down those who make them.
 *
 * Token buckets, each a single moment (the generic cell rate algorithm): an entry's order is the time in milliseconds
 * at which the bucket will be full again. Where room is needed the fullest one goes, which slowed down the least. An
 * entry of address and name bears the value 1 once that user logged in from there: wrong claims of his neighbours, who
 * share the address, then say nothing about him.
 */
#include "guess.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/shelf.h"
#include "memory.h"
#include "users.h"

enum {
    WRONG_ENTRIES = 1 << 16,  /* 1.5 MiB: so many may be slowed down at a time; what is unused takes no memory */
    FLIGHT_ENTRIES = 1 << 12, /* more claims than are ever with workers */
    ADDRESS_TEXT_MAX = 64,
    TRUSTED = 1,
};

struct guesses {
    struct hash_key key;
    struct shelf *wrong;
    struct shelf *flight; /* value: how many of this claim, or claims of this address, are with workers */
};

struct guesses *guesses_new(void)
{
    struct guesses *guesses = xcalloc(1, sizeof(*guesses));

    random_bytes(&guesses->key, sizeof(guesses->key));
    guesses->wrong = shelf_new(WRONG_ENTRIES);
    guesses->flight = shelf_new(FLIGHT_ENTRIES);
    return guesses;
}

void guesses_free(struct guesses *guesses)
{
    if (!guesses)
        return;
    shelf_free(guesses->wrong);
    shelf_free(guesses->flight);
    free(guesses);
}

/* ---- keys ---- */

/* A v6 client has 64 bits of addresses of its own to choose from. */
static uint64_t hash_address(const struct hash_key *key, struct slice peer)
{
    char text[ADDRESS_TEXT_MAX];
    unsigned char addr[16];

    if (peer.len >= sizeof(text))
        return hash64(key, peer);
    memcpy(text, peer.len ? peer.ptr : "", peer.len);
    text[peer.len] = '\0';
    if (inet_pton(AF_INET6, text, addr) == 1 && !IN6_IS_ADDR_V4MAPPED((struct in6_addr *)(void *)addr))
        return hash64(key, slice_of((char *)addr, 8));
    return hash64(key, peer);
}

static uint64_t hash_pair(const struct hash_key *key, uint64_t a, uint64_t b)
{
    uint64_t both[2] = {a, b};

    return hash64(key, slice_of((char *)both, sizeof(both)));
}

struct attempt attempt_of(const struct auth_memory *memory, const struct users *users, struct slice peer,
                          const struct credentials *cred)
{
    const struct hash_key *key = &memory->guesses->key;
    uint64_t secret = hash_pair(key, hash64(key, cred->password), hash64(key, cred->token));
    uint64_t name = hash64(key, cred->name);
    struct attempt attempt = {.address = hash_pair(key, hash_address(key, peer), 'a'),
                              .is_token = cred->scheme == AUTH_BEARER};

    if (!slice_is_empty(cred->name))
        attempt.name = hash_pair(key, attempt.address, name);
    attempt.claim = hash_pair(key, hash_pair(key, attempt.address, users ? users_generation(users) : 0),
                              hash_pair(key, name, secret));
    return attempt;
}

/* ---- wrong ones ---- */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Milliseconds until the bucket has one more; 0: it has. */
static uint64_t wait_of(struct shelf *shelf, uint64_t key, uint64_t cost_ms, uint64_t burst, uint64_t now_ms,
                        uint64_t *value)
{
    struct shelf_entry *entry = shelf_begin(shelf, key);
    uint64_t full_ms = entry->order;

    *value = entry->value;
    shelf_end(shelf, entry);
    return full_ms + cost_ms > now_ms + burst * cost_ms ? full_ms + cost_ms - now_ms - burst * cost_ms : 0;
}

/* One more than the bucket holds at most, so that a flood that was under way does not shut its sender out for long. */
static void charge(struct shelf *shelf, uint64_t key, uint64_t cost_ms, uint64_t burst, uint64_t now_ms)
{
    struct shelf_entry *entry = shelf_begin(shelf, key);
    uint64_t most_ms = now_ms + burst * cost_ms;

    entry->order = later(entry->order, now_ms) + cost_ms;
    if (entry->order > most_ms)
        entry->order = most_ms;
    shelf_end(shelf, entry);
}

unsigned attempt_wait_at(struct auth_memory *memory, const struct attempt *attempt, uint64_t now_ms)
{
    struct shelf *wrong = memory->guesses->wrong;
    uint64_t name_ms = 0, address_ms, is_trusted = 0, none;

    if (attempt->is_token)
        return 0;
    if (attempt->name)
        name_ms = wait_of(wrong, attempt->name, GUESS_NAME_MS, GUESS_NAME_BURST, now_ms, &is_trusted);
    address_ms = wait_of(wrong, attempt->address, GUESS_ADDRESS_MS, GUESS_ADDRESS_BURST, now_ms, &none);
    if (is_trusted)
        address_ms = 0;
    return (unsigned)((later(name_ms, address_ms) + 999) / 1000);
}

static void forgive(struct shelf *wrong, uint64_t key, uint64_t now_ms)
{
    struct shelf_entry *entry = shelf_begin(wrong, key);

    entry->order = now_ms;
    entry->value = TRUSTED;
    shelf_end(wrong, entry);
}

void attempt_told_at(struct auth_memory *memory, const struct attempt *attempt, enum auth_result result,
                     uint64_t now_ms)
{
    struct shelf *wrong = memory->guesses->wrong;

    if (attempt->is_token)
        return;
    if (result == AUTH_OK && attempt->name) {
        forgive(wrong, attempt->name, now_ms);
    } else if (result == AUTH_WRONG) {
        charge(wrong, attempt->address, GUESS_ADDRESS_MS, GUESS_ADDRESS_BURST, now_ms);
        if (attempt->name)
            charge(wrong, attempt->name, GUESS_NAME_MS, GUESS_NAME_BURST, now_ms);
    }
}

unsigned attempt_wait(struct auth_memory *memory, const struct attempt *attempt)
{
    return attempt_wait_at(memory, attempt, clock_mono_ms());
}

void attempt_told(struct auth_memory *memory, const struct attempt *attempt, enum auth_result result)
{
    attempt_told_at(memory, attempt, result, clock_mono_ms());
}

/* ---- with workers ---- */

/* An entry that was pushed out means a few claims too many at a time, no more: so a shelf will do. */
static uint64_t count_up(struct shelf *flight, uint64_t key, uint64_t most)
{
    struct shelf_entry *entry = shelf_begin(flight, key);
    uint64_t before = entry->value;

    if (before < most) {
        entry->value++;
        entry->order = clock_mono_ms() + 1;
    }
    shelf_end(flight, entry);
    return before;
}

/* What is left. */
static uint64_t count_down(struct shelf *flight, uint64_t key)
{
    struct shelf_entry *entry = shelf_begin(flight, key);
    uint64_t left = entry->value > 0 ? --entry->value : 0;

    if (left == 0)
        entry->order = 0; /* it is free */
    shelf_end(flight, entry);
    return left;
}

bool attempt_enter(struct auth_memory *memory, const struct attempt *attempt)
{
    struct shelf *flight = memory->guesses->flight;

    if (count_up(flight, attempt->claim, UINT64_MAX) > 0)
        return true;
    if (count_up(flight, attempt->address, GUESS_AT_ONCE_MAX) < GUESS_AT_ONCE_MAX)
        return true;
    count_down(flight, attempt->claim);
    return false;
}

void attempt_leave(struct auth_memory *memory, const struct attempt *attempt)
{
    struct shelf *flight = memory->guesses->flight;

    if (count_down(flight, attempt->claim) == 0)
        count_down(flight, attempt->address);
}
