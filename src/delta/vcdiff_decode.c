/*
 * vcdiff_decode.c - reading a delta: its header, and window after window (RFC 3284 §4).
 *
 * What a header claims is believed only so far as octets of the delta or granted memory stand behind it: a window's own
 * octets are read if the delta has them, its target grows as instructions fill it. Besides plain RFC 3284 it reads two
 * habits of xdelta3: the application header, which is passed over, and the Adler-32 of a window, which is checked.
 * Sections that a secondary compressor went over, and code tables of their own, are not spoken.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "kinds.h"
#include "vcdiff_apply.h"

/*
 * A window may copy from the target written so far, which is gone to the sink. A quarter of the memory keeps the last
 * of it, an eighth at least: no encoder we met looks back at all.
 */
enum { TAIL_PART = 4, BASE_PART = 4, CHUNK = 4096 };

struct decoder {
    const struct delta_source *delta;
    const struct delta_limits *limits;
    const struct delta_sink *out;
    struct buf *why;
    struct vcdiff_base base;
    struct vcdiff_apply apply; /* its room serves all windows */
    size_t memory;             /* for one window: its delta and its target */
    uint64_t read;             /* octets of the delta in the chunk or before */
    uint8_t chunk[CHUNK];      /* what was read and not used: [chunk_at, chunk_len) */
    size_t chunk_at, chunk_len;
    uint64_t window;    /* number of this window, from 1; 0: in the header */
    uint64_t window_at; /* where it begins */
    uint64_t produced;  /* octets written */
    uint8_t compressor; /* 0: none named */
    uint8_t *body;      /* one window's delta */
    size_t body_room;
    char *tail; /* the last octets written */
    size_t tail_len, tail_room, tail_max;
};

/* One sentence, with the place. */
__attribute__((format(printf, 3, 4))) static enum err refuse(struct decoder *d, enum err err, const char *format, ...)
{
    char text[200];
    va_list args;

    if (!d->why)
        return err;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buf_add_str(d->why, text);
    if (d->window)
        buf_printf(d->why, " (window %llu, at octet %llu of the delta)", (unsigned long long)d->window,
                   (unsigned long long)d->window_at);
    return err;
}

/* ... of a delta that is fine in itself. */
static void note_misfit(const struct decoder *d)
{
    if (d->limits->is_misfit)
        *d->limits->is_misfit = true;
}

/* ---- the delta's octets, in order ---- */

static uint64_t octets_left(const struct decoder *d)
{
    return d->delta->size - d->read + (d->chunk_len - d->chunk_at);
}

static enum err read_octets(struct decoder *d, uint8_t *room, size_t len)
{
    while (len) {
        size_t some = d->chunk_len - d->chunk_at < len ? d->chunk_len - d->chunk_at : len;

        memcpy(room, d->chunk + d->chunk_at, some);
        d->chunk_at += some;
        room += some;
        len -= some;
        if (len) {
            enum err err;

            d->chunk_at = 0;
            d->chunk_len = d->delta->size - d->read < CHUNK ? d->delta->size - d->read : CHUNK;
            if (d->chunk_len == 0)
                return refuse(d, ERR_INVALID, "The delta ends too early");
            err = d->delta->read(d->delta->arg, d->read, d->chunk, d->chunk_len);
            if (err != ERR_NONE)
                return err;
            d->read += d->chunk_len;
        }
    }
    return ERR_NONE;
}

static enum err read_integer(struct decoder *d, uint64_t *value)
{
    uint8_t octets[INTEGER_OCTETS_MAX] = {0};
    struct vcdiff_reader reader = {octets, octets};

    do {
        enum err err = reader.end == octets + sizeof(octets) ? refuse(d, ERR_INVALID, "A number has too many octets")
                                                             : read_octets(d, octets + (reader.end - octets), 1);

        if (err != ERR_NONE)
            return err;
        reader.end++;
    } while (reader.end[-1] & 0x80);
    if (!vcdiff_integer_read(&reader, value))
        return refuse(d, ERR_INVALID, "A number has more than 64 bits");
    return ERR_NONE;
}

