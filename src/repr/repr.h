/*
 * repr.h - what an answer carries: media types, error pages, folder listings, the plan of a file's body.
 *
 * Nothing here touches a socket or knows a connection. The functions say which side they are for; those
 * that say nothing are pure and run on any side. Texts returned as slices without an arena are static.
 */
#ifndef REPR_REPR_H
#define REPR_REPR_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/role.h"
#include "base/rpath.h"
#include "conf/conf.h"
#include "exchange/exchange.h"
#include "http/accept.h"
#include "http/range.h"
#include "repr/language.h"
#include "store/store.h"

/* ---- media types (media.c) ---- */

/*
 * Reads /etc/mime.types; a built-in table fills what it lacks, also when the file is missing. Once, before
 * threads start; until then every type is application/octet-stream.
 */
void media_open(void);
/* The same from another file, for tests; NULL: built-in types only. Replaces what was read before. */
void media_open_file(const char *path);
void media_close(void);

/*
 * The Content-Type for a file's name (a leaf, any octets): by the longest extension known, letters without
 * case; text without a charset says `; charset=utf-8`; application/octet-stream for the unknown. Static
 * until media_close(), no allocation.
 */
struct slice media_type(struct slice name);

/* The same by an extension alone, without its dot; "" for one that is unknown. */
struct slice media_extension(struct slice extension);
/* A bare type with its charset; without one ("") with what media_type() gives to such: "text/html; charset=utf-8". */
struct slice media_with_charset(struct arena *arena, struct slice type, struct slice charset);

/* A browser may run what is inside: HTML, XML of any kind (SVG, XHTML), JavaScript, web archives. */
bool media_is_active(struct slice type);

/*
 * Content-Disposition that makes a browser save the file: attachment; filename*=UTF-8''NAME (RFC 6266 §4,
 * RFC 8187 §3.2). Octets that are no UTF-8 appear as U+FFFD; the field is ASCII, whatever the name.
 */
struct slice disposition_attachment(struct arena *arena, struct slice name);
/* The same for one that is shown where that can be, and has another name than its address. */
struct slice disposition_inline(struct arena *arena, struct slice name);

/* ---- our own pages (error.c, page.c) ---- */

/* Content-Security-Policy of our own pages: nothing inline, nothing from elsewhere. */
struct slice page_csp(void);
/* Content-Security-Policy of users' files where `untrusted = on`. */
struct slice untrusted_csp(void);
/* The one style sheet of our pages, to be served as text/css; charset=utf-8 at this address. */
struct slice page_style_css(void);
#define PAGE_STYLE_PATH "/.samovar/style.css"

/*
 * The body of an error or of a short answer (308, 428, 431 ...), in a language: a sentence that is not in the catalogue
 * (repr/words.h) stays English, and says so where the form can. What programs read is English in all: the first line of
 * text, the title in JSON.
 *
 * detail, link_text: plain text, may hold request data; escaped here. link: an href, percent-encoded.
 * condition: our own constant, never request data: the local name of a precondition element of the DAV:
 * namespace; it makes the body DAV:error XML whatever `form` says (RFC 4918 §16).
 */
struct error_page {
    int status;
    enum error_form form;
    enum page_language language;
    struct slice detail;              /* one plain sentence: what happened, what to do; "" gives a general one */
    struct slice condition, narrower; /* narrower: another condition before it, without content; "" without */
    const struct slice *hrefs;        /* of the condition, percent-encoded; as many as fit */
    unsigned href_count;
    struct slice link, link_text;          /* "" without; link_text "" shows the link itself (POL-07, POL-12) */
    struct slice type;                     /* of a problem in JSON, a URI; "": about:blank */
    const struct explanation *explanation; /* NULL without */
    bool is_elsewhere;                     /* it stands in another server's place: our addresses are not there */
    struct slice members;                  /* more of that object, in JSON as they are: ,"name":value */
};

/*
 * Appends the body and gives its media type and the language that it is in; never more than ERROR_BODY_MAX bytes.
 * detail, link_text and the values of facts are cut at ERROR_TEXT_MAX octets, an explanation's text at ERROR_LONG_MAX;
 * a link longer than ERROR_LINK_MAX is left out.
 */
