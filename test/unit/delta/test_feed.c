/*
 * test_feed.c - what is new in a feed: three as they are in the world (feeds/), and tables of small ones.
 *
 * feeds/NAME-1 is what a reader has, NAME-2 what there is now, NAME-new what it is to be sent.
 */
#include <stdio.h>

#include "delta/feed.h"
#include "taken.h"
#include "transform.h"

static const struct delta_limits no_limits;

static enum err make(struct slice base, struct slice current, enum feed_loss loss, const struct delta_limits *limits,
                     struct buf *out, struct feed_news *news)
{
    struct delta_source from = delta_source_of(&base), to = delta_source_of(&current);
    struct delta_sink sink = delta_sink_of(out);

    *out = BUF_INIT(TRANSFORM_MOST);
    return feed_encode(&from, &to, loss, limits, &sink, news);
}

static struct slice read_feed(const char *name, char *room, size_t most)
{
    char path[512];
    FILE *file;
    size_t len;

    snprintf(path, sizeof(path), "%s/%s", FEEDS, name);
    file = fopen(path, "rb");
    CHECK(file != NULL);
    len = fread(room, 1, most, file);
    fclose(file);
    return slice_of(room, len);
}

static void check_files(const char *name, const char *ending, unsigned entries, unsigned all)
{
    char path[64], base_room[4096], current_room[4096], want_room[4096];
    struct slice base, current, want;
    struct feed_news news;
    struct buf out;

    snprintf(path, sizeof(path), "%s-1.%s", name, ending);
    base = read_feed(path, base_room, sizeof(base_room));
    snprintf(path, sizeof(path), "%s-2.%s", name, ending);
    current = read_feed(path, current_room, sizeof(current_room));
    snprintf(path, sizeof(path), "%s-new.%s", name, ending);
    want = read_feed(path, want_room, sizeof(want_room));
    CHECK(feed_begins(current));
    CHECK_INT(make(base, current, FEED_LOSS_TOLD, &no_limits, &out, &news), ERR_NONE);
    CHECK_SLICE(want, buf_str(&out));
    CHECK_INT(news.entries, entries);
    CHECK_INT(news.all, all);
    buf_release(&out);
}

/* DLT-61 */
TEST(feed__an_atom_feed_is_sent_with_what_is_new_and_what_changed)
{
    check_files("blog", "atom", 2, 4);
}

/* DLT-61 */
TEST(feed__rss_has_guids_or_links_and_markup_in_cdata_is_none)
{
    check_files("podcast", "rss", 1, 4);
}

/* DLT-61 */
TEST(feed__rss_1_lists_only_the_items_that_are_sent)
{
    check_files("news", "rdf", 1, 3);
}

/* ---- small ones ---- */

#define ATOM(rest) "<feed xmlns='http://www.w3.org/2005/Atom'><id>f</id>" rest "</feed>"
#define ENTRY(id, rest) "<entry><id>" id "</id>" rest "</entry>"
#define RSS(rest) "<rss version='2.0'><channel><title>t</title>" rest "</channel></rss>"
#define RDF(rest)                                                                                                      \
    "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"                   \
    "<channel>" rest "</r:RDF>"

static void check_news(const char *base, const char *current, const char *want, unsigned entries)
{
    struct feed_news news;
    struct buf out;

    CHECK_INT(make(slice_str(base), slice_str(current), FEED_LOSS_TOLD, &no_limits, &out, &news), ERR_NONE);
    CHECK_STR(buf_str(&out), want);
    CHECK_INT(news.entries, entries);
    buf_release(&out);
}

static void check_whole(const char *base, const char *current, enum feed_loss loss, enum err want)
{
    struct feed_news news;
    struct buf out;

    CHECK_INT(make(slice_str(base), slice_str(current), loss, &no_limits, &out, &news), want);
    buf_release(&out);
}

