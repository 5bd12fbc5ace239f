/*
 * curl.c - requests as a line for a shell, any POSIX one. Octets that a terminal would obey are left out of it.
 *
 * What a server sent is always within single quotes, or in a variable that is used within double ones: so nothing of it
 * is ever obeyed. Nor does curl: --data-raw takes no "@file", and -g no "[1-9]".
 */
#include "replay.h"
#include "report.h"
#include "surveyor.h"

enum { LINES_MOST = 64 * 1024, LINE_MOST = 4000, TEXT_MOST = 300, PATH_MOST = 2000 };

struct line {
    struct buf out;
    const struct replay *replay;
    const struct probe *probe; /* that is written now */
    struct slice work;         /* the name of our own collection, which is $W; "" */
};

static void add_letters(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '\'')
            buf_add_str(out, "'\\''");
        else if (c >= ' ')
            buf_add_char(out, c < 0x7f ? (char)c : '?');
    }
}

/* In single quotes, as a shell reads it; the name of our own collection is another one each time. */
static void add_quoted(struct line *line, struct slice text)
{
    const char *found;

    buf_add_char(&line->out, '\'');
    while (line->work.len && text.len && (found = memmem(text.ptr, text.len, line->work.ptr, line->work.len))) {
        size_t at = (size_t)(found - text.ptr);

        add_letters(&line->out, slice_upto(text, at));
        buf_add_str(&line->out, "'\"$W\"'");
        text = slice_from(text, at + line->work.len);
    }
    add_letters(&line->out, text);
    buf_add_char(&line->out, '\'');
}

/* Where its value was given by an earlier answer it is what that one gives now. */
static void add_field(struct line *line, struct slice field)
{
    size_t colon = slice_index(field, ':'), at = 0;
    const struct step *source = replay_source(line->replay, line->probe, slice_from(field, colon), &at);

    if (!source) {
        add_quoted(line, field);
        return;
    }
    add_quoted(line, slice_upto(field, colon + at));
    buf_printf(&line->out, "\"$T%u\"", source->variable);
    field = slice_from(field, colon + at + given(source->probe, source->gives).len);
    if (field.len)
        add_quoted(line, field);
}

/* A word that needs no quotes has none. */
static bool is_bare(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z') && text.ptr[i] != '-')
            return false;
    return text.len > 0;
}

static void add_option(struct line *line, const char *option, const char *start, struct slice text)
{
    struct buf word = BUF_INIT(LINE_MOST);

    buf_add_str(&word, start);
    buf_add(&word, text);
    buf_printf(&line->out, " %s ", option);
    if (is_bare(buf_slice(&word)))
        buf_add(&line->out, buf_slice(&word));
    else
        add_quoted(line, buf_slice(&word));
    buf_release(&word);
}

static bool is_ours(struct slice line)
{
    return slice_starts_nocase(line, SLICE("Content-Length:")) || slice_starts_nocase(line, SLICE("Expect:"));
}

static void add_fields(struct line *line, struct slice fields)
{
    struct slice field;

    while (slice_cut(fields, '\n', &field, &fields)) {
        if (slice_ends(field, SLICE("\r")))
            field.len--;
        if (is_ours(field))
            continue;
        buf_add_str(&line->out, " -H ");
        if (field.len <= TEXT_MOST || !slice_starts(field, SLICE("X-Survey-")))
            add_field(line, field);
        else /* a field of many letters: as many as there were */
            buf_printf(&line->out, "\"%.*s: $(head -c %zu /dev/zero | tr '\\0' x)\"",
                       SLICE_FMT(slice_upto(field, slice_index(field, ':'))), field.len - slice_index(field, ':') - 2);
    }
}

static void add_content(struct line *line, const struct probe *probe)
{
    if (!probe->sent.ptr)
        return;
    buf_add_str(&line->out, " --data-raw ");
    if (probe->sent.len <= TEXT_MOST * 2)
        add_quoted(line, probe->sent);
    else
        buf_printf(&line->out, "\"$(head -c %zu /dev/zero | tr '\\0' x)\"", probe->sent.len);
}

static void add_url(struct line *line, const struct probe *probe, struct slice path)
{
    struct buf url = BUF_INIT(LINE_MOST);

    buf_printf(&url, "%s://%.*s%.*s", probe->is_tls ? "https" : "http", SLICE_FMT(probe->at),
               SLICE_FMT(slice_upto(path, path.len > PATH_MOST ? 1 : PATH_MOST)));
    buf_add_char(&line->out, ' ');
    add_quoted(line, buf_slice(&url));
    if (path.len > PATH_MOST)
        buf_printf(&line->out, "$(head -c %zu /dev/zero | tr '\\0' x)", path.len - 1);
    buf_release(&url);
}

