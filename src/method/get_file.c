/*
 * get_file.c - the answer for a file: conditions, then ranges, then fields and bytes.
 *
 * Runs on a worker with a descriptor just opened, or on the loop with one that the hot cache keeps.
 */
#include "get_private.h"

#include "http/field.h"
#include "negotiable.h"
#include "store/props.h"

enum { TRIES_MAX = 3 };

void get_refuse(struct get_job *get, struct verdict verdict)
{
    struct refusal refusal = {.verdict = verdict, .form = get->form, .language = get->page_language};

    refusal_build(get_arena(get), &get->answer, &refusal);
}

static void attach_body(struct get_job *get, const struct file_body *body)
{
    if (get->known) {
        role_assert_loop();
        get_attach_known(get, body);
    } else {
        role_assert_worker();
        get_attach(get, body);
    }
}

static bool is_media_type(struct slice type)
{
    struct slice main, sub;

    return slice_cut(slice_trim(slice_upto(type, slice_index(type, ';'))), '/', &main, &sub) && is_token(main) &&
           is_token(sub);
}

/* What a browser would run in the site's name; what it might make of a type that is none, nobody knows. */
static bool is_to_be_saved(struct slice type)
{
    return media_is_active(type) || !is_media_type(type);
}

struct validators get_validators(struct get_job *get)
{
    struct validators shown = validators_of(&get->facts);

    if (get->mark.len || get->list_validator.len)
        shown.tag = arena_printf(get_arena(get), "%.*s%.*s%s%.*s", SLICE_FMT(shown.tag), SLICE_FMT(get->mark),
                                 get->list_validator.len ? ";" : "", SLICE_FMT(get->list_validator));
    return shown;
}

struct slice get_plain_tag(const struct get_job *get, struct slice tag)
{
    return get->list_validator.len ? slice_upto(tag, slice_index(tag, ';')) : tag;
}

struct slice get_freshness(struct get_job *get)
{
    return get->rules.fresh_s ? arena_printf(get_arena(get), "max-age=%u", get->rules.fresh_s) : SLICE("no-cache");
}

/* How long it may be kept, and by what of the request it may be another one. */
static void cache_fields(struct get_job *get, struct slice type)
{
    get_add(get, SLICE("Cache-Control"), get->cache_control.len ? get->cache_control : get_freshness(get));
    get_coding_vary(get, type);
    get_dictionary_fields(get);
    if (get->im)
        get_add(get, SLICE("Vary"), SLICE("A-IM, If-None-Match"));
}

