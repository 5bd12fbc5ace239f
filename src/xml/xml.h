/*
 * xml.h - XML in and out: a reader with limits (expat) that gives a tree, and a writer that cannot nest wrongly.
 *
 * Namespaces are resolved: names compare by namespace and local part, whatever the prefix (RFC 4918 §17). Nothing is
 * fetched, no entity is expanded but the five of XML itself and character references. Everything read lives in an
 * arena. Pure; any thread, one at a time per reader or writer.
 */
#ifndef XML_XML_H
#define XML_XML_H

#include "base/arena.h"
#include "base/buf.h"

#define XML_DAV SLICE("DAV:")

struct xml_attribute {
    struct xml_attribute *next;
    struct slice space, local, prefix, value;
};

/* An element, or a run of text between two. */
struct xml_node {
    struct xml_node *parent, *first, *next;
    struct slice space, local, prefix; /* of an element; namespace "" for none */
    struct xml_attribute *attributes;  /* xmlns declarations are not among them, but here: */
    struct xml_attribute *declared;    /* local: the prefix, "" for the default; value: the namespace, "" for none */
    bool is_text;
    struct slice text; /* of text: UTF-8, references resolved */
    struct slice lang; /* xml:lang in scope */
};

struct xml_limits {
    size_t bytes;                      /* of the document; its tree takes some ten times as much at worst */
    unsigned depth, nodes, attributes; /* attributes of one element */
};
/* A megabyte, 64 deep, 20 000 nodes, 64 attributes: far beyond what any client sends for a thousand properties. */
#define XML_LIMITS_DEFAULT ((struct xml_limits){1 << 20, 64, 20000, 64})

enum xml_result {
    XML_OK,
    XML_MALFORMED, /* not well-formed, or misuses namespaces, or in an encoding that is neither UTF-8, UTF-16 nor
                      one that expat knows: 400 */
    XML_EXTERNAL,  /* declares or uses an external entity: 403, DAV:no-external-entities */
    XML_LIMIT,     /* past a limit, or declares entities of its own: 413 or 400 (DAV-021) */
};

/* `why`: a plain sentence with the line, static or in the arena. *root is the document's element. */
enum xml_result xml_parse(struct slice bytes, const struct xml_limits *limits, struct arena *arena,
                          struct xml_node **root, struct slice *why);

bool xml_is(const struct xml_node *node, struct slice space, struct slice local);
/* The first child element of that name; NULL. */
struct xml_node *xml_child(const struct xml_node *node, struct slice space, struct slice local);
/* The first (next) child element whatever its name; text is passed over. */
struct xml_node *xml_first(const struct xml_node *node);
struct xml_node *xml_next(const struct xml_node *node);
/* All text directly in the element, joined and trimmed; takes from the arena only if there are several runs. */
struct slice xml_text_of(const struct xml_node *node, struct arena *arena);

/*
 * The element with all in it, so that it can stand anywhere: prefixes as they were (DAV-052), every namespace in use
 * declared on it or below, xml:lang in scope written on it (DAV-051). False: longer than `out` takes, which is then as
 * it was before.
 */
bool xml_serialize(const struct xml_node *node, struct buf *out);

/* ---- out ---- */

enum { XML_DEPTH_OUT = 16 };

/*
 * Writes to a buf; names of open elements are kept, so each end fits its start. The prefix `D` is DAV: and is declared
 * on the first element; other namespaces are declared where they are used. Flush by moving the buf's bytes away at any
 * time. Texts are escaped; what is no character of XML becomes U+FFFD.
 */
struct xml_out {
    struct buf *out;
    struct slice open[XML_DEPTH_OUT]; /* static, or valid while open: local names in DAV: */
    unsigned depth;
};
/* The declaration line. */
void xml_begin(struct xml_out *xml, struct buf *out);
/* Elements in DAV:. local: a constant. */
void xml_open(struct xml_out *xml, struct slice local);
void xml_close(struct xml_out *xml);
void xml_empty(struct xml_out *xml, struct slice local);
void xml_leaf(struct xml_out *xml, struct slice local, struct slice text);
void xml_text(struct xml_out *xml, struct slice text);
/* An element by name, in any namespace, empty: `<x:local xmlns:x="..."/>`. */
void xml_named(struct xml_out *xml, struct slice space, struct slice local);
/* The same with text. */
void xml_named_leaf(struct xml_out *xml, struct slice space, struct slice local, struct slice text);
/* What xml_serialize() made. */
void xml_add(struct xml_out *xml, struct slice element);

#endif
