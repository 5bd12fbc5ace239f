/*
 * test_activation.c - sockets that the service manager hands over.
 */
#include "kit.h"

#include <stdlib.h>
#include <unistd.h>

/* The variables as the service manager sets them; NULL leaves one out. */
static struct conf *start(const char *pid, const char *count, const char *names, const char *line)
{
    char own[32];
    struct conf *conf;

    snprintf(own, sizeof(own), "%d", (int)getpid());
    setenv("LISTEN_PID", pid ? pid : own, 1);
    setenv("LISTEN_FDS", count, 1);
    if (names)
        setenv("LISTEN_FDNAMES", names, 1);
    conf = kit_args(line).conf;
    CHECK(!getenv("LISTEN_PID") && !getenv("LISTEN_FDS") && !getenv("LISTEN_FDNAMES"));
    return conf;
}

static void fails(const char *count, const char *names, const char *why)
{
    CHECK(start(NULL, count, names, "/tmp") == NULL);
    CHECK_STR(kit_why(), why);
}

TEST(activation__handed_sockets_are_listened_on)
{
    struct conf *conf = start(NULL, "2", NULL, "/tmp");

    CHECK_STR(kit_why(), "");
    CHECK_INT(conf->listen_count, 2);
    CHECK_INT(conf->listens[0].kind, LISTEN_FD);
    CHECK_INT(conf->listens[0].fd, 3);
    CHECK_INT(conf->listens[1].fd, 4);
    CHECK(!conf->listens[0].is_default && !conf->listens[0].is_plain && !conf->metrics);
    conf_unref(conf);
}

TEST(activation__names_say_what_a_socket_is_for)
{
    struct conf *conf = start(NULL, "4", "samovar.socket:plain:metrics:", "/tmp");

    CHECK_STR(kit_why(), "");
    CHECK_INT(conf->listen_count, 3);
    CHECK_INT(conf->listens[1].fd, 4);
    CHECK(!conf->listens[0].is_plain && conf->listens[1].is_plain && !conf->listens[2].is_plain);
    CHECK_INT(conf->listens[2].fd, 6);
    CHECK_INT(conf->metrics->kind, LISTEN_FD);
    CHECK_INT(conf->metrics->fd, 5);
    conf_unref(conf);
}

TEST(activation__metrics_alone_leave_the_usual_addresses)
{
    struct conf *conf = start(NULL, "1", "metrics", "/tmp");

    CHECK_INT(conf->metrics->fd, 3);
    CHECK_SLICE(conf->listens[0].text, "127.0.0.1:8080");
    conf_unref(conf);
}

TEST(activation__what_is_asked_for_comes_first)
{
    struct conf *conf = start(NULL, "2", "a:metrics", "--listen fd:3 --listen 127.0.0.1:0 --metrics 9180 /tmp");

    CHECK_INT(conf->listen_count, 2);
    CHECK_INT(conf->listens[0].fd, 3);
    CHECK_SLICE(conf->metrics->text, "9180");
    conf_unref(conf);
}

TEST(activation__variables_for_another_process_are_none)
{
    struct conf *conf = start("1", "2", "x", "/tmp");

    CHECK_INT(conf->listen_count, 2);
    CHECK_INT(conf->listens[0].kind, LISTEN_TCP);
    conf_unref(conf);
    conf = start("rubbish", "rubbish", NULL, "/tmp");
    CHECK_INT(conf->listens[0].kind, LISTEN_TCP);
    conf_unref(conf);
    conf = start(NULL, "0", "", "/tmp");
    CHECK_INT(conf->listens[0].kind, LISTEN_TCP);
    conf_unref(conf);
}

TEST(activation__what_is_wrong_is_told)
{
    fails("two", NULL, "LISTEN_FDS in the environment must be a number up to 256, not \"two\"");
    fails("-1", NULL, "LISTEN_FDS in the environment must be a number up to 256, not \"-1\"");
    fails("99999999999999999999", NULL,
          "LISTEN_FDS in the environment must be a number up to 256, not \"99999999999999999999\"");
    fails("2", "a", "LISTEN_FDNAMES in the environment has 1 names for 2 sockets");
    fails("1", "a:b", "LISTEN_FDNAMES in the environment has 2 names for 1 sockets");
    fails("2", "metrics:metrics", "LISTEN_FDNAMES names two sockets \"metrics\"; one is enough");
}

TEST(activation__sockets_are_remembered_by_a_reload)
{
    struct conf *conf = start(NULL, "2", "plain:metrics", "/tmp"), *fresh;
    struct buf why = BUF_INIT(512);

    CHECK_INT(conf_reload(conf, &fresh, &why), ERR_NONE);
    conf_unref(conf);
    CHECK_INT(fresh->listen_count, 1);
    CHECK_SLICE(fresh->listens[0].text, "plain:fd:3");
    CHECK_SLICE(fresh->metrics->text, "fd:4");
    conf_unref(fresh);
}
