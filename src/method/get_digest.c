/*
 * get_digest.c - Repr-Digest and Content-Digest of an answer (RFC 9530), for requests under the extension *integrity*.
 *
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

static const uint64_t FILE_MAX = UINT64_C(16) << 30; /* half a minute of one core, beyond which clients give up */

enum {
    PART_MAX = 16 * 1024 * 1024, /* of several ranges together, or one */
    STRETCH = 256 * 1024,        /* read at once; after each it is asked whether the client is still there */
};

struct hashing {
    struct get_job *get;
    EVP_MD_CTX *hash;
    unsigned char *room; /* STRETCH octets */
};

static WORKER_SIDE enum err hash_stretch(struct hashing *hashing, uint64_t off, uint64_t len)
{
    while (len) {
        size_t most = len < STRETCH ? (size_t)len : STRETCH;
        ssize_t got = pread(hashing->get->fd, hashing->room, most, (off_t)off);

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

/* `body`: NULL for the whole file. */
static WORKER_SIDE enum err digest_of(struct hashing *hashing, const struct file_body *body, struct slice *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct buf text = BUF_INIT(256);
    enum err err;

    if (EVP_DigestInit_ex(hashing->hash, EVP_sha256(), NULL) != 1)
        return ERR_TOO_MANY;
    err = body ? hash_body(hashing, body) : hash_stretch(hashing, 0, hashing->get->facts.size);
    if (err || EVP_DigestFinal_ex(hashing->hash, digest, NULL) != 1)
        return err ? err : ERR_TOO_MANY;
    digest_field_write(&text, DIGEST_SHA256, digest);
    *out = arena_slice(get_arena(hashing->get), buf_slice(&text));
    buf_release(&text);
    return ERR_NONE;
}

static WORKER_SIDE enum err make_both(struct get_job *get, const struct file_body *body)
{
    struct hashing hashing = {.get = get, .hash = EVP_MD_CTX_new(), .room = arena_alloc(get_arena(get), STRETCH)};
    struct facts after = get->facts;
    enum err err = hashing.hash ? digest_of(&hashing, NULL, &get->repr_digest) : ERR_TOO_MANY;

    if (!err && get->is_get && body->status == 200)
        get->content_digest = get->repr_digest;
    else if (!err && get->is_get && body->content_length <= PART_MAX)
        err = digest_of(&hashing, body, &get->content_digest);
    EVP_MD_CTX_free(hashing.hash);
    if ((err && err != ERR_CHANGED) || exchange_is_left(get->left))
        return err;
    if (store_facts_of(get->store, get->fd, &after) || !facts_same_content(&get->facts, &after)) {
        err = ERR_CHANGED;
        get->has_changed = get->may_try_again;
        get->facts = get->has_changed ? after : get->facts;
    }
    return err;
}

bool get_digests(struct get_job *get, const struct file_body *body)
{
    enum err err;

    get->repr_digest = get->content_digest = SLICE_NONE;
    if (!get->wants_digests)
        return true;
    role_assert_worker();
    if (get->facts.size > FILE_MAX) {
        get_refuse(get,
                   VERDICT(510, "This file is too large for the extension integrity: its digest is made before it is "
                                "sent, of 16 GiB at most. Nothing was done; ask for it without that extension."));
        return false;
    }
    err = make_both(get, body);
    if (err && !get->has_changed)
        get_refuse(get, err == ERR_CHANGED
                            ? VERDICT(503, "The file changed each time that its digest was made. Try again "
                                           "when nobody writes to it.")
                            : verdict_of_read(err));
    return !err;
}
