/*
 * handover.c - the new one's side of a hand-over: the server that runs is found and asked, and its answer is kept until
 * the parts of the start fetch what is theirs. handover_give.c is the other side. The main thread, before all others.
 *
 * Known limit: addresses that the new one does not listen on end when the old one has drained, and the file of such a
 * unix socket stays.
 */
#include "handover.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "base/fd.h"
#include "control.h"
#include "handover_private.h"

enum { ANSWER_WITHIN_S = 60 }; /* the old one waits for what is being committed */

/* ---- what comes ---- */

struct handed_store {
    struct store_shared shared;
    char *state_path;
};

struct handover {
    int fd;
    struct handed handed;
    struct handed_store *stores; /* the old one's, then in the order of our sites */
    unsigned store_count;
    int bound, named;
    struct buf tickets;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static void handed_store_release(struct handed_store *store)
{
    fd_close(&store->shared.root);
    fd_close(&store->shared.state);
    fd_close(&store->shared.page);
    free(store->state_path);
}

static void close_handed(struct handover *handover)
{
    for (unsigned i = 0; i < handover->handed.count; i++) {
        fd_close(&handover->handed.list[i].fd);
        free((char *)(uintptr_t)handover->handed.list[i].text.ptr);
    }
    free(handover->handed.list);
    handover->handed = (struct handed){0};
}

void handover_free(struct handover *handover)
{
    if (!handover)
        return;
    close_handed(handover);
    buf_wipe(&handover->tickets);
    for (unsigned i = 0; i < handover->store_count; i++)
        handed_store_release(&handover->stores[i]);
    free(handover->stores);
    fd_close(&handover->bound);
    fd_close(&handover->named);
    fd_close(&handover->fd);
    free(handover);
}

static void take_listener(struct handover *handover, const char *text, bool is_metrics, int *fd)
{
    struct handed *handed = &handover->handed;
    struct handed_socket *socket;
    socklen_t len = sizeof(socket->addr);

    handed->list = xrealloc(handed->list, (handed->count + 1) * sizeof(*handed->list));
    socket = &handed->list[handed->count++];
    *socket = (struct handed_socket){
        .fd = fd_take(fd), .text = slice_str(xstrdup(slice_str(text))), .is_metrics = is_metrics};
    getsockname(socket->fd, (struct sockaddr *)&socket->addr, &len);
}

static bool take_store(struct handover *handover, const char *text, int fds[FDS_A_LINE])
{
    unsigned long long dev, ino;
    struct handed_store *store;
    int is_read_only, path_at;
    unsigned form;

    if (sscanf(text, "%llu %llu %d %u %n", &dev, &ino, &is_read_only, &form, &path_at) != 4)
        return false;
    handover->stores = xrealloc(handover->stores, (handover->store_count + 1) * sizeof(*handover->stores));
    store = &handover->stores[handover->store_count++];
    *store = (struct handed_store){.state_path = xstrdup(slice_str(text + path_at))};
    store->shared = (struct store_shared){.root = fd_take(&fds[0]),
                                          .page = fd_take(&fds[1]),
                                          .state = fd_take(&fds[2]),
                                          .dev = dev,
                                          .ino = ino,
                                          .state_path = store->state_path,
                                          .is_read_only = is_read_only != 0,
                                          .form = form};
    return true;
}

static void take_control(struct handover *handover, const char *path, int *fd)
{
    size_t len = strlen(path);

    if (len >= sizeof(handover->path))
        return; /* no socket has such a path */
    fd_close(&handover->bound);
    handover->bound = fd_take(fd);
    memcpy(handover->path, path, len + 1);
}

static const char *after(const char *line, const char *word)
{
    size_t len = strlen(word);

    return strncmp(line, word, len) == 0 ? line + len : NULL;
}

/* What is not known here a later version gives away; it can do without an answer. */
static bool take_line(struct handover *handover, const char *line, int fds[FDS_A_LINE])
{
    const char *rest;

    if ((rest = after(line, "listen ")) && fds[0] >= 0)
        take_listener(handover, rest, false, &fds[0]);
    else if ((rest = after(line, "metrics ")) && fds[0] >= 0)
        take_listener(handover, rest, true, &fds[0]);
    else if ((rest = after(line, "store ")) && fds[1] >= 0)
        return take_store(handover, rest, fds);
    else if ((rest = after(line, "control ")))
        take_control(handover, rest, &fds[0]);
    else if (strcmp(line, "control-name") == 0)
        handover->named = fd_take(&fds[0]);
    return true;
}

static enum err take_answer(struct handover *handover, struct buf *why)
{
    char line[LINE_ROOM];
    bool is_good = true;

    while (is_good) {
        int fds[FDS_A_LINE];
        const char *reason;

        is_good = receive_line(handover->fd, line, fds);
        if (is_good && (reason = after(line, "end "))) {
            buf_add_str(&handover->tickets, reason);
            explicit_bzero(line, sizeof(line));
            return ERR_NONE;
        }
        if (is_good && (reason = after(line, "refused "))) {
            buf_printf(why, "the server that runs is not replaced: %s", reason);
            return ERR_REFUSED;
        }
        is_good = is_good && take_line(handover, line, fds);
        for (unsigned i = 0; i < FDS_A_LINE; i++)
            fd_close(&fds[i]);
    }
    buf_add_str(why, "the server that runs did not hand its place over: another user's, or of a version that cannot");
    return ERR_REFUSED;
}

/* ---- finding the old one ---- */

static bool connect_to(int fd, const struct sockaddr_un *addr, socklen_t len)
{
    return len && connect(fd, (const struct sockaddr *)addr, len) == 0;
}

static bool connect_by_state(int fd, const struct site *site)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int len = site->state ? snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control", site->state)
                          : snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/.samovar/control", site->root);

