/*
 * test_listener.c - addresses: bound once, described, taken over, given up; and accepting on them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "net/net.h"
#include "rounds.h"

enum { SPECS_MAX = 4, LOOPS = 3 };

static struct arena arena;
static struct listen_spec specs[SPECS_MAX];
static struct buf why;

/* A configuration that listens at these; the second may be NULL. */
static struct conf listens_at(const char *first, const char *second)
{
    struct conf conf = {.listens = specs};
    const char *texts[] = {first, second};

    buf_release(&why);
    why = BUF_INIT(1024);
    for (unsigned i = 0; i < 2 && texts[i]; i++)
        CHECK_INT(conf_parse_listen(slice_str(texts[i]), &arena, &specs[conf.listen_count++], &why), ERR_NONE);
    return conf;
}

/* As the acceptors of each loop would: the sockets of TCP listeners are theirs. */
static void close_all(struct listeners *listeners)
{
    for (unsigned i = 0; i < listeners->count; i++)
        for (unsigned k = 0; k < (listeners->list[i].spec->kind == LISTEN_TCP ? LOOPS : 1); k++)
            close(listeners->list[i].fds[k]);
    listeners_close(listeners);
    buf_release(&why);
    arena_release(&arena);
}

static unsigned port_of(int fd)
{
    struct sockaddr_in addr;
    socklen_t len = sizeof(addr);

    CHECK_INT(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
    return ntohs(addr.sin_port);
}

static bool why_says(const char *text)
{
    return strstr(buf_str(&why), text) != NULL;
}

TEST(listener__port_0_is_one_port_for_all_loops)
{
    struct conf conf = listens_at("127.0.0.1:0", NULL);
    struct listeners listeners;
    unsigned port;

    CHECK_INT(listeners_open(&conf, LOOPS, NULL, &listeners, &why), ERR_NONE);
    CHECK_INT(listeners.count, 1);
    port = port_of(listeners.list[0].fds[0]);
    CHECK(port != 0);
    for (unsigned i = 1; i < LOOPS; i++) {
        CHECK(listeners.list[0].fds[i] != listeners.list[0].fds[0]);
        CHECK_INT(port_of(listeners.list[0].fds[i]), port);
    }
    CHECK_INT(ntohs(((struct sockaddr_in *)&listeners.list[0].addr)->sin_port), port);
    CHECK(listeners.list[0].is_loopback);
    close_all(&listeners);
}

static int connect_to_port(unsigned port)
{
    struct sockaddr_in addr = {
        .sin_family = AF_INET, .sin_port = htons((in_port_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Our own sockets have SO_REUSEPORT, which would let a second server of the same user in beside us. */
TEST(listener__a_taken_port_is_refused_although_it_could_be_shared)
{
    struct conf conf = listens_at("127.0.0.1:0", NULL), second;
    struct listeners listeners, refused;
    struct listen_spec first_spec = specs[0];
    char address[32];

    conf.listens = &first_spec;
    CHECK_INT(listeners_open(&conf, LOOPS, NULL, &listeners, &why), ERR_NONE);
    snprintf(address, sizeof(address), "127.0.0.1:%u", port_of(listeners.list[0].fds[0]));
    second = listens_at(address, NULL);
    CHECK_INT(listeners_open(&second, LOOPS, NULL, &refused, &why), ERR_BUSY);
    CHECK(why_says(address));
    CHECK(why_says("another program is listening there"));
    CHECK_INT(refused.count, 0);
    close_all(&listeners);
}

TEST(listener__a_port_that_another_took_with_reuseport_is_refused_too)
{
    struct conf conf;
    struct listeners refused;
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    char address[32];

    CHECK_INT(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), 0);
    CHECK_INT(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    CHECK_INT(listen(fd, 1), 0);
    snprintf(address, sizeof(address), "127.0.0.1:%u", port_of(fd));
    conf = listens_at(address, NULL);
    CHECK_INT(listeners_open(&conf, LOOPS, NULL, &refused, &why), ERR_BUSY);
    close(fd);
    buf_release(&why);
    arena_release(&arena);
}

TEST(listener__one_bad_address_among_good_ones_opens_none)
{
    struct conf conf = listens_at("127.0.0.1:0", "192.0.2.77:0"); /* TEST-NET-1: nobody's */
    struct listeners listeners;

    CHECK(listeners_open(&conf, LOOPS, NULL, &listeners, &why) != ERR_NONE);
    CHECK(why_says("192.0.2.77"));
    CHECK(why_says("does not have that address"));
    CHECK_INT(listeners.count, 0);
    buf_release(&why);
    arena_release(&arena);
}

/* ---- unix sockets ---- */

struct spot {
    char folder[64], path[96], spec[128];
};

static void spot_make(struct spot *spot)
{
    strcpy(spot->folder, "/tmp/samovar-XXXXXX");
    assert_non_null(mkdtemp(spot->folder));
    snprintf(spot->path, sizeof(spot->path), "%s/s", spot->folder);
    snprintf(spot->spec, sizeof(spot->spec), "unix:%s", spot->path);
}

static void spot_remove(struct spot *spot)
{
    unlink(spot->path);
    CHECK_INT(rmdir(spot->folder), 0);
}

/* A socket at the path; listening, or only bound as a crash leaves it once its process is gone. */
static int unix_bound(const struct spot *spot, bool listens)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(addr.sun_path, spot->path);
    CHECK_INT(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    if (listens)
        CHECK_INT(listen(fd, 1), 0);
    return fd;
}

TEST(listener__unix_is_shared_by_all_loops_and_goes_at_the_end)
{
    struct spot spot;
    struct conf conf;
    struct listeners listeners;
    struct stat st;

    spot_make(&spot);
    conf = listens_at(spot.spec, NULL);
    CHECK_INT(listeners_open(&conf, LOOPS, NULL, &listeners, &why), ERR_NONE);
    CHECK_INT(listeners.list[0].fds[1], listeners.list[0].fds[0]);
    CHECK(listeners.list[0].is_loopback);
    CHECK_INT(lstat(spot.path, &st), 0);
    CHECK(S_ISSOCK(st.st_mode));
    close_all(&listeners);
    CHECK_INT(lstat(spot.path, &st), -1);
    spot_remove(&spot);
}

TEST(listener__a_stale_unix_socket_is_replaced)
{
    struct spot spot;
    struct conf conf;
    struct listeners listeners;

    spot_make(&spot);
    close(unix_bound(&spot, true));
    conf = listens_at(spot.spec, NULL);
    CHECK_INT(listeners_open(&conf, LOOPS, NULL, &listeners, &why), ERR_NONE);
    close_all(&listeners);
    spot_remove(&spot);
}

TEST(listener__a_live_unix_socket_is_refused_and_left_alone)
{
    struct spot spot;
    struct conf conf;
    struct listeners listeners;
    struct stat st;
    int fd;

    spot_make(&spot);
    fd = unix_bound(&spot, true);
    conf = listens_at(spot.spec, NULL);
    CHECK_INT(listeners_open(&conf, LOOPS, NULL, &listeners, &why), ERR_BUSY);
    CHECK(why_says("another program is listening there"));
    CHECK_INT(lstat(spot.path, &st), 0);
    close(fd);
    spot_remove(&spot);
    buf_release(&why);
    arena_release(&arena);
}

TEST(listener__a_file_where_the_unix_socket_should_be_is_left_alone)
{
    struct spot spot;
    struct conf conf;
    struct listeners listeners;
    struct stat st;
    int fd;

    spot_make(&spot);
    fd = open(spot.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK_INT(write(fd, "mine", 4), 4);
    close(fd);
    conf = listens_at(spot.spec, NULL);
    CHECK_INT(listeners_open(&conf, LOOPS, NULL, &listeners, &why), ERR_BUSY);
    CHECK_INT(lstat(spot.path, &st), 0);
    CHECK_INT(st.st_size, 4);
    spot_remove(&spot);
    buf_release(&why);
    arena_release(&arena);
}

/* ---- inherited sockets ---- */

static enum err open_inherited(int fd, struct listeners *listeners)
{
    struct conf conf = {.listens = specs, .listen_count = 1};

    buf_release(&why);
    why = BUF_INIT(1024);
    specs[0] = (struct listen_spec){.kind = LISTEN_FD, .text = SLICE("fd:9"), .fd = fd};
    return listeners_open(&conf, LOOPS, NULL, listeners, &why);
}

TEST(listener__an_inherited_descriptor_must_be_a_listening_socket)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct listeners listeners;
    int ends[2], fd;

    CHECK_INT(open_inherited(1000, &listeners), ERR_INVALID); /* not open at all */
    CHECK(why_says("fd:9"));
    CHECK_INT(pipe(ends), 0);
    CHECK_INT(open_inherited(ends[0], &listeners), ERR_INVALID);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_INT(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    CHECK_INT(open_inherited(fd, &listeners), ERR_INVALID); /* bound, but nobody listens */
    CHECK_INT(listen(fd, 1), 0);
    CHECK_INT(open_inherited(fd, &listeners), ERR_NONE);
    CHECK(listeners.list[0].is_loopback); /* found out from the socket */
    CHECK_INT(listeners.list[0].fds[LOOPS - 1], fd);
    CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close_all(&listeners);
    close(ends[0]);
    close(ends[1]);
}

/* ---- described ---- */

static void describes(const char *spec, const char *want_begin)
{
    struct conf conf = listens_at(spec, NULL);
    struct listeners listeners;
    struct buf text = BUF_INIT(200);

    CHECK_INT(listeners_open(&conf, LOOPS, NULL, &listeners, &why), ERR_NONE);
    listener_describe(&listeners.list[0], &text);
    CHECK_SLICE(slice_upto(buf_slice(&text), strlen(want_begin)), want_begin);
    CHECK(text.len > strlen(want_begin));
    CHECK(!strstr(buf_str(&text), ":0/"));
    buf_release(&text);
    close_all(&listeners);
}

TEST(listener__describes_itself_as_an_address_to_be_typed)
{
    struct spot spot;

    describes("127.0.0.1:0", "http://127.0.0.1:");
    spot_make(&spot);
    describes(spot.spec, "unix:/tmp/samovar-");
    spot_remove(&spot);
}

/* ---- accepting ---- */

static int taken_fd;
static struct peer taken_peer;

static void take_it(struct acceptor *acceptor, int fd, const struct peer *peer)
{
    role_assert_loop();
    CHECK(acceptor->owner == &taken_fd);
    taken_fd = fd;
    taken_peer = *peer;
}

static bool is_taken(void *arg)
{
    (void)arg;
    return taken_fd >= 0;
}

TEST(acceptor__hands_over_the_connection_and_who_it_is)
{
    struct conf conf = listens_at("127.0.0.1:0", NULL);
    struct listeners listeners;
    struct acceptor acceptor;
    struct loop *loop = loop_new();
    char room[PEER_TEXT_MAX];
    unsigned port;
    int client;

    role_assert_loop();
    CHECK_INT(listeners_open(&conf, 1, NULL, &listeners, &why), ERR_NONE);
    port = port_of(listeners.list[0].fds[0]);
    taken_fd = -1;
    acceptor_start(&acceptor, loop, &listeners.list[0], 0, take_it, &taken_fd);
    client = connect_to_port(port);
    CHECK(client >= 0);
    CHECK(rounds_until(loop, is_taken, NULL));
    CHECK_SLICE(peer_text(&taken_peer, room), "127.0.0.1");
    CHECK_INT(ntohs(taken_peer.port), port_of(client));
    CHECK(fcntl(taken_fd, F_GETFL) & O_NONBLOCK);
    CHECK(fcntl(taken_fd, F_GETFD) & FD_CLOEXEC);
    acceptor_stop(&acceptor);
    acceptor_stop(&acceptor); /* twice does no harm */
    CHECK_INT(connect_to_port(port), -1);
    close(client);
    close(taken_fd);
    listeners_close(&listeners);
    loop_free(loop);
    buf_release(&why);
    arena_release(&arena);
}

/* ---- sockets that another server hands over ---- */

enum { HANDED = 4 };

static struct handed_socket handed_list[2 * HANDED];

/* `count` sockets of one address, as a server with so many loops has them; more of the same after `already`. */
static struct handed hand_over(const char *text, unsigned count, unsigned already)
{
    struct listen_spec spec;
    struct conf conf = {.listens = &spec, .listen_count = 1};
    struct listeners old;
    struct handed handed = {.list = handed_list, .count = already};

    CHECK_INT(conf_parse_listen(slice_str(text), &arena, &spec, &why), ERR_NONE);
    CHECK_INT(listeners_open(&conf, count, NULL, &old, &why), ERR_NONE);
    for (unsigned i = 0; i < count && listener_socket(&old.list[0], i) >= 0; i++)
        handed_list[handed.count++] = (struct handed_socket){
            .fd = listener_socket(&old.list[0], i), .text = slice_str(text), .addr = old.list[0].addr};
    atomic_store(&old.is_foreign, true);
    listeners_close(&old);
    return handed;
}

/* How many of the sockets that were handed over stand in the listeners. */
static unsigned count_taken(const struct listeners *listeners, const int *fds, unsigned count)
{
    unsigned taken = 0;

    for (unsigned i = 0; i < listeners->count; i++)
        for (unsigned k = 0, fd; (int)(fd = (unsigned)listener_socket(&listeners->list[i], k)) >= 0; k++)
            for (unsigned j = 0; j < count; j++)
                taken += fds[j] == (int)fd;
    return taken;
}

static void close_taken(struct listeners *listeners)
{
    int fd;

    for (unsigned i = 0; i < listeners->count; i++)
        for (unsigned k = 0; (fd = listener_socket(&listeners->list[i], k)) >= 0; k++)
            close(fd);
    listeners_close(listeners);
    buf_release(&why);
    arena_release(&arena);
}

static void expect_all_taken(unsigned handed_count, unsigned loops, unsigned want_listeners)
{
    struct conf conf = listens_at("127.0.0.1:0", NULL);
    struct handed handed = hand_over("127.0.0.1:0", handed_count, 0);
    struct listeners listeners;
    int fds[HANDED];
    unsigned sockets = 0;

    for (unsigned i = 0; i < handed_count; i++)
        fds[i] = handed_list[i].fd;
    CHECK_INT(listeners_open(&conf, loops, &handed, &listeners, &why), ERR_NONE);
    CHECK_INT(listeners.count, want_listeners);
    CHECK_INT(count_taken(&listeners, fds, handed_count), handed_count);
    for (unsigned i = 0; i < listeners.count; i++) {
        CHECK_INT(listeners.list[i].is_more, i > 0);
        while (listener_socket(&listeners.list[i], sockets) >= 0)
            sockets++;
    }
    for (unsigned k = 0; k < loops; k++)
        CHECK_INT(port_of(listeners.list[0].fds[k]), port_of(fds[0]));
    for (unsigned i = 0; i < handed.count; i++)
        CHECK_INT(handed.list[i].fd, -1);
    close_taken(&listeners);
}

TEST(listener__each_handed_socket_gets_a_loop_however_many_there_are)
{
    expect_all_taken(HANDED, HANDED, 1);
    expect_all_taken(HANDED, 1, HANDED);
    expect_all_taken(3, 2, 2);
}

TEST(listener__loops_beyond_the_handed_sockets_get_their_own)
{
    expect_all_taken(1, 3, 1);
    expect_all_taken(2, 3, 1);
}

TEST(listener__a_handed_socket_is_known_by_its_address_or_by_how_it_was_asked_for)
{
    char text[32];
    struct handed handed = hand_over("127.0.0.1:0", 1, 0);
    struct conf conf;
    struct listeners listeners;
    int fd = handed_list[0].fd;

    snprintf(text, sizeof(text), "127.0.0.1:%u", port_of(fd));
    conf = listens_at(text, NULL);
    CHECK_INT(listeners_open(&conf, 1, &handed, &listeners, &why), ERR_NONE);
    CHECK_INT(listeners.list[0].fds[0], fd);
    close_taken(&listeners);
}

TEST(listener__a_socket_of_the_metrics_is_not_taken_for_another_by_its_words)
{
    struct conf conf = listens_at("127.0.0.1:0", NULL);
    struct handed handed = hand_over("127.0.0.1:0", 1, 0);
    struct listeners listeners;

    handed_list[0].is_metrics = true;
    CHECK_INT(listeners_open(&conf, 1, &handed, &listeners, &why), ERR_NONE);
    CHECK(handed_list[0].fd >= 0);
    CHECK(listeners.list[0].fds[0] != handed_list[0].fd);
    close(handed_list[0].fd);
    close_taken(&listeners);
}

TEST(listener__a_handed_unix_socket_keeps_its_file_until_it_is_ours)
{
    char path[64], text[80];
    struct handed handed;
    struct conf conf;
    struct listeners listeners;

    snprintf(path, sizeof(path), "/tmp/samovar-handed-%d.sock", (int)getpid());
    snprintf(text, sizeof(text), "unix:%s", path);
    handed = hand_over(text, 1, 0);
    conf = listens_at(text, NULL);
    CHECK_INT(listeners_open(&conf, LOOPS, &handed, &listeners, &why), ERR_NONE);
    CHECK(listeners.list[0].is_shared);
    CHECK_INT(listeners.list[0].fds[LOOPS - 1], listeners.list[0].fds[0]);
    handed.list[0].fd = dup(listeners.list[0].fds[0]); /* as if this one ended, and the other one lived */
    close_taken(&listeners);
    CHECK_INT(access(path, F_OK), 0);
    CHECK_INT(listeners_open(&conf, 1, &handed, &listeners, &why), ERR_NONE);
    atomic_store(&listeners.is_foreign, false);
    close_taken(&listeners);
    CHECK(access(path, F_OK) < 0);
}

TEST(acceptor__a_socket_for_all_loops_is_closed_by_the_last)
{
    char text[80];
    struct conf conf;
    struct listeners listeners;
    struct acceptor acceptors[2];
    struct loop *loops[2] = {loop_new(), loop_new()};
    int fd;

    role_assert_loop();
    snprintf(text, sizeof(text), "unix:/tmp/samovar-last-%d.sock", (int)getpid());
    conf = listens_at(text, NULL);
    CHECK_INT(listeners_open(&conf, 2, NULL, &listeners, &why), ERR_NONE);
    fd = listeners.list[0].fds[0];
    for (unsigned i = 0; i < 2; i++)
        acceptor_start(&acceptors[i], loops[i], &listeners.list[0], i, take_it, &taken_fd);
    acceptor_stop(&acceptors[0]);
    CHECK(fcntl(fd, F_GETFD) >= 0);
    acceptor_stop(&acceptors[1]);
    CHECK_INT(fcntl(fd, F_GETFD), -1);
    for (unsigned i = 0; i < 2; i++)
        loop_free(loops[i]);
    listeners_close(&listeners);
    buf_release(&why);
    arena_release(&arena);
}

TEST(acceptor__empties_the_socket_before_a_stop)
{
    struct conf conf = listens_at("127.0.0.1:0", NULL);
    struct listeners listeners;
    struct acceptor acceptor;
    struct loop *loop = loop_new();
    int client;

    role_assert_loop();
    CHECK_INT(listeners_open(&conf, 1, NULL, &listeners, &why), ERR_NONE);
    taken_fd = -1;
    acceptor_start(&acceptor, loop, &listeners.list[0], 0, take_it, &taken_fd);
    client = connect_to_port(port_of(listeners.list[0].fds[0]));
    CHECK(client >= 0);
    acceptor_empty(&acceptor);
    CHECK(taken_fd >= 0);
    acceptor_stop(&acceptor);
    close(client);
    close(taken_fd);
    listeners_close(&listeners);
    loop_free(loop);
    buf_release(&why);
    arena_release(&arena);
}
