/*
 * traits.c - what the server itself has to know of a resource beyond its facts.
 *
 * Type, language and checksums belong to the resource, so their record is its id's. The floor of Last-Modified belongs
 * to the URL: its record is the name's in its folder.
 *
 * A record is four lengths (two octets each) and as many texts: type, language, checksums, and the tag of the content
 * that the checksums are of.
 */
#include "propset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/xattr.h>

#include "facts.h"

enum { TEXTS = 4, HEAD_LEN = 2 * TEXTS, RECORD_MAX = HEAD_LEN + 3 * TRAIT_TEXT_MAX + TAG_MAX, FLOOR_LEN = 8 };

enum { TYPE, LANGUAGE, CHECKSUMS, TAG };

struct record {
    struct slice texts[TEXTS]; /* into the value that was read, or the caller's */
};

static struct slice trait_key(char key[1 + ID_LEN], const unsigned char id[ID_LEN])
{
    key[0] = 't';
    memcpy(key + 1, id, ID_LEN);
    return slice_of(key, 1 + ID_LEN);
}

/* What is damaged says nothing. */
static void record_parse(struct slice value, struct record *out)
{
    const unsigned char *lengths = (const unsigned char *)value.ptr;
    size_t at = HEAD_LEN;

    *out = (struct record){0};
    if (value.len < HEAD_LEN)
        return;
    for (int i = 0; i < TEXTS; i++) {
        size_t len = (size_t)(lengths[2 * i] << 8 | lengths[2 * i + 1]);

        if (len > value.len - at) {
            *out = (struct record){0};
            return;
        }
        out->texts[i] = slice_of(value.ptr + at, len);
        at += len;
    }
}

/* value keeps what `out` points to. No record: all is empty. */
static enum err record_read(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], struct buf *value,
                            struct record *out)
{
    char key[1 + ID_LEN];
    enum err err;

    *out = (struct record){0};
    if (!propset_has_traits(store))
        return ERR_NONE;
    err = meta_get(meta, trait_key(key, id), value);
    if (err == ERR_NONE)
        record_parse(buf_slice(value), out);
    return err == ERR_MISSING ? ERR_NONE : err;
}

static bool record_is_empty(const struct record *record)
{
    return !record->texts[TYPE].len && !record->texts[LANGUAGE].len && !record->texts[CHECKSUMS].len;
}

static bool record_eq(const struct record *a, const struct record *b)
{
    for (int i = 0; i < TEXTS; i++)
        if (!slice_eq(a->texts[i], b->texts[i]))
            return false;
    return true;
}

/* All of them end in a head: a line's end in one would be a field of somebody's own. */
static bool is_for_a_field(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return false;
    return true;
}

/* Adds what it takes to make the former record the new one. */
static enum err record_change(struct store *store, const unsigned char id[ID_LEN], const struct record *old,
                              const struct record *now, struct changes *changes)
{
    struct buf value = BUF_INIT(RECORD_MAX);
    char room[1 + ID_LEN];
    struct slice key = trait_key(room, id);

    for (int i = 0; i < TEXTS; i++) {
        if (now->texts[i].len > (i == TAG ? TAG_MAX : TRAIT_TEXT_MAX))
            return ERR_TOO_LARGE;
        if (!is_for_a_field(now->texts[i]))
            return ERR_INVALID;
    }
    if (record_is_empty(now)) {
        if (!record_is_empty(old))
            changes_drop(changes, key);
        return ERR_NONE;
    }
    if (record_eq(old, now))
        return ERR_NONE;
    for (int i = 0; i < TEXTS; i++) {
        buf_add_char(&value, (char)(now->texts[i].len >> 8));
        buf_add_char(&value, (char)now->texts[i].len);
    }
    for (int i = 0; i < TEXTS; i++)
        buf_add(&value, now->texts[i]);
    atomic_store(&store->kinds.traits, true);
    changes_put(changes, key, buf_slice(&value));
    buf_release(&value);
    return ERR_NONE;
}

bool propset_has_traits(const struct store *store)
{
    return atomic_load(&store->kinds.traits) || atomic_load(&store->kinds.floors) ||
           atomic_load(&store->share.is_shared);
}

bool propset_has_floors(const struct store *store)
{
    return atomic_load(&store->kinds.floors) || atomic_load(&store->share.is_shared);
}

bool store_has_traits(const struct store *store)
{
    return propset_has_traits(store);
}

enum err traits_read(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], struct slice tag,
                     struct arena *arena, struct traits *out)
{
    struct buf value = BUF_INIT(RECORD_MAX);
    struct record record;
    enum err err = record_read(store, meta, id, &value, &record);

    *out = (struct traits){0};
    if (err == ERR_NONE && !record_is_empty(&record)) {
        out->type = arena_slice(arena, record.texts[TYPE]);
        out->language = arena_slice(arena, record.texts[LANGUAGE]);
        if (tag.len && slice_eq(tag, record.texts[TAG]))
            out->checksums = arena_slice(arena, record.texts[CHECKSUMS]);
    }
    buf_release(&value);
    return err;
}

