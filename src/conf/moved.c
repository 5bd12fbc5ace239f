/*
 * moved.c - addresses that moved (308): rules by prefix and by pattern, and where a path is now.
 *
 * A rule begins in a folder: the path of its `at`, or the last one in its pattern before a wildcard. The list is sorted
 * by these, so a path is looked up by its own name and that of each folder above it. The deepest folder wins; in one
 * folder the patterns, in the order of the file, go before the `at`.
 */
#include "moved.h"

#include <stdlib.h>

#include "base/glob.h"
#include "http/uri.h"

enum {
    TO_MAX = 2048,                      /* octets of an address as it is written */
    STEPS_MAX = 32,                     /* of a chain: whoever moves things more often than that has made a circle */
    CHANGED_MAX = 4 * PATH_DECODED_MAX, /* of an address while its wildcards are put in; longer ones are none */
};

/* An address, taken apart. */
struct address {
    struct slice before; /* "https://host:port" of a URL; "" of a path */
    struct slice path;   /* decoded, with $N; no slash in front */
    struct slice query;  /* with its '?'; "" without */
    bool ends_in_slash;
};

struct rule {
    struct slice folder;  /* where it begins */
    struct slice pattern; /* "" of an `at`, which stands for all below */
    struct address to;
    bool is_public;
    unsigned order;
    struct slice name; /* as it is written, for messages */
    int line;          /* where it stands */
};

struct moved_index {
    struct rule *rules; /* by folder, then by order */
    unsigned count;
};

/* ---- reading ---- */

static bool has_control(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
            return true;
    return false;
}

/* "https://host" off the front; false: neither a path nor such a URL. */
static bool cut_host(struct slice *rest, struct slice *before)
{
    struct slice whole = *rest, host;
    size_t scheme = slice_starts(whole, SLICE("https://")) ? 8 : slice_starts(whole, SLICE("http://")) ? 7 : 0;
    size_t slash;

    *before = SLICE_NONE;
    if (!scheme)
        return slice_starts(whole, SLICE("/")) && !slice_starts(whole, SLICE("//"));
    slash = scheme + slice_index(slice_from(whole, scheme), '/');
    host = slice_of(whole.ptr + scheme, slash - scheme);
    *before = slice_upto(whole, slash);
    *rest = slice_from(whole, slash);
    return host.len && uri_is_bare(host) && !memchr(host.ptr, '$', host.len) && !memchr(host.ptr, '?', host.len) &&
           !memchr(host.ptr, '@', host.len);
}

static bool address_parse(struct slice text, struct arena *arena, struct address *out)
{
    struct slice path;

    *out = (struct address){0};
    if (text.len > TO_MAX || has_control(text) || memchr(text.ptr, '#', text.len) || !cut_host(&text, &out->before))
        return false;
    path = slice_upto(text, slice_index(text, '?'));
    out->query = slice_from(text, path.len);
    if (memchr(out->query.ptr, '$', out->query.len))
        return false;
    out->ends_in_slash = slice_ends(path, SLICE("/"));
    path = slice_from(path, path.len ? 1 : 0);
    if (slice_ends(path, SLICE("/")))
        path.len--;
    return percent_decode(path, arena, &out->path) && !memchr(out->path.ptr, '\0', out->path.len);
}

static enum err complain_of_address(struct build *build, struct slice value)
{
    return complain(build,
                    "\"%.*s\" is no address to move to: it takes a path such as /new, or a URL of http or https, "
                    "percent-encoded, without a fragment",
                    SLICE_FMT(slice_upto(value, 200)));
}

enum err set_moved_to(struct build *build, void *moved_rule, struct slice value)
{
    struct moved_rule *rule = moved_rule;
    struct address address;

    if (!address_parse(value, &build->conf->arena, &address))
        return complain_of_address(build, value);
    rule->to = arena_slice(&build->conf->arena, value);
    return ERR_NONE;
}

