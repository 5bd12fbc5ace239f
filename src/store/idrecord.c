/*
 * idrecord.c - the two records of identity, as keys and values.
 */
#include "idrecord.h"

#include <stdlib.h>

#include "base/arena.h"

enum { KEY_ROOM = 1 + ID_LEN + NAME_ROOM, VALUE_ROOM = 512, DROP_BATCH = 500 };

static struct slice inode_key(char key[KEY_ROOM], struct inode inode)
{
    key[0] = 'i';
    put_u64(key + 1, inode.ino);
    put_u64(key + 9, (uint64_t)inode.btime_ns);
    return slice_of(key, 17);
}

static struct slice name_key(char key[KEY_ROOM], const unsigned char parent[ID_LEN], struct slice name)
{
    key[0] = 'n';
    memcpy(key + 1, parent, ID_LEN);
    if (name.len)
        memcpy(key + 1 + ID_LEN, name.ptr, name.len);
    return slice_of(key, 1 + ID_LEN + name.len);
}

enum err inode_record_get(struct meta *meta, struct inode inode, struct inode_record *out)
{
    char key[KEY_ROOM];
    struct buf value = BUF_INIT(VALUE_ROOM);
    enum err err = meta_get(meta, inode_key(key, inode), &value);

    if (err == ERR_NONE && (value.len < 2 * ID_LEN || value.len - 2 * ID_LEN >= sizeof(out->name)))
        err = ERR_MISSING;
    if (err == ERR_NONE) {
        size_t name_len = value.len - 2 * ID_LEN;

        memcpy(out->id, value.ptr, ID_LEN);
        memcpy(out->parent, value.ptr + ID_LEN, ID_LEN);
        memcpy(out->name, value.ptr + 2 * ID_LEN, name_len);
        out->name[name_len] = '\0';
    }
    buf_release(&value);
    return err;
}

static enum err name_record_read(enum err err, struct buf *value, struct name_record *out)
{
    if (err == ERR_NONE && value->len != ID_LEN + 1 + 16)
        err = ERR_MISSING;
    if (err == ERR_NONE) {
        memcpy(out->id, value->ptr, ID_LEN);
        out->kind = (uint8_t)value->ptr[ID_LEN];
        out->last.ino = get_u64(value->ptr + ID_LEN + 1);
        out->last.btime_ns = (int64_t)get_u64(value->ptr + ID_LEN + 9);
    }
    buf_release(value);
    return err;
}

enum err name_record_get(struct meta *meta, const unsigned char parent[ID_LEN], struct slice name,
                         struct name_record *out)
{
    char key[KEY_ROOM];
    struct buf value = BUF_INIT(VALUE_ROOM);

    return name_record_read(meta_get(meta, name_key(key, parent, name), &value), &value, out);
}

enum err name_record_get_durable(struct meta *meta, const unsigned char parent[ID_LEN], struct slice name,
                                 struct name_record *out)
{
    char key[KEY_ROOM];
    struct buf value = BUF_INIT(VALUE_ROOM);

    return name_record_read(meta_get_durable(meta, name_key(key, parent, name), &value), &value, out);
}

bool name_records_any(struct meta *meta, const unsigned char parent[ID_LEN])
{
    char key[KEY_ROOM];
    struct meta_batch batch;
    bool any = meta_scan(meta, name_key(key, parent, SLICE_NONE), SLICE_NONE, 1, &batch) != ERR_NONE || batch.count;

    meta_batch_release(&batch);
    return any;
}

enum err name_records_drop(struct meta *meta, const unsigned char parent[ID_LEN], struct changes *changes)
{
    char key[KEY_ROOM], after[KEY_ROOM];
    struct slice from = SLICE_NONE;
    bool has_more = true;
    enum err err = ERR_NONE;

    while (has_more && err == ERR_NONE) {
        struct meta_batch batch;

        err = meta_scan(meta, name_key(key, parent, SLICE_NONE), from, DROP_BATCH, &batch);
        has_more = err == ERR_NONE && batch.has_more;
        for (unsigned i = 0; err == ERR_NONE && i < batch.count; i++)
            changes_drop(changes, batch.entries[i].key);
        if (has_more) {
            from = batch.entries[batch.count - 1].key;
            memcpy(after, from.ptr, from.len);
            from.ptr = after;
        }
        meta_batch_release(&batch);
    }
    return err;
}

static void add(struct changes *changes, struct slice key, struct slice value, bool is_drop)
{
    if (changes->count == changes->room) {
        changes->room = changes->room ? 2 * changes->room : 8;
        changes->items = xrealloc(changes->items, changes->room * sizeof(changes->items[0]));
    }
    changes->items[changes->count++] =
        (struct meta_change){arena_slice(&changes->arena, key), arena_slice(&changes->arena, value), is_drop};
}

void changes_put(struct changes *changes, struct slice key, struct slice value)
{
    add(changes, key, value, false);
}

void changes_drop(struct changes *changes, struct slice key)
{
    add(changes, key, SLICE_NONE, true);
}

void changes_put_inode(struct changes *changes, struct inode inode, const unsigned char id[ID_LEN],
                       const unsigned char parent[ID_LEN], struct slice name)
{
    static const unsigned char nowhere[ID_LEN];
    char key[KEY_ROOM], value[2 * ID_LEN + NAME_ROOM];

    memcpy(value, id, ID_LEN);
    memcpy(value + ID_LEN, parent ? parent : nowhere, ID_LEN);
    if (name.len)
        memcpy(value + 2 * ID_LEN, name.ptr, name.len);
    add(changes, inode_key(key, inode), slice_of(value, 2 * ID_LEN + name.len), false);
}

void changes_drop_inode(struct changes *changes, struct inode inode)
{
    char key[KEY_ROOM];

    add(changes, inode_key(key, inode), SLICE_NONE, true);
}

void changes_put_name(struct changes *changes, const unsigned char parent[ID_LEN], struct slice name,
                      const struct name_record *record)
{
    char key[KEY_ROOM], value[ID_LEN + 1 + 16];

    memcpy(value, record->id, ID_LEN);
    value[ID_LEN] = (char)record->kind;
    put_u64(value + ID_LEN + 1, record->last.ino);
    put_u64(value + ID_LEN + 9, (uint64_t)record->last.btime_ns);
    add(changes, name_key(key, parent, name), slice_of(value, sizeof(value)), false);
}

void changes_drop_name(struct changes *changes, const unsigned char parent[ID_LEN], struct slice name)
{
    char key[KEY_ROOM];

    add(changes, name_key(key, parent, name), SLICE_NONE, true);
}

void changes_queue(struct changes *changes, struct meta *meta)
{
    if (changes->count)
        meta_queue(meta, changes->items, changes->count);
}

enum err changes_commit(struct changes *changes, struct meta *meta)
{
    return changes->count ? meta_commit(meta, changes->items, changes->count) : ERR_NONE;
}

void changes_release(struct changes *changes)
{
    arena_release(&changes->arena);
    free(changes->items);
    *changes = (struct changes){0};
}