/* The rooms of earlier windows are kept, but never so that both together are more than was granted. */
static void make_body_room(struct decoder *d, size_t len)
{
    if (!d->body || d->body_room < len || d->body_room / 4 > len) {
        free(d->body);
        d->body_room = len + 1;
        d->body = xmalloc(d->body_room);
    }
    if (d->apply.room > d->memory - len) {
        free(d->apply.target);
        d->apply.target = NULL;
        d->apply.room = d->apply.len = 0;
    }
}

/* Long runs of octets go past the chunk. */
static enum err read_body(struct decoder *d, size_t len)
{
    size_t here = d->chunk_len - d->chunk_at < len ? d->chunk_len - d->chunk_at : len;
    enum err err;

    make_body_room(d, len);
    err = read_octets(d, d->body, here);
    if (err == ERR_NONE && len > here) {
        err = d->delta->read(d->delta->arg, d->read, d->body + here, len - here);
        d->read += len - here;
    }
    return err;
}

/* ---- the header ---- */

static const char *compressor_name(uint8_t id)
{
    return id == 1 ? "DJW" : id == 2 ? "LZMA" : id == 16 ? "FGK" : "unknown";
}

static enum err skip_octets(struct decoder *d, uint64_t count)
{
    uint8_t room[256];
    enum err err = ERR_NONE;

    if (count > octets_left(d))
        return refuse(d, ERR_INVALID, "The application header is said to be longer than the whole delta");
    while (err == ERR_NONE && count) {
        size_t some = count < sizeof(room) ? count : sizeof(room);

        err = read_octets(d, room, some);
        count -= some;
    }
    return err;
}

static enum err read_marks(struct decoder *d, uint8_t *indicator)
{
    uint8_t marks[5];
    enum err err;

    if (octets_left(d) < sizeof(marks))
        return refuse(d, ERR_INVALID, "This is no vcdiff delta: it is shorter than a header");
    err = read_octets(d, marks, sizeof(marks));
    if (err != ERR_NONE)
        return err;
    if (marks[0] != 0xd6 || marks[1] != 0xc3 || marks[2] != 0xc4)
        return refuse(d, ERR_INVALID, "This is no vcdiff delta: it does not begin with d6 c3 c4");
    if (marks[3] != 0)
        return refuse(d, ERR_UNSUPPORTED,
                      "This is version %u of vcdiff (%s); version 0 is spoken here, that of RFC 3284", marks[3],
                      marks[3] == 'S' ? "the one of SDCH" : "unknown");
    *indicator = marks[4];
    return ERR_NONE;
}

static enum err read_header(struct decoder *d)
{
    uint8_t indicator = 0;
    uint64_t len;
    enum err err = read_marks(d, &indicator);

    if (err != ERR_NONE)
        return err;
    if (indicator & ~(HDR_SECONDARY | HDR_CODE_TABLE | HDR_APPLICATION))
        return refuse(d, ERR_INVALID, "The header has bits that mean nothing: its indicator is %02x", indicator);
    if (indicator & HDR_SECONDARY && (err = read_octets(d, &d->compressor, 1)) != ERR_NONE)
        return err;
    if (indicator & HDR_CODE_TABLE)
        return refuse(d, ERR_UNSUPPORTED,
                      "The delta brings a code table of its own; only the default one is spoken here");
    if (!(indicator & HDR_APPLICATION))
        return ERR_NONE;
    err = read_integer(d, &len);
    return err == ERR_NONE ? skip_octets(d, len) : err;
}

/* ---- a window ---- */

static enum err find_segment(struct decoder *d, uint64_t len, uint64_t at)
{
    if (at > d->base.size || len > d->base.size - at) {
        note_misfit(d);
        return refuse(d, ERR_INVALID,
                      "The delta is for another base: it copies from %llu octets at %llu of one with %llu",
                      (unsigned long long)len, (unsigned long long)at, (unsigned long long)d->base.size);
    }
    d->apply.base = &d->base;
    d->apply.segment_at = at;
    d->apply.segment_len = len;
    return ERR_NONE;
}

static enum err find_tail(struct decoder *d, uint64_t len, uint64_t at)
{
    uint64_t tail_at = d->produced - d->tail_len;

    if (at > d->produced || len > d->produced - at)
        return refuse(d, ERR_INVALID, "A window copies from a part of the target that is not made yet");
    if (at < tail_at)
        return refuse(d, ERR_UNSUPPORTED,
                      "A window copies from the target at octet %llu, which is no longer in memory: "
                      "it is kept from octet %llu on",
                      (unsigned long long)at, (unsigned long long)tail_at);
    d->apply.base = NULL;
    d->apply.segment = d->tail + (at - tail_at);
    d->apply.segment_len = len;
    return ERR_NONE;
}

