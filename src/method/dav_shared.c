/*
 * dav_shared.c - see dav_shared.h.
 */
#include "dav_shared.h"

#include <stdlib.h>

#include "http/field.h"

#define XML_TYPE SLICE("application/xml; charset=\"utf-8\"")

/* ---- requests ---- */

/* What JavaScript says of every text; the npm package webdav leaves it at that in its LOCK. */
static bool is_xml_called_text(const struct exchange *ex, struct slice type, struct slice body)
{
    return ex->head.method == METHOD_LOCK && slice_eq_nocase(type, SLICE("text/plain")) &&
           slice_starts(body, SLICE("<"));
}

/* What curl --data says of whatever it sends. Not for MKCOL, where a type has a say in what is made (RFC 4918 §9.3). */
static bool is_xml_called_form(const struct exchange *ex, struct slice type, struct slice body)
{
    return ex->head.method != METHOD_MKCOL && slice_eq_nocase(type, SLICE("application/x-www-form-urlencoded")) &&
           slice_starts(body, SLICE("<"));
}

struct verdict xml_body_judge(const struct exchange *ex, struct slice body)
{
    struct slice type = head_value(&ex->head, FIELD_CONTENT_TYPE);

    if (!body.len)
        return GO_ON;
    if (head_has(&ex->head, FIELD_CONTENT_ENCODING))
        return VERDICT(415, "The XML has to come without Content-Encoding.");
    type = slice_trim(slice_upto(type, slice_index(type, ';')));
    if (!type.len || slice_eq_nocase(type, SLICE("application/xml")) || slice_eq_nocase(type, SLICE("text/xml")) ||
        is_xml_called_text(ex, type, body) || is_xml_called_form(ex, type, body))
        return GO_ON;
    return VERDICT(415, "This method takes application/xml or text/xml.");
}

bool wants_minimal(const struct head *head)
{
    struct slice brief;

    return prefer_of(head).is_minimal ||
           (head_find(head, SLICE("Brief"), &brief) && slice_eq_nocase(slice_trim(brief), SLICE("t")));
}

bool breaks_on_lockroot(const struct head *head)
{
    struct slice agent = head_value(head, FIELD_USER_AGENT);

    return slice_starts_nocase(agent, SLICE("Microsoft Data Access Internet Publishing Provider")) ||
           slice_starts_nocase(agent, SLICE("Microsoft-WebDAV-MiniRedir/5."));
}

struct verdict dav_fields_judge(struct exchange *ex, struct slice body, struct arena *arena, struct if_scope *scope)
{
    struct verdict verdict = xml_body_judge(ex, body);

    if (depth_of(&ex->head) == DEPTH_BAD)
        return VERDICT(400, "Depth has to be 0, 1 or infinity.");
    return verdict.status ? verdict : if_scope_read(ex, arena, scope);
}

struct multistatus_options multistatus_options_of(const struct exchange *ex, const struct prop_plan *plan)
{
    return (struct multistatus_options){.store = ex->store,
                                        .site = ex->site,
                                        .path = ex->path,
                                        .asker = ex->asker,
                                        .hides_lockroot = breaks_on_lockroot(&ex->head),
                                        .plan = plan};
}

/* ---- answers ---- */

