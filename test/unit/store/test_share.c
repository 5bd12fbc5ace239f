/*
 * test_share.c - two processes on one folder, while one takes over from the other.
 *
 * The second one is forked before the first one opens its store, so neither has threads then; it is given what
 * store_share() gives over a socket, does what the test says, and says how it went by its exit status.
 */
#include "folder.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core.h"
#include "propset.h"
#include "store/forward.h"
#include "store/history.h"
#include "store/writelock.h"

enum { ROUNDS = 40, STAMPS = 2000 };

/* What two processes say to each other: a step that was reached. */
static void tell(int to, char step)
{
    CHECK_INT(write(to, &step, 1), 1);
}

static char hear(int from)
{
    char step = '-';

    return read(from, &step, 1) == 1 ? step : '-';
}

static void give(int to, struct store_shared *shared)
{
    int fds[3] = {shared->root, shared->page, shared->state};
    size_t count = shared->state < 0 ? 2 : 3;
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(fds))];
    } with = {.head = {.cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec piece = {.iov_base = shared, .iov_len = sizeof(*shared)};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = with.room,
                             .msg_controllen = CMSG_SPACE(count * sizeof(int))};

    memcpy(CMSG_DATA(&with.head), fds, count * sizeof(int));
    CHECK_INT(sendmsg(to, &message, 0), sizeof(*shared));
    close(shared->page);
}

static bool take(int from, struct store_shared *shared)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(3 * sizeof(int))];
    } with;
    struct iovec piece = {.iov_base = shared, .iov_len = sizeof(*shared)};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = with.room, .msg_controllen = sizeof(with.room)};
    int fds[3] = {-1, -1, -1};

    if (recvmsg(from, &message, 0) != sizeof(*shared))
        return false;
    memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&message)), CMSG_FIRSTHDR(&message)->cmsg_len - CMSG_LEN(0));
    shared->root = fds[0];
    shared->page = fds[1];
    shared->state = fds[2];
    return true;
}

/* ---- the second process ---- */

/* What both open their stores with, beside the folder. */
static struct store_options second_options;

struct second {
    struct folder *folder;
    int wire;
    pid_t pid;
};

/* Opens the store that is given; the state's path is the first one's, which the fork has not got. */
static void second_open(struct second *second)
{
    struct store_shared shared;
    struct store_options options = second_options;
    struct buf why = BUF_INIT(1024);
    char state[512];

    options.root = second->folder->path;
    options.shared = &shared;
    if (!take(second->wire, &shared))
        _exit(2);
    snprintf(state, sizeof(state), "%s/.samovar", second->folder->path);
    shared.state_path = state;
    if (store_open(&options, &second->folder->store, &why)) {
        fprintf(stderr, "second: %s\n", buf_str(&why));
        _exit(3);
    }
    store_begin(second->folder->store);
    buf_release(&why);
}

/* Forks; the child runs `act` with the store open and ends. The parent opens its own, shares it, and comes back. */
static void second_start(struct second *second, struct folder *folder, void (*act)(struct second *))
{
    struct store_shared shared;
    int ends[2];

    role_assert_worker();
    CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    fflush(NULL);
    *second = (struct second){.folder = folder, .wire = ends[0]};
    second->pid = fork();
    if (second->pid == 0) {
        close(ends[0]);
        second->wire = ends[1];
        second_open(second);
        act(second);
        store_close(second->folder->store);
        _exit(0);
    }
    close(ends[1]);
    folder_serve(folder, &second_options);
    CHECK_INT(store_share(folder->store, &shared), ERR_NONE);
    give(second->wire, &shared);
}

static void second_expect_end(struct second *second)
{
    int status = -1;

    CHECK_INT(waitpid(second->pid, &status, 0), second->pid);
    CHECK_INT(status, 0);
    close(second->wire);
}

/* ---- what both do ---- */

static bool is_nothing_there(void *arg, const struct facts *now, struct write_locks *locks)
{
    return !now;
}

