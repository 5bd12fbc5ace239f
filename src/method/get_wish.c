/*
 * get_wish.c - what a GET asks for beside the content: manipulations of it (A-IM), digests (RFC 9530).
 */
#include "gate/gate.h"
#include "get_private.h"
#include "http/accept.h"

/*
 * What may be done to the instance: nothing where the answer is not to GET (DLT-11), where the client knows no 226
 * (DLT-C3), where the extension integrity asks for digests, or where it is an earlier one at its own address.
 */
static LOOP_SIDE struct im_wish *im_of(struct exchange *ex, int as_status)
{
    struct im_wish *wish;

    if (!head_has(&ex->head, FIELD_A_IM) || as_status || ex->head.method != METHOD_GET || ex->head.minor == 0 ||
        ex->past.is_asked || extension_is_asked(ex, EXTENSION_INTEGRITY))
        return NULL;
    wish = arena_alloc(&ex->arena, sizeof(*wish));
    im_wish_read(head_combined(&ex->head, FIELD_A_IM, &ex->arena), wish);
    return wish;
}

/* The client would rather have that as a content coding. */
static LOOP_SIDE bool takes_coding(struct exchange *ex, const struct im_wish *wish)
{
    return wish && accept_listed(head_combined(&ex->head, FIELD_ACCEPT_ENCODING, &ex->arena),
                                 im_name(im_wish_coding(wish))) > 0;
}

static LOOP_SIDE struct digest_wants digests_of(struct exchange *ex)
{
    struct digest_wants want = {.is_duty = extension_is_asked(ex, EXTENSION_INTEGRITY)};
    struct arena *arena = &ex->arena;

    if (head_has(&ex->head, FIELD_WANT_REPR_DIGEST))
        want.repr = digest_wish_read(head_combined(&ex->head, FIELD_WANT_REPR_DIGEST, arena), &want.repr_kind);
    if (head_has(&ex->head, FIELD_WANT_CONTENT_DIGEST))
        want.content = digest_wish_read(head_combined(&ex->head, FIELD_WANT_CONTENT_DIGEST, arena), &want.content_kind);
    want.repr |= want.is_duty;
    want.content |= want.is_duty;
    return want;
}

void get_wish_read(struct exchange *ex, int as_status, struct get_job *get)
{
    get->im = im_of(ex, as_status);
    get->takes_codings = takes_coding(ex, get->im);
    get->want = digests_of(ex);
    get->wants_digests = get->want.repr || get->want.content;
    get_dictionary_read(ex, get);
    coding_wish_read(head_combined(&ex->head, FIELD_ACCEPT_ENCODING, &ex->arena),
                     head_has(&ex->head, FIELD_ACCEPT_ENCODING), &get->codings);
}
