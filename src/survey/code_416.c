/*
 * code_416.c - Range Not Satisfiable (RFC 9110 15.5.17; docs/spec/range.md 5): who asks behind the end learns where it
 * is.
 */
#include "codes.h"
#include "http/range.h"

static void plan(struct surveyor *surveyor)
{
    const struct probe *whole;
    struct slice path;

    if (!may_read(surveyor, &path))
        return;
    whole = ask(surveyor, "whole", "GET", path, "%s", "");
    if (!probe_is(whole, 200) || whole->total < 10)
        return;
    ask(surveyor, "behind", "GET", path, "Range: bytes=%llu-\r\n", (unsigned long long)whole->total);
    ask(surveyor, "inside", "GET", path, "Range: bytes=0-0\r\n");
    ask(surveyor, "last", "GET", path, "Range: bytes=%llu-\r\n", (unsigned long long)whole->total - 1);
    ask(surveyor, "mixed", "GET", path, "Range: bytes=%llu-,0-1\r\n", (unsigned long long)whole->total);
    ask(surveyor, "stale", "GET", path, "Range: bytes=%llu-\r\nIf-Range: \"samovar-survey\"\r\n",
        (unsigned long long)whole->total);
    ask(surveyor, "head", "HEAD", path, "Range: bytes=%llu-\r\n", (unsigned long long)whole->total);
}

/* "bytes" "*" "/" and the length */
static bool tells_length(const struct probe *behind, uint64_t length)
{
    struct slice value = probe_field(behind, "Content-Range");
    uint64_t told;

    return slice_starts_nocase(value, SLICE("bytes */")) && slice_u64(slice_from(value, 8), &told) && told == length;
}

void judge_416(const struct trail *trail, struct finding *finding)
{
    const struct probe *whole = trail_find(trail, "whole"), *behind = trail_find(trail, "behind"),
                       *inside = trail_find(trail, "inside"), *mixed = trail_find(trail, "mixed"),
                       *stale = trail_find(trail, "stale"), *head = trail_find(trail, "head"),
                       *last = trail_find(trail, "last");

    need(finding, whole, !probe_is(whole, 416), "RNG-05", "RFC 9110 14.2", "416 came where no range was asked for");
    if (!probe_is(whole, 200))
        return;
    finding->is_seen = probe_is(behind, 416);
    if (!finding->is_seen)
        return;
    need(finding, behind, tells_length(behind, whole->total), "RNG-48", "RFC 9110 15.5.17",
         "the 416 has no \"Content-Range: bytes */%llu\"", (unsigned long long)whole->total);
    need(finding, behind, !slice_eq(behind->body, whole->body), "RNG-49", "RFC 9110 15.5.17",
         "the 416 carries the file");
    need(finding, inside, !probe_is(inside, 416), "RNG-15", "RFC 9110 14.1.2", "416 came for a range inside the file");
    need(finding, last, !probe_is(last, 416), "RNG-15", "RFC 9110 14.1.2", "416 came for the last octet of the file");
    need(finding, mixed, !probe_is(mixed, 416), "RNG-16", "RFC 9110 14.1.1",
         "416 came for a set of which one range lies inside the file");
    need(finding, stale, probe_is(stale, 200), "RNG-45", "RFC 9110 13.1.5",
         "with an If-Range that names another version it gave %d and not the whole", probe_status(stale));
    need(finding, head, !probe_is(head, 416), "RNG-01", "RFC 9110 14.2", "HEAD gave 416: Range is for GET alone");
}

const struct check check_416 = {416, plan, judge_416, "a part behind the end"};
