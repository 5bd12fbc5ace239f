/*
 * digest_field.c - see digest_field.h. The parser is the part of RFC 9651 §4.2 that dictionaries need, of which only
 * byte sequences are looked into; all else has to be well-formed and is dropped.
 */
#include "http/digest_field.h"

#include <string.h>

#include "base/base64.h"

enum { BASE64_LETTERS_MAX = (DIGEST_BYTES_MAX + 2) / 3 * 4 };

static const struct {
    struct slice key;
    unsigned bytes;
} kinds[DIGEST_KINDS] = {[DIGEST_SHA256] = {SLICE_INIT("sha-256"), 32}, [DIGEST_SHA512] = {SLICE_INIT("sha-512"), 64}};

unsigned digest_bytes(enum digest_kind kind)
{
    return kinds[kind].bytes;
}

/* ---- base64 ---- */

/*
 * Exactly `count` octets. Padding may lack, and bits that fill up the last octet may be anything (RFC 9651 §4.2.7).
 */
static bool bytes_read(struct slice text, unsigned char *out, unsigned count)
{
    unsigned char octets[BASE64_ROOM(BASE64_LETTERS_MAX)];
    size_t len;
    bool stray;

    base64_unpad(&text);
    if (text.len > BASE64_LETTERS_MAX || !base64_decode(text, BASE64_PADDED, octets, &len, &stray) || len != count)
        return false;
    memcpy(out, octets, count);
    return true;
}

/* ---- items (RFC 9651 §4.2.3) ---- */

static bool is_key_char(char c, bool is_first)
{
    if ((c >= 'a' && c <= 'z') || c == '*')
        return true;
    return !is_first && (ascii_is_digit(c) || c == '_' || c == '-' || c == '.');
}

static bool take(struct slice *rest, char c)
{
    if (!rest->len || rest->ptr[0] != c)
        return false;
    *rest = slice_from(*rest, 1);
    return true;
}

static bool key_take(struct slice *rest, struct slice *key)
{
    size_t len = 0;

    while (len < rest->len && is_key_char(rest->ptr[len], len == 0))
        len++;
    *key = slice_upto(*rest, len);
    *rest = slice_from(*rest, len);
    return len > 0;
}

/* A string's or a display string's inside; both end at the first quote that is not escaped. */
static bool string_take(struct slice *rest)
{
    for (size_t i = 0; i < rest->len; i++) {
        unsigned char c = (unsigned char)rest->ptr[i];

        if (c == '"') {
            *rest = slice_from(*rest, i + 1);
            return true;
        }
        if (c < ' ' || c > '~')
            return false;
        if (c == '\\' && (++i == rest->len || (rest->ptr[i] != '"' && rest->ptr[i] != '\\')))
            return false;
    }
    return false;
}

/* Numbers, dates, tokens, booleans: whatever stands up to where an item must end. */
static bool word_take(struct slice *rest)
{
    size_t len = 0;

    while (len < rest->len && !memchr(" \t,;()\"", rest->ptr[len], 7))
        len++;
    *rest = slice_from(*rest, len);
    return len > 0;
}

/* *bytes: what stands between the colons of a byte sequence; its ptr is NULL for an item of another kind. */
static bool bare_item_take(struct slice *rest, struct slice *bytes)
{
    *bytes = SLICE_NONE;
    if (take(rest, ':'))
        return slice_cut(*rest, ':', bytes, rest);
    if (slice_starts(*rest, SLICE("%\""))) {
        *rest = slice_from(*rest, 2);
        return string_take(rest);
    }
    return take(rest, '"') ? string_take(rest) : word_take(rest);
}

static void blanks_take(struct slice *rest)
{
    while (take(rest, ' '))
        ;
}

static bool params_take(struct slice *rest)
{
    struct slice key, bytes;

    while (take(rest, ';')) {
        blanks_take(rest);
        if (!key_take(rest, &key) || (take(rest, '=') && !bare_item_take(rest, &bytes)))
            return false;
    }
    return true;
}

