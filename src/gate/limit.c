/*
 * limit.c - how much one client may ask for (429).
 *
 * A request is counted once by each limit that holds for it, or by none: what one of them refuses costs nothing with
 * the others. Limits that know clients by address alone are judged on arrival, the others when it is known who asks.
 * Content is counted when it has been sent: who took more than his share is refused afterwards, until he has earned it.
 */
#include "limit.h"

#include <arpa/inet.h>

#include "base/clock.h"
#include "gate_private.h"

enum {
    SITE_SHIFT = LIMITS_MAX, /* in the bits of limits: the server's own come first */
    NOTES_MAX = 2 * LIMITS_MAX * LIMIT_UNITS,
    ADDRESS_TEXT_MAX = 64,
};

static const uint64_t second_ns = 1000000000;

/* What a limit may tell requests apart by, as keyed hashes. */
struct subject {
    uint64_t address, user, path;
    enum method method;
};

/* ---- keys ---- */

/* Spreads the bits (Vigna's splitmix64). What goes in is secret: keyed hashes. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static enum limit_class class_of(enum method method)
{
    for (unsigned i = 0; i < LIMIT_CLASSES; i++)
        if (limit_classes[i] & 1u << method)
            return (enum limit_class)i;
    return LIMIT_CLASS_WRITE; /* what nobody knows may do anything */
}

static uint64_t key_of(const struct limit_rule *rule, enum limit_unit unit, const struct subject *subject)
{
    uint64_t key = rule->id + unit;

    if (rule->per & LIMIT_PER_ADDRESS)
        key = mix(key ^ subject->address);
    if (rule->per & LIMIT_PER_USER)
        key = mix(key ^ subject->user);
    if (rule->per & LIMIT_PER_PATH)
        key = mix(key ^ subject->path);
    if (rule->per & LIMIT_PER_METHOD)
        key = mix(key + 1 + class_of(subject->method));
    return mix(key);
}

static uint64_t hash_of(char kind, const void *bytes, size_t len)
{
    char text[256];

    if (len >= sizeof(text)) {
        struct hash128 hash = hash128(hash_process_key(), slice_of(bytes, len));

        return hash_of(kind, hash.bytes, sizeof(hash.bytes));
    }
    text[0] = kind;
    memcpy(text + 1, bytes, len);
    return hash64(hash_process_key(), slice_of(text, len + 1));
}

/* A v6 client has 64 bits of addresses of its own to choose from. */
uint64_t limit_address(sa_family_t family, const unsigned char *addr, struct slice text)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

    if (family == AF_INET)
        return hash_of('4', addr, 4);
    if (family == AF_INET6 && memcmp(addr, mapped, sizeof(mapped)) == 0)
        return hash_of('4', addr + sizeof(mapped), 4);
    if (family == AF_INET6)
        return hash_of('6', addr, 8);
    return hash_of('a', text.ptr, text.len);
}

/* As in ex->peer: what a proxy says need not be an address. */
static uint64_t address_of(struct slice peer)
{
    char text[ADDRESS_TEXT_MAX];
    unsigned char addr[16];
    sa_family_t family = peer.len && memchr(peer.ptr, ':', peer.len) ? AF_INET6 : AF_INET;

    if (peer.len >= sizeof(text))
        return limit_address(AF_UNSPEC, NULL, peer);
    memcpy(text, peer.len ? peer.ptr : "", peer.len);
    text[peer.len] = '\0';
    if (inet_pton(family, text, addr) != 1)
        family = AF_UNSPEC;
    return limit_address(family, addr, peer);
}

uint64_t limit_path(struct slice path)
{
    return hash_of('p', path.len ? path.ptr : "", path.len);
}

static struct subject subject_of(const struct exchange *ex)
{
    struct subject subject = {.address = address_of(ex->peer), .method = ex->head.method};
    struct slice user = ex->asker.user;

    subject.user = user.len ? hash_of('u', user.ptr, user.len) : subject.address; /* POL-C4 */
    subject.path = limit_path(ex->path.text);
    return subject;
}

/* ---- which limits hold ---- */

bool limit_is_by_address(const struct limit_rule *rule)
{
    return !rule->path_count && !(rule->per & (LIMIT_PER_USER | LIMIT_PER_PATH));
}

static bool is_of_method(const struct limit_rule *rule, enum method method)
{
    return !rule->methods || rule->methods & 1u << method;
}

static bool is_of_path(const struct limit_rule *rule, struct slice path)
{
    for (unsigned i = 0; i < rule->path_count; i++)
        if (rpath_is_within(path, rule->paths[i]))
            return true;
    return !rule->path_count;
}

static uint64_t bits_at(const struct limit_rule *rules, unsigned count, struct slice path)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < count; i++)
        bits |= (uint64_t)is_of_path(&rules[i], path) << i;
    return bits;
}

static uint64_t bits_by_address(const struct limit_rule *rules, unsigned count)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < count; i++)
        bits |= (uint64_t)limit_is_by_address(&rules[i]) << i;
    return bits;
}

