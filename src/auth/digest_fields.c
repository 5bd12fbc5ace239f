/*
 * digest_fields.c - the grammar of Digest's credentials (RFC 7616 §3.4, RFC 9110 §11.4 and §5.6).
 */
#include "digest_fields.h"

#include "base/hash.h"
#include "scheme.h"

/* What clients send are ten; each unknown one is looked at once. */
enum { PARAMS_MAX = 32 };

enum param { USERNAME, USERNAME_EXT, REALM, NONCE, URI, RESPONSE, CNONCE, NC, QOP, ALGORITHM, USERHASH, PARAMS };

static const struct slice param_names[PARAMS] = {
    [USERNAME] = SLICE_INIT("username"), [USERNAME_EXT] = SLICE_INIT("username*"),
    [REALM] = SLICE_INIT("realm"),       [NONCE] = SLICE_INIT("nonce"),
    [URI] = SLICE_INIT("uri"),           [RESPONSE] = SLICE_INIT("response"),
    [CNONCE] = SLICE_INIT("cnonce"),     [NC] = SLICE_INIT("nc"),
    [QOP] = SLICE_INIT("qop"),           [ALGORITHM] = SLICE_INIT("algorithm"),
    [USERHASH] = SLICE_INIT("userhash"),
};

struct params {
    struct slice values[PARAMS];
    unsigned seen; /* bits 1 << enum param */
};

/* ---- the list ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static struct slice skip(struct slice text, bool commas)
{
    while (text.len > 0 && (is_space(text.ptr[0]) || (commas && text.ptr[0] == ',')))
        text = slice_from(text, 1);
    return text;
}

static bool is_token(char c)
{
    return c > ' ' && c < 0x7f && !strchr("\"(),/:;<=>?@[\\]{}", c);
}

static struct slice take_token(struct slice *text)
{
    size_t len = 0;
    struct slice token;

    while (len < text->len && is_token(text->ptr[len]))
        len++;
    token = slice_upto(*text, len);
    *text = slice_from(*text, len);
    return token;
}

/* The text without its backslashes (quoted-pair, RFC 9110 §5.6.4). */
static struct slice unescape(struct slice text, struct arena *arena)
{
    char *copy = arena_alloc(arena, text.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\' && i + 1 < text.len)
            i++;
        copy[len++] = text.ptr[i];
    }
    return slice_of(copy, len);
}

/* After the opening quote; false: it has no end. */
static bool take_quoted(struct slice *text, struct arena *arena, struct slice *out)
{
    bool is_escaped = false;

    for (size_t i = 0; i < text->len; i++) {
        if (text->ptr[i] == '"') {
            *out = slice_upto(*text, i);
            if (is_escaped)
                *out = unescape(*out, arena);
            *text = slice_from(*text, i + 1);
            return true;
        }
        if (text->ptr[i] == '\\') {
            is_escaped = true;
            i++;
        }
    }
    return false;
}

static bool take_value(struct slice *text, struct arena *arena, struct slice *out)
{
    if (text->len > 0 && text->ptr[0] == '"') {
        *text = slice_from(*text, 1);
        return take_quoted(text, arena, out);
    }
    *out = take_token(text);
    return out->len > 0;
}

static bool keep(struct params *params, struct slice name, struct slice value)
{
    for (unsigned i = 0; i < PARAMS; i++) {
        if (!slice_eq_nocase(name, param_names[i]))
            continue;
        if (params->seen & 1u << i)
            return false; /* RFC 9110 §11.2: each name once */
        params->seen |= 1u << i;
        params->values[i] = value;
    }
    return true;
}

static bool read_params(struct slice text, struct arena *arena, struct params *params)
{
    text = skip(text, true);
    for (unsigned count = 0; text.len > 0; count++) {
        struct slice name, value;

        name = take_token(&text);
        text = skip(text, false);
        if (name.len == 0 || text.len == 0 || text.ptr[0] != '=' || count == PARAMS_MAX)
            return false;
        text = skip(slice_from(text, 1), false);
        if (!take_value(&text, arena, &value) || !keep(params, name, value))
            return false;
        text = skip(text, false);
        if (text.len > 0 && text.ptr[0] != ',')
            return false;
        text = skip(text, true);
    }
    return true;
}

/* ---- what it says ---- */

/* RFC 8187 §3.2: UTF-8'LANGUAGE'percent-encoded. */
static bool decode_extended(struct slice value, struct arena *arena, struct slice *out)
{
    struct slice charset, language, text;
    char *copy;
    size_t len = 0;

    if (!slice_cut(value, '\'', &charset, &value) || !slice_cut(value, '\'', &language, &text) ||
        !slice_eq_nocase(charset, SLICE("UTF-8")))
        return false;
    copy = arena_alloc(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '%') {
            copy[len++] = text.ptr[i];
            continue;
        }
        if (text.len - i < 3 || !hex_decode(slice_of(text.ptr + i + 1, 2), copy + len, 1))
            return false;
        len++;
        i += 2;
    }
    *out = slice_of(copy, len);
    return true;
}

