/*
 * seen.c - which version of a file each client was given last, for `require-match = conflict-copy`.
 *
 * A client is its user; who did not log in is known by address and User-Agent. That is a guess, and errs to the safe
 * side: a client that is not recognised has seen nothing, so what it overwrites is kept. Behind one address two
 * programs of one kind are taken for one client; users tell them apart.
 *
 * Nothing is written to disk: after a restart nobody has seen anything.
 */
#include "ledger.h"

#include "base/clock.h"

enum { CLIENT_TEXT_MAX = 512 /* of a User-Agent: enough to tell programs apart */ };

static void add_text(struct buf *to, struct slice text)
{
    buf_add(to, text);
    buf_add_char(to, '\0');
}

static void add_client(struct buf *to, const struct exchange *ex)
{
    if (ex->asker.user.len) {
        buf_add_char(to, 'u');
        add_text(to, ex->asker.user);
        return;
    }
    buf_add_char(to, 'a');
    add_text(to, ex->peer);
    add_text(to, slice_upto(head_value(&ex->head, FIELD_USER_AGENT), CLIENT_TEXT_MAX));
}

uint64_t seen_key(const struct exchange *ex, struct slice path)
{
    struct buf text = BUF_INIT(64 * 1024);
    uint64_t key;

    if (!ex->ledger || ex->rules.require_match != MATCH_CONFLICT_COPY)
        return 0;
    add_text(&text, ex->site->name);
    add_client(&text, ex);
    buf_add(&text, path);
    key = hash64(hash_process_key(), buf_slice(&text));
    buf_release(&text);
    return key ? key : 1;
}

/* Of the tag's text. */
static uint64_t version_of(struct slice tag)
{
    return hash64(hash_process_key(), tag);
}

void seen_note(struct ledger *ledger, uint64_t key, struct slice tag)
{
    struct shelf_entry *entry;

    if (!ledger || !key || !tag.len)
        return;
    entry = shelf_begin(ledger->seen, key);
    entry->order = clock_mono_ns() + 1; /* the one noted longest ago makes room */
    entry->value = version_of(tag);
    shelf_end(ledger->seen, entry);
}

bool seen_is(struct ledger *ledger, uint64_t key, struct slice tag)
{
    struct shelf_entry *entry;
    bool is_seen;

    if (!ledger || !key || !tag.len)
        return false;
    entry = shelf_begin(ledger->seen, key);
    is_seen = entry->order && entry->value == version_of(tag);
    shelf_end(ledger->seen, entry);
    return is_seen;
}
