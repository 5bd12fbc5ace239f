/*
 * multi.c - 207 for DELETE, COPY, MOVE and LOCK: what could not be done, each with its reason (RFC 4918 §13.2).
 *
 * Only troubles are told: no 424 for the folders above, no 201 and 204 for what went well (DAV-081, DAV-103).
 */
#include "multi.h"

#include "dav_shared.h"

enum { MULTI_BYTES_MAX = 4 << 20 }; /* of an answer; what is beyond is left out, and counted */

/* A limit on one response: two hrefs of the longest path, and elements around them. */
enum { RESPONSE_BYTES_MAX = 2 * 3 * PATH_DECODED_MAX + 1024 };

static void write_trouble(struct xml_out *xml, struct arena *arena, const struct trouble *trouble)
{
    struct slice href = SLICE_NONE;

    xml_open(xml, SLICE("response"));
    dav_href(xml, trouble->path.text, trouble->path.has_slash);
    dav_status(xml, trouble->status);
    if (trouble->is_lock)
        href = dav_href_text(arena, trouble->path.text, trouble->path.has_slash);
    if (trouble->condition.len)
        dav_error(xml, trouble->condition, &href, trouble->is_lock ? 1 : 0);
    xml_close(xml);
}

void answer_multi(struct exchange *ex, const struct trouble *list, unsigned count, uint64_t total)
{
    struct buf out = BUF_INIT(MULTI_BYTES_MAX + RESPONSE_BYTES_MAX);
    struct xml_out xml = {0};
    unsigned told = 0;

    xml_begin(&xml, &out);
    xml_open(&xml, SLICE("multistatus"));
    for (; told < count && out.len < MULTI_BYTES_MAX; told++)
        write_trouble(&xml, &ex->arena, &list[told]);
    if (told < total)
        xml_leaf(&xml, SLICE("responsedescription"),
                 arena_printf(&ex->arena, "%llu more are not listed.", (unsigned long long)(total - told)));
    xml_close(&xml);
    answer_xml(&ex->arena, &ex->answer, 207, &out);
    buf_release(&out);
    exchange_answer(ex);
}

void answer_blockers(struct exchange *ex, const struct change_guard *guard)
{
    struct trouble *list = arena_alloc(&ex->arena, guard->blockers.count * sizeof(*list));

    for (unsigned i = 0; i < guard->blockers.count; i++)
        list[i] = (struct trouble){guard->blockers.list[i].root, 423, SLICE("lock-token-submitted"), true};
    answer_multi(ex, list, guard->blockers.count, guard->blockers.count);
}

void answer_casualties(struct exchange *ex, const struct casualties *casualties)
{
    struct trouble *list = arena_alloc(&ex->arena, casualties->count * sizeof(*list));

    for (unsigned i = 0; i < casualties->count; i++) {
        struct verdict verdict = verdict_of_change(casualties->list[i].err);

        list[i] = (struct trouble){casualties->list[i].path, verdict.status, verdict.condition, false};
    }
    answer_multi(ex, list, casualties->count, casualties->total);
}

void refuse_guarded(struct exchange *ex, const struct change_guard *guard)
{
    if (guard_is_blocked_below(guard))
        answer_blockers(ex, guard);
    else
        refuse_change(ex, verdict_of_guard(guard));
}

/* ---- rights below ---- */

void rights_below_of(struct exchange *ex, struct job *job, struct rights_below *out)
{
    *out = (struct rights_below){.store = ex->store, .site = ex->site, .asker = ex->asker, .arena = &job->arena};
}

void below_add(struct rights_below *below, struct slice path, bool is_folder, int status)
{
    struct trouble *list = below->list;

    if (below->count == below->room) {
        below->room = below->room ? 2 * below->room : 8;
        list = arena_alloc(below->arena, below->room * sizeof(*list));
        if (below->count)
            memcpy(list, below->list, below->count * sizeof(*list));
        below->list = list;
    }
    list[below->count++] = (struct trouble){{path, is_folder}, status, SLICE_NONE, false};
}

unsigned rights_at(const struct rights_below *below, struct slice path)
{
    return conf_sight(below->site, path, &below->asker);
}

static bool is_there(const struct rights_below *below, struct slice path, bool *is_folder)
{
    struct facts facts;

    role_assert_worker();
    if (store_find(below->store, (struct rpath){.text = path}, &facts))
        return false;
    *is_folder = facts.kind == KIND_FOLDER;
    return true;
}

struct aliases below_aliases(const struct rights_below *below, struct slice folder)
{
    struct aliases aliases = {.count = 0};

    if (sight_counts(below->store, below->site) &&
        store_aliases(below->store, (struct rpath){.text = folder}, below->arena, &aliases))
        aliases.count = 0; /* it is not there: then nothing is below it */
    return aliases;
}

/* The folder is at `at` as well, and told of by the path that was asked for. */
static WORKER_SIDE void need_at(struct rights_below *below, struct slice folder, struct slice at, unsigned needs)
{
    char room[CONF_PATH_ROOM];

    at = conf_path(below->site, at, room);
    for (unsigned i = 0; i < below->site->place_count; i++) {
        struct slice place = below->site->places[i].path;
        bool is_folder;

        if (place.len > at.len && rpath_is_within(place, at) && (rights_at(below, place) & needs) != needs &&
            is_there(below, place, &is_folder))
            below_add(below,
                      slice_eq(at, folder) ? place
                                           : arena_printf(below->arena, "%.*s%.*s", SLICE_FMT(folder),
                                                          SLICE_FMT(slice_from(place, at.len))),
                      is_folder, 403);
    }
}

/* It has names of its own: by a DELETE or a MOVE of one nothing below it goes. */
static WORKER_SIDE bool loses_only_a_name(const struct rights_below *below, struct slice folder, unsigned needs)
{
    struct facts facts;

    return !(needs & RIGHT_LOCK) && store_find(below->store, (struct rpath){.text = folder}, &facts) == ERR_NONE &&
           facts.is_bound;
}

void rights_below_need(struct rights_below *below, struct slice folder, unsigned needs)
{
    struct aliases aliases = below_aliases(below, folder);

    need_at(below, folder, folder, needs);
    if (aliases.count && !slice_eq(aliases.list[0].text, folder) && !loses_only_a_name(below, folder, needs))
        need_at(below, folder, aliases.list[0].text, needs); /* at home */
}

void rights_below_land(struct rights_below *below, struct slice from, struct slice to, unsigned source_rights)
{
    char room[CONF_PATH_ROOM];

    to = conf_path(below->site, to, room);
    for (unsigned i = 0; i < below->site->place_count; i++) {
        struct slice at = below->site->places[i].path;
        struct slice source;
        unsigned rights;
        bool is_folder;

        if (at.len <= to.len || !rpath_is_within(at, to))
            continue;
        rights = rights_at(below, at);
        source = arena_printf(below->arena, "%.*s%.*s", SLICE_FMT(from), SLICE_FMT(slice_from(at, to.len)));
        if ((!(rights & RIGHT_DELETE) && is_there(below, at, &is_folder)) ||
            ((!(rights & RIGHT_CREATE) || (rights & RIGHT_READ & ~source_rights)) &&
             is_there(below, source, &is_folder)))
            below_add(below, at, is_folder, 403);
    }
}
