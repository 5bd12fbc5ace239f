/*
 * conf.c - making snapshots: defaults, then the file, then the command line; again on reload.
 *
 * Start with conf_make(), which is the order of things.
 */
#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fd.h"

#include "args.h"
#include "place_index.h"
#include "moved.h"

enum { FILE_BYTES_MAX = 1 << 20 }; /* libconfuse keeps every value; a megabyte is thousands of sites */

static struct conf *conf_new(const char *folder)
{
    struct conf *conf = xcalloc(1, sizeof(*conf));

    atomic_init(&conf->refs, 1);
    conf->folder = arena_str(&conf->arena, slice_str(folder));
    return conf;
}

struct conf *conf_ref(struct conf *conf)
{
    atomic_fetch_add_explicit(&conf->refs, 1, memory_order_relaxed);
    return conf;
}

/* Memory that is given back holds no passwords. */
static void conf_wipe(struct conf *conf)
{
    for (unsigned i = 0; i < conf->site_count; i++)
        for (unsigned j = 0; j < conf->sites[i].user_count; j++)
            explicit_bzero((char *)(uintptr_t)conf->sites[i].users[j].password.ptr,
                           conf->sites[i].users[j].password.len);
    for (int i = 0; i < conf->arg_count; i++)
        explicit_bzero(conf->args[i], strlen(conf->args[i]));
}

void conf_unref(struct conf *conf)
{
    if (!conf || atomic_fetch_sub_explicit(&conf->refs, 1, memory_order_acq_rel) != 1)
        return;
    struct arena arena = conf->arena;

    conf_wipe(conf);
    arena_release(&arena);
    free(conf);
}

static void args_keep(struct conf *conf, int argc, char *const *argv)
{
    conf->args = arena_alloc(&conf->arena, ((size_t)argc + 1) * sizeof(*conf->args));
    conf->arg_count = argc;
    for (int i = 0; i < argc; i++)
        conf->args[i] = arena_str(&conf->arena, slice_str(argv[i]));
}

/* The environment has forgotten them, the process has them still. */
static void handed_keep(struct conf *conf, const struct conf *old)
{
    for (unsigned i = 0; i < old->handed_count; i++)
        handed_add(conf, old->handed[i]);
    if (old->handed_metrics)
        conf->handed_metrics = arena_str(&conf->arena, slice_str(old->handed_metrics));
}

static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    return arena_str(arena, slash == path ? SLICE("/") : slice_of(path, (size_t)(slash - path)));
}

/* Folders are errors, and what cannot be read. */
enum err file_load(struct build *build, struct buf *text, const char *what, const char *most)
{
    FD_GUARD fd = open(build->file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat facts;
    ssize_t got;

    if (fd < 0 || fstat(fd, &facts))
        return complain(build, "it cannot be read: %s", strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return complain(build, "it cannot be read: it is no file");
    do {
        char *room = buf_reserve(text, 8192);

        if (!room)
            return complain(build, "it is larger than %s may be, %s", what, most);
        got = read(fd, room, 8192);
        if (got > 0)
            buf_grown(text, (size_t)got);
    } while (got > 0);
    return got < 0 ? complain(build, "it cannot be read: %s", strerror(errno)) : ERR_NONE;
}

static enum err file_take(struct build *build, const char *name)
{
    struct conf *conf = build->conf;
    struct buf text = BUF_INIT(FILE_BYTES_MAX);
    const char *folder = build->folder;
    enum err err;

    conf->file = path_absolute(&conf->arena, folder, slice_str(name));
    build->file = conf->file;
    build->folder = folder_of(&conf->arena, conf->file);
    err = file_load(build, &text, "a configuration", "1 MiB");
    if (!err)
        err = file_read(build, buf_slice(&text));
    buf_release(&text);
    build->file = NULL;
    build->folder = folder;
    return err;
}

/* With a file the sites are its own; an option or folder for one of them would leave open which. */
static enum err args_check_with_file(struct build *build, const struct args *args)
{
    if (args->dir)
        return complain(build, "with --config the folders stand in the file; \"%s\" is one too many", args->dir);
    for (unsigned i = 0; i < args->count; i++) {
        const struct directive *row = args->items[i].row;
        bool is_site = row->set == set_user || (row->scopes & (SCOPE_SITE | SCOPE_AT) && !(row->scopes & SCOPE_GLOBAL));

        if (is_site)
            return complain(build, "--%s belongs to one site; with --config it stands in the file", row->option);
    }
    return ERR_NONE;
}

/*
 * What the command line says replaces the file's list. A certificate of the command line takes none of the file's
 * keys or OCSP files.
 */
static void list_clear(struct conf *conf, const struct directive *row)
{
    if (row->set == set_listen)
        conf->listen_count = 0;
    if (row->set == set_proxy)
        conf->trusted_proxy_count = 0;
    if (row->set == set_certificate)
        conf->tls.certificate_count = conf->tls.ocsp_count = 0;
    if (row->set == set_ocsp)
        conf->tls.ocsp_count = 0;
}

static enum err args_apply(struct build *build, const struct args *args)
{
    struct conf *conf = build->conf;
    struct site *site = &conf->sites[0];
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < args->count; i++)
        list_clear(conf, args->items[i].row);
    for (unsigned i = 0; i < args->count && !err; i++) {
        const struct directive *row = args->items[i].row;
        bool is_site = row->scopes & SCOPE_SITE || row->set == set_user;
        struct target target = {.own = is_site ? (void *)site : conf, .place = &site->places[0], .tls = &conf->tls};

        err = setting_apply(build, row, target_of(&target, row), args->items[i].value);
    }
    return err ? err : tls_check(build, &conf->tls);
}

static enum err site_from_args(struct build *build, const struct args *args)
{
    struct site *site = site_add(build, SLICE("default"));

