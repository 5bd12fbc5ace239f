/*
 * records.c - sessions and vouchers as they are in the metadata.
 *
 * Numbers are little-endian in the order of the fields; the first octet says which form it is. A record of another
 * form, or one that ends early, counts as none.
 */
#include "portal_private.h"

#include <stdlib.h>
#include <string.h>

enum { FORM = 1 };

/* Without I, L, O, U and 0, 1: nobody has to ask which one is meant. */
static const char alphabet[] = "ABCDEFGHJKMNPQRSTVWXYZ23456789";

/* ---- writing and reading numbers ---- */

struct pen {
    char *at, *end;
};

static void write_number(struct pen *pen, uint64_t value, unsigned octets)
{
    for (unsigned i = 0; i < octets; i++)
        *pen->at++ = (char)(value >> (8 * i));
}

static void write_text(struct pen *pen, const void *text, size_t len)
{
    memcpy(pen->at, text, len);
    pen->at += len;
}

struct eye {
    struct slice left;
    bool is_short;
};

static uint64_t read_number(struct eye *eye, unsigned octets)
{
    uint64_t value = 0;

    eye->is_short |= eye->left.len < octets;
    for (unsigned i = 0; !eye->is_short && i < octets; i++)
        value |= (uint64_t)(unsigned char)eye->left.ptr[i] << (8 * i);
    if (!eye->is_short)
        eye->left = slice_from(eye->left, octets);
    return value;
}

static struct slice read_text(struct eye *eye, size_t len)
{
    struct slice text = SLICE_NONE;

    eye->is_short |= eye->left.len < len;
    if (!eye->is_short) {
        text = slice_upto(eye->left, len);
        eye->left = slice_from(eye->left, len);
    }
    return text;
}

static void read_octets(struct eye *eye, void *room, size_t len)
{
    struct slice text = read_text(eye, len);

    if (!eye->is_short)
        memcpy(room, text.ptr, len);
}

/* ---- sessions ---- */

static struct slice name_of(const struct session *session)
{
    return session->voucher ? slice_str(session->voucher->code) : slice_str(session->user ? session->user : "");
}

static void write_seat(struct pen *pen, const struct seat *seat)
{
    write_number(pen, seat->address.family == AF_INET6, 1);
    write_text(pen, seat->address.octets, sizeof(seat->address.octets));
    write_number(pen, seat->counted, 8);
}

struct slice session_record(const struct session *session, char room[RECORD_ROOM])
{
    struct slice name = name_of(session);
    struct pen pen = {.at = room};

    write_number(&pen, FORM, 1);
    write_number(&pen, session->by, 1);
    write_number(&pen, (uint64_t)session->began_s, 8);
    write_number(&pen, (uint64_t)session->until_s, 8);
    write_number(&pen, session->bytes_max, 8);
    write_number(&pen, session->used, 8);
    write_number(&pen, session->has_mac, 1);
    write_text(&pen, session->mac, MAC_LEN);
    write_number(&pen, session->seat_count, 1);
    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX; i++)
        if (session->seats[i].address.family)
            write_seat(&pen, &session->seats[i]);
    write_number(&pen, name.len, 2);
    write_text(&pen, name.ptr, name.len); /* PORTAL_NAME_MAX at most: all fits */
    return slice_of(room, (size_t)(pen.at - room));
}

static void read_seats(struct eye *eye, struct session *out)
{
    out->seat_count = (unsigned)read_number(eye, 1);
    eye->is_short |= out->seat_count > PORTAL_ADDRESSES_MAX;
    for (unsigned i = 0; !eye->is_short && i < out->seat_count; i++) {
        struct seat *seat = &out->seats[i];

        seat->position = (uint8_t)i;
        seat->address.family = read_number(eye, 1) ? AF_INET6 : AF_INET;
        read_octets(eye, seat->address.octets, sizeof(seat->address.octets));
        seat->counted = read_number(eye, 8);
    }
}

