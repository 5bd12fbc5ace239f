/*
 * get_variant.c - what GET knows of a variant beside its bytes: its type and language, by its name or by a type map,
 * and the body that stands in a map.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#include "base/fd.h"
#include "negotiate_private.h"
#include "get_private.h"
#include "repr/variant_name.h"

void get_variant_read(struct exchange *ex, struct get_job *get)
{
    const struct negotiation *negotiation = negotiation_of(ex);

    if (!negotiation)
        return;
    get->list_validator = negotiation->validator;
    get->variant = &negotiation->chosen;
    get->stem = negotiation->stem;
    if (get->variant->body) { /* it has no past, and no neighbours that are its coded forms */
        get->im = NULL;
        get->dictionary = (struct dictionary_wish){0};
        get->rules.dictionary.is_on = false;
        get->rules.compress = COMPRESS_OFF;
    }
}

static struct slice languages_text(struct arena *arena, const struct name_facts *facts)
{
    struct slice text = SLICE_NONE;

    for (unsigned i = 0; i < facts->language_count; i++)
        text = arena_printf(arena, "%.*s%s%.*s", SLICE_FMT(text), i ? ", " : "", SLICE_FMT(facts->languages[i]));
    return text;
}

/* Of "page.html.en" the last extension is no type, but another one is. */
static struct slice type_by_name(struct get_job *get, struct slice name)
{
    struct name_facts facts;

    if (!get->rules.negotiate)
        return media_type(name);
    variant_name_look(name, &facts);
    get->language = languages_text(get_arena(get), &facts);
    return facts.type.len && !facts.coding.len ? media_with_charset(get_arena(get), facts.type, facts.charset)
                                               : media_type(name);
}

struct slice get_named_type(struct get_job *get)
{
    struct slice type = type_by_name(get, rpath_leaf(get->path));

    if (!get->variant)
        return type;
    if (get->variant->language.len)
        get->language = get->variant->language;
    return get->variant->type.len ? get->variant->type : type;
}

/* ---- a body in a map ---- */

static WORKER_SIDE bool copy_out(int from, int to, uint64_t at, uint64_t len)
{
    off_t offset = (off_t)at;

    while (len) {
        ssize_t got = sendfile(to, from, &offset, len);

        if (got <= 0)
            return false;
        len -= (uint64_t)got;
    }
    return true;
}

/* It is one of several contents in the file. */
static void tag_part(struct facts *facts, unsigned number)
{
    int len = snprintf(facts->tag + facts->tag_len, (size_t)(TAG_MAX - facts->tag_len), "-%u", number);

    facts->tag_len += (unsigned char)(len < TAG_MAX - facts->tag_len ? len : 0);
}

/* A map is small: its body is answered from memory, as a file that nobody else has. */
static WORKER_SIDE bool take_body(struct get_job *get)
{
    const struct negotiable_variant *variant = get->variant;
    FD_GUARD body = memfd_create("variant", MFD_CLOEXEC);
    struct facts after;

    if (body < 0 || !copy_out(get->fd, body, variant->body_at, variant->body_len) ||
        store_facts_of(get->store, get->fd, &after) != ERR_NONE || !facts_same_content(&get->facts, &after)) {
        get_refuse(get, verdict_of_read(ERR_CHANGED));
        return false;
    }
    store_close_file(get->store, get->fd, &get->facts);
    get->fd = fd_take(&body);
    get->facts.size = variant->body_len;
    get->is_fixed = true;
    tag_part(&get->facts, variant->body);
    return true;
}

/* What lies there coded has no deltas, and its digests would have to be told apart. */
bool get_variant_content(struct get_job *get)
{
    role_assert_worker();
    if (get->variant && get->variant->body && !take_body(get))
        return false;
    if (get->variant && get->variant->coding.len)
        get->stored = get->variant->coding;
    if (get->stored.len) {
        get->im = NULL;
        get->dictionary = (struct dictionary_wish){0};
        get->rules.dictionary.is_on = false;
        get->wants_digests = get->want.is_duty;
    }
    return true;
}
