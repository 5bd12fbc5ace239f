/*
 * setting.c - one value into its field, by the row's kind.
 */
#include <stdarg.h>

#include "base/trace.h"

#include "table.h"

enum err complain(struct build *build, const char *format, ...)
{
    char line[1024];
    va_list args;

    if (build->why->len)
        return ERR_INVALID;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    /* One line, whatever the text quotes. */
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    if (build->file && build->line)
        buf_printf(build->why, "%s:%d: ", build->file, build->line);
    else if (build->file)
        buf_printf(build->why, "%s: ", build->file);
    buf_add_str(build->why, line);
    return ERR_INVALID;
}

/* The directive as the reader wrote it. */
static const char *spelling(const struct build *build, const struct directive *row)
{
    static _Thread_local char text[64];

    if (build->file || !row->option)
        return row->name;
    snprintf(text, sizeof(text), "--%s", row->option);
    return text;
}

static void store_number(const struct directive *row, void *target, uint64_t value)
{
    char *field = (char *)target + row->offset;

    if (row->size == sizeof(bool))
        *(bool *)field = value != 0;
    else if (row->size == sizeof(uint32_t))
        *(uint32_t *)field = (uint32_t)value;
    else
        *(uint64_t *)field = value;
}

static enum err apply_number(struct build *build, const struct directive *row, void *target, struct slice text)
{
    static const char *const wanted[] = {
        [KIND_COUNT] = "a number", [KIND_SIZE] = "a size such as 64K or 10G", [KIND_TIME] = "a time such as 30s or 5m"};
    uint64_t value = 0;
    bool is_one = row->kind == KIND_COUNT  ? slice_u64(text, &value)
                  : row->kind == KIND_SIZE ? value_size(text, &value)
                                           : value_time(text, &value);

    if (!is_one)
        return complain(build, "%s needs %s, not \"%.*s\"", spelling(build, row), wanted[row->kind], SLICE_FMT(text));
    if (value < row->least || value > row->most) {
        const char *unit = row->kind == KIND_TIME ? " s" : "";
        uint64_t per = row->kind == KIND_TIME ? 1000 : 1;

        return complain(build, "%s is %.*s, but must be between %llu%s and %llu%s", spelling(build, row),
                        SLICE_FMT(text), (unsigned long long)(row->least / per), unit,
                        (unsigned long long)(row->most / per), unit);
    }
    store_number(row, target, row->per ? value / row->per : value);
    return ERR_NONE;
}

static const char *word_at(unsigned index, const void *words)
{
    static _Thread_local char text[32];
    struct slice rest = slice_str(words), word = SLICE_NONE;

    for (unsigned i = 0; i <= index; i++) {
        if (rest.len == 0)
            return NULL;
        if (!slice_cut(rest, '|', &word, &rest)) {
            word = rest;
            rest = SLICE_NONE;
        }
    }
    snprintf(text, sizeof(text), "%.*s", SLICE_FMT(word));
    return text;
}

static enum err complain_of_word(struct build *build, const struct directive *row, struct slice text)
{
    struct buf list = BUF_INIT(256);
    const char *word;

    for (unsigned i = 0; (word = word_at(i, row->words)); i++)
        buf_printf(&list, "%s%s", i ? " or " : "", word);
    complain(build, "%s must be %s, not \"%.*s\"", spelling(build, row), buf_str(&list), SLICE_FMT(text));
    buf_release(&list);
    return ERR_INVALID;
}

static enum err apply_by_kind(struct build *build, const struct directive *row, void *target, struct slice value)
{
    const char **text = (const char **)(void *)((char *)target + row->offset);
    unsigned index;
    bool on;

    switch (row->kind) {
    case KIND_FLAG:
        if (!value_flag(value, &on))
            return complain(build, "%s must be on or off, not \"%.*s\"", spelling(build, row), SLICE_FMT(value));
        store_number(row, target, on);
        return ERR_NONE;
    case KIND_WORD:
        if (!value_word(value, row->words, &index))
            return complain_of_word(build, row, value);
        store_number(row, target, index);
        return ERR_NONE;
    case KIND_TEXT:
        *text = arena_str(&build->conf->arena, value);
        return ERR_NONE;
    case KIND_PATH:
        *text = path_absolute(&build->conf->arena, build->folder, value);
        return ERR_NONE;
    default:
        return apply_number(build, row, target, value);
    }
}

