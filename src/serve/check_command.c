/*
 * check_command.c - `samovar check`: what is recorded of a folder beside what is there, and mended if asked.
 *
 * Where a server runs it is asked, over its control socket, and counts here on a worker; where none does, the command
 * opens the folder itself. That one has no configuration: it counts the folders of which totals are recorded.
 *
 * Contents are read only where they are asked for: that may take hours. One such reading goes on at a time.
 *
 * Limit: who asks a server and leaves does not stop it from counting and reading; the end of the server stops reading.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "method/negotiate.h"
#include "repr/repr.h"
#include "serve/serve.h"
#include "store/binding.h"
#include "store/digest.h"
#include "store/quota.h"

enum {
    TEXT_MAX = 1 << 20,
    ASK_MAX = 64,
    CONFIG_NAMES_MAX = 200000, /* that --check-config looks at: a second or two */
};

/* Says on a terminal that it goes on, each second, until it is done. */
struct patience {
    pthread_mutex_t mutex; /* protects is_done */
    pthread_cond_t done;
    pthread_t thread;
    bool has_thread, is_done;
};

static void *patience_run(void *arg)
{
    struct patience *patience = arg;
    struct timespec next;
    unsigned seconds = 0;

    role_take(ROLE_ANY, "patience");
    clock_gettime(CLOCK_REALTIME, &next);
    pthread_mutex_lock(&patience->mutex);
    while (!patience->is_done) {
        next.tv_sec++;
        pthread_cond_timedwait(&patience->done, &patience->mutex, &next);
        if (!patience->is_done)
            fprintf(stderr, "\rworking: %u s", ++seconds);
    }
    pthread_mutex_unlock(&patience->mutex);
    if (seconds)
        fprintf(stderr, "\r\033[K");
    return NULL;
}

static void patience_begin(struct patience *patience)
{
    *patience = (struct patience){.mutex = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
    if (isatty(STDERR_FILENO))
        patience->has_thread = pthread_create(&patience->thread, NULL, patience_run, patience) == 0;
}

static void patience_end(struct patience *patience)
{
    pthread_mutex_lock(&patience->mutex);
    patience->is_done = true;
    pthread_cond_signal(&patience->done);
    pthread_mutex_unlock(&patience->mutex);
    if (patience->has_thread)
        pthread_join(patience->thread, NULL);
}

/* True: all is as recorded, or is now. */
static WORKER_SIDE bool check_store(struct store *store, bool mend, struct buf *out)
{
    struct quota_check result;
    enum err err = store_check_quotas(store, mend, NULL, NULL, out, &result);

    if (err != ERR_NONE) {
        buf_printf(out, "%s could not be checked: %s\n", store_root_path(store), err_text(err));
        return false;
    }
    if (result.roots)
        buf_printf(out, "%s: %u of %u totals wrong, %u mended; %llu files, %llu bytes counted\n",
                   store_root_path(store), result.wrong, result.roots, result.mended, (unsigned long long)result.files,
                   (unsigned long long)result.bytes);
    return result.wrong == result.mended;
}

/* True: every name that a resource has is recorded, and every bound resource has one, or that is so now. */
static WORKER_SIDE bool check_bindings(struct store *store, bool mend, struct buf *out)
{
    struct binding_check result;
    enum err err = store_check_bindings(store, mend, out, &result);

    if (err != ERR_NONE) {
        buf_printf(out, "%s: bindings could not be checked: %s\n", store_root_path(store), err_text(err));
        return false;
    }
    if (result.names || result.wrong)
        buf_printf(out, "%s: %llu names of %llu bound resources; %llu things wrong, %llu mended\n",
                   store_root_path(store), (unsigned long long)result.names, (unsigned long long)result.resources,
                   (unsigned long long)result.wrong, (unsigned long long)result.mended);
    return result.wrong == result.mended;
}

static WORKER_SIDE void tell_contents(const struct store *store, const struct content_check *result, struct buf *out)
{
    buf_printf(out, "%s: %llu files and %llu earlier contents read, %llu bytes, as they were stored",
               store_root_path(store), (unsigned long long)result->files, (unsigned long long)result->versions,
               (unsigned long long)result->bytes);
    if (result->rotten)
        buf_printf(out, "; %llu that are not", (unsigned long long)result->rotten);
    if (result->unread)
        buf_printf(out, "; %llu could not be read", (unsigned long long)result->unread);
    if (result->unknown)
        buf_printf(out, "; of %llu no SHA-256 is kept", (unsigned long long)result->unknown);
    buf_add_str(out, result->was_stopped ? "; stopped before the end\n" : "\n");
}

/* True: all that was read is as it was stored. */
static WORKER_SIDE bool check_contents(struct store *store,
                                       bool (*is_enough)(void *arg, const struct content_check *now), void *arg,
                                       struct buf *out)
{
    static atomic_bool is_busy;
    struct content_check result;
    enum err err;

    if (atomic_exchange(&is_busy, true)) {
        buf_printf(out, "%s: contents are being read already, for somebody else\n", store_root_path(store));
        return false;
    }
    err = store_check_content(store, is_enough, arg, out, &result);
    atomic_store(&is_busy, false);
    if (err != ERR_NONE)
        buf_printf(out, "%s could not be read: %s\n", store_root_path(store), err_text(err));
    tell_contents(store, &result, out);
    return err == ERR_NONE && !result.rotten && !result.unread && !result.was_stopped;
}

static bool is_stopping(void *arg, const struct content_check *now)
{
    const struct server *server = arg;

    (void)now;
    return atomic_load(&server->is_stopping);
}

static bool has_word(struct slice about, struct slice word)
{
    struct slice first, rest;

    while (slice_cut(about, ' ', &first, &rest)) {
        if (slice_eq(first, word))
            return true;
        about = rest;
    }
    return slice_eq(about, word);
}

/* True: every variant of every type map leads to a file. most: names that are looked at; 0: all. */
static WORKER_SIDE bool check_maps(struct store *store, const struct site *site, uint64_t most, struct buf *out)
{
    struct negotiation_check result;
    enum err err = negotiation_check(store, site, most, out, &result);

    if (result.was_stopped)
        buf_printf(out, "%s: type maps were looked for among %llu names; samovar check looks at all\n",
                   store_root_path(store), (unsigned long long)most);
    if (err != ERR_NONE)
        buf_printf(out, "%s: type maps could not be looked for: %s\n", store_root_path(store), err_text(err));
    if (result.maps)
        buf_printf(out, "%s: %u type maps, %u things wrong with them\n", store_root_path(store), result.maps,
                   result.wrong);
    return err == ERR_NONE && !result.wrong;
}

void answer_check(struct server *server, const struct conf *conf, struct slice about, struct buf *out)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    bool mend = has_word(about, SLICE("mend")), content = has_word(about, SLICE("content"));
    bool is_good = true;

    role_assert_worker();
    for (unsigned i = 0; i < server->store_count; i++) {
        is_good &= check_bindings(server->stores[i], mend, &text); /* quotas count by names */
        is_good &= check_store(server->stores[i], mend, &text);
        if (conf->sites[i].has_variants)
            is_good &= check_maps(server->stores[i], &conf->sites[i], 0, &text);
        if (content)
            is_good &= check_contents(server->stores[i], is_stopping, server, &text);
    }
    buf_add_char(out, is_good ? '+' : '-');
    buf_add(out, buf_slice(&text));
    buf_release(&text);
}

