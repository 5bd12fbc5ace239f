/*
 * file.c - the configuration file: libconfuse takes it apart, the table says what the parts mean.
 *
 * libconfuse gives the line only while it parses, so a callback notes the line of every option; the values
 * are looked at afterwards. Its scanner keeps its state in globals and has no place for a pointer of ours:
 * one file is read at a time, by one thread (start, and reload on the main loop). The text is read by us
 * and handed over from memory, because the scanner ends the process when a read fails.
 */
#include <confuse.h>
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
    struct mark *marks;
    unsigned mark_count;
} * now;

static int line_of(const void *what)
{
    for (unsigned i = 0; i < now->mark_count; i++)
        if (now->marks[i].what == what)
            return now->marks[i].line;
    return 0;
}

/* Messages name the line of this option or block from now on; the one before stays where it is not known. */
static void go_to(const void *what)
{
    int line = line_of(what);

    if (line)
        now->build->line = line;
}

static void go_to_block(const cfg_t *cfg)
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

static void mark_line(const void *what, int line)
{
    now->marks = list_grow(&now->scratch, now->marks, now->mark_count, sizeof(*now->marks));
    now->marks[now->mark_count++] = (struct mark){.what = what, .line = line};
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

/* libconfuse's own message for an unknown name becomes ours, with a guess. */
static bool complain_of_unknown(cfg_t *cfg, struct slice message)
{
    struct slice name, rest;
    const char *near;

    if (!slice_starts(message, SLICE("no such option")) || !slice_cut(message, '\'', &rest, &name))
        return false;
    if (slice_ends(name, SLICE("'")))
        name.len--;
    if (slice_eq(name, SLICE(END_NAME))) {
        complain(now->build, "the file ends before the block \"%s\" does", cfg->name);
        return true;
    }
    near = nearest_name(name, opt_name_at, &(struct scope_of){cfg});
    complain(now->build, "no directive is called \"%.*s\" here%s%s%s", SLICE_FMT(name), near ? "; did you mean " : "",
             near ? near : "", near ? "?" : "");
    return true;
}

static void on_error(cfg_t *cfg, const char *format, va_list args)
{
    char message[512];

    vsnprintf(message, sizeof(message), format, args);
    now->build->line = cfg ? cfg->line : 0;
    if (!cfg || !complain_of_unknown(cfg, slice_str(message)))
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
    if (scope == SCOPE_GLOBAL)
        opts[count++] = (cfg_opt_t){.name = END_NAME, .type = CFGT_STR, .flags = CFGF_NODEFAULT, .validcb = mark};
    opts[count] = (cfg_opt_t)CFG_END();
    return opts;
}

/* Every value set in this block, not those of blocks inside it. */
static enum err settings_take(cfg_t *cfg, unsigned scope, const struct target *target)
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

            err = setting_apply(now->build, row, target_of(target, row), slice_str(value ? value : ""));
        }
    }
    return err;
}

static enum err allows_take(cfg_t *cfg, struct place *place)
{
    cfg_opt_t *allow = cfg_getopt(cfg, "allow");
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < cfg_opt_size(allow) && !err; i++) {
        cfg_t *block = cfg_opt_getnsec(allow, i);
        unsigned rights = 0; /* without `rights` or with an empty list: none */

        go_to_block(block);
        err = settings_take(block, SCOPE_ALLOW, &(struct target){.own = &rights});
        if (!err)
            err = place_allow(now->build, place, slice_str(cfg_title(block)), rights);
    }
    return err;
}

static enum err at_take(cfg_t *cfg, struct site *site, bool *is_root_taken)
{
    struct place *place;
    bool is_new;

    go_to_block(cfg);
    place = place_at(now->build, site, slice_str(cfg_title(cfg)), &is_new);
    if (!place)
        return ERR_INVALID;
    if (!is_new && (place->path.len || *is_root_taken))
        return complain(now->build, "at \"%s\" is there twice", cfg_title(cfg));
    if (place->path.len == 0) {
        *is_root_taken = true;
        /* What at "/" says about people replaces what the site says, like any longer path would. */
        if (cfg_size(cfg, "allow"))
            place->rules.allow_count = 0;
    }
    if (settings_take(cfg, SCOPE_AT, &(struct target){.place = place}))
        return ERR_INVALID;
    return allows_take(cfg, place);
}

