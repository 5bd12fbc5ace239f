/*
 * test_sandbox.c - what a confined process can and cannot do.
 *
 * Each test forks: the child confines itself and tries; its exit status is the line of the first claim that
 * did not hold, so the parent can say which.
 */
#include "cli/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../../../src/cli/confine.h"
#include "base/fd.h"
#include "check.h"
#include "cli/privilege.h"

/* In a child: leaves with a number that names the line (8 bits, so lines of this file modulo 251, never 0). */
#define CLAIM(claim)                                                                                                   \
    do {                                                                                                               \
        if (!(claim))                                                                                                  \
            _exit(1 + __LINE__ % 250);                                                                                 \
    } while (0)

static char base[] = "/tmp/samovar-sandbox-XXXXXX";

static void make_file(const char *path, const char *text)
{
    FD_GUARD fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    CHECK(fd >= 0);
    CHECK_INT(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* A root, a read-only root, and what lies outside. The current folder is above them. */
static void set_up(void)
{
    memcpy(base + sizeof(base) - 7, "XXXXXX", 6);
    CHECK(mkdtemp(base) != NULL);
    CHECK_INT(chdir(base), 0);
    CHECK(mkdir("root", 0755) == 0 && mkdir("root/a", 0755) == 0 && mkdir("root/b", 0755) == 0);
    CHECK(mkdir("root/.samovar", 0755) == 0 && mkdir("ro", 0755) == 0 && mkdir("out", 0755) == 0);
    CHECK(mkdir("logs", 0755) == 0);
    make_file("root/a/f", "inside");
    make_file("ro/f", "inside");
    make_file("out/f", "outside");
    CHECK(mkdir("live", 0755) == 0 && mkdir("archive", 0755) == 0 && mkdir("ca", 0755) == 0);
    make_file("archive/chain1.pem", "a chain");
    make_file("live/key.pem", "a key");
    make_file("ca/ca.pem", "an authority");
    CHECK_INT(symlink("../archive/chain1.pem", "live/chain.pem"), 0);
}

static void tear_down(void)
{
    char command[100];

    snprintf(command, sizeof(command), "rm -rf %s", base);
    CHECK_INT(chdir("/tmp"), 0);
    CHECK_INT(system(command), 0);
}

static void enter(bool has_landlock, bool has_seccomp)
{
    static char root[100], ro[100], log[100], state[100], chain[100], key[100], ca[100];
    struct certificate certificate = {chain, key};
    struct site sites[2] = {{.root = root, .state = state, .tls = {.client_ca = ca}}, {.root = ro, .read_only = true}};
    struct conf conf = {.sites = sites, .site_count = 2, .access_log = log, .sandbox = true};
    struct sandbox_options opt;
    struct buf report = BUF_INIT(500);

    snprintf(root, sizeof(root), "%s/root", base);
    snprintf(ro, sizeof(ro), "%s/ro", base);
    snprintf(state, sizeof(state), "%s/state", base);
    snprintf(log, sizeof(log), "%s/logs/access", base);
    snprintf(chain, sizeof(chain), "%s/live/chain.pem", base);
    snprintf(key, sizeof(key), "%s/live/key.pem", base);
    snprintf(ca, sizeof(ca), "%s/ca/ca.pem", base);
    conf.tls = (struct tls_conf){.certificates = &certificate, .certificate_count = 1};
    sandbox_options_init(&opt, &conf);
    opt.has_landlock = has_landlock;
    opt.has_seccomp = has_seccomp;
    CLAIM(sandbox_enter(&opt, &report) == ERR_NONE);
    if (!strstr(buf_str(&report), "sandbox: "))
        _exit(251);
    sandbox_options_release(&opt);
    buf_release(&report);
}

/* The wait status of a confined child that ran `body`. */
static int run_confined(bool has_landlock, bool has_seccomp, void (*body)(void))
{
    pid_t child;
    int status = -1;

    set_up();
    child = fork();
    if (child == 0) {
        enter(has_landlock, has_seccomp);
        body();
        _exit(0);
    }
    CHECK(child > 0);
    CHECK_INT(waitpid(child, &status, 0), child);
    tear_down();
    return status;
}

/* A failed claim shows as (1 + line % 250) << 8. */
static void check_confined(bool has_landlock, bool has_seccomp, void (*body)(void))
{
    CHECK_INT(run_confined(has_landlock, has_seccomp, body), 0);
}

static bool is_refused(int result, int code)
{
    return result < 0 && errno == code;
}

static int abi(void)
{
    return (int)syscall(444, NULL, 0, 1);
}

static void try_reading(void)
{
    CLAIM(open("root/a/f", O_RDONLY) >= 0);
    CLAIM(open("ro/f", O_RDONLY) >= 0);
    CLAIM(is_refused(open("out/f", O_RDONLY), EACCES));
    CLAIM(is_refused(open("/etc/passwd", O_RDONLY), EACCES));
    CLAIM(is_refused(open("/", O_RDONLY | O_DIRECTORY), EACCES));
    CLAIM(is_refused(open("root/../out/f", O_RDONLY), EACCES));
}

TEST(sandbox__nothing_outside_the_roots_can_be_read)
{
    if (abi() < 2)
        SKIP();
    check_confined(true, true, try_reading);
}

static void try_writing(void)
{
    CLAIM(open("root/a/new", O_WRONLY | O_CREAT, 0644) >= 0);
    CLAIM(truncate("root/a/new", 0) == 0);
    CLAIM(open("ro/.samovar/new", O_WRONLY | O_CREAT, 0644) < 0);
    CLAIM(is_refused(open("ro/f", O_WRONLY), EACCES));
    CLAIM(is_refused(open("ro/new", O_WRONLY | O_CREAT, 0644), EACCES));
    CLAIM(is_refused(mkdir("ro/dir", 0755), EACCES));
    CLAIM(is_refused(unlink("ro/f"), EACCES));
    CLAIM(is_refused(open("out/new", O_WRONLY | O_CREAT, 0644), EACCES));
    CLAIM(is_refused(rename("root/a/f", "out/stolen"), EACCES) || errno == EXDEV);
    CLAIM(link("out/f", "root/a/stolen") < 0);
}

TEST(sandbox__nothing_outside_the_writable_roots_can_be_changed)
{
    if (abi() < 3)
        SKIP();
    check_confined(true, true, try_writing);
}

static void try_moving(void)
{
    CLAIM(rename("root/a/f", "root/b/g") == 0);
    CLAIM(rename("root/b", "root/.samovar/b") == 0); /* a folder to the trash */
    CLAIM(rename("root/.samovar/b", "root/b") == 0);
    CLAIM(symlink("a/f", "root/link") == 0 && unlink("root/link") == 0);
    CLAIM(renameat2(AT_FDCWD, "root/a", AT_FDCWD, "root/b/g", RENAME_EXCHANGE) == 0);
}

TEST(sandbox__names_move_between_folders_of_a_root)
{
    check_confined(true, true, try_moving);
}

static void try_state(void)
{
    CLAIM(mkdir("state/trash", 0700) == 0);
    CLAIM(rename("root/a", "state/trash/1") == 0);
    CLAIM(rename("state/trash/1", "root/a") == 0);
}

TEST(sandbox__names_move_to_a_state_folder_elsewhere_and_back)
{
    check_confined(true, true, try_state);
}

static void try_unnamed(void)
{
    char self[40];
    int fd = open("root/a", O_TMPFILE | O_RDWR, 0644);

    CLAIM(fd >= 0);
    CLAIM(write(fd, "x", 1) == 1 && fsync(fd) == 0);
    snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    CLAIM(linkat(AT_FDCWD, self, AT_FDCWD, "root/a/linked", AT_SYMLINK_FOLLOW) == 0);
    CLAIM(linkat(AT_FDCWD, self, AT_FDCWD, "root/b/linked", AT_SYMLINK_FOLLOW) == 0);
    CLAIM(open(self, O_RDONLY) >= 0);
}

TEST(sandbox__an_unnamed_file_gets_its_name)
{
    check_confined(true, true, try_unnamed);
}

static void run_as_nobody(void)
{
    struct buf why = BUF_INIT(300);

    CLAIM(chown("root/a", 65534, 65534) == 0 && chown("root/b", 65534, 65534) == 0 && chmod(base, 0755) == 0);
    CLAIM(privilege_drop("nobody", &why) == ERR_NONE);
    enter(true, true);
    try_unnamed(); /* by /proc/self/fd, which belongs to root when a process changed its user */
    _exit(0);
}

TEST(sandbox__an_unnamed_file_gets_its_name_from_a_user_who_was_root)
{
    int status = -1;

    if (geteuid() != 0)
        SKIP();
    set_up();
    if (fork() == 0)
        run_as_nobody();
    wait(&status);
    tear_down();
    CHECK_INT(status, 0);
}

static void try_lmdb(void)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    char text[] = "kv";
    MDB_val key = {1, text}, value = {1, text + 1};

    CLAIM(mdb_env_create(&env) == 0 && mdb_env_set_mapsize(env, 1 << 20) == 0);
    CLAIM(mdb_env_open(env, "root/.samovar", 0, 0600) == 0);
    CLAIM(mdb_txn_begin(env, NULL, 0, &txn) == 0);
    CLAIM(mdb_dbi_open(txn, NULL, 0, &dbi) == 0);
    CLAIM(mdb_put(txn, dbi, &key, &value, 0) == 0 && mdb_txn_commit(txn) == 0);
    mdb_env_close(env);
}

TEST(sandbox__metadata_can_be_opened_and_committed)
{
    check_confined(true, true, try_lmdb);
}

static void try_log(void)
{
    CLAIM(open("logs/access", O_WRONLY | O_CREAT | O_APPEND, 0640) >= 0);
    CLAIM(is_refused(open("logs/access", O_RDONLY), EACCES));
    CLAIM(is_refused(unlink("logs/access"), EACCES));
}

TEST(sandbox__the_access_log_can_be_opened_anew_and_only_written)
{
    if (abi() < 2)
        SKIP();
    check_confined(true, true, try_log);
}

/* A child of its own, as a renewal is done by others. */
static void renew(void)
{
    make_file("archive/chain2.pem", "a newer chain");
    CHECK(symlink("../archive/chain2.pem", "live/next") == 0 && rename("live/next", "live/chain.pem") == 0);
    make_file("ca/next", "a newer authority");
    CHECK_INT(rename("ca/next", "ca/ca.pem"), 0);
}

TEST(sandbox__renewed_certificates_and_keys_can_be_read_and_nothing_written_there)
{
    int ends[2], status = -1; /* one for the child, one for us: it is confined, it is renewed */
    char byte = 'x';

    if (abi() < 2)
        SKIP();
    set_up();
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    if (fork() == 0) {
        close(ends[1]);
        enter(true, true);
        CLAIM(write(ends[0], &byte, 1) == 1 && read(ends[0], &byte, 1) == 1);
        CLAIM(open("live/chain.pem", O_RDONLY) >= 0 && open("live/key.pem", O_RDONLY) >= 0);
        CLAIM(open("ca/ca.pem", O_RDONLY) >= 0);
        CLAIM(is_refused(open("live/key.pem", O_WRONLY), EACCES));
        CLAIM(is_refused(open("archive/new", O_WRONLY | O_CREAT, 0644), EACCES));
        _exit(0);
    }
    close(ends[0]);
    CHECK_INT(read(ends[1], &byte, 1), 1);
    renew();
    CHECK_INT(write(ends[1], &byte, 1), 1);
    close(ends[1]);
    wait(&status);
    tear_down();
    CHECK_INT(status, 0);
}

static void *say_hello(void *arg)
{
    return open("out/f", O_RDONLY) < 0 ? arg : NULL; /* a thread made later is as confined */
}

static void try_threads(void)
{
    pthread_t thread;
    void *got = NULL;
    int here;

    CLAIM(pthread_create(&thread, NULL, say_hello, &here) == 0);
    CLAIM(pthread_join(thread, &got) == 0);
    CLAIM(abi() < 2 || got == &here);
}

TEST(sandbox__threads_can_be_made_and_are_confined_too)
{
    check_confined(true, true, try_threads);
}

static void try_sockets(void)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "root/.samovar/control"};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);

    CLAIM(bind(fd, (struct sockaddr *)&un, sizeof(un)) == 0 && listen(fd, 1) == 0);
    CLAIM(unlink("root/.samovar/control") == 0);
    CLAIM(bind(tcp, (struct sockaddr *)&in, sizeof(in)) == 0 && listen(tcp, 1) == 0); /* a reload's listener */
    CLAIM(connect(tcp, (struct sockaddr *)&in, sizeof(in)) < 0);
    CLAIM(HAS_SANITIZER || is_refused(socket(AF_PACKET, SOCK_RAW, 0), EPERM));
}

