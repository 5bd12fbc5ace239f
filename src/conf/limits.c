/*
 * limits.c - the blocks `limit "NAME" { ... }`: how much one client may ask for (429).
 */
#include "base/hash.h"
#include "http/method.h"
#include "table.h"

enum {
    SPAN_S_MAX = 366 * 24 * 3600, /* a year; what is counted over longer is no rate */
    RATE_MAX = 1000000,           /* requests in a second; more than a server answers */
    LIMIT_NAME_MAX = 64,          /* it stands in the fields of answers */
};

/* "10/s", "5/30s": what comes before the slash, and the time in milliseconds. */
static bool split(struct slice text, struct slice *amount, uint64_t *out_ms)
{
    static const struct {
        const char *word;
        uint64_t ms;
    } words[] = {{"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {"d", 86400 * 1000}};
    struct slice span;

    if (!slice_cut(text, '/', amount, &span))
        return false;
    *amount = slice_trim(*amount);
    span = slice_trim(span);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (slice_eq(span, slice_str(words[i].word))) {
            *out_ms = words[i].ms;
            return true;
        }
    return value_time(span, out_ms) && *out_ms && *out_ms / 1000 <= SPAN_S_MAX;
}

enum err set_rate(struct build *build, void *limit_rule, struct slice value)
{
    struct limit_rule *rule = limit_rule;
    struct slice amount;

    if (!split(value, &amount, &rule->per_ms) || !slice_u64(amount, &rule->requests) || !rule->requests)
        return complain(build, "rate needs requests in a time, such as 10/s, 100/m or 5/30s, not \"%.*s\"",
                        SLICE_FMT(value));
    if (rule->requests > UINT64_MAX / 1000 || rule->requests * 1000 / rule->per_ms > RATE_MAX)
        return complain(build, "rate is %.*s; more than %d requests in a second are never refused", SLICE_FMT(value),
                        RATE_MAX);
    return ERR_NONE;
}

enum err set_byte_rate(struct build *build, void *limit_rule, struct slice value)
{
    struct limit_rule *rule = limit_rule;
    struct slice amount;

    if (!split(value, &amount, &rule->bytes_per_ms) || !value_size(amount, &rule->bytes) || !rule->bytes ||
        rule->bytes > INT64_MAX)
        return complain(build, "bytes needs a size in a time, such as 10M/s or 50G/d, not \"%.*s\"", SLICE_FMT(value));
    return ERR_NONE;
}

struct word {
    const char *name;
    unsigned bits;
};

static const char *word_at(unsigned index, const void *words)
{
    return ((const struct word *)words)[index].name;
}

/* The word's bits into *out; `what` says what the words are. */
static enum err take_word(struct build *build, const struct word *words, const char *what, struct slice value,
                          unsigned *out)
{
    const char *near;

    for (const struct word *word = words; word->name; word++)
        if (slice_eq(value, slice_str(word->name))) {
            *out |= word->bits;
            return ERR_NONE;
        }
    near = nearest_name(value, word_at, words);
    return complain(build, "no %s is called \"%.*s\"%s%s%s", what, SLICE_FMT(value), near ? "; did you mean " : "",
                    near ? near : "", near ? "?" : "");
}

enum err set_per(struct build *build, void *limit_rule, struct slice value)
{
    static const struct word words[] = {{"address", LIMIT_PER_ADDRESS}, {"user", LIMIT_PER_USER},
                                        {"path", LIMIT_PER_PATH},       {"method", LIMIT_PER_METHOD},
                                        {"all", LIMIT_PER_ALL},         {NULL, 0}};
    struct limit_rule *rule = limit_rule;
    enum err err = take_word(build, words, "way to tell clients apart", value, &rule->per);

    if (!err && rule->per & LIMIT_PER_ALL && rule->per != LIMIT_PER_ALL)
        return complain(build, "per = all counts everybody's requests together and stands alone");
    return err;
}

#define METHOD(name) (1u << METHOD_##name)

const unsigned limit_classes[LIMIT_CLASSES] = {
    [LIMIT_CLASS_READ] = METHOD(GET) | METHOD(HEAD) | METHOD(OPTIONS) | METHOD(TRACE),
    [LIMIT_CLASS_LIST] = METHOD(PROPFIND) | METHOD(REPORT),
    [LIMIT_CLASS_WRITE] = METHOD(PUT) | METHOD(DELETE) | METHOD(POST) | METHOD(PATCH) | METHOD(PROPPATCH) |
                          METHOD(MKCOL) | METHOD(COPY) | METHOD(MOVE) | METHOD(LOCK) | METHOD(UNLOCK) | METHOD(BIND) |
                          METHOD(UNBIND) | METHOD(REBIND) | METHOD(BREW) | METHOD(WHEN)};

enum err set_methods(struct build *build, void *limit_rule, struct slice value)
{
    static const char *const class_names[LIMIT_CLASSES] = {"read", "list", "write"};
    struct word words[LIMIT_CLASSES + METHOD_COUNT] = {0};
    unsigned count = 0;

    for (unsigned i = 0; i < LIMIT_CLASSES; i++)
        words[count++] = (struct word){class_names[i], limit_classes[i]};
    for (enum method method = METHOD_UNKNOWN + 1; method < METHOD_COUNT; method++)
        words[count++] = (struct word){method_name(method).ptr, 1u << method};
    return take_word(build, words, "method", value, &((struct limit_rule *)limit_rule)->methods);
}

enum err set_limit_path(struct build *build, void *limit_rule, struct slice value)
{
    struct limit_rule *rule = limit_rule;
    struct slice path;

    if (!place_path(value, &path))
        return complain(build, "paths needs paths such as \"/a folder\", without \".\" and \"..\", not \"%.*s\"",
                        SLICE_FMT(value));
    rule->paths = list_grow(&build->conf->arena, rule->paths, rule->path_count, sizeof(*rule->paths));
    rule->paths[rule->path_count++] = arena_slice(&build->conf->arena, path);
    return ERR_NONE;
}

/* It stands in the fields RateLimit and RateLimit-Policy as it is: the characters of a String (RFC 9651 §3.3.3). */
static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] < ' ' || name.ptr[i] > '~')
            return false;
    return name.len > 0 && name.len <= LIMIT_NAME_MAX;
}

