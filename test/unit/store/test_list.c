/*
 * test_list.c - listings.
 */
#include "folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

struct seen {
    char text[4096]; /* one letter a member and its name, in the order of names */
    char *names[64];
    unsigned count, stop_at;
};

static bool note(const struct member *member, void *arg)
{
    struct seen *seen = arg;
    char line[300];

    snprintf(line, sizeof(line), "%c:%.*s",
             member->is_broken                   ? '?'
             : member->facts.kind == KIND_FOLDER ? 'd'
                                                 : 'f',
             SLICE_FMT(member->name));
    seen->names[seen->count++] = xstrdup(slice_str(line));
    return seen->count != seen->stop_at;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a + 2, *(char *const *)b + 2);
}

static void list(struct folder *folder, const char *path, struct seen *seen)
{
    struct facts facts;
    int fd;

    role_assert_worker();
    CHECK_INT(store_open_file(folder->store, path_of(path), &fd, &facts), ERR_NONE);
    CHECK_INT(store_list(folder->store, fd, path_of(path), note, seen), ERR_NONE);
    store_close_file(folder->store, fd, &facts);
    qsort(seen->names, seen->count, sizeof(seen->names[0]), by_name);
    for (unsigned i = 0; i < seen->count; i++) {
        strcat(strcat(seen->text, i ? " " : ""), seen->names[i]);
        free(seen->names[i]);
    }
}

TEST(list__every_kind_of_member_and_none_breaks_it)
{
    struct folder folder;
    struct seen seen = {.count = 0}, below = {.count = 0};
    char users[512];
    const char *refused[] = {users, NULL};

    folder_make(&folder);
    folder_write(&folder, "file", "x");
    mkdirat(folder.fd, "folder", 0755);
    mkfifoat(folder.fd, "pipe", 0644);
    symlinkat("file", folder.fd, "to-file");
    symlinkat("folder", folder.fd, "to-folder");
    symlinkat("nothing", folder.fd, "broken");
    symlinkat("/etc", folder.fd, "outside");
    symlinkat(".samovar", folder.fd, "to-state");
    folder_write(&folder, "users", "secret");
    folder_write(&folder, "folder/users", "no secret");
    folder_write(&folder, ".dot", "shown");
    folder_write(&folder, ".samovar-up-1", "hidden");
    snprintf(users, sizeof(users), "%s/users", folder.path);
    folder_serve(&folder, &(struct store_options){.refused_files = refused});
    CHECK_INT(put(&folder, "file", "y", no_guard, NULL), ERR_NONE); /* makes `.samovar` */
    list(&folder, "", &seen);
    CHECK_STR(seen.text, "f:.dot ?:broken f:file d:folder ?:outside ?:pipe f:to-file d:to-folder ?:to-state");
    list(&folder, "to-folder", &below);
    CHECK_STR(below.text, "f:users");
    folder_remove(&folder);
}

TEST(list__stops_when_told)
{
    struct folder folder;
    struct seen seen = {.stop_at = 2};

    folder_make(&folder);
    folder_write(&folder, "a", "");
    folder_write(&folder, "b", "");
    folder_write(&folder, "c", "");
    folder_serve(&folder, NULL);
    list(&folder, "", &seen);
    CHECK_INT(seen.count, 2);
    folder_remove(&folder);
}

static bool count(const struct member *member, void *arg)
{
    *(unsigned *)arg += !member->is_broken && member->facts.tag_len > 0;
    return true;
}

TEST(list__longer_than_one_buffer)
{
    struct folder folder;
    struct facts facts;
    unsigned seen = 0;
    int fd;

    role_assert_worker();
    folder_make(&folder);
    for (int i = 0; i < 1500; i++) {
        char name[64];

        snprintf(name, sizeof(name), "a-name-that-takes-some-room-%d", i);
        folder_write(&folder, name, "");
    }
    folder_serve(&folder, NULL);
    CHECK_INT(store_open_file(folder.store, path_of(""), &fd, &facts), ERR_NONE);
    CHECK_INT(store_list(folder.store, fd, path_of(""), count, &seen), ERR_NONE);
    CHECK_INT(seen, 1500);
    seen = 0; /* the descriptor's own offset was not touched */
    CHECK_INT(store_list(folder.store, fd, path_of(""), count, &seen), ERR_NONE);
    CHECK_INT(seen, 1500);
    store_close_file(folder.store, fd, &facts);
    folder_remove(&folder);
}

TEST(list__of_names_that_begin_alike_and_of_not_too_many)
{
    struct folder folder;
    struct seen seen = {0};
    struct facts facts;
    int fd;

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "page.en", "e");
    folder_write(&folder, "page.fr", "f");
    folder_write(&folder, "pages", "-");
    folder_write(&folder, "other", "-");
    folder_serve(&folder, NULL);
    CHECK_INT(store_open_file(folder.store, path_of(""), &fd, &facts), ERR_NONE);
    CHECK_INT(store_list_like(folder.store, fd, path_of(""), SLICE("page."), 100, note, &seen), ERR_NONE);
    CHECK_INT(seen.count, 2);
    CHECK_INT(store_list_like(folder.store, fd, path_of(""), SLICE("nothing"), 3, note, &seen), ERR_TOO_MANY);
    CHECK_INT(seen.count, 2);
    for (unsigned i = 0; i < seen.count; i++)
        free(seen.names[i]);
    store_close_file(folder.store, fd, &facts);
    folder_remove(&folder);
}
