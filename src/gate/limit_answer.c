/*
 * limit_answer.c - what clients are told of limits: the refusal, and the fields RateLimit and RateLimit-Policy
 * (draft-ietf-httpapi-ratelimit-headers), which are Structured Fields (RFC 9651).
 *
 * A policy is told as what may come at once, and the time in which as much is earned again: who asks for so much in
 * that time and no more is never refused. A name is printable ASCII (conf/limits.c).
 */
#include "limit.h"

enum {
    FIELD_VALUE_MAX = 8 * 1024, /* 64 limits of three units each, with names of 64 */
    PHRASE_MAX = 128,           /* of a sentence, our own words and a number */
};

static const uint64_t second_ns = 1000000000;

/* ---- names and numbers ---- */

/* A limit that counts several things has a name for each: the first is called by its own. */
static const char *suffix_of(const struct limit_rule *rule, enum limit_unit unit)
{
    if (unit == LIMIT_BYTES && rule->requests)
        return "-bytes";
    if (unit == LIMIT_CONCURRENT && (rule->requests || rule->bytes))
        return "-concurrent";
    return "";
}

/* A String of RFC 9651 §4.1.6, which is one of JSON as well. */
static void add_name(struct buf *out, const struct limit_rule *rule, enum limit_unit unit)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < rule->name.len; i++) {
        if (rule->name.ptr[i] == '"' || rule->name.ptr[i] == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, rule->name.ptr[i]);
    }
    buf_add_str(out, suffix_of(rule, unit));
    buf_add_char(out, '"');
}

static uint64_t quota_of(const struct limit_rule *rule, enum limit_unit unit)
{
    return unit == LIMIT_REQUESTS ? rule->burst : unit == LIMIT_BYTES ? rule->bytes : rule->concurrent;
}

/* An Integer has 15 digits (RFC 9651 §3.3.1). */
static unsigned long long integer(uint64_t value)
{
    const uint64_t most = UINT64_C(999999999999999);

    return value < most ? value : most;
}

/* "guests";q=20;w=2 */
static void add_policy(struct buf *out, const struct limit_rule *rule, enum limit_unit unit)
{
    if (out->len)
        buf_add_str(out, ", ");
    add_name(out, rule, unit);
    buf_printf(out, ";q=%llu", integer(quota_of(rule, unit)));
    if (unit == LIMIT_BYTES)
        buf_add_str(out, ";qu=\"content-bytes\"");
    if (unit == LIMIT_CONCURRENT)
        buf_add_str(out, ";qu=\"concurrent-requests\"");
    else
        buf_printf(out, ";w=%llu", integer((limit_room_ns(rule, unit) + second_ns - 1) / second_ns));
}

/* ---- what is left ---- */

static uint64_t left_of(const struct limit_note *note)
{
    uint64_t room_ns = limit_room_ns(note->rule, note->unit);

    if (note->unit == LIMIT_REQUESTS)
        return note->left_ns / note->rule->each_ns;
    return (uint64_t)((__uint128_t)note->left_ns * note->rule->bytes / room_ns);
}

bool limit_is_low(const struct limit_note *note)
{
    return note->unit != LIMIT_CONCURRENT && note->left_ns < limit_room_ns(note->rule, note->unit) / 2;
}

/* Until there is one more than it says; of bytes, until the bucket is full. */
static uint64_t more_in_s(const struct limit_note *note)
{
    uint64_t room_ns = limit_room_ns(note->rule, note->unit), wait_ns = room_ns - note->left_ns;

    if (note->unit == LIMIT_REQUESTS)
        wait_ns = note->rule->each_ns - note->left_ns % note->rule->each_ns;
    return (wait_ns + second_ns - 1) / second_ns;
}

bool limit_fields(struct arena *arena, const struct limit_notes *notes, struct slice *state, struct slice *policy)
{
    struct buf states = BUF_INIT(FIELD_VALUE_MAX), policies = BUF_INIT(FIELD_VALUE_MAX);

    for (unsigned i = 0; i < notes->count; i++) {
        const struct limit_note *note = &notes->notes[i];

        if (!limit_is_low(note))
            continue;
        if (states.len)
            buf_add_str(&states, ", ");
        add_name(&states, note->rule, note->unit);
        buf_printf(&states, ";r=%llu;t=%llu", integer(left_of(note)), integer(more_in_s(note)));
        add_policy(&policies, note->rule, note->unit);
    }
    *state = arena_slice(arena, buf_slice(&states));
    *policy = arena_slice(arena, buf_slice(&policies));
    buf_release(&states);
    buf_release(&policies);
    return state->len != 0;
}

/* ---- the refusal ---- */

