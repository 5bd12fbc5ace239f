/*
 * history_command.c - `samovar history`: the earlier contents of a file, listed and brought back.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"
#include "http/uri.h"
#include "serve/serve.h"
#include "store/history.h"
#include "store/writelock.h"

enum { COPY_BYTES = 256 * 1024, PATH_BYTES = 4096 };

/* ---- listed ---- */

static void add_time(struct buf *out, int64_t time_s)
{
    struct tm day;
    time_t at = (time_t)time_s;

    gmtime_r(&at, &day); /* as samovar forwards; the sandbox may know no other zone */
    buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday, day.tm_hour,
               day.tm_min, day.tm_sec);
}

/* NUMBER  written when  replaced when  octets */
static void add_version(const struct version *version, struct buf *out)
{
    buf_printf(out, "%llu  written ", (unsigned long long)version->number);
    add_time(out, version->modified_ns / 1000000000);
    buf_add_str(out, "  replaced ");
    add_time(out, version->replaced_s);
    buf_printf(out, "  %llu\n", (unsigned long long)version->size);
}

static void say(struct buf *out, enum err err)
{
    if (err == ERR_MISSING || err == ERR_PARENT)
        buf_add_str(out, "-there is no such file\n");
    else if (err == ERR_IS_FOLDER)
        buf_add_str(out, "-it is a folder, and only files have earlier contents\n");
    else
        buf_printf(out, "-%s\n", err_text(err));
}

static WORKER_SIDE void list(struct store *store, struct rpath path, struct buf *out)
{
    struct arena arena = {0};
    struct version_list found;
    enum err err = store_versions(store, path, &arena, &found);

    if (err) {
        say(out, err);
    } else {
        buf_add_char(out, '+'); /* none is an answer as well */
        for (unsigned i = 0; i < found.count; i++)
            add_version(&found.list[i], out);
    }
    arena_release(&arena);
}

/* ---- brought back ---- */

/* Nobody's lock is broken by it. */
static bool is_unlocked(void *arg, const struct facts *now, struct write_locks *locks)
{
    role_assert_worker();
    (void)now;
    return write_locks_admit(locks, &(struct bearer){0}, arg);
}

static WORKER_SIDE enum err copy(int fd, struct part *part)
{
    char *room = malloc(COPY_BYTES);
    ssize_t got = 0;
    enum err err = room ? ERR_NONE : ERR_TOO_MANY;

    while (!err && (got = read(fd, room, COPY_BYTES)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        err = got < 0 ? err_from_errno(errno) : part_write(part, slice_of(room, (size_t)got));
    }
    free(room);
    return err;
}

/* A new content that is like the old one; what is there now is kept as well, whatever else is. */
static WORKER_SIDE enum err restore_to(struct store *store, struct rpath path, int fd, uint64_t size)
{
    struct arena arena = {0};
    struct blockers blockers = {.arena = &arena};
    struct guard guard = {.holds = is_unlocked, .arg = &blockers};
    struct commit commit = {.created = false};
    struct part *part = NULL;
    enum err err = part_open(store, path, (int64_t)size, guard, &part);

    if (!err)
        err = copy(fd, part);
    if (!err) {
        part_history(part, &(struct history_limits){.count = VERSIONS_MAX});
        err = part_commit(part, guard, &commit);
    }
    part_release(part);
    arena_release(&arena);
    return err == ERR_REFUSED ? ERR_LOCKED : err;
}

static WORKER_SIDE void restore(struct store *store, struct rpath path, uint64_t number, struct buf *out)
{
    struct facts facts;
    int fd;
    enum err err = store_version_open(store, path, number, &fd, &facts);

    if (err == ERR_MISSING) {
        buf_add_str(out, "-this file has no earlier content with this number\n");
        return;
    }
    if (!err) {
        err = restore_to(store, path, fd, facts.size);
        close(fd);
    }
    if (err)
        say(out, err);
    else
        buf_add_str(out, "+brought back; what the file was until now is kept as an earlier content\n");
}

/* ---- questions: "NUMBER PATH", of the machine's whole file system; 0: list them ---- */

/* False: it is not in this folder. */
static WORKER_SIDE bool obey(struct store *store, uint64_t number, struct slice file, struct buf *out)
{
    struct slice root = slice_str(store_root_path(store));
    struct rpath path;

    if (!slice_starts(file, root) || file.len <= root.len + 1 || file.ptr[root.len] != '/')
        return false;
    path = (struct rpath){.text = slice_from(file, root.len + 1)};
    if (number)
        restore(store, path, number, out);
    else
        list(store, path, out);
    return true;
}

static bool question_read(struct slice about, struct arena *arena, uint64_t *number, struct slice *file)
{
    struct slice word;

    return slice_cut(about, ' ', &word, file) && slice_u64(word, number) && percent_decode(*file, arena, file);
}

static void answer(struct store *const *stores, unsigned count, struct slice about, struct buf *out)
{
    struct arena arena = {0};
    struct slice file;
    uint64_t number;
    bool is_done = false;

    role_assert_worker();
    if (question_read(about, &arena, &number, &file))
        for (unsigned i = 0; i < count && !is_done; i++)
            is_done = obey(stores[i], number, file, out);
    if (!is_done)
        buf_add_str(out, "-it is in no folder that is served there\n");
    arena_release(&arena);
}

void answer_history(struct server *server, struct slice about, struct buf *out)
{
    answer(server->stores, server->store_count, about, out);
}

static void history_alone(struct store *store, struct slice about, struct buf *out)
{
    answer(&store, 1, about, out);
}

/* ---- the command ---- */

/* The folder above the file that has been served: where its state is. False: none. */
static bool root_of(const char *file, char room[PATH_BYTES])
{
    char state[PATH_BYTES + 16];
    struct stat got;
    char *slash;

    snprintf(room, PATH_BYTES, "%s", file);
    while ((slash = strrchr(room, '/')) && slash > room) {
        *slash = '\0';
        snprintf(state, sizeof(state), "%s/.samovar", room);
        if (stat(state, &got) == 0 && S_ISDIR(got.st_mode))
            return true;
    }
    return false;
}

/* The server knows its folder without links. In `about`, as a question has it. */
static void add_file(const char *root, const char *file, struct buf *about)
{
    char real[PATH_BYTES];
    size_t len = strlen(root);
    bool is_below = strncmp(file, root, len) == 0 && file[len] == '/' && realpath(root, real);

    if (is_below)
        control_add_word(about, slice_str(real));
    control_add_word(about, slice_from(slice_str(file), is_below ? len : 0));
}

int history_command(const char *root, const char *state, const char *file, uint64_t number)
{
    struct buf about = BUF_INIT(8 * PATH_BYTES);
    char room[PATH_BYTES];
    int status;

    if (!root && !root_of(file, room)) {
        fprintf(stderr, "samovar: no folder above %s has been served; name it: samovar history DIR FILE\n", file);
        return 1;
    }
    buf_printf(&about, "%llu ", (unsigned long long)number);
    add_file(root ? root : room, file, &about);
    status = control_command(root ? root : room, state, "history", buf_slice(&about), history_alone);
    buf_release(&about);
    return status;
}
