/*
 * curl.c - a probe as a command line. Octets that a terminal would obey are left out of it.
 */
#include "report.h"

enum { BEFORE_MOST = 8, LINES_MOST = 64 * 1024, LINE_MOST = 4000, TEXT_MOST = 300, PATH_MOST = 2000 };

/* In single quotes, as a shell reads it. */
static void add_quoted(struct buf *out, struct slice text)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '\'')
            buf_add_str(out, "'\\''");
        else if (c >= ' ')
            buf_add_char(out, c < 0x7f ? (char)c : '?');
    }
    buf_add_char(out, '\'');
}

/* A word that needs no quotes has none. */
static bool is_bare(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z') && text.ptr[i] != '-')
            return false;
    return text.len > 0;
}

static void add_option(struct buf *out, const char *option, const char *start, struct slice text)
{
    struct buf word = BUF_INIT(LINE_MOST);

    buf_add_str(&word, start);
    buf_add(&word, text);
    buf_printf(out, " %s ", option);
    if (is_bare(buf_slice(&word)))
        buf_add(out, buf_slice(&word));
    else
        add_quoted(out, buf_slice(&word));
    buf_release(&word);
}

static bool is_ours(struct slice line)
{
    return slice_starts_nocase(line, SLICE("Content-Length:")) || slice_starts_nocase(line, SLICE("Expect:"));
}

static void add_fields(struct buf *out, struct slice fields)
{
    struct slice line;

    while (slice_cut(fields, '\n', &line, &fields)) {
        if (slice_ends(line, SLICE("\r")))
            line.len--;
        if (is_ours(line))
            continue;
        buf_add_str(out, " -H ");
        if (line.len <= TEXT_MOST || !slice_starts(line, SLICE("X-Survey-")))
            add_quoted(out, line);
        else /* a field of many letters: as many as there were */
            buf_printf(out, "\"%.*s: $(head -c %zu /dev/zero | tr '\\0' x)\"",
                       SLICE_FMT(slice_upto(line, slice_index(line, ':'))), line.len - slice_index(line, ':') - 2);
    }
}

static void add_content(struct buf *out, const struct probe *probe)
{
    if (!probe->sent.ptr)
        return;
    buf_add_str(out, " --data-binary ");
    if (probe->sent.len <= TEXT_MOST * 2)
        add_quoted(out, probe->sent);
    else
        buf_printf(out, "\"$(head -c %zu /dev/zero | tr '\\0' x)\"", probe->sent.len);
}

static void add_url(struct buf *out, const struct probe *probe, struct slice path)
{
    struct buf url = BUF_INIT(LINE_MOST);

    buf_printf(&url, "%s://%.*s%.*s", probe->is_tls ? "https" : "http", SLICE_FMT(probe->at),
               SLICE_FMT(slice_upto(path, path.len > PATH_MOST ? 1 : PATH_MOST)));
    buf_add_char(out, ' ');
    add_quoted(out, buf_slice(&url));
    if (path.len > PATH_MOST)
        buf_printf(out, "$(head -c %zu /dev/zero | tr '\\0' x)", path.len - 1);
    buf_release(&url);
}

/* start: "curl -i", say. */
static void add_request(struct buf *out, const struct probe *probe, const char *start)
{
    buf_add_str(out, slice_eq(probe->method, SLICE("HEAD")) ? "curl -I" : start);
    if (!slice_eq(probe->method, SLICE("GET")) && !slice_eq(probe->method, SLICE("HEAD")))
        add_option(out, "-X", "", probe->method);
    if (probe->is_old)
        buf_add_str(out, " -0");
    if (probe->has_login)
        buf_add_str(out, " -u NAME");
    if (!slice_eq(probe->host, probe->at))
        add_option(out, "-H", "Host: ", probe->host);
    add_fields(out, probe->fields);
    add_content(out, probe);
    add_url(out, probe, probe->path);
}

/* ---- what was there ---- */

/* Of a path in a collection of our own: that collection's, with its slash; "" for others. */
static struct slice work_of(struct slice path)
{
    const char *at = path.len ? memmem(path.ptr, path.len, WORK_NAME, sizeof(WORK_NAME) - 1) : NULL;
    size_t start = at ? (size_t)(at - path.ptr) : 0;

    return at ? slice_upto(path, start + slice_index(slice_from(path, start), '/') + 1) : SLICE_NONE;
}

static bool changes(const struct probe *probe)
{
    static const char *const methods[] = {"PUT", "MKCOL", "LOCK", "PROPPATCH", "BIND", "COPY", "MOVE"};

    for (unsigned i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        if (slice_eq(probe->method, slice_str(methods[i])))
            return probe_is_2xx(probe) || probe_is(probe, 207);
    return false;
}

static void add_collection(struct buf *out, const struct probe *probe, struct slice work)
{
    buf_add_str(out, "curl -s -X MKCOL");
    add_url(out, probe, work);
    buf_add_str(out, "; ");
    if (!slice_eq(slice_from(probe->path, work.len), SLICE(SAMPLE_NAME)))
        return;
    buf_printf(out, "head -c %d /dev/zero | tr '\\0' x | curl -s -T -", SAMPLE_OCTETS);
    add_url(out, probe, probe->path);
    buf_add_str(out, "; ");
}

/* All that changed something there before; where that is too much to read, nothing. */
static void add_before(struct buf *out, const struct trail *trail, const struct probe *probe)
{
    struct slice work = work_of(probe->path);
    unsigned count = 0;

    for (const struct probe *at = trail->first; at && at != probe; at = at->next)
        count += changes(at) && slice_eq(work_of(at->path), work);
    if (!work.len || count > BEFORE_MOST)
        return;
    add_collection(out, probe, work);
    for (const struct probe *at = trail->first; at && at != probe; at = at->next)
        if (changes(at) && slice_eq(work_of(at->path), work)) {
            add_request(out, at, "curl -s");
            buf_add_str(out, "; ");
        }
}

struct slice curl_line(const struct trail *trail, const struct probe *probe, struct arena *arena)
{
    struct buf out = BUF_INIT(LINES_MOST);
    struct slice line;

    add_before(&out, trail, probe);
    add_request(&out, probe, "curl -i");
    line = arena_slice(arena, buf_slice(&out));
    buf_release(&out);
    return line;
}
