/*
 * put_stretch.c - PUT with Content-Range: these octets of the content are replaced, all others stay (RFC 9110 §14.5).
 *
 * A stretch may begin where the content ends, which appends, and at 0 of what is not there, which makes it. The new
 * content is made beside the old one, like any other: the stretch as it comes, the rest of it once the body is whole.
 * So it costs a copy of the file, where the file system cannot share blocks, but no reader sees a half of it.
 *
 * Clients that send Content-Range with what is not meant as a part are known: they say the length of the whole, and
 * where that is not what would come out the request is refused.
 */
#include "put_private.h"

#include <stdlib.h>

enum { READ_BYTES = 256 << 10 };

/* ---- worker ---- */

static WORKER_SIDE enum edit_wrong judge(const struct put *put, uint64_t size, uint64_t result)
{
    const struct content_range *range = &put->edit.range;

    if (range->first > size)
        return EDIT_GAP;
    if (range->has_length && range->length != result)
        return EDIT_OTHER_LENGTH;
    return put_edit_is_too_large(put, result) ? EDIT_TOO_LARGE : EDIT_FINE;
}

static enum err stretch_open(struct put *put)
{
    const struct content_range *range = &put->edit.range;
    uint64_t size, result;
    enum err err;

    role_assert_worker();
    err = put_edit_open(put);
    if (err != ERR_NONE)
        return err;
    size = put->edit.is_there ? put->edit.facts.size : 0;
    result = size > range->last ? size : range->last + 1;
    put->edit.wrong = judge(put, size, result);
    if (put->edit.wrong != EDIT_FINE)
        return ERR_INVALID;
    if (range->last - range->first >= part_disk_room(put->part))
        return ERR_NO_SPACE;
    return part_expect(put->part, result);
}

static enum err stretch_take(struct put *put, struct slice bytes)
{
    struct put_edit *edit = &put->edit;
    uint64_t at = edit->range.first + edit->taken;

    role_assert_worker();
    if (bytes.len > edit->range.last + 1 - at) {
        edit->wrong = EDIT_OTHER_BODY;
        return ERR_INVALID;
    }
    edit->taken += bytes.len;
    return part_write_at(put->part, at, bytes);
}

static bool goes_on(void *left)
{
    return !exchange_is_left(left);
}

/* Digests of the whole are wanted of what was copied, too. */
static WORKER_SIDE enum err sum_up(struct put *put)
{
    char *room = put_edit_has_sums(put) ? xmalloc(READ_BYTES) : NULL;
    enum err err = ERR_NONE;

    for (uint64_t at = 0; room && at < part_size(put->part) && err == ERR_NONE;) {
        size_t got;

        err = part_read(put->part, at, room, READ_BYTES, &got);
        put_edit_sum(put, slice_of(room, err == ERR_NONE ? got : 0));
        at += got;
        if (err == ERR_NONE && (got == 0 || exchange_is_left(put->edit.left)))
            err = got ? ERR_CLOSED : ERR_IO;
    }
    free(room);
    return err;
}

static enum err stretch_make(struct put *put)
{
    struct put_edit *edit = &put->edit;
    struct progress progress = {goes_on, (void *)edit->left};
    enum err err;

    role_assert_worker();
    if (edit->taken != edit->range.last + 1 - edit->range.first) {
        edit->wrong = EDIT_OTHER_BODY;
        return ERR_INVALID;
    }
    err = part_fill_around(put->part, edit->fd, edit->is_there ? edit->facts.size : 0, edit->range.first,
                           edit->range.last + 1, progress);
    return err == ERR_NONE ? sum_up(put) : err;
}

/* ---- loop ---- */

static LOOP_SIDE struct verdict verdict_of_wrong(struct exchange *ex, const struct put *put)
{
    switch (put->edit.wrong) {
    case EDIT_GAP:
        return (struct verdict){
            .status = 409,
            .detail = ex->rights & RIGHT_READ
                          ? arena_printf(&ex->arena,
                                         "The file has %llu octets: a part of it begins there at the latest, so that "
                                         "no gap is left. Nothing was changed.",
                                         (unsigned long long)put->edit.facts.size)
                          : SLICE("This part begins behind the end of the file, and would leave a gap. Nothing was "
                                  "changed.")};
    case EDIT_OTHER_LENGTH:
        return VERDICT(409, "With this part the file would not have the length that Content-Range says: it is not the "
                            "one that the client believes. Nothing was changed; look at it again, or send the whole "
                            "content without Content-Range.");
    case EDIT_OTHER_BODY:
        return VERDICT(400, "The content has not as many octets as Content-Range says. Nothing was changed.");
    default:
        return GO_ON;
    }
}

static bool stretch_refuse(struct exchange *ex, struct put *put)
{
    struct verdict verdict;

    role_assert_loop();
    verdict = verdict_of_wrong(ex, put);
    if (!verdict.status)
        return put_edit_refuse(ex, put);
    exchange_refuse(ex, verdict);
    return true;
}

static const struct put_form stretch = {.guard = put_edit_guard,
                                        .open = stretch_open,
                                        .take = stretch_take,
                                        .make = stretch_make,
                                        .refuse = stretch_refuse};

static LOOP_SIDE struct verdict range_read(struct exchange *ex, struct content_range *range)
{
    if (!ex->rules.partial_put)
        return VERDICT(400,
                       "A part of a file cannot be stored by PUT: the whole content is needed, without Content-Range.");
    if (head_count_of(&ex->head, FIELD_CONTENT_RANGE) > 1 ||
        content_range_parse(head_value(&ex->head, FIELD_CONTENT_RANGE), range) != ERR_NONE)
        return VERDICT(400,
                       "Content-Range does not say which part of the file this is, as in \"bytes 500-999/1000\" or "
                       "\"bytes 500-999/*\". Nothing was changed.");
    if (ex->framing.kind != BODY_CHUNKED && (uint64_t)put_length(ex) != range->last + 1 - range->first)
        return VERDICT(400, "The content has not as many octets as Content-Range says. Nothing was changed.");
    return GO_ON;
}

/* What is verified for a client tells him what the rest of the content is: that is for who may read it. */
static LOOP_SIDE void ask_for_reading(struct exchange *ex, struct put *put)
{
    if (head_has(&ex->head, FIELD_REPR_DIGEST) || head_has(&ex->head, FIELD_OC_CHECKSUM))
        put->guard.on_file |= RIGHT_READ;
}

void put_stretch_plan(struct exchange *ex)
{
    struct content_range range;
    struct verdict verdict = range_read(ex, &range);
    struct put *put;

    if (!verdict.status)
        verdict = put_judge(ex);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    put = put_new(ex, &stretch);
    put->edit.range = range;
    put->edit.may_create = range.first == 0;
    verdict = put_read(ex, put);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    put_edit_read(ex, put);
    ask_for_reading(ex, put);
    put_start(ex, put);
}
