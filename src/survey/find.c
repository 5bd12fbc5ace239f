/*
 * find.c - a file to read where nothing may be written: the address itself, a member of its collection, or what the
 * page there links to.
 */
#include "multistatus.h"
#include "surveyor.h"

enum { TRIES_MAX = 16 };

/* The next address in an attribute href. Text, not a parser: what it takes for one is only asked, carefully. */
bool link_next(struct slice *rest, struct slice *address)
{
    while (rest->len) {
        const char *at = memmem(rest->ptr, rest->len, "href=", 5);
        struct slice text;
        char quote;
        size_t end;

        if (!at)
            break;
        text = slice_from(*rest, (size_t)(at - rest->ptr) + 5);
        *rest = text;
        quote = text.len ? text.ptr[0] : 0;
        if (quote != '"' && quote != '\'')
            continue;
        text = slice_from(text, 1);
        end = slice_index(text, quote);
        if (end == text.len)
            continue;
        *address = slice_upto(text, end);
        *rest = slice_from(text, end + 1);
        return true;
    }
    *rest = SLICE_NONE;
    return false;
}

static bool has_scheme(struct slice text)
{
    size_t colon = slice_index(text, ':');

    return colon < text.len && colon < slice_index(text, '/') && colon < slice_index(text, '?');
}

/* Dot segments are left to others: such an address is passed over. */
static bool is_plain_relative(struct slice text)
{
    return text.len && text.ptr[0] != '#' && text.ptr[0] != '?' && !slice_starts(text, SLICE(".")) &&
           !slice_has(text, SLICE("/../"));
}

bool address_resolve(const struct client_url *from, struct slice text, struct arena *arena, struct client_url *out)
{
    struct buf why = BUF_INIT(1024);
    struct slice folder = slice_upto(from->path, slice_index(from->path, '?'));
    bool is_good;

    while (folder.len && folder.ptr[folder.len - 1] != '/')
        folder.len--;
    if (!slice_starts(text, SLICE("/")) && !has_scheme(text)) {
        if (!is_plain_relative(text))
            return false;
        text = arena_printf(arena, "%.*s%.*s", SLICE_FMT(folder), SLICE_FMT(text));
    }
    is_good = client_url_resolve(from, text, arena, out, &why);
    buf_release(&why);
    return is_good;
}

/* Small enough to be read whole, with something to tell its versions apart. */
static bool is_file(const struct probe *probe)
{
    uint64_t length;

    return probe_is(probe, 200) && probe_is_whole(probe) &&
           (probe_has(probe, "ETag") || probe_has(probe, "Last-Modified")) &&
           slice_u64(probe_field(probe, "Content-Length"), &length) && length >= 10 && length <= PROBE_CONTENT_MAX;
}

/* An address below the one that was given; the rest of the server is not ours to look at. */
static bool is_below(const struct surveyor *surveyor, struct slice address, struct slice *path)
{
    struct client_url url;
    bool is_good = address_resolve(&surveyor->url, address, &surveyor->trail->arena, &url) &&
                   client_url_same_origin(&surveyor->url, &url) && slice_starts(url.path, surveyor->folder) &&
                   !slice_ends(url.path, SLICE("/")) && slice_index(url.path, '?') == url.path.len;

    if (is_good)
        *path = url.path;
    return is_good;
}

static bool try_one(struct surveyor *surveyor, struct slice address, unsigned *tries, struct slice *out)
{
    struct slice path;

    if (*tries == TRIES_MAX || !is_below(surveyor, address, &path))
        return false;
    ++*tries;
    if (!is_file(ask(surveyor, "candidate", "HEAD", path, "%s", "")))
        return false;
    *out = arena_slice(&surveyor->arena, path);
    return true;
}

static bool find_member(struct surveyor *surveyor, unsigned *tries, struct slice *out)
{
    const struct probe *list = ask(surveyor, "members", "PROPFIND", surveyor->folder, "Depth: 1\r\n");
    struct multistatus answer;

    if (!multistatus_read(list, &surveyor->trail->arena, &answer))
        return false;
    for (unsigned i = 0; i < answer.count; i++)
        if (try_one(surveyor, answer.list[i].href, tries, out))
            return true;
    return false;
}

bool sample_find(struct surveyor *surveyor, struct slice *path)
{
    const struct probe *page = ask(surveyor, "page", "GET", surveyor->url.path, "%s", "");
    struct slice rest = page->body, address;
    unsigned tries = 0;

    if (is_file(page) && !slice_ends(surveyor->url.path, SLICE("/"))) {
        *path = surveyor->url.path;
        return true;
    }
    if (surveyor->has_dav && find_member(surveyor, &tries, path))
        return true;
    while (link_next(&rest, &address))
        if (try_one(surveyor, address, &tries, path))
            return true;
    if (page->trouble.len)
        surveyor->sample_why = text_of(surveyor, "no file was found to read: %.*s", SLICE_FMT(page->trouble));
    if (!is_file(page))
        return false;
    *path = surveyor->url.path;
    return true;
}
