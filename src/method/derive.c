/*
 * derive.c - forms of contents: found, or made and kept.
 */
#include "derive.h"

#include <errno.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/hash.h"
#include "delta/feed.h"
#include "exchange/exchange.h"
#include "repr/coding.h"
#include "store/derived.h"

enum {
    MEMORY_MAX = 128 << 20,   /* of one encoder */
    AT_ONCE_MAX = 3,          /* encoders at work, one of them ahead (ahead.c): others need memory and cores, too */
    SMALL_OCTETS = 256 << 10, /* a coded form of so much takes some milliseconds and little memory: */
    SMALL_AT_ONCE_MAX = 16,   /* those are counted apart, that few of them are not made for want of a place */
    MADE_MS = 2000,           /* that any may take, */
    MADE_OCTETS_MS = 16384,   /* and a millisecond more for so many octets: a third of what encoders need */
    MADE_MOST_MS = 60 * 1000, /* and never more: a client waits no longer */
    NAME_MOST = 512,
    DECODED_MOST = 256 << 20, /* of a decoded form: so much of the disk one request may fill */
    DECODED_TIMES = 100,      /* and so many times what it is made of */
};

/* The version of what is made: another encoder, another effort, is another name. */
#define GENERATION "1"

static atomic_int at_once, small_at_once;

/* ---- a file as a source ---- */

static enum err octets_read(void *arg, uint64_t at, void *room, size_t len)
{
    const struct octets *octets = arg;
    char *to = room;

    while (len) {
        ssize_t got = pread(octets->fd, to, len, (off_t)(octets->at + at));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? err_from_errno(errno) : ERR_CHANGED; /* it became shorter */
        to += got;
        at += (uint64_t)got;
        len -= (size_t)got;
    }
    return ERR_NONE;
}

struct delta_source octets_source(const struct octets *octets)
{
    return (struct delta_source){.size = octets->size, .read = octets_read, .arg = (void *)octets};
}

/* ---- making ---- */

struct making {
    const struct derive *derive;
    enum im im;         /* of a delta */
    enum coding coding; /* of what is none */
    bool is_decoding;
    const struct octets *base; /* of a delta, or a dictionary: */
    const unsigned char *hash; /* its SHA-256; NULL: it is none */
    const struct octets *content;
    uint64_t until_ms;
    struct derived derived;
};

static bool is_enough(void *arg)
{
    const struct making *making = arg;

    return exchange_is_left(making->derive->left) || clock_mono_ms() > making->until_ms;
}

static enum err write_derived(void *arg, struct slice bytes)
{
    struct making *making = arg;

    role_assert_worker();
    return derived_write(&making->derived, bytes);
}

static uint64_t time_for(const struct making *making)
{
    uint64_t octets = making->content->size + (making->base ? making->base->size : 0);
    uint64_t ms = MADE_MS + octets / MADE_OCTETS_MS;

    return ms < MADE_MOST_MS ? ms : MADE_MOST_MS;
}

static enum delta_kind kind_of(enum im im)
{
    return im == IM_VCDIFF ? DELTA_VCDIFF : im == IM_GDIFF ? DELTA_GDIFF : DELTA_DIFFE;
}

static bool begins_a_feed(const struct delta_source *source)
{
    char start[FEED_LOOK];
    size_t len = source->size < FEED_LOOK ? (size_t)source->size : FEED_LOOK;

    return source->read(source->arg, 0, start, len) == ERR_NONE && feed_begins(slice_of(start, len));
}

static enum err encode_feed(struct making *making, const struct delta_source *base, const struct delta_source *target,
                            const struct delta_limits *limits, const struct delta_sink *sink)
{
    enum feed_loss loss = making->derive->is_rolling ? FEED_LOSS_ROLLING : FEED_LOSS_TOLD;
    struct feed_news news;

    if (target->size > FEED_OCTETS_MAX || base->size > FEED_OCTETS_MAX || !begins_a_feed(target))
        return ERR_UNSUPPORTED;
    return feed_encode(base, target, loss, limits, sink, &news);
}

