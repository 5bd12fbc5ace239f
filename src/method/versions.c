/*
 * versions.c - /.samovar/versions/: what files were, as a collection that can be read, and copied from.
 *
 * All that the resource itself would answer to who may not see it has been answered by the gates. Methods that would
 * change something are refused without a look at the disk: nothing here can be changed, whether it is there or not.
 */
#include "versions_private.h"

struct slice versions_collection(struct arena *arena, struct slice path, uint64_t number)
{
    struct buf text = BUF_INIT(3 * PATH_DECODED_MAX + sizeof(PAST_FOLDER) + 32);
    struct slice kept;

    past_href(&text, path, number);
    if (number)
        buf_add_char(&text, '/');
    kept = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

enum err versions_find(struct store *store, struct rpath path, uint64_t number, struct arena *arena,
                       struct version *out)
{
    struct version_list found;
    enum err err = store_versions(store, path, arena, &found);

    if (err)
        return err;
    for (unsigned i = 0; i < found.count; i++)
        if (found.list[i].number == number) {
            *out = found.list[i];
            return ERR_NONE;
        }
    return ERR_MISSING;
}

/* A folder may have a name of digits; then COPY is said to be possible and is not, which costs a request. */
static LOOP_SIDE void add_allow(struct exchange *ex)
{
    answer_field(&ex->arena, &ex->answer, SLICE("Allow"),
                 ex->past.number ? SLICE("GET, HEAD, OPTIONS, PROPFIND, COPY") : SLICE("GET, HEAD, OPTIONS, PROPFIND"));
}

static LOOP_SIDE void answer_options(struct exchange *ex)
{
    add_allow(ex);
    answer_field(&ex->arena, &ex->answer, SLICE("DAV"), SLICE("1, 3"));
    answer_field(&ex->arena, &ex->answer, SLICE("MS-Author-Via"), SLICE("DAV"));
    ex->answer.status = 200;
    ex->answer.content = (struct content){.kind = CONTENT_PIECES, .fd = -1}; /* Content-Length: 0 */
    exchange_answer(ex);
}

static LOOP_SIDE void refuse_method(struct exchange *ex)
{
    add_allow(ex);
    exchange_refuse(ex, VERDICT(405, "Earlier contents can only be read. To get one back, COPY it from here to the "
                                     "file's own address, or to any other; to be rid of them, delete the file."));
}

void versions_start(struct exchange *ex)
{
    exchange_state(ex, EXCH_PLANNED);
    switch (ex->head.method) {
    case METHOD_GET:
    case METHOD_HEAD:
        versions_get(ex);
        break;
    case METHOD_PROPFIND:
        versions_propfind(ex);
        break;
    case METHOD_COPY:
        versions_copy(ex);
        break;
    case METHOD_OPTIONS:
        answer_options(ex);
        break;
    default:
        refuse_method(ex);
        break;
    }
}
