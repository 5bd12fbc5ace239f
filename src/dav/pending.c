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
