/*
 * code_510.c - Not Extended (RFC 2774 5, 7; docs/spec/policy.md 7): what is mandatory is obeyed or refused, never
 * passed over.
 */
#include "policy.h"

static void plan(struct surveyor *surveyor)
{
    struct slice path = surveyor->hint         ? surveyor->hint->path
                        : surveyor->sample.len ? surveyor->sample
                                               : surveyor->url.path,
                 name = random_name(surveyor);

    ask(surveyor, "plain", "GET", path, "%s", "");
    ask(surveyor, "unknown", "M-GET", path, "Man: \"urn:samovar:survey:%.*s\"\r\n", SLICE_FMT(name));
    ask(surveyor, "without", "M-GET", path, "%s", "");
    ask(surveyor, "several", "M-GET", path, "Man: \"urn:samovar:survey:%.*s\", \"urn:samovar:survey:more\"\r\n",
        SLICE_FMT(name));
    ask(surveyor, "optional", "GET", path, "Opt: \"urn:samovar:survey:%.*s\"\r\n", SLICE_FMT(name));
    if (!surveyor->work.len)
        return;
    path = work_path(surveyor, "510.txt");
    ask_with(surveyor, "put", "PUT", path, SLICE("what stays"), "%s", "");
    ask_with(surveyor, "put-unknown", "M-PUT", path, SLICE("what must not be"), "Man: \"urn:samovar:survey:%.*s\"\r\n",
             SLICE_FMT(name));
    ask(surveyor, "put-after", "GET", path, "%s", "");
}

static void judge_refused(struct finding *finding, const struct probe *probe, const char *obligation, const char *what)
{
    need(finding, probe, probe_is(probe, 510), obligation, "RFC 2774 5", "%s gave %d", what, probe_status(probe));
    need(finding, probe, !probe_has(probe, "Ext") && !probe_has(probe, "C-Ext"), "POL-81", "RFC 2774 5.1",
         "%s was refused, and Ext says that it was obeyed", what);
}

/* The URI, as it was sent in Man. */
static struct slice uri_of(const struct probe *probe)
{
    struct slice rest = slice_from(probe->fields, slice_index(probe->fields, '"') + 1);

    return slice_upto(rest, slice_index(rest, '"'));
}

void judge_510(const struct trail *trail, struct finding *finding)
{
    const struct probe *plain = trail_find(trail, "plain"), *unknown = trail_find(trail, "unknown"),
                       *optional = trail_find(trail, "optional"), *put = trail_find(trail, "put-unknown"),
                       *after = trail_find(trail, "put-after");

    if (!finding->is_seen)
        return;
    judge_refused(finding, unknown, "POL-71", "a mandatory extension that nobody knows");
    need(finding, unknown, unknown && probe_says(unknown, uri_of(unknown)), "POL-76", "RFC 2774 7",
         "the content of the 510 does not name the extension that is meant");
    judge_refused(finding, trail_find(trail, "without"), "POL-73", "M-GET without Man");
    judge_refused(finding, trail_find(trail, "several"), "POL-72", "two unknown extensions");
    need(finding, optional, probe_status(optional) == probe_status(plain), "POL-75", "RFC 2774 4",
         "an optional extension gave %d", probe_status(optional));
    if (!put || !probe_is_2xx(trail_find(trail, "put")))
        return;
    judge_refused(finding, put, "POL-71", "M-PUT with an unknown extension");
    need(finding, after, after && slice_eq(after->body, SLICE("what stays")), "POL-71", "RFC 2774 5",
         "an M-PUT that gave %d changed the file", probe_status(put));
}

const struct check check_510 = {510, plan, judge_510, "an extension is wanted"};