/* ---- the command ---- */

/* How far it is, on a terminal. */
static bool show_progress(void *arg, const struct content_check *now)
{
    uint64_t *shown = arg, here = now->bytes >> 26, contents = now->files + now->versions;

    if (here != *shown)
        fprintf(stderr, "\rread: %llu contents, %.1f GB", (unsigned long long)contents, (double)now->bytes / 1e9);
    *shown = here;
    return false;
}

static WORKER_SIDE bool check_contents_alone(struct store *store, struct buf *out)
{
    uint64_t shown = 0;
    bool is_good = check_contents(store, isatty(STDERR_FILENO) ? show_progress : NULL, &shown, out);

    if (shown)
        fprintf(stderr, "\r\033[K");
    return is_good;
}

/* The answer, without a server. */
static enum err answer_alone(const char *root, const char *state, bool mend, bool content, struct buf *out)
{
    struct store_options options = {.root = root, .state = state};
    struct buf text = BUF_INIT(TEXT_MAX);
    struct store *store;
    enum err err = store_open(&options, &store, &text);

    role_assert_worker();
    if (err != ERR_NONE)
        fprintf(stderr, "samovar: %s\n", buf_str(&text));
    else {
        bool is_good = check_bindings(store, mend, &text);

        is_good &= check_store(store, mend, &text);
        media_open(); /* names are variants by their types */
        is_good &= check_maps(store, NULL, 0, &text);
        if (content)
            is_good &= check_contents_alone(store, &text);
        buf_add_char(out, is_good ? '+' : '-');
        buf_add(out, buf_slice(&text));
        store_close(store);
    }
    buf_release(&text);
    return err;
}

int check_command(const char *root, const char *state, bool mend, bool content)
{
    struct buf answer = BUF_INIT(TEXT_MAX + 1);
    char question[32];
    struct patience patience;
    enum answered answered;

    role_take(ROLE_ANY, "samovar");
    patience_begin(&patience);
    snprintf(question, sizeof(question), "check%s%s", mend ? " mend" : "", content ? " content" : "");
    answered = control_question(root, state, question, &answer);
    if (answered == ANSWERED_BY_NOBODY && answer_alone(root, state, mend, content, &answer) == ERR_NONE)
        answered = ANSWERED;
    patience_end(&patience);
    if (answered == ANSWERED && answer.len)
        fwrite(answer.ptr + 1, 1, answer.len - 1, stdout);
    answered = answered == ANSWERED && answer.len && answer.ptr[0] == '+' ? ANSWERED : ANSWERED_NOT;
    buf_release(&answer);
    return answered == ANSWERED ? 0 : 1;
}

/* ---- --check-config ---- */

/* A folder that is served is locked by its server: that has looked, or will when it is asked. */
static WORKER_SIDE bool check_site_maps(const struct site *site, struct buf *out)
{
    struct store_options options = {.root = site->root,
                                    .state = site->state,
                                    .read_only = true,
                                    .symlinks = (enum store_symlinks)site->symlinks,
                                    .names = (enum store_names)site->names};
    struct buf why = BUF_INIT(1024);
    struct store *store;
    enum err err = store_open(&options, &store, &why);
    bool is_good = true;

    if (err == ERR_NONE) {
        is_good = check_maps(store, site, CONFIG_NAMES_MAX, out);
        store_close(store);
    } else if (err == ERR_BUSY) {
        buf_printf(out, "%s: is being served; samovar check asks its server about type maps\n", site->root);
    } else {
        buf_printf(out, "%s\n", buf_str(&why));
        is_good = false;
    }
    buf_release(&why);
    return is_good;
}

bool check_config_maps(const struct conf *conf, struct buf *out)
{
    bool is_good = true;

    role_take(ROLE_ANY, "samovar");
    role_assert_worker();
    media_open();
    for (unsigned i = 0; i < conf->site_count; i++)
        if (conf->sites[i].has_variants)
            is_good &= check_site_maps(&conf->sites[i], out);
    return is_good;
}