static bool is_way_in(uint64_t by)
{
    return by == PORTAL_BY_TERMS || by == PORTAL_BY_VOUCHER || by == PORTAL_BY_USER;
}

bool session_read(struct slice name, struct slice value, struct session *out, char code[PORTAL_CODE_MAX + 1])
{
    struct eye eye = {.left = value};
    struct slice who;
    uint64_t form = read_number(&eye, 1), by = read_number(&eye, 1);

    *out = (struct session){.by = (enum portal_login)by};
    *code = '\0';
    if (form != FORM || !is_way_in(by) || name.len != SESSION_ID_LEN)
        return false;
    memcpy(out->id, name.ptr, SESSION_ID_LEN);
    out->began_s = (int64_t)read_number(&eye, 8);
    out->until_s = (int64_t)read_number(&eye, 8);
    out->bytes_max = read_number(&eye, 8);
    out->used = out->recorded = read_number(&eye, 8);
    out->has_mac = read_number(&eye, 1) != 0;
    read_octets(&eye, out->mac, MAC_LEN);
    read_seats(&eye, out);
    who = read_text(&eye, (size_t)read_number(&eye, 2));
    if (eye.is_short || eye.left.len || who.len > PORTAL_NAME_MAX)
        return false;
    if (by == PORTAL_BY_VOUCHER)
        return code_parse(who, code);
    if (by == PORTAL_BY_USER)
        out->user = xstrdup(who);
    return true;
}

/* ---- vouchers ---- */

struct slice voucher_record(const struct voucher *voucher, char room[RECORD_ROOM])
{
    struct pen pen = {.at = room};

    write_number(&pen, FORM, 1);
    write_number(&pen, voucher->grant.seconds, 8);
    write_number(&pen, voucher->grant.bytes, 8);
    write_number(&pen, voucher->grant.devices, 4);
    write_number(&pen, (uint64_t)voucher->made_s, 8);
    write_number(&pen, (uint64_t)voucher->first_s, 8);
    write_number(&pen, voucher->used, 8);
    return slice_of(room, (size_t)(pen.at - room));
}

bool voucher_read(struct slice name, struct slice value, struct voucher *out)
{
    struct eye eye = {.left = value};

    *out = (struct voucher){0};
    if (read_number(&eye, 1) != FORM || !code_parse(name, out->code))
        return false;
    out->grant.seconds = read_number(&eye, 8);
    out->grant.bytes = read_number(&eye, 8);
    out->grant.devices = (uint32_t)read_number(&eye, 4);
    out->made_s = (int64_t)read_number(&eye, 8);
    out->first_s = (int64_t)read_number(&eye, 8);
    out->used = out->recorded = read_number(&eye, 8);
    return !eye.is_short && eye.left.len == 0;
}

/* ---- codes ---- */

enum { CODE_LEN = 10 }; /* 49 bits: nobody guesses one while guesses are limited */

bool code_parse(struct slice text, char code[PORTAL_CODE_MAX + 1])
{
    size_t len = 0;

    *code = '\0';
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '-' || c == ' ')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (!c || !strchr(alphabet, c) || len == CODE_LEN)
            return false;
        code[len++] = c;
    }
    code[len] = '\0';
    return len == CODE_LEN;
}

void code_print(const char *code, struct buf *out)
{
    buf_printf(out, "%.*s-%s", CODE_LEN / 2, code, code + CODE_LEN / 2);
}

/* Each letter is as likely as any other: what would fall short of a whole round is thrown away. */
void code_make(char code[PORTAL_CODE_MAX + 1])
{
    enum { LETTERS = sizeof(alphabet) - 1, FAIR = 256 / LETTERS * LETTERS };

    for (unsigned i = 0; i < CODE_LEN;) {
        unsigned char octet;

        random_bytes(&octet, 1);
        if (octet < FAIR)
            code[i++] = alphabet[octet % LETTERS];
    }
    code[CODE_LEN] = '\0';
}
