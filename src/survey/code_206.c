/*
 * code_206.c - Partial Content (RFC 9110 15.3.7; docs/spec/range.md): what was asked of a file, and of one version of
 * it.
 */
#include "byteranges.h"
#include "codes.h"

enum { TORN_OCTETS = 8 << 20 }; /* more than sockets keep, so that the server still reads when the file is replaced */

/* Another content comes while the answer is on its way. */
static void replace_torn(struct surveyor *surveyor)
{
    question_send(surveyor, &(struct question){.label = "torn-put",
                                               .method = "PUT",
                                               .path = work_path(surveyor, "torn"),
                                               .fill = TORN_OCTETS,
                                               .filler = 'b'});
}

static void plan_torn(struct surveyor *surveyor)
{
    struct question put = {
        .label = "torn-put", .method = "PUT", .path = work_path(surveyor, "torn"), .fill = TORN_OCTETS, .filler = 'a'};
    struct question get = {.label = "torn",
                           .method = "GET",
                           .path = put.path,
                           .fields = SLICE("Range: bytes=0-8388606\r\n"),
                           .is_slow = true,
                           .keep = 4096,
                           .midway = replace_torn};

    if (probe_is_2xx(question_send(surveyor, &put)))
        question_send(surveyor, &get);
}

static void plan_forms(struct surveyor *surveyor, struct slice path, uint64_t length)
{
    unsigned long long last = length - 1;

    ask(surveyor, "first", "GET", path, "Range: bytes=2-4\r\n");
    ask(surveyor, "suffix", "GET", path, "Range: bytes=-3\r\n");
    ask(surveyor, "past", "GET", path, "Range: bytes=5-99999999999999999999\r\n");
    ask(surveyor, "several", "GET", path, "Range: bytes=1-2,%llu-%llu\r\n", last - 1, last);
    ask(surveyor, "backwards", "GET", path, "Range: bytes=8-5\r\n");
    ask(surveyor, "unit", "GET", path, "Range: samovars=0-1\r\n");
    ask(surveyor, "head", "HEAD", path, "Range: bytes=2-4\r\n");
}

static void plan(struct surveyor *surveyor)
{
    const struct probe *whole;
    struct slice path, tag;

    if (!may_read(surveyor, &path))
        return;
    whole = ask(surveyor, "whole", "GET", path, "%s", "");
    if (!probe_is(whole, 200) || whole->total < 10)
        return;
    plan_forms(surveyor, path, whole->total);
    ask(surveyor, "stale", "GET", path, "Range: bytes=2-4\r\nIf-Range: \"samovar-survey\"\r\n");
    tag = probe_field(whole, "ETag");
    if (tag.len)
        ask(surveyor, "same", "GET", path, "Range: bytes=2-4\r\nIf-Range: %.*s\r\n", SLICE_FMT(tag));
    if (surveyor->work.len)
        plan_torn(surveyor);
}

/* These octets are those of the whole there. */
static bool is_stretch(const struct probe *whole, const struct content_range *range, struct slice data)
{
    return range->has_length && range->length == whole->total && range->last < whole->body.len &&
           data.len == range->last - range->first + 1 &&
           memcmp(whole->body.ptr + range->first, data.ptr, data.len) == 0;
}

/* A page that is another one each time shows nothing. */
static bool is_same_version(const struct probe *whole, const struct probe *part)
{
    return slice_eq(probe_field(whole, "ETag"), probe_field(part, "ETag"));
}

static void judge_single(struct finding *finding, const struct probe *whole, const struct probe *part)
{
    struct content_range range = {0};
    bool has_range = content_range_parse(probe_field(part, "Content-Range"), &range) == ERR_NONE;

    if (!need(finding, part, has_range, "RNG-22", "RFC 9110 15.3.7.1",
              "the 206 has no Content-Range, or one that makes no sense"))
        return;
    need(finding, part, range.has_length && range.length == whole->total, "RNG-23", "RFC 9110 14.4",
         "its Content-Range does not tell that the whole has %llu octets", (unsigned long long)whole->total);
    need(finding, part, part->total == range.last - range.first + 1, "RNG-22", "RFC 9110 15.3.7.1",
         "its content has not as many octets as its Content-Range says");
    if (is_same_version(whole, part))
        need(finding, part, is_stretch(whole, &range, part->body), "RNG-37", "RFC 9110 15.3.7.3",
             "its octets are not those that stand there in the 200");
}

static void judge_stretch(struct finding *finding, const struct probe *whole, const struct probe *part, uint64_t first,
                          uint64_t last, const char *obligation)
{
    struct content_range range = {0};

    if (!probe_is(part, 206))
        return; /* whoever likes to may send the whole */
    judge_single(finding, whole, part);
    content_range_parse(probe_field(part, "Content-Range"), &range);
    need(finding, part, range.first == first && range.last == last, obligation, "RFC 9110 14.1.2",
         "%.*s was answered with octets %llu to %llu", SLICE_FMT(slice_trim(part->fields)),
         (unsigned long long)range.first, (unsigned long long)range.last);
}

