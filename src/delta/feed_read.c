/*
 * feed_read.c - entries, found by expat, which says where each tag is.
 *
 * What grows faster than the document, or makes it mean what is not in it, is refused: a document type (and so entities
 * and default attributes), very long namespace names, deep nesting. Nothing is fetched. What is refused is sent whole,
 * which is no harm.
 */
#include "feed_read.h"

#include <expat.h>
#include <stdlib.h>

#include "base/hash.h"
#include "stream.h"

/* Names as expat gives them: the namespace, this, the local part. No document can have it in one. */
#define SEPARATOR '\1'
#define ATOM "http://www.w3.org/2005/Atom\1"
#define RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#\1"
#define HISTORY "http://purl.org/syndication/history/1.0\1"
#define SIGNATURE "http://www.w3.org/2000/09/xmldsig#\1"

/* Entries with more depth (XHTML in Atom) are around twenty. */
enum { DEPTH_MAX = 256 };
/* Octets of a namespace name, and of an id. Real ones have less than 200. */
enum { SPACE_MAX = 2048, ID_MAX = 4096 };
/* So many elements between two questions whether it is enough. */
enum { ASK_EVERY = 1 << 10 };
#define NOWHERE SIZE_MAX

/* What an id was taken from: the better one wins. */
enum id_rank { ID_NONE, ID_LINK, ID_OWN };

struct reading {
    XML_Parser parser;
    struct feed *feed;
    const struct delta_limits *limits;
    bool is_look; /* the root is all that is asked for */
    bool is_seen; /* ... and it was one of a feed */
    enum err err;
    size_t memory; /* left for entries and ids */
    unsigned depth, elements;
    /* The namespace of RSS 1.0, or 0.90, with the separator; NULL: none of them was declared. */
    const char *rss_space;
    bool in_channel, in_items; /* RSS: the channel that holds the entries; RSS 1.0: the list of them in it */
    struct feed_entries *open; /* the list that an element now open goes to; NULL: none is */
    unsigned open_depth;       /* ... and its depth */
    struct feed_entry entry;   /* ... and what is known of it */
    enum id_rank rank, taking; /* of its id so far; of the element whose text is read now */
    struct buf text;           /* ... which is this */
    size_t blank;              /* where the blanks behind the last markup begin; NOWHERE: there are none */
    bool is_blank, in_cdata;   /* nothing but blanks came since the last markup */
};

static void stop(struct reading *reading, enum err err)
{
    if (reading->err == ERR_NONE && !reading->is_seen)
        reading->err = err;
    XML_StopParser(reading->parser, XML_FALSE);
}

static bool is_stopped(const struct reading *reading)
{
    return reading->err != ERR_NONE || (reading->is_look && reading->is_seen);
}

static size_t place(const struct reading *reading)
{
    return (size_t)XML_GetCurrentByteIndex(reading->parser);
}

static size_t place_behind(const struct reading *reading)
{
    return place(reading) + (size_t)XML_GetCurrentByteCount(reading->parser);
}

/* Blanks are counted from behind the last tag, comment, instruction or CDATA section. */
static void note_markup(struct reading *reading)
{
    reading->blank = NOWHERE;
}

/* A local name in the namespace of this feed's RSS. */
static bool is_rss(const struct reading *reading, const char *name, const char *local)
{
    const char *space = reading->rss_space ? reading->rss_space : "";
    size_t len = strlen(space);

    return strncmp(name, space, len) == 0 && strcmp(name + len, local) == 0;
}

static struct slice attribute(const char **attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return slice_str(attributes[1]);
    return SLICE("");
}

/* ---- entries ---- */

static void set_id(struct reading *reading, struct slice id, enum id_rank rank)
{
    while (id.len && strchr(" \t\r\n", id.ptr[0]))
        id = slice_from(id, 1);
    while (id.len && strchr(" \t\r\n", id.ptr[id.len - 1]))
        id.len--;
    if (!id.len || rank <= reading->rank)
        return;
    if (id.len > reading->memory) {
        stop(reading, ERR_TOO_LARGE);
        return;
    }
    reading->memory -= id.len;
    reading->entry.id = arena_slice(&reading->feed->arena, id);
    reading->rank = rank;
}

static void add_entry(struct reading *reading)
{
    struct feed_entries *entries = reading->open;
    size_t room = entries->room ? 2 * entries->room : 16, more = room * sizeof(*entries->list);

    if (entries->count == entries->room) {
        if (entries->count == FEED_ENTRIES_MAX || more > reading->memory) {
            stop(reading, ERR_TOO_LARGE);
            return;
        }
        reading->memory -= more;
        entries->list = xrealloc(entries->list, more);
        entries->room = room;
    }
    entries->list[entries->count++] = reading->entry;
}

static void begin_entry(struct reading *reading, struct feed_entries *entries, struct slice id)
{
    reading->open = entries;
    reading->open_depth = reading->depth;
    reading->entry = (struct feed_entry){.from = place(reading)};
    reading->entry.blank = reading->blank == NOWHERE ? reading->entry.from : reading->blank;
    reading->rank = ID_NONE;
    set_id(reading, id, ID_OWN);
}

