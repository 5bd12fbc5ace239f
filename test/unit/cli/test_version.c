/*
 * test_version.c - what --version prints.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

TEST(version__has_three_lines_with_version_features_and_libraries)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    struct slice first, features, libraries;

    cli_version(out);
    fclose(out);
    CHECK(slice_cut(slice_str(text), '\n', &first, &features));
    CHECK(slice_cut(features, '\n', &features, &libraries));
    CHECK(slice_starts(first, SLICE("samovar ")));
    CHECK(slice_starts(features, SLICE("features: ")));
    CHECK(slice_starts(libraries, SLICE("libraries: libconfuse 3")));
    CHECK(strstr(features.ptr, ", kTLS: ") && strstr(libraries.ptr, ", nghttp2 1."));
    CHECK(strstr(libraries.ptr, ", LMDB 0.9.") && strstr(libraries.ptr, ", OpenSSL 3") && text[len - 1] == '\n');
    free(text);
}
