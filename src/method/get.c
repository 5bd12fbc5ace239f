/*
 * get.c - GET and HEAD of files and folders.
 *
 * One job opens the file, judges conditions and ranges against the facts of that descriptor, and builds the
 * answer. A small file is read in the same job, between two looks at its facts, so that it is never sent
 * torn; of a large one the descriptor goes along, and its facts are compared once more before the last
 * bytes are sent.
 */
#include "method_private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    INLINE_MAX = 64 * 1024, /* read at once into memory: one send, no descriptor kept */
    INLINE_TRIES = 3,       /* while somebody rewrites it in place */
};

struct get_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct pool *pool;
    struct store *store;
    struct rpath path;
    struct rules rules;
    unsigned rights;
    int as_status; /* 0, or the status under which the current representation is wanted */
    bool is_get;   /* ranges count */
    bool is_http10;
    bool has_if_range; /* also an empty or a doubled one, which no representation matches (RNG-41) */
    enum error_form form;
    struct conditions conditions;
    struct slice range, if_range, accept;
    struct slice raw_path, query;
    bool has_query;
    struct answer answer; /* built by act() in job.arena */
    int fd;               /* while act() runs */
    struct facts facts;
};

/* ---- a file's descriptor that goes along with the answer ---- */

struct open_file {
    struct job closing; /* closing may wait for the disk: the last close of a file that was deleted */
    struct pool *pool;
    struct store *store;
    struct facts facts;
    int fd;
};

static void open_file_close(struct job *job)
{
    struct open_file *file = CONTAINER(job, struct open_file, closing);

    role_assert_worker();
    store_close_file(file->store, file->fd, &file->facts);
}

static void open_file_closed(struct job *job)
{
    free(CONTAINER(job, struct open_file, closing));
}

static void file_content_close(struct content *content)
{
    struct open_file *file = content->context;

    file->closing.act = open_file_close;
    file->closing.done = open_file_closed;
    pool_submit(file->pool, LANE_QUICK, &file->closing);
}

static bool file_content_is_unchanged(struct content *content)
{
    struct open_file *file = content->context;
    struct facts now;

    role_assert_worker();
    return store_facts_of(file->store, file->fd, &now) == ERR_NONE && facts_same_content(&file->facts, &now);
}

static const struct content_ops file_content_ops = {.is_unchanged = file_content_is_unchanged,
                                                    .close = file_content_close};

static struct open_file *open_file_new(struct get_job *get)
{
    struct open_file *file = xcalloc(1, sizeof(*file));

    file->pool = get->pool;
    file->store = get->store;
    file->facts = get->facts;
    file->fd = get->fd;
    file->closing.home = get->job.home;
    get->fd = -1;
    return file;
}

/* ---- a listing as a stream ---- */

static enum err listing_content_fill(struct content *content, struct buf *out, bool *done)
{
    role_assert_worker();
    return listing_fill(content->context, out, done);
}

static void listing_content_close(struct content *content)
{
    listing_close(content->context);
}

static const struct content_ops listing_content_ops = {.fill = listing_content_fill, .close = listing_content_close};

/* ---- building the answer, on the worker ---- */

static struct arena *arena_of(struct get_job *get)
{
    return &get->job.arena;
}

static void add(struct get_job *get, struct slice name, struct slice value)
{
    answer_field(arena_of(get), &get->answer, name, value);
}

static void refuse(struct get_job *get, struct verdict verdict)
{
    struct refusal refusal = {.verdict = verdict, .form = get->form};

    refusal_build(arena_of(get), &get->answer, &refusal);
}

static bool read_fully(int fd, char *to, size_t len, uint64_t off)
{
    while (len) {
        ssize_t got = pread(fd, to, len, (off_t)off);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        off += (uint64_t)got;
        len -= (size_t)got;
    }
    return true;
}

static bool gather(const struct get_job *get, const struct file_body *body, char *to)
{
    for (unsigned i = 0; i < body->count; i++) {
        const struct body_piece *piece = &body->piece[i];

        if (piece->before.len)
            memcpy(to, piece->before.ptr, piece->before.len);
        to += piece->before.len;
        if (!read_fully(get->fd, to, (size_t)piece->len, piece->off))
            return false;
        to += piece->len;
    }
    if (body->after.len)
        memcpy(to, body->after.ptr, body->after.len);
    return true;
}

