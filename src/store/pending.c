/*
 * pending.c - what the doors promise and no file does yet. Each part takes its own out of here; the file goes with the
 * last.
 */
#include "core.h"
#include "store/props.h"
#include "store/tree.h"

/* ---- tree.h ---- */

enum err store_copy(struct store *store, const struct transfer *transfer, struct casualties *casualties,
                    struct transferred *out)
{
    return ERR_UNSUPPORTED;
}