TEST(sandbox__sockets_are_bound_and_nobody_is_called)
{
    check_confined(true, true, try_sockets);
}

static void try_calls(void)
{
    CLAIM(is_refused(fork(), EPERM));
    CLAIM(is_refused(setuid(0), EPERM));
    CLAIM(is_refused((int)syscall(SYS_io_uring_setup, 1, NULL), EPERM));
    CLAIM(is_refused(kill(getppid(), 0), EPERM));
    CLAIM(kill(getpid(), 0) == 0);
    CLAIM(is_refused((int)syscall(470), ENOSYS)); /* what does not exist yet is not there */
}

TEST(sandbox__no_process_is_made_and_no_rights_are_gained)
{
    if (HAS_SANITIZER)
        SKIP();
    check_confined(false, true, try_calls);
}

static void try_program(void)
{
    execl("/bin/true", "true", (char *)NULL);
}

TEST(sandbox__running_a_program_ends_the_process)
{
    int status;

    if (HAS_SANITIZER)
        SKIP();
    status = run_confined(false, true, try_program);
    CHECK(WIFSIGNALED(status));
    CHECK_INT(WTERMSIG(status), SIGSYS);
}

static void try_program_by_landlock(void)
{
    execl("/bin/false", "false", (char *)NULL);
    CLAIM(errno == EACCES);
}