static void add_whom(struct buf *out, const struct limit_rule *rule)
{
    buf_add_str(out, rule->per & LIMIT_PER_USER ? "one user" : rule->per & LIMIT_PER_ADDRESS ? "one address" : "all");
    if (rule->per & LIMIT_PER_PATH)
        buf_add_str(out, " for one path");
    if (rule->per & LIMIT_PER_METHOD)
        buf_add_str(out, " with one kind of method");
}

static void add_time(struct buf *out, uint64_t ms)
{
    static const struct {
        uint64_t ms;
        const char *one, *many;
    } units[] = {{86400000, "a day", "days"},
                 {3600000, "an hour", "hours"},
                 {60000, "a minute", "minutes"},
                 {1000, "a second", "seconds"},
                 {1, "a millisecond", "milliseconds"}};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        uint64_t count = ms / units[i].ms;

        if (ms % units[i].ms)
            continue;
        if (count == 1)
            buf_add_str(out, units[i].one);
        else
            buf_printf(out, "%llu %s", (unsigned long long)count, units[i].many);
        return;
    }
}

/* Each sentence stands here whole: the catalogue of other languages knows it by its text (repr/sentences_forms.c). */
static void add_sentence(struct buf *out, const struct limit_rule *rule, enum limit_unit unit)
{
    struct buf whom = BUF_INIT(PHRASE_MAX), time = BUF_INIT(PHRASE_MAX);

    add_whom(&whom, rule);
    add_time(&time, unit == LIMIT_BYTES ? rule->bytes_per_ms : rule->per_ms);
    if (unit == LIMIT_REQUESTS)
        buf_printf(out,
                   "The limit \"%.*s\" lets %.*s make %llu request%s in %.*s, and %u at once. This one was more, and "
                   "nothing was done; send it again after as many seconds as Retry-After says.",
                   SLICE_FMT(rule->name), SLICE_FMT(whom), (unsigned long long)rule->requests,
                   rule->requests == 1 ? "" : "s", SLICE_FMT(time), rule->burst);
    else if (unit == LIMIT_BYTES)
        buf_printf(out,
                   "The limit \"%.*s\" lets %.*s send and fetch %llu bytes in %.*s. This one was more, and nothing was "
                   "done; send it again after as many seconds as Retry-After says.",
                   SLICE_FMT(rule->name), SLICE_FMT(whom), (unsigned long long)rule->bytes, SLICE_FMT(time));
    else
        buf_printf(out,
                   "The limit \"%.*s\" lets %.*s have %u request%s under way at one time. This one was more, and "
                   "nothing was done; send it again after as many seconds as Retry-After says.",
                   SLICE_FMT(rule->name), SLICE_FMT(whom), rule->concurrent, rule->concurrent == 1 ? "" : "s");
    buf_release(&whom);
    buf_release(&time);
}

static struct slice taken(struct arena *arena, struct buf *text)
{
    struct slice kept = arena_slice(arena, buf_slice(text));

    buf_release(text);
    return kept;
}

static struct slice name_text(struct arena *arena, const char *before, const struct limited *limited, const char *after)
{
    struct buf text = BUF_INIT(FIELD_VALUE_MAX);

    buf_add_str(&text, before);
    add_name(&text, limited->rule, limited->unit);
    buf_add_str(&text, after);
    return taken(arena, &text);
}

struct verdict limit_verdict(struct arena *arena, const struct limited *limited, struct slice wait)
{
    struct answer_field *fields = arena_alloc(arena, 3 * sizeof(*fields));
    struct buf detail = BUF_INIT(FIELD_VALUE_MAX), policy = BUF_INIT(FIELD_VALUE_MAX);
    struct slice after = arena_printf(arena, ";r=0;t=%.*s", SLICE_FMT(wait));

    add_sentence(&detail, limited->rule, limited->unit);
    add_policy(&policy, limited->rule, limited->unit);
    if (limited->unit == LIMIT_CONCURRENT)
        after = SLICE(";r=0"); /* who knows */
    fields[0] = (struct answer_field){SLICE("Retry-After"), wait};
    fields[1] = (struct answer_field){SLICE("RateLimit-Policy"), taken(arena, &policy)};
    fields[2] = (struct answer_field){SLICE("RateLimit"), name_text(arena, "", limited, after.ptr)};
    return (struct verdict){.status = 429,
                            .detail = taken(arena, &detail),
                            .fields = fields,
                            .field_count = 3,
                            .problem = SLICE("https://iana.org/assignments/http-problem-types#quota-exceeded"),
                            .members = name_text(arena, ",\"violated-policies\":[", limited, "]")};
}
