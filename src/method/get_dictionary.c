/*
 * get_dictionary.c - compression dictionaries (RFC 9842; docs/spec/delta.md section 8).
 *
 * A file whose place has `dictionary` is told to be one. A client that has it says its SHA-256 with a later request,
 * and that alone selects the dictionary: an earlier content of what is asked for, or a file that was sent as one
 * before, now or as it was, where he who asks may read it. What is sent then is coded against it, with a tag of its
 * own.
 *
 * Only over connections that nobody reads along, or of this machine (RFC 9842 §8), and not where a page of another
 * origin might measure lengths (§9.3.3): of cross-origin requests those in mode cors are left out, too, whoever may
 * read the answer.
 */
#include "base/fd.h"
#include "derive.h"
#include "get_forms.h"
#include "http/accept.h"
#include "repr/coding.h"
#include "store/digest.h"

enum {
    TAG_HEX = 8,       /* of the dictionary's hash, in a tag */
    USE_AS_MAX = 8192, /* of a field: a longer address is no dictionary for itself, as clients bound heads */
};
#define TAG_MARK "-dcz-"

/* ---- what the request says (loop) ---- */

static LOOP_SIDE bool has_value(struct exchange *ex, enum field_id id, const char *value)
{
    return slice_eq_nocase(slice_trim(head_value(&ex->head, id)), slice_str(value));
}

/* RFC 9842 §9.3.3. */
static LOOP_SIDE bool may_be_measured(struct exchange *ex)
{
    if (!head_has(&ex->head, FIELD_SEC_FETCH_SITE) || has_value(ex, FIELD_SEC_FETCH_SITE, "same-origin") ||
        !head_has(&ex->head, FIELD_SEC_FETCH_MODE))
        return false;
    return !has_value(ex, FIELD_SEC_FETCH_MODE, "navigate") && !has_value(ex, FIELD_SEC_FETCH_MODE, "same-origin");
}

void get_dictionary_read(struct exchange *ex, struct get_job *get)
{
    struct dictionary_wish *wish = &get->dictionary;

    if (!ex->site->has_dictionaries || ex->past.is_asked || get->as_status || get->want.is_duty ||
        !(ex->is_secure || ex->asker.is_loopback))
        return;
    wish->is_possible = true;
    wish->address = ex->target.path;
    if (head_count_of(&ex->head, FIELD_AVAILABLE_DICTIONARY) != 1 || may_be_measured(ex))
        return;
    wish->is_asked = accept_listed(head_combined(&ex->head, FIELD_ACCEPT_ENCODING, &ex->arena), SLICE("dcz")) > 0 &&
                     available_dictionary_read(head_value(&ex->head, FIELD_AVAILABLE_DICTIONARY), wish->hash);
}

/* ---- tags of coded forms ---- */

static struct slice mark_of(struct get_job *get, const unsigned char *hash)
{
    char hex[TAG_HEX + 1] = "";

    hex_encode(hex, hash, TAG_HEX / 2);
    return arena_printf(get_arena(get), TAG_MARK "%s", hex);
}

/* It is the tag of this content in a coded form. */
static bool is_coded(const struct get_job *get, struct slice tag)
{
    size_t plain = get->facts.tag_len;

    return tag.len == plain + sizeof(TAG_MARK) - 1 + TAG_HEX && slice_starts(tag, facts_tag(&get->facts)) &&
           slice_starts(slice_from(tag, plain), SLICE(TAG_MARK));
}

bool get_dictionary_matches(struct get_job *get, struct slice *mark)
{
    struct slice rest = get->conditions.none_match;
    struct etag tag;

    if (!get->dictionary.is_possible || !get->conditions.has_none_match || get->conditions.has_match ||
        get->facts.is_weak)
        return false;
    while (etag_next(&rest, &tag) == ETAG_ONE)
        if (is_coded(get, form_plain_tag(get, tag.text))) {
            *mark = slice_from(form_plain_tag(get, tag.text), get->facts.tag_len);
            return true;
        }
    return false;
}

/* ---- the dictionary ---- */

struct dictionary {
    struct octets octets; /* its descriptor is ours */
    struct facts facts;
};

static WORKER_SIDE bool open_version(struct get_job *get, struct rpath path, struct dictionary *out)
{
    uint64_t number;

    if (store_version_by_digest(get->store, path, get->dictionary.hash, &out->octets.fd, &out->facts, &number) !=
        ERR_NONE)
        return false;
    out->octets.size = out->facts.size;
    return true;
}

static WORKER_SIDE bool open_current(struct get_job *get, struct rpath path, struct dictionary *out)
{
    unsigned char digest[SHA256_LEN];

    if (store_open_file(get->store, path, &out->octets.fd, &out->facts) != ERR_NONE)
        return false;
    out->octets.size = out->facts.size;
    if (out->facts.kind == KIND_FILE && store_digest_find(get->store, path, &out->facts, digest) == ERR_NONE &&
        memcmp(digest, get->dictionary.hash, SHA256_LEN) == 0)
        return true;
    store_close_file(get->store, out->octets.fd, &out->facts);
    return false;
}

