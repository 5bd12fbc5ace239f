/*
 * role.h - which side a function runs on, checked by clang and at run time.
 *
 * An event-loop thread never waits for the disk; a worker thread never waits for the network. Functions
 * that belong to one side say so with LOOP_SIDE or WORKER_SIDE, and clang's -Wthread-safety refuses a
 * call from the other side. A call through a pointer escapes that check, so every callback opens with
 * role_assert_loop() or role_assert_worker(), which also checks the running thread.
 *
 * A thread takes its role once, as its first act. Tests and command-line tools that call both sides
 * from one thread take ROLE_ANY.
 */
#ifndef BASE_ROLE_H
#define BASE_ROLE_H

enum role { ROLE_NONE, ROLE_LOOP, ROLE_WORKER, ROLE_ANY };

#if defined(__clang__)
#define ROLE_ATTRIBUTE(x) __attribute__((x))
#else
#define ROLE_ATTRIBUTE(x)
#endif

struct ROLE_ATTRIBUTE(capability("role")) role_side {
    int unused;
};
extern struct role_side role_loop, role_worker;

#define LOOP_SIDE ROLE_ATTRIBUTE(requires_capability(role_loop))
#define WORKER_SIDE ROLE_ATTRIBUTE(requires_capability(role_worker))

/* Names the thread as well (15 characters; what ps -L and strace show). */
void role_take(enum role role, const char *thread_name);
enum role role_of_thread(void);

void role_assert_loop(void) ROLE_ATTRIBUTE(assert_capability(role_loop));
void role_assert_worker(void) ROLE_ATTRIBUTE(assert_capability(role_worker));

#endif
