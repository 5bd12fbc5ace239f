/*
 * fuzz_h2.c - frames of HTTP/2, after the preface.
 *
 * Properties: whatever frames come, however they are cut, what is said to them are whole frames that a client
 * must be able to take, and when the client has gone nothing of it is left: no connection and no exchange. A
 * station on this very thread serves a folder; its rounds are made by hand, so nothing waits for a socket. The
 * first octet of an input says how it is cut, and whether the client reads what it is told.
 */
#include "fuzz.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "repr/repr.h"
#include "serve/h2.h"

static const char preface[] = H2_PREFACE "\0\0\0\4\0\0\0\0\0"; /* and the client's SETTINGS */

enum { PIECE_MAX = 8192, FRAME_HEAD = 9, FRAME_MAX = 16384, READS_NOTHING = 0x80 };

/* ---- the server ---- */

static char folder[256];
static struct server server;
static struct house house;
static struct site_run site;
static struct station station;

static void file_write(const char *name, size_t size)
{
    char path[512];
    int fd;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
    close(fd);
}

static void folder_remove(void)
{
    char command[512];

    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    if (system(command))
        fprintf(stderr, "%s is left\n", folder);
}

static void folder_make(void)
{
    const char *temporary = getenv("TMPDIR");

    snprintf(folder, sizeof(folder), "%s/samovar-fuzz-XXXXXX", temporary ? temporary : "/tmp");
    assert(mkdtemp(folder));
    atexit(folder_remove);
    file_write("s", 5);
    file_write("m", 40000);
    file_write("l", 300000);
}

static struct conf *conf_make(void)
{
    struct buf text = BUF_INIT(4096), why = BUF_INIT(2048);
    struct conf *conf = NULL;

    buf_printf(&text,
               "site \"s\" {\nroot = \"%s\"\n}\nlimits {\nhttp2-streams = 10\nrequest-line = 2K\nfield-line = 2K\n}\n",
               folder);
    if (conf_from_text(buf_slice(&text), "/etc/t.conf", "/etc", &conf, &why))
        fprintf(stderr, "%s\n", buf_str(&why));
    assert(conf);
    buf_release(&text);
    buf_release(&why);
    return conf;
}

static void server_open(void)
{
    struct buf why = BUF_INIT(1024);
    struct conf *conf;

    signal(SIGPIPE, SIG_IGN);
    folder_make();
    conf = conf_make();
    media_open_file(NULL);
    assert(!store_open(&(struct store_options){.root = folder}, &site.store, &why));
    house = (struct house){.refs = 2, .conf = conf, .sites = &site};
    server.pool = pool_new((const unsigned[LANE_COUNT]){1, 1, 1, 1});
    server.house = &house;
    server.census = census_new();
    server.station_count = 1;
    server.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    station_init(&station, &server, 1);
    role_take(ROLE_LOOP, "fuzz");
}

/* ---- the client ---- */

struct client {
    int fd;
    bool reads;
    unsigned char head[FRAME_HEAD]; /* of the frame that is arriving */
    size_t head_len, left;
};

/* One octet of what the server says. */
static void hear(struct client *client, unsigned char octet)
{
    if (client->left) {
        client->left--;
        return;
    }
    client->head[client->head_len++] = octet;
    if (client->head_len < FRAME_HEAD)
        return;
    client->left = (size_t)client->head[0] << 16 | (size_t)client->head[1] << 8 | client->head[2];
    assert(client->left <= FRAME_MAX);                    /* RFC 9113 §4.2 */
    assert(client->head[3] != 5 && client->head[3] <= 9); /* no PUSH_PROMISE, nothing unknown */
    client->head_len = 0;
}

static void hear_all(struct client *client)
{
    unsigned char heard[65536];
    ssize_t got;

    while (client->reads && (got = recv(client->fd, heard, sizeof(heard), MSG_DONTWAIT)) > 0)
        for (ssize_t i = 0; i < got; i++)
            hear(client, heard[i]);
}

/* ---- rounds ---- */

static void rounds(void) LOOP_SIDE;
static void rounds(void)
{
    for (unsigned i = 0; i < 4; i++) {
        if (!list_is_empty(&station.conns)) {
            struct session *session = CONTAINER(station.conns.next, struct session, all);

            session->conn.is_readable = session->conn.is_writable = true;
            session_wants_to_read(session);
            session_wants_to_send(session);
        }
        session_round(&station);
        loop_settle(station.loop); /* until the workers are done */
    }
}

static void say(struct client *client, const void *bytes, size_t len) LOOP_SIDE;
static void say(struct client *client, const void *bytes, size_t len)
{
    if (send(client->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return;
    rounds();
    hear_all(client);
}

static void serve(const uint8_t *data, size_t len) LOOP_SIDE;
static void serve(const uint8_t *data, size_t len)
{
    static const struct peer peer = {.family = AF_UNIX};
    static const struct listener listener = {.is_loopback = true};
    size_t piece = data[0] & 0x7f ? 3 * (size_t)(data[0] & 0x7f) : PIECE_MAX;
    struct client client = {.reads = !(data[0] & READS_NOTHING)};
    int fds[2];

    assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds));
    client.fd = fds[1];
    h1_accept(&station, fds[0], &peer, &listener);
    say(&client, preface, sizeof(preface) - 1);
    for (size_t at = 1; at < len && !list_is_empty(&station.conns); at += piece)
        say(&client, data + at, len - at < piece ? len - at : piece);
    hear_all(&client);
    assert(!client.reads || (!client.left && !client.head_len));
    close(client.fd);
    rounds();
    assert(list_is_empty(&station.conns) && list_is_empty(&station.exchanges) && list_is_empty(&station.graves));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (!site.store)
        server_open();
    role_assert_loop();
    if (len)
        serve(data, len);
    return 0;
}
