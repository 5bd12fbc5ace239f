/*
 * live.c - the table of live properties, and how each is written.
 *
 * Written for each member of each listing, so tags are constants and nothing goes through printf.
 */
#include "live.h"

#include "base/clock.h"
#include "http/date.h"
#include "http/etag.h"
#include "http/negotiate.h"
#include "http/uri.h"
#include "repr/repr.h"

static int64_t seconds_of(int64_t ns)
{
    return ns > 0 ? ns / 1000000000 : 0; /* dates before 1970 end a macOS mount */
}

/* ---- RFC 4918 ---- */

static bool write_resourcetype(struct xml_out *xml, const struct prop_view *view)
{
    if (view->facts->kind == KIND_FOLDER)
        buf_add(xml->out, SLICE("<D:collection/>"));
    return true;
}

static char *two_digits(char *out, unsigned value)
{
    out[0] = (char)('0' + value / 10 % 10);
    out[1] = (char)('0' + value % 10);
    return out + 2;
}

/* "2026-01-02T03:04:05Z" (RFC 3339). */
static bool write_creationdate(struct xml_out *xml, const struct prop_view *view)
{
    struct civil civil = date_civil(seconds_of(view->facts->born_ns ? view->facts->born_ns : view->facts->modified_ns));
    char text[20], *at = text;

    at = two_digits(at, (unsigned)civil.year / 100);
    at = two_digits(at, (unsigned)civil.year % 100);
    *at++ = '-';
    at = two_digits(at, civil.month);
    *at++ = '-';
    at = two_digits(at, civil.day);
    *at++ = 'T';
    at = two_digits(at, civil.hour);
    *at++ = ':';
    at = two_digits(at, civil.minute);
    *at++ = ':';
    at = two_digits(at, civil.second);
    *at++ = 'Z';
    buf_add(xml->out, slice_of(text, (size_t)(at - text)));
    return true;
}

static bool write_getcontentlength(struct xml_out *xml, const struct prop_view *view)
{
    buf_add_u64(xml->out, view->facts->size);
    return true;
}

static bool write_getcontenttype(struct xml_out *xml, const struct prop_view *view)
{
    if (view->traits && view->traits->type.len)
        xml_text(xml, view->traits->type);
    else
        xml_text(xml, media_type(rpath_leaf((struct rpath){.text = view->path})));
    return true;
}

static bool exists_getcontentlanguage(const struct prop_view *view)
{
    return view->traits && view->traits->language.len;
}

static bool write_getcontentlanguage(struct xml_out *xml, const struct prop_view *view)
{
    xml_text(xml, view->traits->language);
    return true;
}

/* GET of a type map gives variants, whose tags are others: a program that compares would load it again and again. */
static bool is_negotiable(const struct prop_view *view)
{
    return view->site && view->site->has_variants && name_is_map(rpath_leaf((struct rpath){.text = view->path})) &&
           conf_rules(view->site, view->path).negotiate;
}

static bool exists_getetag(const struct prop_view *view)
{
    return view->facts->tag_len != 0 && !is_negotiable(view);
}

static bool write_getetag(struct xml_out *xml, const struct prop_view *view)
{
    struct validators validators = {.exists = true, .tag = facts_tag(view->facts), .is_weak = view->facts->is_weak};

    etag_write(xml->out, &validators); /* letters and digits between the quotes: nothing to escape */
    return true;
}

/* As GET sends it: not below the floor (CND-09), not in the future (CND-10). */
static bool write_getlastmodified(struct xml_out *xml, const struct prop_view *view)
{
    int64_t at = seconds_of(view->facts->modified_ns), now = clock_real_s();
    char text[DATE_LEN];

    if (view->traits && view->traits->floor_s > at)
        at = view->traits->floor_s;
    date_format(at < now ? at : now, text);
    buf_add(xml->out, slice_of(text, DATE_LEN));
    return true;
}

static bool write_lockdiscovery(struct xml_out *xml, const struct prop_view *view)
{
    for (unsigned i = 0; i < view->lock_count; i++)
        if (view->has_own_locks || write_lock_is_over(&view->locks[i], view->path))
            activelock_add(xml, &view->locks[i], view->user, view->hides_lockroot);
    return true;
}

/* True for this user: some clients open a file for reading only where nothing can be locked. */
static bool write_supportedlock(struct xml_out *xml, const struct prop_view *view)
{
    if (view->rights & RIGHT_LOCK && !view->is_read_only)
        buf_add(xml->out, SLICE("<D:lockentry><D:lockscope><D:exclusive/></D:lockscope>"
                                "<D:locktype><D:write/></D:locktype></D:lockentry>"
                                "<D:lockentry><D:lockscope><D:shared/></D:lockscope>"
                                "<D:locktype><D:write/></D:locktype></D:lockentry>"));
    return true;
}

/* ---- quota (RFC 4331) ---- */

static bool quota_of(const struct prop_view *view, struct quota *quota)
{
    role_assert_worker();
    if (view->quota) {
        *quota = *view->quota;
        return true;
    }
    return store_quota(view->store, (struct rpath){.text = view->path, .has_slash = true}, quota) == ERR_NONE;
}

