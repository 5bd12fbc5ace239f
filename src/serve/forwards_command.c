/*
 * forwards_command.c - `samovar forwards`: the forwarding addresses of a folder, told and forgotten.
 */
#include "base/clock.h"
#include "control.h"
#include "http/uri.h"
#include "serve/serve.h"
#include "store/forward.h"

static void add_path(struct buf *out, struct slice path)
{
    buf_add_char(out, '/');
    control_add_word(out, path);
}

static void add_day(struct buf *out, int64_t time_s)
{
    struct tm day;
    time_t at = (time_t)time_s;

    gmtime_r(&at, &day);
    buf_printf(out, "%04d-%02d-%02d ", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
}

/* DATE FROM TO, where it leads by now: "-" where nothing is there any more, or something new is at FROM. */
static WORKER_SIDE void add_forward(struct store *store, const struct forward *forward, struct buf *out)
{
    struct arena arena = {0};
    struct rpath to;

    add_day(out, forward->made_s);
    add_path(out, forward->from);
    buf_add_char(out, ' ');
    if (store_forward_find(store, (struct rpath){.text = forward->from}, &arena, &to) == ERR_NONE)
        add_path(out, to.text);
    else
        buf_add_char(out, '-');
    buf_add_char(out, '\n');
    arena_release(&arena);
}

static WORKER_SIDE void list_forwards(struct store *store, struct buf *out)
{
    struct arena arena = {0};
    struct forward_list found;

    if (store_forwards(store, &arena, &found) == ERR_NONE)
        for (unsigned i = 0; i < found.count; i++)
            add_forward(store, &found.list[i], out);
    if (found.is_cut)
        buf_printf(out, "# and more than these %d\n", FORWARDS_LISTED_MAX);
    arena_release(&arena);
}

/* `about` is written as the list writes it, or as a URL's path. */
static WORKER_SIDE bool forget(struct store *store, struct slice about)
{
    struct arena arena = {0};
    struct slice path;
    bool is_done;

    about = slice_from(about, slice_starts(about, SLICE("/")) ? 1 : 0);
    if (slice_ends(about, SLICE("/")))
        about.len--;
    is_done =
        percent_decode(about, &arena, &path) && store_forward_remove(store, (struct rpath){.text = path}) == ERR_NONE;
    arena_release(&arena);
    return is_done;
}

static void say(bool is_done, struct slice about, struct buf *out)
{
    if (is_done)
        buf_printf(out, "+forgot the forwarding address at %.*s\n", SLICE_FMT(about));
    else
        buf_printf(out, "-there is no forwarding address at %.*s\n", SLICE_FMT(about));
}

void answer_forwards(struct server *server, struct slice about, struct buf *out)
{
    role_assert_worker();
    (void)about;
    buf_add_char(out, '+'); /* none is an answer as well */
    for (unsigned i = 0; i < server->store_count; i++) {
        if (server->store_count > 1)
            buf_printf(out, "# %s\n", store_root_path(server->stores[i]));
        list_forwards(server->stores[i], out);
    }
}

void answer_forget(struct server *server, struct slice about, struct buf *out)
{
    bool is_done = false;

    role_assert_worker();
    for (unsigned i = 0; i < server->store_count; i++)
        is_done |= forget(server->stores[i], about);
    say(is_done, about, out);
}

static void forwards_alone(struct store *store, struct slice about, struct buf *out)
{
    role_assert_worker();
    if (about.len) {
        say(forget(store, about), about, out);
        return;
    }
    buf_add_char(out, '+');
    list_forwards(store, out);
}

int forwards_command(const char *root, const char *state, const char *remove)
{
    return control_command(root, state, remove ? "forget" : "forwards", slice_str(remove), forwards_alone);
}
