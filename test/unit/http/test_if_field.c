/*
 * test_if_field.c - the If field of WebDAV.
 */
#include <stdio.h>

#include "check.h"
#include "http/if_field.h"

/* The world that conditions are judged in: /a has the lock urn:a and the tag "x", /w the weak tag "w"; no more. */
struct world {
    unsigned asked;
};

static bool has_token(void *arg, struct slice resource, struct slice token)
{
    ((struct world *)arg)->asked++;
    return (slice_eq(resource, SLICE("/a")) || resource.len == 0) && slice_eq(token, SLICE("urn:a"));
}

static struct validators validators(void *arg, struct slice resource)
{
    ((struct world *)arg)->asked++;
    if (slice_eq(resource, SLICE("/w")))
        return (struct validators){.exists = true, .tag = SLICE("w"), .is_weak = true};
    if (resource.len && !slice_eq(resource, SLICE("/a")))
        return (struct validators){0};
    return (struct validators){.exists = true, .tag = SLICE("x")};
}

static bool holds(const char *value)
{
    struct world world = {0};
    struct if_states states = {has_token, validators, &world};
    struct arena arena = {0};
    struct if_field field;
    bool result;

    if (if_field_parse(slice_str(value), &arena, &field) != ERR_NONE)
        CHECK_STR(value, "a well-formed field");
    result = if_field_holds(&field, &states);
    arena_release(&arena);
    return result;
}

TEST(if_field__a_list_holds_if_all_of_it_does_the_field_if_one_list_does) /* DAV-153 */
{
    CHECK(holds("(<urn:a>)"));
    CHECK(holds("(<urn:a> [\"x\"])"));
    CHECK_FALSE(holds("(<urn:a> [\"y\"])"));
    CHECK_FALSE(holds("(<urn:b> [\"x\"])"));
    CHECK(holds("(<urn:b>) ([\"x\"])"));
    CHECK(holds("(<urn:b>) (<urn:c>) (Not <urn:b>)"));
    CHECK_FALSE(holds("(Not <urn:a>)"));
    CHECK_FALSE(holds("(Not [\"x\"])"));
    CHECK(holds("(not<urn:b>NOT[\"y\"])"));
}

TEST(if_field__tagged_lists_are_about_their_resource) /* DAV-154 */
{
    CHECK(holds("</a> (<urn:a>)"));
    CHECK_FALSE(holds("</b> (<urn:a>)"));
    CHECK(holds("</b> (<urn:a>) </a> ([\"y\"]) ([\"x\"])"));
    CHECK(holds("<http://h/b>(Not <urn:a>)"));
}

TEST(if_field__nothing_is_true_of_what_is_not_there)
{
    CHECK_FALSE(holds("</none> ([\"x\"])"));
    CHECK_FALSE(holds("</none> ([\"\"])"));
    CHECK(holds("</none> (Not [\"x\"])"));
    CHECK(holds("</none> (Not <urn:a>)"));
}

TEST(if_field__no_lock_is_never_a_state) /* DAV-157 */
{
    struct world world = {0};
    struct if_states states = {has_token, validators, &world};
    struct arena arena = {0};
    struct if_field field;

    CHECK(holds("(Not <DAV:no-lock>)"));
    CHECK_FALSE(holds("(<DAV:no-lock>)"));
    CHECK_INT(if_field_parse(SLICE("(Not <DAV:no-lock>)"), &arena, &field), ERR_NONE);
    CHECK(if_field_holds(&field, &states));
    CHECK_INT(world.asked, 0);
    arena_release(&arena);
}

TEST(if_field__tags_compare_as_they_are_written) /* DAV-161, DAV-C4 */
{
    CHECK(holds("</w> ([W/\"w\"])"));
    CHECK_FALSE(holds("</w> ([\"w\"])"));
    CHECK_FALSE(holds("</a> ([W/\"x\"])"));
    CHECK_FALSE(holds("</a> ([\"X\"])"));
}