enum err set_place_moved(struct build *build, void *place, struct slice value)
{
    struct place *at = place;
    struct address address;

    if (!address_parse(value, &build->conf->arena, &address))
        return complain_of_address(build, value);
    if (address.query.len || memchr(value.ptr, '$', value.len))
        return complain(build, "moved-to takes an address without a query and without $: what is below the path, and "
                               "the query of the request, are put behind it");
    at->moved_to = arena_str(&build->conf->arena, value);
    at->moved_line = build->line;
    return ERR_NONE;
}

/* ---- making the list ---- */

static struct slice without_slashes(struct slice path)
{
    path = slice_from(path, slice_starts(path, SLICE("/")) ? 1 : 0);
    return slice_ends(path, SLICE("/")) ? slice_upto(path, path.len - 1) : path;
}

/* The last folder that the pattern names before a wildcard; of one without any, the folder that its path is in. */
static struct slice folder_of(struct slice pattern)
{
    return rpath_parent((struct rpath){.text = glob_is_pattern(pattern)
                                                   ? slice_upto(pattern, glob_literal(pattern).len + 1)
                                                   : pattern})
        .text;
}

static unsigned wildcards_of(struct slice pattern)
{
    unsigned count = 0;

    for (size_t i = 0; i < pattern.len; i++) {
        count += pattern.ptr[i] == '*' || pattern.ptr[i] == '?';
        i += pattern.ptr[i] == '*' && i + 1 < pattern.len && pattern.ptr[i + 1] == '*';
    }
    return count;
}

/* Every $N has its wildcard. */
static bool captures_fit(struct slice to, unsigned wildcards)
{
    for (size_t i = 0; i + 1 < to.len; i++)
        if (to.ptr[i] == '$' && to.ptr[i + 1] >= '0' && to.ptr[i + 1] <= '9' &&
            (to.ptr[i + 1] == '0' || (unsigned)(to.ptr[i + 1] - '0') > wildcards))
            return false;
    return true;
}

static enum err take_pattern(struct build *build, const struct moved_rule *from, struct rule *out)
{
    build->line = from->line;
    if (!slice_starts(from->pattern, SLICE("/")) || !glob_is_valid(from->pattern))
        return complain(build, "moved needs a path or pattern such as \"/old/*.html\", not \"%.*s\"",
                        SLICE_FMT(slice_upto(from->pattern, 200)));
    if (!from->to.len)
        return complain(build, "moved \"%.*s\" does not say where to: it needs to = ADDRESS", SLICE_FMT(from->pattern));
    *out = (struct rule){.pattern = without_slashes(from->pattern),
                         .is_public = from->is_public,
                         .name = from->pattern,
                         .line = from->line};
    out->folder = folder_of(out->pattern);
    address_parse(from->to, &build->conf->arena, &out->to);
    if (!captures_fit(out->to.path, wildcards_of(out->pattern)))
        return complain(build, "moved \"%.*s\": to has a $ with a number that no wildcard has; they count from 1",
                        SLICE_FMT(from->pattern));
    return ERR_NONE;
}

static void take_place(struct build *build, const struct place *place, struct rule *out)
{
    struct arena *arena = &build->conf->arena;

    *out = (struct rule){.folder = place->path,
                         .is_public = place->moved_public,
                         .name = arena_printf(arena, "/%.*s", SLICE_FMT(place->path)),
                         .line = place->moved_line};
    address_parse(slice_str(place->moved_to), arena, &out->to);
}

static int by_folder(const void *a, const void *b)
{
    const struct rule *left = a, *right = b;
    int order = slice_cmp(left->folder, right->folder);

    return order ? order : left->order < right->order ? -1 : 1;
}

/* ---- looking ---- */

