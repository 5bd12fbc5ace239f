/*
 * head.h - the head of a request: request line and header fields (RFC 9112 §2 to §5).
 *
 * The parser is fed all bytes that arrived since the message began, as often as more arrive, and answers
 * HEAD_MORE, HEAD_DONE or HEAD_BAD. What it answers depends on the bytes alone, never on how they were
 * cut; the whole work is linear in their number. It allocates nothing: the caller lends an array of
 * fields. All slices in a head point into the bytes given last; after a copy elsewhere, head_rebase().
 *
 * Strict on purpose (choice H1-C1): what two readers could understand differently is refused with 400.
 * Octets 80-FF are opaque data in values and in the target. Any thread, one at a time per parser.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "base/arena.h"
#include "base/slice.h"
#include "http/method.h"

/* Fields that somebody in the server reads; fewer than 64, so that a uint64_t holds a set of them. */
enum field_id {
    FIELD_OTHER = 0,
    FIELD_ACCEPT,
    FIELD_ACCEPT_CHARSET,
    FIELD_ACCEPT_ENCODING,
    FIELD_ACCEPT_FEATURES,
    FIELD_ACCEPT_LANGUAGE,
    FIELD_A_IM,
    FIELD_AUTHORIZATION,
    FIELD_AVAILABLE_DICTIONARY,
    FIELD_CACHE_CONTROL,
    FIELD_CONNECTION,
    FIELD_CONTENT_DIGEST,
    FIELD_CONTENT_ENCODING,
    FIELD_CONTENT_LANGUAGE,
    FIELD_CONTENT_LENGTH,
    FIELD_CONTENT_RANGE,
    FIELD_CONTENT_TYPE,
    FIELD_COOKIE,
    FIELD_C_MAN,
    FIELD_C_OPT,
    FIELD_DATE,
    FIELD_DEPTH,
    FIELD_DESTINATION,
    FIELD_DICTIONARY_ID,
    FIELD_EXPECT,
    FIELD_FORWARDED,
    FIELD_FROM,
    FIELD_HOST,
    FIELD_IF,
    FIELD_IF_MATCH,
    FIELD_IF_MODIFIED_SINCE,
    FIELD_IF_NONE_MATCH,
    FIELD_IF_RANGE,
    FIELD_IF_UNMODIFIED_SINCE,
    FIELD_KEEP_ALIVE,
    FIELD_LOCK_TOKEN,
    FIELD_MAN,
    FIELD_MAX_FORWARDS,
    FIELD_NEGOTIATE,
    FIELD_OC_CHECKSUM,
    FIELD_OPT,
    FIELD_ORIGIN,
    FIELD_OVERWRITE,
    FIELD_PRAGMA,
    FIELD_PREFER,
    FIELD_RANGE,
    FIELD_REFERER,
    FIELD_REPR_DIGEST,
    FIELD_SEC_FETCH_MODE,
    FIELD_SEC_FETCH_SITE,
    FIELD_TE,
    FIELD_TIMEOUT,
    FIELD_TRAILER,
    FIELD_TRANSFER_ENCODING,
    FIELD_UPGRADE,
    FIELD_USER_AGENT,
    FIELD_VIA,
    FIELD_WANT_CONTENT_DIGEST,
    FIELD_WANT_REPR_DIGEST,
    FIELD_X_FORWARDED_FOR,
    FIELD_X_FORWARDED_HOST,
    FIELD_X_FORWARDED_PROTO,
    FIELD_X_OC_MTIME,
    FIELD_COUNT
};

/* Compares without case (H1-14); FIELD_OTHER for what is not in the table. */
enum field_id field_find(struct slice name);
/* As registered: "If-None-Match"; "" for FIELD_OTHER. */
struct slice field_name(enum field_id id);

struct field {
    struct slice name, value; /* value without surrounding blanks (H1-13); may be empty */
    enum field_id id;
};

struct head {
    struct slice method_text, target;
    enum method method; /* METHOD_UNKNOWN: any other token, the caller answers 501 in its place of the order */
    int minor;          /* 0 for HTTP/1.0, 1 for HTTP/1.1 and all later 1.x (POL-97) */
    struct field *fields;
    unsigned field_count;
    bool is_coffee;             /* HTTP/2: the scheme was one of coffee URIs, of which only servers with pots know */
    uint64_t present;           /* BIT of each field_id that occurs */
    uint8_t first[FIELD_COUNT]; /* 1 + index of the first line of that id; 0: none */
    size_t len;                 /* bytes from the start of the message up to and with the final empty line */
};

