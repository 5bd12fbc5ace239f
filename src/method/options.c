/*
 * options.c - OPTIONS, and 405 for methods that are known but offered by nothing here: both need to know
 * what is at the address, to say what may be done with it.
 */
#include "method_private.h"

struct allow_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    enum err err;
    struct facts facts;
};

static void allow_act(struct job *job)
{
    struct allow_job *allow = CONTAINER(job, struct allow_job, job);

    role_assert_worker();
    allow->err = store_find(allow->store, allow->path, &allow->facts);
}

/* ---- Allow ---- */

enum { ON_FILE = 1, ON_FOLDER = 2, ON_ROOT = 4, ON_NOTHING = 8 };

/* Where a method works, and any of which rights it takes; 0: none. */
struct allowance {
    enum method method;
    unsigned on, rights;
};

static const struct allowance allowances[] = {
    {METHOD_GET, ON_FILE, RIGHT_READ},
    {METHOD_GET, ON_FOLDER | ON_ROOT, RIGHT_READ | RIGHT_LIST},
    {METHOD_HEAD, ON_FILE, RIGHT_READ},
    {METHOD_HEAD, ON_FOLDER | ON_ROOT, RIGHT_READ | RIGHT_LIST},
    {METHOD_PUT, ON_FILE, RIGHT_WRITE},
    {METHOD_PUT, ON_NOTHING, RIGHT_CREATE},
    {METHOD_PATCH, ON_FILE, RIGHT_WRITE},
    {METHOD_DELETE, ON_FILE | ON_FOLDER, RIGHT_DELETE},
    {METHOD_OPTIONS, ON_FILE | ON_FOLDER | ON_ROOT | ON_NOTHING, 0},
    {METHOD_PROPFIND, ON_FILE | ON_FOLDER | ON_ROOT, RIGHT_READ | RIGHT_LIST},
    {METHOD_PROPPATCH, ON_FILE | ON_FOLDER | ON_ROOT, RIGHT_WRITE},
    {METHOD_MKCOL, ON_NOTHING, RIGHT_CREATE},
    {METHOD_COPY, ON_FILE | ON_FOLDER, RIGHT_CREATE | RIGHT_WRITE}, /* to somewhere near, at least */
    {METHOD_MOVE, ON_FILE | ON_FOLDER, RIGHT_DELETE},
    {METHOD_LOCK, ON_FILE | ON_FOLDER | ON_ROOT, RIGHT_LOCK},
    {METHOD_LOCK, ON_NOTHING, RIGHT_LOCK},
    {METHOD_UNLOCK, ON_FILE | ON_FOLDER | ON_ROOT, RIGHT_LOCK | RIGHT_UNLOCK_ANY},
    {METHOD_REPORT, ON_FOLDER | ON_ROOT, RIGHT_READ | RIGHT_LIST},
    {METHOD_BIND, ON_FOLDER | ON_ROOT, RIGHT_BIND},
    {METHOD_UNBIND, ON_FOLDER | ON_ROOT, RIGHT_DELETE},
    {METHOD_REBIND, ON_FOLDER | ON_ROOT, RIGHT_DELETE}, /* somewhere near, at least */
};

static bool is_read_only(const struct exchange *ex)
{
    return ex->site->read_only || store_is_read_only(ex->store);
}

/* Who may not see what is there is told of all that he may try. */
static unsigned where(const struct facts *facts, bool is_root, unsigned rights)
{
    if (!(rights & (RIGHT_READ | RIGHT_LIST)) && !is_root)
        return ON_FILE | ON_FOLDER | ON_NOTHING;
    return !facts ? ON_NOTHING : facts->kind == KIND_FILE ? ON_FILE : is_root ? ON_ROOT : ON_FOLDER;
}

/* Beside what it needs here or elsewhere: the source of a COPY, the base of a delta. */
static bool takes_reading(enum method method)
{
    return method == METHOD_COPY || method == METHOD_PATCH;
}

/* RFC 5789 §3.1 */
static LOOP_SIDE void answer_accept_patch(struct exchange *ex, const struct facts *facts)
{
    if (facts && facts->kind == KIND_FILE && !is_read_only(ex) && !(~ex->rights & (RIGHT_READ | RIGHT_WRITE)))
        answer_field(&ex->arena, &ex->answer, SLICE("Accept-Patch"), SLICE(PATCH_TYPES));
}

struct slice allow_field(struct arena *arena, const struct facts *facts, bool is_root, unsigned rights)
{
    unsigned on = where(facts, is_root, rights);
    struct buf out = BUF_INIT(512);
    struct slice text;

    for (size_t i = 0; i < sizeof(allowances) / sizeof(allowances[0]); i++) {
        const struct allowance *row = &allowances[i];

        if (!(row->on & on) || (row->rights && !(row->rights & rights)))
            continue;
        if (!(rights & RIGHT_READ) && takes_reading(row->method))
            continue;
        if (out.len)
            buf_add_str(&out, ", ");
        buf_add(&out, method_name(row->method));
    }
    text = arena_slice(arena, buf_slice(&out));
    buf_release(&out);
    return text;
}

