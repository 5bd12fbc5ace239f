/*
 * date.h - HTTP dates (RFC 9110 §5.6.7). Seconds since 1970, UTC. No clock inside: the caller says what is now.
 */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

#include "base/slice.h"

enum { DATE_LEN = 29 };

/* "Sun, 06 Nov 1994 08:49:37 GMT", not terminated. Seconds outside of the years 0 to 9999 are clamped. */
void date_format(int64_t unix_s, char out[DATE_LEN]);

/*
 * All three forms (CND-13). A weekday must be one by its name but need not fit the date. A two-digit year
 * that would be more than 50 years past now_s is the century before (CND-14). A leap second is the second
 * before it. Dates before 1970 give negative values. False: no date, *out unchanged.
 */
bool date_parse(struct slice text, int64_t now_s, int64_t *out);

/* Days since 1970-01-01 of a date in the Gregorian calendar; month 1-12. */
int64_t date_days(int year, unsigned month, unsigned day);

/* The civil date and time of a moment; year may be negative. */
struct civil {
    int64_t year;
    unsigned month, day, hour, minute, second, weekday; /* month 1-12, weekday 0 is Sunday */
};
struct civil date_civil(int64_t unix_s);

#endif
