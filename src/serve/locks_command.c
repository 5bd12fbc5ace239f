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

enum { ANSWER_MAX = 32 << 20, LINE_MAX_BYTES = 16 * 1024 };

/* A column of its own, whatever is in it: spaces, controls and '%' as in an address. */
static void add_word(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c <= ' ' || c == 0x7f || c == '%')
            buf_printf(out, "%%%02X", c);
        else
            buf_add_char(out, (char)c);
    }
}

static void add_root(struct buf *out, const struct write_lock *lock)
{
    buf_add_char(out, '/');
    add_word(out, lock->root.text);
    if (lock->root.has_slash && lock->root.text.len)
        buf_add_char(out, '/');
}

static void add_user(struct buf *out, const struct write_lock *lock)
{
    if (lock->user.len)
        add_word(out, lock->user);
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

/* The answer, without a server. */
static enum err answer_alone(const char *root, const char *state, const char *token, struct buf *out)
{
    struct store_options options = {.root = root, .state = state};
    struct buf text = BUF_INIT(LINE_MAX_BYTES);
    struct store *store;
    enum err err = store_open(&options, &store, &text);

    role_assert_worker();
    if (err != ERR_NONE) {
        fprintf(stderr, "samovar: %s\n", buf_str(&text));
        buf_release(&text);
        return err;
    }
    if (!token) {
        buf_add_char(out, '+');
        list_locks(store, out);
    } else if (break_lock(store, slice_str(token), &text))
        buf_printf(out, "+%s\n", buf_str(&text));
    else
        buf_add_str(out, "-there is no lock with this token\n");
    store_close(store);
    buf_release(&text);
    return ERR_NONE;
}

int locks_command(const char *root, const char *state, const char *token)
{
    struct buf answer = BUF_INIT(ANSWER_MAX);
    struct buf question = BUF_INIT(LINE_MAX_BYTES);
    enum answered answered;
    bool is_good;

    role_take(ROLE_ANY, "samovar");
    buf_printf(&question, "%s%s", token ? "break " : "locks", token ? token : "");
    answered = control_question(root, state, buf_str(&question), &answer);
    if (answered == ANSWERED_BY_NOBODY && answer_alone(root, state, token, &answer) == ERR_NONE)
        answered = ANSWERED;
    is_good = answered == ANSWERED && answer.len && answer.ptr[0] == '+';
    if (answered == ANSWERED && answer.len)
        fwrite(answer.ptr + 1, 1, answer.len - 1, is_good ? stdout : stderr);
    buf_release(&question);
    buf_release(&answer);
    return is_good ? 0 : 1;
}