static const struct guard must_be_new = {is_nothing_there, NULL};

/* How many of the names this process was the one to create. */
static unsigned create_all(struct folder *folder, const char *content)
{
    unsigned created = 0;

    for (int i = 0; i < ROUNDS; i++) {
        char name[32];
        enum err err;

        snprintf(name, sizeof(name), "new-%d", i);
        err = put(folder, name, content, must_be_new, NULL);
        if (err != ERR_NONE && err != ERR_REFUSED)
            return 10000;
        created += err == ERR_NONE;
    }
    return created;
}

static void create_in_second(struct second *second)
{
    unsigned created;

    tell(second->wire, 'r');
    hear(second->wire);
    created = create_all(second->folder, "two");
    CHECK_INT(write(second->wire, &created, sizeof(created)), sizeof(created));
}

TEST(share__of_two_processes_that_create_a_name_one_does)
{
    struct folder folder;
    struct second second;
    unsigned ours, theirs = 0;

    folder_make(&folder);
    second_start(&second, &folder, create_in_second);
    CHECK_INT(hear(second.wire), 'r');
    tell(second.wire, 'g');
    ours = create_all(&folder, "one");
    CHECK_INT(read(second.wire, &theirs, sizeof(theirs)), sizeof(theirs));
    CHECK_INT(ours + theirs, ROUNDS);
    second_expect_end(&second);
    folder_remove(&folder);
}

struct counted {
    struct folder *folder;
    char seen[64]; /* the content that was judged */
    char tag[TAG_MAX];
};

static bool is_as_seen(void *arg, const struct facts *now, struct write_locks *locks)
{
    struct counted *counted = arg;

    return now && slice_eq(facts_tag(now), slice_str(counted->tag));
}

/* Reads a number, writes the next one if nobody else did, as often as that works `rounds` times. */
static bool count_up(struct folder *folder, int rounds)
{
    role_assert_worker();
    for (int done = 0; done < rounds;) {
        struct counted counted = {.folder = folder};
        struct guard guard = {is_as_seen, &counted};
        struct facts facts;
        char next[32];
        ssize_t got;
        int fd;
        enum err err = store_open_file(folder->store, path_of("count"), &fd, &facts);

        if (err != ERR_NONE)
            return false;
        memcpy(counted.tag, facts.tag, facts.tag_len);
        got = pread(fd, counted.seen, sizeof(counted.seen) - 1, 0);
        store_close_file(folder->store, fd, &facts);
        if (got <= 0)
            return false;
        snprintf(next, sizeof(next), "%d", atoi(counted.seen) + 1);
        err = put(folder, "count", next, guard, NULL);
        if (err != ERR_NONE && err != ERR_REFUSED)
            return false;
        done += err == ERR_NONE;
    }
    return true;
}

static void count_in_second(struct second *second)
{
    unsigned char id[16];

    role_assert_worker();
    if (!count_up(second->folder, ROUNDS) || store_id(second->folder->store, path_of("count"), id))
        _exit(4);
    CHECK_INT(write(second->wire, id, sizeof(id)), sizeof(id));
}

TEST(share__no_replacement_by_another_process_is_lost_and_the_identity_stays)
{
    struct folder folder;
    struct second second;
    unsigned char first[16], last[16], theirs[16];
    char want[32];

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "count", "0");
    second_start(&second, &folder, count_in_second);
    CHECK_INT(store_id(folder.store, path_of("count"), first), ERR_NONE);
    CHECK(count_up(&folder, ROUNDS));
    CHECK_INT(read(second.wire, theirs, sizeof(theirs)), sizeof(theirs));
    second_expect_end(&second);
    snprintf(want, sizeof(want), "%d", 2 * ROUNDS);
    CHECK_STR(folder_read(&folder, "count"), want);
    CHECK_INT(store_id(folder.store, path_of("count"), last), ERR_NONE);
    assert_memory_equal(first, last, 16);
    assert_memory_equal(first, theirs, 16);
    CHECK(store_unshare(folder.store));
    folder_stop(&folder);
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    folder_serve(&folder, NULL);
    CHECK_INT(store_id(folder.store, path_of("count"), last), ERR_NONE);
    assert_memory_equal(first, last, 16);
    folder_remove(&folder);
}

