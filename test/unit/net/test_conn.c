/*
 * test_conn.c - a connection over a socketpair: what its calls return, and what it remembers.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "net/net.h"
#include "rounds.h"

/* Both ends: ours as a conn, the other as a plain descriptor. */
struct line {
    struct conn conn;
    struct loop *loop;
    int other;
    unsigned changes;
    unsigned changes_wanted;
};

static const struct peer nobody = {.family = AF_UNIX};

static void line_changed(struct conn *conn)
{
    role_assert_loop();
    CONTAINER(conn, struct line, conn)->changes++;
}

static void line_open(struct line *line)
{
    int fds[2];

    role_assert_loop();
    *line = (struct line){.loop = loop_new()};
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    line->other = fds[1];
    CHECK(conn_open(&line->conn, line->loop, fds[0], &nobody, line_changed));
}

static void line_close(struct line *line)
{
    role_assert_loop();
    conn_close(&line->conn);
    if (line->other >= 0)
        close(line->other);
    loop_free(line->loop);
}

static void hang_up(struct line *line)
{
    close(line->other);
    line->other = -1;
}

TEST(conn__receives_what_was_sent_and_knows_when_no_more_is_there)
{
    struct line line;
    char room[16];

    line_open(&line);
    role_assert_loop();
    line.conn.is_readable = true;
    CHECK_INT(write(line.other, "hello", 5), 5);
    CHECK_INT(conn_recv(&line.conn, room, 3), 3);
    CHECK(line.conn.is_readable); /* the room was full: there may be more */
    CHECK_INT(conn_recv(&line.conn, room, sizeof(room)), 2);
    CHECK_FALSE(line.conn.is_readable); /* a short read emptied it */
    CHECK_INT(conn_recv(&line.conn, room, sizeof(room)), 0);
    CHECK_FALSE(line.conn.is_readable);
    CHECK_FALSE(line.conn.is_at_end);
    line_close(&line);
}

TEST(conn__the_end_is_no_failure_and_sending_goes_on)
{
    struct line line;
    char room[16];

    line_open(&line);
    role_assert_loop();
    CHECK_INT(write(line.other, "bye", 3), 3);
    CHECK_INT(shutdown(line.other, SHUT_WR), 0);
    CHECK_INT(conn_recv(&line.conn, room, 3), 3);
    CHECK_FALSE(line.conn.is_at_end);
    CHECK_INT(conn_recv(&line.conn, room, sizeof(room)), 0);
    CHECK(line.conn.is_at_end);
    CHECK_FALSE(line.conn.is_readable);
    CHECK_INT(conn_send(&line.conn, "ok", 2, false), 2);
    CHECK_INT(read(line.other, room, sizeof(room)), 2);
    line_close(&line);
}

TEST(conn__a_half_closed_one_still_receives)
{
    struct line line;
    char room[16];

    line_open(&line);
    role_assert_loop();
    conn_half_close(&line.conn);
    CHECK_INT(read(line.other, room, sizeof(room)), 0);
    CHECK_INT(write(line.other, "late", 4), 4);
    CHECK_INT(conn_recv(&line.conn, room, sizeof(room)), 4);
    CHECK_INT(conn_send(&line.conn, "x", 1, false), CONN_CLOSED);
    line_close(&line);
}

TEST(conn__sending_to_one_that_left_is_closed_and_no_signal)
{
    struct line line;
    struct iovec piece = {(void *)"xy", 2};

    line_open(&line);
    role_assert_loop();
    hang_up(&line);
    CHECK_INT(conn_send(&line.conn, "x", 1, false), CONN_CLOSED);
    CHECK_INT(conn_sendv(&line.conn, &piece, 1, false), CONN_CLOSED);
    line_close(&line);
}

