/*
 * vcdiff_address.c - the two address caches, and the choice among the nine modes.
 */
#include "vcdiff_address.h"

#include <string.h>

void vcdiff_cache_clear(struct vcdiff_cache *cache)
{
    memset(cache, 0, sizeof(*cache));
}

/*
 * Fewest octets win, not the smallest number as in RFC 3284 §5.4's example: of equals the first, so that an address of
 * the same cache, with which fewer pairs of instructions have a code, is taken only where it saves something.
 */
unsigned vcdiff_address_write(struct vcdiff_cache *cache, uint64_t address, uint64_t here, char **at)
{
    unsigned mode = MODE_SELF, octets = vcdiff_integer_octets(address);
    uint64_t value = address;

    if (vcdiff_integer_octets(here - address) < octets) {
        mode = MODE_HERE;
        value = here - address;
        octets = vcdiff_integer_octets(value);
    }
    for (unsigned i = 0; i < NEAR_SLOTS; i++) {
        uint64_t beyond = address - cache->near[i];

        if (address >= cache->near[i] && vcdiff_integer_octets(beyond) < octets) {
            mode = MODE_NEAR + i;
            value = beyond;
            octets = vcdiff_integer_octets(value);
        }
    }
    if (octets > 1 && cache->same[address % SAME_SLOTS] == address) {
        mode = MODE_SAME_FIRST + (unsigned)(address % SAME_SLOTS / 256);
        *(*at)++ = (char)(address % SAME_SLOTS % 256);
    } else {
        *at = vcdiff_integer_write(*at, value);
    }
    vcdiff_cache_update(cache, address);
    return mode;
}

static bool read_octet(struct vcdiff_reader *reader, uint64_t *value)
{
    if (reader->at == reader->end)
        return false;
    *value = *reader->at++;
    return true;
}

bool vcdiff_address_read(struct vcdiff_cache *cache, unsigned mode, uint64_t here, struct vcdiff_reader *reader,
                         uint64_t *address)
{
    uint64_t value;

    if (mode >= MODE_SAME_FIRST ? !read_octet(reader, &value) : !vcdiff_integer_read(reader, &value))
        return false;
    if (mode >= MODE_SAME_FIRST)
        value = cache->same[(mode - MODE_SAME_FIRST) * 256 + value];
    else if (mode == MODE_HERE)
        value = here - value; /* one that reaches before the start wraps, and is past `here` then */
    else if (mode >= MODE_NEAR && __builtin_add_overflow(cache->near[mode - MODE_NEAR], value, &value))
        return false;
    if (value >= here)
        return false;
    vcdiff_cache_update(cache, value);
    *address = value;
    return true;
}
