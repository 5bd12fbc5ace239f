/*
 * history.c - earlier contents: their records, looked up and read.
 */
#include "history_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "facts.h"
#include "history_record.h"
#include "store/digest.h"

/* ---- records ---- */

struct slice version_key(const unsigned char id[ID_LEN], uint64_t number, char key[VERSION_KEY_LEN])
{
    key[0] = 'h';
    memcpy(key + 1, id, ID_LEN);
    put_u64(key + 1 + ID_LEN, number);
    return slice_of(key, VERSION_KEY_LEN);
}

struct slice version_age_key(const unsigned char id[ID_LEN], uint64_t number, char key[VERSION_KEY_LEN])
{
    key[0] = 'H';
    put_u64(key + 1, number);
    memcpy(key + 9, id, ID_LEN);
    return slice_of(key, VERSION_KEY_LEN);
}

void version_file(const unsigned char id[ID_LEN], uint64_t number, char name[VERSION_FILE_ROOM])
{
    char hex[2 * ID_LEN + 1] = "";

    hex_encode(hex, id, ID_LEN);
    snprintf(name, VERSION_FILE_ROOM, "%s.%llu", hex, (unsigned long long)number);
}

struct slice version_value(const struct version *version, int64_t until_s, char value[VERSION_VALUE_ROOM])
{
    put_u64(value, (uint64_t)version->replaced_s);
    put_u64(value + 8, (uint64_t)until_s);
    put_u64(value + 16, version->size);
    put_u64(value + 24, (uint64_t)version->modified_ns);
    value[32] = (char)version->is_weak;
    memcpy(value + 33, version->tag, version->tag_len);
    if (!version->has_sha256)
        return slice_of(value, 33 + version->tag_len);
    value[33 + version->tag_len] = '\0';
    memcpy(value + 34 + version->tag_len, version->sha256, sizeof(version->sha256));
    return slice_of(value, 34 + version->tag_len + sizeof(version->sha256));
}

bool version_read(const struct meta_entry *entry, struct version *out, int64_t *until_s)
{
    struct slice value = entry->value;

    struct slice tag = slice_from(value, value.len < 33 ? value.len : 33);
    struct slice digest = slice_from(tag, slice_index(tag, '\0'));

    tag.len -= digest.len;
    if (entry->key.len != VERSION_KEY_LEN || value.len < 33 || tag.len > TAG_MAX ||
        (digest.len && digest.len != 1 + sizeof(out->sha256)))
        return false;
    *out = (struct version){.number = get_u64(entry->key.ptr + 1 + ID_LEN),
                            .replaced_s = (int64_t)get_u64(value.ptr),
                            .size = get_u64(value.ptr + 16),
                            .modified_ns = (int64_t)get_u64(value.ptr + 24),
                            .is_weak = value.ptr[32] != 0,
                            .has_sha256 = digest.len != 0,
                            .tag_len = (unsigned char)tag.len};
    memcpy(out->tag, tag.ptr, tag.len);
    if (digest.len)
        memcpy(out->sha256, digest.ptr + 1, sizeof(out->sha256));
    *until_s = (int64_t)get_u64(value.ptr + 8);
    return true;
}

enum err versions_scan(struct meta *meta, const unsigned char id[ID_LEN], struct meta_batch *out)
{
    char key[VERSION_KEY_LEN];

    return meta_scan(meta, slice_upto(version_key(id, 0, key), 1 + ID_LEN), SLICE_NONE, META_BATCH_MAX, out);
}

/* ---- looking ---- */

int history_folder(struct store *store)
{
    if (!store_is_read_only(store) && state_need(store) != ERR_NONE)
        return -1; /* somebody else may be making it just now */
    return store->state.history;
}

/* Whose versions: ERR_MISSING where nothing can be recorded of it. */
static enum err id_at(struct store *store, struct rpath path, unsigned char id[ID_LEN])
{
    struct place place;
    struct standing now;
    struct identity identity = {0};
    enum err err = resolve_place(store, path.text, &place);

    if (err != ERR_NONE)
        return err;
    err = standing_look(store, &place, &now);
    if (err == ERR_NONE && !now.is_there)
        err = ERR_MISSING;
    if (err == ERR_NONE)
        err = identity_find(store, &place, &now.statx, &identity);
    memcpy(id, identity.id, ID_LEN);
    standing_release(store, &now);
    place_release(&place);
    return err;
}

/* It is what was recorded, whoever had it open meanwhile. */
static bool is_as_recorded(const struct statx *at, const struct version *version)
{
    return S_ISREG(at->stx_mode) && at->stx_size == version->size && statx_ns(at->stx_mtime) == version->modified_ns;
}