static enum err encode(struct making *making)
{
    struct delta_limits limits = {.memory_max = MEMORY_MAX, .is_enough = is_enough, .arg = making};
    struct delta_sink sink = {.write = write_derived, .arg = making};
    struct delta_source content = octets_source(making->content), base;

    if (making->is_decoding) {
        limits.output_max = content.size < DECODED_MOST / DECODED_TIMES ? content.size * DECODED_TIMES : DECODED_MOST;
        return coding_decode(making->coding, &content, &limits, &sink);
    }
    if (!making->derive->is_any_size)
        limits.output_max = content.size ? content.size - 1 : 1;
    if (!making->base)
        return coding_encode(making->coding, &content, &limits, &sink);
    base = octets_source(making->base);
    if (making->hash)
        return coding_dcz(&base, making->hash, &content, &limits, &sink);
    if (making->im == IM_FEED)
        return encode_feed(making, &base, &content, &limits, &sink);
    return delta_encode(kind_of(making->im), &base, &content, DELTA_USUAL, &limits, &sink);
}

/* Whatever is known of the two contents now stays true of them. */
static bool is_final(enum err err)
{
    return err == ERR_TOO_LARGE || err == ERR_UNSUPPORTED || err == ERR_MISSING || err == ERR_INVALID;
}

/* One octet that no form consists of: there is nothing worth having. */
static const struct slice nothing = SLICE_INIT("!");

static WORKER_SIDE void remember_nothing(struct making *making, const unsigned char key[DERIVED_KEY])
{
    int fd;

    derived_drop(&making->derived);
    if (store_derived_new(making->derive->store, &making->derived) != ERR_NONE ||
        derived_write(&making->derived, nothing) != ERR_NONE) {
        derived_drop(&making->derived);
        return;
    }
    fd = derived_keep(&making->derived, key);
    fd_close(&fd);
}

static enum err smaller(const struct making *making)
{
    if (making->derive->is_any_size || making->is_decoding)
        return ERR_NONE;
    return making->derived.size < making->content->size ? ERR_NONE : ERR_TOO_LARGE;
}

static WORKER_SIDE enum err make_bounded(struct making *making, const unsigned char key[DERIVED_KEY],
                                         struct octets *out)
{
    enum err err = store_derived_new(making->derive->store, &making->derived);

    if (err != ERR_NONE)
        return ERR_UNSUPPORTED;
    making->until_ms = clock_mono_ms() + time_for(making);
    err = encode(making);
    if (err == ERR_NONE)
        err = smaller(making);
    if ((err == ERR_NONE || is_final(err)) && making->derive->holds && !making->derive->holds(making->derive->arg))
        err = ERR_CHANGED;
    if (is_final(err) && !making->derive->is_once)
        remember_nothing(making, key);
    if (err != ERR_NONE) {
        derived_drop(&making->derived);
        return err == ERR_CHANGED || err == ERR_TOO_LARGE ? err : ERR_UNSUPPORTED;
    }
    *out = (struct octets){.size = making->derived.size};
    out->fd = making->derive->is_once ? fd_take(&making->derived.fd) : derived_keep(&making->derived, key);
    return ERR_NONE;
}

static WORKER_SIDE enum err make(struct making *making, const unsigned char key[DERIVED_KEY], struct octets *out)
{
    bool is_small = !making->base && making->content->size <= SMALL_OCTETS;
    atomic_int *count = is_small ? &small_at_once : &at_once;
    enum err err = ERR_UNSUPPORTED;

    if (atomic_fetch_add(count, 1) < (is_small ? SMALL_AT_ONCE_MAX : AT_ONCE_MAX))
        err = make_bounded(making, key, out);
    atomic_fetch_sub(count, 1);
    return err;
}

/* ---- finding ---- */

/* The one octet, or else a form of this length. */
static bool is_nothing(const struct octets *found)
{
    char octet;

    return found->size == 1 && pread(found->fd, &octet, 1, 0) == 1 && octet == nothing.ptr[0];
}