static void stamp_in_second(struct second *second)
{
    int64_t stamps[STAMPS];

    for (int i = 0; i < STAMPS; i++)
        stamps[i] = stamp_next(second->folder->store);
    CHECK_INT(write(second->wire, stamps, sizeof(stamps)), sizeof(stamps));
}

static int by_value(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

TEST(share__no_stamp_and_no_name_aside_is_given_out_twice)
{
    struct folder folder;
    struct second second;
    int64_t stamps[2 * STAMPS];

    folder_make(&folder);
    second_start(&second, &folder, stamp_in_second);
    for (int i = 0; i < STAMPS; i++)
        stamps[i] = stamp_next(folder.store);
    CHECK_INT(read(second.wire, stamps + STAMPS, STAMPS * sizeof(stamps[0])), STAMPS * sizeof(stamps[0]));
    qsort(stamps, 2 * STAMPS, sizeof(stamps[0]), by_value);
    for (int i = 1; i < 2 * STAMPS; i++)
        CHECK(stamps[i] > stamps[i - 1]);
    for (int i = 2 * STAMPS - 100; i < 2 * STAMPS; i++) /* whoever gave them out */
        CHECK(stamp_is_own(folder.store, stamps[i]));
    second_expect_end(&second);
    folder_remove(&folder);
}

/* ---- who has the folder ---- */

static enum err open_third(struct folder *folder)
{
    struct store_options options = {.root = folder->path};
    struct buf why = BUF_INIT(1024);
    struct store *third = NULL;
    enum err err = store_open(&options, &third, &why);

    store_close(third);
    buf_release(&why);
    return err;
}

static void inherit(struct second *second)
{
    struct store *store = second->folder->store;

    role_assert_worker();
    if (store_unshare(store))
        _exit(5); /* the first one lives */
    tell(second->wire, 'o');
    if (hear(second->wire) != 'c')
        _exit(6);
    for (int i = 0; i < 500 && !store_unshare(store); i++)
        usleep(10000);
    if (!store_unshare(store))
        _exit(7);
    if (put(second->folder, "a", "second", no_guard, NULL))
        _exit(8);
    tell(second->wire, 'a');
    hear(second->wire);
}

TEST(share__the_locks_are_never_open_and_the_marks_stay_until_the_last_one_ends)
{
    struct folder folder;
    struct second second;

    folder_make(&folder);
    folder_write(&folder, "a", "old");
    second_start(&second, &folder, inherit);
    CHECK_INT(hear(second.wire), 'o');
    CHECK_INT(open_third(&folder), ERR_BUSY);
    CHECK_INT(put(&folder, "a", "first", no_guard, NULL), ERR_NONE); /* the state folder is made while two serve */
    folder_write(&folder, ".samovar/up/0123456789abcdef0123456789abcdef.7", "half"); /* as a crash leaves it */
    folder_stop(&folder);
    CHECK_INT(open_third(&folder), ERR_BUSY);
    tell(second.wire, 'c');
    CHECK_INT(hear(second.wire), 'a');
    CHECK_INT(open_third(&folder), ERR_BUSY);
    CHECK_STR(folder_read(&folder, "a"), "second");
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    CHECK_INT(faccessat(folder.fd, ".samovar/running", F_OK, 0), 0);
    tell(second.wire, 'e');
    second_expect_end(&second);
    CHECK(faccessat(folder.fd, ".samovar/running", F_OK, 0) < 0);
    CHECK_INT(open_third(&folder), ERR_NONE);
    folder_remove(&folder);
}

static void wait_to_be_killed(struct second *second)
{
    tell(second->wire, 'o');
    pause();
}

TEST(share__one_that_is_killed_leaves_the_first_as_it_was)
{
    struct folder folder;
    struct second second;
    bool is_alone = false;

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "a", "old");
    second_start(&second, &folder, wait_to_be_killed);
    CHECK_INT(hear(second.wire), 'o');
    CHECK_FALSE(store_unshare(folder.store));
    CHECK_INT(put(&folder, "a", "one", no_guard, NULL), ERR_NONE);
    kill(second.pid, SIGKILL);
    CHECK_INT(waitpid(second.pid, NULL, 0), second.pid);
    close(second.wire);
    for (int i = 0; i < 500 && !is_alone; i++) {
        is_alone = store_unshare(folder.store);
        usleep(is_alone ? 0 : 10000);
    }
    CHECK(is_alone);
    CHECK_INT(put(&folder, "a", "two", no_guard, NULL), ERR_NONE);
    CHECK_INT(open_third(&folder), ERR_BUSY);
    folder_remove(&folder);
}