enum { ERROR_TEXT_MAX = 1024, ERROR_LONG_MAX = 8192, ERROR_LINK_MAX = 8192, ERROR_BODY_MAX = 256 * 1024 };
enum page_language error_body(const struct error_page *page, struct buf *out, struct slice *content_type);

/*
 * Escapers. What is no valid UTF-8, or no character for that format, appears as U+FFFD; control characters
 * in HTML as their pictures (U+2400 ...). Good for text and for attributes in double quotes.
 */
void html_escape(struct buf *out, struct slice text);
void json_escape(struct buf *out, struct slice text); /* without the quotes around it */
void xml_escape(struct buf *out, struct slice text);
/* For text/plain: control characters and invalid UTF-8 cannot reach a terminal. */
void text_escape(struct buf *out, struct slice text);

/* ---- listings of a folder (listing.c) ---- */

enum listing_form { LISTING_HTML, LISTING_JSON };
enum { LISTING_ENTRIES_MAX = 100000, LISTING_FILL_MAX = 32 * 1024 };

struct listing_options {
    struct store *store;
    int folder_fd; /* borrowed, for listing_open() only */
    struct rpath path;
    enum listing_form form;
    enum page_language language; /* of the words in HTML; JSON has none */
    struct slice query;      /* as in the target, without '?': sort=name|size|modified, order=asc|desc; else ignored */
    enum hidden_mode hidden; /* UNLISTED: dot files are left out of HTML; DENY: out of both */
    bool is_past;            /* of what they were (http/past.h): files are collections, too, and nothing is put here */
    bool can_write;          /* the page says how to put files here */
    uint32_t entries_max;    /* 0: LISTING_ENTRIES_MAX; what is beyond is counted, not listed */
    const struct site *site; /* NULL: all members are shown; else those that conf_sight() lets the asker see */
    const struct asker *asker; /* borrowed, for listing_open() only */
};

/*
 * A listing to be pulled in pieces; holds about 50 bytes and the name for each member, nothing of the text.
 * Reads the whole folder at once, keeps nothing of the options. Owned by its exchange; one job at a time.
 * Content-Type is listing_type(form); no ETag and no Last-Modified are given (CND-C7), Accept-Ranges: none.
 * The page expects to be at an address that ends in '/'.
 */
struct listing;
enum err listing_open(const struct listing_options *options, struct listing **out) WORKER_SIDE;
/*
 * Appends up to LISTING_FILL_MAX bytes, or as much as `out` has room for. *done: that was the last of it.
 * Does not touch the disk; worker side because it takes its time.
 */
enum err listing_fill(struct listing *listing, struct buf *out, bool *done) WORKER_SIDE;
/* NULL is fine. Any side. */
void listing_close(struct listing *listing);
struct slice listing_type(enum listing_form form);

/* ---- bodies made of a file's bytes (body.c) ---- */

enum { BODY_PIECES_MAX = 16 };

/* A stretch of the file, preceded by text of our own. */
struct body_piece {
    struct slice before; /* the header of a multipart part, "" otherwise */
    uint64_t off, len;   /* in the file */
};

/* What is sent: before, bytes, before, bytes, ..., after. */
struct file_body {
    int status;              /* 200 or 206 */
    uint64_t content_length; /* all of it, exactly */
    unsigned count;          /* 0: an empty file */
    struct body_piece piece[BODY_PIECES_MAX];
    struct slice after;         /* the closing delimiter of a multipart, "" otherwise */
    struct slice content_type;  /* of the message */
    struct slice content_range; /* of a single part 206, "" otherwise (RNG-29, RNG-38) */
};

/* 200: the file of `length` bytes. `type` is borrowed. */
void body_whole(struct file_body *body, uint64_t length, struct slice type);
/*
 * 206: the set's ranges, which lie inside the file, in the order they have (RNG-22 to RNG-36). One range gives a
 * single part, several a multipart with a boundary of 128 random bits. Texts live in the arena. False, and
 * body_whole(), when the set has no range, too many, or one that does not fit the file.
 */
bool body_ranges(struct arena *arena, struct file_body *body, const struct range_set *set, uint64_t length,
                 struct slice type);
/* "bytes * / LENGTH" without the spaces, the Content-Range of a 416 (RNG-48). */
struct slice body_range_unsatisfied(struct arena *arena, uint64_t length);

#endif