void answer_allow(struct exchange *ex, const struct facts *facts)
{
    unsigned rights = is_read_only(ex) ? ex->rights & (RIGHT_READ | RIGHT_LIST) : ex->rights;
    struct slice allow = allow_field(&ex->arena, facts, rpath_is_root(ex->path), rights);

    if (conf_pots(ex->site, ex->path.text).kind == POT_COLLECTION) /* the site's folder is both */
        allow = arena_printf(&ex->arena, "%.*s, BREW, POST", SLICE_FMT(allow));
    answer_field(&ex->arena, &ex->answer, SLICE("Allow"), allow);
}

/* ---- DAV (RFC 4918 §10.1) ---- */

/*
 * Somewhere here this user may lock. Clients ask once, of what they mount, and mount it read-only where there is no
 * class 2; so what counts is not this one path. Who did not log in yet may turn out to be anybody.
 */
static bool has_locks(const struct exchange *ex)
{
    if (is_read_only(ex))
        return false;
    if (ex->rights & RIGHT_LOCK || (slice_is_empty(ex->asker.user) && ex->users))
        return true;
    for (unsigned i = 0; i < ex->site->place_count; i++)
        if (conf_rights(ex->site, ex->site->places[i].path, &ex->asker) & RIGHT_LOCK)
            return true;
    return false;
}

/* MS-Author-Via makes Microsoft's clients use WebDAV rather than an older protocol of theirs. */
void answer_classes(struct exchange *ex)
{
    bool is_locking = has_locks(ex);

    /*
     * RFC 5689 §3.1: whoever can make folders is told that they may have properties from the start. RFC 5842 §8.1 wants
     * "bind" on every resource.
     */
    answer_field(&ex->arena, &ex->answer, SLICE("DAV"),
                 is_locking         ? SLICE("1, 2, 3, extended-mkcol, bind")
                 : is_read_only(ex) ? SLICE("1, 3, bind")
                                    : SLICE("1, 3, extended-mkcol, bind"));
    answer_field(&ex->arena, &ex->answer, SLICE("MS-Author-Via"), SLICE("DAV"));
}

static LOOP_SIDE void answer_options(struct exchange *ex)
{
    ex->answer.status = 200;
    ex->answer.content = (struct content){.kind = CONTENT_PIECES, .fd = -1}; /* Content-Length: 0 */
    exchange_answer(ex);
}

static void allow_done(struct job *job)
{
    struct allow_job *allow = CONTAINER(job, struct allow_job, job);
    struct exchange *ex = allow->ex;
    bool is_there = allow->err == ERR_NONE;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    if (ex->head.method == METHOD_OPTIONS) {
        answer_allow(ex, is_there ? &allow->facts : NULL);
        answer_accept_patch(ex, is_there ? &allow->facts : NULL);
        answer_classes(ex);
        answer_options(ex);
    } else if (!is_there && ex->head.method != METHOD_TRACE && ex->rights & (RIGHT_READ | RIGHT_LIST)) {
        exchange_refuse(ex, verdict_of_read(allow->err));
    } else if (is_there && ex->head.method == METHOD_PATCH && allow->facts.kind == KIND_FILE) {
        exchange_refuse(ex, patch_judge(ex));
    } else {
        answer_allow(ex, is_there ? &allow->facts : NULL);
        exchange_refuse(ex,
                        VERDICT(405, "This resource does not offer this method; the field Allow says what it does."));
    }
}

static LOOP_SIDE void find_out(struct exchange *ex)
{
    struct allow_job *allow = arena_alloc(&ex->arena, sizeof(*allow));

    *allow = (struct allow_job){
        .job = {.act = allow_act, .done = allow_done}, .ex = ex, .store = ex->store, .path = ex->path};
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_QUICK, &allow->job);
}

#define METHODS_HERE                                                                                                   \
    "GET, HEAD, PUT, PATCH, DELETE, OPTIONS, PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, LOCK, UNLOCK, REPORT, BIND, "     \
    "UNBIND, REBIND"

void options_plan(struct exchange *ex)
{
    if (!ex->target.is_server_wide) {
        find_out(ex);
        return;
    }
    answer_field(&ex->arena, &ex->answer, SLICE("Allow"),
                 ex->conf->has_pots ? SLICE(METHODS_HERE ", BREW, POST, WHEN") : SLICE(METHODS_HERE));
    answer_classes(ex);
    answer_options(ex);
}

void elsewhere_plan(struct exchange *ex)
{
    if (ex->head.method == METHOD_TRACE && ex->framing.kind != BODY_NONE) {
        exchange_refuse(ex, VERDICT(400, "TRACE has no content."));
        return;
    }
    find_out(ex);
}
