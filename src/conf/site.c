/*
 * site.c - the parts of a site while it is built: hosts, users, places, who may do what.
 *
 * places[0] is the site's own, "" with all defaults, until site_finish() sorts the longest first.
 */
#include <ctype.h>
#include <fcntl.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fd.h"

#include "table.h"

struct site *site_add(struct build *build, struct slice name)
{
    struct conf *conf = build->conf;
    struct site *site;

    conf->sites = list_grow(&conf->arena, conf->sites, conf->site_count, sizeof(*conf->sites));
    site = &conf->sites[conf->site_count++];
    *site = (struct site){.name = arena_slice(&conf->arena, name)};
    site->places = list_grow(&conf->arena, NULL, 0, sizeof(*site->places));
    site->place_count = 1;
    defaults_apply(build, SCOPE_SITE, site);
    defaults_apply(build, SCOPE_AT, &site->places[0]);
    defaults_apply(build, SCOPE_TLS, &site->tls);
    site->tls.set = 0;
    site->places[0].path = SLICE("");
    site->places[0].set = SET_EVERY & ~(unsigned)SET_ALLOW;
    return site;
}

/* The text of an rpath: no "/" at the ends; SLICE_NONE.ptr when a segment is empty, "." or "..". */
bool place_path(struct slice url_path, struct slice *out)
{
    struct slice rest, segment;

    if (url_path.len == 0 || url_path.ptr[0] != '/')
        return false;
    *out = slice_from(url_path, 1);
    if (slice_ends(*out, SLICE("/")))
        out->len--;
    if (out->len == 0)
        return url_path.len == 1;
    if (slice_ends(*out, SLICE("/")))
        return false;
    for (rest = *out; rpath_next(&rest, &segment);)
        if (segment.len == 0 || slice_eq(segment, SLICE(".")) || slice_eq(segment, SLICE("..")))
            return false;
    return true;
}

struct place *place_at(struct build *build, struct site *site, struct slice url_path, bool *is_new)
{
    struct arena *arena = &build->conf->arena;
    struct slice path;

    if (!place_path(url_path, &path)) {
        complain(build, "at needs a path such as \"/a folder\", without \".\" and \"..\", not \"%.*s\"",
                 SLICE_FMT(url_path));
        return NULL;
    }
    *is_new = false;
    for (unsigned i = 0; i < site->place_count; i++)
        if (slice_eq(site->places[i].path, path))
            return &site->places[i];
    *is_new = true;
    site->places = list_grow(arena, site->places, site->place_count, sizeof(*site->places));
    site->places[site->place_count] = (struct place){.path = arena_slice(arena, path)};
    return &site->places[site->place_count++];
}

enum err place_allow(struct build *build, struct place *place, struct slice who, unsigned rights)
{
    struct arena *arena = &build->conf->arena;
    struct rules *rules = &place->rules;
    struct allow *allows;

    if (who.len == 0)
        return complain(build, "allow needs a name, \"users\" or \"*\"");
    if (slice_eq(who, SLICE("@")))
        return complain(build, "allow \"@\" needs the name of a group, such as \"@editors\"");
    allows = list_grow(arena, rules->allows, rules->allow_count, sizeof(*allows));
    allows[rules->allow_count++] = (struct allow){.who = arena_slice(arena, who), .rights = rights};
    rules->allows = allows;
    rules->has_allow = true;
    place->set |= SET_ALLOW;
    return ERR_NONE;
}

static const struct {
    const char *word;
    unsigned rights;
} right_words[] = {
    {"read", RIGHT_READ | RIGHT_LIST},
    {"list", RIGHT_LIST},
    /* Whoever may write may lock: without locks Finder and Office open everything for reading only. */
    {"write", RIGHT_WRITE | RIGHT_CREATE | RIGHT_DELETE | RIGHT_LOCK | RIGHT_BIND},
    {"create", RIGHT_CREATE},
    {"delete", RIGHT_DELETE},
    {"lock", RIGHT_LOCK},
    {"bind", RIGHT_BIND},
    {"brew", RIGHT_BREW},
    {"unlock-any", RIGHT_UNLOCK_ANY},
};

static const char *right_at(unsigned index, const void *arg)
{
    return index < sizeof(right_words) / sizeof(right_words[0]) ? right_words[index].word : NULL;
}

enum err set_right(struct build *build, void *rights, struct slice value)
{
    const char *near, *word;

    for (unsigned i = 0; (word = right_at(i, NULL)); i++)
        if (slice_eq(value, slice_str(word))) {
            *(unsigned *)rights |= right_words[i].rights;
            return ERR_NONE;
        }
    near = nearest_name(value, right_at, NULL);
    return complain(build, "no right is called \"%.*s\"%s%s%s", SLICE_FMT(value), near ? "; did you mean " : "",
                    near ? near : "", near ? "?" : "");
}

/* Letters, digits, "-", "_" and dots; or an address in brackets. */
static bool is_host(struct slice text)
{
    bool is_bracketed = text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']';

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_name = isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
        bool is_literal = isxdigit((unsigned char)c) || c == ':' || c == '.' || c == '[' || c == ']';

        if (is_bracketed ? !is_literal : !is_name)
            return false;
    }
    return text.len > 0 && text.len <= 255;
}

