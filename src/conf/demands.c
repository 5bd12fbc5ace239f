/*
 * demands.c - the register of legal demands: a file of its own, written like the configuration.
 *
 * It changes at other times than the configuration and by other hands, and it is read again with it. A register that
 * is wrong or missing must not open what it closed: the server does not start, a reload keeps what was.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/glob.h"

#include "demand_index.h"
#include "reading.h"
#include "table.h"

enum {
    REGISTER_BYTES_MAX = 16 << 20, /* some ten thousand demands; libconfuse needs as much memory many times */
    DEMANDS_MAX = 100000,          /* libconfuse compares each one's name with all before it: minutes, beyond */
    DEMAND_TEXT_MAX = 8192,        /* octets of an explanation: it goes out with every refusal */
    DEMAND_NAME_MAX = 255,         /* of the line that messages and logs quote */
};

/* ---- values ---- */

/* No "/" at the ends, no empty segment, no "." and "..". */
static bool path_of(struct slice text, struct slice *out)
{
    return text.len < CONF_PATH_ROOM && place_path(text, out);
}

static void path_add(struct build *build, struct demand *demand, struct slice path)
{
    demand->paths = list_grow(&build->conf->arena, demand->paths, demand->path_count, sizeof(*demand->paths));
    demand->paths[demand->path_count++] = path;
}

/*
 * Demands quote addresses, in which a name's octets are percent-encoded. A name may hold a '%' of its own, too; which
 * of both was meant nobody can tell, so both are closed. False: there is nothing to decode, or what came out is no
 * path.
 */
static bool decode(struct arena *arena, struct slice path, struct slice *out)
{
    char *text = arena_str(arena, path);
    size_t len = 0;

    for (size_t i = 0; i < path.len; i++) {
        int high = path.ptr[i] == '%' && i + 2 < path.len ? ascii_hex(path.ptr[i + 1]) : -1;
        int low = high >= 0 ? ascii_hex(path.ptr[i + 2]) : -1;

        text[len++] = low >= 0 ? (char)(high << 4 | low) : path.ptr[i];
        i += low >= 0 ? 2 : 0;
        if (text[len - 1] == '\0')
            return false;
    }
    return len != path.len && path_of(slice_of(text, len), out);
}

/* The pattern, and the one for what is below, is within what patterns may be. */
static bool pattern_fits(struct arena *arena, struct slice path)
{
    return !glob_is_pattern(path) || glob_is_valid(arena_printf(arena, "%.*s/**", SLICE_FMT(path)));
}

enum err set_demand_path(struct build *build, void *demand, struct slice value)
{
    struct arena *arena = &build->conf->arena;
    struct slice path, decoded;

    if (!path_of(value, &path))
        return complain(build,
                        "paths takes paths such as \"/a folder\" or \"/**/name.*\", without \".\" and \"..\", not "
                        "\"%.*s\"",
                        SLICE_FMT(value));
    if (!pattern_fits(arena, path))
        return complain(build, "the pattern \"%.*s\" is longer than %d octets, or has more than %d wildcards",
                        SLICE_FMT(slice_upto(value, 80)), GLOB_PATTERN_MAX - 3, GLOB_STARS_MAX - 1);
    path_add(build, demand, arena_slice(arena, path));
    if (decode(arena, value, &decoded) && pattern_fits(arena, decoded))
        path_add(build, demand, decoded);
    return ERR_NONE;
}

static bool date_is(struct slice text)
{
    static const uint64_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t year, month, day;
    bool is_leap;

    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' || !slice_u64(slice_upto(text, 4), &year) ||
        !slice_u64(slice_of(text.ptr + 5, 2), &month) || !slice_u64(slice_of(text.ptr + 8, 2), &day))
        return false;
    is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] && (month != 2 || day < 29 || is_leap);
}

enum err set_date(struct build *build, void *demand, struct slice value)
{
    if (!date_is(value))
        return complain(build, "date needs a day such as 2026-01-31, not \"%.*s\"", SLICE_FMT(value));
    ((struct demand *)demand)->date = arena_str(&build->conf->arena, value);
    return ERR_NONE;
}