static enum err read_segment(struct decoder *d, uint8_t indicator)
{
    uint64_t len, at;
    enum err err;

    if (indicator & ~(WIN_SOURCE | WIN_TARGET | WIN_ADLER32))
        return refuse(d, ERR_INVALID, "The window has bits that mean nothing: its indicator is %02x", indicator);
    if ((indicator & (WIN_SOURCE | WIN_TARGET)) == (WIN_SOURCE | WIN_TARGET))
        return refuse(d, ERR_INVALID, "The window names both base and target as its source");
    d->apply.segment_len = 0;
    d->apply.base = NULL;
    if (!(indicator & (WIN_SOURCE | WIN_TARGET)))
        return ERR_NONE;
    if ((err = read_integer(d, &len)) != ERR_NONE || (err = read_integer(d, &at)) != ERR_NONE)
        return err;
    return indicator & WIN_SOURCE ? find_segment(d, len, at) : find_tail(d, len, at);
}

static enum err check_target_len(struct decoder *d, uint64_t len, size_t body_len)
{
    uint64_t most = d->limits->output_max;

    if (len > d->memory - body_len)
        return refuse(d, ERR_TOO_LARGE, "The window is said to become %llu octets; %zu fit in the memory granted",
                      (unsigned long long)len, d->memory - body_len);
    if (most && len > most - d->produced)
        return refuse(d, ERR_TOO_LARGE, "The result would be more than %llu octets", (unsigned long long)most);
    return ERR_NONE;
}

static enum err check_compression(struct decoder *d, uint8_t indicator)
{
    if (indicator & ~(DELTA_DATA | DELTA_INSTRUCTIONS | DELTA_ADDRESSES))
        return refuse(d, ERR_INVALID, "The window's delta indicator has bits that mean nothing: %02x", indicator);
    if (indicator && !d->compressor)
        return refuse(d, ERR_INVALID, "The window is said to be compressed, but the header names no compressor");
    if (indicator)
        return refuse(d, ERR_UNSUPPORTED,
                      "The window is compressed by a secondary compressor (%u, %s), which is not "
                      "spoken here: make the delta without one",
                      d->compressor, compressor_name(d->compressor));
    return ERR_NONE;
}

static struct vcdiff_reader cut_section(struct vcdiff_reader *body, size_t len)
{
    struct vcdiff_reader section = {body->at, body->at + len};

    body->at += len;
    return section;
}

/* The three lengths, which with the checksum must be just what is left of the body. */
static enum err read_sections(struct decoder *d, struct vcdiff_reader *body, bool has_sum, uint32_t *sum)
{
    uint64_t len[3];
    size_t left;

    for (unsigned i = 0; i < 3; i++)
        if (!vcdiff_integer_read(body, &len[i]))
            return refuse(d, ERR_INVALID, "The length of a section is cut off, or no number");
    left = (size_t)(body->end - body->at);
    if (has_sum && left < 4)
        return refuse(d, ERR_INVALID, "The window has no room for its checksum");
    for (unsigned i = 0; has_sum && i < 4; i++, left--)
        *sum = *sum << 8 | *body->at++;
    if (len[0] > left || len[1] > left - len[0] || len[2] != left - len[0] - len[1])
        return refuse(d, ERR_INVALID, "The lengths of the sections do not add up to that of the window's delta");
    d->apply.data = cut_section(body, len[0]);
    d->apply.instructions = cut_section(body, len[1]);
    d->apply.addresses = cut_section(body, len[2]);
    return ERR_NONE;
}

/* RFC 1950 §8.2; sums are reduced before they can overflow 32 bits. */
static uint32_t adler32(const char *bytes, size_t len)
{
    enum { MODULUS = 65521, AT_ONCE = 5552 };
    uint32_t a = 1, b = 0;

    while (len) {
        size_t some = len < AT_ONCE ? len : AT_ONCE;

        len -= some;
        while (some--) {
            a += (uint8_t)*bytes++;
            b += a;
        }
        a %= MODULUS;
        b %= MODULUS;
    }
    return b << 16 | a;
}