static bool inner_list_take(struct slice *rest)
{
    struct slice bytes;

    for (;;) {
        blanks_take(rest);
        if (take(rest, ')'))
            return true;
        if (!rest->len || !bare_item_take(rest, &bytes) || !params_take(rest))
            return false;
        if (!rest->len || (rest->ptr[0] != ' ' && rest->ptr[0] != ')'))
            return false;
    }
}

struct member {
    struct slice key;
    struct slice bytes; /* of a byte sequence, else without ptr */
    struct slice item;  /* as it stands there, without parameters; "" for true */
};

/* What follows a key: nothing (true), "=" and an item or an inner list; then parameters. */
static bool member_take(struct slice *rest, struct member *member)
{
    const char *began;

    member->bytes = member->item = SLICE_NONE;
    if (take(rest, '=')) {
        began = rest->ptr;
        if (take(rest, '(') ? !inner_list_take(rest) : !bare_item_take(rest, &member->bytes))
            return false;
        member->item = slice_of(began, (size_t)(rest->ptr - began));
    }
    return params_take(rest);
}

/* ---- the dictionary ---- */

enum step { STEP_END, STEP_ONE, STEP_BAD };

/* The next member of a dictionary; between two of them stands a comma, which nothing may follow at the end. */
static enum step dictionary_next(struct slice *rest, struct member *member)
{
    if (!rest->len)
        return STEP_END;
    if (!key_take(rest, &member->key) || !member_take(rest, member))
        return STEP_BAD;
    *rest = slice_trim(*rest);
    if (!rest->len)
        return STEP_ONE;
    if (!take(rest, ','))
        return STEP_BAD;
    *rest = slice_trim(*rest);
    return rest->len ? STEP_ONE : STEP_BAD;
}

/* The last of several with one key counts (RFC 9651 §3.2). */
static void keep(struct digest_field *out, bool bad[DIGEST_KINDS], struct slice key, struct slice bytes)
{
    for (int kind = 0; kind < DIGEST_KINDS; kind++) {
        if (!slice_eq(key, kinds[kind].key))
            continue;
        out->has[kind] = bytes.ptr && bytes_read(bytes, out->value[kind], kinds[kind].bytes);
        bad[kind] = !out->has[kind];
    }
}

bool digest_field_read(struct slice value, struct digest_field *out)
{
    struct slice rest = slice_trim(value);
    bool bad[DIGEST_KINDS] = {false};
    struct member member;
    enum step step;

    *out = (struct digest_field){0};
    while ((step = dictionary_next(&rest, &member)) == STEP_ONE)
        keep(out, bad, member.key, member.bytes);
    if (step == STEP_BAD)
        return false;
    for (int kind = 0; kind < DIGEST_KINDS; kind++)
        out->has_bad |= bad[kind];
    return true;
}

/* An integer from 0 to 10 (RFC 9530 §4); what is none is no wish. */
static unsigned weight_of(struct slice item)
{
    uint64_t weight;

    return slice_u64(item, &weight) && weight <= 10 ? (unsigned)weight : 0;
}

bool digest_wish_read(struct slice value, enum digest_kind *out)
{
    unsigned weights[DIGEST_KINDS] = {0};
    struct slice rest = slice_trim(value);
    struct member member;
    enum step step;

    while ((step = dictionary_next(&rest, &member)) == STEP_ONE)
        for (int kind = 0; kind < DIGEST_KINDS; kind++)
            if (slice_eq(member.key, kinds[kind].key))
                weights[kind] = weight_of(member.item);
    *out = weights[DIGEST_SHA512] > weights[DIGEST_SHA256] ? DIGEST_SHA512 : DIGEST_SHA256;
    return step == STEP_END && weights[*out] > 0;
}

void digest_field_write(struct buf *out, enum digest_kind kind, const unsigned char *digest)
{
    buf_add(out, kinds[kind].key);
    buf_add_str(out, "=:");
    base64_encode(out, digest, kinds[kind].bytes, BASE64_PADDED);
    buf_add_char(out, ':');
}
