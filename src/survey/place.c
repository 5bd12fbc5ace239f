/*
 * place.c - where a surveyor works: what is at the address, a collection of its own, and what a hint names.
 *
 * Nothing is written but in collections that were made here with a name that nobody else has, and they are removed at
 * the end, also when a signal stopped the survey.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "locks.h"

enum { NAME_OCTETS = 6, REDIRECTS = 5 };

struct slice text_of(struct surveyor *surveyor, const char *format, ...)
{
    char *text = NULL;
    struct slice kept;
    va_list list;

    va_start(list, format);
    if (vasprintf(&text, format, list) < 0)
        text = NULL;
    va_end(list);
    kept = arena_slice(&surveyor->arena, slice_str(text));
    free(text);
    return kept;
}

/* ---- hints ---- */

bool is_hinted(struct surveyor *surveyor, const char *what)
{
    if (surveyor->hint)
        return true;
    surveyor->trail->unknown =
        arena_printf(&surveyor->trail->arena, "a hint is wanted (--hints FILE, or /.well-known/http-codes): %s", what);
    return false;
}

static bool is_elsewhere(const struct surveyor *surveyor)
{
    return surveyor->hint && !slice_starts(surveyor->hint->path, SLICE("/"));
}

const struct probe *ask_hinted(struct surveyor *surveyor, const char *label, const char *method, const char *more)
{
    const struct hint *hint = surveyor->hint;
    struct arena *arena = &surveyor->trail->arena;
    struct question question = {.label = label, .method = method, .path = hint->path, .host = hint->host};
    struct client_url url;
    struct buf why = BUF_INIT(512);

    if (!method)
        question.method = hint->method.len ? arena_str(arena, hint->method) : "GET";
    question.fields = arena_printf(arena, "%.*s%s", SLICE_FMT(hint->fields), more);
    if (hint->content.len && slice_eq(slice_str(question.method), hint->method))
        question.content = hint->content;
    if (is_elsewhere(surveyor) && client_url_read(hint->path, arena, &url, &why)) {
        question.url = &url;
        question.path = url.path;
    }
    buf_release(&why);
    return question_send(surveyor, &question);
}

/* ---- a collection of our own ---- */

static struct slice work_make(struct surveyor *surveyor, struct slice folder)
{
    unsigned char random[NAME_OCTETS];
    char name[2 * NAME_OCTETS + 1] = "";
    const struct probe *made;
    struct slice path;

    if (surveyor->work_count == WORKS_MAX)
        return SLICE_NONE;
    random_bytes(random, sizeof(random));
    hex_encode(name, random, sizeof(random));
    path = text_of(surveyor, "%.*s" WORK_NAME "%s/", SLICE_FMT(folder), name);
    surveyor->works[surveyor->work_count++] = path; /* before: a signal may come in between */
    made = ask(surveyor, "collection", "MKCOL", path, "%s", "");
    if (probe_is(made, 201))
        return path;
    if (made->status)
        surveyor->work_count--;
    surveyor->work_why =
        made->status
            ? text_of(surveyor, "no collection could be made: MKCOL %.*s gave %d", SLICE_FMT(path), made->status)
            : text_of(surveyor, "no collection could be made: %.*s", SLICE_FMT(made->trouble));
    return SLICE_NONE;
}

struct slice work_path(struct surveyor *surveyor, const char *name)
{
    return arena_printf(&surveyor->trail->arena, "%.*s%s", SLICE_FMT(surveyor->work), name);
}

struct slice address_of(struct surveyor *surveyor, struct slice path)
{
    return arena_printf(&surveyor->trail->arena, "%s://%.*s%.*s", surveyor->url.is_tls ? "https" : "http",
                        SLICE_FMT(surveyor->url.authority), SLICE_FMT(path));
}

bool may_work(struct surveyor *surveyor)
{
    if (!surveyor->order->may_write)
        surveyor->trail->unknown = SLICE("--write lets the surveyor try it, in a collection that it makes and removes");
    else if (!surveyor->work.len)
        surveyor->trail->unknown = surveyor->work_why;
    return surveyor->order->may_write && surveyor->work.len;
}

struct slice hinted_work(struct surveyor *surveyor)
{
    struct slice folder;

