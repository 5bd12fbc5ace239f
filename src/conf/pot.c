/*
 * pot.c - the blocks `pot "NAME" { ... }` and the teas in them, and what is at a path of theirs.
 */
#include "build.h"
#include "http/host.h"

/* ---- values ---- */

static const char *addition_at(unsigned index, const void *arg)
{
    return index < ADDITION_COUNT ? addition_name(index).ptr : NULL;
}

static enum err addition_take(struct build *build, struct slice value, unsigned *out)
{
    enum addition addition = addition_find(value);
    const char *near;

    if (addition < ADDITION_COUNT) {
        *out |= 1u << addition;
        return ERR_NONE;
    }
    near = nearest_name(value, addition_at, NULL);
    return complain(build, "no addition is called \"%.*s\"%s%s%s", SLICE_FMT(value), near ? "; did you mean " : "",
                    near ? near : "", near ? "?" : "");
}

enum err set_pot_addition(struct build *build, void *pot, struct slice value)
{
    return addition_take(build, value, &((struct pot_conf *)pot)->additions);
}

/* "Cream", or "Vanilla+Rum" for the two together. */
enum err set_consensus(struct build *build, void *tea, struct slice value)
{
    struct tea_conf *of = tea;
    struct slice name, rest = value;
    unsigned bits = 0;
    enum err err = ERR_NONE;

    if (of->consensus_count == CONSENSUS_MAX)
        return complain(build, "against takes %d additions and combinations of them at most", CONSENSUS_MAX);
    while (!err && slice_cut(rest, '+', &name, &rest))
        err = addition_take(build, slice_trim(name), &bits);
    if (!err)
        err = addition_take(build, slice_trim(rest), &bits);
    of->consensus[of->consensus_count++] = bits;
    return err;
}

enum err set_pot_command(struct build *build, void *pot, struct slice value)
{
    struct pot_conf *of = pot;

    if (of->command_count == POT_WORDS_MAX)
        return complain(build, "command takes a program and %d arguments at most", POT_WORDS_MAX - 1);
    of->command[of->command_count] = of->command_count ? arena_str(&build->conf->arena, value)
                                                       : path_absolute(&build->conf->arena, build->folder, value);
    of->command_count++;
    return ERR_NONE;
}

enum err set_pot_broker(struct build *build, void *pot, struct slice value)
{
    struct slice scheme, rest;
    struct host host;
    bool is_good = slice_cut(value, ':', &scheme, &rest) && slice_starts(rest, SLICE("//")) &&
                   (slice_eq(scheme, SLICE("mqtt")) || slice_eq(scheme, SLICE("mqtts"))) &&
                   host_parse(slice_from(rest, 2), &host) && host.name.len;

    if (!is_good)
        return complain(build,
                        "broker needs an address such as mqtt://127.0.0.1:1883 or mqtts://broker.example.net, "
                        "not \"%.*s\"",
                        SLICE_FMT(value));
    ((struct pot_conf *)pot)->broker = arena_str(&build->conf->arena, value);
    return ERR_NONE;
}

static enum err topic_take(struct build *build, const char *name, struct slice value, const char **out)
{
    enum { TOPIC_MAX = 200 };
    bool is_good = value.len <= TOPIC_MAX && value.ptr[0] != '/' && !slice_ends(value, SLICE("/"));

    for (size_t i = 0; i < value.len; i++)
        is_good &= value.ptr[i] > ' ' && value.ptr[i] <= '~' && !memchr("#+\"\\", value.ptr[i], 4);
    if (!is_good)
        return complain(build, "%s needs a topic such as kitchen/pot-1, without wildcards and blanks, not \"%.*s\"",
                        name, SLICE_FMT(value));
    *out = arena_str(&build->conf->arena, value);
    return ERR_NONE;
}

enum err set_pot_topic(struct build *build, void *pot, struct slice value)
{
    return topic_take(build, "topic", value, &((struct pot_conf *)pot)->topic);
}

enum err set_pot_discovery(struct build *build, void *pot, struct slice value)
{
    if (slice_eq(value, SLICE("off"))) {
        ((struct pot_conf *)pot)->discovery = "";
        return ERR_NONE;
    }
    return topic_take(build, "discovery", value, &((struct pot_conf *)pot)->discovery);
}

enum err set_pots(struct build *build, void *site, struct slice value)
{
    struct slice path;

