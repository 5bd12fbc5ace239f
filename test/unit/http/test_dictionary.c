/*
 * test_dictionary.c - fields of compression dictionaries.
 */
#include <stdio.h>

#include "check.h"
#include "http/dictionary.h"

/* RFC 9842 §2.2 */
#define EXAMPLE ":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=:"

static bool is_read(const char *value)
{
    unsigned char hash[DICTIONARY_HASH];

    return available_dictionary_read(slice_str(value), hash);
}

TEST(dictionary__a_hash_is_a_byte_sequence_of_32_octets) /* DCT-02 */
{
    unsigned char hash[DICTIONARY_HASH];

    CHECK(available_dictionary_read(slice_str(EXAMPLE), hash));
    CHECK(hash[0] == 0xa5 && hash[31] == 0x6e);
    CHECK(is_read("  " EXAMPLE " "));
    CHECK(is_read(EXAMPLE ";a=b"));
    CHECK_FALSE(is_read(""));
    CHECK_FALSE(is_read(":"));
    CHECK_FALSE(is_read("::"));
    CHECK_FALSE(is_read("pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4="));
    CHECK_FALSE(is_read(EXAMPLE " x"));
    CHECK_FALSE(is_read(EXAMPLE ", " EXAMPLE));
    CHECK_FALSE(is_read(":AAAA:"));
    CHECK_FALSE(is_read(":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4AAA==:"));
    CHECK_FALSE(is_read(":pZGm1Av0IEBKARczz7exkNYs%b8LzaMrV7J32a2fFG4=:"));
}

TEST(dictionary__a_match_is_of_our_origin_and_has_no_expression) /* DCT-01 */
{
    CHECK(dictionary_match_is_good(SLICE("/app/*.js")));
    CHECK(dictionary_match_is_good(SLICE("/d%C3%BCsseldorf")));
    CHECK(dictionary_match_is_good(SLICE("/:name/{a,b}?")));
    CHECK(dictionary_match_is_good(SLICE("/a\\(b\\)")));
    CHECK_FALSE(dictionary_match_is_good(SLICE("")));
    CHECK_FALSE(dictionary_match_is_good(SLICE("app/*")));
    CHECK_FALSE(dictionary_match_is_good(SLICE("//other.example/*")));
    CHECK_FALSE(dictionary_match_is_good(SLICE("https://other.example/*")));
    CHECK_FALSE(dictionary_match_is_good(SLICE("/(a|b)")));
    CHECK_FALSE(dictionary_match_is_good(SLICE("/:id(\\d+)")));
    CHECK_FALSE(dictionary_match_is_good(SLICE("/a\nb")));
    CHECK_FALSE(dictionary_match_is_good(SLICE("/\xc3\xbc")));
}

TEST(dictionary__an_id_has_1024_characters_at_most)
{
    char id[DICTIONARY_ID_MAX + 1];

    memset(id, 'x', sizeof(id));
    CHECK(dictionary_id_is_good(slice_of(id, DICTIONARY_ID_MAX)));
    CHECK_FALSE(dictionary_id_is_good(slice_of(id, DICTIONARY_ID_MAX + 1)));
    CHECK_FALSE(dictionary_id_is_good(SLICE("a\tb")));
}

TEST(dictionary__is_written_as_a_dictionary_of_strings)
{
    struct buf text = BUF_INIT(256);

    use_as_dictionary_write(&text, SLICE("/app/*.js"), SLICE(""));
    CHECK_STR(buf_str(&text), "match=\"/app/*.js\"");
    buf_clear(&text);
    use_as_dictionary_write_self(&text, SLICE("/self/b%20c"), SLICE("x"));
    CHECK_STR(buf_str(&text), "match=\"/self/b%20c\", id=\"x\"");
    buf_clear(&text);
    use_as_dictionary_write_self(&text, SLICE("/a(1):+*{?}.js"), SLICE(""));
    CHECK_STR(buf_str(&text), "match=\"/a\\\\(1\\\\)\\\\:\\\\+\\\\*\\\\{\\\\?\\\\}.js\"");
    buf_clear(&text);
    use_as_dictionary_write_self(&text, SLICE("/\"\\"), SLICE(""));
    CHECK_STR(buf_str(&text), "match=\"/\\\"\\\\\\\\\"");
    buf_clear(&text);
    use_as_dictionary_write_self(&text, SLICE("/\xc3\xbc"), SLICE(""));
    CHECK_STR(buf_str(&text), "");
    use_as_dictionary_write(&text, SLICE("/a\\(b"), SLICE("the \"id\""));
    CHECK_STR(buf_str(&text), "match=\"/a\\\\(b\", id=\"the \\\"id\\\"\"");
    buf_release(&text);
}