    if (!surveyor->hint || is_elsewhere(surveyor))
        return may_work(surveyor) ? surveyor->work : SLICE_NONE;
    if (!surveyor->order->may_write) {
        may_work(surveyor);
        return SLICE_NONE;
    }
    folder = surveyor->hint->path;
    while (folder.len && folder.ptr[folder.len - 1] != '/')
        folder.len--;
    folder = work_make(surveyor, folder);
    if (!folder.len)
        surveyor->trail->unknown = surveyor->work_why;
    return folder;
}

void token_keep(struct surveyor *surveyor, struct slice path, struct slice token)
{
    if (surveyor->token_count < TOKENS_MAX && token.len)
        surveyor->tokens[surveyor->token_count++] =
            (struct surveyor_token){arena_slice(&surveyor->arena, path), arena_slice(&surveyor->arena, token)};
}

void token_forget(struct surveyor *surveyor, struct slice token)
{
    for (unsigned i = 0; i < surveyor->token_count; i++)
        if (slice_eq(surveyor->tokens[i].token, token)) {
            surveyor->tokens[i] = surveyor->tokens[--surveyor->token_count];
            return;
        }
}

/* ---- a file to read ---- */

/* Rows that differ, so that no two stretches of it are the same. */
static struct slice sample_content(struct surveyor *surveyor)
{
    struct buf text = BUF_INIT(2 * SAMPLE_OCTETS);
    struct slice kept;

    for (unsigned row = 0; text.len < SAMPLE_OCTETS; row++)
        buf_printf(&text, "row %04u of a file that a surveyor made to read it\n", row);
    kept = arena_slice(&surveyor->trail->arena, slice_upto(buf_slice(&text), SAMPLE_OCTETS));
    buf_release(&text);
    return kept;
}

static void sample_make(struct surveyor *surveyor)
{
    struct slice path = text_of(surveyor, "%.*s" SAMPLE_NAME, SLICE_FMT(surveyor->work));
    const struct probe *put =
        ask_with(surveyor, "sample", "PUT", path, sample_content(surveyor), "Content-Type: text/plain\r\n");

    if (probe_is_2xx(put))
        surveyor->sample = path;
}

bool may_read(struct surveyor *surveyor, struct slice *path)
{
    *path = surveyor->hint && !is_elsewhere(surveyor) ? surveyor->hint->path : surveyor->sample;
    if (!path->len)
        surveyor->trail->unknown = surveyor->sample_why;
    return path->len > 0;
}

/* ---- start and end ---- */

static void dav_look(struct surveyor *surveyor)
{
    const struct probe *options = ask(surveyor, "options", "OPTIONS", surveyor->folder, "%s", "");

    surveyor->has_dav = probe_lists(options, "DAV", "1");
    surveyor->has_locks = probe_lists(options, "DAV", "2");
    surveyor->has_bind = probe_lists(options, "DAV", "bind");
}

static void hints_look(struct surveyor *surveyor)
{
    const struct probe *told;
    struct buf why = BUF_INIT(512);

    if (surveyor->hints.count)
        return;
    told = ask(surveyor, "hints", "GET", SLICE("/.well-known/http-codes"), "Accept: application/json\r\n");
    if (probe_is(told, 200) && probe_is_whole(told) && !told->is_cut)
        hints_read(told->body, false, &surveyor->arena, &surveyor->hints, &why);
    buf_release(&why);
}

static void sample_look(struct surveyor *surveyor)
{
    if (!surveyor->sample_why.len)
        surveyor->sample_why = SLICE(
            "no file was found to read, of ten octets to a megabyte, with a tag or a time: give the address of one, or "
            "--write");
    if (surveyor->order->may_write)
        surveyor->work = work_make(surveyor, surveyor->folder);
    if (surveyor->work.len)
        sample_make(surveyor);
    if (!surveyor->sample.len)
        sample_find(surveyor, &surveyor->sample);
}

void surveyor_path(struct surveyor *surveyor, struct slice path)
{
    surveyor->url.path = arena_slice(&surveyor->arena, path);
    surveyor->folder = slice_upto(surveyor->url.path, slice_index(surveyor->url.path, '?'));
    while (surveyor->folder.len && surveyor->folder.ptr[surveyor->folder.len - 1] != '/')
        surveyor->folder.len--;
}