enum err set_host(struct build *build, void *site, struct slice value)
{
    struct arena *arena = &build->conf->arena;
    struct site *s = site;
    char *host;

    if (slice_ends(value, SLICE(".")))
        value.len--; /* the root of the name service; requests' hosts come without it too */
    if (!is_host(value))
        return complain(build, "\"%.*s\" is no host name; it is written without a port", SLICE_FMT(value));
    host = arena_str(arena, value);
    for (char *c = host; *c; c++)
        *c = ascii_lower(*c);
    s->hosts = list_grow(arena, s->hosts, s->host_count, sizeof(*s->hosts));
    s->hosts[s->host_count++] = slice_str(host);
    return ERR_NONE;
}

enum err set_user(struct build *build, void *site, struct slice value)
{
    struct arena *arena = &build->conf->arena;
    struct site *s = site;
    struct inline_user user;

    /* The value itself is not quoted: it may be a password. */
    if (!slice_cut(value, ':', &user.name, &user.password) || user.name.len == 0)
        return complain(build, "--user needs NAME:PASSWORD");
    if (slice_eq(user.name, SLICE("*")) || slice_eq(user.name, SLICE("users")))
        return complain(build, "--user: nobody can be called \"%.*s\", it means several people", SLICE_FMT(user.name));
    for (size_t i = 0; i < user.name.len; i++)
        if ((unsigned char)user.name.ptr[i] < ' ' || user.name.ptr[i] == 0x7f)
            return complain(build, "--user: the name holds a control character");
    for (unsigned i = 0; i < s->user_count; i++)
        if (slice_eq(s->users[i].name, user.name))
            return complain(build, "--user: %.*s is given twice", SLICE_FMT(user.name));
    user.name = arena_slice(arena, user.name);
    user.password = arena_slice(arena, user.password);
    s->users = list_grow(arena, s->users, s->user_count, sizeof(*s->users));
    s->users[s->user_count++] = user;
    return ERR_NONE;
}

static enum err root_check(struct build *build, const char *root)
{
    struct stat facts;

    if (stat(root, &facts))
        return complain(build, "the folder %s cannot be served: %s", root, strerror(errno));
    if (!S_ISDIR(facts.st_mode))
        return complain(build, "%s cannot be served: it is no folder", root);
    return ERR_NONE;
}

static enum err users_check(struct build *build, const char *file)
{
    FD_GUARD fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat facts;

    if (fd < 0)
        return complain(build, "the users file %s cannot be read: %s%s", file, strerror(errno),
                        errno == EACCES && !build->is_start ? "; one in another folder needs a restart" : "");
    if (fstat(fd, &facts) || S_ISDIR(facts.st_mode))
        return complain(build, "the users file %s cannot be read: it is no file", file);
    return ERR_NONE;
}

static bool root_same(const struct build *build, const char *a, const char *b)
{
    struct stat fa, fb;

    if (slice_eq(slice_str(a), slice_str(b)))
        return true;
    if (!build->looks_at_fs || stat(a, &fa) || stat(b, &fb))
        return false;
    return fa.st_dev == fb.st_dev && fa.st_ino == fb.st_ino;
}

enum err site_check(struct build *build, const struct site *site)
{
    if (!site->root)
        return complain(build, "site \"%.*s\" has no root", SLICE_FMT(site->name));
    for (const struct site *other = build->conf->sites; other < site; other++)
        if (root_same(build, site->root, other->root))
            return complain(build, "site \"%.*s\" has the root of site \"%.*s\", %s", SLICE_FMT(site->name),
                            SLICE_FMT(other->name), other->root);
    /* A root that vanished while running is the store's matter, no reason to refuse a reload. */
    return build->looks_at_fs && build->is_start ? root_check(build, site->root) : ERR_NONE;
}

enum err site_check_users(struct build *build, const struct site *site)
{
    const char *const files[] = {site->users_file, site->digest_users};

    for (unsigned i = 0; build->looks_at_fs && i < sizeof(files) / sizeof(*files); i++) {
        if (files[i] && users_check(build, files[i]))
            return ERR_INVALID;
    }
    return ERR_NONE;
}

enum err site_check_hosts(struct build *build, const struct site *site)
{
    for (const struct site *other = build->conf->sites; other <= site; other++)
        for (unsigned i = 0; i < site->host_count; i++)
            for (unsigned j = 0; j < (other == site ? i : other->host_count); j++)
                if (slice_eq(site->hosts[i], other->hosts[j]))
                    return complain(build, "site \"%.*s\" has the host of site \"%.*s\", %.*s", SLICE_FMT(site->name),
                                    SLICE_FMT(other->name), SLICE_FMT(site->hosts[i]));
    return ERR_NONE;
}

static int by_length(const void *a, const void *b)
{
    const struct place *pa = a, *pb = b;

    if (pa->path.len != pb->path.len)
        return pa->path.len > pb->path.len ? -1 : 1;
    return slice_cmp(pa->path, pb->path);
}

void site_finish(struct site *site)
{
    qsort(site->places, site->place_count, sizeof(*site->places), by_length);
}