/*
 * Lengths are octets of a line without its line end; what has exactly the limit is accepted (POL-42).
 * field_count_max is cut to the lent room and to 255.
 */
struct head_limits {
    uint32_t request_line_max; /* past it 414, or 501 when the method alone fills it (POL-37) */
    uint32_t field_line_max;   /* past it 431 */
    uint32_t fields_total_max; /* sum over all field lines; past it 431 */
    uint32_t field_count_max;  /* past it 431 */
    bool bare_lf;              /* a LF alone ends a line too: for old tools only (H1-C1) */
};

/* 8 KiB and a bit of request line, 48 KiB a field (Kerberos tokens), 64 KiB together, 128 fields. */
#define HEAD_LIMITS_DEFAULT ((struct head_limits){8400, 49152, 65536, 128, false})

enum { HEAD_FIELDS_MAX = 255, HEAD_CULPRIT_MAX = 64, HEAD_EMPTY_LINES_MAX = 8 };

enum head_step { HEAD_MORE, HEAD_DONE, HEAD_BAD };

struct head_parser {
    /* for the caller, after HEAD_BAD */
    int status;           /* 400, 414, 431, 501, 505, judged in the order of POL-100 */
    const char *why;      /* a short sentence for the answer's content; static */
    struct slice culprit; /* 431 for one line: its field's name, at most HEAD_CULPRIT_MAX octets (POL-35); else empty */
    /* head.method: of the refused request, as far as it can be told; the refusal of a HEAD has no content */
    bool end_found; /* the end of the header section is in the bytes given; else close (POL-40) */
    /* for the caller, always */
    bool has_begun; /* an octet of the request line has arrived (408 or silence: H1-C6) */

    /* the parser's own */
    struct head_limits limits;
    unsigned room;
    unsigned empty_lines;
    bool in_fields; /* the request line is done */
    size_t line;    /* where the current line starts */
    size_t scan;    /* how far that line was looked at */
    size_t total;
    const char *base; /* bytes.ptr of the last call */
    struct head head;
};

/* `room` must live as long as the parser and the head that it fills. */
void head_parser_init(struct head_parser *parser, const struct head_limits *limits, struct field *room,
                      unsigned room_count);

/*
 * bytes: ALL bytes since the start of the message; they may have moved since the last call, never changed.
 * HEAD_DONE: *out is filled; bytes after out->len belong to the body or the next request. The parser must
 * be initialised again after HEAD_DONE or HEAD_BAD.
 */
enum head_step head_parse(struct head_parser *parser, struct slice bytes, struct head *out);

static inline bool head_has(const struct head *head, enum field_id id)
{
    return head->present >> id & 1u;
}

/* The first line's value; empty if there is none. */
static inline struct slice head_value(const struct head *head, enum field_id id)
{
    return head->first[id] ? head->fields[head->first[id] - 1].value : SLICE_NONE;
}

unsigned head_count_of(const struct head *head, enum field_id id);

/*
 * All lines of one field, in order: start with NULL, ends with NULL.
 * for (const struct field *at = NULL; (at = head_next(head, FIELD_VIA, at));) ...
 */
const struct field *head_next(const struct head *head, enum field_id id, const struct field *after);

/* All lines as one value, joined by ", " (RFC 9110 §5.3); takes from the arena only if there are several. */
struct slice head_combined(const struct head *head, enum field_id id, struct arena *arena);

/* The first line of a field that is not in the table, by its name; empty slice and false if there is none. */
bool head_find(const struct head *head, struct slice name, struct slice *value);

/* The bytes that were at `from` are now at `to`: all slices of the head follow. `fields` stays. */
void head_rebase(struct head *head, const char *from, const char *to);

/*
 * A copy that lives in the arena: text and fields. The text of all slices is copied as one piece.
 * `bytes` is what head_parse() was given last.
 */
void head_keep(struct head *head, struct slice bytes, struct arena *arena);

#endif
