/*
 * syscalls.c - the system calls that a file server has a use for, and no others.
 *
 * An allow-list: what is not on it gives EPERM. What only an intruder would try (another program, another's
 * memory, mounts, modules) ends the process, so that it is noticed. Calls newer than this list give ENOSYS,
 * which makes the C library take the older way. No process can be made any more, only threads.
 *
 * Calls without conditions on their arguments cost next to nothing: the kernel keeps a bitmap of them.
 */
#include "confine.h"

#ifdef HAVE_SECCOMP

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const int allowed[] = {
    /* descriptors and their bytes */
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(preadv),
    SCMP_SYS(pwritev),
    SCMP_SYS(preadv2),
    SCMP_SYS(pwritev2),
    SCMP_SYS(close),
    SCMP_SYS(close_range),
    SCMP_SYS(lseek),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(fcntl),
    SCMP_SYS(flock),
    SCMP_SYS(sendfile),
    SCMP_SYS(splice),
    SCMP_SYS(tee),
    SCMP_SYS(copy_file_range),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(syncfs),
    SCMP_SYS(sync_file_range),
    SCMP_SYS(ftruncate),
    SCMP_SYS(truncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(fadvise64),
    SCMP_SYS(readahead),
    SCMP_SYS(memfd_create),
    /* names and facts */
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(openat2),
    SCMP_SYS(creat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(fchdir),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(umask),
    SCMP_SYS(link),
    SCMP_SYS(linkat),
    SCMP_SYS(symlink),
    SCMP_SYS(symlinkat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rmdir),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(chown),
    SCMP_SYS(lchown),
    SCMP_SYS(fchown),
    SCMP_SYS(fchownat),
    SCMP_SYS(utimensat),
    SCMP_SYS(futimesat),
    SCMP_SYS(utime),
    SCMP_SYS(utimes),
    SCMP_SYS(getxattr),
    SCMP_SYS(lgetxattr),
    SCMP_SYS(fgetxattr),
    SCMP_SYS(setxattr),
    SCMP_SYS(lsetxattr),
    SCMP_SYS(fsetxattr),
    SCMP_SYS(listxattr),
    SCMP_SYS(llistxattr),
    SCMP_SYS(flistxattr),
    SCMP_SYS(removexattr),
    SCMP_SYS(lremovexattr),
    SCMP_SYS(fremovexattr),
    SCMP_SYS(inotify_init1),
    SCMP_SYS(inotify_add_watch),
    SCMP_SYS(inotify_rm_watch),
    /* sockets; no connect: a server has nobody to call */
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(socketpair),
    /* waiting, time, signals */
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(eventfd2),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime),
    SCMP_SYS(signalfd4),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(alarm),
    SCMP_SYS(setitimer),
    SCMP_SYS(pause),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigsuspend),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(rt_sigpending),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    /* memory and threads */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mincore),
    SCMP_SYS(msync),
    SCMP_SYS(mlock),
    SCMP_SYS(munlock),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(rseq),
    SCMP_SYS(membarrier),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_setparam),
    SCMP_SYS(sched_getscheduler),
    SCMP_SYS(sched_setscheduler),
    SCMP_SYS(sched_get_priority_max),
    SCMP_SYS(sched_get_priority_min),
    SCMP_SYS(getpriority),
    SCMP_SYS(setpriority),
    SCMP_SYS(ioprio_set),
    SCMP_SYS(ioprio_get),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(getcpu),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    /* who and where we are */
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(getpgrp),
    SCMP_SYS(getpgid),
    SCMP_SYS(getsid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getresuid),
    SCMP_SYS(getresgid),
    SCMP_SYS(getgroups),
    SCMP_SYS(capget),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(getrandom),
};

/* The library at hand may be older than these. The numbers are the same on every machine. */
enum { SYS_CACHESTAT = 451, SYS_FCHMODAT2 = 452, SYS_LATER_LAST = 480 };

static const int deadly[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(open_by_handle_at),
};

/* FIONREAD..: what C library and server ask; FICLONE: copies that share blocks; the flags of a file. */
static const unsigned long ioctls[] = {FIONREAD,   FIONBIO, FIOCLEX,      FIONCLEX,        TCGETS,
                                       TIOCGWINSZ, FICLONE, FICLONERANGE, FS_IOC_GETFLAGS, FS_IOC_FSGETXATTR};