static void keep_tail(struct decoder *d, const char *bytes, size_t len)
{
    size_t keep = d->tail_max / 2;

    if (len == 0 || keep == 0)
        return;
    if (len >= keep) {
        bytes += len - keep;
        len = keep;
        d->tail_len = 0;
    } else if (d->tail_len + len > d->tail_max) {
        memmove(d->tail, d->tail + d->tail_len - keep, keep);
        d->tail_len = keep;
    }
    if (d->tail_room < d->tail_len + len) {
        d->tail_room = 2 * (d->tail_len + len) < d->tail_max ? 2 * (d->tail_len + len) : d->tail_max;
        d->tail = xrealloc(d->tail, d->tail_room);
    }
    memcpy(d->tail + d->tail_len, bytes, len);
    d->tail_len += len;
}

static enum err read_delta(struct decoder *d, uint8_t indicator, size_t body_len)
{
    struct vcdiff_reader body = {d->body, d->body + body_len};
    uint32_t sum = 0;
    uint64_t len;
    enum err err;

    if (!vcdiff_integer_read(&body, &len) || body.at == body.end)
        return refuse(d, ERR_INVALID, "The window's delta is cut off");
    if ((err = check_target_len(d, len, body_len)) != ERR_NONE ||
        (err = check_compression(d, *body.at++)) != ERR_NONE ||
        (err = read_sections(d, &body, indicator & WIN_ADLER32, &sum)) != ERR_NONE)
        return err;
    d->apply.len = 0;
    d->apply.claimed = len;
    err = vcdiff_apply(&d->apply);
    if (err == ERR_INVALID && d->apply.wrong)
        return refuse(d, err, "The window does not fit: %s", d->apply.wrong);
    if (err == ERR_NONE && indicator & WIN_ADLER32 && adler32(d->apply.target, len) != sum) {
        note_misfit(d);
        return refuse(d, ERR_INVALID, "The window's checksum is another: the delta is damaged, or for another base");
    }
    return err;
}

static enum err read_window(struct decoder *d)
{
    uint8_t indicator = 0;
    uint64_t body_len;
    enum err err;

    d->window_at = d->delta->size - octets_left(d);
    d->window++;
    if ((err = read_octets(d, &indicator, 1)) != ERR_NONE || (err = read_segment(d, indicator)) != ERR_NONE ||
        (err = read_integer(d, &body_len)) != ERR_NONE)
        return err;
    if (body_len > octets_left(d))
        return refuse(d, ERR_INVALID, "The window is said to be longer than what is left of the delta");
    if (body_len > d->memory)
        return refuse(d, ERR_TOO_LARGE, "The window's delta has %llu octets; %zu fit in the memory granted",
                      (unsigned long long)body_len, d->memory);
    if ((err = read_body(d, body_len)) != ERR_NONE || (err = read_delta(d, indicator, body_len)) != ERR_NONE)
        return err;
    err = d->out->write(d->out->arg, slice_of(d->apply.target, d->apply.len));
    d->produced += d->apply.len;
    keep_tail(d, d->apply.target, d->apply.len);
    return err;
}

static enum err read_windows(struct decoder *d)
{
    enum err err = ERR_NONE;

    while (err == ERR_NONE && octets_left(d)) {
        if (d->limits->is_enough && d->limits->is_enough(d->limits->arg))
            return ERR_AGAIN;
        err = read_window(d);
    }
    return err;
}

enum err vcdiff_decode(const struct delta_source *base, const struct delta_source *delta,
                       const struct delta_limits *limits, const struct delta_sink *out, struct buf *why)
{
    size_t memory = limits->memory_max ? limits->memory_max : DELTA_MEMORY_USUAL;
    struct decoder d = {.delta = delta, .limits = limits, .out = out, .why = why, .tail_max = memory / TAIL_PART};
    enum err err;

    /* The rest, a half, is one window's. */
    d.memory = memory - memory / TAIL_PART - memory / BASE_PART;
    err = vcdiff_base_open(&d.base, base, memory / BASE_PART, limits);
    if (err == ERR_NONE)
        err = read_header(&d);
    if (err == ERR_NONE)
        err = read_windows(&d);
    vcdiff_base_close(&d.base);
    free(d.apply.target);
    free(d.body);
    free(d.tail);
    return err;
}