    site->root = path_absolute(&build->conf->arena, build->folder, slice_str(args->dir ? args->dir : "."));
    return ERR_NONE;
}

static void defaults_take(struct build *build)
{
    struct conf *conf = build->conf;

    defaults_apply(build, SCOPE_GLOBAL, conf);
    defaults_apply(build, SCOPE_LIMITS, &conf->limits);
    defaults_apply(build, SCOPE_TLS, &conf->tls);
    conf->tls.set = 0;
}

/* What can be told only when all is known. */
static enum err conf_finish(struct build *build)
{
    enum err err = listens_default(build);

    if (!err)
        err = portal_finish(build);
    for (unsigned i = 0; i < build->conf->site_count && !err; i++) {
        place_index_make(&build->conf->arena, &build->conf->sites[i]);
        err = cors_check(build, &build->conf->sites[i]);
        if (!err)
            err = extensions_check(build, &build->conf->sites[i]);
        if (!err)
            err = dictionaries_check(build, &build->conf->sites[i]);
        variants_finish(&build->conf->sites[i]);
        build->conf->has_variants |= build->conf->sites[i].has_variants;
        if (!err)
            err = demands_load(build, &build->conf->sites[i]);
        if (!err)
            err = moved_finish(build, &build->conf->sites[i]);
    }
    if (!err)
        err = metrics_check(build);
    return err ? err : tls_finish(build);
}

/* Defaults, then the file or the one site of the command line, then what the options say. */
static enum err conf_make(struct build *build, const struct args *args)
{
    struct conf *conf = build->conf;
    enum err err;

    defaults_take(build);
    if (args->config) {
        err = args_check_with_file(build, args);
        if (!err)
            err = file_take(build, args->config);
    } else {
        err = site_from_args(build, args);
    }
    if (!err)
        err = args_apply(build, args);
    if (!err && !args->config)
        err = site_check(build, &conf->sites[0]);
    if (!err && !args->config)
        err = site_check_users(build, &conf->sites[0]);
    build->file = conf->file;
    if (!err)
        err = conf_finish(build);
    build->file = NULL;
    return err;
}

/* Commands about a folder, which take the options that are named here and no others. */
static const struct folder_command {
    enum command command;
    const char *word, *takes;
} folder_commands[] = {
    {COMMAND_STATUS, "status", "a folder and --state"},
    {COMMAND_LOCKS, "locks", "a folder, --state and --break"},
    {COMMAND_CHECK, "check", "a folder, --state, --mend and --content"},
    {COMMAND_HISTORY, "history", "a folder, a file, --state and --restore"},
    {COMMAND_FORWARDS, "forwards", "a folder, --state and --remove"},
    {COMMAND_PORTAL, "portal", "a folder, --state, --vouchers, --make, --withdraw, --disconnect and --print-nft"},
};

static const struct folder_command *folder_command_find(enum command command)
{
    for (unsigned i = 0; i < sizeof(folder_commands) / sizeof(folder_commands[0]); i++)
        if (folder_commands[i].command == command)
            return &folder_commands[i];
    return NULL;
}

/* The first setting that a command about a folder does not take; NULL: none. */
static const char *foreign_setting(const struct args *args)
{
    if (args->config)
        return "config";
    for (unsigned i = 0; i < args->count; i++)
        if (!slice_eq(slice_str(args->items[i].row->name), SLICE("state")))
            return args->items[i].row->option;
    return NULL;
}

/* `known` NULL: a server, or nothing. */
static enum err options_check(struct build *build, const struct args *args, const struct folder_command *known)
{
    const char *word, *foreign = args_foreign_order(args, &word);

