/*
 * get_forms.c - coded forms of a file: from beside it, or made of it.
 *
 * A file that lies beside it with the coding's ending (a.js.br beside a.js), and is not older, is its coded form. It
 * is a file for itself, too: who may not read that one does not get it here, and where somebody said that it is of
 * another type it is no form of anything. Each form has a tag of its own: that of the content, and a mark that tells
 * the coding and what made it, or which file it is. So equal tags mean equal octets, over restarts and with another
 * version of a library.
 */
#include "get_forms.h"

#include <unistd.h>

#include "base/hash.h"
#include "derive.h"
#include "gate/gate.h"
#include "http/etag.h"
#include "repr/variant_name.h"
#include "store/props.h"

enum {
    MADE_LEAST = 256,     /* octets: what is shorter fits into the packet of its head */
    MADE_MOST = 64 << 20, /* one to two seconds of an encoder, during which a client sees nothing */
    MARK_HEX = CODING_MAKER_HEX,
};

/* ---- of what there may be forms ---- */

bool forms_are_on(const struct get_job *get)
{
    return get->stored.len || (get->rules.compress != COMPRESS_OFF && !get->is_past && !get->as_status);
}

/* "a.gz" is a form itself. */
static bool is_form_by_name(struct slice name)
{
    size_t at = name.len;

    while (at && name.ptr[at - 1] != '.')
        at--;
    return at && variant_name_is_coding(slice_from(name, at));
}

bool forms_may_be(const struct get_job *get, struct slice type)
{
    return forms_are_on(get) && (get->stored.len || (!coding_is_idle(type) && !is_form_by_name(rpath_leaf(get->path))));
}

bool forms_are_made(const struct get_job *get, struct slice type)
{
    return get->rules.compress == COMPRESS_ON && forms_may_be(get, type) && !get->stored.len && coding_gains(type) &&
           get->facts.size >= MADE_LEAST && get->facts.size <= MADE_MOST && !get->facts.is_weak;
}

/* ---- marks ---- */

enum coding form_maker(enum content_coding coding)
{
    return coding == CONTENT_GZIP ? CODING_GZIP : coding == CONTENT_BROTLI ? CODING_BROTLI : CODING_ZSTD;
}

static struct slice mark_with(struct get_job *get, enum content_coding coding, const char *hex)
{
    return arena_printf(get_arena(get), "-%.*s-%.*s", SLICE_FMT(content_coding_name(coding)), MARK_HEX, hex);
}

static struct slice made_mark(struct get_job *get, enum content_coding coding)
{
    char hex[MARK_HEX];

    derive_maker(form_maker(coding), hex);
    return mark_with(get, coding, hex);
}

struct slice form_mark(struct get_job *get, enum content_coding coding, const struct facts *facts)
{
    static const struct hash_key key = {0x6e6569676862, 0x6f7572}; /* the same after a restart */
    struct hash128 hash = hash128(&key, facts_tag(facts));
    char hex[MARK_HEX];

    hex_encode(hex, hash.bytes, MARK_HEX / 2);
    return mark_with(get, coding, hex);
}

/* ---- files beside it ---- */

struct rpath form_path(struct get_job *get, enum content_coding coding)
{
    static const char *const endings[] = {[CONTENT_BROTLI] = "br", [CONTENT_ZSTD] = "zst", [CONTENT_GZIP] = "gz"};

    return (struct rpath){.text = arena_printf(get_arena(get), "%.*s.%s", SLICE_FMT(get->path.text), endings[coding])};
}

/* Before anything is looked for: refusing opens no file. */
static WORKER_SIDE bool may_have(const struct get_job *get, struct rpath path)
{
    struct rules rules = conf_rules(get->site, path.text);

    return sight_once(get->store, get->site, &get->asker, path.text) & RIGHT_READ &&
           !path_judge_hidden(&rules, path.text).status;
}

bool form_is_open(struct get_job *get, struct rpath path, const struct facts *facts)
{
    struct traits traits;

    if (!may_have(get, path))
        return false;
    if (!facts || !store_has_traits(get->store) ||
        store_traits(get->store, path, facts, get_arena(get), &traits) != ERR_NONE)
        return true;
    return !traits.type.len && !traits.language.len;
}

/* One that is older is of what the file was before. */
static WORKER_SIDE bool is_current(struct get_job *get, struct rpath path, const struct facts *facts)
{
    return facts->kind == KIND_FILE && facts->modified_ns >= get->facts.modified_ns && !facts->is_weak &&
           form_is_open(get, path, facts);
}

/* It begins as any client can read it. */
static WORKER_SIDE bool begins_well(const struct coded_form *form, enum content_coding coding)
{
    char start[CODING_START];
    ssize_t got = pread(form->fd, start, sizeof(start), 0);

    return got > 0 && coding_is_fit(form_maker(coding), slice_of(start, (size_t)got));
}

static WORKER_SIDE bool open_beside(struct get_job *get, enum content_coding coding, struct coded_form *out)
{
    struct rpath path = form_path(get, coding);

    *out = (struct coded_form){.fd = -1};
    if (!may_have(get, path) || store_open_file(get->store, path, &out->fd, &out->facts) != ERR_NONE)
        return false;
    if (is_current(get, path, &out->facts) && begins_well(out, coding)) {
        out->is_on = true;
        out->coding = content_coding_name(coding);
        return true;
    }
    form_drop(get, out);
    return false;
}