void add_dav_fields(struct arena *arena, struct answer *answer)
{
    answer_field(arena, answer, SLICE("Cache-Control"), SLICE("no-cache"));
    answer_field(arena, answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    answer_field(arena, answer, SLICE("Vary"), SLICE("Prefer, Brief"));
}

void answer_xml(struct arena *arena, struct answer *answer, int status, const struct buf *text)
{
    answer->status = status;
    add_dav_fields(arena, answer);
    answer_bytes(arena, answer, XML_TYPE, arena_slice(arena, buf_slice(text)));
}

void add_preference(struct arena *arena, struct answer *answer, bool is_minimal, bool is_noroot)
{
    if (!is_minimal && !is_noroot)
        return;
    answer_field(arena, answer, SLICE("Preference-Applied"),
                 is_minimal && is_noroot ? SLICE("return=minimal, depth-noroot")
                 : is_minimal            ? SLICE("return=minimal")
                                         : SLICE("depth-noroot"));
}

void add_folder_location(struct arena *arena, struct answer *answer, struct rpath path, const struct facts *facts)
{
    if (facts->kind == KIND_FOLDER && !path.has_slash && !rpath_is_root(path))
        answer_field(arena, answer, SLICE("Content-Location"), dav_href_text(arena, path.text, true));
}

/* ---- a multistatus as content ---- */

struct multi_content {
    struct multistatus *multi;
    struct slice first; /* made before the head was sent */
};

static enum err multi_content_fill(struct content *content, struct buf *out, bool *done)
{
    struct multi_content *of = content->context;

    role_assert_worker();
    if (!of->first.len)
        return multistatus_fill(of->multi, out, done);
    *done = false;
    if (of->first.len > out->max - out->len)
        return ERR_TOO_LARGE;
    buf_add(out, of->first);
    of->first = SLICE_NONE;
    return ERR_NONE;
}

/* A walk that was left has folders open, and to close them is a worker's work. It outlives the exchange. */
struct multi_closing {
    struct job job;
    struct multistatus *multi;
};

static void multi_close(struct job *job)
{
    role_assert_worker();
    multistatus_close(CONTAINER(job, struct multi_closing, job)->multi);
}

static void multi_closed(struct job *job)
{
    free(CONTAINER(job, struct multi_closing, job));
}

static void multi_content_close(struct content *content)
{
    struct multi_content *of = content->context;
    struct multi_closing *closing = xcalloc(1, sizeof(*closing));

    *closing = (struct multi_closing){{.home = content->home, .act = multi_close, .done = multi_closed}, of->multi};
    pool_submit(content->pool, LANE_QUICK, &closing->job);
}

static const struct content_ops multi_content_ops = {.fill = multi_content_fill, .close = multi_content_close};

static void stream_of(struct arena *arena, struct answer *answer, struct multistatus *multi, struct slice first)
{
    struct multi_content *of = arena_alloc(arena, sizeof(*of));

    *of = (struct multi_content){multi, first};
    answer->content = (struct content){.kind = CONTENT_STREAM, .ops = &multi_content_ops, .context = of, .fd = -1};
    answer_field(arena, answer, SLICE("Content-Type"), XML_TYPE);
}

bool answer_multistatus(struct arena *arena, struct answer *answer, struct multistatus *multi, enum err *err)
{
    struct buf first = BUF_INIT(MULTISTATUS_FILL_MAX);
    struct slice text;
    bool done = false;

    *err = multistatus_fill(multi, &first, &done);
    text = arena_slice(arena, buf_slice(&first));
    buf_release(&first);
    if (*err || done)
        multistatus_close(multi);
    if (*err)
        return false;
    answer->status = 207;
    add_dav_fields(arena, answer);
    if (done)
        answer_bytes(arena, answer, XML_TYPE, text);
    else
        stream_of(arena, answer, multi, text);
    return true;
}

static void known_text_close(struct content *content)
{
    multistatus_close(content->context);
}

static const struct content_ops known_text_ops = {.close = known_text_close};

void answer_known_text(struct arena *arena, struct answer *answer, struct multistatus *multi, size_t expected)
{
    add_dav_fields(arena, answer);
    answer_bytes(arena, answer, XML_TYPE, multistatus_known_text(multi, expected));
    answer->content.ops = &known_text_ops;
    answer->content.context = multi;
}

/* ---- judging without changing ---- */

static bool probe_holds(void *arg, const struct facts *now, struct write_locks *locks)
{
    struct probe *probe = arg;
    struct guard guard = change_guard(probe->guard);

    probe->has_passed = guard.holds(guard.arg, now, locks);
    return false;
}

struct guard probe_guard(struct probe *probe)
{
    return (struct guard){probe_holds, probe};
}
