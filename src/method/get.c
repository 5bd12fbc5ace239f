/*
 * get.c - GET and HEAD of files and folders.
 *
 * One job opens what is at the path, judges conditions and ranges against the facts of that descriptor, and
 * builds the answer (get_file.c, get_bytes.c); a folder's is its index.html or a listing. Where the hot cache
 * has the file open, the answer is built on the loop, without a job.
 */
#include "get_private.h"

#include "gate/gate.h"

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

static void to_slash(struct get_job *get)
{
    struct refusal refusal = {.verdict = VERDICT(308, "This is a folder: its address ends in a slash."),
                              .form = get->form,
                              .language = get->page_language};

    refusal.verdict.link =
        uri_with_query(get_arena(get), dav_href_text(get_arena(get), get->path.text, true), get->has_query, get->query);
    refusal_build(get_arena(get), &get->answer, &refusal);
    get_add(get, SLICE("Location"), refusal.verdict.link);
    get_add(get, SLICE("Cache-Control"), SLICE("max-age=60")); /* a file may take the folder's place */
}

bool get_page_judge(struct get_job *get)
{
    struct validators current = {.exists = true};
    enum cond_result result = conditions_judge(&get->conditions, true, &current);

    if (result == COND_FAILED) {
        get_refuse(get, VERDICT(412, "A condition of the request does not hold: a listing has no entity tag."));
    } else if (result == COND_NOT_MODIFIED) {
        get->answer.status = 304; /* `If-None-Match: *` */
        get_add(get, SLICE("Cache-Control"), SLICE("no-cache"));
        get_add(get, SLICE("Vary"), SLICE("Accept, Accept-Language"));
    }
    return result == COND_GO;
}