static enum err read_name(const struct params *params, struct arena *arena, struct digest *out)
{
    bool is_plain = params->seen & 1u << USERNAME, is_extended = params->seen & 1u << USERNAME_EXT;

    if (is_plain == is_extended) /* both at once MUST be treated as an error: RFC 7616 §3.4 */
        return ERR_INVALID;
    if (is_plain)
        out->name = params->values[USERNAME];
    else if (!decode_extended(params->values[USERNAME_EXT], arena, &out->name))
        return ERR_INVALID;
    if (out->name.len > AUTH_NAME_BYTES_MAX)
        return ERR_TOO_LARGE;
    return out->name.len > 0 && text_is_plain(out->name) ? ERR_NONE : ERR_INVALID;
}

static bool read_algorithm(struct slice text, enum digest_algorithm *out)
{
    *out = DIGEST_MD5; /* where none is named: RFC 7616 §3.3 */
    if (slice_is_empty(text))
        return true;
    for (unsigned i = 0; i < DIGEST_ALGORITHMS; i++) {
        *out = (enum digest_algorithm)i;
        if (slice_eq_nocase(text, digest_algorithm_name(*out)))
            return true;
    }
    return false;
}

static bool read_count(struct slice nc, uint32_t *out)
{
    unsigned char bytes[4];

    if (nc.len != 8 || !hex_decode(nc, bytes, sizeof(bytes)))
        return false;
    *out = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return *out > 0;
}

/* ASCII only, and we send it back. */
static bool is_cnonce(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    }
    return true;
}

enum err digest_fields_parse(struct slice value, struct arena *arena, struct digest *out)
{
    const unsigned required =
        1u << REALM | 1u << NONCE | 1u << URI | 1u << RESPONSE | 1u << CNONCE | 1u << NC | 1u << QOP;
    struct params params = {.seen = 0};

    *out = (struct digest){.algorithm = DIGEST_MD5};
    if (!read_params(value, arena, &params) || (params.seen & required) != required)
        return ERR_INVALID;
    if (!slice_eq_nocase(params.values[QOP], SLICE("auth")) ||
        slice_eq_nocase(params.values[USERHASH], SLICE("true")) ||
        !read_algorithm(params.values[ALGORITHM], &out->algorithm) || !read_count(params.values[NC], &out->count) ||
        !is_cnonce(params.values[CNONCE]))
        return ERR_INVALID;
    out->realm = params.values[REALM];
    out->nonce = params.values[NONCE];
    out->uri = params.values[URI];
    out->response = params.values[RESPONSE];
    out->cnonce = params.values[CNONCE];
    out->nc = params.values[NC];
    return read_name(&params, arena, out);
}

/* ---- the same resource ---- */

/* What follows "http://host" of an absolute one. */
static struct slice strip_origin(struct slice uri)
{
    struct slice rest;

    if (slice_starts_nocase(uri, SLICE("http://")))
        rest = slice_from(uri, 7);
    else if (slice_starts_nocase(uri, SLICE("https://")))
        rest = slice_from(uri, 8);
    else
        return uri;
    rest = slice_from(rest, slice_index(rest, '/'));
    return slice_is_empty(rest) ? SLICE("/") : rest;
}

/* The next octet; a slash that was percent-encoded is none, and so is apart from all octets. */
static unsigned next_octet(struct slice *text)
{
    unsigned char octet;

    if (text->len >= 3 && text->ptr[0] == '%' && hex_decode(slice_of(text->ptr + 1, 2), &octet, 1)) {
        *text = slice_from(*text, 3);
        return octet == '/' ? 0x100 : octet;
    }
    octet = (unsigned char)text->ptr[0];
    *text = slice_from(*text, 1);
    return octet;
}

static bool same_path(struct slice a, struct slice b)
{
    if (slice_ends(a, SLICE("/")))
        a.len--;
    if (slice_ends(b, SLICE("/")))
        b.len--;
    while (a.len > 0 && b.len > 0) {
        if (next_octet(&a) != next_octet(&b))
            return false;
    }
    return a.len == b.len;
}

bool digest_uri_agrees(struct slice uri, struct slice target)
{
    size_t uri_path, target_path;

    if (slice_eq(uri, target))
        return true;
    uri = strip_origin(uri);
    target = strip_origin(target);
    uri_path = slice_index(uri, '?');
    target_path = slice_index(target, '?');
    return same_path(slice_upto(uri, uri_path), slice_upto(target, target_path)) &&
           slice_eq(slice_from(uri, uri_path), slice_from(target, target_path));
}
