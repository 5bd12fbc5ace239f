/*
 * hidden.c - with `hidden = deny` nothing whose name, or a folder's above it, begins with a dot passes: 403.
 *
 * The answer is the same whether or not such a file exists.
 */
#include "gate_private.h"

struct verdict path_judge_hidden(const struct rules *rules, struct slice path)
{
    struct slice rest = path, segment;

    if (rules->hidden != HIDDEN_DENY)
        return GO_ON;
    while (rpath_next(&rest, &segment))
        if (segment.ptr[0] == '.')
            return VERDICT(403, "Names that begin with a dot are not served here.");
    return GO_ON;
}

bool path_is_own(struct rpath path)
{
    struct slice first, rest = path.text;

    return rpath_next(&rest, &first) && slice_eq(first, SLICE(".samovar"));
}

struct verdict gate_hidden(struct exchange *ex)
{
    return path_judge_hidden(&ex->rules, ex->path.text);
}
