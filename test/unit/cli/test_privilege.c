/*
 * test_privilege.c - becoming somebody with fewer rights. What needs root is tried in a child.
 */
#include "cli/privilege.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static void check_refused(const char *run_as, const char *what)
{
    struct identity who;
    struct buf why = BUF_INIT(300);

    CHECK_INT(privilege_find(run_as, &who, &why), ERR_INVALID);
    CHECK_STR(buf_str(&why), what);
    buf_release(&why);
}

TEST(privilege__user_and_group_are_found_by_name_and_number)
{
    struct identity who;
    struct buf why = BUF_INIT(300);

    CHECK_INT(privilege_find("nobody", &who, &why), ERR_NONE);
    CHECK_INT(who.uid, 65534);
    CHECK_INT(who.gid, 65534);
    CHECK_STR(who.name, "nobody");
    CHECK_INT(privilege_find("65534:root", &who, &why), ERR_NONE);
    CHECK_INT(who.uid, 65534);
    CHECK_INT(who.gid, 0);
    CHECK_INT(privilege_find("nobody:12345", &who, &why), ERR_NONE);
    CHECK_INT(who.gid, 12345);
    buf_release(&why);
}

TEST(privilege__a_wrong_name_is_one_clear_line)
{
    check_refused("no-such-user-here", "run-as no-such-user-here: no such user");
    check_refused("nobody:no-such-group", "run-as nobody:no-such-group: no such group");
    check_refused("nobody:", "run-as nobody:: not USER or USER:GROUP");
    check_refused("", "run-as : not USER or USER:GROUP");
    check_refused("nobody:4294967295", "run-as nobody:4294967295: no such group");
    check_refused("root", "run-as root: this is root, who has every right; name a user with fewer");
}

static int in_child(int (*body)(void))
{
    int status = -1;
    pid_t child = fork();

    if (child == 0)
        _exit(body());
    CHECK(child > 0);
    CHECK_INT(waitpid(child, &status, 0), child);
    return status;
}

/* As a service manager starts a user's process that may bind port 80. */
static bool become_nobody_with_a_capability(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct one[2] = {{0}};

    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || setresgid(65534, 65534, 65534) != 0 ||
        setresuid(65534, 65534, 65534) != 0)
        return false;
    one[0].effective = one[0].permitted = one[0].inheritable = 1u << CAP_NET_BIND_SERVICE;
    return syscall(SYS_capset, &head, one) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0) == 0;
}

static int drop_the_capability(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct got[2] = {{0}};
    struct buf why = BUF_INIT(300);

    if (!become_nobody_with_a_capability())
        return 1;
    if (privilege_drop(NULL, &why) != ERR_NONE)
        return 2;
    if (syscall(SYS_capget, &head, got) != 0 || got[0].effective || got[0].permitted || got[0].inheritable)
        return 3;
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_NET_BIND_SERVICE, 0, 0) == 0 ? 0 : 4;
}

TEST(privilege__what_the_service_manager_gave_for_a_port_is_given_up)
{
    if (geteuid() != 0)
        SKIP();
    CHECK_INT(in_child(drop_the_capability), 0);
}

static int become_nobody(void)
{
    struct buf why = BUF_INIT(300);
    gid_t groups[10];

    if (privilege_drop("nobody", &why) != ERR_NONE)
        return 1;
    if (getuid() != 65534 || geteuid() != 65534 || getgid() != 65534)
        return 2;
    if (setuid(0) == 0 || setgid(0) == 0)
        return 3;
    for (int i = getgroups(10, groups); i > 0; i--) {
        if (groups[i - 1] == 0)
            return 4;
    }
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || prctl(PR_CAPBSET_READ, 0, 0, 0, 0) != 0)
        return 5;
    if (privilege_drop("nobody", &why) != ERR_NONE) /* who one is already */
        return 6;
    if (privilege_drop("daemon", &why) != ERR_DENIED)
        return 7;
    return strcmp(buf_str(&why), "run-as daemon: only root can become somebody else; start as root or leave it out");
}

TEST(privilege__nothing_is_left_of_root)
{
    if (geteuid() != 0)
        SKIP();
    CHECK_INT(in_child(become_nobody), 0);
}

static int stay(void)
{
    struct buf why = BUF_INIT(300);
    uid_t before = getuid();

    if (privilege_drop(NULL, &why) != ERR_NONE || getuid() != before)
        return 1;
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 2;
}

TEST(privilege__without_run_as_only_new_rights_are_given_up)
{
    CHECK_INT(in_child(stay), 0);
}

static int raise_files(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 64;
    setrlimit(RLIMIT_NOFILE, &limit);
    return privilege_raise_files() == limit.rlim_max ? 0 : 1;
}

TEST(privilege__descriptors_are_raised_to_the_hard_limit)
{
    CHECK_INT(in_child(raise_files), 0);
}
