/*
 * test_access_log.c - the lines of the access log, and the thread that writes them.
 */
#include "../../../src/serve/access_log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

/* 2000-10-10 20:55:36.123 UTC */
static struct access_entry sample(void)
{
    return (struct access_entry){
        .time = {971211336, 123456789},
        .address = SLICE("192.0.2.7"),
        .user = SLICE("frank"),
        .method = SLICE("GET"),
        .target = SLICE("/a%20b?c"),
        .version = SLICE("HTTP/1.1"),
        .host = SLICE("files.example.org"),
        .referer = SLICE("http://example.org/"),
        .agent = SLICE("curl/8"),
        .status = 200,
        .body_bytes = 2326,
        .duration_us = 1500,
        .exchange_id = 42,
    };
}

static void check_line(const struct access_entry *entry, enum access_format format, const char *want)
{
    struct buf out = BUF_INIT(64 << 10);

    setenv("TZ", "UTC", 1);
    tzset();
    access_format(entry, format, &out);
    CHECK_SLICE(buf_slice(&out), want);
    CHECK_FALSE(out.overflown);
    buf_release(&out);
}

TEST(access_log__combined_is_what_log_readers_know)
{
    struct access_entry entry = sample();

    check_line(&entry, ACCESS_COMBINED,
               "192.0.2.7 - frank [10/Oct/2000:20:55:36 +0000] \"GET /a%20b?c HTTP/1.1\" 200 2326 "
               "\"http://example.org/\" \"curl/8\"\n");
}

TEST(access_log__combined_has_a_dash_for_what_is_not_there)
{
    struct access_entry entry = {.time = {971211336, 0}, .status = 400};

    check_line(&entry, ACCESS_COMBINED, "- - - [10/Oct/2000:20:55:36 +0000] \"-\" 400 - \"-\" \"-\"\n");
}

TEST(access_log__combined_shows_the_offset_of_local_time)
{
    struct access_entry entry = {.time = {971211336, 0}, .status = 400};
    struct buf out = BUF_INIT(1000);

    setenv("TZ", "XXX+3:30", 1); /* POSIX: west of Greenwich */
    tzset();
    access_format(&entry, ACCESS_COMBINED, &out);
    CHECK_SLICE(buf_slice(&out), "- - - [10/Oct/2000:17:25:36 -0330] \"-\" 400 - \"-\" \"-\"\n");
    buf_release(&out);
}

TEST(access_log__json_is_one_object_a_line)
{
    struct access_entry entry = sample();

    check_line(&entry, ACCESS_JSON,
               "{\"time\":\"2000-10-10T20:55:36.123Z\",\"id\":42,\"address\":\"192.0.2.7\",\"user\":\"frank\","
               "\"method\":\"GET\",\"target\":\"/a%20b?c\",\"version\":\"HTTP/1.1\",\"host\":\"files.example.org\","
               "\"status\":200,\"bytes\":2326,\"duration_us\":1500,\"referer\":\"http://example.org/\","
               "\"agent\":\"curl/8\"}\n");
}

TEST(access_log__nobody_writes_a_line_of_his_own)
{
    struct access_entry entry = {.time = {971211336, 0}, .status = 400};

    entry.user = SLICE("a b]\"");
    entry.method = SLICE("GET");
    entry.target = SLICE("/\" 200 1\r\n\\\x1b[2J\x7f\xff");
    entry.version = SLICE("HTTP/1.1");
    entry.agent = SLICE("\xc3\xb6\n");
    check_line(&entry, ACCESS_COMBINED,
               "- - a\\x20b]\\\" [10/Oct/2000:20:55:36 +0000] \"GET /\\\" 200 1\\x0d\\x0a\\\\\\x1b[2J\\x7f\\xff "
               "HTTP/1.1\" 400 - \"-\" \"\\xc3\\xb6\\x0a\"\n");
    check_line(&entry, ACCESS_JSON,
               "{\"time\":\"2000-10-10T20:55:36.000Z\",\"id\":0,\"user\":\"a b]\\\"\",\"method\":\"GET\","
               "\"target\":\"/\\\" 200 1\\u000d\\u000a\\\\\\u001b[2J\\u007f\\\\xff\",\"version\":\"HTTP/1.1\","
               "\"status\":400,\"bytes\":0,\"duration_us\":0,\"agent\":\"\xc3\xb6\\u000a\"}\n");
}