/* Holds a resource's lock until it is told; says how long the other one had to wait. */
static void hold_lock(struct second *second)
{
    struct store *store = second->folder->store;
    LOCK_GUARD lock = {0};

    lock_take(&store->locks, &lock, 1, 2, SLICE("name"));
    tell(second->wire, 'h');
    hear(second->wire);
    usleep(100000);
    tell(second->wire, 'g');
}

TEST(share__a_resource_that_another_process_holds_is_waited_for)
{
    struct folder folder;
    struct second second;
    LOCK_GUARD lock = {0};
    LOCK_GUARD other = {0};
    char step = '-';

    folder_make(&folder);
    second_start(&second, &folder, hold_lock);
    CHECK_INT(hear(second.wire), 'h');
    lock_take(&folder.store->locks, &other, 1, 2, SLICE("other name"));
    lock_give(&other);
    tell(second.wire, 't');
    lock_take(&folder.store->locks, &lock, 1, 2, SLICE("name"));
    CHECK_INT(recv(second.wire, &step, 1, MSG_DONTWAIT), 1); /* it was said before it was given */
    CHECK_INT(step, 'g');
    lock_give(&lock);
    second_expect_end(&second);
    folder_remove(&folder);
}

static void fail_in_second(struct second *second)
{
    store_fail(second->folder->store, "a test");
    tell(second->wire, 'f');
}

TEST(share__a_disk_that_one_of_them_has_lost_is_lost_for_both)
{
    struct folder folder;
    struct second second;

    folder_make(&folder);
    second_start(&second, &folder, fail_in_second);
    CHECK_INT(hear(second.wire), 'f');
    CHECK(store_is_read_only(folder.store));
    second_expect_end(&second);
    folder_remove(&folder);
}

/* ---- write locks ---- */

static enum err lock_it(struct folder *folder, const char *path, bool is_deep, char token[LOCK_TOKEN_LEN])
{
    struct arena arena = {0};
    struct blockers blockers = {.arena = &arena};
    struct lock_wish wish = {.is_exclusive = true, .is_deep = is_deep, .user = SLICE("ann"), .seconds = 600};
    struct lock_grant grant;
    enum err err;

    role_assert_worker();
    err = store_lock(folder->store, path_of(path), &wish, no_guard, &arena, &grant, &blockers);
    if (err == ERR_NONE)
        memcpy(token, grant.lock.token.ptr, LOCK_TOKEN_LEN);
    arena_release(&arena);
    return err;
}

static enum err unlock_it(struct folder *folder, const char *path, const char token[LOCK_TOKEN_LEN])
{
    struct arena arena = {0};
    enum err err;

    role_assert_worker();
    err =
        store_unlock(folder->store, path_of(path), slice_of(token, LOCK_TOKEN_LEN), SLICE("ann"), false, &arena, NULL);
    arena_release(&arena);
    return err;
}

