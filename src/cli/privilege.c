/*
 * privilege.c - becoming somebody with fewer rights, in the order that leaves no way back.
 *
 * Groups first, since giving up the user gives up the right to change them; then the user; then whatever
 * capabilities are left. A process that changed its user is not dumpable any more (the kernel sees to it),
 * so no core file carries what clients sent.
 */
#include "cli/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The highest number that a user or group may have; the one above means "unchanged" to the system. */
#define ID_MAX (UINT32_MAX - 1u)

static enum err complain(struct buf *why, const char *run_as, const char *what)
{
    buf_printf(why, "run-as %s: %s", run_as, what);
    return ERR_INVALID;
}

static bool find_user(const char *text, struct identity *out)
{
    struct passwd *pw = getpwnam(text);
    uint64_t number;

    if (!pw && slice_u64(slice_str(text), &number) && number <= ID_MAX)
        pw = getpwuid((uid_t)number);
    if (!pw || strlen(pw->pw_name) >= sizeof(out->name))
        return false;
    out->uid = pw->pw_uid;
    out->gid = pw->pw_gid;
    memcpy(out->name, pw->pw_name, strlen(pw->pw_name) + 1);
    return true;
}

static bool find_group(const char *text, gid_t *gid)
{
    struct group *gr = getgrnam(text);
    uint64_t number;

    if (gr) {
        *gid = gr->gr_gid;
        return true;
    }
    if (!slice_u64(slice_str(text), &number) || number > ID_MAX)
        return false;
    *gid = (gid_t)number;
    return true;
}

enum err privilege_find(const char *run_as, struct identity *out, struct buf *why)
{
    char user[sizeof(out->name)];
    const char *colon = strchr(run_as, ':');
    size_t len = colon ? (size_t)(colon - run_as) : strlen(run_as);

    *out = (struct identity){0};
    if (len == 0 || len >= sizeof(user) || (colon && colon[1] == '\0'))
        return complain(why, run_as, "not USER or USER:GROUP");
    memcpy(user, run_as, len);
    user[len] = '\0';
    if (!find_user(user, out))
        return complain(why, run_as, "no such user");
    if (colon && !find_group(colon + 1, &out->gid))
        return complain(why, run_as, "no such group");
    if (out->uid == 0)
        return complain(why, run_as, "this is root, who has every right; name a user with fewer");
    return ERR_NONE;
}

/* For good: what is not in the bounding set never comes back, not even by a file with capabilities. */
static void drop_bounding(void)
{
    for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        prctl(PR_CAPBSET_DROP, cap, 0, 0, 0); /* without CAP_SETPCAP no_new_privs alone has to do */
}

static bool drop_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}, {0}};

    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return syscall(SYS_capset, &head, none) == 0;
}

static enum err become(const struct identity *who, const char *run_as, struct buf *why)
{
    bool is_already = getuid() == who->uid && geteuid() == who->uid && getgid() == who->gid && getegid() == who->gid;

    if (!is_already && geteuid() != 0) {
        buf_printf(why, "run-as %s: only root can become somebody else; start as root or leave it out", run_as);
        return ERR_DENIED;
    }
    drop_bounding();
    if (!is_already && (initgroups(who->name, who->gid) != 0 || setresgid(who->gid, who->gid, who->gid) != 0 ||
                        setresuid(who->uid, who->uid, who->uid) != 0)) {
        buf_printf(why, "run-as %s: %s", run_as, strerror(errno));
        return ERR_DENIED;
    }
    /* seen, not believed: a kernel or a library that half did it must not serve */
    if (!drop_capabilities() || getuid() != who->uid || geteuid() != who->uid || getegid() != who->gid ||
        setuid(0) == 0) {
        buf_printf(why, "run-as %s: the system did not take our rights away", run_as);
        return ERR_DENIED;
    }
    return ERR_NONE;
}

enum err privilege_drop(const char *run_as, struct buf *why)
{
    struct identity who;
    enum err err;

    if (run_as) {
        err = privilege_find(run_as, &who, why);
        if (err == ERR_NONE)
            err = become(&who, run_as, why);
        if (err != ERR_NONE)
            return err;
    } else if (geteuid() != 0 && !drop_capabilities()) {
        /* what a service manager gave for the ports, which are bound by now; root stays root, as it asked for nothing
         * else */
        buf_printf(why, "cannot give up capabilities: %s", strerror(errno));
        return ERR_DENIED;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        buf_printf(why, "no_new_privs: %s", strerror(errno));
        return ERR_DENIED;
    }
    return ERR_NONE;
}

unsigned long privilege_raise_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024; /* what every system gives */
    if (limit.rlim_cur < limit.rlim_max) {
        rlim_t before = limit.rlim_cur;

        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            limit.rlim_cur = before;
    }
    return (unsigned long)limit.rlim_cur;
}
