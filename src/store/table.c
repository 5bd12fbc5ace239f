/*
 * table.c - an ordered map in memory.
 */
#include "table.h"

#include <stdlib.h>

#include "base/arena.h"

size_t table_lower(const struct table *table, struct slice key)
{
    size_t low = 0, high = table->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (slice_cmp(table->entries[middle]->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct table_entry *table_find(const struct table *table, struct slice key)
{
    size_t at = table_lower(table, key);

    return at < table->count && slice_eq(table->entries[at]->key, key) ? table->entries[at] : NULL;
}

static struct table_entry *entry_new(struct slice key, struct slice value, bool is_drop, uint64_t sequence)
{
    struct table_entry *entry = xmalloc(sizeof(*entry) + key.len + value.len);
    char *text = (char *)(entry + 1);

    if (key.len)
        memcpy(text, key.ptr, key.len);
    if (value.len)
        memcpy(text + key.len, value.ptr, value.len);
    *entry = (struct table_entry){slice_of(text, key.len), slice_of(text + key.len, value.len), is_drop, sequence};
    return entry;
}

void table_set(struct table *table, struct slice key, struct slice value, bool is_drop, uint64_t sequence)
{
    size_t at = table_lower(table, key);
    struct table_entry *entry = entry_new(key, value, is_drop, sequence);

    if (at < table->count && slice_eq(table->entries[at]->key, key)) {
        free(table->entries[at]);
        table->entries[at] = entry;
        return;
    }
    if (table->count == table->room) {
        table->room = table->room ? 2 * table->room : 16;
        table->entries = xrealloc(table->entries, table->room * sizeof(table->entries[0]));
    }
    memmove(table->entries + at + 1, table->entries + at, (table->count - at) * sizeof(table->entries[0]));
    table->entries[at] = entry;
    table->count++;
}

void table_remove(struct table *table, struct slice key)
{
    size_t at = table_lower(table, key);

    if (at == table->count || !slice_eq(table->entries[at]->key, key))
        return;
    free(table->entries[at]);
    table->count--;
    memmove(table->entries + at, table->entries + at + 1, (table->count - at) * sizeof(table->entries[0]));
}

void table_forget(struct table *table, uint64_t sequence)
{
    size_t kept = 0;

    for (size_t i = 0; i < table->count; i++)
        if (table->entries[i]->sequence > sequence)
            table->entries[kept++] = table->entries[i];
        else
            free(table->entries[i]);
    table->count = kept;
}

void table_release(struct table *table)
{
    table_forget(table, UINT64_MAX);
    free(table->entries);
    *table = (struct table){0};
}
