/*
 * test_base64.c - octets as letters.
 */
#include "base/base64.h"

#include "check.h"

/* The vectors of RFC 4648 §10. */
static const struct {
    const char *octets, *padded, *url;
} rows[] = {
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xfb\xff\xbe", "+/++", "-_--"},
};

static void check_written(const char *octets, enum base64_form form, const char *letters)
{
    struct buf out = BUF_INIT(64);

    base64_encode(&out, (const unsigned char *)octets, strlen(octets), form);
    CHECK_SLICE(buf_slice(&out), letters);
    buf_release(&out);
}

static void check_read(struct slice letters, enum base64_form form, const char *octets)
{
    unsigned char out[64];
    size_t len;
    bool stray;

    CHECK(form == BASE64_URL || base64_unpad(&letters));
    CHECK(base64_decode(letters, form, out, &len, &stray));
    CHECK_FALSE(stray);
    CHECK_SLICE(slice_of((char *)out, len), octets);
}

TEST(base64__as_the_rfc_has_it)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_written(rows[i].octets, BASE64_PADDED, rows[i].padded);
        check_written(rows[i].octets, BASE64_URL, rows[i].url);
        check_read(slice_str(rows[i].padded), BASE64_PADDED, rows[i].octets);
        check_read(slice_str(rows[i].url), BASE64_URL, rows[i].octets);
    }
}

TEST(base64__other_letters_and_one_too_many_are_none)
{
    static const char *const bad[] = {"Zg=", "Z", "Zm9vY", "Zm 9", "Zm-_", "Zm9\n"};
    unsigned char out[64];
    size_t len;
    bool stray;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK_FALSE(base64_decode(slice_str(bad[i]), BASE64_PADDED, out, &len, &stray));
    CHECK_FALSE(base64_decode(SLICE("Zm+/"), BASE64_URL, out, &len, &stray));
}

TEST(base64__a_second_spelling_is_told)
{
    unsigned char out[64];
    size_t len;
    bool stray;

    CHECK(base64_decode(SLICE("Zh"), BASE64_URL, out, &len, &stray) && stray);
    CHECK(base64_decode(SLICE("Zm9"), BASE64_URL, out, &len, &stray) && stray);
    CHECK(base64_decode(SLICE("Zm8"), BASE64_URL, out, &len, &stray) && !stray);
}

TEST(base64__padding_makes_up_groups_of_four)
{
    struct slice text = SLICE("Zg=");

    CHECK_FALSE(base64_unpad(&text));
    text = SLICE("Zg==");
    CHECK(base64_unpad(&text));
    CHECK_SLICE(text, "Zg");
}