enum err setting_apply(struct build *build, const struct directive *row, void *target, struct slice value)
{
    if (value.len == 0 && row->kind != KIND_FLAG)
        return complain(build, "%s must not be empty", spelling(build, row));
    if (memchr(value.ptr, '\0', value.len))
        return complain(build, "%s holds a NUL octet", spelling(build, row));
    if (row->place_bit)
        ((struct place *)target)->set |= row->place_bit;
    if (row->tls_bit)
        ((struct tls_conf *)target)->set |= row->tls_bit;
    return row->set ? row->set(build, target, value) : apply_by_kind(build, row, target, value);
}

void defaults_apply(struct build *build, unsigned scope, void *target)
{
    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];
        /* A row of sites and paths lives in the place, one of TLS in its block; SCOPE_SITE alone is the site's. */
        bool is_here = row->scopes & scope && (scope == SCOPE_AT) == ((row->scopes & SCOPE_AT) != 0) &&
                       (scope == SCOPE_TLS) == ((row->scopes & SCOPE_TLS) != 0);
        enum err err;

        if (!is_here || !row->fallback || row->kind == KIND_LIST)
            continue;
        err = setting_apply(build, row, target, slice_str(row->fallback));
        (void)err; /* the unit tests see that each default parses */
    }
}

enum err set_access_log(struct build *build, void *conf, struct slice value)
{
    struct conf *c = conf;

    c->access_log = slice_eq(value, SLICE("-")) ? "-" : path_absolute(&c->arena, build->folder, value);
    return ERR_NONE;
}

enum err set_trash(struct build *build, void *site, struct slice value)
{
    enum { DAYS_MAX = 36500 }; /* a century: what is meant to stay for ever belongs elsewhere */
    struct slice number = value;
    uint64_t days;

    if (slice_ends(number, SLICE("d")))
        number.len--;
    if (!slice_u64(number, &days) || days > DAYS_MAX)
        return complain(build, "trash needs a number of days up to %d, such as 30, not \"%.*s\"", DAYS_MAX,
                        SLICE_FMT(value));
    ((struct site *)site)->trash_days = (uint32_t)days;
    return ERR_NONE;
}

enum err set_run_as(struct build *build, void *conf, struct slice value)
{
    struct conf *c = conf;
    struct slice user = value, group = SLICE("x");

    slice_cut(value, ':', &user, &group);
    if (user.len == 0 || group.len == 0 || slice_index(group, ':') < group.len)
        return complain(build, "run-as must be USER or USER:GROUP, not \"%.*s\"", SLICE_FMT(value));
    c->run_as = arena_str(&c->arena, value);
    return ERR_NONE;
}

enum err set_trace(struct build *build, void *conf, struct slice value)
{
    struct conf *c = conf;

    /* Looked at only before threads are there: the question switches areas on and off again. */
    if (build->is_start) {
        unsigned before = trace_areas;
        bool is_known = trace_enable(value);

        trace_areas = before;
        if (!is_known)
            return complain(build, "--trace does not know all of \"%.*s\"", SLICE_FMT(value));
    }
    c->trace = arena_str(&c->arena, value);
    return ERR_NONE;
}

static const char *limit_name_at(unsigned index, const void *arg)
{
    if (index >= directive_count)
        return NULL;
    return directives[index].scopes & SCOPE_LIMITS ? directives[index].name : "";
}

enum err set_limit(struct build *build, void *conf, struct slice value)
{
    const struct directive *row;
    struct slice name, text;

    if (!slice_cut(value, '=', &name, &text))
        return complain(build, "--limit needs NAME=VALUE, not \"%.*s\"", SLICE_FMT(value));
    row = directive_find(name, SCOPE_LIMITS);
    if (!row) {
        const char *near = nearest_name(name, limit_name_at, NULL);

        return complain(build, "--limit: no limit is called \"%.*s\"%s%s%s", SLICE_FMT(name),
                        near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    return setting_apply(build, row, &((struct conf *)conf)->limits, text);
}
