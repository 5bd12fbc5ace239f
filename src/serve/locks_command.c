/*
 * locks_command.c - `samovar locks`: the write locks of a folder, told and broken.
 *
 * Where a server runs it is asked, over its control socket, and answers here on a worker; where none does, the command
 * opens the folder itself, which keeps a server from starting meanwhile.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "control.h"
#include "serve/serve.h"
#include "store/writelock.h"

enum { LINE_MAX_BYTES = 16 * 1024 };

static void add_root(struct buf *out, const struct write_lock *lock)
{
    buf_add_char(out, '/');
    control_add_word(out, lock->root.text);
    if (lock->root.has_slash && lock->root.text.len)
        buf_add_char(out, '/');
}

static void add_user(struct buf *out, const struct write_lock *lock)
{
    if (lock->user.len)
        control_add_word(out, lock->user);
    else
        buf_add_char(out, '-');
}

static void add_lock(struct buf *out, const struct write_lock *lock)
{
    buf_add(out, lock->token);
    buf_printf(out, " %s %s %" PRIu32 "s ", lock->is_exclusive ? "exclusive" : "shared",
               lock->is_deep ? "infinity" : "0", lock->left_s);
    add_user(out, lock);
    buf_add_char(out, ' ');
    add_root(out, lock);
    buf_add_char(out, '\n');
}

static WORKER_SIDE void list_locks(struct store *store, struct buf *out)
{
    struct arena arena = {0};
    struct write_lock *list;
    unsigned count;

    if (store_locks_all(store, &arena, &list, &count) == ERR_NONE)
        for (unsigned i = 0; i < count; i++)
            add_lock(out, &list[i]);
    arena_release(&arena);
}

/* False: there is none. what: what was done, for people. */
static WORKER_SIDE bool break_lock(struct store *store, struct slice token, struct buf *what)
{
    struct arena arena = {0};
    struct write_lock lock;
    enum err err = store_lock_break(store, token, &arena, &lock);

    if (err != ERR_MISSING) {
        buf_add_str(what, "broke the lock of ");
        add_user(what, &lock);
        buf_add_str(what, " on ");
        add_root(what, &lock);
        if (err != ERR_NONE)
            buf_printf(what, " (but it may come back with a restart: %s)", err_text(err));
    }
    arena_release(&arena);
    return err != ERR_MISSING;
}

void answer_locks(struct server *server, struct slice about, struct buf *out)
{
    role_assert_worker();
    (void)about;
    buf_add_char(out, '+'); /* no lock is an answer as well */
    for (unsigned i = 0; i < server->store_count; i++) {
        if (server->store_count > 1)
            buf_printf(out, "# %s\n", store_root_path(server->stores[i]));
        list_locks(server->stores[i], out);
    }
}

/* Who asks is whoever may use the control socket. */
void answer_break(struct server *server, struct slice about, struct buf *out)
{
    struct buf what = BUF_INIT(LINE_MAX_BYTES);

    role_assert_worker();
    for (unsigned i = 0; i < server->store_count && !what.len; i++)
        if (break_lock(server->stores[i], about, &what))
            audit_write(server, SLICE("an administrator"), SLICE("samovar locks"), buf_slice(&what));
    if (what.len)
        buf_printf(out, "+%s\n", buf_str(&what));
    else
        buf_add_str(out, "-there is no lock with this token\n");
    buf_release(&what);
}

/* ---- the command ---- */

static void locks_alone(struct store *store, struct slice token, struct buf *out)
{
    struct buf what = BUF_INIT(LINE_MAX_BYTES);

    role_assert_worker();
    if (!token.len) {
        buf_add_char(out, '+');
        list_locks(store, out);
    } else if (break_lock(store, token, &what))
        buf_printf(out, "+%s\n", buf_str(&what));
    else
        buf_add_str(out, "-there is no lock with this token\n");
    buf_release(&what);
}

int locks_command(const char *root, const char *state, const char *token)
{
    return control_command(root, state, token ? "break" : "locks", slice_str(token), locks_alone);
}
