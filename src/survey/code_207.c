/*
 * code_207.c - Multi-Status (RFC 4918 11.1, 13; docs/spec/webdav.md 3): one answer for each resource and property.
 */
#include "codes.h"
#include "multistatus.h"

#define PROPFIND_SOME                                                                                                  \
    SLICE("<?xml version=\"1.0\"?><D:propfind xmlns:D=\"DAV:\"><D:prop><D:resourcetype/><D:getetag/>"                  \
          "<x:none xmlns:x=\"urn:samovar:survey\"/></D:prop></D:propfind>")

static void plan(struct surveyor *surveyor)
{
    struct slice folder = surveyor->hint       ? surveyor->hint->path
                          : surveyor->work.len ? surveyor->work
                                               : surveyor->folder;
    struct slice missing = arena_printf(&surveyor->trail->arena, "%.*ssamovar-survey-nothing", SLICE_FMT(folder));

    ask_with(surveyor, "self", "PROPFIND", folder, PROPFIND_SOME, "Depth: 0\r\nContent-Type: application/xml\r\n");
    ask_with(surveyor, "members", "PROPFIND", folder, PROPFIND_SOME, "Depth: 1\r\nContent-Type: application/xml\r\n");
    ask_with(surveyor, "missing", "PROPFIND", missing, PROPFIND_SOME, "Depth: 0\r\nContent-Type: application/xml\r\n");
    ask_with(surveyor, "malformed", "PROPFIND", folder, SLICE("<D:propfind xmlns:D=\"DAV:\"><D:prop>"),
             "Depth: 0\r\nContent-Type: application/xml\r\n");
    if (surveyor->sample.len) {
        ask(surveyor, "file", "HEAD", surveyor->sample, "%s", "");
        ask_with(surveyor, "file-find", "PROPFIND", surveyor->sample, PROPFIND_SOME,
                 "Depth: 0\r\nContent-Type: application/xml\r\n");
    }
}

static bool is_absolute(struct slice href)
{
    return !slice_starts(href, SLICE("/"));
}

/* Each once, all written alike, all below what was asked for. */
static void judge_hrefs(struct finding *finding, const struct probe *probe, const struct multistatus *answer)
{
    for (unsigned i = 0; i < answer->count; i++) {
        const struct response *one = &answer->list[i];

        need(finding, probe, is_absolute(one->href) == is_absolute(answer->list[0].href), "DAV-038", "RFC 4918 8.3",
             "some hrefs are paths and some are addresses");
        need(finding, probe, !slice_has(one->href, SLICE(" ")) && !slice_has(one->href, SLICE("/../")), "DAV-039",
             "RFC 4918 8.3", "the href \"%.*s\" is no valid address", SLICE_FMT(slice_upto(one->href, 100)));
        for (unsigned k = 0; k < i && k < 200; k++)
            need(finding, probe, !slice_eq(one->href, answer->list[k].href), "DAV-037", "RFC 4918 9.1",
                 "\"%.*s\" is listed twice", SLICE_FMT(slice_upto(one->href, 100)));
    }
}

static void judge_properties(struct finding *finding, const struct probe *probe, const struct response *self)
{
    need(finding, probe, property_status(self, SLICE("urn:samovar:survey"), SLICE("none"), NULL) == 404, "DAV-035",
         "RFC 4918 9.1", "a property that nobody has does not stand under 404");
    need(finding, probe, property_status(self, XML_DAV, SLICE("resourcetype"), NULL) == 200, "DAV-032", "RFC 4918 15.9",
         "resourcetype, which every resource has, does not stand under 200");
}

static void judge_list(struct finding *finding, const struct probe *probe, bool is_alone)
{
    struct multistatus answer;
    const struct response *self;
    bool is_read = multistatus_read(probe, finding->arena, &answer);

    if (!need(finding, probe, probe_is(probe, 207), "DAV-026", "RFC 4918 9.1", "PROPFIND gave %d", probe_status(probe)))
        return;
    if (!need(finding, probe, is_read, "DAV-023", "RFC 4918 13", "its content is no multistatus: %.*s",
              SLICE_FMT(answer.why)))
        return;
    need(finding, probe,
         slice_starts_nocase(probe_field(probe, "Content-Type"), SLICE("application/xml")) ||
             slice_starts_nocase(probe_field(probe, "Content-Type"), SLICE("text/xml")),
         "DAV-023", "RFC 4918 8.2", "its Content-Type is not one of XML");
    self = response_find(&answer, probe->path, finding->arena);
    if (!need(finding, probe, self != NULL, "DAV-037", "RFC 4918 9.1", "no response in it is for what was asked"))
        return;
    need(finding, probe, !is_alone || answer.count == 1, "DAV-026", "RFC 4918 10.2", "Depth: 0 gave %u responses",
         answer.count);
    judge_hrefs(finding, probe, &answer);
    judge_properties(finding, probe, self);
}

/* The tag is the same wherever it is told. */
static void judge_tag(const struct trail *trail, struct finding *finding)
{
    const struct probe *file = trail_find(trail, "file"), *found = trail_find(trail, "file-find");
    struct slice tag = probe_field(file, "ETag");
    const struct xml_node *node = NULL;
    struct multistatus answer;

    if (!tag.len || !multistatus_read(found, finding->arena, &answer) || !answer.count ||
        property_status(&answer.list[0], XML_DAV, SLICE("getetag"), &node) != 200)
        return;
    need(finding, found, slice_eq(xml_text_of(node, finding->arena), tag), "CND-11", "RFC 4918 15.6",
         "DAV:getetag is not the ETag %.*s that HEAD gives", SLICE_FMT(slice_upto(tag, 100)));
}

static bool is_member(struct slice folder, struct slice path)
{
    struct slice name = slice_starts(path, folder) ? slice_from(path, folder.len) : SLICE_NONE;

    return slice_ends(folder, SLICE("/")) && name.len && slice_index(name, '/') == name.len;
}

/* A file that is known to be there. */
static void judge_members(const struct trail *trail, struct finding *finding)
{
    const struct probe *file = trail_find(trail, "file"), *members = trail_find(trail, "members");
    struct multistatus answer;

    if (!probe_is(file, 200) || !probe_is(members, 207) || !is_member(members->path, file->path) ||
        !multistatus_read(members, finding->arena, &answer))
        return;
    need(finding, members, response_find(&answer, file->path, finding->arena) != NULL, "DAV-026", "RFC 4918 9.1",
         "Depth: 1 leaves out a member that is there");
}

void judge_207(const struct trail *trail, struct finding *finding)
{
    const struct probe *missing = trail_find(trail, "missing"), *malformed = trail_find(trail, "malformed");

    finding->is_seen = probe_is(trail_find(trail, "self"), 207) || probe_is(trail_find(trail, "members"), 207);
    if (!finding->is_seen)
        return;
    judge_list(finding, trail_find(trail, "self"), true);
    judge_list(finding, trail_find(trail, "members"), false);
    judge_members(trail, finding);
    need(finding, missing, probe_is(missing, 404), "DAV-036", "RFC 4918 9.1", "PROPFIND of what is not there gave %d",
         probe_status(missing));
    need(finding, malformed, probe_is(malformed, 400), "DAV-014", "RFC 4918 8.2",
         "PROPFIND with XML that is not well-formed gave %d", probe_status(malformed));
    judge_tag(trail, finding);
}

const struct check check_207 = {207, plan, judge_207, "one answer for many resources"};