/* curl asks for the password. */
static void add_login(struct line *line, const struct probe *probe)
{
    if (probe->has_login)
        buf_add_str(&line->out, " -u NAME");
}

/* start: "curl -gsSi", say. */
static void add_request(struct line *line, const struct probe *probe, const char *start)
{
    bool is_head = slice_eq(probe->method, SLICE("HEAD"));

    line->probe = probe;
    buf_add_str(&line->out, is_head ? "curl -gsSI --path-as-is" : start);
    if (!slice_eq(probe->method, SLICE("GET")) && !is_head)
        add_option(line, "-X", "", probe->method);
    if (probe->is_old)
        buf_add_str(&line->out, " -0");
    add_login(line, probe);
    if (!slice_eq(probe->host, probe->at))
        add_option(line, "-H", "Host: ", probe->host);
    add_fields(line, probe->fields);
    add_content(line, probe);
    add_url(line, probe, probe->path);
}

/* ---- what goes before, and after ---- */

/* The name and not the path: "samovar-survey-012345". */
static struct slice name_of(struct slice work)
{
    struct slice path = slice_upto(work, work.len ? work.len - 1 : 0);
    size_t start = path.len;

    while (start && path.ptr[start - 1] != '/')
        start--;
    return slice_from(path, start);
}

static void add_collection(struct line *line, const struct probe *probe)
{
    struct slice work = line->replay->work;

    buf_add_str(&line->out, "W=" WORK_NAME "$$-$(date +%s); curl -gs -o /dev/null -X MKCOL");
    add_login(line, probe);
    add_url(line, probe, work);
    buf_add_str(&line->out, "; ");
    if (!slice_eq(slice_from(probe->path, work.len), SLICE(SAMPLE_NAME)))
        return;
    buf_printf(&line->out, "head -c %d /dev/zero | tr '\\0' x | curl -gs -o /dev/null -T -", SAMPLE_OCTETS);
    add_login(line, probe);
    add_url(line, probe, probe->path);
    buf_add_str(&line->out, "; ");
}

static void add_step(struct line *line, const struct step *step)
{
    static const char *const values[] = {
        [GIVES_TAG] = "[Ee][Tt][Aa][Gg]: *\\(.*\\)", [GIVES_TOKEN] = "[Ll]ock-[Tt]oken: *<\\(.*\\)>.*"};

    if (!step->gives) {
        add_request(line, step->probe, "curl -gs --path-as-is -o /dev/null");
        buf_add_str(&line->out, "; ");
        return;
    }
    buf_printf(&line->out, "T%u=$(", step->variable);
    add_request(line, step->probe, "curl -gs --path-as-is -D - -o /dev/null");
    buf_printf(&line->out, " | tr -d '\\r' | sed -n 's/^%s/\\1/p'); ", values[step->gives]);
}

/* Who keeps to locks would not remove what is locked. */
static void add_unlocking(struct line *line)
{
    for (unsigned i = 0; i + 1 < line->replay->count; i++) {
        const struct step *step = &line->replay->steps[i];

        if (step->gives != GIVES_TOKEN)
            continue;
        buf_add_str(&line->out, "; curl -gs -o /dev/null -X UNLOCK");
        add_login(line, step->probe);
        buf_printf(&line->out, " -H 'Lock-Token: <'\"$T%u\"'>'", step->variable);
        add_url(line, step->probe, step->probe->path);
    }
}

static void add_removal(struct line *line, const struct probe *probe)
{
    add_unlocking(line);
    buf_add_str(&line->out, "; curl -gs -o /dev/null -X DELETE");
    add_login(line, probe);
    add_url(line, probe, line->replay->work);
}

struct slice curl_line(const struct trail *trail, const struct probe *probe, struct arena *arena)
{
    struct replay replay;
    struct line line = {.out = BUF_INIT(LINES_MOST), .replay = &replay};
    struct slice text;

    replay_make(trail, probe, arena, &replay);
    line.work = name_of(replay.work);
    if (replay.work.len)
        add_collection(&line, probe);
    for (unsigned i = 0; i + 1 < replay.count; i++)
        add_step(&line, &replay.steps[i]);
    add_request(&line, probe, "curl -gsSi --path-as-is");
    if (replay.work.len)
        add_removal(&line, probe);
    text = arena_slice(arena, buf_slice(&line.out));
    buf_release(&line.out);
    return text;
}