    return len > 0 && (size_t)len < sizeof(addr.sun_path) && connect_to(fd, &addr, sizeof(addr));
}

static bool connect_by_name(int fd, const struct site *site)
{
    struct sockaddr_un addr;

    return connect_to(fd, &addr, control_name(site->root, &addr));
}

/* The name without a file could be anybody's. */
static bool is_trusted(int fd, const struct conf *conf)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    struct slice name =
        conf->run_as ? slice_upto(slice_str(conf->run_as), slice_index(slice_str(conf->run_as), ':')) : SLICE_NONE;
    char text[256] = "";
    struct passwd *known;
    uint64_t number = 0;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
        return false;
    if (peer.uid == 0 || peer.uid == geteuid())
        return true;
    if (!name.len || name.len >= sizeof(text))
        return false;
    memcpy(text, name.ptr, name.len);
    known = getpwnam(text);
    return known ? known->pw_uid == peer.uid : slice_u64(name, &number) && number == peer.uid;
}

static int connect_to_old(const struct conf *conf)
{
    const struct timeval patience = {.tv_sec = ANSWER_WITHIN_S};
    FD_GUARD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_found = false;

    for (unsigned i = 0; i < conf->site_count && !is_found && fd >= 0; i++) /* it may have them in another order */
        is_found = connect_by_state(fd, &conf->sites[i]) || connect_by_name(fd, &conf->sites[i]);
    if (!is_found || !is_trusted(fd, conf))
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd_take(&fd);
}

/* Each site's at the site's own place. */
static enum err order_stores(struct handover *handover, const struct conf *conf, struct buf *why)
{
    for (unsigned i = 0; i < conf->site_count; i++) {
        struct handed_store *stores = handover->stores, swap;
        struct stat st;
        unsigned at = i;

        if (stat(conf->sites[i].root, &st))
            st.st_ino = 0;
        while (at < handover->store_count && (stores[at].shared.dev != st.st_dev || stores[at].shared.ino != st.st_ino))
            at++;
        if (at >= handover->store_count) {
            buf_printf(why, "%s is not served by the server that runs: other folders need a restart",
                       conf->sites[i].root);
            return ERR_INVALID;
        }
        swap = stores[i];
        stores[i] = stores[at];
        stores[at] = swap;
    }
    if (handover->store_count == conf->site_count)
        return ERR_NONE;
    buf_add_str(why, "the server that runs serves more folders than these: other folders need a restart");
    return ERR_INVALID;
}

enum err handover_ask(const struct conf *conf, void (*notice)(const char *), struct handover **out, struct buf *why)
{
    static const char question[] = "replace 1\n";
    int fd = connect_to_old(conf);
    struct handover *handover;
    enum err err;

    *out = NULL;
    if (fd < 0) {
        notice("--replace: no server runs for these folders, so this is an ordinary start");
        return ERR_NONE;
    }
    handover = xcalloc(1, sizeof(*handover));
    *handover = (struct handover){.fd = fd, .bound = -1, .named = -1, .tickets = BUF_INIT(LINE_ROOM)};
    if (send(fd, question, sizeof(question) - 1, MSG_NOSIGNAL) < 0)
        shutdown(fd, SHUT_RDWR); /* it hung up: then there is no answer */
    err = take_answer(handover, why);
    if (err == ERR_NONE)
        err = order_stores(handover, conf, why);
    if (err == ERR_NONE)
        *out = handover;
    else
        handover_free(handover);
    return err;
}

/* ---- what we were given ---- */

struct handed *handover_sockets(struct handover *handover)
{
    return handover ? &handover->handed : NULL;
}

struct store_shared *handover_store(struct handover *handover, unsigned site)
{
    return handover ? &handover->stores[site].shared : NULL;
}

void handover_tickets(struct handover *handover, struct tls *tls)
{
    if (handover)
        tls_take_tickets(tls, buf_slice(&handover->tickets));
}

void handover_controls(struct handover *handover, int *bound, char *path, size_t room, int *named)
{
    snprintf(path, room, "%s", handover->path);
    *bound = fd_take(&handover->bound);
    *named = fd_take(&handover->named);
}

bool handover_is_awaited(const struct handover *handover)
{
    char late;

    /* That it ended is fine: then nobody else serves. That it said something is not. */
    return !handover || recv(handover->fd, &late, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

void handover_serving(struct handover *handover)
{
    static const char said[] = "serving\n";

    if (!handover)
        return;
    if (send(handover->fd, said, sizeof(said) - 1, MSG_NOSIGNAL) < 0) /* it ended by itself meanwhile */
        fd_close(&handover->fd);
    fd_close(&handover->fd);
    close_handed(handover);
}
