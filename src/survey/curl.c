/*
 * curl.c - a probe as a command line. Octets that a terminal would obey are left out of it.
 */
#include "report.h"

enum { LINE_MOST = 4000, TEXT_MOST = 300, PATH_MOST = 2000 };

/* In single quotes, as a shell reads it. */
static void add_quoted(struct buf *out, struct slice text)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '\'')
            buf_add_str(out, "'\\''");
        else if (c >= ' ' && c != 0x7f)
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '\'');
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
        if (line.len <= TEXT_MOST)
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
        buf_add_str(out, "@FILE");
}

struct slice curl_line(const struct probe *probe, struct arena *arena)
{
    struct buf out = BUF_INIT(LINE_MOST), url = BUF_INIT(LINE_MOST);
    struct slice line;

    buf_add_str(&out, slice_eq(probe->method, SLICE("HEAD")) ? "curl -I" : "curl -i");
    if (!slice_eq(probe->method, SLICE("GET")) && !slice_eq(probe->method, SLICE("HEAD")))
        buf_printf(&out, " -X %.*s", SLICE_FMT(probe->method));
    if (probe->is_old)
        buf_add_str(&out, " -0");
    if (probe->has_login)
        buf_add_str(&out, " -u NAME");
    if (!slice_eq(probe->host, probe->at)) {
        buf_add_str(&out, " -H ");
        add_quoted(&out, arena_printf(arena, "Host: %.*s", SLICE_FMT(probe->host)));
    }
    add_fields(&out, probe->fields);
    add_content(&out, probe);
    buf_printf(&url, "%s://%.*s%.*s", probe->is_tls ? "https" : "http", SLICE_FMT(probe->at),
               SLICE_FMT(slice_upto(probe->path, probe->path.len > PATH_MOST ? 1 : PATH_MOST)));
    buf_add_char(&out, ' ');
    add_quoted(&out, buf_slice(&url));
    if (probe->path.len > PATH_MOST)
        buf_printf(&out, "$(head -c %zu /dev/zero | tr '\\0' x)", probe->path.len - 1);
    line = arena_slice(arena, buf_slice(&out));
    buf_release(&out);
    buf_release(&url);
    return line;
}
