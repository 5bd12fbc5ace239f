/*
 * media.c - which media type a file's name promises.
 *
 * One hash table from extensions to complete Content-Type values, filled before threads start and never
 * changed while they run. What /etc/mime.types says counts; the built-in types fill its gaps. A compressed
 * file is what its bytes are: a.txt.gz is application/gzip and carries no Content-Encoding, so that what a
 * client saves is what was stored.
 */
#include "repr/repr.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/fd.h"
#include "http/field.h"

enum {
    EXTENSION_MAX = 40,               /* octets, dots in it counted; longer ones are no types */
    EXTENSION_DOTS = 3,               /* as many dots from the end are looked at: "a.b.tar.gz" */
    FILE_BYTES_MAX = 4 * 1024 * 1024, /* ten times the largest mime.types there is */
    SLOTS_FIRST = 4096,
};

struct slot {
    struct slice extension; /* lower case; empty: a free slot */
    struct slice type;
};

static struct {
    struct arena arena; /* the texts */
    struct slot *slots;
    size_t slot_count; /* a power of two, at least twice the used ones */
    size_t used;
} media;

/* A line each: type, then extensions, as in mime.types. */
static const char builtin[] =
    "application/atom+xml atom\n"
    "application/epub+zip epub\n"
    "application/geo+json geojson\n"
    "application/gzip gz tgz\n"
    "application/java-archive jar war ear\n"
    "application/json json map\n"
    "application/jsonl jsonl ndjson\n"
    "application/ld+json jsonld\n"
    "application/manifest+json webmanifest\n"
    "application/msword doc dot\n"
    "application/octet-stream bin dat img so dll exe msi deb iso dmg o a\n"
    "application/ogg ogx\n"
    "application/pdf pdf\n"
    "application/pgp-signature sig asc\n"
    "application/postscript ps ai eps\n"
    "application/rss+xml rss\n"
    "application/rtf rtf\n"
    "application/sql sql\n"
    "application/toml toml\n"
    "application/vnd.amazon.ebook azw\n"
    "application/vnd.android.package-archive apk\n"
    "application/vnd.apple.mpegurl m3u8\n"
    "application/vnd.google-earth.kml+xml kml\n"
    "application/vnd.google-earth.kmz kmz\n"
    "application/vnd.ms-excel xls xlt\n"
    "application/vnd.ms-fontobject eot\n"
    "application/vnd.ms-powerpoint ppt pps\n"
    "application/vnd.oasis.opendocument.graphics odg\n"
    "application/vnd.oasis.opendocument.presentation odp\n"
    "application/vnd.oasis.opendocument.spreadsheet ods\n"
    "application/vnd.oasis.opendocument.text odt\n"
    "application/vnd.openxmlformats-officedocument.presentationml.presentation pptx\n"
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx\n"
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document docx\n"
    "application/vnd.rar rar\n"
    "application/vnd.sqlite3 sqlite sqlite3\n"
    "application/vnd.visio vsd\n"
    "application/wasm wasm\n"
    "application/x-7z-compressed 7z\n"
    "application/x-bittorrent torrent\n"
    "application/x-bzip2 bz2 tbz2\n"
    "application/x-cpio cpio\n"
    "application/x-rpm rpm\n"
    "application/x-sh sh\n"
    "application/x-tar tar\n"
    "application/x-xz xz txz\n"
    "application/xhtml+xml xhtml xht\n"
    "application/xml xml xsl xsd rng\n"
    "application/xml-dtd dtd\n"
    "application/yaml yaml yml\n"
    "application/zip zip\n"
    "application/zstd zst\n"
    "audio/aac aac\n"
    "audio/basic au snd\n"
    "audio/flac flac\n"
    "audio/matroska mka\n"
    "audio/midi mid midi\n"
    "audio/mp4 m4a m4b\n"
    "audio/mpeg mp3 mp2 mpga\n"
    "audio/mpegurl m3u\n"
    "audio/ogg oga ogg opus spx\n"
    "audio/x-aiff aif aiff\n"
    "audio/x-wav wav\n"
    "font/collection ttc\n"
    "font/otf otf\n"
    "font/ttf ttf\n"
    "font/woff woff\n"
    "font/woff2 woff2\n"
    "image/apng apng\n"
    "image/avif avif\n"
    "image/bmp bmp\n"
    "image/gif gif\n"
    "image/heic heic\n"
    "image/heif heif\n"
    "image/jp2 jp2\n"
    "image/jpeg jpg jpeg jpe\n"
    "image/jxl jxl\n"
    "image/png png\n"
    "image/svg+xml svg\n"
    "image/tiff tif tiff\n"
    "image/vnd.adobe.photoshop psd\n"
    "image/vnd.djvu djvu djv\n"
    "image/vnd.microsoft.icon ico\n"
    "image/webp webp\n"
    "image/x-portable-bitmap pbm\n"
    "image/x-portable-graymap pgm\n"
    "image/x-portable-pixmap ppm\n"
    "image/x-xcf xcf\n"
    "message/rfc822 eml mht mhtml\n"
    "model/gltf+json gltf\n"
    "model/gltf-binary glb\n"
    "model/stl stl\n"
    "text/calendar ics\n"
    "text/css css\n"
    "text/csv csv\n"
    "text/html html htm shtml\n"
    "text/javascript js mjs cjs\n"
    "text/markdown md markdown\n"
    "text/plain txt text log conf cfg ini list in diff patch rst adoc nfo env properties lock\n"
    "text/tab-separated-values tsv\n"
    "text/troff man\n"
    "text/vcard vcf\n"
    "text/vtt vtt\n"
    "text/x-c c h\n"
    "text/x-c++ cc cpp cxx hh hpp\n"
    "text/x-go go\n"
    "text/x-java java\n"
    "text/x-lua lua\n"
    "text/x-perl pl pm\n"
    "text/x-python py\n"
    "text/x-ruby rb\n"
    "text/x-rust rs\n"
    "text/x-tex tex ltx sty\n"
    "video/mp2t m2t m2ts\n"
    "video/mp4 mp4 m4v\n"
    "video/mpeg mpg mpeg mpe\n"
    "video/ogg ogv\n"
    "video/quicktime mov qt\n"
    "video/webm webm\n"
    "video/x-flv flv\n"
    "video/x-matroska mkv\n"
    "video/x-ms-wmv wmv\n"
    "video/x-msvideo avi\n";