TEST(access_log__json_holds_only_well_formed_utf8)
{
    struct access_entry entry = {.time = {971211336, 0}, .status = 400};

    entry.agent = SLICE("\xe2\x82\xac\xf0\x9f\x98\x80|\xc0\x80|\xed\xa0\x80|\xc2\x85|\xe2\x82");
    check_line(&entry, ACCESS_JSON,
               "{\"time\":\"2000-10-10T20:55:36.000Z\",\"id\":0,\"status\":400,\"bytes\":0,\"duration_us\":0,"
               "\"agent\":\"\xe2\x82\xac\xf0\x9f\x98\x80|\\\\xc0\\\\x80|\\\\xed\\\\xa0\\\\x80|\\\\xc2\\\\x85|"
               "\\\\xe2\\\\x82\"}\n");
}

TEST(access_log__the_longest_line_is_bounded)
{
    static char lengthy[100000];
    struct slice text = slice_of(lengthy, sizeof(lengthy));
    struct access_entry entry = {.address = text,
                                 .user = text,
                                 .method = text,
                                 .target = text,
                                 .version = text,
                                 .host = text,
                                 .referer = text,
                                 .agent = text,
                                 .status = 400};

    memset(lengthy, 1, sizeof(lengthy));
    for (int format = ACCESS_COMBINED; format <= ACCESS_JSON; format++) {
        struct buf out = BUF_INIT(48 << 10);

        access_format(&entry, (enum access_format)format, &out);
        CHECK_FALSE(out.overflown);
        CHECK(slice_ends(buf_slice(&out), SLICE("\n")));
        CHECK(strstr(buf_str(&out), "01...") != NULL);
        buf_release(&out);
    }
}

/* ---- The writer ---------------------------------------------------------------------------------- */

static char path[] = "/tmp/samovar-log-XXXXXX";

static struct access_log *open_log(enum access_format format)
{
    struct access_log *log = NULL;
    struct buf why = BUF_INIT(300);

    memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    close(mkstemp(path));
    CHECK_INT(access_log_open(path, format, &log, &why), ERR_NONE);
    buf_release(&why);
    return log;
}