TEST(if_field__each_token_is_submitted_once)
{
    struct arena arena = {0};
    struct if_field field;

    CHECK_INT(if_field_parse(SLICE("</a> (<urn:1> Not <urn:2>) ([\"x\"]) <http://h/b> (<urn:1> [\"]\"] <urn:3>)"),
                             &arena, &field),
              ERR_NONE);
    CHECK_INT(field.token_count, 3);
    CHECK_SLICE(field.tokens[0], "urn:1");
    CHECK_SLICE(field.tokens[1], "urn:2");
    CHECK_SLICE(field.tokens[2], "urn:3");
    CHECK_INT(field.count, 3);
    CHECK_SLICE(field.lists[1].resource, "/a");
    CHECK_SLICE(field.lists[2].resource, "http://h/b");
    CHECK_INT(field.lists[2].count, 3);
    CHECK_SLICE(field.lists[2].conditions[1].tag.text, "]");
    CHECK(field.lists[0].conditions[1].is_not && !field.lists[0].conditions[0].is_not);
    arena_release(&arena);
}

TEST(if_field__malformed_ones_are_refused)
{
    static const char *const texts[] = {
        "",
        " ",
        "()",
        "( )",
        "(<urn:a>",
        "<urn:a>)",
        "(urn:a)",
        "<urn:a>",
        "</a>",
        "</a> ",
        "</a> </b> (<urn:a>)",
        "(<urn:a>) </a> (<urn:a>)", /* mixed */
        "</a> (<urn:a>), (<urn:a>)",
        "(<urn:a>), (<urn:b>)",
        "(<urn:a>,)", /* two lines, joined */
        "(<>)",
        "(< urn:a>)",
        "(<urn:a >)",
        "(<urn:>)",
        "(<urn>)",
        "(</a>)",
        "(<1:a>)",
        "(<u\"rn:a>)",
        "(<urn:<a>)",
        "([x])",
        "([\"x])",
        "([\"x\"",
        "([\"x\"",
        "(\"x\")",
        "([])",
        "([ ])",
        "([w/\"x\"])",
        "([\"x\"\"y\"])",
        "([\"x\", \"y\"])",
        "([\"x y\"])",
        "(Not)",
        "(Not Not <urn:a>)",
        "(Nota <urn:a>)",
        "Not (<urn:a>)",
        "((<urn:a>))",
        "(<urn:a>) x",
        "x (<urn:a>)",
        "<a> (<urn:a>)",
        "<> (<urn:a>)",
        "<//> x (<urn:a>)",
    };
    struct arena arena = {0};
    struct if_field field;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (if_field_parse(slice_str(texts[i]), &arena, &field) != ERR_INVALID || field.count)
            CHECK_STR(texts[i], "refused");
    arena_release(&arena);
}

TEST(if_field__blanks_may_stand_between_any_two)
{
    CHECK(holds(" \t( \t<urn:a>\t[ \"x\" ] ) \t"));
    CHECK(holds("(<urn:a>[\"x\"])(<urn:b>)"));
    CHECK(holds("</a>(<urn:a>)</b>(<urn:b>)"));
}

static enum err many(const char *piece, unsigned count)
{
    struct buf text = BUF_INIT(1 << 20);
    struct arena arena = {0};
    struct if_field field;
    enum err err;

    buf_add_str(&text, *piece == '<' ? "(" : "");
    for (unsigned i = 0; i < count; i++)
        buf_add_str(&text, piece);
    buf_add_str(&text, *piece == '<' ? ")" : "");
    err = if_field_parse(buf_slice(&text), &arena, &field);
    arena_release(&arena);
    buf_release(&text);
    return err;
}

TEST(if_field__there_is_a_limit_to_lists_and_conditions)
{
    CHECK_INT(many("(<urn:a>)", IF_LISTS_MAX), ERR_NONE);
    CHECK_INT(many("(<urn:a>)", IF_LISTS_MAX + 1), ERR_INVALID);
    CHECK_INT(many("<urn:a>", IF_CONDITIONS_MAX), ERR_NONE);
    CHECK_INT(many("<urn:a>", IF_CONDITIONS_MAX + 1), ERR_INVALID);
}

TEST(if_field__an_absent_one_holds)
{
    struct if_field field = {0};

    CHECK(if_field_holds(&field, NULL));
}