static WORKER_SIDE enum err find(struct making *making, const unsigned char key[DERIVED_KEY], struct octets *out)
{
    enum err err = store_derived_open(making->derive->store, key, &out->fd, &out->size);

    out->at = 0;
    if (err != ERR_NONE)
        return making->derive->is_kept ? ERR_BUSY : make(making, key, out);
    if (!is_nothing(out))
        return ERR_NONE;
    fd_close(&out->fd);
    return ERR_TOO_LARGE;
}

static bool key_of(const struct derive *derive, struct slice name, unsigned char key[DERIVED_KEY])
{
    char how[8] = {GENERATION[0], derive->is_any_size ? 'a' : 's', derive->is_rolling ? 'r' : 't', ' '};
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool is_made = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
                   EVP_DigestUpdate(hash, how, sizeof(how)) == 1 && EVP_DigestUpdate(hash, name.ptr, name.len) == 1 &&
                   EVP_DigestFinal_ex(hash, key, NULL) == 1;

    EVP_MD_CTX_free(hash);
    return is_made;
}

static WORKER_SIDE enum err find_by(struct making *making, struct buf *name, struct octets *out)
{
    unsigned char key[DERIVED_KEY];
    enum err err =
        name->overflown || !key_of(making->derive, buf_slice(name), key) ? ERR_UNSUPPORTED : find(making, key, out);

    buf_release(name);
    return err;
}

static void name_stretch(struct buf *name, const struct instance *instance)
{
    buf_printf(name, " \"%.*s\" %llu+%llu", SLICE_FMT(instance->tag), (unsigned long long)instance->octets.at,
               (unsigned long long)instance->octets.size);
}

enum err derive_delta(const struct derive *derive, enum im im, const struct instance *base,
                      const struct instance *target, struct octets *out)
{
    struct making making = {.derive = derive, .im = im, .base = &base->octets, .content = &target->octets};
    struct buf name = BUF_INIT(NAME_MOST);

    buf_add(&name, im_name(im));
    name_stretch(&name, base);
    name_stretch(&name, target);
    return find_by(&making, &name, out);
}

void derive_maker(enum coding coding, char out[CODING_MAKER_HEX])
{
    static const struct hash_key key = {0x636f64696e67, 0x6d616b6572}; /* the same after a restart */
    struct buf maker = BUF_INIT(NAME_MOST);
    struct hash128 hash;

    coding_maker(coding, &maker);
    hash = hash128(&key, buf_slice(&maker));
    hex_encode(out, hash.bytes, CODING_MAKER_HEX / 2);
    buf_release(&maker);
}

enum err derive_coded(const struct derive *derive, enum coding coding, const struct octets *content, struct slice name,
                      struct octets *out)
{
    struct making making = {.derive = derive, .coding = coding, .content = content};
    struct buf text = BUF_INIT(NAME_MOST);
    char maker[CODING_MAKER_HEX];

    derive_maker(coding, maker);
    buf_printf(&text, "%.*s %.*s %.*s", SLICE_FMT(coding_name(coding)), CODING_MAKER_HEX, maker, SLICE_FMT(name));
    return find_by(&making, &text, out);
}

enum err derive_decoded(const struct derive *derive, enum coding coding, const struct octets *content,
                        struct slice name, struct octets *out)
{
    struct making making = {.derive = derive, .coding = coding, .is_decoding = true, .content = content};
    struct buf text = BUF_INIT(NAME_MOST);

    buf_printf(&text, "un-%.*s %.*s", SLICE_FMT(coding_name(coding)), SLICE_FMT(name));
    return find_by(&making, &text, out);
}

enum err derive_dcz(const struct derive *derive, const struct octets *dictionary, const unsigned char hash[32],
                    const struct instance *target, struct octets *out)
{
    struct making making = {.derive = derive, .base = dictionary, .hash = hash, .content = &target->octets};
    struct buf name = BUF_INIT(NAME_MOST);

    buf_add_str(&name, "dcz ");
    buf_add(&name, slice_of((const char *)hash, 32));
    name_stretch(&name, target);
    return find_by(&making, &name, out);
}
