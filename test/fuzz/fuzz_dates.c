/*
 * fuzz_dates.c - HTTP dates.
 *
 * Properties: what was read as a date, written anew, reads as the same moment; any moment that can be written
 * is read back; a two-digit year is never more than 50 years ahead.
 * The first eight octets of an input are the present.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "http/date.h"

static void check_moment(int64_t at)
{
    struct civil civil = date_civil(at);
    char text[DATE_LEN];
    int64_t again;

    assert(civil.month >= 1 && civil.month <= 12 && civil.day >= 1 && civil.day <= 31 && civil.weekday < 7);
    assert(civil.hour < 24 && civil.minute < 60 && civil.second < 60);
    date_format(at, text);
    assert(date_parse(slice_of(text, DATE_LEN), 0, &again));
    if (civil.year >= 0 && civil.year <= 9999) {
        assert(again == at);
        assert(date_days((int)civil.year, civil.month, civil.day) * 86400 + civil.hour * 3600 + civil.minute * 60 +
                   civil.second ==
               at);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice text;
    int64_t now_s, at;

    if (len < 8)
        return 0;
    memcpy(&now_s, data, 8);
    check_moment(now_s);
    now_s %= (int64_t)8000 * 366 * 86400;
    check_moment(now_s);
    text = slice_of((const char *)data + 8, len - 8);
    if (date_parse(text, now_s, &at)) {
        check_moment(at);
        if (slice_index(text, '-') < text.len && now_s > 0)
            assert(at - now_s <= (int64_t)50 * 366 * 86400);
    }
    return 0;
}