/* A record may have outlived its content (a crash came between the two), or the content is another one by now. */
static bool is_kept(struct store *store, const unsigned char id[ID_LEN], const struct version *version)
{
    char name[VERSION_FILE_ROOM];
    struct statx at;

    version_file(id, version->number, name);
    if (statx(history_folder(store), name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) < 0)
        return errno != ENOENT; /* who opens it is told what is wrong */
    return is_as_recorded(&at, version);
}

enum err store_versions(struct store *store, struct rpath path, struct arena *arena, struct version_list *out)
{
    struct meta *meta = records_find(store);
    struct meta_batch found = {0};
    unsigned char id[ID_LEN];
    int64_t until_s;
    enum err err = id_at(store, path, id);

    *out = (struct version_list){0};
    if (err == ERR_NONE && meta)
        err = versions_scan(meta, id, &found);
    if (err == ERR_NONE && found.count)
        out->list = arena_alloc(arena, found.count * sizeof(*out->list));
    for (unsigned i = found.count; err == ERR_NONE && i-- > 0;)
        out->count += version_read(&found.entries[i], &out->list[out->count], &until_s) &&
                      is_kept(store, id, &out->list[out->count]);
    meta_batch_release(&found);
    return err;
}

static enum err open_version(struct store *store, const unsigned char id[ID_LEN], const struct version *version,
                             int *fd, struct facts *facts)
{
    char name[VERSION_FILE_ROOM];
    struct statx at;
    enum err err;

    version_file(id, version->number, name);
    *fd = openat(history_folder(store), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0)
        return err_from_errno(errno);
    err = statx(*fd, "", AT_EMPTY_PATH, FACTS_MASK, &at) < 0 ? err_from_errno(errno)
          : is_as_recorded(&at, version)                     ? facts_fill(store, &at, facts)
                                                             : ERR_MISSING;
    if (err != ERR_NONE) {
        fd_close(fd);
        return err;
    }
    memcpy(facts->tag, version->tag, version->tag_len);
    facts->tag_len = version->tag_len;
    facts->is_weak = version->is_weak;
    return ERR_NONE;
}

/* What is looked for: by number, by tag, or by digest. */
struct sought {
    uint64_t number;
    struct slice tag;            /* strong; "" without */
    const unsigned char *sha256; /* NULL without */
};

static bool fits(const struct version *version, const struct sought *sought)
{
    if (sought->sha256)
        return version->has_sha256 && memcmp(version->sha256, sought->sha256, sizeof(version->sha256)) == 0;
    if (sought->tag.len)
        return !version->is_weak && slice_eq(sought->tag, slice_of(version->tag, version->tag_len));
    return version->number == sought->number;
}

/* The newest that fits. */
static enum err open_fitting(struct store *store, struct rpath path, const struct sought *sought, int *fd,
                             struct facts *facts, uint64_t *out)
{
    struct meta *meta = records_find(store);
    struct meta_batch found = {0};
    struct version version;
    unsigned char id[ID_LEN];
    int64_t until_s;
    enum err err = id_at(store, path, id);

    *fd = -1;
    if (err == ERR_NONE)
        err = meta ? versions_scan(meta, id, &found) : ERR_MISSING;
    for (unsigned i = err == ERR_NONE ? found.count : 0; i-- > 0 && *fd < 0;)
        if (version_read(&found.entries[i], &version, &until_s) && fits(&version, sought)) {
            err = open_version(store, id, &version, fd, facts);
            *out = version.number;
        }
    meta_batch_release(&found);
    return err == ERR_NONE && *fd < 0 ? ERR_MISSING : err;
}

enum err store_version_open(struct store *store, struct rpath path, uint64_t number, int *fd, struct facts *facts)
{
    return open_fitting(store, path, &(struct sought){.number = number}, fd, facts, &number);
}

enum err store_version_by_tag(struct store *store, struct rpath path, struct slice tag, int *fd, struct facts *facts,
                              uint64_t *number)
{
    return tag.len ? open_fitting(store, path, &(struct sought){.tag = tag}, fd, facts, number) : ERR_MISSING;
}

enum err store_version_by_digest(struct store *store, struct rpath path, const unsigned char digest[SHA256_LEN],
                                 int *fd, struct facts *facts, uint64_t *number)
{
    return open_fitting(store, path, &(struct sought){.sha256 = digest}, fd, facts, number);
}

uint64_t store_history_bytes(struct store *store)
{
    return atomic_load(&store->history.bytes);
}