/* FNV-1a: the table is filled by whoever runs the server, so nobody chooses colliding names. */
static size_t extension_hash(struct slice extension)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < extension.len; i++)
        hash = (hash ^ (unsigned char)extension.ptr[i]) * 16777619u;
    return hash;
}

/* The slot that has the extension, or the free one where it belongs. */
static struct slot *slot_find(struct slot *slots, size_t count, struct slice extension)
{
    size_t at = extension_hash(extension) & (count - 1);

    while (slots[at].extension.len && !slice_eq(slots[at].extension, extension))
        at = (at + 1) & (count - 1);
    return &slots[at];
}

static void table_grow(void)
{
    size_t count = media.slot_count ? media.slot_count * 2 : SLOTS_FIRST;
    struct slot *slots = xcalloc(count, sizeof(*slots));

    for (size_t i = 0; i < media.slot_count; i++)
        if (media.slots[i].extension.len)
            *slot_find(slots, count, media.slots[i].extension) = media.slots[i];
    free(media.slots);
    media.slots = slots;
    media.slot_count = count;
}

static struct slice lower(char *room, struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        room[i] = ascii_lower(text.ptr[i]);
    return slice_of(room, text.len);
}

/* The first that names an extension wins. */
static void table_add(struct slice extension, struct slice type)
{
    char room[EXTENSION_MAX];
    struct slot *slot;

    if (extension.len == 0 || extension.len > EXTENSION_MAX)
        return;
    extension = lower(room, extension);
    if (media.used * 2 >= media.slot_count)
        table_grow();
    slot = slot_find(media.slots, media.slot_count, extension);
    if (slot->extension.len)
        return;
    slot->extension = arena_slice(&media.arena, extension);
    slot->type = type;
    media.used++;
}

/* Takes the next word off the line. */
static bool next_word(struct slice *line, struct slice *word)
{
    size_t len = 0;

    *line = slice_trim(*line);
    while (len < line->len && line->ptr[len] != ' ' && line->ptr[len] != '\t')
        len++;
    *word = slice_upto(*line, len);
    *line = slice_from(*line, len);
    return len > 0;
}

/* type "/" subtype, both tokens (RFC 9110 §8.3.1): a wrong line of the file must not get into a header. */
static bool is_type(struct slice type)
{
    struct slice major, minor;

    return slice_cut(type, '/', &major, &minor) && is_token(major) && is_token(minor);
}

