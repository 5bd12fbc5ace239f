/*
 * move_note.c - finishing a MOVE over something that a crash cut in two.
 *
 * Between the exchange of the names and the removal of the loser, the loser stands at the source's name. The note, made
 * before, is a symbolic link in up/ that shows nothing: its text is the loser's inode and birth, and the source's path.
 * File systems keep the order of names, so whoever finds the exchange finds the note.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "facts.h"
#include "move.h"
#include "trash.h"

#define NOTE_MARK "over "

void move_note_write(const struct carriage *carriage, struct aside *note)
{
    const struct place *from = &carriage->from.place;
    struct inode loser = inode_of(carriage->store, &carriage->to.standing.statx);
    struct buf text = BUF_INIT(PATH_ROOM);

    note->folder = -1;
    if (from->is_outside || state_need(carriage->store) != ERR_NONE || from->dev != carriage->store->state.dev)
        return;
    buf_printf(&text, NOTE_MARK "%" PRIx64 " %" PRIx64 " %s%s%s", loser.ino, (uint64_t)loser.btime_ns, from->parent,
               from->parent[0] ? "/" : "", from->name);
    if (!text.overflown && aside_open(carriage->store, from, note) == ERR_NONE &&
        symlinkat(buf_str(&text), note->folder, note->name) < 0)
        aside_release(note);
    buf_release(&text);
}

void move_note_remove(struct aside *note)
{
    if (note->folder >= 0)
        unlinkat(note->folder, note->name, 0);
    aside_release(note);
}

void move_note_finish(const struct store *store, const char *name)
{
    char text[PATH_ROOM], gone[NAME_ROOM + sizeof(GONE_PREFIX)];
    ssize_t len = readlinkat(store->state.up, name, text, sizeof(text) - 1);
    uint64_t ino, btime_ns;
    struct inode inode;
    struct statx got;
    int at = 0;
    FD_GUARD fd = -1;

    if (len <= 0)
        return;
    text[len] = '\0';
    if (sscanf(text, NOTE_MARK "%" SCNx64 " %" SCNx64 " %n", &ino, &btime_ns, &at) != 2 || at == 0)
        return;
    fd = open_beneath(store->root, text + at, O_PATH);
    if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, FACTS_MASK, &got) < 0)
        return;
    inode = inode_of(store, &got);
    snprintf(gone, sizeof(gone), GONE_PREFIX "%s", name);
    if (inode.ino == ino && (uint64_t)inode.btime_ns == btime_ns)
        (void)!renameat(store->root, text + at, store->state.trash, gone);
}