/* One that was sent before, from another address. */
static WORKER_SIDE bool open_noted(struct get_job *get, struct dictionary *out)
{
    struct rpath path;

    if (store_dictionary_find(get->store, get->dictionary.hash, get_arena(get), &path) != ERR_NONE ||
        !(sight_once(get->store, get->site, &get->asker, path.text) & RIGHT_READ))
        return false;
    if (open_current(get, path, out) || open_version(get, path, out))
        return true;
    store_dictionary_forget(get->store, get->dictionary.hash);
    return false;
}

static WORKER_SIDE bool dictionary_open(struct get_job *get, struct dictionary *out)
{
    *out = (struct dictionary){.octets.fd = -1};
    return open_version(get, get->path, out) || open_noted(get, out);
}

/* ---- the answer ---- */

static bool content_holds(void *arg)
{
    struct get_job *get = arg;
    struct facts after;

    role_assert_worker();
    return store_facts_of(get->store, get->fd, &after) == ERR_NONE && facts_same_content(&get->facts, &after);
}

static WORKER_SIDE enum err make(struct get_job *get, const struct dictionary *dictionary, struct octets *out)
{
    struct derive derive = {.store = get->store, .left = get->left, .holds = content_holds, .arg = get};
    struct instance target = {.octets = {.fd = get->fd, .size = get->facts.size}, .tag = facts_tag(&get->facts)};

    return derive_dcz(&derive, &dictionary->octets, get->dictionary.hash, &target, out);
}

static WORKER_SIDE void answer_coded(struct get_job *get, const struct octets *coded, struct slice type)
{
    struct file_body body;

    get->repr_digest = get->content_digest = SLICE_NONE; /* those of the coded form are not known */
    get->answer.status = 200;
    get_add(get, SLICE("Content-Type"), type);
    get_add(get, SLICE("Content-Encoding"), SLICE("dcz"));
    if (get->language.len)
        get_add(get, SLICE("Content-Language"), get->language);
    store_close_file(get->store, get->fd, &get->facts);
    get->mark = mark_of(get, get->dictionary.hash);
    get_fields(get, type, false);
    get->fd = coded->fd;
    get->is_fixed = true;
    body_whole(&body, coded->size, type);
    get->answer.content = (struct content){.kind = CONTENT_PIECES, .length = coded->size, .fd = -1};
    if (get->is_get)
        get_attach(get, &body);
}

bool get_dictionary(struct get_job *get, struct slice type)
{
    struct dictionary dictionary;
    struct octets coded;
    enum err err;

    role_assert_worker();
    get_dictionary_note(get);
    if (!get->dictionary.is_asked || get->facts.is_weak || !dictionary_open(get, &dictionary))
        return false;
    err = make(get, &dictionary, &coded);
    store_close_file(get->store, dictionary.octets.fd, &dictionary.facts);
    if (err == ERR_CHANGED && get->may_try_again) {
        get->has_changed = store_facts_of(get->store, get->fd, &get->facts) == ERR_NONE;
        return get->has_changed;
    }
    if (err == ERR_NONE)
        answer_coded(get, &coded, type);
    return err == ERR_NONE;
}

/* ---- what is said of a file that is one ---- */

/* Whoever has it will name it by its digest. */
static WORKER_SIDE bool note(struct get_job *get)
{
    unsigned char digest[SHA256_LEN];
    enum err err = store_digest_find(get->store, get->path, &get->facts, digest);

    if (err != ERR_NONE)
        err = get_sha256(get, DICTIONARY_OCTETS_MAX, digest);
    if (err == ERR_NONE)
        store_dictionary_note(get->store, digest, get->path);
    return err == ERR_NONE;
}

static struct slice use_as_dictionary(struct get_job *get)
{
    const struct dictionary_rule *rule = &get->rules.dictionary;
    struct buf text = BUF_INIT(USE_AS_MAX);
    struct slice made;

    if (rule->match.len)
        use_as_dictionary_write(&text, rule->match, rule->id);
    else
        use_as_dictionary_write_self(&text, get->dictionary.address, rule->id);
    made = text.overflown ? SLICE_NONE : arena_slice(get_arena(get), buf_slice(&text));
    buf_release(&text);
    return made;
}

void get_dictionary_fields(struct get_job *get)
{
    if (!get->rules.dictionary.is_on && !get->dictionary.is_asked)
        return;
    get_add(get, SLICE("Vary"), SLICE("accept-encoding, available-dictionary"));
    if (get->rules.dictionary.is_on && get->dictionary.use_as.len)
        get_add(get, SLICE("Use-As-Dictionary"), get->dictionary.use_as);
}

void get_dictionary_note(struct get_job *get)
{
    get->dictionary.use_as = SLICE_NONE;
    if (!get->rules.dictionary.is_on || !get->dictionary.is_possible || get->known || get->facts.is_weak ||
        get->facts.size > DICTIONARY_OCTETS_MAX)
        return;
    role_assert_worker();
    if (note(get))
        get->dictionary.use_as = use_as_dictionary(get);
}