/* Redirects on the same server are followed; another one has to be named by who wants it surveyed. */
static const struct probe *address_look(struct surveyor *surveyor)
{
    const struct probe *at = ask(surveyor, "address", "GET", surveyor->url.path, "%s", "");
    struct client_url to;

    if (probe_is(at, 308))
        surveyor->moved = surveyor->url.path;
    for (unsigned i = 0; i < REDIRECTS && at->status / 100 == 3 && probe_has(at, "Location"); i++) {
        if (!address_resolve(&surveyor->url, probe_field(at, "Location"), &surveyor->trail->arena, &to))
            break;
        if (!client_url_same_origin(&surveyor->url, &to)) {
            surveyor->sample_why = text_of(surveyor, "the address leads to another server: survey %.*s",
                                           SLICE_FMT(slice_upto(probe_field(at, "Location"), 300)));
            break;
        }
        surveyor_path(surveyor, to.path);
        at = ask(surveyor, "address", "GET", surveyor->url.path, "%s", "");
    }
    return at;
}

static bool takes_basic(const struct probe *refused)
{
    for (unsigned i = 0; i < refused->head->field_count; i++) {
        const struct field *field = &refused->head->field[i];

        if (slice_eq_nocase(field->name, SLICE("WWW-Authenticate")) &&
            (slice_starts_nocase(field->value, SLICE("Basic ")) || slice_has(field->value, SLICE(", Basic "))))
            return true;
    }
    return false;
}

/* Why a 401 is the end. */
static struct slice who_asks(struct surveyor *surveyor, const struct probe *refused)
{
    struct slice challenge = probe_field(refused, "WWW-Authenticate");

    if (challenge.len && !takes_basic(refused))
        return text_of(surveyor, "the server wants a login by %.*s, and only Basic is spoken here",
                       SLICE_FMT(slice_upto(challenge, slice_index(slice_upto(challenge, 40), ' '))));
    if (surveyor->authorization.len)
        return SLICE("the server does not take this name and password (401)");
    return SLICE("the server wants to know who asks: --user NAME:PASSWORD");
}

bool surveyor_begin(struct surveyor *surveyor)
{
    struct trail trail = {0};
    const struct probe *first;
    bool is_there;

    surveyor->trail = &trail;
    first = address_look(surveyor);
    is_there = first->status != 0;
    surveyor->name = arena_slice(&surveyor->arena, probe_field(first, "Server"));
    if (!is_there)
        surveyor->gave_up = text_of(surveyor, "%.*s", SLICE_FMT(first->trouble));
    else if (probe_is(first, 401))
        surveyor->gave_up = who_asks(surveyor, first);
    if (!surveyor->gave_up.len) {
        hints_look(surveyor);
        dav_look(surveyor);
        sample_look(surveyor);
    }
    trail_release(&trail);
    surveyor->trail = NULL;
    return is_there;
}

/* Where nobody changes a folder who does not know it, a lock shows that we do. */
static const struct probe *remove_locked(struct surveyor *surveyor, struct slice path)
{
    struct slice token = token_take(surveyor, "end-lock", path, "infinity");

    return ask(surveyor, "end", "DELETE", path, "If: (<%.*s>)\r\n", SLICE_FMT(token));
}

static void work_remove(struct surveyor *surveyor, struct slice path)
{
    const struct probe *gone = ask(surveyor, "end", "DELETE", path, "%s", "");

    if (probe_is(gone, 428))
        gone = remove_locked(surveyor, path);
    if (gone->status && !probe_is_2xx(gone) && !probe_is(gone, 404))
        fprintf(stderr, "samovar: %.*s could not be removed: DELETE gave %d\n", SLICE_FMT(path), gone->status);
    else if (!gone->status)
        fprintf(stderr, "samovar: %.*s could not be removed: the server does not answer\n", SLICE_FMT(path));
}

void surveyor_end(struct surveyor *surveyor)
{
    struct trail trail = {0};

    surveyor->is_ending = true;
    surveyor->trail = &trail;
    for (unsigned i = 0; i < surveyor->token_count; i++)
        ask(surveyor, "unlock", "UNLOCK", surveyor->tokens[i].path, "Lock-Token: <%.*s>\r\n",
            SLICE_FMT(surveyor->tokens[i].token));
    for (unsigned i = surveyor->work_count; i-- > 0;)
        work_remove(surveyor, surveyor->works[i]);
    trail_release(&trail);
    surveyor->trail = NULL;
}
