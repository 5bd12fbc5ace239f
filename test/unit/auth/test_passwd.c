/*
 * test_passwd.c - samovar passwd: what it changes in a users file's text, and the passwords that it makes.
 */
#include "../../../src/auth/app_password.h"
#include "../../../src/auth/passwd_edit.h"
#include "check.h"

#define APP "$app-sha256$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8"

static enum passwd_result edit(const char *text, const char *user, const char *app, const char *hash, const char *want)
{
    struct passwd_edit what = {slice_str(user), slice_str(app), slice_str(hash)};
    struct buf out = BUF_INIT(20000);
    enum passwd_result result = passwd_edit(slice_str(text), &what, &out);

    if (want)
        CHECK_SLICE(buf_slice(&out), want);
    buf_release(&out);
    return result;
}

TEST(passwd__a_new_user_comes_last)
{
    CHECK_INT(edit("", "a", "", "H", "a:H\n"), PASSWD_ADDED);
    CHECK_INT(edit("# who\n\nb:X", "a", "", "H", "# who\n\nb:X\na:H\n"), PASSWD_ADDED);
    CHECK_INT(edit("aa:X\n#a:X\n", "a", "", "H", "aa:X\n#a:X\na:H\n"), PASSWD_ADDED);
}

TEST(passwd__a_new_password_stands_where_the_old_one_stood)
{
    CHECK_INT(edit("# who\n\n b:X:more:fields\r\nc:Y\n", "b", "", "H", "# who\n\nb:H:more:fields\nc:Y\n"),
              PASSWD_CHANGED);
    CHECK_INT(edit("b:X\nc:Y\nb:X\n", "b", "", "H", "b:H\nc:Y\n"), PASSWD_CHANGED);
    CHECK_INT(edit("b:X\nb:" APP ":app=x\nc:Y\n", "b", "", "H", "b:H\nb:" APP ":app=x\nc:Y\n"), PASSWD_CHANGED);
}

TEST(passwd__the_own_line_comes_before_those_of_apps)
{
    CHECK_INT(edit("b:" APP ":app=x\nc:Y\n", "b", "", "H", "b:H\nb:" APP ":app=x\nc:Y\n"), PASSWD_ADDED);
}

TEST(passwd__an_app_comes_behind_its_user)
{
    CHECK_INT(edit("b:X\nc:Y\n", "b", "phone", "H", "b:X\nb:H:app=phone\nc:Y\n"), PASSWD_ADDED);
    CHECK_INT(edit("b:X", "b", "phone", "H", "b:X\nb:H:app=phone\n"), PASSWD_ADDED);
    CHECK_INT(edit("b:X\nc:Y\nb:" APP ":app=tab\nd:Z\n", "b", "phone", "H",
                   "b:X\nc:Y\nb:" APP ":app=tab\nb:H:app=phone\nd:Z\n"),
              PASSWD_ADDED);
    CHECK_INT(edit("c:Y\n", "b", "phone", "H", "c:Y\nb:H:app=phone\n"), PASSWD_ADDED);
    CHECK_INT(edit("b:X\nb:" APP ":app=phone\n", "b", "phone", "H", NULL), PASSWD_HAS_APP);
    CHECK_INT(edit("c:X\nc:" APP ":app=phone\n", "b", "phone", "H", NULL), PASSWD_ADDED);
}

TEST(passwd__only_so_many_apps)
{
    struct buf text = BUF_INIT(20000);

    for (unsigned i = 0; i < APPS_OF_USER_MAX; i++)
        buf_printf(&text, "b:" APP ":app=%u\n", i);
    CHECK_INT(edit(buf_str(&text), "b", "phone", "H", NULL), PASSWD_FULL);
    CHECK_INT(edit(buf_str(&text), "c", "phone", "H", NULL), PASSWD_ADDED);
    buf_release(&text);
}

TEST(passwd__what_is_taken_away_is_gone_and_nothing_else)
{
    const char *text = "# who\na:X\nb:X\nb:" APP ":app=phone\nb:" APP ":app=tab\n# end";

    CHECK_INT(edit(text, "b", "", "", "# who\na:X\n# end"), PASSWD_REMOVED);
    CHECK_INT(edit(text, "b", "phone", "", "# who\na:X\nb:X\nb:" APP ":app=tab\n# end"), PASSWD_REMOVED);
    CHECK_INT(edit(text, "b", "none", "", NULL), PASSWD_NO_APP);
    CHECK_INT(edit(text, "a", "phone", "", NULL), PASSWD_NO_APP);
    CHECK_INT(edit(text, "c", "", "", NULL), PASSWD_NO_USER);
    CHECK_INT(edit(text, "c", "phone", "", NULL), PASSWD_NO_USER);
    CHECK_INT(edit("", "c", "", "", NULL), PASSWD_NO_USER);
}

TEST(passwd__a_made_password_has_99_bits_that_nobody_misreads)
{
    char one[APP_PASSWORD_BYTES + 1], other[APP_PASSWORD_BYTES + 1];
    unsigned seen[256] = {0}, letters = 0;

    for (unsigned i = 0; i < 200; i++) {
        app_password_make(one);
        app_password_make(other);
        CHECK_INT(strlen(one), APP_PASSWORD_BYTES);
        CHECK(strcmp(one, other) != 0);
        for (unsigned k = 0; k < APP_PASSWORD_BYTES; k++)
            seen[(unsigned char)one[k]]++;
        CHECK(one[4] == '-' && one[9] == '-' && one[14] == '-' && one[19] == '-');
    }
    CHECK(seen['0'] + seen['o'] + seen['1'] + seen['i'] + seen['l'] == 0);
    for (unsigned i = 0; i < 256; i++)
        letters += seen[i] > 0;
    CHECK_INT(letters, 32); /* 31, and the dash: 4000 draws miss one with a chance of 1 : 10^55 */
}

TEST(passwd__a_made_hash_is_of_its_password)
{
    struct buf one = BUF_INIT(200), other = BUF_INIT(200);
    struct app_hash hash;

    app_hash_add(&one, SLICE("secret"));
    app_hash_add(&other, SLICE("secret"));
    CHECK_FALSE(slice_eq(buf_slice(&one), buf_slice(&other))); /* salted */
    CHECK(app_hash_is(buf_slice(&one)));
    CHECK(app_hash_parse(buf_slice(&one), &hash));
    CHECK(app_hash_matches(&hash, SLICE("secret")));
    CHECK_FALSE(app_hash_matches(&hash, SLICE("Secret")));
    CHECK_FALSE(app_hash_matches(&hash, SLICE("")));
    CHECK_FALSE(app_hash_parse(slice_upto(buf_slice(&one), one.len - 1), &hash));
    buf_add_char(&one, 'A');
    CHECK_FALSE(app_hash_parse(buf_slice(&one), &hash));
    buf_release(&one);
    buf_release(&other);
}
