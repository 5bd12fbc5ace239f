/*
 * fuzz_coding.c - coded contents that somebody else made; the first octet says which coding the others are said to be.
 *
 * Properties: no more comes out than was allowed; what comes out, coded again, gives the same once more; what was
 * decoded as zstd, and neither begins with a frame to be skipped nor names a dictionary, began as a form that clients
 * can take.
 */
#include "fuzz.h"

#include <assert.h>

#include "base/buf.h"
#include "repr/coding.h"

enum { OUTPUT_MOST = 1 << 20 };

static enum err decode(enum coding coding, struct slice in, struct buf *out)
{
    struct delta_source source = delta_source_of(&in);
    struct delta_sink sink = delta_sink_of(out);
    struct delta_limits limits = {.output_max = OUTPUT_MOST};

    return coding_decode(coding, &source, &limits, &sink);
}

static void check_again(enum coding coding, struct slice content)
{
    static const struct delta_limits none;
    struct buf form = BUF_INIT(4 * OUTPUT_MOST), back = BUF_INIT(2 * OUTPUT_MOST);
    struct delta_source source = delta_source_of(&content);
    struct delta_sink sink = delta_sink_of(&form);

    assert(coding_encode(coding, &source, &none, &sink) == ERR_NONE);
    assert(coding_is_fit(coding, slice_upto(buf_slice(&form), CODING_START)));
    assert(decode(coding, buf_slice(&form), &back) == ERR_NONE && slice_eq(buf_slice(&back), content));
    buf_release(&form);
    buf_release(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum coding coding = size ? data[0] % CODINGS : CODING_GZIP;
    struct slice form = size ? slice_of((const char *)data + 1, size - 1) : SLICE_NONE;
    struct buf out = BUF_INIT(2 * OUTPUT_MOST);
    enum err err = decode(coding, form, &out);

    assert(out.len <= OUTPUT_MOST);
    if (coding == CODING_ZSTD && err == ERR_NONE && slice_starts(form, slice_of("\x28\xb5\x2f\xfd", 4)) &&
        !(form.ptr[4] & 3))
        assert(coding_is_fit(coding, slice_upto(form, CODING_START)));
    coding_is_fit(coding, slice_upto(form, CODING_START));
    if (err == ERR_NONE)
        check_again(coding, buf_slice(&out));
    buf_release(&out);
    return 0;
}