static bool is_entry(const struct reading *reading, const char *name)
{
    switch (reading->feed->format) {
    case FEED_ATOM:
        return reading->depth == 1 && strcmp(name, ATOM "entry") == 0;
    case FEED_RSS:
        return reading->depth == 2 && reading->in_channel && strcmp(name, "item") == 0;
    case FEED_RDF:
        break;
    }
    return reading->depth == 1 && is_rss(reading, name, "item");
}

static enum id_rank rank_of(const struct reading *reading, const char *name)
{
    if (reading->feed->format == FEED_ATOM)
        return strcmp(name, ATOM "id") == 0 ? ID_OWN : ID_NONE;
    if (reading->feed->format == FEED_RSS && strcmp(name, "guid") == 0)
        return ID_OWN;
    return is_rss(reading, name, "link") ? ID_LINK : ID_NONE;
}

static void begin_id(struct reading *reading, const char *name)
{
    reading->taking = rank_of(reading, name);
    buf_clear(&reading->text);
}

/* ---- the head ---- */

static void read_root(struct reading *reading, const char *name)
{
    struct feed *feed = reading->feed;

    if (strcmp(name, ATOM "feed") == 0)
        feed->format = FEED_ATOM;
    else if (strcmp(name, "rss") == 0)
        feed->format = FEED_RSS;
    else if (strcmp(name, RDF "RDF") == 0 && reading->rss_space)
        feed->format = FEED_RDF;
    else
        stop(reading, ERR_UNSUPPORTED);
    if (feed->format != FEED_RDF)
        reading->rss_space = NULL;
    reading->is_seen = reading->is_look && reading->err == ERR_NONE;
    if (reading->is_seen)
        stop(reading, ERR_NONE);
    feed->tags[0] = slice_of(feed->octets.ptr + place(reading), place_behind(reading) - place(reading));
}

/* A second channel would hold entries as well, in other tags; nobody writes one. */
static void begin_channel(struct reading *reading)
{
    struct feed *feed = reading->feed;

    if (feed->tags[1].len)
        stop(reading, ERR_UNSUPPORTED);
    feed->tags[1] = slice_of(feed->octets.ptr + place(reading), place_behind(reading) - place(reading));
    reading->in_channel = true;
}

/* What is in neither an entry nor something else that matters. */
static void read_head(struct reading *reading, const char *name, const char **attributes)
{
    struct feed *feed = reading->feed;
    unsigned head = feed->format == FEED_ATOM ? 1 : 2;
    bool is_rdf = feed->format == FEED_RDF;

    if (reading->depth == head && (!strcmp(name, HISTORY "complete") || !strcmp(name, HISTORY "archive")))
        feed->is_whole = true;
    else if (reading->depth == 1 && !strcmp(name, SIGNATURE "Signature"))
        feed->is_whole = true;
    else if (feed->format != FEED_ATOM && reading->depth == 1 && is_rss(reading, name, "channel"))
        begin_channel(reading);
    else if (is_rdf && reading->depth == 2 && reading->in_channel && is_rss(reading, name, "items"))
        reading->in_items = true;
    else if (reading->depth == 4 && reading->in_items && !strcmp(name, RDF "li")) {
        struct slice id = attribute(attributes, RDF "resource");

        begin_entry(reading, &feed->listed, id.len ? id : attribute(attributes, "resource"));
    }
}

/* ---- what expat calls ---- */

static void on_start(void *arg, const char *name, const char **attributes)
{
    struct reading *reading = arg;

    if (is_stopped(reading))
        return;
    if (reading->depth >= DEPTH_MAX)
        stop(reading, ERR_UNSUPPORTED);
    else if (++reading->elements % ASK_EVERY == 0 && stream_ask(reading->limits) != ERR_NONE)
        stop(reading, ERR_AGAIN);
    else if (reading->depth == 0)
        read_root(reading, name);
    else if (reading->open && reading->depth == reading->open_depth + 1)
        begin_id(reading, name);
    else if (!reading->open && is_entry(reading, name))
        begin_entry(reading, &reading->feed->entries,
                    reading->feed->format == FEED_RDF ? attribute(attributes, RDF "about") : SLICE(""));
    else if (!reading->open)
        read_head(reading, name, attributes);
    reading->depth++;
    note_markup(reading);
}

static void on_end(void *arg, const char *name)
{
    struct reading *reading = arg;

    if (is_stopped(reading))
        return;
    reading->depth--;
    if (reading->taking != ID_NONE && reading->depth == reading->open_depth + 1) {
        if (reading->text.overflown)
            stop(reading, ERR_UNSUPPORTED);
        set_id(reading, buf_slice(&reading->text), reading->taking);
        reading->taking = ID_NONE;
    }
    if (reading->open && reading->depth == reading->open_depth) {
        reading->entry.end = place_behind(reading);
        add_entry(reading);
        reading->open = NULL;
    }
    if (reading->depth == 1)
        reading->in_channel = false;
    if (reading->depth == 2)
        reading->in_items = false;
    note_markup(reading);
}

