/*
 * get_digest.c - Repr-Digest and Content-Digest of an answer (RFC 9530), where they are wanted (Want-Repr-Digest,
 * Want-Content-Digest), and for requests under the extension *integrity*, which are refused rather than answered
 * without.
 *
 * Of a coded form they are those of its own octets, as both are of a representation with its codings.
 * The SHA-256 of a content may be known (store/digest.h); else the file is read for it.
 * The file is read once more than it is sent, on a worker of the slow lane, through the descriptor whose octets will be
 * sent, and its facts are compared afterwards: the digest is that of the version which the head speaks of, or there is
 * no such answer. Only Repr-Digest, of the whole file, is sure to be there. Content-Digest is left out where the
 * content is a large part of a file, which would be read a third time, and for HEAD, which has none: RFC 9530 appendix
 * B.2 has the digest of nothing there, and a cache might take that for the stored answer's (RFC 9111 §4.3.5).
 */
#include <errno.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "get_private.h"
#include "http/digest_field.h"
#include "store/digest.h"

static const uint64_t FILE_MAX = UINT64_C(16) << 30;     /* half a minute of one core, beyond which clients give up */
static const uint64_t FILE_WISH_MAX = UINT64_C(1) << 30; /* two seconds, for who would rather have it */

enum {
    PART_MAX = 16 * 1024 * 1024, /* of several ranges together, or one */
    STRETCH = 256 * 1024,        /* read at once; after each it is asked whether the client is still there */
};

struct hashing {
    struct get_job *get;
    int fd; /* the file's, or that of its coded form, if that is sent; its octets: */
    uint64_t size;
    EVP_MD_CTX *hash;
    unsigned char *room; /* STRETCH octets */
    bool is_made;        /* sha256 is the whole file's */
    unsigned char sha256[SHA256_LEN];
};

static WORKER_SIDE enum err hash_stretch(struct hashing *hashing, uint64_t off, uint64_t len)
{
    while (len) {
        size_t most = len < STRETCH ? (size_t)len : STRETCH;
        ssize_t got = pread(hashing->fd, hashing->room, most, (off_t)off);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_from_errno(errno);
        if (got == 0 || exchange_is_left(hashing->get->left))
            return ERR_CHANGED; /* it became shorter; or nobody will read the answer */
        if (EVP_DigestUpdate(hashing->hash, hashing->room, (size_t)got) != 1)
            return ERR_TOO_MANY;
        off += (uint64_t)got;
        len -= (uint64_t)got;
    }
    return ERR_NONE;
}

static WORKER_SIDE enum err hash_body(struct hashing *hashing, const struct file_body *body)
{
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < body->count && !err; i++) {
        const struct body_piece *piece = &body->piece[i];

        EVP_DigestUpdate(hashing->hash, piece->before.ptr, piece->before.len);
        err = hash_stretch(hashing, piece->off, piece->len);
    }
    EVP_DigestUpdate(hashing->hash, body->after.ptr, body->after.len);
    return err;
}

static const EVP_MD *kind_of(enum digest_kind kind)
{
    return kind == DIGEST_SHA512 ? EVP_sha512() : EVP_sha256();
}

static struct slice field_of(struct get_job *get, enum digest_kind kind, const unsigned char *digest)
{
    struct buf text = BUF_INIT(256);
    struct slice field;

    digest_field_write(&text, kind, digest);
    field = arena_slice(get_arena(get), buf_slice(&text));
    buf_release(&text);
    return field;
}

/* `body`: NULL for the whole file. */
static WORKER_SIDE enum err digest_of(struct hashing *hashing, const struct file_body *body, enum digest_kind kind,
                                      unsigned char digest[EVP_MAX_MD_SIZE])
{
    enum err err;

    if (!hashing->hash || EVP_DigestInit_ex(hashing->hash, kind_of(kind), NULL) != 1)
        return ERR_TOO_MANY;
    err = body ? hash_body(hashing, body) : hash_stretch(hashing, 0, hashing->size);
    return err || EVP_DigestFinal_ex(hashing->hash, digest, NULL) == 1 ? err : ERR_TOO_MANY;
}

enum err get_sha256(struct get_job *get, uint64_t most, unsigned char out[SHA256_LEN])
{
    struct hashing hashing = {.get = get, .fd = get->fd, .size = get->facts.size};
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct facts after;
    enum err err;

