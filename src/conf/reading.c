/*
 * reading.c - libconfuse takes a text apart.
 *
 * libconfuse gives the line only while it parses, so a callback notes the line of every option; the values
 * are looked at afterwards. Its scanner keeps its state in globals and has no place for a pointer of ours:
 * one text is read at a time, by one thread (start, and reload on the main loop). The text is read by us
 * and handed over from memory, because the scanner ends the process when a read fails.
 */
#include "reading.h"

#include <stdlib.h>

#include "table.h"

/* libconfuse has no line for where a block begins: the nearest is its first directive, or its end. */
struct mark {
    const void *what; /* a cfg_opt_t that was set, or the cfg_t of a block */
    int line;
};

/* The reading under way; see above for why it is global. */
static struct reading {
    struct build *build;
    struct arena scratch;
    struct mark *marks; /* a hash table by `what` */
    unsigned mark_count, mark_room;
} * now;

static struct mark *mark_at(struct mark *marks, unsigned room, const void *what)
{
    uint64_t at = (uint64_t)(uintptr_t)what * 0x9e3779b97f4a7c15u >> 32;

    while (marks[at & (room - 1)].what && marks[at & (room - 1)].what != what)
        at++;
    return &marks[at & (room - 1)];
}

static int line_of(const void *what)
{
    return now->mark_room ? mark_at(now->marks, now->mark_room, what)->line : 0;
}

void go_to(const void *what)
{
    int line = line_of(what);

    if (line)
        now->build->line = line;
}

void go_to_block(const cfg_t *cfg)
{
    int first = 0;

    for (const cfg_opt_t *opt = cfg->opts; opt->name; opt++) {
        int line = line_of(opt);

        if (line && (!first || line < first))
            first = line;
    }
    if (first)
        now->build->line = first;
    else
        go_to(cfg);
}

/* A register has a hundred thousand of them: at most half of the table is in use. */
static void marks_grow(void)
{
    unsigned room = now->mark_room ? 2 * now->mark_room : 256;
    struct mark *marks = arena_alloc(&now->scratch, room * sizeof(*marks));

    for (unsigned i = 0; i < now->mark_room; i++)
        if (now->marks[i].what)
            *mark_at(marks, room, now->marks[i].what) = now->marks[i];
    now->marks = marks;
    now->mark_room = room;
}

static void mark_line(const void *what, int line)
{
    struct mark *mark;

    if (2 * now->mark_count >= now->mark_room)
        marks_grow();
    mark = mark_at(now->marks, now->mark_room, what);
    now->mark_count += !mark->what;
    *mark = (struct mark){.what = what, .line = line};
}

/* Called by libconfuse whenever an option was set, and at the end of each block. */
static int mark(cfg_t *cfg, cfg_opt_t *opt)
{
    int first = line_of(opt);

    if (first && !(opt->flags & (CFGF_LIST | CFGF_MULTI))) {
        cfg_error(cfg, "%s is set twice, first in line %d", opt->name, first);
        return -1;
    }
    if (!first)
        mark_line(opt, cfg->line);
    if (opt->type == CFGT_SEC)
        mark_line(cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1), cfg->line);
    return 0;
}

/*
 * libconfuse takes the end of the file for the end of every open block, and a comment may swallow the rest; a file
 * that was cut short must not pass for a whole one. So the text gets one more directive at its end, which is
 * known outside all blocks only.
 */
#define END_NAME "end-of-file"
static const char end_text[] = "\n" END_NAME " = reached\n";

struct scope_of {
    const cfg_t *cfg;
};

static const char *opt_name_at(unsigned index, const void *arg)
{
    const cfg_t *cfg = ((const struct scope_of *)arg)->cfg;

    const char *name = cfg->opts && index < (unsigned)cfg_numopts(cfg->opts) ? cfg->opts[index].name : NULL;

    return name && strcmp(name, END_NAME) == 0 ? "" : name;
}