static bool is_blank_text(const char *text, int len)
{
    while (len && text[len - 1] && strchr(" \t\r\n", text[len - 1]))
        len--;
    return len == 0;
}

/* Where an entry may stand, or its place in the list of RSS 1.0. */
static bool is_between_entries(const struct reading *reading)
{
    unsigned depth = reading->feed->format == FEED_RSS ? 2 : 1;

    return !reading->open && (reading->depth == depth || (reading->in_items && reading->depth == 4));
}

/* Text between entries, which no feed has, could become "]]>" when what parts it is left out. */
static void on_text(void *arg, const char *text, int len)
{
    struct reading *reading = arg;

    if (is_stopped(reading))
        return;
    if (reading->taking != ID_NONE)
        buf_add(&reading->text, slice_of(text, (size_t)len));
    if (!is_between_entries(reading))
        return;
    if (!is_blank_text(text, len))
        reading->feed->is_whole = true;
    if (reading->blank == NOWHERE)
        reading->blank = place(reading);
}

static void on_namespace(void *arg, const char *prefix, const char *space)
{
    static const char *const spaces[] = {"http://purl.org/rss/1.0/\1", "http://my.netscape.com/rdf/simple/0.9/\1",
                                         "http://channel.netscape.com/rdf/simple/0.9/\1"};
    struct reading *reading = arg;
    size_t len = space ? strlen(space) : 0;

    (void)prefix;
    if (is_stopped(reading))
        return;
    if (len > SPACE_MAX)
        stop(reading, ERR_UNSUPPORTED);
    for (size_t i = 0; reading->depth == 0 && len && i < sizeof(spaces) / sizeof(*spaces); i++)
        if (strlen(spaces[i]) == len + 1 && memcmp(spaces[i], space, len) == 0)
            reading->rss_space = spaces[i];
}

static void on_doctype(void *arg, const char *name, const char *system_id, const char *public_id, int has_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    stop(arg, ERR_UNSUPPORTED);
}

static void on_declaration(void *arg, const char *version, const char *encoding, int standalone)
{
    struct reading *reading = arg;

    (void)standalone;
    /* expat reads any version as 1.0 */
    if (version && strcmp(version, "1.0") != 0)
        stop(reading, ERR_UNSUPPORTED);
    if (encoding)
        reading->feed->encoding = arena_slice(&reading->feed->arena, slice_str(encoding));
}

static void on_comment(void *arg, const char *text)
{
    (void)text;
    note_markup(arg);
}

static void on_instruction(void *arg, const char *target, const char *text)
{
    (void)target;
    (void)text;
    note_markup(arg);
}

static void on_cdata_end(void *arg)
{
    note_markup(arg);
}

static void set_handlers(struct reading *reading)
{
    XML_Parser parser = reading->parser;

    XML_SetUserData(parser, reading);
    XML_SetHashSalt(parser, (unsigned long)hash_process_key()->k0);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartNamespaceDeclHandler(parser, on_namespace);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    XML_SetXmlDeclHandler(parser, on_declaration);
    XML_SetCommentHandler(parser, on_comment);
    XML_SetProcessingInstructionHandler(parser, on_instruction);
    XML_SetEndCdataSectionHandler(parser, on_cdata_end);
}

static enum err run(struct reading *reading)
{
    static const XML_Memory_Handling_Suite memory = {xmalloc, xrealloc, free};
    static const char separator[] = {SEPARATOR, '\0'};
    struct slice octets = reading->feed->octets;
    bool is_read;

    note_markup(reading);
    reading->text = BUF_INIT(ID_MAX);
    reading->parser = XML_ParserCreate_MM(NULL, &memory, separator);
    set_handlers(reading);
    is_read = XML_Parse(reading->parser, octets.ptr, (int)octets.len, !reading->is_look) == XML_STATUS_OK;
    XML_ParserFree(reading->parser);
    buf_release(&reading->text);
    if (reading->err == ERR_NONE && !is_read)
        reading->err = ERR_UNSUPPORTED;
    return reading->err;
}

enum err feed_read(struct feed *feed, struct slice octets, size_t memory, const struct delta_limits *limits)
{
    struct reading reading = {.feed = feed, .limits = limits, .memory = memory};

    *feed = (struct feed){.octets = octets};
    if (octets.len > FEED_OCTETS_MAX)
        return ERR_TOO_LARGE;
    return run(&reading);
}

void feed_release(struct feed *feed)
{
    free(feed->entries.list);
    free(feed->listed.list);
    arena_release(&feed->arena);
    *feed = (struct feed){0};
}

bool feed_begins(struct slice start)
{
    static const struct delta_limits no_limits;
    struct feed feed = {.octets = slice_upto(start, FEED_LOOK)};
    struct reading reading = {.feed = &feed, .limits = &no_limits, .is_look = true};

    run(&reading);
    feed_release(&feed);
    return reading.is_seen;
}
