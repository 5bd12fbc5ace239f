/*
 * test_reference.c - the reference of status codes in each form.
 */
#include <jansson.h>

#include "check.h"
#include "repr/reference.h"
#include "repr/repr.h"

static bool has(const struct buf *out, const char *part)
{
    return memmem(out->ptr, out->len, part, strlen(part)) != NULL;
}

static unsigned count_of(const struct buf *out, const char *part)
{
    unsigned count = 0;

    for (struct slice rest = buf_slice(out); rest.len;) {
        const char *at = memmem(rest.ptr, rest.len, part, strlen(part));

        if (!at)
            break;
        count++;
        rest = slice_from(rest, (size_t)(at - rest.ptr) + 1);
    }
    return count;
}

/* Whole, and with nothing in it that was not escaped: quotes are those of attributes, and come in pairs. */
static void check_page(const struct buf *out)
{
    CHECK_FALSE(out->overflown);
    CHECK(slice_starts(buf_slice(out), SLICE("<!doctype html>\n<html lang=\"")));
    CHECK(has(out, "</main>\n</body>\n</html>\n"));
    CHECK_FALSE(has(out, "`"));
    CHECK_INT(count_of(out, "<code>"), count_of(out, "</code>"));
    CHECK_INT(count_of(out, "\"") % 2, 0);
}

TEST(reference__pages_are_whole_in_each_language)
{
    unsigned count;
    const struct status *table = status_table(&count);

    for (enum page_language language = PAGE_EN; language < PAGE_LANGUAGES; language++) {
        struct buf list = BUF_INIT(REFERENCE_PAGE_MAX);

        for (unsigned i = 0; i < count; i++) {
            struct buf page = BUF_INIT(REFERENCE_PAGE_MAX);

            reference_page(&table[i], language, &page);
            check_page(&page);
            CHECK_INT(count_of(&page, "<dt>"), table[i].reference ? 5 : 0);
            buf_release(&page);
        }
        reference_list_page(language, &list);
        check_page(&list);
        CHECK_INT(count_of(&list, "<li>"), count);
        CHECK_INT(count_of(&list, "<strong>"), 22);
        buf_release(&list);
    }
}

TEST(reference__json_is_json)
{
    struct buf out = BUF_INIT(REFERENCE_PAGE_MAX);
    json_t *all;
    unsigned count;
    const struct status *table = status_table(&count);

    reference_list(REFERENCE_JSON, &out);
    CHECK_FALSE(out.overflown);
    all = json_loadb(out.ptr, out.len, JSON_REJECT_DUPLICATES, NULL);
    CHECK_INT(json_array_size(all), count);
    for (unsigned i = 0; i < count; i++) {
        json_t *one = json_array_get(all, i);

        CHECK_INT(json_integer_value(json_object_get(one, "code")), table[i].code);
        CHECK_INT(json_is_true(json_object_get(one, "earned")), table[i].reference != NULL);
        if (table[i].reference)
            CHECK_STR(json_string_value(json_object_get(one, "curl")), table[i].reference->curl);
    }
    json_decref(all);
    buf_release(&out);
}

TEST(reference__lines_of_text_are_short_but_for_what_is_typed)
{
    unsigned count;
    const struct status *table = status_table(&count);

    for (unsigned i = 0; i < count; i++) {
        struct buf out = BUF_INIT(REFERENCE_PAGE_MAX);
        struct slice rest, line;

        reference_write(&table[i], REFERENCE_TEXT, &out);
        rest = buf_slice(&out);
        while (slice_cut(rest, '\n', &line, &rest))
            if (!slice_starts(line, SLICE("Try ")))
                CHECK(line.len <= 84); /* 78 characters, and some are of two octets */
        CHECK_INT(rest.len, 0);
        buf_release(&out);
    }
}