/* As many as come in a second, at least one. */
static uint64_t default_burst(const struct limit_rule *rule)
{
    uint64_t burst = rule->requests * 1000 / rule->per_ms;

    return burst ? burst : 1;
}

static enum err check_burst(struct build *build, struct limit_rule *rule)
{
    if (!rule->requests)
        return rule->burst ? complain(build, "limit \"%.*s\" has a burst but no rate", SLICE_FMT(rule->name))
                           : ERR_NONE;
    if (!rule->burst)
        rule->burst = (uint32_t)default_burst(rule);
    /* Below 10^6 and 10^14: no overflow. */
    if ((uint64_t)rule->burst * (rule->per_ms / 1000 + 1) / rule->requests > SPAN_S_MAX)
        return complain(build, "limit \"%.*s\" needs longer than a year to earn its burst", SLICE_FMT(rule->name));
    rule->each_ns = rule->per_ms * 1000000 / rule->requests;
    return ERR_NONE;
}

enum err limit_finish(struct build *build, struct slice owner, unsigned position, struct limit_rule *rule)
{
    struct slice name = rule->name, seed;

    if (!is_name(rule->name))
        return complain(build, "limit needs a name of printable ASCII characters, at most %d of them", LIMIT_NAME_MAX);
    if (position >= LIMITS_MAX)
        return complain(build, "limit \"%.*s\" is one too many: %d may stand here", SLICE_FMT(name), LIMITS_MAX);
    if (!rule->requests && !rule->bytes && !rule->concurrent)
        return complain(build, "limit \"%.*s\" limits nothing; it needs rate, bytes or concurrent", SLICE_FMT(name));
    if (!rule->per)
        rule->per = LIMIT_PER_ADDRESS;
    seed = arena_printf(&build->conf->arena, "%.*s%c%.*s", SLICE_FMT(owner), '\n', SLICE_FMT(name));
    rule->id = hash64(hash_process_key(), seed);
    return check_burst(build, rule);
}