    if (!place_path(value, &path))
        return complain(build, "pots needs a path such as \"/pots\", without \".\" and \"..\", not \"%.*s\"",
                        SLICE_FMT(value));
    ((struct site *)site)->pots_path = arena_slice(&build->conf->arena, path);
    return ERR_NONE;
}

/* ---- whole blocks ---- */

/* It stands in addresses, in topics and on the command lines of programs as it is. */
static enum err name_check(struct build *build, const char *what, struct slice name)
{
    bool is_good = name.len > 0 && name.len <= POT_NAME_MAX && name.ptr[0] != '.' && name.ptr[0] != '-';

    for (size_t i = 0; i < name.len; i++) {
        char c = ascii_lower(name.ptr[i]);

        is_good &= (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '-' || c == '_' || c == '.';
    }
    if (is_good)
        return ERR_NONE;
    return complain(build, "a %s needs a name of letters, digits, \"-\", \"_\" and dots, such as \"%s\", not \"%.*s\"",
                    what, slice_eq(slice_str(what), SLICE("pot")) ? "pot-1" : "earl-grey", SLICE_FMT(name));
}

struct tea_conf *tea_add(struct build *build, struct pot_conf *pot, struct slice name)
{
    struct tea_conf *tea;

    if (name_check(build, "tea", name))
        return NULL;
    if (pot->tea_count == TEAS_MAX) {
        complain(build, "pot \"%.*s\" has more than %d teas", SLICE_FMT(pot->name), TEAS_MAX);
        return NULL;
    }
    pot->teas = list_grow(&build->conf->arena, pot->teas, pot->tea_count, sizeof(*tea));
    tea = &pot->teas[pot->tea_count++];
    *tea = (struct tea_conf){.name = arena_slice(&build->conf->arena, name)};
    return tea;
}

struct pot_conf *pot_add(struct build *build, struct site *site, struct slice name)
{
    struct pot_conf *pot;

    if (name_check(build, "pot", name))
        return NULL;
    if (site->pot_count == POTS_MAX) {
        complain(build, "site \"%.*s\" has more than %d pots", SLICE_FMT(site->name), POTS_MAX);
        return NULL;
    }
    site->pots = list_grow(&build->conf->arena, site->pots, site->pot_count, sizeof(*pot));
    pot = &site->pots[site->pot_count++];
    *pot = (struct pot_conf){.name = arena_slice(&build->conf->arena, name)};
    return pot;
}

static enum err driver_check(struct build *build, const struct pot_conf *pot)
{
    if (pot->driver == POT_COMMAND && !pot->command_count)
        return complain(build, "driver = command needs a program: command = { \"/usr/local/bin/pot\" }");
    if (pot->driver != POT_COMMAND && pot->command_count)
        return complain(build, "command belongs to driver = command");
    if (pot->driver == POT_MQTT && (!pot->broker || !pot->topic))
        return complain(build, "driver = mqtt needs a broker and a topic: broker = \"mqtt://127.0.0.1:1883\", "
                               "topic = \"kitchen/pot-1\"");
    if (pot->driver != POT_MQTT && (pot->broker || pot->topic || pot->login || pot->password_file || pot->broker_ca))
        return complain(build, "broker, broker-ca, topic, login and password-file belong to driver = mqtt");
    if (pot->broker_ca && !slice_starts(slice_str(pot->broker), SLICE("mqtts:")))
        return complain(build, "broker-ca belongs to a broker with TLS: broker = \"mqtts://broker.example.net\"");
    return ERR_NONE;
}

enum err pot_check(struct build *build, const struct pot_conf *pot)
{
    if (pot_brews_tea(pot) && !pot->tea_count)
        return complain(build, "pot \"%.*s\" brews tea and needs some: tea \"earl-grey\" { }", SLICE_FMT(pot->name));
    if (!pot_brews_tea(pot) && pot->tea_count)
        return complain(build, "pot \"%.*s\" has teas, and brews none: brews = tea, or both", SLICE_FMT(pot->name));
    return driver_check(build, pot);
}

static bool is_tea(const struct pot_conf *pot, struct slice name, const struct tea_conf **out)
{
    for (unsigned i = 0; i < pot->tea_count; i++)
        if (slice_eq(pot->teas[i].name, name)) {
            *out = &pot->teas[i];
            return true;
        }
    return false;
}

/* Pots and teas share the names below the collection. */
enum err pots_finish(struct build *build, struct site *site, bool has_path)
{
    const struct tea_conf *tea;