uint64_t limits_at(const struct conf *conf, const struct site *site, struct slice path)
{
    char room[CONF_PATH_ROOM];

    path = conf_path(site, path, room);
    return bits_at(conf->client_limits, conf->client_limit_count, path) | bits_at(site->limits, site->limit_count, path)
                                                                              << SITE_SHIFT;
}

uint64_t limits_on_arrival(const struct conf *conf, const struct site *site)
{
    return bits_by_address(conf->client_limits, conf->client_limit_count) |
           bits_by_address(site->limits, site->limit_count) << SITE_SHIFT;
}

static const struct limit_rule *rule_of(const struct conf *conf, const struct site *site, unsigned bit)
{
    return bit < SITE_SHIFT ? &conf->client_limits[bit] : &site->limits[bit - SITE_SHIFT];
}

/* ---- counting ---- */

uint64_t limit_room_ns(const struct limit_rule *rule, enum limit_unit unit)
{
    return unit == LIMIT_REQUESTS ? rule->burst * rule->each_ns : rule->bytes_per_ms * 1000000;
}

static bool counts(const struct limit_rule *rule, enum limit_unit unit)
{
    return unit == LIMIT_REQUESTS ? rule->requests : unit == LIMIT_BYTES ? rule->bytes : rule->concurrent;
}

static uint64_t cost_of_bytes(const struct limit_rule *rule, uint64_t bytes)
{
    uint64_t room_ns = limit_room_ns(rule, LIMIT_BYTES), product;
    __uint128_t cost_ns;

    if (!__builtin_mul_overflow(room_ns, bytes, &product))
        return product / rule->bytes;
    cost_ns = (__uint128_t)room_ns * bytes / rule->bytes;
    return cost_ns > UINT64_MAX ? UINT64_MAX : (uint64_t)cost_ns;
}

/* What is asked of limits at one moment. */
struct asking {
    struct ledger *ledger;
    uint64_t now_ns;
    uint64_t bytes;     /* of content, where it is known beforehand */
    bool is_in_passing; /* over when it is answered: it is never one that is under way */
    bool is_look;       /* nothing is taken */
};

static uint64_t cost_of(const struct asking *asking, const struct limit_note *note)
{
    if (asking->is_look)
        return 0;
    if (note->unit == LIMIT_REQUESTS)
        return note->rule->each_ns;
    return asking->bytes ? cost_of_bytes(note->rule, asking->bytes) : 0;
}

/* False: it refuses. */
static bool take(const struct asking *asking, struct limit_note *note, struct limited *out)
{
    const struct limit_rule *rule = note->rule;
    uint64_t need_ns = note->unit == LIMIT_REQUESTS ? rule->each_ns : 0;
    struct bucket_look look;

    if (note->unit == LIMIT_CONCURRENT) {
        look.is_refused = asking->is_in_passing
                              ? under_way_is_full(asking->ledger->under_way, note->key, rule->concurrent)
                              : !under_way_enter(asking->ledger->under_way, note->key, rule->concurrent);
        note->is_under_way = !asking->is_in_passing;
        look.wait_ns = second_ns; /* nobody knows when one of them ends */
    } else {
        note->cost_ns = cost_of(asking, note);
        look = bucket_take(asking->ledger->buckets, note->key, asking->now_ns, need_ns, note->cost_ns,
                           limit_room_ns(rule, note->unit));
        note->left_ns = look.left_ns;
    }
    if (look.is_refused)
        *out = (struct limited){
            .rule = rule, .unit = note->unit, .wait_s = look.wait_ns / second_ns + (look.wait_ns % second_ns != 0)};
    return !look.is_refused;
}

/* As if it had never been asked for. */
static void give_back(struct ledger *ledger, struct limit_notes *notes)
{
    for (unsigned i = 0; i < notes->count; i++) {
        const struct limit_note *note = &notes->notes[i];

        if (note->is_under_way)
            under_way_leave(ledger->under_way, note->key);
        else if (note->cost_ns)
            bucket_give_back(ledger->buckets, note->key, note->cost_ns);
    }
    notes->count = 0;
}

/* Each of the rules takes what it counts; where one refuses, all get back theirs, also those noted before. */
static bool take_all(struct asking asking, const struct conf *conf, const struct site *site, uint64_t rules,
                     const struct subject *subject, struct limit_notes *notes, struct limited *out)
{
    asking.now_ns = clock_mono_ns();
    for (; rules; rules &= rules - 1) {
        const struct limit_rule *rule = rule_of(conf, site, (unsigned)__builtin_ctzll(rules));

        if (!is_of_method(rule, subject->method))
            continue;
        for (enum limit_unit unit = 0; unit < LIMIT_UNITS; unit++) {
            struct limit_note *note = &notes->notes[notes->count];

            if (!counts(rule, unit))
                continue;
            *note = (struct limit_note){.rule = rule, .unit = unit, .key = key_of(rule, unit, subject)};
            if (!take(&asking, note, out)) {
                give_back(asking.ledger, notes);
                return false;
            }
            notes->count++;
        }
    }
    return true;
}

