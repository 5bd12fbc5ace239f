/*
 * date.c - HTTP dates.
 *
 * Days are counted from 1 March of the year 0, where leap days fall on the ends of years, so that no
 * table of months is needed.
 */
#include <string.h>

#include "http/date.h"

static const char day_names[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const struct slice long_day_names[7] = {
    SLICE_INIT("Sunday"),   SLICE_INIT("Monday"), SLICE_INIT("Tuesday"),  SLICE_INIT("Wednesday"),
    SLICE_INIT("Thursday"), SLICE_INIT("Friday"), SLICE_INIT("Saturday"),
};
static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

enum {
    DAYS_TO_1970 = 719468, /* from 1 March 0 */
    DAYS_PER_ERA = 146097, /* 400 years */
    DAY_S = 86400
};
static const int64_t year_0_s = -62167219200, year_9999_end_s = 253402300799;

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Not as a difference, which would overflow at the far end of the past. */
static int64_t second_of_day(int64_t unix_s)
{
    return unix_s % DAY_S < 0 ? unix_s % DAY_S + DAY_S : unix_s % DAY_S;
}

int64_t date_days(int year, unsigned month, unsigned day)
{
    int64_t from_march = month > 2 ? (int64_t)month - 3 : (int64_t)month + 9;
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_div(y, 400), year_of_era = y - era * 400;
    int64_t day_of_year = (153 * from_march + 2) / 5 + day - 1;

    return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - DAYS_TO_1970;
}

static struct civil civil_of_day(int64_t days)
{
    int64_t shifted = days + DAYS_TO_1970, era = floor_div(shifted, DAYS_PER_ERA);
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    struct civil civil = {0};

    civil.day = (unsigned)(day_of_year - (153 * from_march + 2) / 5 + 1);
    civil.month = (unsigned)(from_march < 10 ? from_march + 3 : from_march - 9);
    civil.year = year_of_era + era * 400 + (civil.month <= 2);
    civil.weekday = (unsigned)((days % 7 + 11) % 7); /* 1970-01-01 was a Thursday */
    return civil;
}

/* Much was done on the same day as what came before it, in listings above all: the day is kept. */
struct civil date_civil(int64_t unix_s)
{
    static _Thread_local struct {
        int64_t days;
        struct civil civil;
    } last = {.days = INT64_MIN};
    int64_t days = floor_div(unix_s, DAY_S);
    unsigned second = (unsigned)second_of_day(unix_s);
    struct civil civil;

    if (days != last.days) {
        last.days = days;
        last.civil = civil_of_day(days);
    }
    civil = last.civil;
    civil.hour = second / 3600;
    civil.minute = second / 60 % 60;
    civil.second = second % 60;
    return civil;
}

static void two_digits(char *out, unsigned value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

void date_format(int64_t unix_s, char out[DATE_LEN])
{
    int64_t in_range = unix_s < year_0_s ? year_0_s : unix_s > year_9999_end_s ? year_9999_end_s : unix_s;
    struct civil civil = date_civil(in_range);

    memcpy(out, "Sun, 00 Jan 0000 00:00:00 GMT", DATE_LEN);
    memcpy(out, day_names[civil.weekday], 3);
    two_digits(out + 5, civil.day);
    memcpy(out + 8, month_names[civil.month - 1], 3);
    two_digits(out + 12, (unsigned)civil.year / 100);
    two_digits(out + 14, (unsigned)civil.year % 100);
    two_digits(out + 17, civil.hour);
    two_digits(out + 20, civil.minute);
    two_digits(out + 23, civil.second);
}

/* `count` digits; -1 if one of them is none. */
static int number(const char *text, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        if (!ascii_is_digit(text[i]))
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static unsigned month_find(const char *text)
{
    for (unsigned i = 0; i < 12; i++)
        if (memcmp(text, month_names[i], 3) == 0)
            return i + 1;
    return 0;
}

static bool is_day_name(const char *text)
{
    for (unsigned i = 0; i < 7; i++)
        if (memcmp(text, day_names[i], 3) == 0)
            return true;
    return false;
}

static unsigned days_in(int year, unsigned month)
{
    return (unsigned)(date_days(month == 12 ? year + 1 : year, month % 12 + 1, 1) - date_days(year, month, 1));
}

/* "08:49:37" */
static bool time_parse(const char *text, int64_t *seconds)
{
    int hour = number(text, 2), minute = number(text + 3, 2), second = number(text + 6, 2);

    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    if (text[2] != ':' || text[5] != ':')
        return false;
    *seconds = hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
    return true;
}

static bool moment(int year, unsigned month, int day, int64_t seconds, int64_t *out)
{
    if (year < 0 || month == 0 || day < 1 || (unsigned)day > days_in(year, month))
        return false;
    *out = date_days(year, month, (unsigned)day) * DAY_S + seconds;
    return true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool imf_parse(struct slice text, int64_t *out)
{
    const char *t = text.ptr;
    int64_t seconds;

    if (text.len != DATE_LEN || !is_day_name(t) || memcmp(t + 3, ", ", 2) != 0 || memcmp(t + 25, " GMT", 4) != 0)
        return false;
    if (t[7] != ' ' || t[11] != ' ' || t[16] != ' ' || !time_parse(t + 17, &seconds))
        return false;
    return moment(number(t + 12, 4), month_find(t + 8), number(t + 5, 2), seconds, out);
}

/* "Sun Nov  6 08:49:37 1994" */
static bool asctime_parse(struct slice text, int64_t *out)
{
    const char *t = text.ptr;
    int64_t seconds;

    if (text.len != 24 || !is_day_name(t) || t[3] != ' ' || t[7] != ' ' || t[10] != ' ' || t[19] != ' ')
        return false;
    if (!time_parse(t + 11, &seconds))
        return false;
    return moment(number(t + 20, 4), month_find(t + 4), t[8] == ' ' ? number(t + 9, 1) : number(t + 8, 2), seconds,
                  out);
}

/* The latest year with these two digits in which the date is at most 50 years ahead (CND-14). */
static bool short_year_moment(int two, unsigned month, int day, int64_t seconds, int64_t now_s, int64_t *out)
{
    struct civil now = date_civil(now_s < year_0_s || now_s > year_9999_end_s ? 0 : now_s);
    int64_t limit = date_days((int)now.year + 50, now.month, now.day) * DAY_S + second_of_day(now_s);
    int year = (int)now.year / 100 * 100 + 100 + two;
    int64_t at;

    for (int tries = 0; tries < 3; tries++, year -= 100)
        if (moment(year, month, day, seconds, &at) && at <= limit) {
            *out = at;
            return true;
        }
    return false;
}

/* "Sunday, 06-Nov-94 08:49:37 GMT" */
static bool rfc850_parse(struct slice text, int64_t now_s, int64_t *out)
{
    struct slice day_name, rest;
    const char *t;
    int64_t seconds;
    bool known = false;
    int year;

    if (!slice_cut(text, ',', &day_name, &rest) || rest.len != 23)
        return false;
    for (unsigned i = 0; i < 7; i++)
        known |= slice_eq(day_name, long_day_names[i]);
    t = rest.ptr;
    if (!known || t[0] != ' ' || t[3] != '-' || t[7] != '-' || t[10] != ' ' || memcmp(t + 19, " GMT", 4) != 0)
        return false;
    year = number(t + 8, 2);
    if (year < 0 || !time_parse(t + 11, &seconds))
        return false;
    return short_year_moment(year, month_find(t + 4), number(t + 1, 2), seconds, now_s, out);
}

bool date_parse(struct slice text, int64_t now_s, int64_t *out)
{
    return imf_parse(text, out) || rfc850_parse(text, now_s, out) || asctime_parse(text, out);
}
