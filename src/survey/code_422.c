/*
 * code_422.c - Unprocessable Content (RFC 9110 15.5.21; docs/spec/webdav.md 16): well-formed, and makes no sense.
 */
#include "locks.h"

#define XML_TYPE "Content-Type: application/xml\r\n"

static void plan_reads(struct surveyor *surveyor, struct slice path)
{
    ask_with(surveyor, "both", "PROPFIND", path,
             SLICE("<D:propfind xmlns:D=\"DAV:\"><D:prop><D:getetag/></D:prop><D:propname/></D:propfind>"),
             "Depth: 0\r\n" XML_TYPE);
    ask_with(surveyor, "root", "PROPFIND", path, SLICE("<D:lockinfo xmlns:D=\"DAV:\"/>"), "Depth: 0\r\n" XML_TYPE);
    ask_with(surveyor, "malformed", "PROPFIND", path, SLICE("<D:propfind xmlns:D=\"DAV:\"><D:prop>"),
             "Depth: 0\r\n" XML_TYPE);
    ask_with(surveyor, "sound", "PROPFIND", path,
             SLICE("<D:propfind xmlns:D=\"DAV:\"><D:prop><D:resourcetype/></D:prop></D:propfind>"),
             "Depth: 0\r\n" XML_TYPE);
}

static void plan_writes(struct surveyor *surveyor)
{
    struct slice path = work_path(surveyor, "422.txt");

    ask_with(surveyor, "put", "PUT", path, SLICE("what stays"), "%s", "");
    ask_with(surveyor, "patch", "PROPPATCH", path,
             SLICE("<D:propfind xmlns:D=\"DAV:\"><D:set><D:prop><x:a xmlns:x=\"urn:samovar:survey\">1</x:a></D:prop>"
                   "</D:set></D:propfind>"),
             XML_TYPE);
    token_note(surveyor,
               ask_with(surveyor, "lock", "LOCK", path,
                        SLICE("<D:lockinfo xmlns:D=\"DAV:\"><D:locktype><D:write/></D:locktype></D:lockinfo>"),
                        "Depth: 0\r\nTimeout: Second-60\r\n" XML_TYPE));
    token_note(surveyor,
               ask_with(surveyor, "lock-malformed", "LOCK", path, SLICE("<D:lockinfo xmlns:D=\"DAV:\"><D:lockscope>"),
                        "Depth: 0\r\nTimeout: Second-60\r\n" XML_TYPE));
    ask_with(surveyor, "free", "PUT", path, SLICE("what came then"), "%s", "");
    ask_with(surveyor, "property", "PROPFIND", path,
             SLICE("<D:propfind xmlns:D=\"DAV:\"><D:prop><x:a xmlns:x=\"urn:samovar:survey\"/></D:prop></D:propfind>"),
             "Depth: 0\r\n" XML_TYPE);
}

static void plan(struct surveyor *surveyor)
{
    plan_reads(surveyor, surveyor->hint       ? surveyor->hint->path
                         : surveyor->work.len ? surveyor->work
                                              : surveyor->folder);
    if (surveyor->work.len)
        plan_writes(surveyor);
    else if (surveyor->has_dav && !trail_has_status(surveyor->trail, 422))
        may_work(surveyor);
}

static void judge_writes(const struct trail *trail, struct finding *finding)
{
    const struct probe *patch = trail_find(trail, "patch"), *lock = trail_find(trail, "lock"),
                       *lock_malformed = trail_find(trail, "lock-malformed"), *free = trail_find(trail, "free"),
                       *property = trail_find(trail, "property");

    if (!probe_is_2xx(trail_find(trail, "put")))
        return;
    need(finding, lock_malformed, !probe_is(lock_malformed, 422), "DAV-199", "RFC 4918 8.2",
         "LOCK with XML that is not well-formed gave 422, which is 400");
    if (probe_is(lock, 422))
        need(finding, free, probe_is_2xx(free), "DAV-198", "RFC 4918 11.2",
             "a LOCK that gave 422 locked the file all the same");
    if (probe_is(patch, 422) && probe_is(property, 207))
        need(finding, property, probe_says(property, SLICE("404")), "DAV-198", "RFC 4918 11.2",
             "a PROPPATCH that gave 422 set the property all the same");
}

void judge_422(const struct trail *trail, struct finding *finding)
{
    const struct probe *malformed = trail_find(trail, "malformed"), *sound = trail_find(trail, "sound");

    need(finding, malformed, probe_is(malformed, 400), "DAV-199", "RFC 4918 8.2",
         "PROPFIND with XML that is not well-formed gave %d", probe_status(malformed));
    need(finding, sound, probe_is(sound, 207), "DAV-199", "RFC 4918 11.2", "a PROPFIND that makes sense gave %d",
         probe_status(sound));
    judge_writes(trail, finding);
}

const struct check check_422 = {422, plan, judge_422, "well-formed, and makes no sense"};