/* Text travels as utf-8, as nearly all of it is; XML says for itself what it is (RFC 7303 §3). */
static bool needs_charset(struct slice type)
{
    if (slice_eq_nocase(type, SLICE("text/xml")))
        return false;
    return slice_starts_nocase(type, SLICE("text/")) || slice_eq_nocase(type, SLICE("application/javascript"));
}

static void read_line(struct slice line)
{
    struct slice type, extension, value = SLICE_NONE;

    slice_cut(line, '#', &line, &(struct slice){0});
    if (!next_word(&line, &type) || !is_type(type))
        return;
    while (next_word(&line, &extension)) {
        if (!value.len)
            value = arena_printf(&media.arena, "%.*s%s", SLICE_FMT(type), needs_charset(type) ? "; charset=utf-8" : "");
        table_add(extension, value);
    }
}

static void read_lines(struct slice text)
{
    struct slice line;

    while (text.len) {
        if (!slice_cut(text, '\n', &line, &text)) {
            line = text;
            text = SLICE_NONE;
        }
        if (line.len && line.ptr[line.len - 1] == '\r')
            line.len--;
        read_line(line);
    }
}

/* A missing or unreadable file is no error: the built-in types are there. */
static void read_file(const char *path)
{
    FD_GUARD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct buf text = BUF_INIT(FILE_BYTES_MAX);
    char *room;
    ssize_t got;

    if (fd < 0)
        return;
    while ((room = buf_reserve(&text, 16 * 1024)) && (got = read(fd, room, 16 * 1024)) > 0)
        buf_grown(&text, (size_t)got);
    read_lines(buf_slice(&text));
    buf_release(&text);
}

void media_close(void)
{
    free(media.slots);
    arena_release(&media.arena);
    memset(&media, 0, sizeof(media));
}

void media_open_file(const char *path)
{
    media_close();
    if (path)
        read_file(path);
    read_lines(slice_str(builtin));
}

void media_open(void)
{
    media_open_file("/etc/mime.types");
}

static struct slice type_find(struct slice extension)
{
    char room[EXTENSION_MAX];

    if (!media.slot_count || extension.len == 0)
        return SLICE_NONE;
    return slot_find(media.slots, media.slot_count, lower(room, extension))->type;
}

struct slice media_type(struct slice name)
{
    struct slice type = SLICE("application/octet-stream"), found;
    unsigned dots = 0;

    /* A dot at the start makes a hidden name, no extension. */
    for (size_t at = name.len; at > 1 && name.len - at <= EXTENSION_MAX && dots < EXTENSION_DOTS; at--) {
        if (name.ptr[at - 1] != '.')
            continue;
        dots++;
        found = type_find(slice_from(name, at));
        if (found.len)
            type = found; /* goes on: a longer one is better */
    }
    return type;
}

struct slice media_extension(struct slice extension)
{
    return extension.len <= EXTENSION_MAX ? type_find(extension) : SLICE_NONE;
}

struct slice media_with_charset(struct arena *arena, struct slice type, struct slice charset)
{
    if (!charset.len && !needs_charset(type))
        return type;
    return arena_printf(arena, "%.*s; charset=%.*s", SLICE_FMT(type),
                        SLICE_FMT(charset.len ? charset : SLICE("utf-8")));
}

bool media_is_active(struct slice type)
{
    static const struct slice actives[] = {
        SLICE_INIT("text/html"),
        SLICE_INIT("text/xml"),
        SLICE_INIT("application/xml"),
        SLICE_INIT("text/xsl"),
        SLICE_INIT("application/xslt+xml"),
        SLICE_INIT("application/xml-dtd"),
        SLICE_INIT("text/javascript"),
        SLICE_INIT("application/javascript"),
        SLICE_INIT("text/ecmascript"),
        SLICE_INIT("application/ecmascript"),
        SLICE_INIT("application/x-javascript"),
        SLICE_INIT("message/rfc822"),
        SLICE_INIT("application/x-mimearchive"),
        SLICE_INIT("application/x-shockwave-flash"),
        SLICE_INIT("text/cache-manifest"),
    };
    size_t end = slice_index(type, ';');
    struct slice bare = slice_trim(slice_upto(type, end));

    for (size_t i = 0; i < sizeof(actives) / sizeof(*actives); i++)
        if (slice_eq_nocase(bare, actives[i]))
            return true;
    if (slice_starts_nocase(bare, SLICE("multipart/")))
        return true;
    return bare.len > 4 && slice_eq_nocase(slice_from(bare, bare.len - 4), SLICE("+xml"));
}