enum err traits_edit(struct store *store, struct meta *meta, const unsigned char id[ID_LEN],
                     const struct trait_edits *edits, struct changes *changes)
{
    struct buf value = BUF_INIT(RECORD_MAX);
    struct record old, now;
    enum err err = record_read(store, meta, id, &value, &old);

    now = old;
    if (edits->type)
        now.texts[TYPE] = *edits->type;
    if (edits->language)
        now.texts[LANGUAGE] = *edits->language;
    if (err == ERR_NONE)
        err = record_change(store, id, &old, &now, changes);
    buf_release(&value);
    return err;
}

enum err traits_put(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], const struct slice *type,
                    struct slice checksums, struct slice tag, struct changes *changes, bool *is_quiet)
{
    struct buf value = BUF_INIT(RECORD_MAX);
    struct record old, now;
    enum err err = record_read(store, meta, id, &value, &old);

    now = (struct record){
        {type ? *type : old.texts[TYPE], old.texts[LANGUAGE], checksums, checksums.len ? tag : SLICE_NONE}};
    *is_quiet = err == ERR_NONE && slice_eq(old.texts[TYPE], now.texts[TYPE]);
    if (err == ERR_NONE)
        err = record_change(store, id, &old, &now, changes);
    buf_release(&value);
    return err;
}

enum err traits_copy(struct store *store, struct meta *meta, const unsigned char from[ID_LEN],
                     const unsigned char to[ID_LEN], struct slice tag, struct slice copy_tag, struct changes *changes)
{
    struct buf value = BUF_INIT(RECORD_MAX);
    struct record none = {0}, record;
    enum err err = record_read(store, meta, from, &value, &record);

    if (!copy_tag.len || !slice_eq(record.texts[TAG], tag))
        record.texts[CHECKSUMS] = SLICE_NONE;
    record.texts[TAG] = record.texts[CHECKSUMS].len ? copy_tag : SLICE_NONE;
    if (err == ERR_NONE)
        err = record_change(store, to, &none, &record, changes);
    buf_release(&value);
    return err;
}

/* floors */

static struct slice floor_key(char key[1 + ID_LEN + NAME_ROOM], const unsigned char parent[ID_LEN], struct slice name)
{
    key[0] = 'm';
    memcpy(key + 1, parent, ID_LEN);
    memcpy(key + 1 + ID_LEN, name.ptr, name.len);
    return slice_of(key, 1 + ID_LEN + name.len);
}

int64_t floor_get(struct store *store, struct meta *meta, const unsigned char parent[ID_LEN], struct slice name)
{
    char key[1 + ID_LEN + NAME_ROOM];
    struct buf value = BUF_INIT(FLOOR_LEN);
    int64_t floor_s = 0;

    if (!propset_has_traits(store) || name.len == 0 || name.len >= NAME_ROOM)
        return 0;
    if (meta_get(meta, floor_key(key, parent, name), &value) == ERR_NONE && value.len == FLOOR_LEN)
        memcpy(&floor_s, value.ptr, FLOOR_LEN);
    buf_release(&value);
    return floor_s;
}

void floor_set(struct store *store, struct meta *meta, const unsigned char parent[ID_LEN], struct slice name,
               int64_t shown_s, int64_t modified_s, struct changes *changes)
{
    char room[1 + ID_LEN + NAME_ROOM];
    int64_t floor_s = shown_s + 1;
    struct slice key;

    if (name.len == 0 || name.len >= NAME_ROOM)
        return;
    key = floor_key(room, parent, name);
    if (modified_s < floor_s) {
        atomic_store(&store->kinds.floors, true);
        changes_put(changes, key, slice_of((const char *)&floor_s, FLOOR_LEN));
    } else if (floor_get(store, meta, parent, name) != 0)
        changes_drop(changes, key);
}

void floor_apply(struct store *store, const char *folder, struct slice name, struct facts *facts)
{
    struct meta *meta = records_find(store);
    unsigned char parent[ID_LEN];

    if (!meta || facts->kind != KIND_FILE || !propset_has_floors(store))
        return;
    if (identity_find_folder(store, folder, parent) == ERR_NONE)
        facts->floor_s = floor_get(store, meta, parent, name);
}

void floor_apply_at(struct store *store, const struct place *place, struct facts *facts)
{
    if (!place->is_outside)
        floor_apply(store, place->parent, slice_str(place->name), facts);
}

/*
 * A mode that stays what it is, is an event all the same. A file that is not ours has its mode changed by nobody but
 * its owner: there a user attribute comes and goes.
 */
void traits_poke(struct store *store, const struct place *place)
{
    static const char poke[] = "user.samovar.poke";
    FD_GUARD fd = open_beneath(place->folder, place->name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat got;

    if (!store->reports_changes || fd < 0 || fstat(fd, &got) < 0 || !S_ISREG(got.st_mode))
        return;
    if (fchmod(fd, got.st_mode & 07777) < 0 && fsetxattr(fd, poke, "", 0, 0) == 0)
        fremovexattr(fd, poke);
}
