/*
 * sandbox.c - what a configuration needs of the file system, and the order of confinement.
 */
#include "cli/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "confine.h"

/* What the C library and the server read for themselves. */
static const char *const system_paths[] = {
    "/etc/mime.types",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/etc/ssl/openssl.cnf",
    "/usr/lib", /* libgcc_s, which a thread that ends needs only then */
    "/lib",
    "/lib64",
    "/proc/self",
    "/sys/devices/system/cpu",
};
static const char *const sanitizer_paths[] = {"/proc", "/usr", "/proc/self/exe"};

void sandbox_allow(struct sandbox_options *opt, const char *path, unsigned access)
{
    if (opt->path_count == opt->path_room) {
        opt->path_room = opt->path_room ? opt->path_room * 2 : 32;
        opt->paths = xrealloc(opt->paths, opt->path_room * sizeof(*opt->paths));
    }
    opt->paths[opt->path_count++] = (struct sandbox_path){arena_str(&opt->arena, slice_str(path)), access};
}

/* A file that is replaced by renaming is another file then: its folder is what has to stay open. */
static void allow_folder_of(struct sandbox_options *opt, const char *file, unsigned access)
{
    const char *slash = strrchr(file, '/');
    size_t len = slash ? (size_t)(slash - file) : 0;

    if (!slash)
        sandbox_allow(opt, ".", access);
    else
        sandbox_allow(opt, len ? arena_str(&opt->arena, slice_of(file, len)) : "/", access);
}

/* Also where a link leads, as a reload reads the file anew: certbot's live/ has links into archive/. */
static void allow_reading_again(struct sandbox_options *opt, const char *file)
{
    char *real;

    if (!file)
        return;
    allow_folder_of(opt, file, SANDBOX_READ);
    real = realpath(file, NULL);
    if (real && strcmp(real, file) != 0)
        allow_folder_of(opt, real, SANDBOX_READ);
    free(real);
}

static void allow_tls(struct sandbox_options *opt, const struct tls_conf *tls)
{
    for (unsigned i = 0; i < tls->certificate_count; i++) {
        allow_reading_again(opt, tls->certificates[i].chain);
        allow_reading_again(opt, tls->certificates[i].key);
    }
    for (unsigned i = 0; i < tls->ocsp_count; i++)
        allow_reading_again(opt, tls->ocsp[i]);
    allow_reading_again(opt, tls->client_ca);
}

static void allow_site(struct sandbox_options *opt, const struct site *site)
{
    /* root and state alike: files move between them, and Landlock lets nothing move to where more is allowed */
    const unsigned all = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_SOCKETS;
    struct slice own = arena_printf(&opt->arena, "%s/.samovar", site->root);

    if (site->state && !site->read_only)
        mkdir(site->state, 0700); /* later nobody could; where it fails, the store says why when it needs it */
    sandbox_allow(opt, site->root, site->read_only ? SANDBOX_READ : all);
    sandbox_allow(opt, site->state ? site->state : arena_str(&opt->arena, own), all);
    allow_reading_again(opt, site->users_file);
    allow_reading_again(opt, site->digest_users);
    allow_reading_again(opt, site->groups);
    allow_reading_again(opt, site->jwt_keys);
    allow_reading_again(opt, site->demands_file);
    allow_tls(opt, &site->tls);
    if (site->symlinks == CONF_SYMLINKS_ANYWHERE)
        sandbox_allow(opt, "/", SANDBOX_READ);
}

/* A socket's name goes when the server goes. */
static void allow_listener(struct sandbox_options *opt, const struct listen_spec *listen)
{
    const struct sockaddr_un *un = (const struct sockaddr_un *)&listen->addr;

    if (listen->kind == LISTEN_UNIX && un->sun_path[0] != '\0')
        allow_folder_of(opt, un->sun_path, SANDBOX_SOCKETS);
}

static void allow_paths(struct sandbox_options *opt, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sandbox_allow(opt, paths[i], SANDBOX_READ);
}

void sandbox_options_init(struct sandbox_options *opt, const struct conf *conf)
{
    *opt = (struct sandbox_options){.has_landlock = conf->sandbox, .has_seccomp = conf->sandbox};
    for (unsigned i = 0; i < conf->site_count; i++)
        allow_site(opt, &conf->sites[i]);
    for (unsigned i = 0; i < conf->listen_count; i++)
        allow_listener(opt, &conf->listens[i]);
    if (conf->metrics)
        allow_listener(opt, conf->metrics);
    allow_tls(opt, &conf->tls);
    allow_reading_again(opt, conf->file);
    allow_reading_again(opt, conf->country_database);
    if (conf->portal)
        allow_reading_again(opt, conf->portal->terms); /* its folder: other languages stand beside it */
    if (conf->access_log && strcmp(conf->access_log, "-") != 0)
        allow_folder_of(opt, conf->access_log, SANDBOX_APPEND);
    if (conf->audit_log)
        allow_folder_of(opt, conf->audit_log, SANDBOX_APPEND);
    sandbox_allow(opt, "/dev/null", SANDBOX_READ | SANDBOX_WRITE);
    allow_paths(opt, system_paths, sizeof(system_paths) / sizeof(*system_paths));
    if (HAS_SANITIZER)
        allow_paths(opt, sanitizer_paths, sizeof(sanitizer_paths) / sizeof(*sanitizer_paths));
}

void sandbox_options_release(struct sandbox_options *opt)
{
    free(opt->paths);
    arena_release(&opt->arena);
    *opt = (struct sandbox_options){0};
}

/* Two of its links are the folder itself and its own ".": each further one is a thread. */
static bool has_threads(void)
{
    struct stat st;

    return !HAS_SANITIZER && stat("/proc/self/task", &st) == 0 && st.st_nlink > 3;
}

enum err sandbox_enter(const struct sandbox_options *opt, struct buf *report)
{
    enum err err;

    buf_add_str(report, "sandbox: ");
    if (!opt->has_landlock && !opt->has_seccomp) {
        buf_add_str(report, "off");
        return ERR_NONE;
    }
    if (opt->has_landlock && has_threads()) {
        buf_add_str(report, "threads were made before it and would stay outside");
        return ERR_BUSY;
    }
    if (opt->has_landlock) {
        err = landlock_enter(opt, report);
        if (err != ERR_NONE && err != ERR_UNSUPPORTED)
            return err;
    } else {
        buf_add_str(report, "Landlock off");
    }
    buf_add_str(report, ", ");
    if (!opt->has_seccomp) {
        buf_add_str(report, "seccomp off");
        return ERR_NONE;
    }
    err = syscalls_enter(report);
    return err == ERR_UNSUPPORTED ? ERR_NONE : err;
}
