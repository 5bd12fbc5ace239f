/*
 * policy.c - no-store, words, names.
 */
#include "policy.h"

#include "base/hash.h"

enum { WORDS_LEAST = 20 };

void need_no_store(struct finding *finding, const struct probe *probe, const char *obligation, const char *where)
{
    need(finding, probe, probe_lists(probe, "Cache-Control", "no-store"), obligation, where,
         "the %d has no \"Cache-Control: no-store\"", probe_status(probe));
}

void need_words(struct finding *finding, const struct probe *probe, const char *obligation, const char *where,
                const char *about)
{
    need(finding, probe, probe && probe->body.len >= WORDS_LEAST, obligation, where,
         "the content of the %d does not %s", probe_status(probe), about);
}

struct slice random_name(struct surveyor *surveyor)
{
    unsigned char random[8];
    char text[2 * sizeof(random)];

    random_bytes(random, sizeof(random));
    hex_encode(text, random, sizeof(random));
    return arena_slice(&surveyor->trail->arena, slice_of(text, sizeof(text)));
}
