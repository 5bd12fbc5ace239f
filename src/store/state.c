/*
 * state.c - `.samovar`: one server per folder, and what a crash left behind.
 *
 *     lock      an OFD lock is held while we run; its text says who and in which boot
 *     running   there while we run: found at start, the last stop was not clean
 *     stamp     the last modification time we gave out
 *     up/       ID.SEQUENCE: replaced contents, uploads and copies in the midst of a commit, notes of a MOVE's
 *     trash/    ID.SEQUENCE: what was deleted and waits to be emptied; gone-...: what nobody is to get back
 *     history/  ID.NUMBER: earlier contents (history.h)
 *     bound/    what has several names, or had (bound.h)
 *     derived/  what was made of contents, by what it was made of (derived.h)
 *     meta/     records (LMDB)
 *
 * Until `.samovar` exists a flock on the root folder itself keeps a second server out.
 */
#include "core.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

#include "bound.h"
#include "facts.h"
#include "keep.h"
#include "update_note.h"
#include "sync.h"
#include "trash.h"

enum { WHO_ROOM = 64 };

/* Who holds a flock on this inode, by /proc/locks: "1: FLOCK ADVISORY WRITE 4711 fe:00:1234 0 EOF". 0: unknown. */
static int holder_of(uint64_t ino)
{
    FILE *locks = fopen("/proc/locks", "re");
    char line[256], kind[16];
    unsigned long long at;
    int pid, found = 0;

    while (locks && !found && fgets(line, sizeof(line), locks))
        if (sscanf(line, "%*d: %15s %*s %*s %d %*x:%*x:%llu", kind, &pid, &at) == 3 && at == ino &&
            strcmp(kind, "FLOCK") == 0)
            found = pid > 0 ? pid : 0;
    if (locks)
        fclose(locks);
    return found;
}

static enum err say_held(struct store *store, int pid, struct buf *why)
{
    if (pid)
        buf_printf(why, "%s is already served by process %d", store->root_path, pid);
    else
        buf_printf(why, "%s is already served by another process", store->root_path);
    return ERR_BUSY;
}

/* The lock file says it truly where it is locked: the folder's own lock may be of one who has handed it over. */
static int holder_by_state(struct store *store)
{
    char path[2 * PATH_ROOM], text[WHO_ROOM] = "";
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    FD_GUARD fd = -1;

    snprintf(path, sizeof(path), "%s/lock", store->state.path);
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fcntl(fd, F_OFD_GETLK, &all) < 0 || all.l_type == F_UNLCK)
        return 0;
    return pread(fd, text, sizeof(text) - 1, 0) > 0 ? atoi(text) : 0;
}

enum err state_hold_root(struct store *store, struct buf *why)
{
    int who;

    if (atomic_load(&store->share.is_shared)) /* it came with the descriptor */
        return ERR_NONE;
    if (flock(store->root_held, LOCK_EX | LOCK_NB) == 0)
        return ERR_NONE;
    if (errno == EWOULDBLOCK) {
        who = holder_by_state(store);
        return say_held(store, who ? who : holder_of(store->root_ino), why);
    }
    store_notice(store, "this file system cannot lock a folder: nothing keeps a second server out of %s",
                 store->root_path);
    return ERR_NONE;
}

static bool ofd_lock(int fd)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return fcntl(fd, F_OFD_SETLK, &all) == 0 || (errno != EAGAIN && errno != EACCES);
}

/* For people, and for the one who is refused. */
static enum err write_who(struct state *state)
{
    char text[WHO_ROOM];
    int len = snprintf(text, sizeof(text), "%d\n", getpid());

    if (ftruncate(state->lock, 0) < 0 || pwrite(state->lock, text, (size_t)len, 0) < 0)
        return err_from_errno(errno); /* a full disk is no reason not to serve: the caller decides */
    return ERR_NONE;
}

static enum err take_lock(struct store *store, struct buf *why)
{
    struct state *state = &store->state;
    char text[WHO_ROOM] = "";

