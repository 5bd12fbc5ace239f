/*
 * fuzz_uri.c - targets, paths and hrefs.
 *
 * Properties: a decoded path has no empty, "." or ".." segment and no NUL; written as an href it decodes to
 * itself; the merged spelling of a path needs no merging, means the same, and names no other host. An address of
 * earlier contents is read back from what is written for it.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "http/host.h"
#include "http/past.h"
#include "http/uri.h"

static void check_segments(struct rpath path)
{
    struct slice rest = path.text, segment;

    assert(!path.text.len || (path.text.ptr[0] != '/' && path.text.ptr[path.text.len - 1] != '/'));
    assert(path.text.len <= PATH_DECODED_MAX && slice_index(path.text, 0) == path.text.len);
    while (rpath_next(&rest, &segment)) {
        assert(segment.len > 0 && slice_index(segment, '/') == segment.len);
        assert(!slice_eq(segment, SLICE(".")) && !slice_eq(segment, SLICE("..")));
    }
}

static void check_clean(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        assert(text.ptr[i] > ' ' && text.ptr[i] < 0x7f && !strchr("\"<>\\^`{|}#", text.ptr[i]));
    assert(!slice_starts(text, SLICE("//")));
}

static void check_href(struct rpath path, struct arena *arena)
{
    struct buf href = BUF_INIT(1 << 16);
    struct rpath again;
    const char *why;

    buf_add_char(&href, '/');
    href_encode(&href, path.text);
    if (path.has_slash && path.text.len)
        buf_add_char(&href, '/');
    check_clean(buf_slice(&href));
    if (href.len <= PATH_RAW_MAX) {
        assert(path_decode(buf_slice(&href), arena, &again, &why) == PATH_OK);
        assert(slice_eq(again.text, path.text) && again.has_slash == path.has_slash);
    }
    buf_release(&href);
}

static void check_past(struct rpath path, struct arena *arena)
{
    struct buf href = BUF_INIT(1 << 16);
    struct rpath of = path, again;
    struct past past, got;
    const char *why;

    if (!past_read(&of, &past)) {
        assert(slice_eq(of.text, path.text) && of.has_slash == path.has_slash);
        return;
    }
    check_segments(of);
    past_href(&href, of.text, past.number);
    check_clean(buf_slice(&href));
    if (href.len <= PATH_RAW_MAX && path_decode(buf_slice(&href), arena, &again, &why) == PATH_OK) {
        assert(past_read(&again, &got) && slice_eq(again.text, of.text) && got.number == past.number);
        assert(got.has_slash == !past.number);
    }
    buf_release(&href);
}

static void check_merged(struct slice raw, struct rpath path, struct arena *arena)
{
    struct buf merged = BUF_INIT(1 << 16);
    struct rpath again;
    const char *why;

    path_merge_slashes(raw, &merged);
    check_clean(buf_slice(&merged));
    if (merged.len <= PATH_RAW_MAX) {
        assert(path_decode(buf_slice(&merged), arena, &again, &why) == PATH_OK);
        assert(slice_eq(again.text, path.text) && again.has_slash == path.has_slash);
    }
    buf_release(&merged);
}

static void check_path(struct slice raw)
{
    struct arena arena = {0};
    struct rpath path;
    const char *why = NULL;
    enum path_result result = path_decode(raw, &arena, &path, &why);

    assert((result == PATH_BAD) == (why != NULL));
    if (result != PATH_BAD) {
        check_segments(path);
        check_href(path, &arena);
        check_past(path, &arena);
        check_merged(raw, path, &arena);
    }
    arena_release(&arena);
}

static void check_target(struct slice text, enum method method)
{
    struct target target;
    struct host host;
    const char *why = NULL;
    int status = target_parse(text, method, &target, &why);

    assert((status == 0) == (why == NULL) && (status == 0 || status == 400));
    if (status)
        return;
    if (target.form == TARGET_ORIGIN || target.form == TARGET_ABSOLUTE) {
        assert(target.path.len && target.path.ptr[0] == '/' && slice_index(target.path, '?') == target.path.len);
        check_path(target.path);
    }
    if (target.form == TARGET_ABSOLUTE || target.form == TARGET_AUTHORITY)
        assert(host_parse(target.authority, &host) && host.name.len && host_same(&host, &host, 80));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice text = slice_of((const char *)data, len);
    struct arena arena = {0};
    struct slice decoded;

    check_target(text, METHOD_GET);
    check_target(text, METHOD_OPTIONS);
    check_target(text, METHOD_CONNECT);
    check_path(text);
    if (percent_decode(text, &arena, &decoded))
        assert(decoded.len <= len);
    arena_release(&arena);
    return 0;
}
