/*
 * passwd_edit.c - a users file's text, changed.
 *
 * A user's own line comes before his apps' ones: programs that know only htpasswd's files take a name's first line.
 */
#include "passwd_edit.h"

#include "app_password.h"

/* One line of the text. */
struct line {
    struct slice whole; /* with its end */
    bool is_his;        /* the user's whom the edit is about */
    bool is_app;
    struct slice app;   /* its name */
    struct slice after; /* of his own line: what follows the hash, from its colon on, without the line's end */
};

/* Takes the first line off the text. Lines are read as users_load() reads them. */
static struct line take_line(struct slice *text, struct slice user)
{
    size_t end = slice_index(*text, '\n');
    struct line line = {.whole = slice_upto(*text, end + 1)};
    struct slice content = slice_upto(*text, end), name, hash, field = SLICE_NONE;

    *text = slice_from(*text, end + 1);
    if (slice_ends(content, SLICE("\r")))
        content.len--;
    content = slice_trim(content);
    if (slice_starts(content, SLICE("#")) || !slice_cut(content, ':', &name, &hash) || !slice_eq(name, user))
        return line;
    line.is_his = true;
    if (slice_cut(hash, ':', &hash, &field))
        line.after = slice_of(field.ptr - 1, field.len + 1);
    line.is_app = app_hash_is(slice_trim(hash));
    if (line.is_app)
        app_name_parse(slice_trim(field), &line.app);
    return line;
}

struct passwd_lines passwd_lines_of(struct slice text, struct slice user)
{
    struct passwd_lines count = {0};

    while (text.len > 0) {
        struct line line = take_line(&text, user);

        count.own += line.is_his && !line.is_app;
        count.apps += line.is_app;
    }
    return count;
}

static bool has_app(struct slice text, const struct passwd_edit *edit)
{
    while (text.len > 0) {
        struct line line = take_line(&text, edit->user);

        if (line.is_app && slice_eq(line.app, edit->app))
            return true;
    }
    return false;
}

static void add_line(struct buf *out, const struct passwd_edit *edit, struct slice after)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '\n')
        buf_add_char(out, '\n');
    buf_add(out, edit->user);
    buf_add_char(out, ':');
    buf_add(out, edit->hash);
    if (edit->app.len > 0) {
        buf_add_str(out, ":app=");
        buf_add(out, edit->app);
    }
    buf_add(out, after);
    buf_add_char(out, '\n');
}

/* His first line is where his own one stands, or where it belongs. */
static enum passwd_result set_own(struct slice text, const struct passwd_edit *edit, struct buf *out)
{
    struct passwd_lines known = passwd_lines_of(text, edit->user);
    bool is_done = false;

    while (text.len > 0) {
        struct line line = take_line(&text, edit->user);

        if (line.is_his && !is_done && (!line.is_app || known.own == 0)) {
            add_line(out, edit, line.is_app ? SLICE_NONE : line.after);
            is_done = true;
        }
        if (!line.is_his || line.is_app)
            buf_add(out, line.whole);
    }
    if (!is_done)
        add_line(out, edit, SLICE_NONE);
    return known.own > 0 ? PASSWD_CHANGED : PASSWD_ADDED;
}

/* Behind the last of his lines. */
static enum passwd_result add_app(struct slice text, const struct passwd_edit *edit, struct buf *out)
{
    struct passwd_lines known = passwd_lines_of(text, edit->user);
    unsigned left = known.own + known.apps;

    if (has_app(text, edit))
        return PASSWD_HAS_APP;
    if (known.apps >= APPS_OF_USER_MAX)
        return PASSWD_FULL;
    while (text.len > 0) {
        struct line line = take_line(&text, edit->user);

        buf_add(out, line.whole);
        if (line.is_his && --left == 0)
            add_line(out, edit, SLICE_NONE);
    }
    if (known.own + known.apps == 0)
        add_line(out, edit, SLICE_NONE);
    return PASSWD_ADDED;
}

static enum passwd_result take_away(struct slice text, const struct passwd_edit *edit, struct buf *out)
{
    struct passwd_lines known = passwd_lines_of(text, edit->user);

    if (known.own + known.apps == 0)
        return PASSWD_NO_USER;
    if (edit->app.len > 0 && !has_app(text, edit))
        return PASSWD_NO_APP;
    while (text.len > 0) {
        struct line line = take_line(&text, edit->user);
        bool is_gone = edit->app.len > 0 ? line.is_app && slice_eq(line.app, edit->app) : line.is_his;

        if (!is_gone)
            buf_add(out, line.whole);
    }
    return PASSWD_REMOVED;
}

enum passwd_result passwd_edit(struct slice text, const struct passwd_edit *edit, struct buf *out)
{
    if (edit->hash.len == 0)
        return take_away(text, edit, out);
    return edit->app.len > 0 ? add_app(text, edit, out) : set_own(text, edit, out);
}