    if (get->facts.size > most)
        return ERR_TOO_LARGE;
    hashing.hash = EVP_MD_CTX_new();
    hashing.room = arena_alloc(get_arena(get), STRETCH);
    err = digest_of(&hashing, NULL, DIGEST_SHA256, digest);
    EVP_MD_CTX_free(hashing.hash);
    if (!err && (store_facts_of(get->store, get->fd, &after) != ERR_NONE || !facts_same_content(&get->facts, &after)))
        err = ERR_CHANGED;
    if (err)
        return err;
    memcpy(out, digest, SHA256_LEN);
    store_digest_keep(get->store, get->path, &get->facts, out);
    return ERR_NONE;
}

/* What the store knows need not be made; what is made is kept where the rules say so. */
static WORKER_SIDE enum err repr_digest(struct hashing *hashing, enum digest_kind kind)
{
    struct get_job *get = hashing->get;
    unsigned char digest[EVP_MAX_MD_SIZE];
    enum err err = ERR_MISSING;

    if (kind == DIGEST_SHA256 && !get->is_fixed && !get->coded.is_on)
        err = store_digest_find(get->store, get->path, &get->facts, digest);
    if (err != ERR_NONE && !get->want.is_duty && hashing->size > FILE_WISH_MAX)
        return ERR_NONE;
    if (err != ERR_NONE) {
        err = digest_of(hashing, NULL, kind, digest);
        hashing->is_made |= err == ERR_NONE && kind == DIGEST_SHA256;
        memcpy(hashing->sha256, digest, SHA256_LEN);
    }
    if (err == ERR_NONE)
        get->repr_digest = field_of(get, kind, digest);
    return err;
}

static WORKER_SIDE enum err content_digest(struct hashing *hashing, const struct file_body *body)
{
    struct get_job *get = hashing->get;
    unsigned char digest[EVP_MAX_MD_SIZE];
    enum err err;

    if (body->status == 200 && get->repr_digest.len && get->want.repr_kind == get->want.content_kind) {
        get->content_digest = get->repr_digest;
        return ERR_NONE;
    }
    if (body->content_length > PART_MAX)
        return ERR_NONE;
    err = digest_of(hashing, body, get->want.content_kind, digest);
    if (err == ERR_NONE)
        get->content_digest = field_of(get, get->want.content_kind, digest);
    return err;
}

/* ERR_CHANGED: what was hashed is not what the facts speak of. */
static WORKER_SIDE enum err look_again(struct get_job *get)
{
    struct facts *sent = get_sent_facts(get), after = *sent;

    if (get->coded.is_on && get->coded.is_fixed)
        return ERR_NONE;
    if (store_facts_of(get->store, *get_sent_fd(get), &after) == ERR_NONE && facts_same_content(sent, &after))
        return ERR_NONE;
    get->has_changed = get->may_try_again;
    if (get->has_changed && !get->coded.is_on)
        get->facts = after;
    return ERR_CHANGED;
}

/* `body`: of what is sent; NULL: Repr-Digest alone is made. */
static WORKER_SIDE enum err make(struct get_job *get, const struct file_body *body)
{
    struct hashing hashing = {.get = get,
                              .fd = *get_sent_fd(get),
                              .size = get_size(get),
                              .hash = EVP_MD_CTX_new(),
                              .room = arena_alloc(get_arena(get), STRETCH)};
    enum err err = ERR_NONE;

    if (get->want.repr)
        err = repr_digest(&hashing, get->want.repr_kind);
    if (!err && body && get->want.content && get->is_get)
        err = content_digest(&hashing, body);
    EVP_MD_CTX_free(hashing.hash);
    if ((err && err != ERR_CHANGED) || exchange_is_left(get->left))
        return err;
    err = look_again(get);
    if (!err && hashing.is_made && rules_digest(&get->rules) && !get->is_fixed && !get->coded.is_on)
        store_digest_keep(get->store, get->path, &get->facts, hashing.sha256);
    return err;
}

static WORKER_SIDE void refuse(struct get_job *get, enum err err)
{
    get_refuse(get, err == ERR_CHANGED ? VERDICT(503, "The file changed each time that its digest was made. Try again "
                                                      "when nobody writes to it.")
                                       : verdict_of_read(err));
}

bool get_digests(struct get_job *get, const struct file_body *body)
{
    enum err err;

    get->repr_digest = get->content_digest = SLICE_NONE;
    if (!get->wants_digests)
        return true;
    role_assert_worker();
    if (get->want.is_duty && get_size(get) > FILE_MAX) {
        get_refuse(get,
                   VERDICT(510, "This file is too large for the extension integrity: its digest is made before it is "
                                "sent, of 16 GiB at most. Nothing was done; ask for it without that extension."));
        return false;
    }
    err = make(get, body);
    if (err && !get->has_changed && get->want.is_duty)
        refuse(get, err);
    else if (err)
        get->repr_digest = get->content_digest = SLICE_NONE;
    return !err || (!get->want.is_duty && !get->has_changed);
}