    if (state->lock < 0) /* else it was handed over, and is locked */
        state->lock = openat(state->folder, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (state->lock < 0)
        return err_from_errno(errno);
    state->has_lock = ofd_lock(state->lock);
    if (state->has_lock)
        return write_who(state);
    if (atomic_load(&store->share.is_shared))
        return ERR_NONE; /* the other one made the folder while we shared it: ours when that one ends */
    return say_held(store, pread(state->lock, text, sizeof(text) - 1, 0) > 0 ? atoi(text) : 0, why);
}

static enum err open_folder(struct state *state, const char *name, int *fd)
{
    if (mkdirat(state->folder, name, 0700) < 0 && errno != EEXIST)
        return err_from_errno(errno);
    *fd = openat(state->folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *fd < 0 ? err_from_errno(errno) : ERR_NONE;
}

/* Nobody but us may have a say in it. */
static bool is_ours(const struct stat *got)
{
    return S_ISDIR(got->st_mode) && got->st_uid == geteuid() && !(got->st_mode & 022);
}

static enum err say_foreign(struct store *store, struct buf *why)
{
    buf_printf(why,
               "%s is not a folder that Samovar made for this user (a link, another owner, or writable by others): "
               "remove it, or name another place with --state",
               store->state.path);
    return ERR_DENIED;
}

/* Opens what is there; ERR_MISSING if nothing is. */
static enum err open_state(struct store *store, struct buf *why)
{
    struct state *state = &store->state;
    struct stat got;
    int at = state->is_elsewhere ? AT_FDCWD : store->root_held;
    const char *name = state->is_elsewhere ? state->path : STATE_NAME;

