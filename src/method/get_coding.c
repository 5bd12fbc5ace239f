/*
 * get_coding.c - content codings of a file (RFC 9110 §8.4, §12.5.3), where its place has `compress`: which form of it
 * a request gets.
 *
 * Of the codings that the client likes best that form which lies beside the file, the shortest of them, else one that
 * is made and kept. What turns out no smaller, or cannot be made now, is sent as it is.
 *
 * A part of one form is never continued with one of another: who has a tag gets parts of the form that the tag is of
 * (If-Range, If-Match), who has none gets parts of the plain content, and who has only a date, which all forms share,
 * gets the whole. A client that asks for deltas (A-IM) gets the plain content, since bases are plain: with the tag of a
 * coded form in its hands it could never ask for one.
 */
#include "base/fd.h"
#include "get_forms.h"
#include "http/etag.h"

enum { TAGS_MAX = 64 /* of a condition that are looked for: each may be a look at the disk */ };

/* ---- what the client has ---- */

bool get_coding_matches(struct get_job *get, struct slice type, struct slice *mark)
{
    struct slice rest = get->conditions.none_match;
    struct etag tag;

    if (get->known || !get->conditions.has_none_match || !forms_may_be(get, type))
        return false;
    role_assert_worker();
    for (unsigned i = 0; i < TAGS_MAX && etag_next(&rest, &tag) == ETAG_ONE; i++)
        if (form_of_tag(get, type, tag.text, mark) != CONTENT_CODINGS)
            return true;
    return false;
}

/* If-Match compares strongly (RFC 9110 §13.1.1). */
bool get_coding_is_named(struct get_job *get, struct slice type)
{
    struct slice rest = get->conditions.match;
    struct etag tag;

    if (get->known || !get->conditions.has_match || get->facts.is_weak || !forms_may_be(get, type))
        return false;
    role_assert_worker();
    for (unsigned i = 0; i < TAGS_MAX && etag_next(&rest, &tag) == ETAG_ONE; i++)
        if (!tag.is_weak && form_of_tag(get, type, tag.text, &get->named_mark) != CONTENT_CODINGS)
            return true;
    get->named_mark = SLICE_NONE;
    return false;
}

/* ---- choosing one ---- */

/* True: one is in get->coded; or it is to be tried again, in one way or the other. */
static WORKER_SIDE bool choose(struct get_job *get, struct slice type, const enum content_coding *order, unsigned count)
{
    struct coded_form beside;
    enum content_coding stored = form_beside(get, order, count, &beside);
    bool is_done = false;

    for (unsigned i = 0; i < count && !is_done; i++) {
        enum err err;

        if (stored != CONTENT_CODINGS && get->codings.weight[stored] >= get->codings.weight[order[i]]) {
            form_take(get, stored, &beside);
            return true;
        }
        if (!forms_are_made(get, type))
            continue;
        err = form_make(get, order[i]);
        get->wants_slow = err == ERR_BUSY;
        get->has_changed =
            err == ERR_CHANGED && get->may_try_again && store_facts_of(get->store, get->fd, &get->facts) == ERR_NONE;
        get->is_makeshift |= err != ERR_NONE && err != ERR_TOO_LARGE;
        is_done = err == ERR_NONE || get->wants_slow || get->has_changed;
    }
    form_drop(get, &beside);
    return is_done;
}

/* Codings before "no coding", in the order of preference. */
static unsigned wanted(const struct get_job *get, enum content_coding out[CONTENT_CODINGS])
{
    unsigned count = coding_wish_order(&get->codings, out), i = 0;

    while (i < count && out[i] != CONTENT_IDENTITY)
        i++;
    return i;
}

/* Parts of which form: the order holds just that one, or none. */
static WORKER_SIDE unsigned wanted_for_range(struct get_job *get, struct slice type,
                                             enum content_coding out[CONTENT_CODINGS])
{
    bool takes_plain = get->codings.weight[CONTENT_IDENTITY];
    struct slice mark;
    struct etag tag;

    if (!get->has_if_range)
        return takes_plain ? 0 : wanted(get, out);
    if (!etag_parse(slice_trim(get->if_range), &tag)) {
        if (forms_exist(get, type))
            get->range = SLICE_NONE;
        return wanted(get, out);
    }
    if (takes_plain && !tag.is_weak && slice_eq(form_plain_tag(get, tag.text), facts_tag(&get->facts)))
        return 0;
    out[0] = form_of_tag(get, type, tag.text, &mark);
    return out[0] == CONTENT_CODINGS ? wanted(get, out) : 1;
}

static bool wants_plain(const struct get_job *get)
{
    enum im deltas[IM_COUNT];

    return get->im && get->codings.weight[CONTENT_IDENTITY] && (!get->takes_codings || im_wish_deltas(get->im, deltas));
}

static WORKER_SIDE unsigned order_of(struct get_job *get, struct slice type, enum content_coding out[CONTENT_CODINGS])
{
    if (!forms_may_be(get, type))
        return 0;
    if (get->named_mark.len) {
        out[0] = form_of_mark(get, type, get->named_mark);
        return out[0] != CONTENT_CODINGS;
    }
    if (wants_plain(get))
        return 0;
    return get->is_get && get->range.len ? wanted_for_range(get, type, out) : wanted(get, out);
}

bool get_coding_refuse(struct get_job *get, struct slice type)
{
    struct verdict verdict = {.status = 406};
    struct slice named = forms_named(get, type);

    verdict.detail = arena_printf(get_arena(get),
                                  "The request takes this in none of the codings that there are of it: %.*s. Let "
                                  "Accept-Encoding name one of them.",
                                  SLICE_FMT(named));
    get_refuse(get, verdict);
    get_coding_vary(get, type);
    return true;
}

bool get_coding(struct get_job *get, struct slice type)
{
    enum content_coding order[CONTENT_CODINGS];
    unsigned count;

    if (get->known || !forms_are_on(get))
        return false;
    role_assert_worker();
    count = order_of(get, type, order);
    if (get->stored.len)
        return get_stored(get, order, count);
    if (choose(get, type, order, count) && (get->wants_slow || get->has_changed))
        return true;
    if (get->named_mark.len && !slice_eq(get->named_mark, get->mark)) {
        get_refuse(get, VERDICT(412, "A condition of the request does not hold: the resource has changed."));
        return true;
    }
    return !get->coded.is_on && !get->codings.weight[CONTENT_IDENTITY] && get_coding_refuse(get, type);
}

/* ---- fields ---- */

void get_coding_field(struct get_job *get)
{
    if (get->coded.is_on && get->coded.coding.len)
        get_add(get, SLICE("Content-Encoding"), get->coded.coding);
}

void get_coding_vary(struct get_job *get, struct slice type)
{
    if (forms_may_be(get, type))
        get_add(get, SLICE("Vary"), SLICE("accept-encoding"));
}

void get_coding_drop(struct get_job *get)
{
    if (get->coded.fd >= 0) {
        role_assert_worker();
        form_drop(get, &get->coded);
    }
    get->coded = (struct coded_form){.fd = -1};
    get->mark = SLICE_NONE;
}