enum content_coding form_beside(struct get_job *get, const enum content_coding *order, unsigned count,
                                struct coded_form *best)
{
    enum content_coding found = CONTENT_CODINGS;

    role_assert_worker();
    *best = (struct coded_form){.fd = -1};
    for (unsigned i = 0; i < count; i++) {
        struct coded_form form;

        if (found != CONTENT_CODINGS && get->codings.weight[order[i]] < get->codings.weight[found])
            break;
        if (!open_beside(get, order[i], &form))
            continue;
        if (found != CONTENT_CODINGS && form.facts.size >= best->facts.size) {
            form_drop(get, &form);
            continue;
        }
        form_drop(get, best);
        *best = form;
        found = order[i];
    }
    return found;
}

void form_take(struct get_job *get, enum content_coding coding, struct coded_form *form)
{
    get->coded = *form;
    *form = (struct coded_form){.fd = -1};
    get->mark = form_mark(get, coding, &get->coded.facts);
}

void form_drop(struct get_job *get, struct coded_form *form)
{
    if (form->fd >= 0)
        store_close_file(get->store, form->fd, &form->facts);
    *form = (struct coded_form){.fd = -1};
}

/* ---- making one ---- */

bool get_content_holds(void *arg)
{
    struct get_job *get = arg;
    struct facts after;

    role_assert_worker();
    return store_facts_of(get->store, get->fd, &after) == ERR_NONE && facts_same_content(&get->facts, &after);
}

enum err form_make(struct get_job *get, enum content_coding coding)
{
    struct derive derive = {.store = get->store, .left = get->left, .holds = get_content_holds, .arg = get};
    struct octets content = {.fd = get->fd, .size = get->facts.size}, made;
    enum err err;

    derive.is_kept = !get->is_slow && get->facts.size > QUICK_FORM_MOST;
    err = derive_coded(&derive, form_maker(coding), &content, facts_tag(&get->facts), &made);
    if (err != ERR_NONE)
        return err;
    get->coded = (struct coded_form){
        .is_on = true, .is_fixed = true, .coding = content_coding_name(coding), .fd = made.fd, .facts = get->facts};
    get->coded.facts.size = made.size;
    get->mark = made_mark(get, coding);
    return ERR_NONE;
}

/* ---- tags ---- */

static WORKER_SIDE bool is_current_mark(struct get_job *get, struct slice type, enum content_coding coding,
                                        struct slice mark)
{
    struct rpath path = form_path(get, coding);
    struct facts facts;

    if (get->stored.len)
        return content_coding_find(get->stored) == coding && slice_eq(mark, form_mark(get, coding, &get->facts));
    if (forms_are_made(get, type) && slice_eq(mark, made_mark(get, coding)))
        return true;
    return may_have(get, path) && store_find(get->store, path, &facts) == ERR_NONE && is_current(get, path, &facts) &&
           slice_eq(mark, form_mark(get, coding, &facts));
}

struct slice form_plain_tag(const struct get_job *get, struct slice tag)
{
    size_t len = get->list_validator.len;
    struct slice list;

    if (!len)
        return tag;
    if (tag.len <= len + 1)
        return SLICE_NONE;
    list = slice_from(tag, tag.len - len - 1);
    return list.ptr[0] == ';' && slice_eq(slice_from(list, 1), get->list_validator) ? slice_upto(tag, tag.len - len - 1)
                                                                                    : SLICE_NONE;
}

enum content_coding form_of_mark(struct get_job *get, struct slice type, struct slice mark)
{
    struct slice name = slice_from(mark, 1);
    enum content_coding coding = content_coding_find(slice_upto(name, slice_index(name, '-')));

    role_assert_worker();
    if (coding >= CONTENT_IDENTITY || !get->codings.weight[coding] || !is_current_mark(get, type, coding, mark))
        return CONTENT_CODINGS;
    return coding;
}

enum content_coding form_of_tag(struct get_job *get, struct slice type, struct slice tag, struct slice *mark)
{
    tag = form_plain_tag(get, tag);
    *mark = etag_form(tag);
    if (!mark->len || !slice_eq(etag_content(tag), facts_tag(&get->facts)))
        return CONTENT_CODINGS;
    return form_of_mark(get, type, *mark);
}

/* ---- all of them ---- */

static WORKER_SIDE bool exists(struct get_job *get, struct slice type, enum content_coding coding)
{
    struct coded_form form;
    bool is_there;

    if (get->stored.len)
        return slice_eq(get->stored, content_coding_name(coding));
    if (forms_are_made(get, type))
        return true;
    is_there = open_beside(get, coding, &form);
    form_drop(get, &form);
    return is_there;
}

bool forms_exist(struct get_job *get, struct slice type)
{
    for (enum content_coding coding = 0; coding < CONTENT_IDENTITY && forms_may_be(get, type); coding++)
        if (exists(get, type, coding))
            return true;
    return false;
}

struct slice forms_named(struct get_job *get, struct slice type)
{
    struct slice named = content_coding_name(CONTENT_IDENTITY);

    for (enum content_coding coding = 0; coding < CONTENT_IDENTITY && forms_may_be(get, type); coding++)
        if (exists(get, type, coding))
            named =
                arena_printf(get_arena(get), "%.*s, %.*s", SLICE_FMT(named), SLICE_FMT(content_coding_name(coding)));
    return named;
}