/* Where a directive of this name does stand; NULL: there is none in files. */
static const char *home_of(struct slice name)
{
    static const struct {
        unsigned scopes;
        const char *where;
    } homes[] = {
        {SCOPE_GLOBAL | SCOPE_SITE, "in a site, or outside of all"},
        {SCOPE_GLOBAL, "outside of all sites"},
        {SCOPE_SITE, "in a site"},
        {SCOPE_AT, "in a block at"},
        {SCOPE_ALLOW, "in a block allow"},
        {SCOPE_LIMITS, "in the block limits"},
        {SCOPE_LIMIT, "in a block limit \"NAME\""},
        {SCOPE_MOVED, "in a block moved"},
        {SCOPE_PORTAL, "in the block portal"},
        {SCOPE_POT, "in a block pot"},
        {SCOPE_TEA, "in a block tea of a pot"},
        {SCOPE_REGISTER, "in the register of demands"},
        {SCOPE_DEMAND, "in a block demand"},
    };

    for (unsigned i = 0; i < directive_count; i++) {
        if (directives[i].scopes & SCOPE_LINE || !directives[i].name || !slice_eq(name, slice_str(directives[i].name)))
            continue;
        for (unsigned k = 0; k < sizeof(homes) / sizeof(homes[0]); k++)
            if ((directives[i].scopes & homes[k].scopes) == homes[k].scopes)
                return homes[k].where;
    }
    return NULL;
}

/* libconfuse's own message for an unknown name becomes ours, with the place where it belongs, or a guess. */
static bool complain_of_unknown(cfg_t *cfg, struct slice message)
{
    struct slice name, rest;
    const char *home;
    const char *near;

    if (!slice_starts(message, SLICE("no such option")) || !slice_cut(message, '\'', &rest, &name))
        return false;
    if (slice_ends(name, SLICE("'")))
        name.len--;
    if (slice_eq(name, SLICE(END_NAME))) {
        complain(now->build, "the file ends before the block \"%s\" does", cfg->name);
        return true;
    }
    home = home_of(name);
    if (home) {
        complain(now->build, "%.*s stands %s, not here", SLICE_FMT(name), home);
        return true;
    }
    near = nearest_name(name, opt_name_at, &(struct scope_of){cfg});
    complain(now->build, "no directive is called \"%.*s\" here%s%s%s", SLICE_FMT(name), near ? "; did you mean " : "",
             near ? near : "", near ? "?" : "");
    return true;
}

/* The same for blocks that have no name, or one that is there already. */
static bool complain_of_title(struct slice message)
{
    struct slice title, rest;

    if (slice_starts(message, SLICE("missing title")) && slice_cut(message, '\'', &rest, &title)) {
        title.len -= slice_ends(title, SLICE("'"));
        complain(now->build, "%.*s needs a name, in quotes, before its {", SLICE_FMT(title));
        return true;
    }
    if (slice_starts(message, SLICE("found duplicate title")) && slice_cut(message, '\'', &rest, &title)) {
        title.len -= slice_ends(title, SLICE("'"));
        complain(now->build, "there are two blocks of the same kind with the name \"%.*s\"", SLICE_FMT(title));
        return true;
    }
    return false;
}

static void on_error(cfg_t *cfg, const char *format, va_list args)
{
    char message[512];

    vsnprintf(message, sizeof(message), format, args);
    now->build->line = cfg ? cfg->line : 0;
    if (!cfg || !(complain_of_unknown(cfg, slice_str(message)) || complain_of_title(slice_str(message))))
        complain(now->build, "%s", message);
}

static cfg_opt_t *opts_of(unsigned scope);