/* The first of the rules that begin in this folder; NULL: there is none. */
static const struct rule *first_of(const struct moved_index *index, struct slice folder)
{
    unsigned from = 0, to = index->count;

    while (from < to) {
        unsigned mid = (from + to) / 2;

        if (slice_cmp(index->rules[mid].folder, folder) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from < index->count && slice_eq(index->rules[from].folder, folder) ? &index->rules[from] : NULL;
}

static const struct rule *fitting(const struct moved_index *index, struct slice folder, struct slice path,
                                  struct slice found[GLOB_WILDCARDS_MAX])
{
    const struct rule *rule = first_of(index, folder), *end = index->rules + index->count;

    for (; rule && rule < end && slice_eq(rule->folder, folder); rule++)
        if (!rule->pattern.len || glob_match(rule->pattern, path, found))
            return rule;
    return NULL;
}

static const struct rule *rule_of(const struct moved_index *index, struct slice path,
                                  struct slice found[GLOB_WILDCARDS_MAX])
{
    for (struct slice folder = path;;) {
        const struct rule *rule = fitting(index, folder, path, found);

        if (rule || !folder.len)
            return rule;
        folder = rpath_parent((struct rpath){.text = folder}).text;
    }
}

/* ---- the new address ---- */

static void put_captures(struct slice to, const struct slice found[GLOB_WILDCARDS_MAX], struct buf *out)
{
    for (size_t i = 0; i < to.len; i++) {
        bool is_capture = to.ptr[i] == '$' && i + 1 < to.len && to.ptr[i + 1] >= '1' && to.ptr[i + 1] <= '9';

        if (is_capture)
            buf_add(out, found[to.ptr[++i] - '1']);
        else
            buf_add_char(out, to.ptr[i]);
    }
}

/* As rpath.text: no empty segment, so that nothing that a wildcard matched begins another host's name. */
static struct slice tidy(struct arena *arena, struct slice path)
{
    struct buf out = BUF_INIT(CHANGED_MAX + 1);
    struct slice segment, tidied;

    while (rpath_next(&path, &segment))
        if (segment.len) {
            if (out.len)
                buf_add_char(&out, '/');
            buf_add(&out, segment);
        }
    tidied = arena_slice(arena, buf_slice(&out));
    buf_release(&out);
    return tidied;
}

/* False: it would be longer than a path may be. */
static bool apply(const struct rule *rule, struct rpath *path, const struct slice found[GLOB_WILDCARDS_MAX],
                  struct arena *arena)
{
    struct buf out = BUF_INIT(CHANGED_MAX);
    bool fits;

    if (rule->pattern.len) {
        put_captures(rule->to.path, found, &out);
    } else {
        buf_add(&out, rule->to.path);
        buf_add_char(&out, '/');
        buf_add(&out, slice_from(path->text, rule->folder.len));
    }
    fits = !out.overflown;
    path->text = tidy(arena, buf_slice(&out));
    path->has_slash |= rule->to.ends_in_slash && (rule->pattern.len || path->text.len <= rule->to.path.len);
    buf_release(&out);
    return fits && path->text.len <= PATH_DECODED_MAX;
}

static struct slice address_write(struct arena *arena, const struct rule *last, struct rpath path)
{
    struct buf out = BUF_INIT(TO_MAX + 3 * PATH_DECODED_MAX + 2);
    struct slice text;

    buf_add(&out, last->to.before);
    buf_add_char(&out, '/');
    href_encode(&out, path.text);
    if (path.has_slash && path.text.len)
        buf_add_char(&out, '/');
    uri_add_safe(&out, last->to.query);
    text = arena_slice(arena, buf_slice(&out));
    buf_release(&out);
    return text;
}

/* Follows the rules from a path on. The last one; NULL: none fits, or *is_endless. */
static const struct rule *follow(const struct moved_index *index, struct rpath *path, struct arena *arena,
                                 bool *is_public, bool *is_endless)
{
    struct slice found[GLOB_WILDCARDS_MAX] = {{0}};
    const struct rule *last = NULL, *rule;

    *is_public = true;
    *is_endless = false;
    for (unsigned steps = 0; (rule = rule_of(index, path->text, found)); steps++) {
        *is_endless = steps == STEPS_MAX || !apply(rule, path, found, arena);
        if (*is_endless)
            return NULL;
        *is_public &= rule->is_public;
        last = rule;
        if (rule->to.before.len || rule->to.query.len)
            break;
    }
    return last;
}

bool conf_moved(const struct site *site, struct rpath path, struct arena *arena, struct moved *out)
{
    const struct rule *last;
    char room[CONF_PATH_ROOM];
    bool is_endless;

    if (!site->moved_index)
        return false;
    path.text = conf_path(site, path.text, room);
    last = follow(site->moved_index, &path, arena, &out->is_public, &is_endless);
    if (!last)
        return false;
    out->to = address_write(arena, last, path);
    out->has_query = last->to.query.len;
    return true;
}

/* ---- circles ---- */

/* A path that fits the pattern, with something short for each wildcard. */
static struct slice sample_of(struct slice pattern, struct arena *arena)
{
    char *text = arena_str(arena, pattern);
    size_t len = 0;

    for (size_t i = 0; i < pattern.len; i++) {
        bool is_wild = pattern.ptr[i] == '*' || pattern.ptr[i] == '?';

        i += is_wild && i + 1 < pattern.len && pattern.ptr[i + 1] == '*';
        text[len++] = is_wild ? 'x' : pattern.ptr[i];
    }
    return slice_of(text, len);
}

static enum err check_from(struct build *build, const struct moved_index *index, const struct rule *rule,
                           struct slice path)
{
    struct arena scratch = {0};
    bool is_public, is_endless;

    follow(index, &(struct rpath){.text = path}, &scratch, &is_public, &is_endless);
    arena_release(&scratch);
    build->line = rule->line;
    return is_endless ? complain(build, "what moved from \"%.*s\" leads in a circle, or through more than %d addresses",
                                 SLICE_FMT(rule->name), STEPS_MAX)
                      : ERR_NONE;
}

/*
 * Each rule is followed from a path that it is for, and an `at` from one below it, too. Rules are plain texts put
 * together, so a circle that only some paths can get into is rare; those are stopped while running (conf_moved()).
 */
static enum err circles_check(struct build *build, const struct moved_index *index)
{
    struct arena scratch = {0};
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < index->count && !err; i++) {
        const struct rule *rule = &index->rules[i];

        if (rule->pattern.len) {
            err = check_from(build, index, rule, sample_of(rule->pattern, &scratch));
            continue;
        }
        err = check_from(build, index, rule, rule->folder);
        if (!err)
            err = check_from(build, index, rule, arena_printf(&scratch, "%.*s/x/x", SLICE_FMT(rule->folder)));
    }
    arena_release(&scratch);
    if (!err)
        build->line = 0;
    return err;
}

enum err moved_finish(struct build *build, struct site *site)
{
    struct arena *arena = &build->conf->arena;
    struct moved_index *index = arena_alloc(arena, sizeof(*index));
    enum err err = ERR_NONE;

    index->rules = arena_alloc(arena, (site->moved_count + site->place_count) * sizeof(*index->rules));
    for (unsigned i = 0; i < site->moved_count && !err; i++) {
        char room[CONF_PATH_ROOM];

        site->moved[i].pattern = arena_slice(arena, conf_path(site, site->moved[i].pattern, room));
        err = take_pattern(build, &site->moved[i], &index->rules[index->count++]);
    }
    for (unsigned i = 0; i < site->place_count && !err; i++)
        if (site->places[i].moved_to)
            take_place(build, &site->places[i], &index->rules[index->count++]);
    if (err || !index->count)
        return err;
    for (unsigned i = 0; i < index->count; i++)
        index->rules[i].order = i;
    qsort(index->rules, index->count, sizeof(*index->rules), by_folder);
    site->moved_index = index;
    return circles_check(build, index);
}