static void lock_in_second(struct second *second)
{
    char token[LOCK_TOKEN_LEN];

    if (!store_has_locks(second->folder->store) || lock_it(second->folder, "a", false, token) != ERR_LOCKED)
        _exit(5); /* the first one's from before */
    if (lock_it(second->folder, "b", false, token))
        _exit(6);
    tell(second->wire, 'b');
    if (hear(second->wire) != 'u' || unlock_it(second->folder, "b", token))
        _exit(7);
    if (lock_it(second->folder, "a", false, token))
        _exit(8); /* the first one has given it up */
    tell(second->wire, 'a');
    hear(second->wire);
}

static void share_locks(bool is_durable)
{
    struct store_options options = {.locks_durable = is_durable};
    struct folder folder;
    struct second second;
    char token[LOCK_TOKEN_LEN], other[LOCK_TOKEN_LEN];

    folder_make(&folder);
    folder_write(&folder, "a", "old");
    folder_write(&folder, "b", "old");
    folder_serve(&folder, &options);
    CHECK_INT(lock_it(&folder, "a", false, token), ERR_NONE);
    folder_stop(&folder);
    second_options.locks_durable = is_durable;
    second_start(&second, &folder, lock_in_second);
    CHECK_INT(hear(second.wire), 'b');
    CHECK_INT(lock_it(&folder, "b", false, other), ERR_LOCKED);
    CHECK_INT(lock_it(&folder, "", true, other), ERR_LOCKED);
    CHECK_INT(unlock_it(&folder, "a", token), ERR_NONE);
    tell(second.wire, 'u');
    CHECK_INT(hear(second.wire), 'a');
    CHECK_INT(lock_it(&folder, "b", false, token), ERR_NONE);
    CHECK_INT(lock_it(&folder, "a", false, other), ERR_LOCKED);
    folder_stop(&folder);
    tell(second.wire, 'e');
    second_expect_end(&second);
    folder_serve(&folder, &options);
    CHECK_INT(lock_it(&folder, "a", false, other), ERR_LOCKED);
    CHECK_INT(lock_it(&folder, "b", false, other), ERR_LOCKED);
    CHECK_INT(unlock_it(&folder, "b", token), ERR_NONE);
    folder_remove(&folder);
}

TEST(share__each_sees_the_write_locks_of_the_other)
{
    share_locks(false);
}

TEST(share__each_sees_the_durable_write_locks_of_the_other)
{
    share_locks(true);
    second_options.locks_durable = false;
}

enum { LOCK_ROUNDS = 300 };

static unsigned lock_and_unlock(struct folder *folder, const char *path, bool is_deep)
{
    char token[LOCK_TOKEN_LEN];
    unsigned won = 0;

    for (int i = 0; i < LOCK_ROUNDS; i++) {
        enum err err = lock_it(folder, path, is_deep, token);

        if (err != ERR_NONE && err != ERR_LOCKED)
            return 0;
        if (err == ERR_LOCKED)
            continue;
        if (unlock_it(folder, path, token))
            return 0;
        won++;
    }
    return won;
}

static void race_in_second(struct second *second)
{
    tell(second->wire, 'r');
    if (!lock_and_unlock(second->folder, "a", false))
        _exit(9);
}

TEST(share__locks_are_taken_and_given_up_by_both_at_once)
{
    struct folder folder;
    struct second second;

    folder_make(&folder);
    folder_write(&folder, "a", "old");
    second_start(&second, &folder, race_in_second);
    CHECK_INT(hear(second.wire), 'r');
    CHECK(lock_and_unlock(&folder, "", true) > 0);
    second_expect_end(&second);
    CHECK_FALSE(store_has_locks(folder.store));
    folder_remove(&folder);
}