    if (foreign && !known)
        return complain(build, "--%s belongs to samovar %s", foreign, word);
    if (!foreign && known)
        foreign = foreign_setting(args);
    return foreign ? complain(build, "samovar %s takes %s, not --%s", known->word, known->takes, foreign) : ERR_NONE;
}

/* [DIR] FILE */
static enum err history_take(struct build *build, const struct args *args, struct invocation *out)
{
    struct arena *arena = &build->conf->arena;
    const char *file = args->second ? args->second : args->dir;

    if (!file)
        return complain(build, "samovar history needs a file: samovar history FILE");
    if (args->orders.restore && (!slice_u64(slice_str(args->orders.restore), &out->restore) || !out->restore))
        return complain(build, "--restore needs a number that samovar history lists, not \"%s\"", args->orders.restore);
    out->history_file = xstrdup(slice_str(path_absolute(arena, build->folder, slice_str(file))));
    if (!args->second) {
        free(out->dir);
        out->dir = NULL;
    }
    return ERR_NONE;
}

static enum err folder_take(struct build *build, const struct args *args, struct invocation *out)
{
    struct arena *arena = &build->conf->arena;

    for (unsigned i = 0; i < args->count; i++) {
        free(out->state);
        out->state = xstrdup(slice_str(path_absolute(arena, build->folder, args->items[i].value)));
    }
    out->dir = xstrdup(slice_str(path_absolute(arena, build->folder, slice_str(args->dir ? args->dir : "."))));
    out->lock_token = args_copy(args->orders.token);
    out->mend = args->orders.mend != NULL;
    out->content = args->orders.content != NULL;
    out->remove = args_copy(args->orders.remove);
    if (args->command == COMMAND_HISTORY)
        return history_take(build, args, out);
    return args->command == COMMAND_PORTAL ? portal_order_take(build, args, &out->portal) : ERR_NONE;
}

static enum err passwd_take(struct build *build, const struct args *args, struct invocation *out)
{
    if (args->config || args->count > 0)
        return complain(build, "samovar passwd takes a file, a user, --app and --delete, not --%s",
                        args->config ? "config" : args->items[0].row->option);
    if (!args->dir || !args->second)
        return complain(build, "samovar passwd needs a users file and a user: samovar passwd FILE USER");
    out->users_file = xstrdup(slice_str(path_absolute(&build->conf->arena, build->folder, slice_str(args->dir))));
    out->user = xstrdup(slice_str(args->second));
    out->app = xstrdup(slice_str(args->orders.app ? args->orders.app : ""));
    out->is_removal = args->orders.removal != NULL;
    return ERR_NONE;
}

static enum err codes_take(struct build *build, const struct args *args, struct invocation *out)
{
    if (args->config || args->count > 0)
        return complain(build, "samovar codes takes codes, --json and --markdown, not --%s",
                        args->config ? "config" : args->items[0].row->option);
    if (args->orders.json && args->orders.markdown)
        return complain(build, "--json or --markdown, not both");
    memcpy(out->codes.list, args->codes, sizeof(args->codes));
    out->codes.count = args->code_count;
    out->codes.is_json = args->orders.json != NULL;
    out->codes.is_markdown = args->orders.markdown != NULL;
    return ERR_NONE;
}

static enum err invocation_make(struct build *build, const struct args *args, struct invocation *out)
{
    const struct folder_command *known = folder_command_find(args->command);

