/*
 * test_state.c - one server per folder; what is found at start.
 */
#include "folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err open_second(struct folder *folder, struct buf *why)
{
    struct store_options options = {.root = folder->path};
    struct store *second = NULL;
    enum err err = store_open(&options, &second, why);

    CHECK(err == ERR_NONE || second == NULL);
    store_close(second);
    return err;
}

TEST(state__second_server_is_refused_and_told_who)
{
    struct folder folder;
    struct buf why = BUF_INIT(1024);
    char who[32];

    folder_make(&folder);
    folder_serve(&folder, NULL);
    snprintf(who, sizeof(who), "process %d", getpid());
    CHECK_INT(open_second(&folder, &why), ERR_BUSY); /* before there is a `.samovar` */
    CHECK(strstr(buf_str(&why), who) != NULL);
    folder_write(&folder, "a", "one");
    CHECK_INT(put(&folder, "a", "two", no_guard, NULL), ERR_NONE);
    buf_clear(&why);
    CHECK_INT(open_second(&folder, &why), ERR_BUSY);
    folder_stop(&folder);
    buf_clear(&why);
    CHECK_INT(open_second(&folder, &why), ERR_NONE);
    buf_release(&why);
    folder_remove(&folder);
}

TEST(state__shared_state_is_refused_too)
{
    struct folder one, two;
    struct store_options options;
    struct buf why = BUF_INIT(1024);
    struct store *second = NULL;
    char state[512];

    folder_make(&one);
    folder_make(&two);
    snprintf(state, sizeof(state), "%s/state", one.path);
    folder_serve(&one, &(struct store_options){.state = state});
    options = (struct store_options){.root = two.path, .state = state};
    CHECK_INT(store_open(&options, &second, &why), ERR_BUSY);
    buf_release(&why);
    folder_remove(&one);
    folder_remove(&two);
}

TEST(state__nothing_is_written_until_it_is_needed_and_then_for_us_only)
{
    struct folder folder;
    struct stat got;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(folder_count(&folder, "."), 0);
    CHECK_INT(put(&folder, "a", "one", no_guard, NULL), ERR_NONE);
    CHECK_INT(folder_count(&folder, "."), 1);
    CHECK_INT(put(&folder, "a", "two", no_guard, NULL), ERR_NONE);
    CHECK_INT(fstatat(folder.fd, ".samovar", &got, 0), 0);
    CHECK_INT(got.st_mode & 07777, 0700);
    folder_remove(&folder);
}

TEST(state__start_sweeps_interrupted_commits_and_the_trash)
{
    struct folder folder;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    folder_write(&folder, "a", "one");
    CHECK_INT(put(&folder, "a", "two", no_guard, NULL), ERR_NONE);
    folder_stop(&folder);
    folder_write(&folder, ".samovar/up/0123456789abcdef0123456789abcdef.7", "half");
    folder_write(&folder, ".samovar/trash/0123456789abcdef0123456789abcdef.8", "gone");
    folder_serve(&folder, NULL);
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    store_begin(folder.store);
    for (int i = 0; i < 200 && folder_count(&folder, ".samovar/trash"); i++)
        usleep(10000);
    CHECK_INT(folder_count(&folder, ".samovar/trash"), 0);
    CHECK_STR(folder_read(&folder, "a"), "two");
    folder_remove(&folder);
}

TEST(state__foreign_state_is_refused_with_a_reason)
{
    struct folder folder;
    struct buf why = BUF_INIT(1024);

    folder_make(&folder);
    mkdirat(folder.fd, "real", 0700);
    CHECK_INT(symlinkat("real", folder.fd, ".samovar"), 0);
    CHECK_INT(open_second(&folder, &why), ERR_DENIED);
    CHECK(strstr(buf_str(&why), "--state") != NULL);
    unlinkat(folder.fd, ".samovar", 0);
    folder_write(&folder, ".samovar", "a file");
    CHECK_INT(open_second(&folder, &why), ERR_DENIED);
    unlinkat(folder.fd, ".samovar", 0);
    mkdirat(folder.fd, ".samovar", 0700);
    fchmodat(folder.fd, ".samovar", 0777, 0);
    CHECK_INT(open_second(&folder, &why), ERR_DENIED);
    buf_release(&why);
    folder_remove(&folder);
}

TEST(state__missing_root_is_told)
{
    struct store_options options = {.root = "/nowhere/at/all"};
    struct buf why = BUF_INIT(1024);
    struct store *store = NULL;

    CHECK_INT(store_open(&options, &store, &why), ERR_MISSING);
    CHECK(strstr(buf_str(&why), "/nowhere/at/all") != NULL);
    buf_release(&why);
}

TEST(state__read_only_site_changes_nothing)
{
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "a", "one");
    folder_serve(&folder, &(struct store_options){.read_only = true});
    CHECK(store_is_read_only(folder.store));
    CHECK_INT(put(&folder, "a", "two", no_guard, NULL), ERR_READ_ONLY);
    CHECK_INT(store_delete(folder.store, path_of("a"), no_guard, (struct progress){0}, NULL), ERR_READ_ONLY);
    CHECK_STR(folder_read(&folder, "a"), "one");
    CHECK_INT(folder_count(&folder, "."), 1);
    folder_remove(&folder);
}

TEST(state__read_only_site_shows_the_same_tags_and_ids_as_a_writing_one)
{
    struct folder folder;
    struct facts facts, again;
    unsigned char id[16], same[16];

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "a", "one");
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "two", no_guard, NULL), ERR_NONE);
    CHECK_INT(store_find(folder.store, path_of("a"), &facts), ERR_NONE);
    CHECK_INT(store_id(folder.store, path_of("a"), id), ERR_NONE);
    folder_stop(&folder);
    folder_serve(&folder, &(struct store_options){.read_only = true});
    CHECK_INT(store_find(folder.store, path_of("a"), &again), ERR_NONE);
    CHECK_INT(store_id(folder.store, path_of("a"), same), ERR_NONE);
    CHECK(slice_eq(facts_tag(&facts), facts_tag(&again)));
    assert_memory_equal(id, same, 16);
    folder_remove(&folder);
}