/* A short body into memory, if the file holds still meanwhile. */
static WORKER_SIDE bool read_inline(struct get_job *get, const struct file_body *body, struct slice *out)
{
    char *bytes;

    if (body->content_length > INLINE_MAX)
        return false;
    bytes = arena_alloc(arena_of(get), body->content_length);
    for (unsigned tries = 0; tries < INLINE_TRIES; tries++) {
        struct facts after;

        if (!gather(get, body, bytes) || store_facts_of(get->store, get->fd, &after))
            return false;
        if (facts_same_content(&get->facts, &after)) {
            *out = slice_of(bytes, body->content_length);
            return true;
        }
        if (after.size != get->facts.size || tries + 1 == INLINE_TRIES)
            return false; /* the descriptor's way tells the client that it changed under our hands */
    }
    return false;
}

static void attach_file(struct get_job *get, const struct file_body *body)
{
    struct piece *pieces = arena_alloc(arena_of(get), (body->count + 1) * sizeof(*pieces));
    struct content *content = &get->answer.content;

    for (unsigned i = 0; i < body->count; i++)
        pieces[i] = (struct piece){body->piece[i].before, body->piece[i].off, body->piece[i].len};
    pieces[body->count] = (struct piece){.bytes = body->after};
    *content = (struct content){.kind = CONTENT_PIECES,
                                .length = body->content_length,
                                .pieces = pieces,
                                .piece_count = body->count + 1,
                                .ops = &file_content_ops,
                                .fd = get->fd};
    content->context = open_file_new(get);
}

static void attach_bytes(struct get_job *get, struct slice bytes)
{
    struct piece *piece = arena_alloc(arena_of(get), sizeof(*piece));

    piece->bytes = bytes;
    get->answer.content =
        (struct content){.kind = CONTENT_PIECES, .length = bytes.len, .pieces = piece, .piece_count = 1, .fd = -1};
}

