/*
 * h2_head.c - fields of a header block, judged one by one and put together.
 *
 * The first trouble decides; after it only the method is still looked for, since the refusal of a HEAD has no
 * content. Malformed goes before too long, wherever it stands.
 */
#include "http/h2_head.h"

#include "http/coffee.h"
#include "http/field.h"
#include "http/head_line.h"

enum {
    PSEUDO_METHOD = 1,
    PSEUDO_SCHEME = 2,
    PSEUDO_AUTHORITY = 4,
    PSEUDO_PATH = 8,
    BOMB_FACTOR = 4,
    TEXT_MAX = 1 << 30, /* the limits say how much really */
    LINE_EXTRA = 2,     /* ": " */
    REQUEST_EXTRA = 10, /* the blanks and the version of a request line */
};

void h2_head_begin(struct h2_head *h2, const struct head_limits *limits)
{
    struct buf text = h2->text, cookie = h2->cookie;

    text.max = cookie.max = TEXT_MAX;
    buf_clear(&text);
    buf_clear(&cookie);
    h2->head = (struct head){.fields = h2->fields, .minor = 1};
    h2->framing = (struct framing){0};
    h2->status = 0;
    h2->why = NULL;
    h2->culprit = h2->authority = SLICE_NONE;
    h2->limits = *limits;
    if (h2->limits.field_count_max > HEAD_FIELDS_MAX)
        h2->limits.field_count_max = HEAD_FIELDS_MAX;
    h2->pseudo = 0;
    h2->in_fields = h2->is_malformed = false;
    h2->total = h2->decoded = 0;
    h2->text = text;
    h2->cookie = cookie;
}

void h2_head_release(struct h2_head *h2)
{
    buf_release(&h2->text);
    buf_release(&h2->cookie);
}

static void refuse(struct h2_head *h2, int status, const char *why)
{
    if (h2->status)
        return;
    h2->status = status;
    h2->why = why;
}

static void follow(const struct h2_head *h2, struct slice *slice, const char *old)
{
    if (slice->ptr)
        slice->ptr = h2->text.ptr + ((uintptr_t)slice->ptr - (uintptr_t)old);
}

/* A copy behind the others; what was copied before follows when the memory moves. */
static struct slice keep(struct h2_head *h2, struct slice text)
{
    const char *old = h2->text.ptr;
    size_t at = h2->text.len;

    buf_add(&h2->text, text);
    if (old && old != h2->text.ptr) {
        head_rebase(&h2->head, old, h2->text.ptr);
        follow(h2, &h2->authority, old);
        follow(h2, &h2->culprit, old);
    }
    return slice_of(h2->text.ptr + at, text.len);
}

/* ---- fields ---- */

/* Fits the limits, which are those of lines. */
static bool charge(struct h2_head *h2, struct slice name, size_t value_len)
{
    size_t len = name.len + LINE_EXTRA + value_len;

    if (h2->status)
        return false;
    if (len > h2->limits.field_line_max) {
        h2->culprit = keep(h2, slice_upto(name, HEAD_CULPRIT_MAX));
        refuse(h2, 431, "A header field is too long.");
    } else if (len > h2->limits.fields_total_max - h2->total) {
        refuse(h2, 431, "The header fields are too long together.");
    }
    h2->total += h2->status ? 0 : len;
    return !h2->status;
}

static void add_field(struct h2_head *h2, enum field_id id, struct slice name, struct slice value)
{
    struct head *head = &h2->head;
    struct field *field;

    if (head->field_count == h2->limits.field_count_max) {
        refuse(h2, 431, "There are too many header fields.");
        return;
    }
    name = keep(h2, name);
    field = &head->fields[head->field_count++];
    *field = (struct field){.name = name, .id = id};
    value = keep(h2, value); /* the name may have moved meanwhile, and was rebased in its field */
    field->value = value;
    if (!head->first[id])
        head->first[id] = (uint8_t)head->field_count;
    head->present |= (uint64_t)1 << id;
}

