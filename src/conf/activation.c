/*
 * activation.c - sockets that the service manager opened: LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES.
 *
 * The protocol of sd_listen_fds(3): LISTEN_FDS sockets from descriptor 3 on, for the process LISTEN_PID, with names in
 * LISTEN_FDNAMES between colons. They become addresses fd:N; one named "plain" is plain:fd:N, one named "metrics"
 * is for metrics. Whether a descriptor really is a socket that listens, net/ finds out when it opens it.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "build.h"

enum {
    FD_FIRST = 3,
    HANDED_MAX = 256 /* more than anybody's listeners, less than would hide a broken number */
};

void handed_add(struct conf *conf, const char *spec)
{
    conf->handed = list_grow(&conf->arena, conf->handed, conf->handed_count, sizeof(*conf->handed));
    conf->handed[conf->handed_count++] = arena_str(&conf->arena, slice_str(spec));
}

static enum err socket_take(struct build *build, unsigned index, struct slice name)
{
    struct conf *conf = build->conf;
    bool is_plain = slice_eq(name, SLICE("plain"));
    struct slice spec = arena_printf(&conf->arena, "%sfd:%u", is_plain ? "plain:" : "", FD_FIRST + index);

    if (!slice_eq(name, SLICE("metrics"))) {
        handed_add(conf, spec.ptr);
        return ERR_NONE;
    }
    if (conf->handed_metrics)
        return complain(build, "LISTEN_FDNAMES names two sockets \"metrics\"; one is enough");
    conf->handed_metrics = spec.ptr;
    return ERR_NONE;
}

static unsigned names_count(struct slice names)
{
    unsigned count = 1;

    for (size_t i = 0; i < names.len; i++)
        count += names.ptr[i] == ':';
    return count;
}

/* Names are optional; where they are given there is one for each socket. */
static enum err sockets_take(struct build *build, struct slice count_text, const char *names)
{
    struct slice rest = slice_str(names), name = SLICE_NONE;
    uint64_t count;
    enum err err = ERR_NONE;

    if (!slice_u64(count_text, &count) || count > HANDED_MAX)
        return complain(build, "LISTEN_FDS in the environment must be a number up to %d, not \"%.*s\"", HANDED_MAX,
                        SLICE_FMT(count_text));
    if (count && names && names_count(rest) != count)
        return complain(build, "LISTEN_FDNAMES in the environment has %u names for %u sockets", names_count(rest),
                        (unsigned)count);
    for (unsigned i = 0; i < count && !err; i++) {
        if (names && !slice_cut(rest, ':', &name, &rest))
            name = rest;
        err = socket_take(build, i, name);
    }
    return err;
}

enum err handed_take(struct build *build)
{
    struct arena *arena = &build->conf->arena;
    const char *names = getenv("LISTEN_FDNAMES"), *count = getenv("LISTEN_FDS");
    uint64_t pid;
    /* Variables for another process are left over from its parent's, and no error. */
    bool is_ours = count && slice_u64(slice_str(getenv("LISTEN_PID")), &pid) && pid == (uint64_t)getpid();

    count = count ? arena_str(arena, slice_str(count)) : NULL;
    names = names ? arena_str(arena, slice_str(names)) : NULL;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return is_ours ? sockets_take(build, slice_str(count), names) : ERR_NONE;
}
