/*
 * extension.c - mandatory requests (RFC 2774), and paths that take no others: 510, 501, 400.
 *
 * A request whose method begins with "M-" is fulfilled under all extensions that it declares as mandatory, or not at
 * all. What it declares is judged on arrival, before anybody knows who asks: that costs no more than its head. What a
 * path demands is judged behind the rights. Known extensions are in the table below.
 */
#include "extension.h"

#include "http/dav_field.h"

enum { ID_SHOWN_MAX = 200 }; /* octets of a client's URI in a refusal */

static const struct extension_row rows[EXTENSION_COUNT] = {
    [EXTENSION_INTEGRITY] = {.how = SLICE_INIT(", and where it has content the field Content-Digest or Repr-Digest "
                                               "with its sha-256 or sha-512"),
                             .judge = integrity_judge},
    [EXTENSION_REASON] = {.how = SLICE_INIT("; ns=16 and 16-reason: why you want it (it is written down)"),
                          .judge = reason_judge,
                          .tell = reason_tell,
                          .varies_by = SLICE_INIT("reason")},
};

const struct extension_row *extension_row(enum extension extension)
{
    return &rows[extension];
}

/* ---- what the request declares ---- */

void extensions_begin(struct exchange *ex)
{
    struct extended *extended;
    struct slice base;

    if (!ex->site->extensions || !mandatory_method(ex->head.method_text, &base))
        return;
    extended = arena_alloc(&ex->arena, sizeof(*extended));
    *extended = (struct extended){0};
    ex->extension = extended;
    ex->head.method = method_find(base); /* "M-M-GET" is none */
}

static bool declares(const struct head *head)
{
    return head_has(head, FIELD_MAN) || head_has(head, FIELD_C_MAN) || head_has(head, FIELD_OPT) ||
           head_has(head, FIELD_C_OPT);
}

/* The first mandatory one that is none of ours. */
static const struct declaration *find_unknown(const struct extended *extended)
{
    for (unsigned i = 0; i < extended->declarations.count; i++)
        if (extended->declarations.list[i].is_mandatory && !extended->which[i])
            return &extended->declarations.list[i];
    return NULL;
}

static bool has_mandatory(const struct extended *extended)
{
    for (unsigned i = 0; i < extended->declarations.count; i++)
        if (extended->declarations.list[i].is_mandatory)
            return true;
    return false;
}

static struct verdict not_extended(struct slice detail)
{
    return (struct verdict){.status = 510, .detail = detail};
}

/* Known by name only: a plain method says nothing of extensions to those who do not know them (POL-C8). */
static struct verdict judge_plain(struct exchange *ex)
{
    return (struct verdict){.status = 400,
                            .detail = arena_printf(&ex->arena,
                                                   "A request with Man or C-Man has a method that begins with M-: send "
                                                   "M-%.*s, or leave that field out. Nothing was done.",
                                                   SLICE_FMT(ex->head.method_text))};
}

static struct verdict judge_declared(struct exchange *ex, const struct extended *extended)
{
    for (unsigned i = 0; i < extended->declarations.count; i++) {
        struct verdict verdict = GO_ON;

        if (extended->declarations.list[i].is_mandatory && rows[extended->which[i]].judge)
            verdict = rows[extended->which[i]].judge(ex, extended, i);
        if (verdict.status)
            return verdict;
    }
    return GO_ON;
}

static struct verdict judge(struct exchange *ex, const struct extended *extended, bool is_mandatory)
{
    const struct declaration *unknown = find_unknown(extended);

    if (unknown)
        return not_extended(arena_printf(
            &ex->arena,
            "The extension \"%.*s\" is not known here, and nothing was done. Known are \"%.*s\" and \"%.*s\".",
            SLICE_FMT(slice_upto(unknown->id, ID_SHOWN_MAX)), SLICE_FMT(extension_uri(EXTENSION_INTEGRITY)),
            SLICE_FMT(extension_uri(EXTENSION_REASON))));
    if (!has_mandatory(extended))
        return is_mandatory ? not_extended(SLICE("A method that begins with M- takes a field that says which extension "
                                                 "the request is made under: Man, or C-Man where Connection lists it. "
                                                 "Nothing was done; send it with such a field, or without M-."))
                            : GO_ON;
    return is_mandatory ? judge_declared(ex, extended) : judge_plain(ex);
}