    out->command = args->command;
    if (args->command == COMMAND_HELP || args->command == COMMAND_VERSION)
        return ERR_NONE;
    if (options_check(build, args, known))
        return ERR_INVALID;
    if (known)
        return folder_take(build, args, out);
    if (args->command == COMMAND_PASSWD)
        return passwd_take(build, args, out);
    if (args->command == COMMAND_CODES)
        return codes_take(build, args, out);
    if (args->command == COMMAND_DEMO)
        return demo_order_take(build, args, out);
    if (args->command == COMMAND_GET || args->command == COMMAND_PUT)
        return transfer_order_take(build, args, &out->transfer);
    if (args->command == COMMAND_BREW)
        return brew_order_take(build, args, &out->brew);
    if (args->command == COMMAND_SURVEY)
        return survey_order_take(build, args, &out->survey);
    if (args->command == COMMAND_CHECK_CONFIG && !args->config)
        return complain(build, "--check-config needs --config FILE");
    return conf_make(build, args);
}

enum err conf_from_args(int argc, char **argv, struct invocation *out, struct buf *why)
{
    char *folder = getcwd(NULL, 0);
    struct conf *conf = conf_new(folder ? folder : "/");
    struct build build = {.conf = conf, .why = why, .folder = conf->folder, .is_start = true, .looks_at_fs = true};
    struct args args;
    enum err err;

    free(folder);
    *out = (struct invocation){0};
    args_keep(conf, argc, argv);
    args_wipe(argc, argv);
    err = args_parse(&build, argc, (const char *const *)conf->args, &args);
    if (!err)
        err = handed_take(&build);
    if (!err)
        err = invocation_make(&build, &args, out);
    if (!err && (args.command == COMMAND_SERVE || args.command == COMMAND_CHECK_CONFIG))
        out->conf = conf;
    else
        conf_unref(conf);
    return err;
}

static bool listens_same(const struct conf *a, const struct conf *b)
{
    if (a->listen_count != b->listen_count)
        return false;
    for (unsigned i = 0; i < a->listen_count; i++)
        if (!slice_eq(a->listens[i].text, b->listens[i].text))
            return false;
    return true;
}

static bool metrics_same(const struct conf *a, const struct conf *b)
{
    if (!a->metrics || !b->metrics)
        return a->metrics == b->metrics;
    return slice_eq(a->metrics->text, b->metrics->text);
}

static enum err restart_check_rows(struct build *build, unsigned scope, const void *old, const void *fresh,
                                   struct slice site)
{
    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];

        if (!row->needs_restart || !(row->scopes & scope) || row->size == 0 || directive_same(row, old, fresh))
            continue;
        if (site.len)
            return complain(build, "a new %s of site \"%.*s\" needs a restart", row->name, SLICE_FMT(site));
        return complain(build, "a new value of %s needs a restart", row->name);
    }
    return ERR_NONE;
}

static enum err restart_check(struct build *build, const struct conf *old)
{
    const struct conf *fresh = build->conf;
    enum err err = restart_check_rows(build, SCOPE_GLOBAL, old, fresh, SLICE_NONE);

    if (!err)
        err = portal_check_restart(build, old);
    if (!err && !listens_same(old, fresh))
        err = complain(build, "a new listen needs a restart");
    if (!err && old->portal)
        err = restart_check_rows(build, SCOPE_PORTAL, old->portal, fresh->portal, SLICE_NONE);
    if (!err && !metrics_same(old, fresh))
        err = complain(build, "a new value of metrics needs a restart");
    if (!err && old->site_count != fresh->site_count)
        err = complain(build, "another number of sites needs a restart");
    for (unsigned i = 0; i < fresh->site_count && !err; i++)
        err = restart_check_rows(build, SCOPE_SITE, &old->sites[i], &fresh->sites[i], fresh->sites[i].name);
    return err ? err : pots_check_restart(build, old);
}

enum err conf_reload(const struct conf *old, struct conf **out, struct buf *why)
{
    struct conf *conf = conf_new(old->folder);
    struct build build = {.conf = conf, .why = why, .folder = conf->folder, .looks_at_fs = true};
    struct args args;
    enum err err;

    *out = NULL;
    args_keep(conf, old->arg_count, old->args);
    handed_keep(conf, old);
    conf->generation = old->generation + 1;
    err = args_parse(&build, conf->arg_count, (const char *const *)conf->args, &args);
    if (!err)
        err = conf_make(&build, &args);
    if (!err) {
        build.file = conf->file;
        build.line = 0;
        err = restart_check(&build, old);
    }
    if (err)
        conf_unref(conf);
    else
        *out = conf;
    return err;
}

enum err conf_from_text(struct slice text, const char *name, const char *folder, struct conf **out, struct buf *why)
{
    struct conf *conf = conf_new(folder);
    struct build build = {.conf = conf, .why = why, .folder = conf->folder, .file = name, .is_start = true};
    enum err err;

    defaults_take(&build);
    err = file_read(&build, text);
    if (!err)
        err = conf_finish(&build);
    *out = err ? NULL : conf;
    if (err)
        conf_unref(conf);
    return err;
}
