/*
 * additions.c - the list, and what a pot makes of it.
 *
 * The grammar of RFC 2324 speaks of an addition-range, which is defined nowhere: it is read as addition-type (COF-C7).
 */
#include "http/additions.h"

#include "http/field.h"

enum { QUALITY_ONE = 1000 };

static const struct slice names[ADDITION_COUNT] = {
    [ADDITION_CREAM] = SLICE_INIT("Cream"),
    [ADDITION_HALF_AND_HALF] = SLICE_INIT("Half-and-half"),
    [ADDITION_WHOLE_MILK] = SLICE_INIT("Whole-milk"),
    [ADDITION_PART_SKIM] = SLICE_INIT("Part-Skim"),
    [ADDITION_SKIM] = SLICE_INIT("Skim"),
    [ADDITION_NON_DAIRY] = SLICE_INIT("Non-Dairy"),
    [ADDITION_VANILLA] = SLICE_INIT("Vanilla"),
    [ADDITION_ALMOND] = SLICE_INIT("Almond"),
    [ADDITION_RASPBERRY] = SLICE_INIT("Raspberry"),
    [ADDITION_CHOCOLATE] = SLICE_INIT("Chocolate"),
    [ADDITION_WHISKY] = SLICE_INIT("Whisky"),
    [ADDITION_RUM] = SLICE_INIT("Rum"),
    [ADDITION_KAHLUA] = SLICE_INIT("Kahlua"),
    [ADDITION_AQUAVIT] = SLICE_INIT("Aquavit"),
    [ADDITION_SUGAR] = SLICE_INIT("Sugar"),
    [ADDITION_XYLITOL] = SLICE_INIT("Xylitol"),
    [ADDITION_STEVIA] = SLICE_INIT("Stevia"),
};

struct slice addition_name(enum addition addition)
{
    return names[addition];
}

enum addition addition_find(struct slice name)
{
    enum addition at = ADDITION_CREAM;

    while (at < ADDITION_COUNT && !slice_eq_nocase(names[at], name))
        at++;
    return at;
}

bool addition_is_milk(enum addition addition)
{
    return addition <= ADDITION_NON_DAIRY;
}

/* ---- reading ---- */

static bool portions_parse(struct slice text, unsigned *out)
{
    uint64_t number;

    if (!slice_u64(text, &number) || number < 1 || number > ADDITION_PORTIONS_MAX)
        return false;
    *out = (unsigned)number;
    return true;
}

/* `;3`, `;amount=3`, `;q=0.5`, or something that we do not know. */
static bool parameter_read(struct slice name, struct slice value, struct addition_wish *wish)
{
    if (slice_eq_nocase(name, SLICE("q")))
        return quality_parse(value, &wish->quality);
    if (slice_eq_nocase(name, SLICE("amount")))
        return portions_parse(value, &wish->portions);
    if (!value.len && ascii_is_digit(name.ptr[0]))
        return portions_parse(name, &wish->portions);
    return true;
}

static bool member_read(struct slice member, struct addition_wish *wish)
{
    struct slice name, value, rest = slice_from(member, slice_index(member, ';'));

    *wish = (struct addition_wish){.quality = QUALITY_ONE, .portions = 1};
    wish->name = slice_trim(slice_upto(member, slice_index(member, ';')));
    wish->addition = addition_find(wish->name);
    if (!is_token(wish->name))
        return false;
    while (param_next(&rest, &name, &value))
        if (!parameter_read(name, value, wish))
            return false;
    return rest.len == 0;
}

static bool is_listed(const struct additions *additions, struct slice name)
{
    for (unsigned i = 0; i < additions->count; i++)
        if (slice_eq_nocase(additions->list[i].name, name))
            return true;
    return false;
}

bool additions_read(struct slice list, struct additions *out)
{
    for (struct slice member; list_next(&list, &member);) {
        struct addition_wish wish;

        if (!member_read(member, &wish))
            return false;
        if (slice_eq(wish.name, SLICE("*"))) {
            out->takes_any |= wish.quality > 0;
            continue;
        }
        if (is_listed(out, wish.name))
            continue;
        if (out->count == ADDITION_WISHES_MAX)
            return false;
        out->list[out->count++] = wish;
    }
    return true;
}

/* ---- choosing ---- */

static bool is_available(const struct addition_wish *wish, unsigned available)
{
    return wish->addition < ADDITION_COUNT && available & 1u << wish->addition;
}

bool additions_choose(const struct additions *wishes, unsigned available, struct recipe *out, struct slice *lacking)
{
    unsigned taken = 0;

    *out = (struct recipe){{0}};
    *lacking = SLICE_NONE;
    for (unsigned i = 0; i < wishes->count; i++) {
        const struct addition_wish *wish = &wishes->list[i];

        if (!wish->quality)
            continue;
        if (is_available(wish, available)) {
            out->portions[wish->addition] = (uint8_t)wish->portions;
            taken++;
            continue;
        }
        if (!lacking->len)
            *lacking = wish->name;
        if (wish->quality == QUALITY_ONE && !wishes->takes_any)
            return false;
    }
    return !lacking->len || taken || wishes->takes_any;
}

/* ---- writing ---- */

static void name_add(struct buf *out, enum addition addition, const size_t began)
{
    if (out->len > began)
        buf_add_str(out, ", ");
    buf_add(out, names[addition]);
}

void recipe_write(struct buf *out, const struct recipe *recipe)
{
    size_t began = out->len;

    for (unsigned i = 0; i < ADDITION_COUNT; i++) {
        if (!recipe->portions[i])
            continue;
        name_add(out, i, began);
        if (recipe->portions[i] > 1)
            buf_printf(out, ";%u", recipe->portions[i]);
    }
}

void additions_write(struct buf *out, unsigned available)
{
    size_t began = out->len;

    for (unsigned i = 0; i < ADDITION_COUNT; i++)
        if (available & 1u << i)
            name_add(out, i, began);
}
