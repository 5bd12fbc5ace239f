/*
 * test_out.c - an answer on its way: through a socket that takes little at a time, from memory, from files
 * hot and cold, from streams; and the ways in which it must break.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "asked.h"
#include "out.h"
#include "rounds.h"

enum { BIG = 3 * 1024 * 1024, SMALL_BUFFER = 2048 };

/* One answer and the client that reads it. */
struct scene {
    struct loop *loop;
    struct pool *pool;
    struct conf *conf;
    struct exchange *ex;
    struct conn conn;
    struct out *out; /* apart, so that it can go before its job is home */
    char room[OUT_ROOM];
    struct watch reader;
    struct buf got;
    enum out_step step;
    bool is_over;      /* the answer is sent, or will never be */
    bool has_all;      /* and the client has read what there was */
    size_t act_after;  /* when the client has read this much, */
    void (*act)(void); /* this happens; once */
};
static struct scene scene;

static void over(enum out_step step)
{
    role_assert_loop();
    scene.step = step;
    if (step == OUT_DONE || step == OUT_BROKEN) {
        scene.is_over = true;
        conn_half_close(&scene.conn);
    }
}

static void pump(void)
{
    role_assert_loop();
    if (!scene.is_over)
        over(out_pump(scene.out));
}

static void progress(struct exchange *ex)
{
    CHECK(ex == scene.ex);
    pump();
}

static void changed(struct conn *conn)
{
    (void)conn;
    if (scene.step == OUT_BLOCKED)
        pump();
}

static void reader_ready(struct watch *watch, uint32_t events)
{
    char *room = buf_reserve(&scene.got, 16 * 1024);
    ssize_t len;

    (void)events;
    assert_non_null(room);
    len = read(watch->fd, room, 16 * 1024);
    if (len > 0)
        buf_grown(&scene.got, (size_t)len);
    else
        scene.has_all = true;
    if (scene.act && scene.got.len >= scene.act_after) {
        void (*act)(void) = scene.act;

        scene.act = NULL;
        act();
    }
}

static void begin(int send_buffer)
{
    static const struct peer peer = {.family = AF_UNIX};
    int fds[2];

    role_assert_loop();
    signal(SIGPIPE, SIG_IGN); /* as the server does: sendfile() knows no MSG_NOSIGNAL */
    scene = (struct scene){.loop = loop_new(), .pool = rounds_pool(), .conf = conf_of_site(""), .step = OUT_BLOCKED};
    scene.got = BUF_INIT(2 * BIG);
    scene.out = xcalloc(1, sizeof(*scene.out));
    scene.ex = asked(scene.loop, scene.conf, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    scene.ex->pool = scene.pool;
    scene.ex->wire_owner = &scene;
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    if (send_buffer)
        CHECK_INT(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer)), 0);
    CHECK(conn_open(&scene.conn, scene.loop, fds[0], &peer, changed));
    scene.reader = (struct watch){.fd = fds[1], .ready = reader_ready};
    CHECK_INT(loop_watch(scene.loop, &scene.reader, EPOLLIN), 0);
}

static bool has_all(void *arg)
{
    (void)arg;
    return scene.is_over && scene.has_all;
}

/* Sends, and gives how it ended; what the client got is in scene.got. */
static enum out_step send_answer(const char *head, struct content *content, bool is_chunked)
{
    role_assert_loop();
    if (content)
        scene.ex->answer.content = *content;
    out_init(scene.out, &scene.conn, scene.ex, slice_str(head), content ? &scene.ex->answer.content : NULL, is_chunked,
             scene.room, progress);
    pump();
    CHECK(rounds_until(scene.loop, has_all, NULL));
    return scene.step;
}

static void finish(void)
{
    role_assert_loop();
    if (scene.ex) {
        out_release(scene.out);
        exchange_end(scene.ex);
    }
    free(scene.out);
    conn_close(&scene.conn);
    close(scene.reader.fd);
    pool_free(scene.pool);
    conf_unref(scene.conf);
    loop_free(scene.loop);
    buf_release(&scene.got);
}

/* ---- files ---- */

static char big[BIG];

static int new_file(void)
{
    char path[] = "/tmp/samovar-XXXXXX";
    int fd = mkstemp(path);

    CHECK(fd >= 0);
    unlink(path);
    return fd;
}

