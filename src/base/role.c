/*
 * role.c - the role of the running thread.
 */
#include "base/role.h"

#include <assert.h>
#include <sys/prctl.h>

struct role_side role_loop, role_worker;
static _Thread_local enum role current;

void role_take(enum role role, const char *thread_name)
{
    current = role;
    prctl(PR_SET_NAME, thread_name);
}

enum role role_of_thread(void)
{
    return current;
}

void role_assert_loop(void)
{
    assert(current == ROLE_LOOP || current == ROLE_ANY);
}

void role_assert_worker(void)
{
    assert(current == ROLE_WORKER || current == ROLE_ANY);
}