struct verdict extensions_read(struct exchange *ex)
{
    struct extended *extended = ex->extension;
    bool is_mandatory = extended != NULL;
    struct verdict verdict;
    const char *why;

    if (!ex->site->extensions || (!is_mandatory && !declares(&ex->head)))
        return GO_ON;
    if (ex->head.method == METHOD_UNKNOWN || ex->head.method == METHOD_CONNECT) /* 501, before 510 (POL-C9) */
        return GO_ON;
    head_drop_named(&ex->head);
    if (!is_mandatory)
        extended = arena_alloc(&ex->arena, sizeof(*extended));
    *extended = (struct extended){0};
    if (declarations_read(&ex->head, &extended->declarations, &why))
        return (struct verdict){.status = 400, .detail = slice_str(why)};
    for (unsigned i = 0; i < extended->declarations.count; i++)
        extended->which[i] = extension_find(extended->declarations.list[i].id);
    verdict = judge(ex, extended, is_mandatory);
    extended->is_accepted = is_mandatory && !verdict.status;
    return verdict;
}

bool extension_is_asked(const struct exchange *ex, enum extension extension)
{
    const struct extended *extended = ex->extension;

    for (unsigned i = 0; extended && extended->is_accepted && i < extended->declarations.count; i++)
        if (extended->declarations.list[i].is_mandatory && extended->which[i] == extension)
            return true;
    return false;
}

void extensions_tell(struct exchange *ex, struct extended *extended, int status)
{
    if (extended->is_told || !extended->is_accepted)
        return;
    extended->is_told = true;
    for (unsigned i = 0; i < extended->declarations.count; i++)
        if (extended->declarations.list[i].is_mandatory && rows[extended->which[i]].tell)
            rows[extended->which[i]].tell(ex, extended, i, status);
}

/* ---- what paths demand ---- */

static LOOP_SIDE bool lacks(const struct exchange *ex, struct slice required)
{
    return required.len && !extension_is_asked(ex, extension_find(required));
}

static struct verdict demand_it(struct exchange *ex, struct slice required, struct slice where)
{
    struct slice how = rows[extension_find(required)].how;

    return not_extended(arena_printf(&ex->arena,
                                     "%.*s is only for requests under the extension \"%.*s\", and nothing was done. "
                                     "Send it as M-%.*s, with Man: \"%.*s\"%.*s.",
                                     SLICE_FMT(where), SLICE_FMT(required), SLICE_FMT(method_name(ex->head.method)),
                                     SLICE_FMT(required), SLICE_FMT(how)));
}

/* Whether the method reaches what is below the folder, too. */
static bool reaches_below(const struct exchange *ex)
{
    switch (ex->head.method) {
    case METHOD_COPY:
    case METHOD_MOVE:
    case METHOD_DELETE:
    case METHOD_REPORT:
        return true;
    case METHOD_PROPFIND:
        return depth_of(&ex->head) != DEPTH_0 && depth_of(&ex->head) != DEPTH_1;
    default:
        return false;
    }
}

/* Of a few methods only, and places are as many as somebody wrote down. */
static LOOP_SIDE struct verdict judge_below(struct exchange *ex, struct slice folder)
{
    char room[CONF_PATH_ROOM];

    folder = conf_path(ex->site, folder, room);
    for (unsigned i = 0; i < ex->site->place_count; i++) {
        const struct place *place = &ex->site->places[i];

        if (lacks(ex, place->rules.extension) && rpath_is_within(place->path, folder))
            return demand_it(ex, place->rules.extension, SLICE("Something below this folder"));
    }
    return GO_ON;
}

struct verdict gate_extension(struct exchange *ex)
{
    struct verdict verdict = GO_ON;

    if (!ex->site->extensions || ex->target.is_server_wide)
        return GO_ON;
    if (lacks(ex, ex->rules.extension))
        return demand_it(ex, ex->rules.extension, SLICE("What is at this address"));
    if (reaches_below(ex))
        verdict = judge_below(ex, ex->path.text);
    if (!verdict.status && ex->extension)
        extensions_tell(ex, ex->extension, 0);
    return verdict;
}

struct verdict extension_judge_at(struct exchange *ex, struct rpath path)
{
    struct rules rules = conf_rules(ex->site, path.text);

    if (!ex->site->extensions)
        return GO_ON;
    if (lacks(ex, rules.extension))
        return demand_it(ex, rules.extension, SLICE("What is at the destination"));
    return judge_below(ex, path.text);
}
