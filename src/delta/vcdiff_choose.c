/*
 * vcdiff_choose.c - instructions, two in one code where the table has it.
 *
 * A code for two saves an octet, and only neighbours can share one; so taking each pair as it comes, from the first,
 * saves as much as any other choice.
 */
#include "vcdiff_choose.h"

#include "vcdiff_address.h"

struct chooser {
    struct vcdiff_cache cache;
    char *instructions, *addresses; /* where the next octet goes */
    uint64_t data_len;
    /* An instruction that waits for its neighbour; VCDIFF_NOOP: none. */
    enum vcdiff_type type;
    uint64_t size;
    unsigned mode;
};

static void flush(struct chooser *c)
{
    bool sized;

    if (c->type == VCDIFF_NOOP)
        return;
    *c->instructions++ = (char)vcdiff_code_single(c->type, c->size, c->mode, &sized);
    if (!sized)
        c->instructions = vcdiff_integer_write(c->instructions, c->size);
    c->type = VCDIFF_NOOP;
}

static void put(struct chooser *c, enum vcdiff_type type, uint64_t size, unsigned mode)
{
    int pair = c->type == VCDIFF_NOOP ? -1 : vcdiff_code_pair(c->type, c->size, c->mode, type, size, mode);

    if (pair >= 0) {
        *c->instructions++ = (char)pair;
        c->type = VCDIFF_NOOP;
        return;
    }
    flush(c);
    c->type = type;
    c->size = size;
    c->mode = mode;
}

static void put_add(struct chooser *c, uint64_t size)
{
    if (size == 0)
        return;
    put(c, VCDIFF_ADD, size, 0);
    c->data_len += size;
}

static void put_move(struct chooser *c, const struct vcdiff_parts *parts, const struct vcdiff_move *move)
{
    uint64_t address;

    if (move->kind == MOVE_RUN) {
        put(c, VCDIFF_RUN, move->len, 0);
        c->data_len++;
        return;
    }
    address = move->kind == MOVE_BASE ? move->from - parts->segment_at : parts->segment_len + move->from;
    put(c, VCDIFF_COPY, move->len,
        vcdiff_address_write(&c->cache, address, parts->segment_len + move->at, &c->addresses));
}

void vcdiff_choose(const struct vcdiff_parts *parts, struct vcdiff_sections *sections)
{
    struct chooser c = {.instructions = sections->instructions, .addresses = sections->addresses};
    size_t at = 0;

    vcdiff_cache_clear(&c.cache);
    for (size_t i = 0; i < parts->count; i++) {
        put_add(&c, parts->moves[i].at - at);
        put_move(&c, parts, &parts->moves[i]);
        at = parts->moves[i].at + parts->moves[i].len;
    }
    put_add(&c, parts->window_len - at);
    flush(&c);
    sections->instructions_len = (size_t)(c.instructions - sections->instructions);
    sections->addresses_len = (size_t)(c.addresses - sections->addresses);
    sections->data_len = c.data_len;
}