static void judge_fields(struct finding *finding, const struct probe *whole, const struct probe *part)
{
    static const char *const always[] = {"Date", "Cache-Control", "ETag", "Expires", "Content-Location", "Vary"};
    static const char *const mostly[] = {"Content-Type", "Content-Encoding", "Content-Language", "Last-Modified"};

    for (unsigned i = 0; i < sizeof(always) / sizeof(*always); i++)
        need(finding, part, probe_has(part, always[i]) || !probe_has(whole, always[i]), "RNG-25", "RFC 9110 15.3.7",
             "the 206 lacks %s, which the 200 has", always[i]);
    for (unsigned i = 0; i < sizeof(mostly) / sizeof(*mostly); i++)
        need(finding, part, probe_has(part, mostly[i]) || !probe_has(whole, mostly[i]), "RNG-26", "RFC 9110 15.3.7",
             "the 206 lacks %s, which the 200 has", mostly[i]);
}

static void judge_parts(struct finding *finding, const struct probe *whole, const struct probe *several,
                        struct byteranges *parts)
{
    struct byterange part;
    unsigned count = 0;

    need(finding, several, !probe_has(several, "Content-Range"), "RNG-29", "RFC 9110 15.3.7.2",
         "a multipart has a Content-Range in its own head");
    for (; byteranges_next(parts, &part); count++)
        if (is_same_version(whole, several))
            need(finding, several, is_stretch(whole, &part.range, part.data), "RNG-37", "RFC 9110 15.3.7.3",
                 "part %u has other octets than those that stand there in the 200", count + 1);
    need(finding, several, parts->has_ended && count > 0, "RNG-35", "RFC 2046 5.1.1",
         "the multipart cannot be taken apart behind part %u: its boundary, or a part's Content-Range, is not right",
         count);
}

static void judge_several(struct finding *finding, const struct probe *whole, const struct probe *several)
{
    struct byteranges parts;

    if (!probe_is(several, 206))
        return;
    if (byteranges_begin(probe_field(several, "Content-Type"), several->body, &parts))
        judge_parts(finding, whole, several, &parts);
    else
        judge_single(finding, whole, several);
}

static void judge_refusals(const struct trail *trail, struct finding *finding, const struct probe *whole)
{
    const struct probe *stale = trail_find(trail, "stale"), *unit = trail_find(trail, "unit"),
                       *backwards = trail_find(trail, "backwards"), *head = trail_find(trail, "head"),
                       *same = trail_find(trail, "same");
    bool is_weak = slice_starts(probe_field(whole, "ETag"), SLICE("W/"));

    need(finding, stale, probe_is(stale, 200) && stale->total == whole->total, "RNG-41", "RFC 9110 13.1.5",
         "with an If-Range that names another version it gave %d and not the whole", probe_status(stale));
    if (same && is_weak)
        need(finding, same, !probe_is(same, 206), "RNG-42", "RFC 9110 13.1.5", "a weak tag in If-Range was let match");
    need(finding, unit, probe_is(unit, 200), "RNG-02", "RFC 9110 14.2", "an unknown unit gave %d and not the whole",
         probe_status(unit));
    need(finding, backwards, !probe_is(backwards, 206), "RNG-19", "RFC 9110 14.1.1",
         "a range that ends before it begins gave 206");
    need(finding, head, !probe_is(head, 206), "RNG-01", "RFC 9110 14.2", "HEAD gave 206: Range is for GET alone");
    for (const struct probe *at = trail->first; at; at = at->next)
        if (at->status == 200 && !at->trouble.len)
            need(finding, at, !probe_has(at, "Content-Range"), "RNG-38", "RFC 9110 14.4", "a 200 has a Content-Range");
}

void judge_206(const struct trail *trail, struct finding *finding)
{
    const struct probe *whole = trail_find(trail, "whole"), *first = trail_find(trail, "first"),
                       *torn = trail_find(trail, "torn");

    need(finding, whole, !probe_is(whole, 206), "RNG-06", "RFC 9110 15.3.7", "206 came where no range was asked for");
    if (!probe_is(whole, 200))
        return;
    finding->is_seen = probe_is(first, 206);
    if (!finding->is_seen)
        return;
    judge_stretch(finding, whole, first, 2, 4, "RNG-10");
    judge_fields(finding, whole, first);
    judge_stretch(finding, whole, trail_find(trail, "suffix"), whole->total - 3, whole->total - 1, "RNG-13");
    judge_stretch(finding, whole, trail_find(trail, "past"), 5, whole->total - 1, "RNG-17");
    judge_several(finding, whole, trail_find(trail, "several"));
    judge_refusals(trail, finding, whole);
    if (torn && !torn->trouble.len) /* who cuts the connection tells it honestly */
        need(finding, torn, torn->turns == 0, "RNG-37", "RFC 9110 15.3.7.3",
             "octets of two versions came in one answer: the file was replaced while it was sent");
}

const struct check check_206 = {206, plan, judge_206, "a part of a file"};