/* RFC 6265 §5.4 wants one field; RFC 9113 §8.2.3 lets it come in crumbs. */
static void add_crumb(struct h2_head *h2, struct slice name, struct slice value)
{
    if (!charge(h2, name, value.len))
        return;
    if (h2->cookie.len)
        buf_add_str(&h2->cookie, "; ");
    buf_add(&h2->cookie, value);
}

static bool has_upper(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z')
            return true;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* RFC 9113 §8.2.1 */
static bool is_value(struct slice value)
{
    if (control_find(value.ptr, value.len) != value.len)
        return false;
    return !value.len || (!is_blank(value.ptr[0]) && !is_blank(value.ptr[value.len - 1]));
}

/* RFC 9113 §8.2.2: what speaks of the connection has no place here. */
static bool is_of_connection(enum field_id id, struct slice name, struct slice value)
{
    switch (id) {
    case FIELD_CONNECTION:
    case FIELD_KEEP_ALIVE:
    case FIELD_TRANSFER_ENCODING:
    case FIELD_UPGRADE:
        return true;
    case FIELD_TE:
        return !slice_eq_nocase(value, SLICE("trailers"));
    default:
        return slice_eq(name, SLICE("proxy-connection"));
    }
}

static void take_field(struct h2_head *h2, struct slice name, struct slice value)
{
    enum field_id id = field_find(name);

    h2->in_fields = true;
    if (!is_token(name) || has_upper(name) || !is_value(value) || is_of_connection(id, name, value)) {
        h2->is_malformed = true;
    } else if (id == FIELD_COOKIE) {
        add_crumb(h2, name, value);
    } else if (id == FIELD_HOST && h2->pseudo & PSEUDO_AUTHORITY) {
        if (!slice_eq_nocase(value, h2->authority)) /* RFC 9113 §8.3.1 */
            h2->is_malformed = true;
    } else if (charge(h2, name, value.len)) {
        add_field(h2, id, name, value);
    }
}

/* ---- pseudo-header fields ---- */

static unsigned pseudo_of(struct slice name)
{
    static const struct {
        struct slice name;
        unsigned bit;
    } known[] = {{SLICE_INIT(":method"), PSEUDO_METHOD},
                 {SLICE_INIT(":scheme"), PSEUDO_SCHEME},
                 {SLICE_INIT(":authority"), PSEUDO_AUTHORITY},
                 {SLICE_INIT(":path"), PSEUDO_PATH}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (slice_eq(known[i].name, name))
            return known[i].bit;
    return 0;
}

static bool has_blank_or_control(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
            return true;
    return false;
}

static bool request_line_fits(struct h2_head *h2, size_t more)
{
    if (h2->head.method_text.len + h2->head.target.len + more + REQUEST_EXTRA <= h2->limits.request_line_max)
        return true;
    refuse(h2, 414, "The request target is too long.");
    return false;
}

static void take_method(struct h2_head *h2, struct slice value)
{
    if (!is_token(value)) {
        h2->is_malformed = true;
        return;
    }
    h2->head.method = method_find(value);
    if (value.len > h2->limits.request_line_max)
        refuse(h2, 501, "The method is longer than any that this server knows.");
    else if (request_line_fits(h2, value.len))
        h2->head.method_text = keep(h2, value);
}

/* Any scheme is legal (RFC 9113 §8.3.1), and a proxy may say what its client spoke; ours are these two (H1-21). */
static void take_scheme(struct h2_head *h2, struct slice value)
{
    if (!value.len || has_blank_or_control(value))
        h2->is_malformed = true;
    else if (coffee_scheme(value))
        h2->head.is_coffee = true;
    else if (!slice_eq_nocase(value, SLICE("http")) && !slice_eq_nocase(value, SLICE("https")))
        refuse(h2, 421, "This server answers for http and https only.");
}

static void take_path(struct h2_head *h2, struct slice value)
{
    bool is_star = slice_eq(value, SLICE("*"));

    if ((!is_star && !slice_starts(value, SLICE("/"))) || has_blank_or_control(value))
        h2->is_malformed = true;
    else if (request_line_fits(h2, value.len))
        h2->head.target = keep(h2, value);
}

static void take_authority(struct h2_head *h2, struct slice value)
{
    if (has_blank_or_control(value)) {
        h2->is_malformed = true;
    } else if (charge(h2, SLICE("host"), value.len)) {
        add_field(h2, FIELD_HOST, SLICE("host"), value);
        h2->authority = head_value(&h2->head, FIELD_HOST);
    }
}

static void take_pseudo(struct h2_head *h2, struct slice name, struct slice value)
{
    unsigned bit = pseudo_of(name);

    if (!bit || h2->in_fields || h2->pseudo & bit) {
        h2->is_malformed = true;
        return;
    }
    if (bit == PSEUDO_METHOD)
        take_method(h2, value);
    else if (bit == PSEUDO_SCHEME)
        take_scheme(h2, value);
    else if (bit == PSEUDO_PATH)
        take_path(h2, value);
    else
        take_authority(h2, value);
    h2->pseudo |= bit;
}

bool h2_head_is_bomb(const struct h2_head *h2)
{
    return h2->decoded / BOMB_FACTOR > (size_t)h2->limits.request_line_max + h2->limits.fields_total_max;
}

void h2_head_add(struct h2_head *h2, struct slice name, struct slice value)
{
    h2->decoded += name.len + value.len + 1;
    if (h2->is_malformed)
        return;
    if (name.len && name.ptr[0] == ':')
        take_pseudo(h2, name, value);
    else
        take_field(h2, name, value);
}

/* ---- all of it ---- */

/* RFC 9113 §8.3.1, §8.5 */
static bool has_its_pseudo_fields(const struct h2_head *h2)
{
    if (h2->head.method == METHOD_CONNECT)
        return h2->pseudo == (PSEUDO_METHOD | PSEUDO_AUTHORITY);
    return (h2->pseudo | PSEUDO_AUTHORITY) == (PSEUDO_METHOD | PSEUDO_SCHEME | PSEUDO_PATH | PSEUDO_AUTHORITY);
}

static void add_cookie(struct h2_head *h2)
{
    if (!h2->head.first[FIELD_COOKIE] && h2->cookie.len + sizeof("cookie: ") - 1 > h2->limits.field_line_max) {
        h2->culprit = SLICE("cookie");
        refuse(h2, 431, "A header field is too long.");
    } else {
        add_field(h2, FIELD_COOKIE, SLICE("cookie"), buf_slice(&h2->cookie));
    }
}

/* False: malformed (RFC 9113 §8.1.1). An expectation that nobody knows is the caller's to answer. */
static bool frame(struct h2_head *h2, bool is_whole)
{
    struct framing *framing = &h2->framing;
    const char *why;

    if (framing_decide(&h2->head, framing, &why) && !framing->expects_unknown)
        return false;
    if (is_whole) {
        if (framing->kind == BODY_LENGTH && framing->length)
            return false;
        framing->kind = BODY_NONE;
        framing->expects_continue = false;
    } else if (framing->kind == BODY_NONE) {
        framing->kind = BODY_CHUNKED;
        framing->expects_continue = head_has(&h2->head, FIELD_EXPECT) && !framing->expects_unknown;
    }
    return true;
}

enum h2_head_step h2_head_end(struct h2_head *h2, bool is_whole)
{
    if (h2->is_malformed || !has_its_pseudo_fields(h2))
        return H2_HEAD_MALFORMED;
    if (!h2->status && h2->cookie.len)
        add_cookie(h2);
    if (h2->status)
        return H2_HEAD_REFUSED;
    if (h2->head.method == METHOD_CONNECT)
        h2->head.target = h2->authority;
    h2->head.len = h2->text.len;
    return frame(h2, is_whole) ? H2_HEAD_DONE : H2_HEAD_MALFORMED;
}
