/*
 * test_resolve.c - what a path reaches, and what none may reach.
 */
#include "folder.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "resolve.h"

static enum err find(struct folder *folder, const char *path)
{
    struct facts facts;

    role_assert_worker();
    return store_find(folder->store, path_of(path), &facts);
}

/* A tree with a file in a folder, and links of all kinds. */
static void make_tree(struct folder *folder)
{
    folder_make(folder);
    mkdirat(folder->fd, "d", 0755);
    mkdirat(folder->fd, "d/e", 0755);
    folder_write(folder, "top", "top");
    folder_write(folder, "d/f", "in d");
    folder_write(folder, "d/e/g", "in e");
    symlinkat("d", folder->fd, "to-d");
    symlinkat("../top", folder->fd, "d/to-top");
    symlinkat("to-d/e/../f", folder->fd, "winding");
    symlinkat("loop-b", folder->fd, "loop-a");
    symlinkat("loop-a", folder->fd, "loop-b");
    symlinkat("..", folder->fd, "out");
    symlinkat("/etc/passwd", folder->fd, "absolute");
    symlinkat("nothing", folder->fd, "dangling");
    symlinkat("d/../../../../../../../../../../../../../../etc/passwd", folder->fd, "far-out");
}

TEST(resolve__plain_paths_and_what_is_missing)
{
    struct folder folder;

    make_tree(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(find(&folder, ""), ERR_NONE);
    CHECK_INT(find(&folder, "d/e/g"), ERR_NONE);
    CHECK_INT(find(&folder, "d/"), ERR_NONE);
    CHECK_INT(find(&folder, "d/f/"), ERR_NOT_FOLDER);
    CHECK_INT(find(&folder, "d/nothing"), ERR_MISSING);
    CHECK_INT(find(&folder, "nothing"), ERR_MISSING);
    CHECK_INT(find(&folder, "nothing/deeper"), ERR_PARENT);
    CHECK_INT(find(&folder, "d/f/deeper"), ERR_PARENT);
    folder_remove(&folder);
}

TEST(resolve__links_inside_are_followed)
{
    struct folder folder;
    struct facts facts;
    int fd;

    role_assert_worker();
    make_tree(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(find(&folder, "to-d/f"), ERR_NONE);
    CHECK_INT(find(&folder, "d/to-top"), ERR_NONE);
    CHECK_INT(find(&folder, "to-d/to-top"), ERR_NONE);
    CHECK_INT(store_open_file(folder.store, path_of("winding"), &fd, &facts), ERR_NONE);
    CHECK(facts.through_symlink);
    CHECK_U64(facts.size, 4);
    store_close_file(folder.store, fd, &facts);
    CHECK_INT(put(&folder, "to-d/new", "below a link", no_guard, NULL), ERR_NONE);
    CHECK_STR(folder_read(&folder, "d/new"), "below a link");
    CHECK_INT(put(&folder, "d/to-top", "through a link", no_guard, NULL), ERR_NONE);
    CHECK_STR(folder_read(&folder, "top"), "through a link");
    CHECK_INT(find(&folder, "dangling"), ERR_MISSING);
    CHECK_INT(find(&folder, "loop-a"), ERR_LOOP);
    folder_remove(&folder);
}

TEST(resolve__links_out_of_the_root_are_not_there)
{
    struct folder folder;

    make_tree(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(find(&folder, "out"), ERR_MISSING);
    CHECK_INT(find(&folder, "out/etc/passwd"), ERR_MISSING);
    CHECK_INT(find(&folder, "absolute"), ERR_MISSING);
    CHECK_INT(find(&folder, "far-out"), ERR_MISSING);
    CHECK_INT(put(&folder, "absolute", "x", no_guard, NULL), ERR_MISSING);
    CHECK_INT(put(&folder, "out/x", "x", no_guard, NULL), ERR_MISSING);
    folder_remove(&folder);
}

TEST(resolve__never_refuses_every_link)
{
    struct folder folder;

    make_tree(&folder);
    folder_serve(&folder, &(struct store_options){.symlinks = SYMLINKS_NEVER});
    CHECK_INT(find(&folder, "to-d/f"), ERR_MISSING);
    CHECK_INT(find(&folder, "d/to-top"), ERR_MISSING);
    CHECK_INT(find(&folder, "d/f"), ERR_NONE);
    folder_remove(&folder);
}

TEST(resolve__anywhere_follows_out_but_never_into_the_state)
{
    struct folder folder;
    char text[512];

    make_tree(&folder);
    snprintf(text, sizeof(text), "%s/.samovar", folder.path);
    symlinkat(text, folder.fd, "state");
    snprintf(text, sizeof(text), "%s/d/f", folder.path);
    symlinkat(text, folder.fd, "home");
    mkdirat(folder.fd, ".samovar", 0700);
    folder_write(&folder, ".samovar/lock", "");
    folder_serve(&folder, &(struct store_options){.symlinks = SYMLINKS_ANYWHERE});
    CHECK_INT(find(&folder, "absolute"), ERR_NONE);
    CHECK_INT(find(&folder, "far-out"), ERR_NONE);
    CHECK_INT(find(&folder, "out"), ERR_NONE);
    CHECK_INT(find(&folder, "home"), ERR_NONE);
    CHECK_INT(find(&folder, "state"), ERR_MISSING);
    CHECK_INT(find(&folder, "state/lock"), ERR_MISSING);
    folder_remove(&folder);
}

TEST(resolve__state_folder_is_refused_in_any_case_at_any_depth_and_through_links)
{
    static const char *const paths[] = {".samovar",      ".samovar/",      ".samovar/lock",  ".SAMOVAR",
                                        ".SaMoVaR/lock", "d/.samovar",     "link",           "link/lock",
                                        "deep/up",       "d/e/.Samovar/x", ".samovar-up-ab", "to-d/.samovar"};
    struct folder folder;

    role_assert_worker();
    make_tree(&folder);
    symlinkat(".samovar", folder.fd, "link");
    symlinkat("d/../.samovar", folder.fd, "deep");
    mkdirat(folder.fd, "d/.samovar", 0755);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "top", "new", no_guard, NULL), ERR_NONE); /* makes it */
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        CHECK_INT(find(&folder, paths[i]), ERR_MISSING);
        CHECK_INT(put(&folder, paths[i], "x", no_guard, NULL), ERR_MISSING);
    }
    CHECK_INT(store_delete(folder.store, path_of(".samovar/lock"), no_guard, (struct progress){0}, NULL), ERR_MISSING);
    folder_remove(&folder);
}

