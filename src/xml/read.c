/*
 * read.c - XML in.
 *
 * expat finds the tokens, checks well-formedness and resolves namespaces; its calls become a tree here. The document is
 * given to it as one piece, so that it neither copies nor looks at a token twice. What grows faster than the document
 * is refused where it is declared: entities, default attributes, very long namespace names (each element repeats one).
 */
#include "private.h"

#include <expat.h>
#include <stdlib.h>

#include "base/hash.h"

/* Stands between the parts of a name; no document can have it in one. */
#define SEPARATOR '\1'

/* Octets of a namespace name: each element and attribute costs looking at it once. Real ones have less than 100. */
enum { SPACE_MAX = 2048 };

/* Octets of a language tag: it is written on each element below that is kept. Real ones have less than 40. */
enum { LANG_MAX = 256 };

/* Buckets of the table of namespace names; a document has a handful of them. */
enum { SPACE_BUCKETS = 64 };

struct space {
    struct space *next;
    struct slice name;
};

struct reading {
    XML_Parser parser;
    const struct xml_limits *limits;
    struct arena *arena;
    struct xml_node *root, *current; /* current: the innermost open element */
    struct xml_node **ends;          /* for each depth, the last child so far of the element open there */
    unsigned depth, nodes, declarations;
    struct xml_attribute *declared, **declared_end; /* of the element that comes next */
    unsigned declared_count;
    struct buf text; /* since the last tag */
    struct space *spaces[SPACE_BUCKETS];
    enum xml_result result; /* XML_OK while nothing was refused */
    struct slice why;
};

static void refuse(struct reading *reading, enum xml_result result, const char *sentence)
{
    if (reading->result == XML_OK) {
        reading->result = result;
        reading->why = arena_printf(reading->arena, "%s (Line %lu.)", sentence,
                                    (unsigned long)XML_GetCurrentLineNumber(reading->parser));
    }
    XML_StopParser(reading->parser, XML_FALSE);
}

/* Each namespace name is kept once: a short document could repeat a long one often. */
static struct slice space_kept(struct reading *reading, struct slice name)
{
    struct space **bucket = &reading->spaces[hash64(hash_process_key(), name) % SPACE_BUCKETS], *space;

    for (space = *bucket; space; space = space->next)
        if (slice_eq(space->name, name))
            return space->name;
    space = arena_alloc(reading->arena, sizeof(*space));
    *space = (struct space){*bucket, arena_slice(reading->arena, name)};
    *bucket = space;
    return space->name;
}

/* expat's "local", "space|local" or "space|local|prefix". */
static void split_name(struct reading *reading, const char *name, struct slice *space, struct slice *local,
                       struct slice *prefix)
{
    struct slice rest = slice_str(name);

    *space = *prefix = SLICE("");
    if (slice_cut(rest, SEPARATOR, space, &rest))
        *space = space_kept(reading, *space);
    if (slice_cut(rest, SEPARATOR, &rest, prefix))
        *prefix = arena_slice(reading->arena, *prefix);
    *local = arena_slice(reading->arena, rest);
}

static struct xml_node *add_node(struct reading *reading)
{
    struct xml_node *node, **end = &reading->ends[reading->depth];

    if (++reading->nodes > reading->limits->nodes) {
        refuse(reading, XML_LIMIT, "The XML has too many elements.");
        return NULL;
    }
    node = arena_alloc(reading->arena, sizeof(*node));
    node->parent = reading->current;
    if (reading->current)
        node->lang = reading->current->lang;
    if (*end)
        (*end)->next = node;
    else if (reading->current)
        reading->current->first = node;
    *end = node;
    return node;
}

/* The text since the last tag becomes a node. Comments and instructions do not part it. */
static void end_text(struct reading *reading)
{
    struct xml_node *node;

    if (!reading->text.len || !reading->current)
        return;
    node = add_node(reading);
    if (!node)
        return;
    node->is_text = true;
    node->text = arena_slice(reading->arena, buf_slice(&reading->text));
    buf_clear(&reading->text);
}

static void take_attributes(struct reading *reading, struct xml_node *node, const char **attributes)
{
    struct xml_attribute **end = &node->attributes;
    unsigned count = 0;

    for (; *attributes; attributes += 2, end = &(*end)->next) {
        if (++count + reading->declared_count > reading->limits->attributes) {
            refuse(reading, XML_LIMIT, "An element has too many attributes.");
            return;
        }
        *end = arena_alloc(reading->arena, sizeof(**end));
        split_name(reading, attributes[0], &(*end)->space, &(*end)->local, &(*end)->prefix);
        (*end)->value = arena_slice(reading->arena, slice_str(attributes[1]));
        if (slice_eq((*end)->local, SLICE("lang")) && slice_eq((*end)->space, XML_XML))
            node->lang = (*end)->value;
        if (node->lang.len > LANG_MAX) {
            refuse(reading, XML_LIMIT, "The name of a language is too long.");
            return;
        }
    }
}

static void on_start(void *arg, const char *name, const char **attributes)
{
    struct reading *reading = arg;
    struct xml_node *node;

    if (reading->result != XML_OK)
        return;
    end_text(reading);
    if (reading->depth >= reading->limits->depth) {
        refuse(reading, XML_LIMIT, "The XML is nested too deeply.");
        return;
    }
    node = reading->result == XML_OK ? add_node(reading) : NULL;
    if (!node)
        return;
    split_name(reading, name, &node->space, &node->local, &node->prefix);
    node->declared = reading->declared;
    take_attributes(reading, node, attributes);
    reading->declared = NULL;
    reading->declared_end = &reading->declared;
    reading->declared_count = 0;
    if (!reading->root)
        reading->root = node;
    reading->current = node;
    reading->ends[++reading->depth] = NULL;
}