/* Just written, so its pages are in memory. */
static int hot_file(size_t len)
{
    int fd = new_file();

    for (size_t i = 0; i < BIG; i++)
        big[i] = (char)('A' + i % 53);
    CHECK_INT(write(fd, big, len), len);
    return fd;
}

/* All holes: no page of it is in memory, and its bytes are zeroes. */
static int cold_file(size_t len)
{
    int fd = new_file();

    memset(big, 0, sizeof(big));
    CHECK_INT(ftruncate(fd, (off_t)len), 0);
    return fd;
}

static struct content content_of(struct piece *pieces, unsigned count, int fd, const struct content_ops *ops)
{
    struct content content = {.kind = CONTENT_PIECES, .pieces = pieces, .piece_count = count, .fd = fd, .ops = ops};

    for (unsigned i = 0; i < count; i++)
        content.length += pieces[i].bytes.len + pieces[i].len;
    return content;
}

static void got_is(struct slice want)
{
    CHECK_INT(scene.got.len, want.len);
    CHECK(slice_eq(buf_slice(&scene.got), want));
}

/* ---- what goes through ---- */

TEST(out__a_head_alone)
{
    begin(0);
    CHECK_INT(send_answer("HEAD\r\n\r\n", NULL, false), OUT_DONE);
    CHECK_SLICE(buf_slice(&scene.got), "HEAD\r\n\r\n");
    CHECK_INT(scene.out->source.taken, 0);
    finish();
}

TEST(out__a_head_larger_than_the_socket_takes_comes_whole)
{
    static char head[300000];

    memset(head, 'h', sizeof(head) - 1);
    begin(SMALL_BUFFER);
    CHECK_INT(send_answer(head, NULL, false), OUT_DONE);
    got_is(slice_of(head, sizeof(head) - 1));
    finish();
}

static void pieces_come_in_order(int fd, int send_buffer, bool can_sendfile)
{
    struct piece pieces[] = {{SLICE("<1>"), 5, 100000},
                             {SLICE("<2>"), 0, 0},
                             {SLICE_NONE, 200000, 1},
                             {SLICE("<4>"), 0, 270000},
                             {SLICE("<end>"), 0, 0}};
    struct content content = content_of(pieces, 5, fd, NULL);
    struct buf want = BUF_INIT(BIG);

    begin(send_buffer);
    scene.conn.can_sendfile = can_sendfile;
    buf_add_str(&want, "HEAD");
    for (unsigned i = 0; i < 5; i++) {
        buf_add(&want, pieces[i].bytes);
        buf_add(&want, slice_of(big + pieces[i].off, pieces[i].len));
    }
    CHECK_INT(send_answer("HEAD", &content, false), OUT_DONE);
    got_is(buf_slice(&want));
    CHECK_INT(scene.out->source.taken, content.length);
    buf_release(&want);
    finish();
    close(fd);
}

TEST(out__bytes_and_stretches_of_a_hot_file_in_order)
{
    pieces_come_in_order(hot_file(400000), 0, true);
    pieces_come_in_order(hot_file(400000), SMALL_BUFFER, true);
    pieces_come_in_order(hot_file(400000), 0, false);
    pieces_come_in_order(hot_file(400000), SMALL_BUFFER, false);
}

TEST(out__bytes_and_stretches_of_a_cold_file_in_order)
{
    pieces_come_in_order(cold_file(400000), 0, true);
    pieces_come_in_order(cold_file(400000), SMALL_BUFFER, true);
    pieces_come_in_order(cold_file(400000), 0, false);
    pieces_come_in_order(cold_file(400000), SMALL_BUFFER, false);
}

TEST(out__an_empty_content_of_pieces_is_complete)
{
    struct content content = {.kind = CONTENT_PIECES, .fd = -1};

    begin(0);
    CHECK_INT(send_answer("HEAD", &content, false), OUT_DONE);
    CHECK_SLICE(buf_slice(&scene.got), "HEAD");
    finish();
}

/* ---- streams ---- */

struct stream {
    unsigned fills, wanted;
    unsigned fails_at; /* 0: never */
    unsigned sleep_us;
};
static struct stream stream;

