/*
 * codes.c - `samovar codes`: the reference of status codes.
 */
#include <stdlib.h>

#include "cli/cli.h"
#include "http/status.h"
#include "repr/reference.h"

enum { OUT_MAX = 1 << 20 };

static enum reference_form form_of(bool is_json, bool is_markdown)
{
    return is_json ? REFERENCE_JSON : is_markdown ? REFERENCE_MARKDOWN : REFERENCE_TEXT;
}

int codes_command(const int *codes, unsigned count, bool is_json, bool is_markdown)
{
    enum reference_form form = form_of(is_json, is_markdown);
    struct buf out = BUF_INIT(OUT_MAX);
    int result = EXIT_SUCCESS;

    if (!count)
        reference_list(form, &out);
    else
        reference_begin(form, &out);
    for (unsigned i = 0; i < count; i++) {
        if (i)
            reference_next(form, &out);
        reference_write(status_find(codes[i]), form, &out);
    }
    if (count)
        reference_end(form, &out);
    if (fwrite(out.ptr, 1, out.len, stdout) != out.len || fflush(stdout))
        result = EXIT_FAILURE;
    buf_release(&out);
    return result;
}
