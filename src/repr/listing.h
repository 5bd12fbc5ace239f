/*
 * listing.h - what the makers of the two listings share: the members, sorted, and how far we are.
 *
 * listing.c collects and hands out; listing_html.c and listing_json.c write one piece at a time.
 */
#ifndef REPR_LISTING_H
#define REPR_LISTING_H

#include "repr/repr.h"
#include "repr/words.h"

enum entry_kind { ENTRY_FOLDER, ENTRY_FILE, ENTRY_BROKEN };

/* One member; kept small, there may be 100 000. */
struct entry {
    const char *name; /* in the listing's arena */
    uint64_t size;
    int64_t modified_s;
    uint16_t name_len;
    uint8_t kind;
};

enum column { COLUMN_NAME, COLUMN_SIZE, COLUMN_MODIFIED, COLUMN_COUNT };

struct order {
    enum column column;
    bool is_descending;
};

struct listing {
    struct arena arena;
    struct rpath path;
    enum listing_form form;
    enum page_language language;
    struct order order;
    bool is_past; /* its members and their addresses are those of http/past.h */
    bool can_write;
    bool hides_dots;       /* dot files are left out */
    struct entry *entries; /* sorted */
    size_t count, room;
    size_t entries_max;
    uint64_t beyond;                     /* members past entries_max */
    uint64_t folders, files, file_bytes; /* of those listed */

    size_t next; /* the entry to be written next */
    enum { LISTING_START, LISTING_ENTRIES, LISTING_END, LISTING_DONE } stage;
    struct buf pending; /* the piece being handed out */
    size_t given;       /* of pending */
};

static inline struct slice entry_name(const struct entry *entry)
{
    return slice_of(entry->name, entry->name_len);
}

/* One piece each; entries come in the order of the listing. */
void html_start(const struct listing *listing, struct buf *out);
void html_entry(const struct listing *listing, const struct entry *entry, struct buf *out);
void html_end(const struct listing *listing, struct buf *out);
void json_start(const struct listing *listing, struct buf *out);
void json_entry(const struct listing *listing, const struct entry *entry, struct buf *out);
void json_end(const struct listing *listing, struct buf *out);

/* What other pages have alike: all up to the heading, of the path alone; "9.8 KiB"; a moment. The last two are cells.
 */
void html_heading(const struct listing *listing, struct buf *out);
void html_size_cell(enum page_language language, uint64_t size, struct buf *out);
void html_say(enum page_language language, enum page_word word, struct buf *out);
/* "1 file", "2 files". */
void html_count(enum page_language language, enum page_noun noun, uint64_t count, struct buf *out);
void html_time_cell(int64_t unix_s, struct buf *out);
/* "/a/" and "/", as an href. */
void json_folder_href(const struct listing *listing, struct buf *out);

/* "2026-11-22T13:05:09Z" (RFC 3339). */
void add_rfc3339(struct buf *out, int64_t unix_s);

/* "sort=size&order=desc"; what makes no sense is as if absent. */
struct order order_parse(struct slice query);
/* Folders first; then by the column; equal ones by name. Negative, zero, positive. */
int entry_compare(const struct entry *a, const struct entry *b, const struct order *order);
/* As people sort: letters without case, numbers by value; unequal octets are never equal. */
int name_compare(struct slice a, struct slice b);

#endif
