/*
 * get_stored.c - a file that is coded itself.
 *
 * Where variants are negotiated, a file may lie there in a coded form alone (page.fr.html.gz, and no page.fr.html), or
 * be told to be coded by a type map: it is sent as it is to whom takes it so, and decoded to everybody else.
 */
#include <fcntl.h>

#include "derive.h"
#include "get_forms.h"

static WORKER_SIDE enum err open_stored(struct get_job *get, enum content_coding coding)
{
    struct rpath path = form_path(get, coding);
    enum err err;

    if (!form_is_open(get, path, NULL))
        return ERR_MISSING;
    err = store_open_file(get->store, path, &get->fd, &get->facts);
    if (err != ERR_NONE)
        return err;
    get->stored = content_coding_name(coding);
    if (get->facts.kind == KIND_FILE)
        return ERR_NONE;
    get->stored = SLICE_NONE;
    store_close_file(get->store, get->fd, &get->facts);
    get->fd = -1;
    return ERR_MISSING;
}

enum err get_coding_open(struct get_job *get)
{
    enum err err = ERR_MISSING;

    role_assert_worker();
    if (!get->rules.negotiate || get->path.has_slash)
        return err;
    for (enum content_coding coding = CONTENT_GZIP + 1; coding-- > 0 && err == ERR_MISSING;)
        err = open_stored(get, coding);
    return err;
}

static WORKER_SIDE bool take_stored(struct get_job *get, enum content_coding coding)
{
    int fd = fcntl(get->fd, F_DUPFD_CLOEXEC, 0);

    if (fd < 0)
        return false;
    get->coded = (struct coded_form){.is_on = true, .coding = get->stored, .fd = fd, .facts = get->facts};
    if (coding != CONTENT_CODINGS)
        get->mark = form_mark(get, coding, &get->facts);
    return true;
}

static WORKER_SIDE enum err decode(struct get_job *get, enum content_coding coding)
{
    struct derive derive = {.store = get->store, .left = get->left, .holds = get_content_holds, .arg = get};
    struct octets content = {.fd = get->fd, .size = get->facts.size}, made;
    enum err err;

    derive.is_kept = !get->is_slow && get->facts.size > QUICK_FORM_MOST;
    derive.is_once = get->facts.is_weak;
    err = derive_decoded(&derive, form_maker(coding), &content, facts_tag(&get->facts), &made);
    if (err != ERR_NONE)
        return err;
    get->coded = (struct coded_form){.is_on = true, .is_fixed = true, .fd = made.fd, .facts = get->facts};
    get->coded.facts.size = made.size;
    return ERR_NONE;
}

static void cannot_decode(struct get_job *get, enum err err)
{
    if (err == ERR_INVALID || err == ERR_TOO_LARGE)
        get_refuse(get,
                   VERDICT(500, "What is stored here cannot be decoded. Ask for it in the coding that it is stored "
                                "in (Accept-Encoding)."));
    else
        get_refuse(get, VERDICT(503, "There is no room to decode this just now. Try again in a moment."));
}

/* What is in a coding that is not known here is sent so to everybody, as others do. */
bool get_stored(struct get_job *get, const enum content_coding *order, unsigned count)
{
    enum content_coding coding = content_coding_find(get->stored);
    bool is_taken = coding == CONTENT_CODINGS;
    enum err err;

    role_assert_worker();
    for (unsigned i = 0; i < count; i++)
        is_taken |= order[i] == coding;
    if (is_taken) {
        if (take_stored(get, coding))
            return false;
        cannot_decode(get, ERR_TOO_MANY);
        return true;
    }
    if (!get->codings.weight[CONTENT_IDENTITY])
        return get_coding_refuse(get, SLICE_NONE);
    err = decode(get, coding);
    get->wants_slow = err == ERR_BUSY;
    if (err != ERR_NONE && !get->wants_slow)
        cannot_decode(get, err);
    return err != ERR_NONE;
}