TEST(conn__a_full_socket_takes_less_and_says_so)
{
    static char much[1024 * 1024];
    struct line line;
    ssize_t took;
    int small = 4096;

    line_open(&line);
    role_assert_loop();
    CHECK_INT(setsockopt(line.conn.watch.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
    CHECK(line.conn.is_writable);
    took = conn_send(&line.conn, much, sizeof(much), false);
    CHECK(took > 0 && took < (ssize_t)sizeof(much));
    CHECK_FALSE(line.conn.is_writable);
    while (took > 0)
        took = conn_send(&line.conn, much, sizeof(much), false);
    CHECK_INT(took, 0);
    line_close(&line);
}

TEST(conn__pieces_go_out_in_order_as_one)
{
    struct line line;
    struct iovec pieces[3] = {{(void *)"one ", 4}, {(void *)"", 0}, {(void *)"two", 3}};
    char room[16] = {0};

    line_open(&line);
    role_assert_loop();
    CHECK_INT(conn_sendv(&line.conn, pieces, 3, true), 7);
    CHECK(line.conn.is_writable);
    CHECK_INT(read(line.other, room, sizeof(room)), 7);
    CHECK_STR(room, "one two");
    line_close(&line);
}

static int file_with(const char *text)
{
    char path[] = "/tmp/samovar-XXXXXX";
    int fd = mkstemp(path);

    CHECK(fd >= 0);
    unlink(path);
    CHECK_INT(write(fd, text, strlen(text)), strlen(text));
    return fd;
}

TEST(conn__sends_a_stretch_of_a_file_and_fails_past_its_end)
{
    struct line line;
    char room[16] = {0};
    int fd = file_with("0123456789");

    line_open(&line);
    role_assert_loop();
    CHECK_INT(conn_sendfile(&line.conn, fd, 3, 4), 4);
    CHECK_INT(read(line.other, room, sizeof(room)), 4);
    CHECK_STR(room, "3456");
    CHECK_INT(lseek(fd, 0, SEEK_CUR), 10); /* the file's own position is nobody's business */
    CHECK_INT(conn_sendfile(&line.conn, fd, 10, 4), CONN_CLOSED);
    CHECK_INT(conn_sendfile(&line.conn, -1, 0, 4), CONN_CLOSED);
    close(fd);
    line_close(&line);
}

/* ---- what the loop tells ---- */

static bool has_changed(void *arg)
{
    struct line *line = arg;

    return line->changes >= line->changes_wanted;
}

TEST(conn__is_told_that_bytes_came)
{
    struct line line;

    line_open(&line);
    line.changes_wanted = 1;
    CHECK_FALSE(line.conn.is_readable);
    CHECK_INT(write(line.other, "x", 1), 1);
    CHECK(rounds_until(line.loop, has_changed, &line));
    CHECK(line.conn.is_readable);
    line_close(&line);
}

static bool is_readable_now(void *arg)
{
    return ((struct line *)arg)->conn.is_readable;
}

TEST(conn__is_told_that_the_other_end_left)
{
    struct line line;
    char room[4];

    line_open(&line);
    hang_up(&line);
    CHECK(rounds_until(line.loop, is_readable_now, &line));
    role_assert_loop();
    CHECK_INT(conn_recv(&line.conn, room, sizeof(room)), 0);
    CHECK(line.conn.is_at_end);
    line_close(&line);
}

static bool is_writable_again(void *arg)
{
    struct line *line = arg;
    char room[65536];

    while (read(line->other, room, sizeof(room)) > 0)
        ;
    return line->conn.is_writable;
}

TEST(conn__is_told_when_a_full_socket_has_room_again)
{
    static char much[1024 * 1024];
    struct line line;

    line_open(&line);
    role_assert_loop();
    while (line.conn.is_writable)
        conn_send(&line.conn, much, sizeof(much), false);
    CHECK(rounds_until(line.loop, is_writable_again, &line));
    line_close(&line);
}

TEST(conn__what_cannot_be_watched_is_closed_at_once)
{
    struct loop *loop = loop_new();
    struct conn conn;
    int fd = file_with("a plain file is always ready");

    role_assert_loop();
    CHECK_FALSE(conn_open(&conn, loop, fd, &nobody, line_changed));
    CHECK_INT(conn.watch.fd, -1);
    CHECK_INT(fcntl(fd, F_GETFD), -1);
    conn_close(&conn); /* does no harm */
    loop_free(loop);
}

/* ---- moved ---- */

struct new_home {
    struct conn conn;
    unsigned changes;
};

static void moved_changed(struct conn *conn)
{
    CONTAINER(conn, struct new_home, conn)->changes++;
}

static bool moved_is_readable(void *arg)
{
    return ((struct new_home *)arg)->conn.is_readable;
}

TEST(conn__that_moved_hears_what_came_before_and_its_old_place_nothing)
{
    struct line line;
    struct new_home home = {0};
    char room[8];

    line_open(&line);
    role_assert_loop();
    CHECK_INT(write(line.other, "hello", 5), 5);
    conn_move(&home.conn, &line.conn, moved_changed);
    CHECK_INT(line.conn.watch.fd, -1);
    CHECK(rounds_until(line.loop, moved_is_readable, &home));
    CHECK(home.changes > 0);
    CHECK_INT(line.changes, 0);
    CHECK_INT(conn_recv(&home.conn, room, sizeof(room)), 5);
    conn_close(&home.conn);
    line_close(&line);
}

/* ---- the peer in words ---- */

static void peer_is(int family, const char *address, const char *want)
{
    struct peer peer = {.family = (sa_family_t)family};
    char room[PEER_TEXT_MAX];

    if (family != AF_UNIX)
        CHECK_INT(inet_pton(family, address, peer.addr), 1);
    CHECK_SLICE(peer_text(&peer, room), want);
}

TEST(peer__is_shown_as_people_write_it)
{
    peer_is(AF_INET, "192.0.2.1", "192.0.2.1");
    peer_is(AF_INET6, "2001:db8::1", "2001:db8::1");
    peer_is(AF_INET6, "::1", "::1");
    peer_is(AF_INET6, "::ffff:192.0.2.1", "192.0.2.1");
    peer_is(AF_INET6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    peer_is(AF_UNIX, NULL, "unix");
}

TEST(peer__of_a_family_nobody_knows_is_unknown)
{
    struct peer peer = {.family = AF_UNSPEC};
    char room[PEER_TEXT_MAX];

    CHECK_SLICE(peer_text(&peer, room), "unknown");
}