static char *slurp(const char *from)
{
    FILE *file = fopen(from, "r");
    static char text[8 << 20];
    size_t len;

    CHECK(file != NULL);
    len = fread(text, 1, sizeof(text) - 1, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

static unsigned lines_of(const char *text)
{
    unsigned lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

TEST(access_log__what_was_written_is_there_after_the_close)
{
    struct access_log *log = open_log(ACCESS_COMBINED);
    struct access_entry entry = sample();

    access_log_write(log, &entry); /* before the thread */
    CHECK_INT(access_log_start(log), ERR_NONE);
    for (int i = 0; i < 99; i++)
        access_log_write(log, &entry);
    access_log_flush_close(log);
    CHECK_INT(lines_of(slurp(path)), 100);
    unlink(path);
}

TEST(access_log__lines_come_soon_without_a_close)
{
    struct access_log *log = open_log(ACCESS_COMBINED);
    struct access_entry entry = sample();

    CHECK_INT(access_log_start(log), ERR_NONE);
    access_log_write(log, &entry);
    for (int i = 0; i < 200 && lines_of(slurp(path)) == 0; i++)
        usleep(10000);
    CHECK_INT(lines_of(slurp(path)), 1);
    access_log_flush_close(log);
    unlink(path);
}

TEST(access_log__a_thread_is_not_needed_to_flush)
{
    struct access_log *log = open_log(ACCESS_JSON);
    struct access_entry entry = sample();

    access_log_write(log, &entry);
    access_log_flush_close(log);
    CHECK_INT(lines_of(slurp(path)), 1);
    unlink(path);
}

TEST(access_log__what_does_not_fit_is_counted_and_told)
{
    struct access_log *log = open_log(ACCESS_JSON);
    struct access_entry entry = sample();
    uint64_t lost;
    char want[100];
    char *text;

    for (int i = 0; i < 10000; i++) /* nobody drains */
        access_log_write(log, &entry);
    lost = access_log_lost(log);
    CHECK(lost > 0 && lost < 10000);
    access_log_flush_close(log);
    text = slurp(path);
    CHECK_INT(lines_of(text), 10000 - lost + 1);
    snprintf(want, sizeof(want), "\"lost\":%llu}\n", (unsigned long long)lost);
    CHECK(strstr(text, want) != NULL);
    unlink(path);
}

TEST(access_log__reopening_follows_the_name)
{
    struct access_log *log = open_log(ACCESS_COMBINED);
    struct access_entry entry = sample();
    char old[100];

    snprintf(old, sizeof(old), "%s.1", path);
    CHECK_INT(access_log_start(log), ERR_NONE);
    access_log_write(log, &entry);
    for (int i = 0; i < 200 && lines_of(slurp(path)) == 0; i++)
        usleep(10000);
    CHECK_INT(rename(path, old), 0);
    access_log_reopen(log);
    for (int i = 0; i < 200 && access(path, F_OK) != 0; i++)
        usleep(10000);
    access_log_write(log, &entry);
    access_log_write(log, &entry);
    access_log_flush_close(log);
    CHECK_INT(lines_of(slurp(old)), 1);
    CHECK_INT(lines_of(slurp(path)), 2);
    unlink(old);
    unlink(path);
}

TEST(access_log__a_full_disk_loses_lines_and_counts_them)
{
    struct access_log *log = NULL;
    struct access_entry entry = sample();
    struct buf why = BUF_INIT(300);

    CHECK_INT(access_log_open("/dev/full", ACCESS_COMBINED, &log, &why), ERR_NONE);
    CHECK_INT(access_log_start(log), ERR_NONE);
    access_log_write(log, &entry);
    for (int i = 0; i < 200 && access_log_lost(log) == 0; i++)
        usleep(10000);
    CHECK_U64(access_log_lost(log), 1);
    access_log_flush_close(log);
}

TEST(access_log__a_folder_that_is_missing_is_named)
{
    struct access_log *log = NULL;
    struct buf why = BUF_INIT(300);

    CHECK_INT(access_log_open("/nonexistent/log", ACCESS_COMBINED, &log, &why), ERR_MISSING);
    CHECK_STR(buf_str(&why), "access log /nonexistent/log: No such file or directory");
    buf_release(&why);
}

static void *write_many(void *log)
{
    struct access_entry entry = sample();

    for (int i = 0; i < 1000; i++)
        access_log_write(log, &entry);
    return NULL;
}

TEST(access_log__threads_write_whole_lines)
{
    struct access_log *log = open_log(ACCESS_COMBINED);
    pthread_t threads[3];
    char *text, *line, *save = NULL;
    uint64_t lost;
    unsigned good = 0;

    CHECK_INT(access_log_start(log), ERR_NONE);
    for (int i = 0; i < 3; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, write_many, log), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    lost = access_log_lost(log);
    access_log_flush_close(log);
    text = slurp(path);
    for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        good += slice_starts(slice_str(line), SLICE("192.0.2.7 - frank [")) &&
                slice_ends(slice_str(line), SLICE("\"curl/8\""));
    CHECK_INT(good, 3000 - lost);
    unlink(path);
}

TEST(access_log__without_a_log_nothing_happens)
{
    struct access_entry entry = sample();

    CHECK_INT(access_log_start(NULL), ERR_NONE);
    access_log_write(NULL, &entry);
    access_log_reopen(NULL);
    access_log_flush_close(NULL);
    CHECK_U64(access_log_lost(NULL), 0);
}
