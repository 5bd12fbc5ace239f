/*
 * folder.c - a temporary folder, and a store over it, for one test.
 */
#include "folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const struct guard no_guard;

void folder_make(struct folder *folder)
{
    const char *temporary = getenv("TMPDIR");

    *folder = (struct folder){.fd = -1};
    snprintf(folder->path, sizeof(folder->path), "%s/samovar-XXXXXX", temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(folder->path));
    folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(folder->fd >= 0);
}

void folder_serve(struct folder *folder, const struct store_options *options)
{
    struct store_options mine = options ? *options : (struct store_options){0};
    struct buf why = BUF_INIT(1024);
    enum err err;

    mine.root = folder->path;
    err = store_open(&mine, &folder->store, &why);
    if (err != ERR_NONE)
        print_error("store_open: %s: %s\n", err_text(err), buf_str(&why));
    buf_release(&why);
    CHECK_INT(err, ERR_NONE);
}

void folder_stop(struct folder *folder)
{
    store_close(folder->store);
    folder->store = NULL;
}

void folder_remove(struct folder *folder)
{
    char command[1024];

    folder_stop(folder);
    close(folder->fd);
    snprintf(command, sizeof(command), "chmod -R u+rwx '%s'; rm -rf '%s'", folder->path, folder->path);
    CHECK_INT(system(command), 0);
}

void folder_write(struct folder *folder, const char *name, const char *content)
{
    int fd = openat(folder->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    CHECK(fd >= 0);
    CHECK_INT(write(fd, content, strlen(content)), strlen(content));
    close(fd);
}

const char *folder_read(struct folder *folder, const char *name)
{
    static char content[4096];
    int fd = openat(folder->fd, name, O_RDONLY | O_CLOEXEC);
    ssize_t len;

    if (fd < 0)
        return "(missing)";
    len = read(fd, content, sizeof(content) - 1);
    close(fd);
    content[len > 0 ? len : 0] = '\0';
    return content;
}

unsigned folder_count(struct folder *folder, const char *name)
{
    int fd = openat(folder->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    unsigned count = 0;

    for (struct dirent *at; list && (at = readdir(list));)
        count += strcmp(at->d_name, ".") != 0 && strcmp(at->d_name, "..") != 0;
    if (list)
        closedir(list);
    return count;
}

struct rpath path_of(const char *text)
{
    struct slice path = slice_str(text);
    bool has_slash = path.len && path.ptr[path.len - 1] == '/';

    return (struct rpath){.text = slice_upto(path, path.len - has_slash), .has_slash = has_slash};
}

enum err put(struct folder *folder, const char *path, const char *content, struct guard guard, struct commit *commit)
{
    struct commit unused;
    struct part *part;
    enum err err;

    role_assert_worker();
    err = part_open(folder->store, path_of(path), (int64_t)strlen(content), guard, &part);
    if (err == ERR_NONE)
        err = part_write(part, slice_str(content));
    if (err == ERR_NONE)
        err = part_commit(part, guard, commit ? commit : &unused);
    part_release(part);
    return err;
}

void folder_wait_empty(struct folder *folder)
{
    for (int i = 0; i < 1000; i++) {
        if (folder_count(folder, ".samovar/trash") == 0 && folder_count(folder, ".samovar/up") == 0)
            return;
        usleep(10000);
    }
    CHECK_INT(folder_count(folder, ".samovar/trash"), 0);
    CHECK_INT(folder_count(folder, ".samovar/up"), 0);
}

enum err put_prop(struct folder *folder, const char *path, const char *xml)
{
    struct prop_edit edit = {.space = SLICE("urn:x"), .local = SLICE("p"), .xml = slice_str(xml)};

    role_assert_worker();
    return store_patch(folder->store, path_of(path), &edit, 1, NULL, no_guard, NULL);
}

const char *prop_of(struct folder *folder, const char *path)
{
    static char text[256];
    struct arena arena = {0};
    struct property *props;
    unsigned count = 0;

    role_assert_worker();
    text[0] = '\0';
    if (store_props(folder->store, path_of(path), &arena, &props, &count) == ERR_NONE && count == 1)
        snprintf(text, sizeof(text), "%.*s", (int)props[0].xml.len, props[0].xml.ptr);
    arena_release(&arena);
    return text;
}
