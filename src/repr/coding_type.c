/*
 * coding_type.c - which types gain by being compressed.
 *
 * What is in neither list is not compressed on the fly, since nobody knows what it is; but whoever put a compressed
 * form of it beside it knew.
 */
#include "repr/coding.h"

struct types {
    const char *const *list; /* ending in '/': all that begin so */
    size_t count;
};

#define TYPES(texts)                                                                                                   \
    {                                                                                                                  \
        texts, sizeof(texts) / sizeof(*(texts))                                                                        \
    }

static const char *const loose[] = {
    "text/",
    "application/javascript",
    "application/json",
    "application/jsonl",
    "application/pgp-signature",
    "application/postscript",
    "application/rtf",
    "application/sql",
    "application/toml",
    "application/vnd.apple.mpegurl",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/x-font-ttf",
    "application/x-javascript",
    "application/x-ndjson",
    "application/x-sh",
    "application/x-subrip",
    "application/x-tex",
    "application/x-yaml",
    "application/xml",
    "application/xml-dtd",
    "application/yaml",
    "font/collection",
    "font/otf",
    "font/sfnt",
    "font/ttf",
    "image/bmp",
    "image/vnd.microsoft.icon",
    "image/x-icon",
    "message/",
    "model/gltf+json",
};

/* Apart from what is in the list above, or says with its ending that it is text. */
static const char *const dense[] = {
    "audio/",
    "image/",
    "video/",
    "application/epub+zip",
    "application/gzip",
    "application/java-archive",
    "application/ogg",
    "application/vnd.android.package-archive",
    "application/vnd.rar",
    "application/x-7z-compressed",
    "application/x-brotli",
    "application/x-bzip2",
    "application/x-gzip",
    "application/x-rpm",
    "application/x-xz",
    "application/zip",
    "application/zstd",
    "font/woff",
    "font/woff2",
};

static struct slice bare(struct slice type)
{
    return slice_trim(slice_upto(type, slice_index(type, ';')));
}

static bool is_one_of(struct slice type, struct types types)
{
    for (size_t i = 0; i < types.count; i++) {
        struct slice entry = slice_str(types.list[i]);
        bool is_all = entry.ptr[entry.len - 1] == '/';

        if (slice_eq_nocase(is_all ? slice_upto(type, entry.len) : type, entry))
            return true;
    }
    return false;
}

static bool ends_with(struct slice type, struct slice end)
{
    return type.len > end.len && slice_eq_nocase(slice_from(type, type.len - end.len), end);
}

bool coding_gains(struct slice type)
{
    type = bare(type);
    return is_one_of(type, (struct types)TYPES(loose)) || ends_with(type, SLICE("+json")) ||
           ends_with(type, SLICE("+xml")) || ends_with(type, SLICE("+yaml"));
}

bool coding_is_idle(struct slice type)
{
    type = bare(type);
    return is_one_of(type, (struct types)TYPES(dense)) && !coding_gains(type);
}
