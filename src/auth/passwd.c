/*
 * passwd.c - samovar passwd: who may log in, changed in a users file.
 *
 * The password is asked for and hashed before the file is touched, so that nobody has to wait for whoever types.
 */
#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>

#include "app_password.h"
#include "auth/auth.h"
#include "passwd_ask.h"
#include "passwd_edit.h"
#include "passwd_file.h"
#include "scheme.h"

enum { USERS_BYTES_MAX = 16 << 20 }; /* what users_load() reads */

/* ---- hashes ---- */

/* yescrypt with the cost that libxcrypt thinks right: some tens of milliseconds. */
static bool hash_password(struct slice password, struct buf *out, struct buf *why)
{
    struct crypt_data *room = xcalloc(1, sizeof(*room));
    char setting[CRYPT_GENSALT_OUTPUT_SIZE], *terminated = xstrdup(password);
    const char *hash = NULL;

    if (crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof(setting)))
        hash = crypt_r(terminated, setting, room);
    if (hash && hash[0] != '*')
        buf_add_str(out, hash);
    else
        buf_add_str(why, "the system's crypt cannot make a yescrypt hash");
    explicit_bzero(terminated, password.len);
    explicit_bzero(room, sizeof(*room));
    free(terminated);
    free(room);
    return why->len == 0;
}

static bool make_own_hash(struct slice user, struct buf *hash, struct buf *why)
{
    struct buf password = BUF_INIT(AUTH_PASSWORD_BYTES_MAX + 1);
    bool is_good = passwd_ask(user, &password, why) && hash_password(buf_slice(&password), hash, why);

    if (password.room > 0)
        explicit_bzero(password.ptr, password.room);
    buf_release(&password);
    return is_good;
}

/* ---- the file ---- */

static bool explain(enum passwd_result result, const struct passwd_edit *edit, const char *path, struct buf *why)
{
    switch (result) {
    case PASSWD_CHANGED:
    case PASSWD_ADDED:
    case PASSWD_REMOVED:
        return true;
    case PASSWD_NO_USER:
        buf_printf(why, "%s: no user %.*s is in it", path, SLICE_FMT(edit->user));
        break;
    case PASSWD_NO_APP:
        buf_printf(why, "%s: %.*s has no app password \"%.*s\"", path, SLICE_FMT(edit->user), SLICE_FMT(edit->app));
        break;
    case PASSWD_HAS_APP:
        buf_printf(why, "%s: %.*s has an app password \"%.*s\" already; take it away first, with --delete", path,
                   SLICE_FMT(edit->user), SLICE_FMT(edit->app));
        break;
    case PASSWD_FULL:
        buf_printf(why, "%s: %.*s has %u app passwords, which is the most; take one away first, with --delete", path,
                   SLICE_FMT(edit->user), APPS_OF_USER_MAX);
        break;
    }
    return false;
}

static bool change(const char *path, const struct passwd_edit *edit, enum passwd_result *result, bool *is_new,
                   struct buf *why)
{
    struct buf text = BUF_INIT(USERS_BYTES_MAX);
    struct passwd_file file;
    bool is_good = passwd_file_open(&file, path, why);

    if (is_good && edit->hash.len == 0 && !file.exists) {
        buf_printf(why, "%s: there is no such file", path);
        is_good = false;
    }
    if (is_good) {
        *result = passwd_edit(buf_slice(&file.text), edit, &text);
        is_good = explain(*result, edit, path, why);
    }
    if (is_good && text.overflown) {
        buf_printf(why, "%s: larger than 16 MiB", path);
        is_good = false;
    }
    *is_new = !file.exists;
    is_good = is_good && passwd_file_replace(&file, buf_slice(&text), why);
    passwd_file_close(&file);
    buf_release(&text);
    return is_good;
}

/* ---- what was done, and what is to be done next ---- */

static void tell(const struct passwd_edit *edit, enum passwd_result result, const char *path, bool is_new)
{
    struct slice user = edit->user, app = edit->app;

    if (app.len > 0)
        fprintf(stderr, "The app password \"%.*s\" of %.*s is %s %s.\n", SLICE_FMT(app), SLICE_FMT(user),
                result == PASSWD_REMOVED ? "no longer in" : "in", path);
    else if (result == PASSWD_REMOVED)
        fprintf(stderr, "%.*s is no longer in %s, nor are app passwords of that name.\n", SLICE_FMT(user), path);
    else
        fprintf(stderr, "%.*s %s in %s.\n", SLICE_FMT(user),
                result == PASSWD_ADDED ? "is a new user" : "has a new password", path);
    if (is_new)
        fprintf(stderr,
                "The file is new, and for your eyes alone. For a server that runs as another user (here: samovar):\n"
                "    chgrp samovar %s && chmod 640 %s\n",
                path, path);
    fputs("A server that runs knows of it once it was told to read its users again:\n"
          "    systemctl reload samovar        or  kill -HUP and its process number\n",
          stderr);
}

/* On standard output alone, so that a program can take it; what is said about it goes elsewhere. */
static void show(const char *password)
{
    fputs("The password, which is shown this once:\n", stderr);
    fflush(stderr);
    printf("%s\n", password);
    fflush(stdout);
}

static bool name_is_good(struct slice name)
{
    return name.len > 0 && name.len <= AUTH_NAME_BYTES_MAX && text_is_plain(name) && name.ptr[0] != '#' &&
           slice_index(name, ':') == name.len && slice_trim(name).len == name.len;
}

static bool check_names(const struct passwd_edit *edit, struct buf *why)
{
    if (!name_is_good(edit->user))
        buf_printf(why,
                   "a user's name is UTF-8 without control characters and colons, 1 to %u bytes, without blanks at its "
                   "ends and a # before it",
                   AUTH_NAME_BYTES_MAX);
    else if (edit->app.len > 0 && !app_name_is_good(edit->app))
        buf_printf(why,
                   "--app: a name is UTF-8 without control characters and colons, 1 to %u bytes, without blanks at its "
                   "ends",
                   APP_NAME_BYTES_MAX);
    return why->len == 0;
}

static bool act(const char *path, struct passwd_edit *edit, bool is_removal, struct buf *why)
{
    char password[APP_PASSWORD_BYTES + 1] = "";
    struct buf hash = BUF_INIT(CRYPT_OUTPUT_SIZE);
    enum passwd_result result = PASSWD_REMOVED;
    bool is_good = check_names(edit, why), is_new = false;

    if (is_good && !is_removal && edit->app.len > 0) {
        app_password_make(password);
        app_hash_add(&hash, slice_str(password));
    } else if (is_good && !is_removal) {
        is_good = make_own_hash(edit->user, &hash, why);
    }
    edit->hash = buf_slice(&hash);
    is_good = is_good && change(path, edit, &result, &is_new, why);
    if (is_good && password[0])
        show(password);
    if (is_good)
        tell(edit, result, path, is_new);
    explicit_bzero(password, sizeof(password));
    buf_release(&hash);
    return is_good;
}

int passwd_command(const char *path, const char *user, const char *app, bool is_removal)
{
    struct passwd_edit edit = {.user = slice_str(user), .app = slice_str(app)};
    struct buf why = BUF_INIT(8192);
    bool is_good = act(path, &edit, is_removal, &why);

    if (!is_good)
        fprintf(stderr, "samovar: %s\n", buf_str(&why));
    buf_release(&why);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