TEST(resolve__state_elsewhere_below_the_root_is_hidden_as_well)
{
    struct folder folder;
    char state[512];

    make_tree(&folder);
    snprintf(state, sizeof(state), "%s/d/state", folder.path);
    folder_serve(&folder, &(struct store_options){.state = state});
    CHECK_INT(folder_count(&folder, "."), 10); /* no `.samovar` */
    CHECK_INT(find(&folder, "d/state"), ERR_MISSING);
    CHECK_INT(find(&folder, "d/state/lock"), ERR_MISSING);
    CHECK_INT(find(&folder, "to-d/state/lock"), ERR_MISSING);
    CHECK_INT(find(&folder, "d/f"), ERR_NONE);
    folder_remove(&folder);
}

TEST(resolve__files_of_the_configuration_are_refused_by_path_and_by_inode)
{
    struct folder folder;
    char secret[512];
    const char *refused[] = {secret, NULL};

    role_assert_worker();
    make_tree(&folder);
    snprintf(secret, sizeof(secret), "%s/d/users", folder.path);
    folder_write(&folder, "d/users", "alice:x");
    linkat(folder.fd, "d/users", folder.fd, "innocent", 0);
    symlinkat("d/users", folder.fd, "to-users");
    folder_serve(&folder, &(struct store_options){.refused_files = refused});
    CHECK_INT(find(&folder, "d/users"), ERR_MISSING);
    CHECK_INT(find(&folder, "to-d/users"), ERR_MISSING);
    CHECK_INT(find(&folder, "to-users"), ERR_MISSING);
    CHECK_INT(find(&folder, "innocent"), ERR_MISSING);
    CHECK_INT(put(&folder, "d/users", "mallory:x", no_guard, NULL), ERR_MISSING);
    CHECK_INT(put(&folder, "to-users", "mallory:x", no_guard, NULL), ERR_MISSING);
    CHECK_INT(store_delete(folder.store, path_of("d/users"), no_guard, (struct progress){0}, NULL), ERR_MISSING);
    /* replaced as editors do it: the new inode is refused, also under another name */
    folder_write(&folder, "d/users.new", "bob:x");
    CHECK_INT(renameat(folder.fd, "d/users.new", folder.fd, "d/users"), 0);
    linkat(folder.fd, "d/users", folder.fd, "again", 0);
    CHECK_INT(find(&folder, "d/users"), ERR_MISSING);
    CHECK_INT(find(&folder, "again"), ERR_MISSING);
    CHECK_STR(folder_read(&folder, "d/users"), "bob:x");
    folder_remove(&folder);
}

TEST(resolve__only_files_and_folders_are_resources)
{
    struct folder folder;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), opened;
    struct facts facts;

    role_assert_worker();
    make_tree(&folder);
    mkfifoat(folder.fd, "fifo", 0644);
    snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/socket", folder.path);
    CHECK_INT(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    folder_serve(&folder, NULL);
    CHECK_INT(find(&folder, "fifo"), ERR_MISSING);
    CHECK_INT(find(&folder, "socket"), ERR_MISSING);
    CHECK_INT(store_open_file(folder.store, path_of("fifo"), &opened, &facts), ERR_MISSING);
    CHECK_INT(store_open_file(folder.store, path_of("socket"), &opened, &facts), ERR_MISSING);
    CHECK_INT(store_delete(folder.store, path_of("fifo"), no_guard, (struct progress){0}, NULL), ERR_MISSING);
    close(fd);
    folder_remove(&folder);
}