static enum err moved_take(cfg_t *cfg, struct site *site)
{
    cfg_opt_t *moved = cfg_getopt(cfg, "moved");
    struct arena *arena = &now->build->conf->arena;
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < cfg_opt_size(moved) && !err; i++) {
        cfg_t *block = cfg_opt_getnsec(moved, i);
        struct moved_rule rule = {.pattern = arena_slice(arena, slice_str(cfg_title(block)))};

        go_to_block(block);
        err = settings_take(block, SCOPE_MOVED, &(struct target){.own = &rule});
        site->moved = list_grow(arena, site->moved, site->moved_count, sizeof(rule));
        site->moved[site->moved_count++] = rule;
    }
    return err;
}

static enum err limits_take(cfg_t *cfg, struct slice owner, struct limit_rule **list, unsigned *count)
{
    cfg_opt_t *limit = cfg_getopt(cfg, "limit");
    struct arena *arena = &now->build->conf->arena;
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < cfg_opt_size(limit) && !err; i++) {
        cfg_t *block = cfg_opt_getnsec(limit, i);
        struct limit_rule rule = {.name = arena_slice(arena, slice_str(cfg_title(block)))};

        go_to_block(block);
        err = settings_take(block, SCOPE_LIMIT, &(struct target){.own = &rule});
        go_to_block(block);
        if (!err)
            err = limit_finish(now->build, owner, *count, &rule);
        *list = list_grow(arena, *list, *count, sizeof(rule));
        (*list)[(*count)++] = rule;
    }
    return err;
}

static enum err keys_check(cfg_t *cfg, const struct tls_conf *tls)
{
    go_to(cfg_getopt(cfg, "ocsp"));
    go_to(cfg_getopt(cfg, "key"));
    return tls_check(now->build, tls);
}

static enum err site_take(cfg_t *cfg)
{
    struct build *build = now->build;
    struct site *site = site_add(build, slice_str(cfg_title(cfg)));
    cfg_opt_t *at = cfg_getopt(cfg, "at");
    bool is_root_taken = false;
    enum err err =
        settings_take(cfg, SCOPE_SITE, &(struct target){.own = site, .place = &site->places[0], .tls = &site->tls});

    if (!err)
        err = keys_check(cfg, &site->tls);
    if (!err)
        err = allows_take(cfg, &site->places[0]);
    for (unsigned i = 0; !err && i < cfg_opt_size(at); i++)
        err = at_take(cfg_opt_getnsec(at, i), site, &is_root_taken);
    if (!err)
        err = moved_take(cfg, site);
    if (!err)
        err = limits_take(cfg, site->name, &site->limits, &site->limit_count);
    if (err)
        return err;
    go_to(cfg);
    go_to(cfg_getopt(cfg, "root"));
    err = site_check(build, site);
    if (!err) {
        go_to(cfg_getopt(cfg, "users"));
        err = site_check_users(build, site);
    }
    if (!err) {
        go_to(cfg_getopt(cfg, "host"));
        err = site_check_hosts(build, site);
    }
    site_finish(site);
    return err;
}

static enum err root_take(cfg_t *cfg)
{
    struct conf *conf = now->build->conf;
    cfg_opt_t *site = cfg_getopt(cfg, "site");
    enum err err = settings_take(cfg, SCOPE_GLOBAL, &(struct target){.own = conf, .tls = &conf->tls});

    if (!err)
        err = keys_check(cfg, &conf->tls);
    if (!err && cfg_size(cfg, "limits"))
        err = settings_take(cfg_getsec(cfg, "limits"), SCOPE_LIMITS, &(struct target){.own = &conf->limits});
    if (!err)
        err = limits_take(cfg, SLICE(""), &conf->client_limits, &conf->client_limit_count);
    for (unsigned i = 0; !err && i < cfg_opt_size(site); i++)
        err = site_take(cfg_opt_getnsec(site, i));
    now->build->line = 0;
    if (!err && conf->site_count == 0)
        err = complain(now->build, "no site is in it; the least is: site \"files\" { root = \"/srv/files\" }");
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

enum err file_read(struct build *build, struct slice text)
{
    struct reading reading = {.build = build};
    cfg_t *cfg;
    enum err err;

    if (text.len && memchr(text.ptr, '\0', text.len))
        return complain(build, "it holds a NUL octet");
    now = &reading;
    cfg = cfg_init(opts_of(SCOPE_GLOBAL), CFGF_NONE);
    cfg_set_error_function(cfg, on_error);
    cfg->filename = strdup(build->file);
    err = text_parse(cfg, text);
    build->line = 0;
    if (!err)
        err = root_take(cfg);
    cfg_free(cfg);
    arena_release(&reading.scratch);
    now = NULL;
    return err;
}