/* DLT-61, DLT-63 */
TEST(feed__entries_are_the_same_by_id_and_octets)
{
    static const char *const rows[][4] = {
        {ATOM(ENTRY("a", "1")), ATOM(ENTRY("b", "2") ENTRY("a", "1")), ATOM(ENTRY("b", "2")), "1"},
        {ATOM(ENTRY("a", "1")), ATOM(ENTRY("a", "2")), ATOM(ENTRY("a", "2")), "1"},
        /* nothing is new but the head */
        {ATOM(ENTRY("a", "1")), ATOM(ENTRY("a", "1") "<title>t</title>"), ATOM("<title>t</title>"), "0"},
        {RSS("<item><link>a</link></item>"), RSS("<item><link>a</link></item>"), RSS(""), "0"},
        /* in another order */
        {ATOM(ENTRY("a", "1") ENTRY("b", "2")), ATOM(ENTRY("b", "2") ENTRY("a", "1")), ATOM(""), "0"},
        /* an id twice: two versions of one entry */
        {ATOM(ENTRY("a", "1")), ATOM(ENTRY("a", "2") ENTRY("a", "1")), ATOM(ENTRY("a", "2")), "1"},
        {ATOM(ENTRY("a", "2") ENTRY("a", "1")), ATOM(ENTRY("a", "1")), ATOM(""), "0"},
        /* an id is text, however it is written */
        {ATOM(ENTRY("a&amp;&#98;", "1")), ATOM(ENTRY(" <![CDATA[a&b]]> ", "2")), ATOM(ENTRY(" <![CDATA[a&b]]> ", "2")),
         "1"},
        /* ids of what is in an entry are not the entry's */
        {ATOM("<entry><source><id>s</id></source><id>a</id></entry>"),
         ATOM("<entry><source><id>s</id></source><id>a</id></entry>" ENTRY("s", "")), ATOM(ENTRY("s", "")), "1"},
        /* a link is an id where no guid is, before or behind */
        {RSS("<item><link>l</link><guid>g</guid></item>"),
         RSS("<item><guid>g</guid><link>m</link></item><item><link>l</link></item>"),
         RSS("<item><guid>g</guid><link>m</link></item><item><link>l</link></item>"), "2"},
        /* without any, octets decide */
        {RSS("<item>1</item>"), RSS("<item>2</item><item>1</item>"), RSS("<item>2</item>"), "1"},
        {RSS("<item/>"), RSS("<item/><item><guid/></item>"), RSS("<item><guid/></item>"), "1"},
        /* an empty feed before */
        {ATOM(""), ATOM(ENTRY("a", "")), ATOM(ENTRY("a", "")), "1"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_news(rows[i][0], rows[i][1], rows[i][2], (unsigned)(rows[i][3][0] - '0'));
}

/* DLT-61 */
TEST(feed__blanks_before_an_entry_go_with_it)
{
    static const char *const rows[][3] = {
        {ATOM(ENTRY("a", "")), ATOM(" \r\n\t" ENTRY("a", "") "\n"), ATOM("\n")},
        {ATOM(ENTRY("a", "")), ATOM(" <!-- x --> " ENTRY("a", "") " "), ATOM(" <!-- x --> ")},
        {ATOM(ENTRY("a", "")), ATOM(" <?x y?> " ENTRY("a", "")), ATOM(" <?x y?>")},
        {ATOM(ENTRY("a", "")), ATOM("<![CDATA[ ]]>" ENTRY("a", "")), ATOM("<![CDATA[ ]]>")},
        {ATOM(ENTRY("a", "")), ATOM("<![CDATA[ ]]> " ENTRY("a", "")), ATOM("<![CDATA[ ]]>")},
        {ATOM(ENTRY("a", "")), ATOM(" <![CDATA[]]>" ENTRY("a", "")), ATOM(" <![CDATA[]]>")},
        {ATOM(ENTRY("a", "")), ATOM(" &#10; " ENTRY("a", "")), ATOM("")},
        {ATOM("<entry/>"), ATOM(" <entry/> <entry /> "), ATOM(" <entry /> ")},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct feed_news news;
        struct buf out;

        CHECK_INT(make(slice_str(rows[i][0]), slice_str(rows[i][1]), FEED_LOSS_TOLD, &no_limits, &out, &news),
                  ERR_NONE);
        CHECK_STR(buf_str(&out), rows[i][2]);
        buf_release(&out);
    }
}

/* What an entry means may hang on the tags around it. */
TEST(feed__where_the_tags_around_change_every_entry_is_sent)
{
    static const char *const pairs[][2] = {
        {ATOM(ENTRY("a", "")),
         "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='de'><id>f</id>" ENTRY("a", "") "</feed>"},
        {RSS("<item/>"), "<rss version='2.0'><channel xml:base='/x'><item/></channel></rss>"},
        {"<?xml version='1.0' encoding='utf-8'?>" ATOM(ENTRY("a", "")),
         "<?xml version='1.0' encoding='iso-8859-1'?>" ATOM(ENTRY("a", ""))},
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        check_news(pairs[i][0], pairs[i][1], pairs[i][1], 1);
        check_whole(pairs[i][0], pairs[i][0], FEED_LOSS_TOLD, ERR_NONE);
    }
}

/* DLT-65 */
TEST(feed__what_was_removed_cannot_be_said)
{
    check_whole(ATOM(ENTRY("a", "") ENTRY("b", "")), ATOM(ENTRY("a", "")), FEED_LOSS_TOLD, ERR_MISSING);
    check_whole(ATOM(ENTRY("a", "") ENTRY("b", "")), ATOM(ENTRY("c", "") ENTRY("a", "")), FEED_LOSS_TOLD, ERR_MISSING);
    check_whole(RSS("<item>1</item>"), RSS("<item>2</item>"), FEED_LOSS_TOLD, ERR_MISSING);
}

/* A feed of the last N entries */
TEST(feed__what_went_off_its_end_was_not_removed_if_the_caller_says_so)
{
    static const char two[] = ATOM(ENTRY("b", "") ENTRY("a", ""));

    check_whole(two, ATOM(ENTRY("c", "") ENTRY("b", "")), FEED_LOSS_ROLLING, ERR_NONE);
    check_whole(two, ATOM(ENTRY("d", "") ENTRY("c", "")), FEED_LOSS_ROLLING, ERR_NONE);
    /* nothing new came; one more than one is gone; not the last one; fewer than before */
    check_whole(two, ATOM(ENTRY("b", "1") ENTRY("b", "2")), FEED_LOSS_ROLLING, ERR_MISSING);
    check_whole(two, ATOM(ENTRY("b", "")), FEED_LOSS_ROLLING, ERR_MISSING);
    check_whole(two, ATOM(ENTRY("c", "") ENTRY("a", "")), FEED_LOSS_ROLLING, ERR_MISSING);
    check_whole(two, ATOM(ENTRY("c", "")), FEED_LOSS_ROLLING, ERR_MISSING);
}

/* DLT-64, RFC 5005 §2, RFC 4287 §5.1 */
TEST(feed__what_is_no_feed_or_cannot_be_parted_is_sent_whole)
{
    static const char good[] = ATOM(ENTRY("a", ""));
    static const char *const bad[] = {
        "",
        "text",
        "<html xmlns='http://www.w3.org/1999/xhtml'/>",
        "<feed><entry/></feed>",
        "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "<feed xmlns='http://www.w3.org/2005/Atom'/>x",
        "<entry xmlns='http://www.w3.org/2005/Atom'/>",
        "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
        "<!DOCTYPE feed>" ATOM(""),
        "<!DOCTYPE feed [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>" ATOM("&b;"),
        "<!DOCTYPE feed SYSTEM 'file:///etc/passwd'>" ATOM(""),
        "<?xml version='1.0' encoding='koi8-r'?>" ATOM(""),
        "<?xml version='1.1'?>" ATOM(""),
        ATOM("&nbsp;"),
        ATOM("<a></b>"),
        ATOM("\xff"),
        ATOM("<fh:complete xmlns:fh='http://purl.org/syndication/history/1.0'/>"),
        ATOM("<fh:archive xmlns:fh='http://purl.org/syndication/history/1.0'/>"),
        ATOM("<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>"),
        ATOM("]]<entry/>&gt;"),
        RSS("text"),
        RSS("<fh:complete xmlns:fh='http://purl.org/syndication/history/1.0'/>"),
        "<rss><channel/><channel/></rss>",
    };
    static const char *const other[] = {RSS(""), RDF("</channel><item/>")};

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        check_whole(bad[i], bad[i], FEED_LOSS_TOLD, ERR_UNSUPPORTED);
        check_whole(good, bad[i], FEED_LOSS_TOLD, ERR_UNSUPPORTED);
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
        check_whole(good, other[i], FEED_LOSS_TOLD, ERR_UNSUPPORTED);
        check_whole(other[i], good, FEED_LOSS_TOLD, ERR_UNSUPPORTED);
    }
    /* RSS 1.0 has one item at least */
    check_whole(RDF("</channel><item><link>1</link></item>"), RDF("</channel><item><link>1</link></item>"),
                FEED_LOSS_TOLD, ERR_UNSUPPORTED);
    check_whole(RDF("</channel><item><link>1</link></item>"), RDF("</channel><item><link>1</link>x</item>"),
                FEED_LOSS_TOLD, ERR_NONE);
}

/* DLT-64 */
TEST(feed__what_begins_as_a_feed_is_seen_by_its_root)
{
    static const struct {
        const char *start;
        bool is_feed;
    } rows[] = {
        {"<feed xmlns='http://www.w3.org/2005/Atom'><title>cut he", true},
        {"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- c --><a:feed xmlns:a='http://www.w3.org/2005/Atom'>", true},
        {"<rss version='0.91'>", true},
        {"<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>", true},
        {"<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
         "xmlns='http://my.netscape.com/rdf/simple/0.9/'>",
         true},
        {"<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>", false},
        {"<feed>", false},
        {"<html><rss/></html>", false},
        {"<!DOCTYPE rss><rss>", false},
        {"rss", false},
        {"", false},
        {"<rs", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        CHECK_INT(feed_begins(slice_str(rows[i].start)), rows[i].is_feed);
}

/* Each character becomes two octets, the higher one first or last. */
static void widen(const char *text, bool is_big, struct buf *out)
{
    buf_add(out, is_big ? SLICE("\xfe\xff") : SLICE("\xff\xfe"));
    for (; *text; text++) {
        if (is_big)
            buf_add_char(out, '\0');
        buf_add_char(out, *text);
        if (!is_big)
            buf_add_char(out, '\0');
    }
}

TEST(feed__in_utf_16_whole_characters_are_cut)
{
    for (unsigned is_big = 0; is_big < 2; is_big++) {
        struct buf base = BUF_INIT(4096), current = BUF_INIT(4096), want = BUF_INIT(4096), out;
        struct feed_news news;

        widen(ATOM("\n" ENTRY("a", "")), is_big, &base);
        widen(ATOM("\n" ENTRY("b", "") "\n" ENTRY("a", "") "\n"), is_big, &current);
        widen(ATOM("\n" ENTRY("b", "") "\n"), is_big, &want);
        CHECK_INT(make(buf_slice(&base), buf_slice(&current), FEED_LOSS_TOLD, &no_limits, &out, &news), ERR_NONE);
        CHECK(slice_eq(buf_slice(&out), buf_slice(&want)));
        buf_release(&base);
        buf_release(&current);
        buf_release(&want);
        buf_release(&out);
    }
}

/* ---- bounds ---- */

static void many_entries(unsigned count, struct buf *out)
{
    buf_add_str(out, "<feed xmlns='http://www.w3.org/2005/Atom'>");
    for (unsigned i = 0; i < count; i++)
        buf_printf(out, "<entry><id>urn:example:%u</id><title>title</title></entry>\n", i);
    buf_add_str(out, "</feed>");
}

TEST(feed__a_document_past_a_limit_is_sent_whole)
{
    struct buf doc = BUF_INIT(64 << 20), out;
    struct feed_news news;
    struct delta_limits short_out = {.output_max = 40};

    buf_add_str(&doc, "<feed xmlns='http://www.w3.org/2005/Atom'>");
    for (unsigned i = 0; i < 300; i++)
        buf_add_str(&doc, "<a>");
    for (unsigned i = 0; i < 300; i++)
        buf_add_str(&doc, "</a>");
    buf_add_str(&doc, "</feed>");
    CHECK_INT(make(buf_slice(&doc), buf_slice(&doc), FEED_LOSS_TOLD, &no_limits, &out, &news), ERR_UNSUPPORTED);
    buf_clear(&doc);
    many_entries(FEED_ENTRIES_MAX, &doc);
    CHECK_INT(make(buf_slice(&doc), buf_slice(&doc), FEED_LOSS_TOLD, &no_limits, &out, &news), ERR_NONE);
    CHECK_INT(news.all, FEED_ENTRIES_MAX);
    buf_release(&out);
    buf_clear(&doc);
    many_entries(FEED_ENTRIES_MAX + 1, &doc);
    CHECK_INT(make(buf_slice(&doc), buf_slice(&doc), FEED_LOSS_TOLD, &no_limits, &out, &news), ERR_TOO_LARGE);
    buf_clear(&doc);
    buf_add_str(&doc, "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>");
    for (unsigned i = 0; i < 5000; i++)
        buf_add_char(&doc, 'i');
    buf_add_str(&doc, "</id></entry></feed>");
    CHECK_INT(make(buf_slice(&doc), buf_slice(&doc), FEED_LOSS_TOLD, &no_limits, &out, &news), ERR_UNSUPPORTED);
    buf_clear(&doc);
    buf_add_str(&doc, "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:l='");
    for (unsigned i = 0; i < 3000; i++)
        buf_add_char(&doc, 's');
    buf_add_str(&doc, "'/>");
    CHECK_INT(make(buf_slice(&doc), buf_slice(&doc), FEED_LOSS_TOLD, &no_limits, &out, &news), ERR_UNSUPPORTED);
    CHECK_INT(make(SLICE(ATOM("")), SLICE(ATOM("")), FEED_LOSS_TOLD, &short_out, &out, &news), ERR_TOO_LARGE);
    buf_clear(&doc);
    buf_add_str(&doc, ATOM(""));
    while (doc.len <= FEED_OCTETS_MAX)
        buf_add(&doc, SLICE("                                                                "));
    CHECK_INT(make(buf_slice(&doc), buf_slice(&doc), FEED_LOSS_TOLD, &no_limits, &out, &news), ERR_TOO_LARGE);
    buf_release(&doc);
    buf_release(&out);
}

TEST(feed__memory_is_what_was_granted)
{
    struct buf doc = BUF_INIT(64 << 20), out = BUF_INIT(64 << 20);
    struct delta_limits limits = {0};
    struct feed_news news;

    many_entries(10000, &doc);
    for (limits.memory_max = 1 << 20; limits.memory_max < 16 << 20; limits.memory_max += 3 << 20) {
        struct remote base = {buf_slice(&doc), 0, 0}, current = {buf_slice(&doc), 0, 0};
        struct delta_source from = remote_source(&base), to = remote_source(&current);
        struct delta_sink sink = delta_sink_of(&out);
        enum err err;

        buf_clear(&out);
        taken = 0;
        err = feed_encode(&from, &to, FEED_LOSS_TOLD, &limits, &sink, &news);
        CHECK_INT(err, limits.memory_max < 7 << 20 ? ERR_TOO_LARGE : ERR_NONE);
        CHECK(taken < limits.memory_max + out.room);
    }
    buf_release(&doc);
    buf_release(&out);
}

TEST(feed__a_hurry_ends_it_and_so_does_a_read_that_fails)
{
    struct buf doc = BUF_INIT(64 << 20), out;
    struct feed_news news;

    many_entries(10000, &doc);
    for (unsigned questions = 0; questions < 20; questions++) {
        unsigned left = questions;
        struct delta_limits limits = {.is_enough = is_out_of_time, .arg = &left};

        CHECK_INT(make(buf_slice(&doc), buf_slice(&doc), FEED_LOSS_TOLD, &limits, &out, &news), ERR_AGAIN);
        buf_release(&out);
    }
    for (uint64_t k = 1; k < 4; k++) {
        struct remote good = {buf_slice(&doc), 0, 0}, bad = {buf_slice(&doc), 0, k};
        struct delta_source from = remote_source(&good), to = remote_source(&bad);
        struct delta_sink sink = delta_sink_of(&out);

        CHECK_INT(feed_encode(&from, &to, FEED_LOSS_TOLD, &no_limits, &sink, &news), ERR_IO);
        bad.reads = 0;
        CHECK_INT(feed_encode(&to, &from, FEED_LOSS_TOLD, &no_limits, &sink, &news), ERR_IO);
    }
    buf_release(&doc);
    buf_release(&out);
}