void get_fields(struct get_job *get, struct slice type, bool for_if_range)
{
    answer_validators(get_arena(get), &get->answer, get_validators(get), !for_if_range); /* RNG-27 */
    get_add(get, SLICE("Accept-Ranges"), SLICE("bytes"));
    cache_fields(get, type);
    get_add(get, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    if (get->repr_digest.len)
        get_add(get, SLICE("Repr-Digest"), get->repr_digest);
    if (get->content_digest.len)
        get_add(get, SLICE("Content-Digest"), get->content_digest);
    if (get->rules.untrusted)
        get_add(get, SLICE("Content-Security-Policy"), untrusted_csp());
    if (get->rules.untrusted && is_to_be_saved(type))
        get_add(get, SLICE("Content-Disposition"), disposition_attachment(get_arena(get), rpath_leaf(get->path)));
    else if (get->is_past) /* its address ends in a number */
        get_add(get, SLICE("Content-Disposition"), disposition_inline(get_arena(get), rpath_leaf(get->path)));
}

static void language_field(struct get_job *get)
{
    if (get->language.len)
        get_add(get, SLICE("Content-Language"), get->language);
}

/* All of a 200 but its bytes. */
static void whole_fields(struct get_job *get, struct slice type)
{
    get->answer.status = 200;
    get_add(get, SLICE("Content-Type"), type);
    get_coding_field(get);
    language_field(get);
    get_fields(get, type, false);
    get->answer.content = (struct content){.kind = CONTENT_PIECES, .length = get_size(get), .fd = -1};
}

static bool is_simple(const struct get_job *get)
{
    return !get->im && !get->wants_digests && !get->dictionary.is_asked && !get->rules.dictionary.is_on &&
           !get->is_past && !get->stored.len && !get->has_if_range;
}

/* Nothing but the target decides on what a GET is answered with: it can be given to the next one, too. */
static bool is_plain(const struct get_job *get)
{
    return is_simple(get) && !get->variant && get->rules.compress == COMPRESS_OFF &&
           !(get->rules.negotiate && name_is_map(rpath_leaf(get->path)));
}

/* ... or nothing but that and what the client accepts: a variant, or a coded form. */
static bool is_varying(const struct get_job *get)
{
    return is_simple(get) && !get->is_makeshift && (!get->variant || !get->variant->body) &&
           (get->variant || get->rules.compress != COMPRESS_OFF);
}

/* What the hot cache wants to know, if it may keep this. */
static void mark_whole(struct get_job *get, struct answer *whole)
{
    struct facts *facts;

    if (get->known || get->facts.through_symlink || get->facts.nlink != 1)
        return;
    facts = arena_alloc(get_arena(get), sizeof(*facts));
    *facts = get->facts;
    whole->facts = facts;
    whole->path = get->path;
    get->answer.whole = whole;
}

static void whole_file(struct get_job *get, struct slice type)
{
    struct file_body body;

    body_whole(&body, get_size(get), type);
    if (!get_digests(get, &body))
        return;
    get_dictionary_note(get);
    whole_fields(get, type);
    if (is_plain(get))
        mark_whole(get, &get->answer);
    if (!get->is_get)
        return;
    attach_body(get, &body);
    if (!get->has_changed && get->answer.content.fd < 0 && is_varying(get)) {
        get->answer.is_varying = true;
        get->answer.stem = get->variant ? get->stem : rpath_leaf(get->path).len;
        mark_whole(get, &get->answer);
    }
}

/* The hot cache is told of the 200 that this answer stands for. */
static void bring_whole(struct get_job *get, struct slice type)
{
    struct answer *whole;

    if (get->known || !is_plain(get))
        return;
    whole = arena_alloc(get_arena(get), sizeof(*whole));
    whole_fields(get, type);
    *whole = get->answer;
    get->answer = (struct answer){.content.fd = -1};
    mark_whole(get, whole);
}

/* `mark`: of the form that the client has. */
static void not_modified(struct get_job *get, struct slice mark, struct slice type)
{
    bring_whole(get, type);
    get->mark = mark;
    get->answer.status = 304;
    answer_validators(get_arena(get), &get->answer, get_validators(get), false);
    cache_fields(get, type);
}

/* A date is that of all forms: the tag is the one of that which the client would get (RFC 9110 §15.4.5). */
static void not_modified_since(struct get_job *get, struct slice type)
{
    struct slice mark;

    if (get_coding(get, type))
        return;
    mark = get->mark;
    get_coding_drop(get);
    not_modified(get, mark, type);
}

static void unsatisfiable(struct get_job *get, struct slice type)
{
    struct verdict verdict = VERDICT(416, "None of the requested ranges lies within the file.");

    get_refuse(get, verdict);
    get_add(get, SLICE("Content-Range"), body_range_unsatisfied(get_arena(get), get_size(get)));
    get_coding_vary(get, type);
}

static void some_ranges(struct get_job *get, const struct range_set *set, struct slice type)
{
    struct file_body body;

    if (!body_ranges(get_arena(get), &body, set, get_size(get), type)) {
        whole_file(get, type);
        return;
    }
    if (!get_digests(get, &body))
        return;
    bring_whole(get, type);
    get->answer.status = 206;
    attach_body(get, &body);
    get_add(get, SLICE("Content-Type"), body.content_type);
    if (!slice_is_empty(body.content_range))
        get_add(get, SLICE("Content-Range"), body.content_range);
    get_coding_field(get); /* also where the client has it: nobody is to join parts of two forms */
    if (!get->has_if_range)
        language_field(get);
    get_fields(get, type, get->has_if_range);
}

bool get_range_counts(const struct get_job *get, const struct validators *current)
{
    if (!get->is_get || get->as_status || slice_is_empty(get->range))
        return false;
    return !get->has_if_range || if_range_holds(get->if_range, current, clock_real_s());
}

/*
 * The type that was given to it, or what its name says (DAV-073). What the hot cache has open was given none: else it
 * would not have come here. Without an answer from the records the name decides.
 */
static struct slice look_at_traits(struct get_job *get)
{
    struct slice type;
    struct traits traits;

    get->language = SLICE_NONE;
    type = get_named_type(get);
    if (get->known || get->is_past || !store_has_traits(get->store))
        return type;
    role_assert_worker();
    if (store_traits(get->store, get->path, &get->facts, get_arena(get), &traits) != ERR_NONE)
        return type;
    if (traits.language.len)
        get->language = traits.language;
    get->facts.floor_s = traits.floor_s;
    get->facts.has_traits = traits.type.len || traits.language.len;
    return traits.type.len ? traits.type : type;
}

/* If-Match may name a coded form: then it is about that one, which is sent or nothing is. */
static enum cond_result judge(struct get_job *get, const struct validators *current, struct slice type)
{
    enum cond_result result = conditions_judge(&get->conditions, true, current);
    struct conditions rest = get->conditions;

    get->named_mark = SLICE_NONE;
    if (result != COND_FAILED || !get_coding_is_named(get, type))
        return result;
    rest.has_match = rest.has_unmodified_since = false;
    return conditions_judge(&rest, true, current);
}

/* True: that was the answer. */
static bool conditions_answer(struct get_job *get, const struct validators *current, struct slice type)
{
    enum cond_result result = judge(get, current, type);
    struct slice mark = get->mark;

    if (result == COND_NOT_MODIFIED && !get->conditions.has_none_match)
        not_modified_since(get, type);
    else if (result == COND_NOT_MODIFIED ||
             (result == COND_GO && (get_dictionary_matches(get, &mark) || get_coding_matches(get, type, &mark))))
        not_modified(get, mark, type);
    else if (result == COND_FAILED)
        get_refuse(get, VERDICT(412, "A condition of the request does not hold: the resource has changed."));
    else
        return false;
    return true;
}

/* Of what is coded so no ranges are sent: the dictionary may be gone when the next is asked for. */
static bool may_use_dictionary(const struct get_job *get)
{
    return get->dictionary.is_asked && (get->as_status || !get->is_get || !get->range.len);
}

static void answer_file(struct get_job *get)
{
    struct slice type = look_at_traits(get);
    struct validators current = get_validators(get);
    struct range_set set = {.kind = RANGE_IGNORE};

    if (!get->as_status && conditions_answer(get, &current, type))
        return;
    if (get->im && get_im(get, &current, type))
        return;
    if (may_use_dictionary(get) && get_dictionary(get, type))
        return;
    if (get_coding(get, type))
        return;
    current = get_validators(get);
    if (get_range_counts(get, &current))
        range_choose(get->range, get->is_http10, get_size(get), &set);
    if (set.kind == RANGE_NONE_SATISFIABLE)
        unsatisfiable(get, type);
    else if (set.kind == RANGE_PARTS)
        some_ranges(get, &set, type);
    else
        whole_file(get, type);
}

/*
 * A small file that somebody rewrites while it is read is looked at anew: its head must speak of the bytes
 * that were read. At last its descriptor goes along, and the end of sending tells that it changed.
 */
void get_file(struct get_job *get)
{
    for (unsigned tries = 1; tries <= TRIES_MAX; tries++) {
        get->has_changed = false;
        get->may_try_again = !get->known && !get->is_past && tries < TRIES_MAX;
        answer_file(get);
        if (!get->has_changed || get->known)
            return;
        get_coding_drop(get);
        get->answer = (struct answer){.content.fd = -1};
    }
}