static bool write_available(struct xml_out *xml, const struct prop_view *view)
{
    struct quota quota;

    if (!quota_of(view, &quota))
        return false;
    buf_add_u64(xml->out, quota.available);
    return true;
}

static bool write_used(struct xml_out *xml, const struct prop_view *view)
{
    struct quota quota;

    if (!quota_of(view, &quota))
        return false;
    buf_add_u64(xml->out, quota.used);
    return true;
}

/* DAV:quota, from before RFC 4331: all that there is, used or not. Finder still asks. */
static bool write_quota(struct xml_out *xml, const struct prop_view *view)
{
    struct quota quota;

    if (!quota_of(view, &quota))
        return false;
    buf_add_u64(xml->out, quota.used > UINT64_MAX - quota.available ? UINT64_MAX : quota.used + quota.available);
    return true;
}

/* ---- reports ---- */

static bool write_supported_report_set(struct xml_out *xml, const struct prop_view *view)
{
    (void)view;
    buf_add(xml->out, SLICE("<D:supported-report><D:report><D:sync-collection/></D:report></D:supported-report>"));
    return true;
}

static bool write_sync_token(struct xml_out *xml, const struct prop_view *view)
{
    char mark[80];

    role_assert_worker();
    if (store_mark(view->store, (struct rpath){.text = view->path, .has_slash = true}, mark))
        return false;
    buf_add(xml->out, DAV_SYNC_PREFIX);
    buf_add_str(xml->out, mark);
    return true;
}

/* ---- bindings (RFC 5842 §3) ---- */

static void add_uuid(struct buf *out, const unsigned char id[16])
{
    static const char digits[] = "0123456789abcdef";
    char text[36], *at = text;

    for (unsigned i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[id[i] >> 4];
        *at++ = digits[id[i] & 15];
    }
    buf_add(out, slice_of(text, sizeof(text)));
}

static bool write_resource_id(struct xml_out *xml, const struct prop_view *view)
{
    unsigned char own[16];
    const unsigned char *id = view->id ? view->id : own;

    role_assert_worker();
    if (!view->id && store_id(view->store, (struct rpath){.text = view->path}, own))
        return false;
    buf_add(xml->out, SLICE("<D:href>urn:uuid:"));
    add_uuid(xml->out, id);
    buf_add(xml->out, SLICE("</D:href>"));
    return true;
}

/* Of a folder that he may not look into he is not told that this is in it (RFC 5842 §12.4). */
static WORKER_SIDE bool is_parent_seen(const struct prop_view *view, const struct binding *binding, struct arena *arena)
{
    struct slice folder = binding->folder.text;
    struct slice path =
        folder.len ? arena_printf(arena, "%.*s/%.*s", SLICE_FMT(folder), SLICE_FMT(binding->name)) : binding->name;

    return !sight_denies(view->sight->site, path) &&
           sight_rights(view->sight, folder, true) & (RIGHT_READ | RIGHT_LIST) &&
           sight_rights(view->sight, path, true) & (RIGHT_READ | RIGHT_LIST);
}

static bool write_parent_set(struct xml_out *xml, const struct prop_view *view)
{
    struct arena arena = {0};
    struct binding *bindings;
    unsigned count;
    enum err err;

    role_assert_worker();
    if (!view->sight)
        return false;
    err = store_bindings(view->store, (struct rpath){.text = view->path}, &arena, &bindings, &count);
    for (unsigned i = 0; !err && i < count; i++) {
        if (!is_parent_seen(view, &bindings[i], &arena))
            continue;
        buf_add(xml->out, SLICE("<D:parent>"));
        dav_href(xml, bindings[i].folder.text, true);
        buf_add(xml->out, SLICE("<D:segment>"));
        href_encode_segment(xml->out, bindings[i].name);
        buf_add(xml->out, SLICE("</D:segment></D:parent>"));
    }
    arena_release(&arena);
    return !err;
}

/* ---- others' namespaces ---- */

static bool write_executable(struct xml_out *xml, const struct prop_view *view)
{
    buf_add(xml->out, view->facts->mode & 0100 ? SLICE("T") : SLICE("F"));
    return true;
}

static bool exists_checksums(const struct prop_view *view)
{
    return view->traits && view->traits->checksums.len;
}

static bool write_checksums(struct xml_out *xml, const struct prop_view *view)
{
    buf_add(xml->out, SLICE("<oc:checksum>"));
    xml_text(xml, view->traits->checksums);
    buf_add(xml->out, SLICE("</oc:checksum>"));
    return true;
}

/* ---- the table ---- */

#define DAV_NAME(local_name)                                                                                           \
    .space = SLICE_INIT("DAV:"), .local = SLICE_INIT(local_name), .open = SLICE_INIT("<D:" local_name ">"),            \
    .close = SLICE_INIT("</D:" local_name ">"), .empty = SLICE_INIT("<D:" local_name "/>")
