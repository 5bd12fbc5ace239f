/*
 * fuzz_variant_map.c - type maps, and names of variants.
 *
 * Input: a map; its first line is read as a name, too. Properties: a map is read, or a line of it is told; what is read
 * can be written as Alternates and read again as the same list; bodies lie within the text.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "repr/repr.h"
#include "repr/variant_map.h"
#include "repr/variant_name.h"

static struct variant_map map;
static struct variant list[VARIANTS_MAX];
static struct variant_list again;

static void check_written(struct arena *arena)
{
    struct buf text = BUF_INIT(1 << 22), second = BUF_INIT(1 << 22);

    for (unsigned i = 0; i < map.count; i++) {
        list[i] = map.list[i].variant;
        if (map.list[i].has_body)
            list[i].uri = SLICE("x?variant=1");
    }
    alternates_write(&text, list, map.count);
    assert(text.overflown || alternates_read(buf_slice(&text), arena, &again));
    assert(text.overflown || again.count == map.count);
    alternates_write(&second, again.list, again.count);
    assert(text.overflown || slice_eq(buf_slice(&text), buf_slice(&second)));
    buf_release(&text);
    buf_release(&second);
}

static void check_name(struct slice name)
{
    struct name_facts read, looked;

    variant_name_look(name, &looked);
    if (variant_name_read(name, &read))
        assert(read.type.len || read.charset.len || read.language_count || read.coding.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of((const char *)data, size);
    struct arena arena = {0};
    struct buf why = BUF_INIT(512);
    static bool is_open;

    if (!is_open)
        media_open_file(NULL);
    is_open = true;
    check_name(slice_upto(text, slice_index(text, '\n')));
    if (variant_map_read(text, &arena, &map, &why)) {
        assert(!why.len);
        for (unsigned i = 0; i < map.count; i++)
            assert(!map.list[i].has_body || map.list[i].body_at + map.list[i].body_len <= text.len);
        check_written(&arena);
    } else {
        assert(slice_starts(buf_slice(&why), SLICE("line ")));
    }
    buf_release(&why);
    arena_release(&arena);
    return 0;
}