TEST(resolve__names_of_any_octets_and_of_full_length)
{
    struct folder folder;
    char name[300];

    make_tree(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "\xff\x01\n \xc3(", "x", no_guard, NULL), ERR_NONE);
    CHECK_STR(folder_read(&folder, "\xff\x01\n \xc3("), "x");
    memset(name, 'n', sizeof(name));
    name[255] = '\0';
    CHECK_INT(put(&folder, name, "long", no_guard, NULL), ERR_NONE);
    CHECK_INT(put(&folder, name, "again", no_guard, NULL), ERR_NONE);
    CHECK_STR(folder_read(&folder, name), "again");
    name[255] = 'n';
    name[256] = '\0';
    CHECK_INT(put(&folder, name, "too long", no_guard, NULL), ERR_TOO_LONG);
    CHECK_INT(find(&folder, name), ERR_TOO_LONG);
    folder_remove(&folder);
}

TEST(resolve__nfc_makes_two_forms_one_name)
{
    struct folder folder;
    struct store_options options = {.names = NAMES_NFC};
    struct buf why = BUF_INIT(256);

    make_tree(&folder);
    options.root = folder.path;
    if (store_open(&options, &folder.store, &why) != ERR_NONE) {
        buf_release(&why);
        folder_remove(&folder);
        SKIP();
    }
    CHECK_INT(put(&folder, "e\xcc\x81", "composed", no_guard, NULL), ERR_NONE);
    CHECK_STR(folder_read(&folder, "\xc3\xa9"), "composed");
    CHECK_INT(find(&folder, "e\xcc\x81"), ERR_NONE);
    CHECK_INT(find(&folder, "\xc3\xa9"), ERR_NONE);
    folder_write(&folder, "a\xcc\x81", "made by others"); /* stays reachable as it is */
    CHECK_INT(find(&folder, "a\xcc\x81"), ERR_NONE);
    CHECK_INT(put(&folder, "a\xcc\x81", "kept", no_guard, NULL), ERR_NONE);
    CHECK_STR(folder_read(&folder, "a\xcc\x81"), "kept");
    buf_release(&why);
    folder_remove(&folder);
}

static atomic_bool is_swapping;

/* Swaps a folder with a link out of the root, as fast as it can. */
static void *swap(void *arg)
{
    struct folder *folder = arg;

    while (atomic_load(&is_swapping)) {
        renameat2(folder->fd, "d", folder->fd, "out", RENAME_EXCHANGE);
        renameat2(folder->fd, "d/e", folder->fd, "d/e2", 0);
        renameat2(folder->fd, "d/e2", folder->fd, "d/e", 0);
    }
    return NULL;
}

TEST(resolve__swapped_links_never_lead_out)
{
    struct folder folder;
    pthread_t thread;
    char outside[512];

    role_assert_worker();
    make_tree(&folder);
    snprintf(outside, sizeof(outside), "%s-stray", strrchr(folder.path, '/') + 1);
    folder_serve(&folder, NULL);
    atomic_store(&is_swapping, true);
    CHECK_INT(pthread_create(&thread, NULL, swap, &folder), 0);
    for (int i = 0; i < 3000; i++) {
        char path[600];
        struct facts facts;

        snprintf(path, sizeof(path), "%s/%s", i & 1 ? "d" : "out", outside);
        if (i % 10 == 0)
            put(&folder, path, "stray", no_guard, NULL);
        /* the root's own name is there only as seen from its parent */
        snprintf(path, sizeof(path), "%s/%s", i & 1 ? "d" : "out", strrchr(folder.path, '/') + 1);
        CHECK(store_find(folder.store, path_of(path), &facts) != ERR_NONE);
    }
    atomic_store(&is_swapping, false);
    pthread_join(thread, NULL);
    {
        char path[1024];

        snprintf(path, sizeof(path), "%s/../%s", folder.path, outside);
        CHECK(access(path, F_OK) < 0);
    }
    folder_remove(&folder);
}

/* As PUTs do: the name is there at every moment, with the one file or the other. */
static void *exchange(void *arg)
{
    const struct folder *folder = arg;

    while (atomic_load(&is_swapping))
        renameat2(folder->fd, "d/name", folder->fd, "up/name", RENAME_EXCHANGE);
    return NULL;
}

TEST(resolve__a_file_that_is_exchanged_meanwhile_is_found)
{
    struct folder folder;
    pthread_t thread;
    int d;

    folder_make(&folder);
    CHECK_INT(mkdirat(folder.fd, "d", 0755), 0);
    CHECK_INT(mkdirat(folder.fd, "up", 0755), 0);
    folder_write(&folder, "d/name", "1");
    folder_write(&folder, "up/name", "2");
    d = openat(folder.fd, "d", O_RDONLY | O_DIRECTORY);
    atomic_store(&is_swapping, true);
    CHECK_INT(pthread_create(&thread, NULL, exchange, &folder), 0);
    for (int i = 0; i < 20000; i++) {
        int fd = open_beneath(d, "name", O_PATH);

        CHECK(fd >= 0);
        close(fd);
    }
    atomic_store(&is_swapping, false);
    pthread_join(thread, NULL);
    close(d);
    folder_remove(&folder);
}
