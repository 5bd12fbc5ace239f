/*
 * fuzz_negotiate.c - Negotiate, and ordinary negotiation by Accept and its like.
 *
 * Input: six lines: Negotiate, Alternates, Accept, Accept-Charset, Accept-Language, languages of the site. Properties:
 * what is unknown in Negotiate changes nothing; one that is picked is in the list, and is the only one left when the
 * others are taken away, unless it is none; the validator has no semicolon and is the same for the same list.
 */
#include "fuzz.h"

#include <assert.h>

#include "http/field.h"
#include "http/negotiate.h"

static struct variant_list list;

static void check_directives(struct slice value)
{
    struct negotiate plain, more;
    struct buf text = BUF_INIT(1 << 16);

    negotiate_read(value, &plain);
    assert(!(plain.may_choose || plain.wants_list) || plain.is_known);
    assert(!plain.may_guess || plain.wants_list);
    buf_add_str(&text, "frobnicate, ");
    buf_add(&text, value);
    negotiate_read(buf_slice(&text), &more);
    assert(text.overflown || memcmp(&plain, &more, sizeof(plain)) == 0);
    buf_release(&text);
}

static void check_pick(const struct variant_wish *wish, const struct slice *languages, unsigned count)
{
    struct pick pick = variant_pick(list.list, list.count, wish, languages, count), alone;

    if (pick.kind != PICK_ONE)
        return;
    assert(pick.at < list.count);
    alone = variant_pick(&list.list[pick.at], 1, wish, languages, count);
    assert(alone.kind == PICK_ONE || list.list[pick.at].language_count == 0);
}

static void check_texts(void)
{
    struct buf alternates = BUF_INIT(1 << 20), one = BUF_INIT(64), other = BUF_INIT(64), vary = BUF_INIT(128);

    alternates_write(&alternates, list.list, list.count);
    variants_validator_write(&one, buf_slice(&alternates));
    variants_validator_write(&other, buf_slice(&alternates));
    variants_vary_write(&vary, list.list, list.count);
    assert(slice_eq(buf_slice(&one), buf_slice(&other)) && !memchr(one.ptr, ';', one.len));
    assert(!vary.overflown && slice_starts(buf_slice(&vary), SLICE("negotiate")));
    buf_release(&alternates);
    buf_release(&one);
    buf_release(&other);
    buf_release(&vary);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of((const char *)data, size), lines[6] = {{NULL, 0}}, languages[4], member;
    struct variant_wish wish = {.has_accept = true, .has_charset = true, .has_language = true};
    struct arena arena = {0};
    unsigned count = 0;

    for (int i = 0; i < 6; i++)
        if (!slice_cut(rest, '\n', &lines[i], &rest)) {
            lines[i] = rest;
            rest = SLICE_NONE;
        }
    check_directives(lines[0]);
    wish.accept = lines[2];
    wish.charset = lines[3];
    wish.language = lines[4];
    while (count < 4 && list_next(&lines[5], &member))
        languages[count++] = member;
    if (alternates_read(lines[1], &arena, &list)) {
        check_pick(&wish, languages, count);
        check_texts();
    }
    arena_release(&arena);
    return 0;
}