/* Content whose length is known only now. */
static void charge_bytes(struct ledger *ledger, const struct limit_notes *notes, uint64_t bytes)
{
    uint64_t now_ns = 0;

    for (unsigned i = 0; i < notes->count && bytes; i++) {
        const struct limit_note *note = &notes->notes[i];

        if (note->unit != LIMIT_BYTES)
            continue;
        now_ns = now_ns ? now_ns : clock_mono_ns();
        bucket_charge(ledger->buckets, note->key, now_ns, cost_of_bytes(note->rule, bytes));
    }
}

/* ---- exchanges ---- */

static struct limit_notes *notes_of(struct exchange *ex)
{
    struct limit_notes *notes = ex->limits;
    size_t rules = (size_t)ex->conf->client_limit_count + ex->site->limit_count;

    if (notes)
        return notes;
    notes = arena_alloc(&ex->arena, sizeof(*notes));
    *notes = (struct limit_notes){.notes = arena_alloc(&ex->arena, rules * LIMIT_UNITS * sizeof(*notes->notes))};
    ex->limits = notes;
    return notes;
}

static struct verdict judge(struct exchange *ex, uint64_t rules)
{
    struct subject subject;
    struct limited limited;

    if (!rules)
        return GO_ON;
    subject = subject_of(ex);
    if (take_all((struct asking){.ledger = ex->ledger}, ex->conf, ex->site, rules, &subject, notes_of(ex), &limited))
        return GO_ON;
    return limit_verdict(&ex->arena, &limited, arena_printf(&ex->arena, "%llu", (unsigned long long)limited.wait_s));
}

static bool has_limits(const struct exchange *ex)
{
    return (ex->conf->client_limit_count || ex->site->limit_count) && ex->ledger;
}

struct verdict gate_limit_arrival(struct exchange *ex)
{
    return has_limits(ex) ? judge(ex, limits_on_arrival(ex->conf, ex->site)) : GO_ON;
}

struct verdict gate_limit_user(struct exchange *ex)
{
    if (!has_limits(ex))
        return GO_ON;
    return judge(ex, limits_at(ex->conf, ex->site, ex->path.text) & ~limits_on_arrival(ex->conf, ex->site));
}

void limit_leave(struct exchange *ex)
{
    struct limit_notes *notes = ex->limits;

    if (!notes)
        return;
    charge_bytes(ex->ledger, notes, ex->body_sent + ex->intake.total);
    for (unsigned i = 0; i < notes->count; i++)
        if (notes->notes[i].is_under_way)
            under_way_leave(ex->ledger->under_way, notes->notes[i].key);
    ex->limits = NULL;
}

/*
 * An answer that tells one client what is left to it is not the one that others get: the hot cache must not have it,
 * and whoever comes while there is something to tell does not get a hot one (limits_judge).
 */
void decorate_limit(struct exchange *ex, struct answer *answer)
{
    struct slice state, policy;

    if (!ex->limits || answer != &ex->answer || !limit_fields(&ex->arena, ex->limits, &state, &policy))
        return;
    answer_field(&ex->arena, answer, SLICE("RateLimit-Policy"), policy);
    answer_field(&ex->arena, answer, SLICE("RateLimit"), state);
    if (answer->whole == answer)
        answer->whole = NULL;
}

/* ---- without an exchange ---- */

static struct subject subject_asked(const struct limit_asked *asked)
{
    return (struct subject){
        .address = asked->address, .user = asked->address, .path = asked->path, .method = asked->method};
}

static bool is_low(const struct limit_notes *notes)
{
    for (unsigned i = 0; i < notes->count; i++)
        if (limit_is_low(&notes->notes[i]))
            return true;
    return false;
}

/* A hot answer is over at once: what of it waits for the socket lies in memory that all of them share. */
enum limit_says limits_judge(const struct limit_asked *asked, struct limited *out)
{
    struct subject subject = subject_asked(asked);
    struct asking asking = {.ledger = asked->ledger, .bytes = asked->bytes, .is_in_passing = true};
    struct limit_note room[NOTES_MAX];
    struct limit_notes notes = {.notes = room};

    if (!take_all(asking, asked->conf, asked->site, asked->rules, &subject, &notes, out))
        return LIMIT_REFUSE;
    if (is_low(&notes)) {
        give_back(asked->ledger, &notes);
        return LIMIT_TELL;
    }
    return LIMIT_GO_ON;
}

bool limits_refuse(const struct limit_asked *asked, struct limited *out)
{
    struct subject subject = subject_asked(asked);
    struct asking asking = {.ledger = asked->ledger, .is_in_passing = true, .is_look = true};
    struct limit_note room[NOTES_MAX];
    struct limit_notes notes = {.notes = room};

    return !take_all(asking, asked->conf, asked->site, asked->rules, &subject, &notes, out);
}
