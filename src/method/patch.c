/*
 * patch.c - PATCH (RFC 5789): the body is a delta, and what it makes of the file becomes its content, in one step.
 *
 * Its types are application/vcdiff (RFC 3284) and application/gdiff. A delta fits one content, so the request has to
 * name that one by its tag; a base that is merely alike would give rubbish. The delta waits aside until it is whole and
 * its digest was compared; then a worker decodes it into a new content, within fixed memory and the limits of a PUT.
 *
 * Who sends a delta makes the server read the file, and is told whether what came out has the digest that he gave: so
 * it takes the right to read, beside the one to write.
 */
#include "put_private.h"

enum {
    /* Windows of 16 MiB with as much delta, and what the decoder keeps beside them: more than any encoder makes alone.
     */
    PATCH_MEMORY = 64 << 20,
    WHY_MAX = 512,
    ROOM_SPARED = 8, /* that part of the free disk no result may take: a few octets can describe any number */
};

static const struct answer_field accept_patch = {SLICE_INIT("Accept-Patch"), SLICE_INIT(PATCH_TYPES)};

/* ---- worker ---- */

static enum err delta_take(struct put *put, struct slice bytes)
{
    role_assert_worker();
    return part_scratch_write(put->part, bytes);
}

static enum err base_read(void *arg, uint64_t at, void *room, size_t len)
{
    role_assert_worker();
    return put_edit_read_base(arg, at, room, len);
}

static enum err delta_read(void *arg, uint64_t at, void *room, size_t len)
{
    struct put *put = arg;

    role_assert_worker();
    return part_scratch_read(put->part, at, room, len);
}

static enum err result_write(void *arg, struct slice bytes)
{
    struct put *put = arg;
    uint64_t size = part_size(put->part) + bytes.len;
    enum err err = ERR_NONE;

    role_assert_worker();
    if (put_edit_is_too_large(put, size)) {
        put->edit.wrong = EDIT_TOO_LARGE;
        err = ERR_TOO_LARGE;
    } else if (size > put->edit.room) {
        err = ERR_NO_SPACE;
    }
    if (err == ERR_NONE)
        err = part_write(put->part, bytes);
    if (err == ERR_NONE)
        put_edit_sum(put, bytes);
    put->edit.is_unfit = err == ERR_NONE;
    return err;
}

static bool is_enough(void *left)
{
    return exchange_is_left(left);
}

static enum err delta_make(struct put *put)
{
    struct put_edit *edit = &put->edit;
    struct delta_source base = {.size = edit->facts.size, .read = base_read, .arg = put};
    struct delta_source delta = {.size = part_scratch_size(put->part), .read = delta_read, .arg = put};
    struct delta_limits limits = {
        .memory_max = PATCH_MEMORY, .is_enough = is_enough, .arg = (void *)edit->left, .is_misfit = &edit->is_misfit};
    struct delta_sink sink = {.write = result_write, .arg = put};
    struct buf why = BUF_INIT(WHY_MAX);
    enum err err;

    role_assert_worker();
    edit->room = part_disk_room(put->part);
    edit->room -= edit->room / ROOM_SPARED;
    edit->is_unfit = true;
    err = delta_decode(edit->kind, &base, &delta, &limits, &sink, &why);
    edit->why = arena_slice(&put->job.arena, buf_slice(&why));
    buf_release(&why);
    return err;
}

/* ---- refusals ---- */

/*
 * RFC 5789 §2.2: 400 for what is malformed, 422 for what is understood and cannot be done. An extension that is not
 * spoken is of the latter: its type is one that Accept-Patch lists, so 415 would tell the client nothing.
 */
static LOOP_SIDE bool refuse_delta(struct exchange *ex, struct put *put)
{
    bool is_malformed = put->err == ERR_INVALID && !put->edit.is_misfit;
    struct slice why = put->edit.why;

    if (!put->edit.is_unfit || (put->err != ERR_INVALID && put->err != ERR_UNSUPPORTED && put->err != ERR_TOO_LARGE))
        return false;
    while (why.len && why.ptr[why.len - 1] == '.')
        why.len--;
    exchange_refuse(ex, (struct verdict){.status = is_malformed ? 400 : 422,
                                         .detail = arena_printf(&ex->arena,
                                                                "The delta cannot be applied. %.*s. Nothing was "
                                                                "changed; the whole content can be sent by PUT.",
                                                                SLICE_FMT(why))});
    return true;
}

static bool delta_refuse(struct exchange *ex, struct put *put)
{
    role_assert_loop();
    if (put->err == ERR_IS_FOLDER && !put->is_missing) {
        answer_allow(ex, &(struct facts){.kind = KIND_FOLDER});
        exchange_refuse(ex, VERDICT(405, "There is a folder at this address; it has no content to be changed."));
        return true;
    }
    if (put->err == ERR_PARENT)
        put->edit.is_missing = true;
    return put_edit_refuse(ex, put) || refuse_delta(ex, put);
}

static const struct put_form delta_form = {
    .guard = put_edit_guard, .open = put_edit_open, .take = delta_take, .make = delta_make, .refuse = delta_refuse};

/* ---- the plan ---- */

static LOOP_SIDE bool kind_read(const struct exchange *ex, enum delta_kind *kind)
{
    struct slice type = head_value(&ex->head, FIELD_CONTENT_TYPE);

    type = slice_trim(slice_upto(type, slice_index(type, ';')));
    *kind = slice_eq_nocase(type, SLICE("application/gdiff")) ? DELTA_GDIFF : DELTA_VCDIFF;
    return head_count_of(&ex->head, FIELD_CONTENT_TYPE) == 1 &&
           (*kind == DELTA_GDIFF || slice_eq_nocase(type, SLICE("application/vcdiff")));
}

struct verdict patch_judge(const struct exchange *ex)
{
    enum delta_kind kind;
    struct verdict verdict = put_judge(ex);

    if (!kind_read(ex, &kind))
        verdict =
            VERDICT(415, "A change of a file is a delta here: application/vcdiff (RFC 3284) or application/gdiff, "
                         "said in Content-Type. Nothing was changed.");
    if (verdict.status == 415) {
        verdict.fields = &accept_patch;
        verdict.field_count = 1;
    }
    return verdict;
}

void patch_plan(struct exchange *ex)
{
    struct verdict verdict = patch_judge(ex);
    struct put *put;

    if (verdict.status) { /* what is there, if anything, comes first: 404, 405 */
        elsewhere_plan(ex);
        return;
    }
    put = put_new(ex, &delta_form);
    verdict = put_read(ex, put);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    put->wish.wish.type = SLICE_NONE; /* the delta's own */
    put_edit_read(ex, put);
    kind_read(ex, &put->edit.kind);
    put->guard.wants_version = true;
    put->guard.on_file |= RIGHT_READ;
    put_start(ex, put);
}