    if (fstatat(at, name, &got, AT_SYMLINK_NOFOLLOW) < 0)
        return err_from_errno(errno);
    if (!is_ours(&got))
        return say_foreign(store, why);
    state->folder = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (state->folder < 0)
        return err_from_errno(errno);
    if (fstat(state->folder, &got) < 0 || !is_ours(&got))
        return say_foreign(store, why);
    if (state->is_elsewhere && got.st_dev != store->root_dev)
        store_lacks(store, MISSING_UP);
    state->dev = got.st_dev;
    state->ino = got.st_ino;
    return ERR_NONE;
}

/* A folder is emptied with the trash, together with what is recorded of it. */
static void sweep_one(const struct store *store, const char *name)
{
    char gone[NAME_ROOM + sizeof(GONE_PREFIX)];
    struct stat got;

    if (fstatat(store->state.up, name, &got, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(got.st_mode) && got.st_nlink > 1)
        return; /* keep_finish() needs the records, and they are not open yet */
    if (update_note_holds(store, name))
        return; /* so does update_notes_finish() */
    move_note_finish(store, name);
    snprintf(gone, sizeof(gone), GONE_PREFIX "%s", name);
    if (unlinkat(store->state.up, name, 0) < 0)
        (void)!renameat(store->state.up, name, store->state.trash, gone);
}

/*
 * up/ holds only what was in the midst of a commit: not acknowledged, or replaced by what was. What we put there
 * ourselves is not swept when we have served with others for a while; nor is what they began after us, until the next
 * start.
 */
static void sweep(const struct store *store, bool is_all)
{
    int folder = store->state.up;
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);

    for (struct dirent *at; list && (at = readdir(list));)
        if (strcmp(at->d_name, ".") != 0 && strcmp(at->d_name, "..") != 0 &&
            (is_all || name_is_left_over(store, at->d_name)))
            sweep_one(store, at->d_name);
    if (list)
        closedir(list);
    else
        fd_close(&copy);
}

static void read_stamp(struct store *store)
{
    store->state.stamp = openat(store->state.folder, "stamp", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (store->state.stamp >= 0)
        stamp_learn(store);
}

static void mark_running(struct state *state, bool is_shared)
{
    int fd = openat(state->folder, "running", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    state->was_unclean = fd < 0 && errno == EEXIST && !is_shared;
    fd_close(&fd);
}

/* With the folder open: lock, sweep, make what is missing. */
static enum err enter(struct store *store, struct buf *why)
{
    struct state *state = &store->state;
    bool is_shared = atomic_load(&store->share.is_shared);
    enum err err = take_lock(store, why);

    if (err != ERR_NONE && err != ERR_NO_SPACE)
        return err;
    mark_running(state, is_shared);
    err = open_folder(state, "up", &state->up);
    if (err == ERR_NONE)
        err = open_folder(state, "trash", &state->trash);
    if (err == ERR_NONE)
        err = open_folder(state, "history", &state->history);
    if (err == ERR_NONE)
        err = open_folder(state, "derived", &state->derived);
    if (err == ERR_NONE)
        err = open_folder(state, "bound", &state->bound);
    if (err != ERR_NONE)
        return err;
    if (!is_shared) {
        sweep(store, true);
        bound_sweep(store);
    }
    read_stamp(store);
    atomic_store(&state->is_made, true);
    return ERR_NONE;
}

static void leave(struct state *state)
{
    fd_close(&state->up);
    fd_close(&state->trash);
    fd_close(&state->history);
    fd_close(&state->derived);
    fd_close(&state->bound);
    fd_close(&state->stamp);
    fd_close(&state->lock);
    fd_close(&state->folder);
}

int state_lock_fd(struct store *store)
{
    struct state *state = &store->state;
    int fd;

    pthread_mutex_lock(&state->mutex);
    fd = atomic_load(&state->is_made) && state->has_lock ? state->lock : -1;
    pthread_mutex_unlock(&state->mutex);
    return fd;
}

/* Nobody but us can be at it: the folder's own lock was ours all the time. */
void state_own(struct store *store)
{
    struct state *state = &store->state;

    pthread_mutex_lock(&state->mutex);
    if (atomic_load(&state->is_made)) {
        if (!state->has_lock && ofd_lock(state->lock))
            state->has_lock = true;
        if (state->has_lock)
            write_who(state);
        mark_running(state, true); /* another one that ended well took it away */
        sweep(store, false);
        update_notes_finish(store, false);
        keep_finish(store, false);
        trash_look(store);
    }
    pthread_mutex_unlock(&state->mutex);
}

static enum err make(struct store *store, struct buf *why)
{
    struct state *state = &store->state;
    int made = state->is_elsewhere ? mkdir(state->path, 0700) : mkdirat(store->root_held, STATE_NAME, 0700);
    enum err err;

    if (made < 0 && errno != EEXIST)
        return err_from_errno(errno);
    err = open_state(store, why);
    if (err == ERR_NONE)
        err = enter(store, why);
    if (err != ERR_NONE)
        return err;
    /* records in it are worth nothing after a power cut if it is gone itself */
    if (sync_fd(state->folder) < 0 || (!state->is_elsewhere && sync_fd(store->root_held) < 0))
        store_lacks(store, MISSING_FOLDER_SYNC);
    return ERR_NONE;
}

enum err state_need(struct store *store)
{
    struct state *state = &store->state;
    struct buf why = BUF_INIT(1024);
    enum err err = ERR_NONE;

    if (atomic_load(&state->is_made))
        return ERR_NONE;
    pthread_mutex_lock(&state->mutex);
    if (!atomic_load(&state->is_made)) {
        err = make(store, &why);
        if (err != ERR_NONE) {
            leave(state);
            if (why.len)
                store_notice(store, "%s", buf_str(&why));
        }
    }
    pthread_mutex_unlock(&state->mutex);
    buf_release(&why);
    return err;
}

/* Where nothing may be written, earlier contents and what was made of them can still be read. Nothing fails without. */
static void look_in(struct store *store)
{
    struct state *state = &store->state;
    struct buf why = BUF_INIT(1024);

    if (open_state(store, &why) == ERR_NONE) {
        state->history = openat(state->folder, "history", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        state->derived = openat(state->folder, "derived", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        state->bound = openat(state->folder, "bound", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    fd_close(&state->folder);
    buf_release(&why);
}

enum err state_start(struct store *store, struct buf *why)
{
    enum err err;

    if (store_is_read_only(store)) {
        look_in(store);
        return ERR_NONE;
    }
    if (store->state.is_elsewhere) /* that folder is not the user's, and the sandbox lets none be made there later */
        err = make(store, why);
    else if ((err = open_state(store, why)) == ERR_NONE)
        err = enter(store, why);
    if (err == ERR_MISSING)
        return ERR_NONE;
    if (err != ERR_NONE && why->len == 0)
        buf_printf(why, "%s cannot be used: %s", store->state.path, err_text(err));
    return err;
}

void state_stop(struct store *store)
{
    struct state *state = &store->state;

    if (atomic_load(&state->is_made)) {
        stamp_settle(store);
        /* after store_fail() nobody knows what the disk holds, so the next start looks as after a crash */
        if (!store_is_read_only(store) && (!atomic_load(&store->share.is_shared) || !share_has_others(&store->share)))
            unlinkat(state->folder, "running", 0);
    }
    leave(state);
    pthread_mutex_destroy(&state->mutex);
    free(state->path);
}
