/*
 * versions_get.c - GET and HEAD of what files were: an earlier content, those of a file as a page, or a folder.
 *
 * An earlier content is answered like a file, by get_file(). That the history lets go of it meanwhile cuts nothing off:
 * its descriptor is open. Who had the file open when it was replaced may still write to it, so it is compared as a
 * file's is; it is not looked at anew then, since it is not what was recorded any more.
 */
#include "get_private.h"
#include "repr/versions.h"
#include "versions_private.h"

struct versions_job {
    struct get_job get;
    struct past past;
    bool can_restore;
};

static void to_slash(struct versions_job *job)
{
    struct get_job *get = &job->get;
    struct refusal refusal = {.verdict = VERDICT(308, "This is a collection: its address ends in a slash."),
                              .form = get->form,
                              .language = get->page_language};

    refusal.verdict.link =
        uri_with_query(get_arena(get), versions_collection(get_arena(get), get->path.text, job->past.number),
                       get->has_query, get->query);
    refusal_build(get_arena(get), &get->answer, &refusal);
    get_add(get, SLICE("Location"), refusal.verdict.link);
    get_add(get, SLICE("Cache-Control"), SLICE("no-cache"));
}

/* ---- a content ---- */

/* RFC 5829: where the others are, and what it is now. */
static void add_links(struct versions_job *job)
{
    struct arena *arena = get_arena(&job->get);
    struct slice all = versions_collection(arena, job->get.path.text, 0);
    struct slice now = dav_href_text(arena, job->get.path.text, false);

    get_add(&job->get, SLICE("Link"),
            arena_printf(arena, "<%.*s>; rel=\"version-history\", <%.*s>; rel=\"latest-version\"", SLICE_FMT(all),
                         SLICE_FMT(now)));
}

static WORKER_SIDE void one_act(struct versions_job *job)
{
    struct get_job *get = &job->get;
    enum err err = store_version_open(get->store, get->path, job->past.number, &get->fd, &get->facts);

    if (err == ERR_IS_FOLDER) { /* of which that is a member, if it is there */
        to_slash(job);
        return;
    }
    if (!(get->rights & RIGHT_READ)) {
        get->lacks = RIGHT_READ;
    } else if (err) {
        get_refuse(get, err == ERR_MISSING ? VERDICT(404, "There is no earlier content with this number.")
                                           : verdict_of_read(err));
    } else if (!if_scope_holds(&get->scope, &get->facts, NULL)) {
        get_refuse(get, verdict_of_if());
    } else {
        get_file(get);
        if (get->answer.status == 200 || get->answer.status == 206)
            add_links(job);
    }
}

/* ---- pages ---- */

static WORKER_SIDE void list_versions(struct versions_job *job)
{
    struct get_job *get = &job->get;
    struct version_list found;
    struct versions_page page = {.path = get->path, .versions = &found, .can_restore = job->can_restore};
    struct buf text = BUF_INIT(VERSIONS_PAGE_MAX);
    enum err err;

    if (!get_page_judge(get))
        return;
    err = store_versions(get->store, get->path, get_arena(get), &found);
    if (err) {
        get_refuse(get, verdict_of_read(err));
        return;
    }
    page.form = accept_error_form(get->accept) == FORM_JSON ? LISTING_JSON : LISTING_HTML;
    page.language = get->page_language;
    versions_page(&page, &text);
    answer_bytes(get_arena(get), &get->answer, listing_type(page.form), arena_slice(get_arena(get), buf_slice(&text)));
    get_page_fields(get, page.form);
    buf_release(&text);
}

/* A file, too, is a collection here, which has no tag: its own says nothing of what it was. */
static WORKER_SIDE bool holds(struct get_job *get)
{
    struct facts facts = get->facts;

    facts.kind = KIND_FOLDER;
    facts.tag_len = 0;
    return if_scope_holds(&get->scope, &facts, NULL);
}

static WORKER_SIDE void collection_act(struct versions_job *job)
{
    struct get_job *get = &job->get;
    enum err err = store_open_file(get->store, get->path, &get->fd, &get->facts);
    unsigned needed = !err && get->facts.kind == KIND_FOLDER ? RIGHT_LIST : RIGHT_READ;

    if (err)
        get_refuse(get, verdict_of_read(err));
    else if (!(get->rights & needed))
        get->lacks = needed;
    else if (!job->past.has_slash)
        to_slash(job);
    else if (!holds(get))
        get_refuse(get, verdict_of_if());
    else if (get->facts.kind == KIND_FOLDER)
        get_listing(get);
    else
        list_versions(job);
}

/* ---- the job ---- */

static void versions_act(struct job *base)
{
    struct versions_job *job = CONTAINER(base, struct versions_job, get.job);
    struct get_job *get = &job->get;

    role_assert_worker();
    get->answer.content.fd = -1;
    if (job->past.number)
        one_act(job);
    else
        collection_act(job);
    if (get->fd >= 0)
        store_close_file(get->store, get->fd, &get->facts);
}

static void versions_done(struct job *base)
{
    struct get_job *get = &CONTAINER(base, struct versions_job, get.job)->get;
    struct exchange *ex = get->ex;
    struct answer answer = get->answer;

    role_assert_loop();
    answer.must_close |= ex->answer.must_close;
    ex->answer = answer; /* first: if the client left, its content must be given back with the exchange */
    if (!exchange_home(ex, base))
        return;
    if (get->lacks)
        get_refuse_for_want(ex, get->lacks);
    else
        exchange_answer(ex);
}

void versions_get(struct exchange *ex)
{
    struct versions_job *job = arena_alloc(&ex->arena, sizeof(*job));
    struct verdict verdict;

    get_init(ex, 0, &job->get);
    job->past = ex->past;
    job->can_restore = ex->rights & RIGHT_WRITE && !ex->site->read_only && !store_is_read_only(ex->store);
    job->get.job.act = versions_act;
    job->get.job.done = versions_done;
    verdict = if_scope_read(ex, get_arena(&job->get), &job->get.scope);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, job->get.wants_digests ? LANE_SLOW : LANE_QUICK, &job->get.job);
}