TEST(sandbox__landlock_alone_refuses_programs_too)
{
    if (abi() < 2)
        SKIP();
    check_confined(true, false, try_program_by_landlock);
}

TEST(sandbox__switched_off_says_so_and_confines_nothing)
{
    struct conf conf = {.sandbox = false};
    struct sandbox_options opt;
    struct buf report = BUF_INIT(500);
    int fd;

    sandbox_options_init(&opt, &conf);
    CHECK_INT(sandbox_enter(&opt, &report), ERR_NONE);
    CHECK_SLICE(buf_slice(&report), "sandbox: off");
    fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    close(fd);
    sandbox_options_release(&opt);
    buf_release(&report);
}

TEST(sandbox__report_names_what_is_on)
{
    struct conf conf = {.sandbox = true};
    int pipes[2], status;
    char text[200] = "", want[100];

    CHECK_INT(pipe(pipes), 0);
    if (fork() == 0) {
        struct sandbox_options opt;
        struct buf report = BUF_INIT(500);

        sandbox_options_init(&opt, &conf);
        CLAIM(sandbox_enter(&opt, &report) == ERR_NONE);
        CLAIM(write(pipes[1], report.ptr, report.len) == (ssize_t)report.len);
        _exit(0);
    }
    close(pipes[1]);
    CHECK(read(pipes[0], text, sizeof(text) - 1) > 0);
    close(pipes[0]);
    wait(&status);
    CHECK_INT(status, 0);
    if (abi() < 2 || HAS_SANITIZER)
        SKIP();
    snprintf(want, sizeof(want), "sandbox: Landlock ABI %d, seccomp on", abi());
    CHECK_STR(text, want);
}
