/*
 * hot_wish.c - hot answers that depend on what a client accepts: variants, and coded forms.
 *
 * The fields by which they are chosen are part of the key, as they came. Such an answer depends on more than one file:
 * on what is in the folder, by names, maps and forms that lie beside each other: all those names begin alike (its
 * stem). So first an entry is made that only watches the folder; a request that begins after that, and is answered
 * before anything happened there, brings the answer.
 */
#include <stdlib.h>

#include "hot_private.h"

/* ---- what is accepted ---- */

static const enum field_id wish_fields[] = {FIELD_ACCEPT, FIELD_ACCEPT_LANGUAGE, FIELD_ACCEPT_ENCODING,
                                            FIELD_ACCEPT_CHARSET, FIELD_ACCEPT_FEATURES};

static bool add(struct slice text, char *room, size_t *len)
{
    if (text.len + 1 > HOT_WISH_MAX - *len)
        return false;
    if (text.len)
        memcpy(room + *len, text.ptr, text.len);
    *len += text.len;
    room[(*len)++] = '\n'; /* in no value */
    return true;
}

struct slice hot_wish(const struct head *head, char room[HOT_WISH_MAX])
{
    struct slice value;
    size_t len = 0;

    for (size_t i = 0; i < sizeof(wish_fields) / sizeof(*wish_fields); i++) {
        for (const struct field *at = NULL; (at = head_next(head, wish_fields[i], at));)
            if (!add(at->value, room, &len) || !add(SLICE_NONE, room, &len))
                return SLICE_NONE;
        if (!add(SLICE("-"), room, &len))
            return SLICE_NONE;
    }
    return head_find(head, SLICE("Translate"), &value) ? SLICE_NONE : slice_of(room, len);
}

static LOOP_SIDE struct hot_entry *find(struct hot *hot, const struct head *head, bool is_loopback,
                                        struct hot_asked *asked, char room[HOT_WISH_MAX])
{
    *asked = (struct hot_asked){head_value(head, FIELD_HOST), head->target, is_loopback, hot_wish(head, room)};
    return asked->wish.len ? hot_find(hot, asked) : NULL;
}

uint64_t hot_ticket(struct hot *hot, const struct head *head, bool is_loopback)
{
    struct hot_asked asked;
    char room[HOT_WISH_MAX];
    struct hot_entry *entry = find(hot, head, is_loopback, &asked, room);

    return entry && !entry->bytes ? entry->ticket : 0;
}

/* ---- entries ---- */

/* In memory, in one piece. */
static bool is_content_at_hand(const struct answer *answer)
{
    return answer->content.kind == CONTENT_PIECES && answer->content.fd < 0 && answer->content.piece_count == 1 &&
           answer->content.pieces[0].bytes.len == answer->content.length;
}

static char *tag_of(struct slice head)
{
    struct slice rest = head, line;

    while (slice_cut(rest, '\n', &line, &rest))
        if (slice_starts(line, SLICE("ETag: \""))) {
            line = slice_from(line, sizeof("ETag: \"") - 1);
            return strndup(line.ptr, slice_index(line, '"'));
        }
    return NULL;
}

/* The entry that watched gets its answer; its age counts from now. */
static LOOP_SIDE void bring(struct hot *hot, struct hot_entry *entry, const struct answer *answer, struct slice head)
{
    struct slice content = answer->content.pieces[0].bytes;
    char *tag = tag_of(head);

    if (!tag) /* a weak one, say */
        return;
    entry->tag = tag;
    memcpy(hot_entry_write(entry, head, content.len), content.len ? content.ptr : "", content.len);
    hot->bytes += entry->len;
    hot_trim(hot);
    hot_tell(hot);
}

/* A list that became another one just before it was watched may depend on more names. */
static LOOP_SIDE void bring_what_is_watched(struct hot *hot, struct hot_entry *entry, const struct answer *answer,
                                            struct slice head)
{
    if (answer->stem < entry->stem || !slice_eq(answer->path.text, entry->known.path.text))
        hot_entry_drop(hot, entry);
    else
        bring(hot, entry, answer, head);
}

static LOOP_SIDE void watch(struct hot *hot, struct exchange *ex, const struct hot_asked *asked,
                            const struct answer *answer)
{
    struct hot_entry *entry;

    if (!hot_was_seen(hot, hot_key_hash(asked)) || hot->filling >= HOT_FILLING_MAX)
        return;
    entry = hot_entry_new(hot, ex, asked, answer->path.text);
    entry->ticket = ++hot->tickets;
    entry->stem = answer->stem;
    hot_fill(hot, entry, ex, answer);
}

void hot_consider_varying(struct hot *hot, struct exchange *ex, const struct answer *answer, struct slice head)
{
    struct hot_asked asked;
    char room[HOT_WISH_MAX];
    struct hot_entry *entry;

    if (!hot_is_everybodys(hot, ex, head) || !is_content_at_hand(answer) || ex->conf != hot->station->house->conf)
        return;
    hot_drain(hot); /* what happened while it was looked for is in the queue by now */
    entry = find(hot, &ex->head, ex->asker.is_loopback, &asked, room);
    if (!asked.wish.len)
        return;
    if (!entry)
        watch(hot, ex, &asked, answer);
    else if (!entry->bytes && entry->ticket == ex->hot_ticket)
        bring_what_is_watched(hot, entry, answer, head);
}
