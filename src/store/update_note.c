/*
 * update_note.c - taking back an update by COPY that a crash cut in two.
 *
 * Between the exchange of the names and the commit of the records the new content stands at the place with what is
 * recorded of the former one. The note, made before, is a symbolic link in up/ that shows nothing, beside what it is
 * about: its text is the former inode, the resource's id, and the path. File systems keep the order of names, so
 * whoever finds the exchange finds the note.
 */
#include "update_note.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "bound.h"
#include "facts.h"
#include "identity_look.h"
#include "idrecord.h"
#include "trash.h"

#define NOTE_MARK "updates "
#define NOTE_END "~" /* of its name, after that of what it is about */

struct note {
    char aside[NAME_ROOM];
    struct inode old;
    unsigned char id[ID_LEN];
    char path[PATH_ROOM];
};

static void note_name(const char *aside, char out[NAME_ROOM + 1])
{
    snprintf(out, NAME_ROOM + 1, "%s" NOTE_END, aside);
}

static bool is_in_up(const struct aside *aside)
{
    return aside->name[0] && !slice_starts(slice_str(aside->name), SLICE(ASIDE_PREFIX));
}

void update_note_write(struct store *store, const struct place *place, const struct statx *old,
                       const unsigned char id[ID_LEN], const struct aside *aside)
{
    struct inode inode = inode_of(store, old);
    struct buf text = BUF_INIT(PATH_ROOM);
    char name[NAME_ROOM + 1], hex[BOUND_NAME_LEN + 1];

    if (!is_in_up(aside) || place->is_outside)
        return;
    note_name(aside->name, name);
    bound_name(id, hex);
    buf_printf(&text, NOTE_MARK "%" PRIx64 " %" PRIx64 " %s %s%s%s", inode.ino, (uint64_t)inode.btime_ns, hex,
               place->parent, place->parent[0] ? "/" : "", place->name);
    if (!text.overflown)
        (void)!symlinkat(buf_str(&text), store->state.up, name);
    buf_release(&text);
}

void update_note_remove(struct store *store, const struct aside *aside)
{
    char name[NAME_ROOM + 1];

    if (!is_in_up(aside))
        return;
    note_name(aside->name, name);
    unlinkat(store->state.up, name, 0);
}

/* ---- at start ---- */

static bool note_parse(const struct store *store, const char *name, struct note *note)
{
    char text[PATH_ROOM], hex[BOUND_NAME_LEN + 1];
    ssize_t len = readlinkat(store->state.up, name, text, sizeof(text) - 1);
    uint64_t btime_ns;
    int at = 0;

    if (len <= 0 || !slice_ends(slice_str(name), SLICE(NOTE_END)))
        return false;
    text[len] = '\0';
    if (sscanf(text, NOTE_MARK "%" SCNx64 " %" SCNx64 " %32s %n", &note->old.ino, &btime_ns, hex, &at) != 3 || at == 0)
        return false;
    note->old.btime_ns = (int64_t)btime_ns;
    snprintf(note->aside, sizeof(note->aside), "%.*s", (int)(strlen(name) - strlen(NOTE_END)), name);
    snprintf(note->path, sizeof(note->path), "%s", text + at);
    return strlen(hex) == BOUND_NAME_LEN && hex_decode(slice_str(hex), note->id, ID_LEN);
}

static bool inode_at(const struct store *store, int folder, const char *path, struct inode *out)
{
    FD_GUARD fd = open_beneath(folder, path, O_PATH | O_NOFOLLOW);
    struct statx got;

    if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, FACTS_MASK, &got) < 0)
        return false;
    *out = inode_of(store, &got);
    return true;
}

/* The records know what stands there now as the resource. */
static bool is_committed(struct meta *meta, const struct note *note, struct inode now)
{
    struct inode_record record;

    return inode_record_get(meta, now, &record) == ERR_NONE && id_same(record.id, note->id);
}

static void take_back(struct store *store, struct meta *meta, const struct note *note)
{
    struct inode aside, now;

    if (!inode_at(store, store->state.up, note->aside, &aside) || !inode_at(store, store->root, note->path, &now))
        return;
    if (aside.ino == note->old.ino && aside.btime_ns == note->old.btime_ns && !is_committed(meta, note, now))
        (void)!renameat2(store->state.up, note->aside, store->root, note->path, RENAME_EXCHANGE);
}

static void finish_one(struct store *store, struct meta *meta, const char *name, bool is_all)
{
    char gone[NAME_ROOM + sizeof(GONE_PREFIX)];
    struct note note;

    if (!note_parse(store, name, &note) || (!is_all && !name_is_left_over(store, note.aside)))
        return;
    take_back(store, meta, &note);
    snprintf(gone, sizeof(gone), GONE_PREFIX "%s", note.aside);
    if (unlinkat(store->state.up, note.aside, 0) < 0 && errno != ENOENT)
        (void)!renameat(store->state.up, note.aside, store->state.trash, gone);
    unlinkat(store->state.up, name, 0);
}

void update_notes_finish(struct store *store, bool is_all)
{
    struct meta *meta = records_find(store);
    int copy = !meta || store_is_read_only(store) || store->state.up < 0
                   ? -1
                   : openat(store->state.up, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);

    for (struct dirent *entry; list && (entry = readdir(list));)
        finish_one(store, meta, entry->d_name, is_all);
    if (list)
        closedir(list);
    else
        fd_close(&copy);
}

bool update_note_holds(const struct store *store, const char *name)
{
    char of[NAME_ROOM + 1];
    struct note note;

    if (note_parse(store, name, &note))
        return true;
    if (strlen(name) + strlen(NOTE_END) >= NAME_ROOM)
        return false;
    note_name(name, of);
    return note_parse(store, of, &note);
}