#define OTHER_NAME(prefix, space_name, local_name)                                                                     \
    .space = SLICE_INIT(space_name), .local = SLICE_INIT(local_name),                                                  \
    .open = SLICE_INIT("<" prefix ":" local_name " xmlns:" prefix "=\"" space_name "\">"),                             \
    .close = SLICE_INIT("</" prefix ":" local_name ">"),                                                               \
    .empty = SLICE_INIT("<" prefix ":" local_name " xmlns:" prefix "=\"" space_name "\"/>")
#define BOTH .on_files = true, .on_folders = true
#define FILES .on_files = true
#define FOLDERS .on_folders = true
#define ALLPROP .in_allprop = true
#define OF_NOW .is_of_now = true

const struct live live_table[] = {
    {DAV_NAME("resourcetype"), BOTH, ALLPROP, .rule = PROP_RESOURCETYPE, .write = write_resourcetype},
    {DAV_NAME("creationdate"), BOTH, ALLPROP, .rule = PROP_PROTECTED, .write = write_creationdate},
    {DAV_NAME("getcontentlength"), FILES, ALLPROP, .rule = PROP_PROTECTED, .write = write_getcontentlength},
    {DAV_NAME("getcontenttype"), FILES, ALLPROP, .needs_traits = true, .rule = PROP_TYPE,
     .write = write_getcontenttype},
    {DAV_NAME("getcontentlanguage"), FILES, ALLPROP, .needs_traits = true, .rule = PROP_LANGUAGE,
     .exists = exists_getcontentlanguage, .write = write_getcontentlanguage},
    {DAV_NAME("getetag"), BOTH, ALLPROP, .rule = PROP_PROTECTED, .exists = exists_getetag, .write = write_getetag},
    {DAV_NAME("getlastmodified"), BOTH, ALLPROP, .needs_traits = true, .rule = PROP_PROTECTED,
     .write = write_getlastmodified},
    {DAV_NAME("lockdiscovery"), BOTH, ALLPROP, .needs_locks = true, .rule = PROP_PROTECTED,
     .write = write_lockdiscovery},
    {DAV_NAME("supportedlock"), BOTH, ALLPROP, .rule = PROP_PROTECTED, .write = write_supportedlock},
    {OTHER_NAME("A", "http://apache.org/dav/props/", "executable"), FILES, ALLPROP, OF_NOW, .rule = PROP_EXECUTABLE,
     .write = write_executable},
    {OTHER_NAME("oc", "http://owncloud.org/ns", "checksums"), FILES, ALLPROP, .needs_traits = true,
     .rule = PROP_PROTECTED, .exists = exists_checksums, .write = write_checksums},
    {DAV_NAME("quota-available-bytes"), FOLDERS, OF_NOW, .needs_store = true, .rule = PROP_PROTECTED,
     .write = write_available},
    {DAV_NAME("quota-used-bytes"), FOLDERS, OF_NOW, .needs_store = true, .rule = PROP_PROTECTED, .write = write_used},
    {DAV_NAME("quota"), FOLDERS, OF_NOW, .needs_store = true, .rule = PROP_PROTECTED, .write = write_quota},
    {DAV_NAME("quotaused"), FOLDERS, OF_NOW, .needs_store = true, .rule = PROP_PROTECTED, .write = write_used},
    {DAV_NAME("supported-report-set"), FOLDERS, OF_NOW, .rule = PROP_PROTECTED, .write = write_supported_report_set},
    {DAV_NAME("resource-id"), BOTH, OF_NOW, .needs_store = true, .needs_id = true, .rule = PROP_PROTECTED,
     .write = write_resource_id},
    {DAV_NAME("parent-set"), BOTH, OF_NOW, .needs_store = true, .rule = PROP_PROTECTED, .write = write_parent_set},
    {DAV_NAME("sync-token"), FOLDERS, OF_NOW, .needs_store = true, .rule = PROP_PROTECTED, .write = write_sync_token},
};
const unsigned live_count = sizeof(live_table) / sizeof(live_table[0]);

const struct live *live_find(struct slice space, struct slice local)
{
    for (unsigned i = 0; i < live_count; i++)
        if (slice_eq(live_table[i].local, local) && slice_eq(live_table[i].space, space))
            return &live_table[i];
    return NULL;
}

bool live_exists(const struct live *live, const struct prop_view *view)
{
    if (!(view->facts->kind == KIND_FOLDER ? live->on_folders : live->on_files) || (view->is_past && live->is_of_now))
        return false;
    return !live->exists || live->exists(view);
}

bool live_write(const struct live *live, struct xml_out *xml, const struct prop_view *view)
{
    struct buf *out = xml->out;
    size_t start = out->len, inside;

    if (!live_exists(live, view))
        return false;
    buf_add(out, live->open);
    inside = out->len;
    if (!live->write(xml, view)) {
        out->len = start;
        return false;
    }
    if (out->len > inside) {
        buf_add(out, live->close);
    } else {
        out->len = start;
        buf_add(out, live->empty);
    }
    return true;
}

enum prop_rule dav_prop_rule(struct prop_name name)
{
    const struct live *live = live_find(name.space, name.local);

    return live ? live->rule : PROP_DEAD;
}
