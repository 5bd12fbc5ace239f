/*
 * listing.c - a folder's members, read at once and handed out piece by piece.
 *
 * The names are kept and sorted, the text is not: a piece is written when the one before it has been
 * taken, so a folder of 100 000 members costs some megabytes and never its page's length. What is beyond
 * that many is counted and said, never left out silently.
 */
#include "listing.h"

#include <stdlib.h>

#include "repr/sight.h"

enum {
    ENTRIES_FIRST = 64,
    /* The largest piece is the start of a page: a path of 4 KiB, shown four times, six octets for one. */
    PIECE_MAX = 256 * 1024,
    MEMBER_PATH_MAX = 2 * 65536, /* a path that could be asked for, and a name */
};

static void entry_add(struct listing *listing, const struct member *member)
{
    struct entry *entry;

    if (listing->count == listing->room) {
        listing->room = listing->room ? listing->room * 2 : ENTRIES_FIRST;
        listing->entries = xrealloc(listing->entries, listing->room * sizeof(*listing->entries));
    }
    entry = &listing->entries[listing->count++];
    *entry = (struct entry){
        .name = arena_slice(&listing->arena, member->name).ptr,
        .name_len = (uint16_t)member->name.len,
        .kind = ENTRY_BROKEN,
    };
    if (member->is_broken)
        return;
    entry->modified_s = member->facts.modified_ns / 1000000000 - (member->facts.modified_ns % 1000000000 < 0);
    if (member->facts.kind == KIND_FOLDER) {
        entry->kind = ENTRY_FOLDER;
        listing->folders++;
    } else {
        entry->kind = ENTRY_FILE;
        entry->size = member->facts.size;
        listing->files++;
        listing->file_bytes += entry->size;
    }
}

/* While the folder is read. */
struct collecting {
    struct listing *listing;
    const struct listing_options *options;
    struct sight sight;
    bool differs;    /* members may have other rights than the folder */
    struct buf path; /* of a member, */
    size_t path_at;  /* whose name begins here */
};

/* What he may neither read nor list is not there for him. */
static WORKER_SIDE bool is_seen(struct collecting *collecting, struct slice name, bool is_bound)
{
    if (!collecting->differs)
        return true;
    collecting->path.len = collecting->path_at;
    buf_add(&collecting->path, name);
    return !collecting->path.overflown &&
           sight_rights(&collecting->sight, buf_slice(&collecting->path), is_bound) & (RIGHT_READ | RIGHT_LIST);
}

/* From store_list(), so on a worker. */
static bool each_member(const struct member *member, void *arg)
{
    struct collecting *collecting = arg;
    struct listing *listing = collecting->listing;

    role_assert_worker();
    if (member->name.len == 0 || member->name.len > UINT16_MAX)
        return true;
    if (listing->hides_dots && member->name.ptr[0] == '.')
        return true;
    if (!is_seen(collecting, member->name, !member->is_broken && member->facts.is_bound))
        return true;
    if (listing->count == listing->entries_max)
        listing->beyond++;
    else
        entry_add(listing, member);
    return true;
}

static bool hides_dots(const struct listing_options *options)
{
    return options->hidden == HIDDEN_DENY || (options->hidden == HIDDEN_UNLISTED && options->form == LISTING_HTML);
}

static int compare(const void *a, const void *b, void *order)
{
    return entry_compare(a, b, order);
}

static WORKER_SIDE enum err collect(struct listing *listing, const struct listing_options *options)
{
    struct collecting collecting = {.listing = listing, .options = options, .path = BUF_INIT(MEMBER_PATH_MAX)};
    enum err err;

    if (options->site)
        sight_open(&collecting.sight, options->store, options->site, options->asker);
    collecting.differs =
        options->site && (collecting.sight.follows || conf_differs_below(options->site, options->path.text));
    buf_add(&collecting.path, options->path.text);
    if (options->path.text.len)
        buf_add_char(&collecting.path, '/');
    collecting.path_at = collecting.path.len;
    err = store_list(options->store, options->folder_fd, options->path, each_member, &collecting);
    sight_close(&collecting.sight);
    buf_release(&collecting.path);
    return err;
}

enum err listing_open(const struct listing_options *options, struct listing **out)
{
    struct listing *listing = xcalloc(1, sizeof(*listing));
    enum err err;

    listing->form = options->form;
    listing->language = options->language;
    listing->order = order_parse(options->query);
    listing->is_past = options->is_past;
    listing->can_write = options->can_write && !options->is_past;
    listing->hides_dots = hides_dots(options);
    listing->entries_max = options->entries_max ? options->entries_max : LISTING_ENTRIES_MAX;
    listing->pending = BUF_INIT(PIECE_MAX);
    listing->path.text = arena_slice(&listing->arena, options->path.text);
    err = collect(listing, options);
    if (err != ERR_NONE) {
        listing_close(listing);
        return err;
    }
    if (listing->count)
        qsort_r(listing->entries, listing->count, sizeof(*listing->entries), compare, &listing->order);
    *out = listing;
    return ERR_NONE;
}

void listing_close(struct listing *listing)
{
    if (!listing)
        return;
    free(listing->entries);
    buf_release(&listing->pending);
    arena_release(&listing->arena);
    free(listing);
}

static void write_start(struct listing *listing)
{
    if (listing->form == LISTING_HTML)
        html_start(listing, &listing->pending);
    else
        json_start(listing, &listing->pending);
}

static void write_entry(struct listing *listing, const struct entry *entry)
{
    if (listing->form == LISTING_HTML)
        html_entry(listing, entry, &listing->pending);
    else
        json_entry(listing, entry, &listing->pending);
}

static void write_end(struct listing *listing)
{
    if (listing->form == LISTING_HTML)
        html_end(listing, &listing->pending);
    else
        json_end(listing, &listing->pending);
}

/* Makes the next piece; there is one until the stage is LISTING_DONE. */
static void write_piece(struct listing *listing)
{
    buf_clear(&listing->pending);
    listing->given = 0;
    switch (listing->stage) {
    case LISTING_START:
        write_start(listing);
        listing->stage = listing->count ? LISTING_ENTRIES : LISTING_END;
        break;
    case LISTING_ENTRIES:
        write_entry(listing, &listing->entries[listing->next++]);
        if (listing->next == listing->count)
            listing->stage = LISTING_END;
        break;
    case LISTING_END:
        write_end(listing);
        listing->stage = LISTING_DONE;
        break;
    case LISTING_DONE:
        break;
    }
}

enum err listing_fill(struct listing *listing, struct buf *out, bool *done)
{
    size_t room = out->max - out->len;

    if (room > LISTING_FILL_MAX)
        room = LISTING_FILL_MAX;
    while (room) {
        struct slice rest = slice_from(buf_slice(&listing->pending), listing->given);
        struct slice some = slice_upto(rest, room);

        buf_add(out, some);
        listing->given += some.len;
        room -= some.len;
        if (some.len < rest.len || listing->stage == LISTING_DONE)
            break;
        write_piece(listing);
        if (listing->pending.overflown)
            return ERR_TOO_LARGE;
    }
    *done = listing->stage == LISTING_DONE && listing->given == listing->pending.len;
    return ERR_NONE;
}

struct slice listing_type(enum listing_form form)
{
    return form == LISTING_HTML ? SLICE("text/html; charset=utf-8") : SLICE("application/json");
}