void get_page_fields(struct get_job *get, enum listing_form form)
{
    get->answer.status = 200;
    get_add(get, SLICE("Accept-Ranges"), SLICE("none"));
    get_add(get, SLICE("Cache-Control"), SLICE("no-cache"));
    get_add(get, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    get_add(get, SLICE("Vary"), SLICE("Accept, Accept-Language"));
    if (form == LISTING_HTML) {
        get_add(get, SLICE("Content-Language"), page_language_tag(get->page_language));
        get_add(get, SLICE("Content-Security-Policy"), page_csp());
    }
}

void get_listing(struct get_job *get)
{
    struct listing_options options = {.store = get->store,
                                      .folder_fd = get->fd,
                                      .path = get->path,
                                      .form = accept_error_form(get->accept) == FORM_JSON ? LISTING_JSON : LISTING_HTML,
                                      .language = get->page_language,
                                      .query = get->query,
                                      .hidden = get->rules.hidden,
                                      .is_past = get->is_past,
                                      .can_write = get->rights & RIGHT_CREATE && !store_is_read_only(get->store),
                                      .site = get->site,
                                      .asker = &get->asker};
    struct listing *listing;
    enum err err;

    if (!(get->rights & RIGHT_LIST)) {
        get->lacks = RIGHT_LIST;
        return;
    }
    if (!get_page_judge(get))
        return;
    err = listing_open(&options, &listing);
    if (err) {
        get_refuse(get, verdict_of_read(err));
        return;
    }
    get->answer.content =
        (struct content){.kind = CONTENT_STREAM, .ops = &listing_content_ops, .context = listing, .fd = -1};
    get_add(get, SLICE("Content-Type"), listing_type(options.form));
    get_page_fields(get, options.form);
}

/* index.html in place of the listing: true if there is one, and the client may read it. */
static WORKER_SIDE bool open_index(struct get_job *get)
{
    struct slice text = get->path.text.len ? arena_printf(get_arena(get), "%.*s/index.html", SLICE_FMT(get->path.text))
                                           : SLICE("index.html");
    struct rpath path = {.text = text};
    struct facts facts;
    int fd;

    if (!(sight_once(get->store, get->site, &get->asker, text) & RIGHT_READ) ||
        store_open_file(get->store, path, &fd, &facts))
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
        get_file(get);
    else
        get_listing(get);
}

/*
 * The answer for whose sake the current representation was wanted stands also where there is none: a refusal, or a
 * success of which somebody took the file away meanwhile.
 */
static void nothing_current(struct get_job *get)
{
    if (get->as_status == 412)
        get_refuse(get, VERDICT(412, "A condition of the request does not hold: there is no file at this address."));
    else
        get->answer.status = get->as_status == 201 ? 201 : 204;
}

static void get_act(struct job *job)
{
    struct get_job *get = CONTAINER(job, struct get_job, job);
    enum err err;

    role_assert_worker();
    get->answer.content.fd = -1;
    err = store_open_file(get->store, get->path, &get->fd, &get->facts);
    if (err == ERR_MISSING && !get->as_status)
        err = get_coding_open(get);
    if (err) {
        if (get->as_status)
            nothing_current(get);
        else
            get_refuse(get, verdict_of_read(err));
        return;
    }
    if (get->as_status && get->facts.kind != KIND_FILE)
        nothing_current(get);
    else if (!get->as_status && !if_scope_holds(&get->scope, &get->facts, NULL))
        get_refuse(get, verdict_of_if());
    else if (get->facts.kind == KIND_FOLDER)
        folder_answer(get);
    else if (!(get->rights & RIGHT_READ))
        get->lacks = RIGHT_READ;
    else if (get_variant_content(get))
        get_file(get);
    if (get->fd >= 0)
        store_close_file(get->store, get->fd, &get->facts);
    get->fd = -1;
    get->stored = SLICE_NONE;
    get_coding_drop(get);
}

/* ---- the loop's side ---- */

/* HEAD fetches nothing; a 304 says that the client has it, and a part of it was at least looked at. */
static LOOP_SIDE void note_seen(struct exchange *ex, const struct get_job *get)
{
    int status = get->answer.status;

    if (ex->rules.require_match == MATCH_CONFLICT_COPY && get->is_get && get->facts.kind == KIND_FILE &&
        (status == 200 || status == 206 || status == 226 || status == 304))
        seen_note(ex->ledger, seen_key(ex, get->path.text), facts_tag(&get->facts));
}

void get_refuse_for_want(struct exchange *ex, unsigned right)
{
    exchange_refuse(ex, (struct verdict){.status = 403,
                                         .detail = right == RIGHT_LIST ? SLICE("You may not list this folder.")
                                                                       : SLICE("You may not read this."),
                                         .lacks = right});
}

/* It takes long, of which the client is told. */
static LOOP_SIDE void get_again_slowly(struct exchange *ex, struct get_job *get)
{
    get->wants_slow = false;
    get->is_slow = true;
    get->answer = ex->answer = (struct answer){.content.fd = -1, .must_close = ex->answer.must_close};
    exchange_processing(ex);
    exchange_submit(ex, LANE_SLOW, &get->job);
}

static void get_done(struct job *job)
{
    struct get_job *get = CONTAINER(job, struct get_job, job);
    struct exchange *ex = get->ex;
    struct answer answer = get->answer;
    int as_status = get->as_status;

    role_assert_loop();
    answer.must_close |= ex->answer.must_close; /* the request's body may have turned out to be broken meanwhile */
    ex->answer = answer; /* first: if the client left, its content must be given back with the exchange */
    if (!exchange_home(ex, job))
        return;
    if (get->wants_slow) {
        get_again_slowly(ex, get);
        return;
    }
    note_seen(ex, get);
    if (get->lacks) {
        get_refuse_for_want(ex, get->lacks);
        return;
    }
    if (as_status && answer.status == 200) {
        struct slice href = dav_href_text(&ex->arena, ex->path.text, false);

        ex->answer.status = as_status;
        answer_field(&ex->arena, &ex->answer, SLICE("Content-Location"), href);
        if (as_status == 201)
            answer_field(&ex->arena, &ex->answer, SLICE("Location"), href);
        answer_field(&ex->arena, &ex->answer, SLICE("Preference-Applied"), SLICE("return=representation"));
    }
    exchange_answer(ex);
}

/* Of two, neither is sure to be meant. */
static struct slice if_range_of(const struct head *head)
{
    return head_count_of(head, FIELD_IF_RANGE) == 1 ? head_value(head, FIELD_IF_RANGE) : SLICE_NONE;
}

void get_init(struct exchange *ex, int as_status, struct get_job *get)
{
    *get = (struct get_job){.job = {.act = get_act, .done = get_done},
                            .ex = ex,
                            .pool = ex->pool,
                            .store = ex->store,
                            .path = ex->path,
                            .site = ex->site,
                            .asker = ex->asker,
                            .rules = ex->rules,
                            .rights = ex->rights,
                            .as_status = as_status,
                            .is_get = ex->head.method != METHOD_HEAD,
                            .is_http10 = ex->head.minor == 0,
                            .accept = head_combined(&ex->head, FIELD_ACCEPT, &ex->arena),
                            .range = head_combined(&ex->head, FIELD_RANGE, &ex->arena),
                            .if_range = if_range_of(&ex->head),
                            .has_if_range = head_has(&ex->head, FIELD_IF_RANGE),
                            .query = ex->target.query,
                            .has_query = ex->target.has_query,
                            .left = &ex->is_left,
                            .is_past = ex->past.is_asked,
                            .coded.fd = -1,
                            .fd = -1};
    get_wish_read(ex, as_status, get);
    get_variant_read(ex, get);
    get->form = accept_error_form(get->accept);
    get->page_language = reader_language(ex);
    conditions_from_head(&ex->head, clock_real_s(), &ex->arena, &get->conditions);
}

static LOOP_SIDE struct get_job *get_new(struct exchange *ex, int as_status)
{
    struct get_job *get = arena_alloc(&ex->arena, sizeof(*get));

    get_init(ex, as_status, get);
    return get;
}

/* The hot cache has the file open: no job is needed. False: one is. */
static LOOP_SIDE bool get_known(struct exchange *ex)
{
    struct get_job *get = get_new(ex, 0);

    if (!(conf_sight(ex->site, ex->known->path.text, &ex->asker) & RIGHT_READ))
        return false; /* an index.html that is not for everybody who may read its folder */
    get->known = ex->known;
    get->path = ex->known->path;
    get->facts = *(const struct facts *)ex->known->facts;
    get->answer.content.fd = -1;
    get_file(get);
    arena_adopt(&ex->arena, &get->job.arena);
    if (get->has_changed)
        return false;
    ex->answer = get->answer;
    note_seen(ex, get);
    exchange_answer(ex);
    return true;
}

/* Digests, deltas and coded forms are made of whole files: long work, of which the client is told now and then. */
static LOOP_SIDE void get_submit(struct exchange *ex, struct get_job *get)
{
    bool is_long = get->wants_digests || get->im || get->dictionary.is_asked;

    get->is_slow = is_long;
    if (is_long)
        exchange_processing(ex);
    exchange_submit(ex, is_long ? LANE_SLOW : LANE_QUICK, &get->job);
}

/* More is wanted than the content and what the hot cache knows of it. */
static LOOP_SIDE bool needs_worker(const struct exchange *ex)
{
    return head_has(&ex->head, FIELD_A_IM) || head_has(&ex->head, FIELD_WANT_REPR_DIGEST) ||
           head_has(&ex->head, FIELD_WANT_CONTENT_DIGEST) || ex->rules.dictionary.is_on ||
           head_has(&ex->head, FIELD_AVAILABLE_DICTIONARY) || ex->rules.compress != COMPRESS_OFF ||
           extension_is_asked(ex, EXTENSION_INTEGRITY);
}

void get_plan(struct exchange *ex)
{
    struct get_job *get;
    struct verdict verdict;

    if (ex->known && !needs_worker(ex) && !((const struct facts *)ex->known->facts)->has_traits &&
        ex->rights & RIGHT_READ && !head_has(&ex->head, FIELD_IF) && get_known(ex))
        return;
    get = get_new(ex, 0);
    verdict = if_scope_read(ex, get_arena(get), &get->scope);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    exchange_state(ex, EXCH_ACTING);
    get_submit(ex, get);
}

void get_current_as(struct exchange *ex, int status)
{
    get_submit(ex, get_new(ex, status));
}
