/*
 * Every language has every sentence, and no sentence is another one's copy by mistake; probe addresses are found.
 */
#include "check.h"
#include "probe.h"
#include "words.h"

TEST(words__every_language_has_every_sentence)
{
    for (unsigned i = 0; language_at(i); i++)
        for (enum word word = WORD_NONE + 1; word < WORDS; word++) {
            CHECK(language_at(i)->words[word] != NULL);
            CHECK(word_of(language_at(i), word).len > 0);
        }
}

TEST(words__sentences_end_and_labels_do_not)
{
    for (unsigned i = 0; language_at(i); i++)
        for (enum word word = WORD_NONE + 1; word < WORDS; word++) {
            bool is_sentence = word == WORD_INTRO || word == WORD_ONLINE || word >= WORD_NEEDS_TERMS;
            bool is_short = word == WORD_DAY || word == WORD_HOUR || word == WORD_MINUTE; /* "Std." */

            struct slice text = word_of(language_at(i), word);

            CHECK(is_short || (slice_ends(text, SLICE(".")) || slice_ends(text, SLICE("。"))) == is_sentence);
        }
}

TEST(words__long_sentences_are_translated)
{
    for (unsigned i = 1; language_at(i); i++)
        for (enum word word = WORD_NEEDS_TERMS; word < WORDS; word++)
            for (unsigned k = 0; k < i; k++)
                CHECK(!slice_eq(word_of(language_at(i), word), word_of(language_at(k), word)));
}

TEST(words__the_language_is_the_one_asked_for)
{
    CHECK_STR(language_of(SLICE("fr-CA, en;q=0.3"))->tag, "fr");
    CHECK_STR(language_of(SLICE("en;q=0.3, ru"))->tag, "ru");
    CHECK_STR(language_of(SLICE("zh-Hans-CN, en;q=0.3"))->tag, "zh");
    CHECK_STR(language_of(SLICE("tlh"))->tag, "en");
    CHECK_STR(language_of(SLICE_NONE)->tag, "en");
    CHECK(language_of(SLICE("ar"))->is_rtl);
    CHECK(!language_of(SLICE("de"))->is_rtl);
}

TEST(probe__its_own_path_alone_is_a_probe)
{
    CHECK(probe_wants_redirect(SLICE("captive.apple.com"), SLICE("/hotspot-detect.html")));
    CHECK(probe_wants_redirect(SLICE("www.msftconnecttest.com"), SLICE("/redirect")));
    CHECK(!probe_wants_redirect(SLICE("www.apple.com"), SLICE("/")));
    CHECK(!probe_wants_redirect(SLICE("www.google.com"), SLICE("/search")));
    CHECK(!probe_wants_redirect(SLICE("example.com"), SLICE("/generate_204")));
    CHECK(!probe_wants_redirect(SLICE_NONE, SLICE("/")));
}

/* As exchanges have them: or no request would ever fit. */
TEST(probe__hosts_are_in_lower_case_and_paths_are_paths)
{
    const char *host, *path;

    for (unsigned i = 0; (host = probe_at(i, &path)); i++) {
        CHECK_INT(path[0], '/');
        CHECK(host[0] && host[strlen(host) - 1] != '.');
        for (const char *at = host; *at; at++)
            CHECK((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == '.' || *at == '-');
        CHECK(probe_wants_redirect(slice_str(host), slice_str(path)));
    }
}
