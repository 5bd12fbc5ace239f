/*
 * What the service manager hears, on a socket that plays it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../check.h"
#include "notify.h"

struct manager {
    int fd;
    char address[100]; /* as in NOTIFY_SOCKET */
    char heard[4096];
};

static struct manager manager_open(const char *address)
{
    struct manager manager = {.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    size_t len = strlen(address);

    snprintf(manager.address, sizeof(manager.address), "%s", address);
    memcpy(un.sun_path, address, len);
    if (address[0] == '@')
        un.sun_path[0] = '\0';
    CHECK_INT(bind(manager.fd, (struct sockaddr *)&un, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
    setenv("NOTIFY_SOCKET", address, 1);
    return manager;
}

static void manager_close(struct manager *manager)
{
    close(manager->fd);
    if (manager->address[0] == '/')
        unlink(manager->address);
}

static struct manager abstract_manager(void)
{
    char name[60];

    snprintf(name, sizeof(name), "@samovar-test-notify-%ld", (long)getpid());
    return manager_open(name);
}

/* The next message, "" where there is none. */
static const char *heard(struct manager *manager)
{
    ssize_t got = recv(manager->fd, manager->heard, sizeof(manager->heard) - 1, 0);

    manager->heard[got > 0 ? got : 0] = '\0';
    return manager->heard;
}

static void check_all_told(struct manager *manager, struct notify *notify)
{
    char want[200];

    notify_ready(notify, "serving 1 folder");
    snprintf(want, sizeof(want), "READY=1\nMAINPID=%ld\nSTATUS=serving 1 folder\n", (long)getpid());
    CHECK_STR(heard(manager), want);
    notify_reloading(notify);
    CHECK(strncmp(heard(manager), "RELOADING=1\nMONOTONIC_USEC=", 27) == 0);
    CHECK(strtoull(manager->heard + 27, NULL, 10) > 0);
    notify_ready(notify, NULL);
    snprintf(want, sizeof(want), "READY=1\nMAINPID=%ld\n", (long)getpid());
    CHECK_STR(heard(manager), want);
    notify_successor(notify, 4711);
    CHECK_STR(heard(manager), "MAINPID=4711\n");
    notify_alive(notify);
    CHECK_STR(heard(manager), "WATCHDOG=1\n");
    notify_stopping(notify, 1000);
    CHECK_STR(heard(manager), "STOPPING=1\nEXTEND_TIMEOUT_USEC=6000000\nSTATUS=requests under way are finished\n");
}

TEST(notify__a_manager_at_an_abstract_name_hears_everything)
{
    struct manager manager = abstract_manager();
    struct notify *notify = notify_open();

    CHECK(notify != NULL);
    check_all_told(&manager, notify);
    notify_close(notify);
    manager_close(&manager);
}

TEST(notify__a_manager_at_a_path_hears_everything_also_when_the_name_is_gone)
{
    struct manager manager;
    struct notify *notify;
    char path[60];

    snprintf(path, sizeof(path), "/tmp/samovar-test-notify-%ld", (long)getpid());
    manager = manager_open(path);
    notify = notify_open();
    CHECK(notify != NULL);
    unlink(path); /* as a sandbox takes it away */
    check_all_told(&manager, notify);
    notify_close(notify);
    manager_close(&manager);
}

TEST(notify__the_environment_is_taken)
{
    struct manager manager = abstract_manager();
    struct notify *notify;

    setenv("WATCHDOG_USEC", "30000000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    notify = notify_open();
    CHECK(getenv("NOTIFY_SOCKET") == NULL);
    CHECK(getenv("WATCHDOG_USEC") == NULL);
    CHECK(getenv("WATCHDOG_PID") == NULL);
    notify_close(notify);
    manager_close(&manager);
}

static uint64_t watchdog_of(const char *usec, const char *pid)
{
    struct manager manager = abstract_manager();
    struct notify *notify;
    uint64_t got;

    if (usec)
        setenv("WATCHDOG_USEC", usec, 1);
    if (pid)
        setenv("WATCHDOG_PID", pid, 1);
    notify = notify_open();
    got = notify_watchdog_ms(notify);
    notify_close(notify);
    manager_close(&manager);
    return got;
}

TEST(notify__a_sign_of_life_is_due_each_half_of_the_interval_and_from_us_alone)
{
    char own[20];

    snprintf(own, sizeof(own), "%ld", (long)getpid());
    CHECK_U64(watchdog_of("30000000", own), 15000);
    CHECK_U64(watchdog_of("30000000", NULL), 15000);
    CHECK_U64(watchdog_of("100", own), 1);
    CHECK_U64(watchdog_of("30000000", "1"), 0);
    CHECK_U64(watchdog_of("30000000", ""), 0);
    CHECK_U64(watchdog_of("0", own), 0);
    CHECK_U64(watchdog_of("soon", own), 0);
    CHECK_U64(watchdog_of(NULL, own), 0);
}

TEST(notify__a_status_is_one_line)
{
    struct manager manager = abstract_manager();
    struct notify *notify = notify_open();
    char want[200];

    notify_ready(notify, "one\nSTOPPING=1");
    snprintf(want, sizeof(want), "READY=1\nMAINPID=%ld\nSTATUS=one STOPPING=1\n", (long)getpid());
    CHECK_STR(heard(&manager), want);
    notify_close(notify);
    manager_close(&manager);
}

TEST(notify__without_a_manager_nothing_happens)
{
    unsetenv("NOTIFY_SOCKET");
    CHECK(notify_open() == NULL);
    notify_ready(NULL, "x");
    notify_reloading(NULL);
    notify_stopping(NULL, 1);
    notify_successor(NULL, 1);
    notify_alive(NULL);
    CHECK_U64(notify_watchdog_ms(NULL), 0);
    notify_close(NULL);
}

static void check_unreachable(const char *address)
{
    setenv("NOTIFY_SOCKET", address, 1);
    CHECK(notify_open() == NULL);
    CHECK(getenv("NOTIFY_SOCKET") == NULL);
}

TEST(notify__a_manager_that_cannot_be_reached_is_none)
{
    char long_path[300];

    check_unreachable("/nowhere/at/all");
    check_unreachable("@samovar-test-nobody-listens");
    check_unreachable("vsock:2:1234");
    check_unreachable("@");
    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[0] = '/';
    long_path[sizeof(long_path) - 1] = '\0';
    check_unreachable(long_path);
}

TEST(notify__a_manager_that_does_not_listen_holds_no_sign_of_life)
{
    struct manager manager = abstract_manager();
    struct notify *notify = notify_open();

    for (int i = 0; i < 5000; i++) /* more than any queue of datagrams takes */
        notify_alive(notify);
    CHECK_STR(heard(&manager), "WATCHDOG=1\n");
    notify_close(notify);
    manager_close(&manager);
}