TEST(share__another_form_or_another_folder_is_refused_with_a_reason)
{
    struct folder folder, other;
    struct store_shared shared;
    struct store_options options = {.shared = &shared};
    struct store *second = NULL;
    struct buf why = BUF_INIT(1024);

    role_assert_worker();
    folder_make(&folder);
    folder_make(&other);
    folder_serve(&folder, NULL);
    CHECK_INT(store_share(folder.store, &shared), ERR_NONE);
    shared.root = dup(shared.root);
    options.root = other.path;
    CHECK_INT(store_open(&options, &second, &why), ERR_INVALID);
    CHECK(strstr(buf_str(&why), "is not the folder") != NULL);
    close(shared.page);
    CHECK_INT(store_share(folder.store, &shared), ERR_NONE);
    shared.root = dup(shared.root);
    shared.form++;
    options.root = folder.path;
    buf_clear(&why);
    CHECK_INT(store_open(&options, &second, &why), ERR_UNSUPPORTED);
    CHECK(strstr(buf_str(&why), "versions") != NULL);
    CHECK(store_unshare(folder.store));
    buf_release(&why);
    folder_remove(&folder);
    folder_remove(&other);
}

static void look_in_second(struct second *second)
{
    struct store *store = second->folder->store;

    role_assert_worker();
    hear(second->wire);
    if (!store_has_forwards(store) || !propset_has_props(store))
        _exit(4);
    tell(second->wire, 's');
    hear(second->wire);
    if (!store_unshare(store))
        _exit(5);
    if (!store_has_forwards(store) || !propset_has_props(store))
        _exit(6); /* of what it made itself it knew, of what the first one made not */
}

TEST(share__what_the_first_one_recorded_meanwhile_is_looked_for_by_the_second)
{
    struct transfer transfer = {.from = path_of("a"), .to = path_of("b"), .leave_forwarding = true};
    struct transferred moved;
    struct folder folder;
    struct second second;

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "a", "old");
    second_start(&second, &folder, look_in_second);
    CHECK_INT(store_move(folder.store, &transfer, NULL, &moved), ERR_NONE);
    CHECK_INT(put_prop(&folder, "b", "<x xmlns='urn:y'/>"), ERR_NONE);
    tell(second.wire, 'm');
    CHECK_INT(hear(second.wire), 's');
    folder_stop(&folder);
    tell(second.wire, 'e');
    second_expect_end(&second);
    folder_remove(&folder);
}

/* One while they share, one when it is alone: of what the first one kept of them nothing is left. */
static void delete_in_second(struct second *second)
{
    struct store *store = second->folder->store;

    role_assert_worker();
    hear(second->wire);
    if (store_delete(store, path_of("a"), no_guard, (struct progress){0}, NULL) != ERR_NONE)
        _exit(4);
    tell(second->wire, 's');
    hear(second->wire);
    if (!store_unshare(store) || store_delete(store, path_of("b"), no_guard, (struct progress){0}, NULL) != ERR_NONE)
        _exit(5);
    for (int i = 0; i < 1000 && folder_count(second->folder, ".samovar/history"); i++)
        usleep(10000);
    if (folder_count(second->folder, ".samovar/history"))
        _exit(6);
}

static void write_kept(struct folder *folder, const char *path, const char *content)
{
    struct commit commit = {.created = false};
    struct part *part;

    role_assert_worker();
    CHECK_INT(part_open(folder->store, path_of(path), -1, no_guard, &part), ERR_NONE);
    part_history(part, &(struct history_limits){.count = 5});
    CHECK_INT(part_write(part, slice_str(content)), ERR_NONE);
    CHECK_INT(part_commit(part, no_guard, &commit), ERR_NONE);
    part_release(part);
}

TEST(share__earlier_contents_that_the_first_one_kept_go_with_their_files)
{
    struct folder folder;
    struct second second;

    role_assert_worker();
    folder_make(&folder);
    second_start(&second, &folder, delete_in_second);
    for (int i = 0; i < 3; i++) {
        write_kept(&folder, "a", "of one file");
        write_kept(&folder, "b", "of another");
    }
    CHECK_INT(folder_count(&folder, ".samovar/history"), 4);
    tell(second.wire, 'k');
    CHECK_INT(hear(second.wire), 's');
    folder_stop(&folder);
    tell(second.wire, 'e');
    second_expect_end(&second);
    folder_remove(&folder);
}
