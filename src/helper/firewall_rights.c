/*
 * firewall_rights.c - the program keeps one capability of root's, and nothing else.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sanitizer.h"
#include "firewall_private.h"

enum { NOBODY = 65534, FILES_MAX = 32 };

static bool complain(const char *what)
{
    fprintf(stderr, "samovar-firewall: %s: %s\n", what, strerror(errno));
    return false;
}

/* Over the change of user what root was permitted stays permitted, to be narrowed next. */
static bool leave_root(void)
{
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
        setresuid(NOBODY, NOBODY, NOBODY))
        return complain("root's rights cannot be given up");
    return true;
}

static bool keep_one(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{.effective = 1u << CAP_NET_ADMIN, .permitted = 1u << CAP_NET_ADMIN}};

    if (syscall(SYS_capset, &header, data) == 0)
        return true;
    if (errno != EPERM)
        return complain("capabilities cannot be given up");
    return true; /* it has not even that one: the first request will say so */
}

bool rights_drop(void)
{
    struct rlimit files = {FILES_MAX, FILES_MAX}, none = {0, 0};

    if (geteuid() == 0 && !leave_root())
        return false;
    if (!keep_one())
        return false;
    setrlimit(RLIMIT_NOFILE, &files);
    setrlimit(RLIMIT_CORE, &none);
    if (!HAS_SANITIZER)
        setrlimit(RLIMIT_NPROC, &none);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, HAS_SANITIZER, 0, 0, 0))
        return complain("it cannot be confined");
    return true;
}