/* Each filling is longer than the one before; every third one brings nothing yet. */
static enum err stream_fill(struct content *content, struct buf *out, bool *done)
{
    role_assert_worker();
    CHECK(content->context == &stream);
    usleep(stream.sleep_us);
    stream.fills++;
    if (stream.fills == stream.fails_at)
        return ERR_IO;
    for (unsigned i = 0; stream.fills % 3 && i < 700 * stream.fills; i++)
        buf_add_char(out, (char)('a' + stream.fills));
    *done = stream.fills == stream.wanted;
    return ERR_NONE;
}

static const struct content_ops stream_ops = {.fill = stream_fill};

static struct content stream_of(unsigned fills, unsigned fails_at)
{
    stream = (struct stream){.wanted = fills, .fails_at = fails_at};
    return (struct content){.kind = CONTENT_STREAM, .ops = &stream_ops, .context = &stream, .fd = -1};
}

static void stream_comes_whole(bool is_chunked, unsigned fills, int send_buffer)
{
    struct content content = stream_of(fills, 0);
    struct buf want = BUF_INIT(BIG);

    begin(send_buffer);
    buf_add_str(&want, "HEAD");
    for (unsigned n = 1; n <= fills; n++) {
        if (n % 3 == 0)
            continue;
        if (is_chunked)
            buf_printf(&want, "%x\r\n", 700 * n);
        for (unsigned i = 0; i < 700 * n; i++)
            buf_add_char(&want, (char)('a' + n));
        if (is_chunked)
            buf_add_str(&want, "\r\n");
    }
    if (is_chunked)
        buf_add_str(&want, "0\r\n\r\n");
    CHECK_INT(send_answer("HEAD", &content, is_chunked), OUT_DONE);
    got_is(buf_slice(&want));
    buf_release(&want);
    finish();
}

TEST(out__a_stream_goes_out_in_chunks_and_ends_with_the_last)
{
    stream_comes_whole(true, 20, 0);
    stream_comes_whole(true, 20, SMALL_BUFFER);
    stream_comes_whole(true, 3, 0); /* the last filling is empty */
}

TEST(out__a_stream_without_chunks_is_its_bytes)
{
    stream_comes_whole(false, 20, SMALL_BUFFER);
}

/* RFC 9112, 8: without its last chunk the message is incomplete, and the client knows. */
TEST(out__a_stream_that_fails_breaks_the_connection_without_a_last_chunk)
{
    struct content content = stream_of(20, 5);

    begin(0);
    CHECK_INT(send_answer("HEAD", &content, true), OUT_BROKEN);
    CHECK(scene.got.len > 1000);
    CHECK_FALSE(slice_ends(buf_slice(&scene.got), SLICE("0\r\n\r\n")));
    finish();
}

/* ---- files that do not hold still ---- */

static atomic_uint checks;
static atomic_bool has_changed;

static bool is_unchanged(struct content *content)
{
    (void)content;
    role_assert_worker();
    atomic_fetch_add(&checks, 1);
    return !atomic_load(&has_changed);
}

static const struct content_ops checked_ops = {.is_unchanged = is_unchanged};

/* Sends the whole of a file, which somebody changes or does not. */
static enum out_step send_checked(int fd, size_t len, bool changes, int send_buffer)
{
    struct piece pieces[] = {{SLICE_NONE, 0, len}, {SLICE_NONE, 0, 0}};
    struct content content = content_of(pieces, 2, fd, &checked_ops);
    enum out_step step;

    atomic_store(&checks, 0);
    atomic_store(&has_changed, changes);
    begin(send_buffer);
    step = send_answer("", &content, false);
    if (step == OUT_DONE)
        got_is(slice_of(big, len));
    else
        CHECK(scene.got.len < len); /* the client can tell that it is not whole */
    CHECK_INT(atomic_load(&checks), 1);
    finish();
    close(fd);
    return step;
}

static const size_t lengths[] = {1, 4095, 4096, 4097, 100000, 262144, 262145, 266240, 1048577, BIG};
enum { LENGTHS = sizeof(lengths) / sizeof(lengths[0]) };