static void representation_fields(struct get_job *get, struct slice type, bool for_if_range)
{
    answer_validators(arena_of(get), &get->answer, &get->facts, !for_if_range); /* RNG-27 */
    add(get, SLICE("Accept-Ranges"), SLICE("bytes"));
    add(get, SLICE("Cache-Control"), SLICE("no-cache"));
    add(get, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    if (!get->rules.untrusted)
        return;
    add(get, SLICE("Content-Security-Policy"), untrusted_csp());
    if (media_is_active(type))
        add(get, SLICE("Content-Disposition"), disposition_attachment(arena_of(get), rpath_leaf(get->path)));
}

/* All of a 200 but its bytes. */
static void whole_fields(struct get_job *get, struct slice type)
{
    get->answer.status = 200;
    add(get, SLICE("Content-Type"), type);
    representation_fields(get, type, false);
    get->answer.content = (struct content){.kind = CONTENT_PIECES, .length = get->facts.size, .fd = -1};
}

/* What the hot cache wants to know, if it may keep this. */
static void mark_whole(struct get_job *get, struct answer *whole)
{
    struct facts *facts;

    if (get->facts.through_symlink || get->facts.nlink != 1)
        return;
    facts = arena_alloc(arena_of(get), sizeof(*facts));
    *facts = get->facts;
    whole->facts = facts;
    whole->path = get->path;
    get->answer.whole = whole;
}

static WORKER_SIDE void attach_body(struct get_job *get, const struct file_body *body)
{
    struct slice bytes;

    if (read_inline(get, body, &bytes))
        attach_bytes(get, bytes);
    else
        attach_file(get, body);
}

static WORKER_SIDE void whole_file(struct get_job *get, struct slice type)
{
    struct file_body body;

    whole_fields(get, type);
    mark_whole(get, &get->answer);
    body_whole(&body, get->facts.size, type);
    if (get->is_get)
        attach_body(get, &body);
}

static void not_modified(struct get_job *get, struct slice type)
{
    struct answer *whole = arena_alloc(arena_of(get), sizeof(*whole));

    whole_fields(get, type);
    *whole = get->answer;
    get->answer = (struct answer){.content.fd = -1};
    mark_whole(get, whole);
    get->answer.status = 304;
    answer_validators(arena_of(get), &get->answer, &get->facts, false);
    add(get, SLICE("Cache-Control"), SLICE("no-cache"));
}

static void unsatisfiable(struct get_job *get)
{
    struct verdict verdict = VERDICT(416, "None of the requested ranges lies within the file.");

    refuse(get, verdict);
    add(get, SLICE("Content-Range"), body_range_unsatisfied(arena_of(get), get->facts.size));
}

static WORKER_SIDE void some_ranges(struct get_job *get, const struct range_set *set, struct slice type)
{
    struct file_body body;

    if (!body_ranges(arena_of(get), &body, set, get->facts.size, type)) {
        whole_file(get, type);
        return;
    }
    get->answer.status = 206;
    attach_body(get, &body);
    add(get, SLICE("Content-Type"), body.content_type);
    if (!slice_is_empty(body.content_range))
        add(get, SLICE("Content-Range"), body.content_range);
    representation_fields(get, type, get->has_if_range);
}

static bool range_counts(const struct get_job *get, const struct validators *current)
{
    if (!get->is_get || get->as_status || slice_is_empty(get->range))
        return false;
    return !get->has_if_range || if_range_holds(get->if_range, current, clock_real_s());
}

static WORKER_SIDE void file_answer(struct get_job *get)
{
    struct validators current = validators_of(&get->facts);
    struct slice type = media_type(rpath_leaf(get->path));
    struct range_set set = {.kind = RANGE_IGNORE};

    if (!get->as_status) {
        enum cond_result result = conditions_judge(&get->conditions, true, &current);

        if (result == COND_NOT_MODIFIED) {
            not_modified(get, type);
            return;
        }
        if (result == COND_FAILED) {
            refuse(get, VERDICT(412, "A condition of the request does not hold: the resource has changed."));
            return;
        }
    }
    if (range_counts(get, &current))
        range_choose(get->range, get->is_http10, get->facts.size, &set);
    if (set.kind == RANGE_NONE_SATISFIABLE)
        unsatisfiable(get);
    else if (set.kind == RANGE_PARTS)
        some_ranges(get, &set, type);
    else
        whole_file(get, type);
}

static void to_slash(struct get_job *get)
{
    struct refusal refusal = {.verdict = VERDICT(308, "This is a folder: its address ends in a slash."),
                              .form = get->form};
    struct buf to = BUF_INIT(4 * PATH_RAW_MAX);

    buf_add_char(&to, '/');
    href_encode(&to, get->path.text);
    buf_add_char(&to, '/');
    if (get->has_query) {
        buf_add_char(&to, '?');
        uri_add_safe(&to, get->query);
    }
    refusal.link = arena_slice(arena_of(get), buf_slice(&to));
    buf_release(&to);
    refusal_build(arena_of(get), &get->answer, &refusal);
    add(get, SLICE("Location"), refusal.link);
    add(get, SLICE("Cache-Control"), SLICE("max-age=60")); /* a file may take the folder's place */
}

static WORKER_SIDE void listing_answer(struct get_job *get)
{
    struct listing_options options = {.store = get->store,
                                      .folder_fd = get->fd,
                                      .path = get->path,
                                      .form = accept_error_form(get->accept) == FORM_JSON ? LISTING_JSON : LISTING_HTML,
                                      .query = get->query,
                                      .hidden = get->rules.hidden,
                                      .can_write = get->rights & RIGHT_CREATE && !store_is_read_only(get->store)};
    struct validators current = {.exists = true};
    struct listing *listing;
    enum err err;

    if (!(get->rights & RIGHT_LIST)) {
        refuse(get, VERDICT(403, "You may not list this folder."));
        return;
    }
    if (conditions_judge(&get->conditions, true, &current) == COND_FAILED) {
        refuse(get, VERDICT(412, "A condition of the request does not hold: a listing has no entity tag."));
        return;
    }
    if (conditions_judge(&get->conditions, true, &current) == COND_NOT_MODIFIED) {
        get->answer.status = 304; /* `If-None-Match: *` */
        add(get, SLICE("Cache-Control"), SLICE("no-cache"));
        add(get, SLICE("Vary"), SLICE("Accept"));
        return;
    }
    err = listing_open(&options, &listing);
    if (err) {
        refuse(get, verdict_of_read(err));
        return;
    }
    get->answer.status = 200;
    get->answer.content =
        (struct content){.kind = CONTENT_STREAM, .ops = &listing_content_ops, .context = listing, .fd = -1};
    add(get, SLICE("Content-Type"), listing_type(options.form));
    add(get, SLICE("Accept-Ranges"), SLICE("none"));
    add(get, SLICE("Cache-Control"), SLICE("no-cache"));
    add(get, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    add(get, SLICE("Vary"), SLICE("Accept"));
    if (options.form == LISTING_HTML)
        add(get, SLICE("Content-Security-Policy"), page_csp());
}

/* index.html in place of the listing: true if there is one. */
static WORKER_SIDE bool open_index(struct get_job *get)
{
    struct slice text = get->path.text.len ? arena_printf(arena_of(get), "%.*s/index.html", SLICE_FMT(get->path.text))
                                           : SLICE("index.html");
    struct rpath path = {.text = text};
    struct facts facts;
    int fd;

    if (store_open_file(get->store, path, &fd, &facts))
        return false;
    if (facts.kind != KIND_FILE) {
        store_close_file(get->store, fd, &facts);
        return false;
    }
    store_close_file(get->store, get->fd, &get->facts);
    get->fd = fd;
    get->facts = facts;
    get->path = path;
    return true;
}

static WORKER_SIDE void folder_answer(struct get_job *get)
{
    if (!get->path.has_slash && !rpath_is_root(get->path))
        to_slash(get);
    else if (get->rules.index && get->rights & RIGHT_READ && open_index(get))
        file_answer(get);
    else
        listing_answer(get);
}

/* The refusal for whose sake the current representation was wanted; it stands also where there is none. */
static struct verdict nothing_current(void)
{
    return VERDICT(412, "A condition of the request does not hold: there is no file at this address.");
}

static void get_act(struct job *job)
{
    struct get_job *get = CONTAINER(job, struct get_job, job);
    enum err err;

    role_assert_worker();
    get->answer.content.fd = -1;
    err = store_open_file(get->store, get->path, &get->fd, &get->facts);
    if (err) {
        refuse(get, get->as_status ? nothing_current() : verdict_of_read(err));
        return;
    }
    if (get->as_status && get->facts.kind != KIND_FILE)
        refuse(get, nothing_current());
    else if (get->facts.kind == KIND_FOLDER)
        folder_answer(get);
    else if (get->rights & RIGHT_READ)
        file_answer(get);
    else
        refuse(get, VERDICT(403, "You may not read this."));
    if (get->fd >= 0)
        store_close_file(get->store, get->fd, &get->facts);
}

/* ---- the loop's side ---- */

static void get_done(struct job *job)
{
    struct get_job *get = CONTAINER(job, struct get_job, job);
    struct exchange *ex = get->ex;
    struct answer answer = get->answer;
    int as_status = get->as_status;

    role_assert_loop();
    ex->answer = answer; /* first: if the client left, its content must be given back with the exchange */
    if (!exchange_home(ex, job))
        return;
    if (as_status && answer.status == 200) {
        ex->answer.status = as_status;
        answer_field(&ex->arena, &ex->answer, SLICE("Content-Location"), ex->target.path);
        answer_field(&ex->arena, &ex->answer, SLICE("Preference-Applied"), SLICE("return=representation"));
    }
    exchange_answer(ex);
}

/* Of two, neither is sure to be meant. */
static struct slice if_range_of(const struct head *head)
{
    return head_count_of(head, FIELD_IF_RANGE) == 1 ? head_value(head, FIELD_IF_RANGE) : SLICE_NONE;
}

static LOOP_SIDE void get_submit(struct exchange *ex, int as_status)
{
    struct get_job *get = arena_alloc(&ex->arena, sizeof(*get));

    *get = (struct get_job){.job = {.act = get_act, .done = get_done},
                            .ex = ex,
                            .pool = ex->pool,
                            .store = ex->store,
                            .path = ex->path,
                            .rules = ex->rules,
                            .rights = ex->rights,
                            .as_status = as_status,
                            .is_get = ex->head.method != METHOD_HEAD,
                            .is_http10 = ex->head.minor == 0,
                            .accept = head_combined(&ex->head, FIELD_ACCEPT, &ex->arena),
                            .range = head_combined(&ex->head, FIELD_RANGE, &ex->arena),
                            .if_range = if_range_of(&ex->head),
                            .has_if_range = head_has(&ex->head, FIELD_IF_RANGE),
                            .raw_path = ex->target.path,
                            .query = ex->target.query,
                            .has_query = ex->target.has_query,
                            .fd = -1};
    get->form = accept_error_form(get->accept);
    conditions_from_head(&ex->head, clock_real_s(), &ex->arena, &get->conditions);
    exchange_submit(ex, LANE_QUICK, &get->job);
}

void get_plan(struct exchange *ex)
{
    exchange_state(ex, EXCH_ACTING);
    get_submit(ex, 0);
}

void get_current_as(struct exchange *ex, int status)
{
    get_submit(ex, status);
}
