/*
 * test_date.c - HTTP dates.
 */
#include "check.h"
#include "http/date.h"

static const int64_t now_2026 = 1792368000; /* October 2026 */

static void check_format(int64_t at, const char *want)
{
    char out[DATE_LEN];

    date_format(at, out);
    CHECK_SLICE(slice_of(out, DATE_LEN), want);
}

TEST(date__is_written_as_IMF_fixdate) /* CND-02 */
{
    check_format(784111777, "Sun, 06 Nov 1994 08:49:37 GMT");
    check_format(0, "Thu, 01 Jan 1970 00:00:00 GMT");
    check_format(-1, "Wed, 31 Dec 1969 23:59:59 GMT");
    check_format(951782400, "Tue, 29 Feb 2000 00:00:00 GMT");
    check_format(4102444799, "Thu, 31 Dec 2099 23:59:59 GMT");
    check_format(INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT");
    check_format(INT64_MIN, "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST(date__is_read_back_for_every_day_of_four_centuries)
{
    for (int64_t at = -2208988800; at < 10413792000; at += 86399) {
        char out[DATE_LEN];
        int64_t got = 0;

        date_format(at, out);
        CHECK(date_parse(slice_of(out, DATE_LEN), now_2026, &got));
        CHECK_INT(got, at);
    }
}

static int64_t parsed(const char *text)
{
    int64_t at;

    if (!date_parse(slice_str(text), now_2026, &at))
        CHECK_STR(text, "a date");
    return at;
}

TEST(date__has_three_forms) /* CND-13 */
{
    CHECK_INT(parsed("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
    CHECK_INT(parsed("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
    CHECK_INT(parsed("Sun Nov  6 08:49:37 1994"), 784111777);
    CHECK_INT(parsed("Wed Nov 16 08:49:37 1994"), 784975777);
    CHECK_INT(parsed("Mon, 06 Nov 1994 08:49:37 GMT"), 784111777); /* wrong weekday */
    CHECK_INT(parsed("Sat, 31 Dec 2016 23:59:60 GMT"), 1483228799);
    CHECK_INT(parsed("Wed, 31 Dec 1969 23:59:59 GMT"), -1);
}

TEST(date__of_two_digits_is_never_more_than_50_years_ahead) /* CND-14 */
{
    CHECK_INT(parsed("Thursday, 01-Jan-70 00:00:00 GMT"), 3155760000); /* 2070: 43 years ahead */
    CHECK_INT(parsed("Friday, 01-Jan-77 00:00:00 GMT"), 220924800);    /* 1977 */
    CHECK_INT(parsed("Monday, 01-Jan-76 00:00:00 GMT"), 3345062400);   /* 2076 */
    CHECK_INT(parsed("Friday, 31-Dec-76 00:00:00 GMT"), 220838400);    /* 2076 is 50 years and some weeks ahead: 1976 */
    CHECK_INT(parsed("Saturday, 01-Jan-00 00:00:00 GMT"), 946684800);
}

TEST(date__what_is_none_is_refused) /* CND-33, CND-43 */
{
    static const char *const texts[] = {
        "",
        "0",
        "now",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Wed, 29 Feb 2023 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Xyz 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 31-Feb-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov 06 08:49:37 94",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
    };
    int64_t at = 77;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (date_parse(slice_str(texts[i]), now_2026, &at))
            CHECK_STR(texts[i], "no date");
    CHECK_INT(at, 77);
}