static const int domains[] = {AF_UNIX, AF_INET, AF_INET6};
static const int prctls[] = {PR_SET_NAME,         PR_GET_NAME,     PR_SET_TIMERSLACK,
                             PR_GET_DUMPABLE,     PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS,
                             PR_GET_NO_NEW_PRIVS, PR_CAPBSET_READ, 0x53564d41 /* PR_SET_VMA */};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define LOW_32 0xffffffffu /* arguments that are int: the upper half is nobody's */

/* A call that this machine has not is no error: the list serves them all. */
static bool add(scmp_filter_ctx ctx, uint32_t action, int call)
{
    int rc = seccomp_rule_add(ctx, action, call, 0);

    return rc == 0 || call < 0;
}

static bool add_if(scmp_filter_ctx ctx, int call, struct scmp_arg_cmp cmp)
{
    return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 1, cmp) == 0;
}

static bool add_lists(scmp_filter_ctx ctx)
{
    bool is_good = true;

    for (size_t i = 0; i < COUNT(allowed); i++)
        is_good = is_good && add(ctx, SCMP_ACT_ALLOW, allowed[i]);
    for (size_t i = 0; i < COUNT(deadly); i++)
        is_good = is_good && add(ctx, SCMP_ACT_KILL_PROCESS, deadly[i]);
    is_good = is_good && add(ctx, SCMP_ACT_ALLOW, SYS_CACHESTAT) && add(ctx, SCMP_ACT_ALLOW, SYS_FCHMODAT2);
    /* clone3 hides its flags from a filter; without it the C library uses clone */
    is_good = is_good && add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3));
    for (int call = SYS_FCHMODAT2 + 1; call <= SYS_LATER_LAST; call++)
        is_good = is_good && add(ctx, SCMP_ACT_ERRNO(ENOSYS), call);
    return is_good;
}

static bool add_conditions(scmp_filter_ctx ctx)
{
    const unsigned pid = (unsigned)getpid();
    bool is_good = true;

    for (size_t i = 0; i < COUNT(ioctls); i++)
        is_good = is_good && add_if(ctx, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, LOW_32, ioctls[i]));
    for (size_t i = 0; i < COUNT(domains); i++)
        is_good = is_good && add_if(ctx, SCMP_SYS(socket), SCMP_A0(SCMP_CMP_MASKED_EQ, LOW_32, (unsigned)domains[i]));
    for (size_t i = 0; i < COUNT(prctls); i++)
        is_good = is_good && add_if(ctx, SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_MASKED_EQ, LOW_32, (unsigned)prctls[i]));
    /* threads, no processes */
    is_good = is_good && add_if(ctx, SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    /* code that was just written is never run */
    is_good = is_good && add_if(ctx, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) &&
              add_if(ctx, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC)) &&
              add_if(ctx, SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    /* signals to ourselves */
    is_good = is_good && add_if(ctx, SCMP_SYS(kill), SCMP_A0(SCMP_CMP_MASKED_EQ, LOW_32, pid)) &&
              add_if(ctx, SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_MASKED_EQ, LOW_32, pid)) &&
              add_if(ctx, SCMP_SYS(rt_sigqueueinfo), SCMP_A0(SCMP_CMP_MASKED_EQ, LOW_32, pid)) &&
              add_if(ctx, SCMP_SYS(rt_tgsigqueueinfo), SCMP_A0(SCMP_CMP_MASKED_EQ, LOW_32, pid));
    /* limits are read, not set */
    return is_good && add_if(ctx, SCMP_SYS(prlimit64), SCMP_A2(SCMP_CMP_EQ, 0));
}

enum err syscalls_enter(struct buf *report)
{
    scmp_filter_ctx ctx;
    int rc;

    if (HAS_SANITIZER) {
        buf_add_str(report, "seccomp off (a sanitizer's build)");
        return ERR_UNSUPPORTED;
    }
    ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!ctx) {
        buf_add_str(report, "no seccomp in this kernel");
        return ERR_UNSUPPORTED;
    }
    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a list, for calls with conditions */
    rc = add_lists(ctx) && add_conditions(ctx) ? seccomp_load(ctx) : -EDOM;
    seccomp_release(ctx);
    if (rc == 0) {
        buf_add_str(report, "seccomp on");
        return ERR_NONE;
    }
    buf_printf(report, "seccomp refused its rules: %s", strerror(-rc));
    /* a kernel without filters says EINVAL or ENOSYS; our rules were judged before that */
    return rc == -EINVAL || rc == -ENOSYS ? ERR_UNSUPPORTED : err_from_errno(-rc);
}

#else

enum err syscalls_enter(struct buf *report)
{
    buf_add_str(report, "seccomp left out of this build");
    return ERR_UNSUPPORTED;
}

#endif
