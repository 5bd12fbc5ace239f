/*
 * fuzz_users.c - files of users and of groups, and what samovar passwd makes of them.
 *
 * Properties: a file that is read stays one when an app password is added, when somebody's own is set, and when either
 * is taken away; an app that came and went leaves the text as it was; a user is in no more groups than he may be.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/auth/app_password.h"
#include "../../src/auth/groups.h"
#include "../../src/auth/passwd_edit.h"
#include "../../src/auth/users.h"

#define HASH "$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1"

/* What the site's file with this text comes to; NULL: refused. */
static struct users *load(struct slice text, bool is_groups)
{
    int fd = memfd_create("users", MFD_CLOEXEC);
    struct buf why = BUF_INIT(4000);
    struct site site = {0};
    struct users *users;
    char path[40];

    assert(fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len && fchmod(fd, 0600) == 0);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (is_groups)
        site.groups = path;
    else
        site.users_file = path;
    users = users_load(&site, &why);
    assert(users || slice_starts(buf_slice(&why), slice_str(path)));
    buf_release(&why);
    close(fd);
    return users;
}

static bool loads(struct slice text)
{
    struct users *users = load(text, false);

    users_unref(users);
    return users != NULL;
}

static bool is_changed(enum passwd_result result)
{
    return result == PASSWD_CHANGED || result == PASSWD_ADDED || result == PASSWD_REMOVED;
}

static void check_apps(struct slice text)
{
    struct passwd_edit edit = {.user = SLICE("bea"), .app = SLICE("phone")};
    struct buf hash = BUF_INIT(200), with = BUF_INIT(1 << 22), without = BUF_INIT(1 << 22);
    bool has_end = text.len == 0 || text.ptr[text.len - 1] == '\n';

    app_hash_add(&hash, SLICE("secret"));
    edit.hash = buf_slice(&hash);
    if (is_changed(passwd_edit(text, &edit, &with))) {
        assert(loads(buf_slice(&with)));
        edit.hash = SLICE_NONE;
        assert(passwd_edit(buf_slice(&with), &edit, &without) == PASSWD_REMOVED);
        assert(slice_eq(slice_upto(buf_slice(&without), text.len), text));
        assert(without.len == text.len || (!has_end && without.len == text.len + 1));
    }
    buf_release(&hash);
    buf_release(&with);
    buf_release(&without);
}

static void check_own(struct slice text)
{
    struct passwd_edit edit = {.user = SLICE("bea"), .hash = SLICE(HASH)};
    struct buf with = BUF_INIT(1 << 22), without = BUF_INIT(1 << 22);

    assert(is_changed(passwd_edit(text, &edit, &with)) && loads(buf_slice(&with)));
    edit.hash = SLICE_NONE;
    assert(passwd_edit(buf_slice(&with), &edit, &without) == PASSWD_REMOVED && loads(buf_slice(&without)));
    assert(passwd_lines_of(buf_slice(&without), edit.user).own == 0);
    assert(passwd_lines_of(buf_slice(&without), edit.user).apps == 0);
    buf_release(&with);
    buf_release(&without);
}

static void check_groups(struct slice text)
{
    struct users *users = load(text, true);
    struct login login = {.name = SLICE("bea")};
    struct arena arena = {0};

    if (users) {
        users_groups(users, &arena, &login);
        assert(login.group_count <= GROUPS_OF_USER_MAX);
        for (unsigned i = 0; i < login.group_count; i++)
            assert(login.groups[i].len > 0 && login.groups[i].len <= AUTH_NAME_BYTES_MAX);
    }
    users_unref(users);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice text = slice_of((const char *)data, len);

    if (loads(text)) {
        check_apps(text);
        check_own(text);
    }
    check_groups(text);
    return 0;
}