static bool is_letter(char c)
{
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

enum err set_country(struct build *build, void *demand, struct slice value)
{
    struct arena *arena = &build->conf->arena;
    struct demand *d = demand;
    char *country;

    if (value.len != 2 || !is_letter(value.ptr[0]) || !is_letter(value.ptr[1]))
        return complain(build, "countries takes two letters each, such as DE, not \"%.*s\"", SLICE_FMT(value));
    if (slice_eq_nocase(value, SLICE("UK")) || slice_eq_nocase(value, SLICE("EU")))
        return complain(build, "%.*s is no country's code: %s", SLICE_FMT(value),
                        ascii_lower(value.ptr[0]) == 'u' ? "the United Kingdom is GB" : "name each country");
    country = arena_str(arena, value);
    for (char *c = country; *c; c++)
        *c = ascii_lower(*c) == *c ? (char)(*c - ('a' - 'A')) : *c;
    d->countries = list_grow(arena, d->countries, d->country_count, sizeof(*d->countries));
    d->countries[d->country_count++] = slice_str(country);
    return ERR_NONE;
}

/* RFC 5646 §2.1, as far as its form goes: letters, then letters and digits, in pieces of one to eight. */
static bool is_language(struct slice tag)
{
    size_t piece = 0;
    bool is_first = true;

    for (size_t i = 0; i < tag.len; i++) {
        if (tag.ptr[i] == '-' && piece) {
            piece = 0;
            is_first = false;
        } else if (++piece > 8 || !(is_letter(tag.ptr[i]) || (!is_first && ascii_is_digit(tag.ptr[i])))) {
            return false;
        }
    }
    return piece > 0 && tag.len <= 35;
}

enum err set_demand_text(struct build *build, void *demand, struct slice value)
{
    struct arena *arena = &build->conf->arena;
    struct demand *d = demand;
    struct demand_text text;

    if (!slice_cut(value, ':', &text.language, &text.text) || !is_language(text.language) || !slice_trim(text.text).len)
        return complain(build, "text needs a language and what it says, such as \"en: A court forbids it.\"");
    text.text = slice_trim(text.text);
    if (text.text.len > DEMAND_TEXT_MAX)
        return complain(build, "a text may have %d octets, this one has %zu", DEMAND_TEXT_MAX, text.text.len);
    for (unsigned i = 0; i < d->text_count; i++)
        if (slice_eq_nocase(d->texts[i].language, text.language))
            return complain(build, "there are two texts in the language %.*s", SLICE_FMT(text.language));
    d->texts = list_grow(arena, d->texts, d->text_count, sizeof(*d->texts));
    d->texts[d->text_count++] = (struct demand_text){arena_slice(arena, text.language), arena_slice(arena, text.text)};
    return ERR_NONE;
}

/* RFC 3986: what may stand in a URI, which leaves nothing that ends a Link's <...>. */
static bool is_reference(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7f || strchr("\"<>\\^`{|}", text.ptr[i]))
            return false;
    return slice_starts(text, SLICE("/")) || slice_starts_nocase(text, SLICE("https://")) ||
           slice_starts_nocase(text, SLICE("http://"));
}

enum err set_blocked_by(struct build *build, void *demand, struct slice value)
{
    if (!is_reference(value) || value.len > CONF_PATH_ROOM)
        return complain(build, "blocked-by needs a URL such as https://www.example.org/legal, or a path");
    ((struct demand *)demand)->blocked_by = arena_str(&build->conf->arena, value);
    return ERR_NONE;
}

/* ---- the file ---- */

static enum err demand_check(struct build *build, const struct demand *demand)
{
    if (!demand->path_count)
        return complain(build, "demand \"%.*s\" has no paths", SLICE_FMT(demand->name));
    if (demand->country_count && !build->conf->country_database)
        return complain(build,
                        "demand \"%.*s\" holds in some countries only, and nobody's is known without a "
                        "country-database in the configuration",
                        SLICE_FMT(demand->name));
    return ERR_NONE;
}

static enum err demands_take(struct build *build, cfg_t *cfg, void *context)
{
    struct site *site = context;
    cfg_opt_t *list = cfg_getopt(cfg, "demand");
    unsigned count = cfg_opt_size(list);
    enum err err = ERR_NONE;

    if (count > DEMANDS_MAX)
        return complain(build, "it has more than %d demands", DEMANDS_MAX);
    site->demands = arena_alloc(&build->conf->arena, count * sizeof(*site->demands));
    for (unsigned i = 0; i < count && !err; i++) {
        cfg_t *block = cfg_opt_getnsec(list, i);
        struct demand *demand = &site->demands[site->demand_count++];

        go_to_block(block);
        demand->name = arena_slice(&build->conf->arena, slice_str(cfg_title(block)));
        if (!demand->name.len || demand->name.len > DEMAND_NAME_MAX)
            err = complain(build, "a demand needs a name of at most %d octets", DEMAND_NAME_MAX);
        if (!err)
            err = settings_take(build, block, SCOPE_DEMAND, &(struct target){.own = demand});
        go_to_block(block);
        if (!err)
            err = demand_check(build, demand);
    }
    return err;
}

enum err demands_read(struct build *build, struct site *site, struct slice text)
{
    enum err err = text_take(build, SCOPE_REGISTER, text, demands_take, site);

    if (!err)
        site->demand_index = demand_index_new(&build->conf->arena, site);
    return err;
}

enum err demands_load(struct build *build, struct site *site)
{
    struct buf text = BUF_INIT(REGISTER_BYTES_MAX);
    const char *file = build->file;
    enum err err;

    if (!site->demands_file || !build->looks_at_fs)
        return ERR_NONE;
    build->file = site->demands_file;
    build->line = 0;
    err = file_load(build, &text, "a register", "16 MiB");
    if (!err)
        err = demands_read(build, site, buf_slice(&text));
    buf_release(&text);
    build->file = file;
    build->line = 0;
    return err;
}
