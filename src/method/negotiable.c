/*
 * negotiable.c - finding the variants of an address: files by their names, or the records of a type map.
 */
#include "negotiable.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "http/uri.h"
#include "repr/sight.h"
#include "repr/variant_map.h"
#include "repr/variant_name.h"

/* Of a folder that are read to find variants, for each request to an address without a file: 10 ms of a worker. */
enum { NAMES_MOST = 50000 };

static struct rpath path_in(struct arena *arena, struct slice folder, struct slice name)
{
    return (struct rpath){
        .text = arena_printf(arena, "%.*s%s%.*s", SLICE_FMT(folder), folder.len ? "/" : "", SLICE_FMT(name))};
}

static bool may_read(const struct negotiable_ask *ask, struct rpath path)
{
    role_assert_worker();
    if (!ask->asker || !ask->site)
        return true;
    if (sight_counts(ask->store, ask->site)) /* it may be at home elsewhere */
        return sight_once(ask->store, ask->site, ask->asker, path.text) & RIGHT_READ;
    return conf_rights(ask->site, path.text, ask->asker) & RIGHT_READ;
}

static void list_room(const struct negotiable_ask *ask, unsigned count, struct negotiable *out)
{
    out->list = arena_alloc(ask->arena, count * sizeof(*out->list));
    out->more = arena_alloc(ask->arena, count * sizeof(*out->more));
}

static struct slice href_of(struct arena *arena, struct slice name)
{
    struct buf text = BUF_INIT(3 * 255 + 1);
    struct slice made;

    href_encode_segment(&text, name);
    made = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return made;
}

/* ---- by names ---- */

/* A file whose name goes on from what was asked for. */
struct named {
    struct slice name;
    uint64_t size;
    struct name_facts facts;
};

struct scan {
    const struct negotiable_ask *ask;
    struct slice folder, stem;
    bool only_html; /* of an index */
    struct named *files;
    unsigned count;
    struct slice map; /* the first of the type maps by name; "" without */
};

static bool is_html(struct slice type)
{
    return slice_eq(type, SLICE("text/html")) || slice_eq(type, SLICE("application/xhtml+xml"));
}

static void scan_map(struct scan *scan, struct slice name)
{
    if (!scan->map.len || slice_cmp(name, scan->map) < 0)
        scan->map = arena_slice(scan->ask->arena, name);
}

/* Of "page.html.fr", asked for as page.html, the type stands in what was asked for. Texts of a name that stays. */
static void read_name(const struct scan *scan, struct named *file)
{
    struct name_facts whole;

    variant_name_read(slice_from(file->name, scan->stem.len + 1), &file->facts);
    variant_name_look(file->name, &whole);
    if (!file->facts.type.len)
        file->facts.type = whole.type;
    if (!file->facts.charset.len)
        file->facts.charset = whole.charset;
}