static void on_end(void *arg, const char *name)
{
    struct reading *reading = arg;

    if (reading->result != XML_OK)
        return;
    end_text(reading);
    if (reading->result != XML_OK)
        return;
    reading->current = reading->current->parent;
    reading->depth--;
}

static void on_text(void *arg, const char *text, int len)
{
    struct reading *reading = arg;

    if (reading->result == XML_OK)
        buf_add(&reading->text, slice_of(text, (size_t)len));
}

static void on_namespace(void *arg, const char *prefix, const char *space)
{
    struct reading *reading = arg;
    struct slice name = slice_str(space);
    struct xml_attribute *declared;

    if (reading->result != XML_OK)
        return;
    if (name.len > SPACE_MAX) {
        refuse(reading, XML_LIMIT, "The name of a namespace is too long.");
        return;
    }
    if (++reading->declared_count > reading->limits->attributes) {
        refuse(reading, XML_LIMIT, "An element declares too many namespaces.");
        return;
    }
    declared = arena_alloc(reading->arena, sizeof(*declared));
    declared->local = prefix ? arena_slice(reading->arena, slice_str(prefix)) : SLICE("");
    declared->value = space_kept(reading, name);
    *reading->declared_end = declared;
    reading->declared_end = &declared->next;
}

/* An external subset is an external entity too (XML 1.0 §2.8), were it ever read. */
static void on_doctype(void *arg, const char *name, const char *system_id, const char *public_id, int has_subset)
{
    struct reading *reading = arg;

    if (reading->result == XML_OK && (system_id || public_id))
        refuse(reading, XML_EXTERNAL, "The XML refers to an external document type definition.");
}

static void on_entity(void *arg, const char *name, int is_parameter, const char *value, int len, const char *base,
                      const char *system_id, const char *public_id, const char *notation)
{
    struct reading *reading = arg;

    if (reading->result != XML_OK)
        return;
    if (system_id || public_id)
        refuse(reading, XML_EXTERNAL, "The XML declares an external entity.");
    else
        refuse(reading, XML_LIMIT, "The XML declares an entity.");
}

/* Comes where a declaration that was not read could have said what the entity is. */
static void on_skipped(void *arg, const char *name, int is_parameter)
{
    struct reading *reading = arg;

    if (reading->result == XML_OK)
        refuse(reading, XML_EXTERNAL, "The XML uses an entity that nothing in it declares.");
}

/* No DTD is used (RFC 4918 §17), so attributes that only it gives are not there; expat would add them to each element.
 */
static void on_attlist(void *arg, const char *element, const char *attribute, const char *type, const char *value,
                       int is_required)
{
    struct reading *reading = arg;

    if (reading->result != XML_OK)
        return;
    if (value)
        refuse(reading, XML_LIMIT, "The XML declares attributes with default values.");
    else if (++reading->declarations > reading->limits->attributes)
        refuse(reading, XML_LIMIT, "The XML declares too many attributes.");
}

static void set_handlers(struct reading *reading)
{
    XML_Parser parser = reading->parser;

    XML_SetUserData(parser, reading);
    XML_SetReturnNSTriplet(parser, XML_TRUE);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartNamespaceDeclHandler(parser, on_namespace);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    XML_SetEntityDeclHandler(parser, on_entity);
    XML_SetSkippedEntityHandler(parser, on_skipped);
    XML_SetAttlistDeclHandler(parser, on_attlist);
}

static void read_all(struct reading *reading, struct slice bytes)
{
    if (XML_Parse(reading->parser, bytes.ptr, (int)bytes.len, XML_TRUE) == XML_STATUS_OK || reading->result != XML_OK)
        return;
    reading->result = XML_MALFORMED;
    reading->why = arena_printf(reading->arena, "The XML is not well-formed: %s (line %lu).",
                                XML_ErrorString(XML_GetErrorCode(reading->parser)),
                                (unsigned long)XML_GetCurrentLineNumber(reading->parser));
}

enum xml_result xml_parse(struct slice bytes, const struct xml_limits *limits, struct arena *arena,
                          struct xml_node **root, struct slice *why)
{
    static const XML_Memory_Handling_Suite memory = {xmalloc, xrealloc, free};
    static const char separator[] = {SEPARATOR, '\0'};
    struct reading reading = {.limits = limits, .arena = arena};
    uint64_t salt = hash_process_key()->k0;

    *root = NULL;
    *why = SLICE("");
    if (bytes.len > limits->bytes || bytes.len > INT32_MAX) {
        *why = SLICE("The XML is too long.");
        return XML_LIMIT;
    }
    /* three octets of UTF-8 for two of UTF-16 are the worst */
    reading.text = BUF_INIT(2 * bytes.len + 16);
    reading.ends = arena_alloc(arena, ((size_t)limits->depth + 1) * sizeof(struct xml_node *));
    reading.declared_end = &reading.declared;
    reading.parser = XML_ParserCreate_MM(NULL, &memory, separator);
    XML_SetHashSalt(reading.parser, (unsigned long)salt);
    set_handlers(&reading);
    read_all(&reading, bytes);
    XML_ParserFree(reading.parser);
    buf_release(&reading.text);
    *why = reading.why;
    if (reading.result == XML_OK)
        *root = reading.root;
    return reading.result;
}