    if (has_path && !site->pot_count)
        return complain(build, "pots says where pots are, and the site has none: pot \"pot-1\" { }");
    for (unsigned i = 0; i < site->pot_count; i++)
        for (unsigned k = 0; k < site->pot_count; k++)
            if (is_tea(&site->pots[k], site->pots[i].name, &tea))
                return complain(build, "a pot and a tea are both called \"%.*s\"", SLICE_FMT(site->pots[i].name));
    build->conf->has_pots |= site->pot_count > 0;
    return ERR_NONE;
}

/* ---- reloads: a driver's process was made at the start ---- */

static bool same_text(const char *a, const char *b)
{
    return slice_eq(slice_str(a ? a : ""), slice_str(b ? b : ""));
}

static bool same_driver(const struct pot_conf *a, const struct pot_conf *b)
{
    bool is_same = a->driver == b->driver && slice_eq(a->name, b->name) && a->command_count == b->command_count &&
                   a->answer_ms == b->answer_ms;

    for (unsigned i = 0; is_same && i < a->command_count; i++)
        is_same = same_text(a->command[i], b->command[i]);
    return is_same && same_text(a->broker, b->broker) && same_text(a->topic, b->topic) &&
           same_text(a->login, b->login) && same_text(a->password_file, b->password_file) &&
           same_text(a->broker_ca, b->broker_ca) && same_text(a->discovery, b->discovery);
}

static const struct pot_conf *next_driven(const struct site *site, unsigned *at)
{
    while (*at < site->pot_count)
        if (site->pots[(*at)++].driver != POT_SIMULATED)
            return &site->pots[*at - 1];
    return NULL;
}

static bool same_drivers(const struct site *a, const struct site *b)
{
    unsigned at = 0, other = 0;

    for (;;) {
        const struct pot_conf *one = next_driven(a, &at), *two = next_driven(b, &other);

        if (!one || !two)
            return one == two;
        if (!same_driver(one, two))
            return false;
    }
}

enum err pots_check_restart(struct build *build, const struct conf *old)
{
    for (unsigned i = 0; i < old->site_count; i++)
        if (!same_drivers(&old->sites[i], &build->conf->sites[i]))
            return complain(build, "another command or broker of a pot in site \"%.*s\" needs a restart",
                            SLICE_FMT(old->sites[i].name));
    return ERR_NONE;
}

/* ---- what is at a path ---- */

static struct pot_place below_collection(const struct site *site, struct slice name, bool is_shared)
{
    struct pot_place place = {.kind = is_shared ? POT_NOWHERE : POT_UNKNOWN};

    for (unsigned i = 0; i < site->pot_count; i++)
        if (slice_eq(site->pots[i].name, name))
            return (struct pot_place){.kind = POT_ITSELF, .pot = &site->pots[i]};
    for (unsigned i = 0; i < site->pot_count; i++)
        if (is_tea(&site->pots[i], name, &place.tea))
            return (struct pot_place){.kind = POT_TEA, .pot = &site->pots[i], .tea = place.tea};
    return place;
}

struct pot_place conf_pots(const struct site *site, struct slice path)
{
    char room[CONF_PATH_ROOM];
    struct slice rest, name, tea;
    struct pot_place place;
    bool is_shared = site->pots_path.len == 0; /* the site's own folder is the collection: files are there, too */

    if (!site->pot_count)
        return (struct pot_place){.kind = POT_NOWHERE};
    path = conf_path(site, path, room);
    if (slice_eq(path, site->pots_path))
        return (struct pot_place){.kind = POT_COLLECTION};
    if (!rpath_is_within(path, site->pots_path))
        return (struct pot_place){.kind = POT_NOWHERE};
    rest = is_shared ? path : slice_from(path, site->pots_path.len + 1);
    if (!slice_cut(rest, '/', &name, &tea))
        return below_collection(site, rest, is_shared);
    place = below_collection(site, name, is_shared);
    if (place.kind == POT_ITSELF && is_tea(place.pot, tea, &place.tea))
        place.kind = POT_TEA;
    else if (place.kind != POT_NOWHERE)
        place.kind = POT_UNKNOWN;
    return place;
}
