/*
 * pending.c - what the door promises and no file does yet.
 */
#include "dav/dav.h"

struct verdict dav_read_propfind(struct slice body, struct arena *arena, struct propfind_body *out)
{
    return VERDICT(501, "Not yet.");
}

struct verdict dav_read_propertyupdate(struct slice body, struct arena *arena, struct propertyupdate_body *out)
{
    return VERDICT(501, "Not yet.");
}

struct verdict dav_read_mkcol(struct slice body, struct arena *arena, struct propertyupdate_body *out)
{
    return VERDICT(501, "Not yet.");
}

struct verdict dav_read_lockinfo(struct slice body, struct arena *arena, struct lockinfo_body *out)
{
    return VERDICT(501, "Not yet.");
}

struct verdict dav_read_report(struct slice body, struct arena *arena, struct report_body *out)
{
    return VERDICT(501, "Not yet.");
}

void dav_propstats(struct xml_out *xml, const struct prop_view *view, const struct propfind_body *body, bool is_minimal)
{
}

void dav_lockdiscovery(struct xml_out *xml, const struct write_lock *locks, unsigned count, struct slice user,
                       bool hides_lockroot)
{
}

enum prop_rule dav_prop_rule(struct prop_name name)
{
    return 0;
}

void dav_href(struct xml_out *xml, struct slice path, bool is_folder)
{
}

void dav_status(struct xml_out *xml, int status)
{
}

void dav_error(struct xml_out *xml, struct slice condition, const struct slice *hrefs, unsigned count)
{
}

struct slice dav_href_text(struct arena *arena, struct slice path, bool is_folder)
{
    return SLICE_NONE;
}