static cfg_opt_t opt_of(const struct directive *row)
{
    cfg_opt_t opt = {.name = row->name, .type = CFGT_STR, .flags = CFGF_NODEFAULT, .validcb = mark};
    struct slice name = slice_str(row->name);

    if (row->kind == KIND_LIST)
        opt.flags |= CFGF_LIST;
    if (row->kind != KIND_BLOCK)
        return opt;
    opt.type = CFGT_SEC;
    if (row->argument)
        opt.flags |= CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES;
    opt.subopts = opts_of(slice_eq(name, SLICE("site"))     ? SCOPE_SITE
                          : slice_eq(name, SLICE("at"))     ? SCOPE_AT
                          : slice_eq(name, SLICE("allow"))  ? SCOPE_ALLOW
                          : slice_eq(name, SLICE("moved"))  ? SCOPE_MOVED
                          : slice_eq(name, SLICE("limit"))  ? SCOPE_LIMIT
                          : slice_eq(name, SLICE("demand")) ? SCOPE_DEMAND
                          : slice_eq(name, SLICE("portal")) ? SCOPE_PORTAL
                          : slice_eq(name, SLICE("pot"))    ? SCOPE_POT
                          : slice_eq(name, SLICE("tea"))    ? SCOPE_TEA
                                                            : SCOPE_LIMITS);
    return opt;
}

static cfg_opt_t *opts_of(unsigned scope)
{
    cfg_opt_t *opts = arena_alloc(&now->scratch, (directive_count + 2) * sizeof(*opts));
    unsigned count = 0;

    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].scopes & scope)
            opts[count++] = opt_of(&directives[i]);
    if (scope & (SCOPE_GLOBAL | SCOPE_REGISTER))
        opts[count++] = (cfg_opt_t){.name = END_NAME, .type = CFGT_STR, .flags = CFGF_NODEFAULT, .validcb = mark};
    opts[count] = (cfg_opt_t)CFG_END();
    return opts;
}

enum err settings_take(struct build *build, cfg_t *cfg, unsigned scope, const struct target *target)
{
    enum err err = ERR_NONE;

    for (unsigned i = 0; cfg->opts[i].name && !err; i++) {
        cfg_opt_t *opt = &cfg->opts[i];
        const struct directive *row = directive_find(slice_str(opt->name), scope);

        if (opt->type == CFGT_SEC || !row)
            continue;
        go_to(opt);
        for (unsigned j = 0; j < cfg_opt_size(opt) && !err; j++) {
            const char *value = cfg_opt_getnstr(opt, j);

            err = setting_apply(build, row, target_of(target, row), slice_str(value ? value : ""));
        }
    }
    return err;
}

static int parse(cfg_t *cfg, struct slice text)
{
    FILE *in = fmemopen((void *)(uintptr_t)text.ptr, text.len, "r");
    int result;

    if (!in)
        return CFG_PARSE_ERROR;
    result = cfg_parse_fp(cfg, in);
    fclose(in);
    return result;
}

/* The text and the directive that shows that all of it was read. */
static enum err text_parse(cfg_t *cfg, struct slice text)
{
    struct buf whole = BUF_INIT(SIZE_MAX / 2);
    int result;

    buf_add(&whole, text);
    buf_add_str(&whole, end_text);
    result = parse(cfg, buf_slice(&whole));
    buf_release(&whole);
    if (result != CFG_SUCCESS)
        return complain(now->build, "it cannot be understood");
    now->build->line = cfg->line;
    return cfg_size(cfg, END_NAME) ? ERR_NONE : complain(now->build, "the file ends within a comment");
}

enum err text_take(struct build *build, unsigned scope, struct slice text, take_fn *take, void *context)
{
    struct reading reading = {.build = build};
    cfg_t *cfg;
    enum err err;

    if (text.len && memchr(text.ptr, '\0', text.len))
        return complain(build, "it holds a NUL octet");
    now = &reading;
    cfg = cfg_init(opts_of(scope), CFGF_NONE);
    cfg_set_error_function(cfg, on_error);
    cfg->filename = strdup(build->file);
    err = text_parse(cfg, text);
    build->line = 0;
    if (!err)
        err = take(build, cfg, context);
    cfg_free(cfg);
    arena_release(&reading.scratch);
    now = NULL;
    return err;
}