TEST(out__a_hot_file_is_whole_only_if_it_was_found_unchanged)
{
    for (unsigned i = 0; i < LENGTHS; i++) {
        CHECK_INT(send_checked(hot_file(lengths[i]), lengths[i], false, 0), OUT_DONE);
        CHECK_INT(send_checked(hot_file(lengths[i]), lengths[i], true, 0), OUT_BROKEN);
    }
}

TEST(out__a_cold_file_is_whole_only_if_it_was_found_unchanged)
{
    for (unsigned i = 0; i < LENGTHS; i++) {
        CHECK_INT(send_checked(cold_file(lengths[i]), lengths[i], false, 0), OUT_DONE);
        CHECK_INT(send_checked(cold_file(lengths[i]), lengths[i], true, 0), OUT_BROKEN);
    }
}

/* Says that all is well, and somebody writes in the same moment. */
static bool is_unchanged_until_now(struct content *content)
{
    static const char other[4096] = "another content";

    role_assert_worker();
    CHECK_INT(pwrite(content->fd, other, sizeof(other), BIG - (off_t)sizeof(other)), sizeof(other));
    return true;
}

static const struct content_ops late_ops = {.is_unchanged = is_unchanged_until_now};

TEST(out__what_is_given_after_the_look_was_read_before_it) /* RNG-37 */
{
    for (unsigned i = 0; i < 4; i++) {
        int fd = i & 1 ? hot_file(BIG) : cold_file(BIG);
        struct piece piece = {SLICE_NONE, 0, BIG};
        struct content content = content_of(&piece, 1, fd, &late_ops);

        begin(0);
        scene.conn.can_sendfile = i & 2;
        CHECK_INT(send_answer("", &content, false), OUT_DONE);
        got_is(slice_of(big, BIG));
        finish();
        close(fd);
    }
}

static int shrinking_fd;

static void shrink(void)
{
    CHECK_INT(ftruncate(shrinking_fd, 1000000), 0);
}

static void breaks_when_shrunk(int fd)
{
    struct piece piece = {SLICE_NONE, 0, BIG};
    struct content content = content_of(&piece, 1, fd, NULL);

    begin(SMALL_BUFFER);
    shrinking_fd = fd;
    scene.act = shrink;
    scene.act_after = 100000;
    CHECK_INT(send_answer("", &content, false), OUT_BROKEN);
    CHECK(scene.got.len < BIG);
    finish();
    close(fd);
}

TEST(out__a_file_that_shrinks_breaks_the_connection)
{
    breaks_when_shrunk(hot_file(BIG));
    breaks_when_shrunk(cold_file(BIG));
}

/* ---- clients that leave ---- */

static void leave(void)
{
    role_assert_loop();
    loop_unwatch(scene.loop, &scene.reader);
    close(scene.reader.fd);
    scene.reader.fd = -1;
    scene.has_all = true;
}

TEST(out__a_client_that_leaves_breaks_it)
{
    struct piece piece = {SLICE_NONE, 0, BIG};
    int fd = hot_file(BIG);
    struct content content = content_of(&piece, 1, fd, NULL);

    begin(SMALL_BUFFER);
    scene.act = leave;
    scene.act_after = 100000;
    CHECK_INT(send_answer("HEAD", &content, false), OUT_BROKEN);
    finish();
    close(fd);
}
static void is_gone(struct exchange *ex)
{
    (void)ex;
    scene.ex = NULL;
    scene.is_over = scene.has_all = true;
}

/* The connection goes at once, with its `struct out`; the exchange waits for the worker. */
TEST(out__may_go_while_a_worker_is_at_it)
{
    struct content content = stream_of(20, 0);

    begin(0);
    role_assert_loop();
    stream.sleep_us = 20000;
    scene.ex->answer.content = content;
    scene.ex->let_go = is_gone;
    out_init(scene.out, &scene.conn, scene.ex, SLICE("HEAD"), &scene.ex->answer.content, true, scene.room, progress);
    scene.step = out_pump(scene.out);
    CHECK_INT(scene.step, OUT_WAITING);
    exchange_end(scene.ex);
    memset(scene.out, 0xee, sizeof(*scene.out));
    free(scene.out);
    scene.out = NULL;
    CHECK(rounds_until(scene.loop, has_all, NULL));
    assert_null(scene.ex);
    finish();
}
