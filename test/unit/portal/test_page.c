/*
 * The portal's pages: what stands on them is escaped, and times and sizes are told as people read them.
 */
#include <stdlib.h>

#include "check.h"
#include "page.h"

static struct portal_conf conf = {.name = SLICE_INIT("portal.test"),
                                  .authority = SLICE_INIT("portal.test"),
                                  .logins = PORTAL_BY_TERMS | PORTAL_BY_VOUCHER | PORTAL_BY_USER};

static const char *write(struct page page, struct buf *out)
{
    buf_release(out);
    *out = BUF_INIT(PAGE_BYTES_MAX);
    if (!page.conf)
        page.conf = &conf;
    if (!page.language)
        page.language = language_at(0);
    page_write(&page, out);
    CHECK(!out->overflown);
    return buf_str(out);
}

#define SAYS(page, text) CHECK(strstr(write((page), &out), text) != NULL)
#define LACKS(page, text) CHECK(strstr(write((page), &out), text) == NULL)

TEST(page__whatever_comes_from_outside_is_escaped)
{
    struct buf out = BUF_INIT(0);
    struct portal_conf named = conf;
    struct page page = {
        .conf = &named, .name = SLICE("\"><script>"), .terms = SLICE("<b>&\"\n\x01\xff"), .terms_tag = "de"};

    named.title = "A <title> & \"more\"";
    LACKS(page, "<script");
    LACKS(page, "<b>");
    LACKS(page, "<title> &");
    SAYS(page, "value=\"&quot;&gt;&lt;script&gt;\"");
    SAYS(page, "&lt;b&gt;&amp;&quot;<br>");
    SAYS(page, "<title>A &lt;title&gt; &amp; &quot;more&quot;</title>");
    buf_release(&out);
}

TEST(page__time_is_told_in_minutes_that_have_begun)
{
    struct buf out = BUF_INIT(0);
    struct page page = {.state = {.is_free = true, .bytes_left = PORTAL_ENDLESS}};

    page.state.seconds_left = 1;
    SAYS(page, "<dd>1 min</dd>");
    page.state.seconds_left = 60;
    SAYS(page, "<dd>1 min</dd>");
    page.state.seconds_left = 3600;
    SAYS(page, "<dd>1 h 0 min</dd>");
    page.state.seconds_left = 90061;
    SAYS(page, "<dd>1 d 1 h 2 min</dd>");
    page.state.seconds_left = PORTAL_ENDLESS;
    LACKS(page, "<dl>");
    page.state.seconds_left = PORTAL_ENDLESS - 1;
    SAYS(page, " d ");
    buf_release(&out);
}

TEST(page__octets_are_told_with_one_digit_behind_the_point)
{
    static const struct {
        uint64_t octets;
        const char *text;
    } rows[] = {
        {0, "0.0 kB"},       {999, "0.9 kB"},        {1000, "1.0 kB"},          {999999, "999.9 kB"},
        {1000000, "1.0 MB"}, {2500000000, "2.5 GB"}, {1000000000000, "1.0 TB"}, {UINT64_MAX - 1, "18446744.0 TB"}};
    struct buf out = BUF_INIT(0);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct page page = {.state = {.is_free = true, .seconds_left = PORTAL_ENDLESS, .bytes_left = rows[i].octets}};

        SAYS(page, rows[i].text);
    }
    buf_release(&out);
}

TEST(page__the_longest_terms_of_the_worst_octets_fit)
{
    struct buf out = BUF_INIT(0);
    char *worst = xmalloc(TERMS_BYTES_MAX);
    const char patterns[] = {'"', '\n', '\x01', '\xff', '\t'};

    for (size_t p = 0; p < sizeof(patterns); p++) {
        for (size_t i = 0; i < TERMS_BYTES_MAX; i++)
            worst[i] = p == 1 && i % 2 ? 'x' : patterns[p];
        SAYS(((struct page){.terms = slice_of(worst, TERMS_BYTES_MAX)}), "</html>");
    }
    free(worst);
    buf_release(&out);
}

TEST(page__without_terms_there_is_nothing_to_tick)
{
    struct buf out = BUF_INIT(0);
    struct page page = {0};

    LACKS(page, "checkbox");
    SAYS(page, "<input type=\"hidden\" name=\"terms\" value=\"yes\">");
    page.are_terms_unreadable = true;
    LACKS(page, "name=\"terms\"");
    page.is_bare = true;
    LACKS(page, "<form");
    SAYS(page, "<a href=\"/login\">");
    buf_release(&out);
}

TEST(page__the_page_of_a_511_has_whole_links_and_no_form)
{
    struct buf out = BUF_INIT(PAGE_BYTES_MAX);

    for (unsigned i = 0; language_at(i); i++) {
        buf_clear(&out);
        page_write_captive(&conf, language_at(i), SLICE("https://portal.test"), &out);
        CHECK(strstr(buf_str(&out), "href=\"https://portal.test/login\"") != NULL);
        CHECK(strstr(buf_str(&out), "href=\"https://portal.test/.samovar/style.css\"") != NULL);
        CHECK(strstr(buf_str(&out), "<form") == NULL);
        CHECK(strstr(buf_str(&out), "href=\"/") == NULL);
    }
    buf_release(&out);
}
