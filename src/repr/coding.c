/*
 * coding.c - gzip and deflate, by zlib.
 */
#include "repr/coding.h"

struct slice coding_name(enum coding coding)
{
    return coding == CODING_GZIP ? SLICE("gzip") : SLICE("deflate");
}

enum err coding_encode(enum coding coding, const struct delta_source *source, const struct delta_limits *limits,
                       const struct delta_sink *out)
{
    (void)coding, (void)source, (void)limits, (void)out;
    return ERR_UNSUPPORTED;
}

enum err coding_decode(enum coding coding, const struct delta_source *source, const struct delta_limits *limits,
                       const struct delta_sink *out)
{
    (void)coding, (void)source, (void)limits, (void)out;
    return ERR_UNSUPPORTED;
}