static bool scan_member(const struct member *member, void *arg)
{
    struct scan *scan = arg;
    struct slice extensions = slice_from(member->name, scan->stem.len + 1);
    struct named *file;
    struct name_facts facts;

    if (member->is_broken || member->facts.kind != KIND_FILE ||
        !may_read(scan->ask, path_in(scan->ask->arena, scan->folder, member->name)))
        return true;
    if (slice_eq_nocase(extensions, SLICE("var")) || name_is_map(extensions)) {
        scan_map(scan, member->name);
        return true;
    }
    if (scan->count == VARIANTS_MAX || variant_name_is_coding(extensions) || /* the same file, compressed */
        !variant_name_read(extensions, &facts) || (scan->only_html && !is_html(facts.type)))
        return true;
    file = &scan->files[scan->count++];
    *file = (struct named){.name = arena_slice(scan->ask->arena, member->name), .size = member->facts.size};
    read_name(scan, file);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return slice_cmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/*
 * Without what says how it is compressed, if that stands last: the variant is the content that it has without, and
 * whether it lies there so, too, makes no difference (RFC 2295 §10.8).
 */
static bool plain_name(const struct named *file, struct slice *name)
{
    size_t len = file->name.len;

    *name = file->name;
    while (len && file->name.ptr[len - 1] != '.')
        len--;
    if (!file->facts.coding.len || !len || !variant_name_is_coding(slice_from(file->name, len)))
        return false;
    *name = slice_upto(file->name, len - 1);
    return true;
}

/* Sorted by name, the plain file stands before its coded forms. */
static bool is_listed(const struct negotiable *out, struct slice name)
{
    for (unsigned i = out->count; i-- > 0;)
        if (slice_eq(rpath_leaf(out->more[i].path), name))
            return true;
    return false;
}

static void take_named(const struct scan *scan, struct negotiable *out)
{
    struct arena *arena = scan->ask->arena;

    list_room(scan->ask, scan->count, out);
    for (unsigned i = 0; i < scan->count; i++) {
        const struct named *file = &scan->files[i];
        struct variant *variant = &out->list[out->count];
        struct slice name;
        bool is_coded = plain_name(file, &name);

        if (is_coded && is_listed(out, name))
            continue;
        *variant = (struct variant){.uri = href_of(arena, name),
                                    .quality = 1000,
                                    .type = file->facts.type,
                                    .charset = file->facts.charset,
                                    .language_count = file->facts.language_count,
                                    .has_length = !file->facts.coding.len,
                                    .length = file->size};
        memcpy(variant->languages, file->facts.languages, sizeof(variant->languages));
        out->more[out->count++] = (struct negotiable_variant){.is_neighbour = true,
                                                              .is_file = !is_coded,
                                                              .path = path_in(arena, scan->folder, name),
                                                              .coding = is_coded ? SLICE_NONE : file->facts.coding};
    }
}

/* ---- by a map ---- */

static WORKER_SIDE enum err read_all(int fd, uint64_t size, struct arena *arena, struct slice *out)
{
    char *text;
    size_t have = 0;
    ssize_t got;

    if (size > MAP_MAX)
        return ERR_TOO_LARGE;
    text = arena_alloc(arena, size + 1);
    while (have < size && (got = pread(fd, text + have, size - have, (off_t)have)) > 0)
        have += (size_t)got;
    *out = slice_of(text, have);
    return have == size ? ERR_NONE : ERR_CHANGED;
}

/* A relative address that has no slash, or one that spells out the map's own folder. */
static bool neighbour_of(const struct negotiable_ask *ask, struct slice folder, struct slice uri, struct rpath *out)
{
    struct slice path = slice_upto(uri, slice_index(uri, '?'));
    struct slice raw;
    const char *why;

    if (!path.len || memchr(path.ptr, '#', path.len) || (path.ptr[0] != '/' && memchr(path.ptr, ':', path.len)))
        return false;
    raw = path.ptr[0] == '/' ? path : arena_printf(ask->arena, "/%.*s", SLICE_FMT(path));
    if (path_decode(raw, ask->arena, out, &why) != PATH_OK || out->has_slash || rpath_is_root(*out))
        return false;
    if (path.ptr[0] == '/')
        return slice_eq(rpath_parent(*out).text, folder);
    if (memchr(path.ptr, '/', path.len))
        return false;
    *out = path_in(ask->arena, folder, out->text);
    return true;
}

/* As it may stand in a field. */
static struct slice uri_of(struct arena *arena, struct slice written)
{
    struct buf text = BUF_INIT(3 * 4096);
    struct slice made;

    uri_add_safe(&text, written);
    made = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return made;
}

static struct slice languages_text(struct arena *arena, const struct variant *variant)
{
    struct slice text = SLICE_NONE;

    for (unsigned i = 0; i < variant->language_count; i++)
        text = arena_printf(arena, "%.*s%s%.*s", SLICE_FMT(text), i ? ", " : "", SLICE_FMT(variant->languages[i]));
    return text;
}

static struct slice type_text(struct arena *arena, const struct variant *variant)
{
    if (!variant->charset.len || !variant->type.len)
        return variant->type;
    return arena_printf(arena, "%.*s; charset=%.*s", SLICE_FMT(variant->type), SLICE_FMT(variant->charset));
}

static WORKER_SIDE void take_file(const struct negotiable_ask *ask, struct slice folder, struct variant *variant,
                                  struct negotiable_variant *more)
{
    struct facts facts;

    more->is_neighbour = neighbour_of(ask, folder, variant->uri, &more->path);
    variant->uri = uri_of(ask->arena, variant->uri);
    more->is_file =
        more->is_neighbour && store_find(ask->store, more->path, &facts) == ERR_NONE && facts.kind == KIND_FILE;
    variant->has_length = more->is_file && !more->coding.len; /* what the map says of it may be old (NEG-35) */
    variant->length = variant->has_length ? facts.size : 0;
}

/* It has an address of its own, so that it can be asked for alone. */
static void take_body(const struct negotiable_ask *ask, struct rpath map, const struct map_variant *record,
                      unsigned number, struct variant *variant, struct negotiable_variant *more)
{
    variant->uri = arena_printf(ask->arena, "%.*s?variant=%u", SLICE_FMT(href_of(ask->arena, rpath_leaf(map))), number);
    variant->has_length = !more->coding.len;
    variant->length = record->body_len;
    more->is_neighbour = true;
    more->path = map;
    more->body = number;
    more->body_at = record->body_at;
    more->body_len = record->body_len;
}

static WORKER_SIDE void take_map(const struct negotiable_ask *ask, struct rpath map, const struct variant_map *read,
                                 struct negotiable *out)
{
    list_room(ask, read->count, out);
    out->count = read->count;
    for (unsigned i = 0; i < read->count; i++) {
        struct variant *variant = &out->list[i];
        struct negotiable_variant *more = &out->more[i];

        *variant = read->list[i].variant;
        *more = (struct negotiable_variant){.type = type_text(ask->arena, variant),
                                            .language = languages_text(ask->arena, variant),
                                            .coding = read->list[i].coding};
        if (read->list[i].has_body)
            take_body(ask, map, &read->list[i], i + 1, variant, more);
        else
            take_file(ask, rpath_parent(map).text, variant, more);
    }
}

/* False: it cannot be read; what is there is answered like any file. */
static WORKER_SIDE bool read_map(const struct negotiable_ask *ask, struct rpath map, struct negotiable *out)
{
    struct variant_map *read = arena_alloc(ask->arena, sizeof(*read));
    struct buf why = BUF_INIT(512);
    struct facts facts;
    struct slice text;
    enum err err;
    int fd;

    if (store_open_file(ask->store, map, &fd, &facts) != ERR_NONE)
        return false;
    out->map = map;
    err = facts.kind == KIND_FILE ? read_all(fd, facts.size, ask->arena, &text) : ERR_IS_FOLDER;
    store_close_file(ask->store, fd, &facts);
    if (err == ERR_IS_FOLDER)
        return false;
    if (err)
        out->broken =
            err == ERR_TOO_LARGE ? SLICE("it is larger than a type map may be") : SLICE("it is being changed");
    else if (!variant_map_read(text, ask->arena, read, &why))
        out->broken = arena_slice(ask->arena, buf_slice(&why));
    else if (!read->count)
        out->broken = SLICE("it lists no variants");
    else
        take_map(ask, map, read, out);
    buf_release(&why);
    return true;
}

/* ---- either ---- */

static WORKER_SIDE bool find_named(const struct negotiable_ask *ask, struct slice folder, struct slice stem,
                                   bool only_html, struct negotiable *out)
{
    struct scan scan = {.ask = ask, .folder = folder, .stem = stem, .only_html = only_html};
    struct rpath path = {.text = folder};
    struct slice prefix = arena_printf(ask->arena, "%.*s.", SLICE_FMT(stem));
    struct facts facts;
    enum err err;
    int fd;

    if (store_open_file(ask->store, path, &fd, &facts) != ERR_NONE)
        return false;
    scan.files = arena_alloc(ask->arena, VARIANTS_MAX * sizeof(*scan.files));
    err = facts.kind == KIND_FOLDER ? store_list_like(ask->store, fd, path, prefix, NAMES_MOST, scan_member, &scan)
                                    : ERR_INVALID;
    store_close_file(ask->store, fd, &facts);
    if (err != ERR_NONE)
        return false;
    if (scan.map.len && read_map(ask, path_in(ask->arena, folder, scan.map), out))
        return true;
    qsort(scan.files, scan.count, sizeof(*scan.files), by_name);
    take_named(&scan, out);
    return out->count > 0;
}

/* index.html, which is not there. */
static WORKER_SIDE bool find_index(const struct negotiable_ask *ask, struct negotiable *out)
{
    struct facts facts;

    return ask->with_index && ask->rules.index &&
           store_find(ask->store, path_in(ask->arena, ask->path.text, SLICE("index.html")), &facts) == ERR_MISSING &&
           find_named(ask, ask->path.text, SLICE("index"), true, out);
}

bool negotiable_find(const struct negotiable_ask *ask, struct negotiable *out)
{
    struct slice leaf = rpath_leaf(ask->path);
    struct facts facts;

    *out = (struct negotiable){0};
    if (ask->path.has_slash || rpath_is_root(ask->path))
        return find_index(ask, out);
    switch (store_find(ask->store, ask->path, &facts)) {
    case ERR_NONE:
        out->is_file = facts.kind == KIND_FILE && name_is_map(leaf) && may_read(ask, ask->path);
        return out->is_file && read_map(ask, ask->path, out);
    case ERR_MISSING:
        return find_named(ask, rpath_parent(ask->path).text, leaf, false, out);
    default:
        return false;
    }
}

bool negotiable_goes_on(const struct negotiable_ask *ask, const struct negotiable_variant *variant)
{
    struct negotiable_ask next = *ask;
    struct negotiable found;

    if (variant->body || !variant->is_neighbour ||
        (variant->is_file && !name_is_map(rpath_leaf(variant->path)))) /* a file is what it is */
        return false;
    next.path = variant->path;
    if (ask->site)
        next.rules = conf_rules(ask->site, variant->path.text);
    next.with_index = false;
    return next.rules.negotiate && negotiable_find(&next, &found);
}

bool negotiable_is_coded(const struct negotiable_ask *ask, struct rpath path)
{
    static const char *const endings[] = {"gz", "br", "zst"};
    struct facts facts;

    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        struct rpath coded = {.text = arena_printf(ask->arena, "%.*s.%s", SLICE_FMT(path.text), endings[i])};

        if (store_find(ask->store, coded, &facts) == ERR_NONE && facts.kind == KIND_FILE)
            return true;
    }
    return false;
}
