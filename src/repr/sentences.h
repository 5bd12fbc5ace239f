/*
 * sentences.h - the catalogue of sentences: the tables that sentences.c looks into, one a subject.
 *
 * A key is an English sentence as it stands in the sources; what printf puts into it stands as {} (the digits' and
 * names' places, %u and %.*s there). In a translation {1} is what stood at the first of these, and [1] the same
 * translated in its turn: it is one of our own texts. tools/check-sentences finds keys that stand nowhere any more.
 */
#ifndef REPR_SENTENCES_H
#define REPR_SENTENCES_H

#include "repr/language.h"

struct sentence {
    struct slice text[PAGE_LANGUAGES];
};

#define SENTENCE(en, de, fr, es, zh)                                                                                   \
    {                                                                                                                  \
        {                                                                                                              \
            SLICE_INIT(en), SLICE_INIT(de), SLICE_INIT(fr), SLICE_INIT(es), SLICE_INIT(zh)                             \
        }                                                                                                              \
    }

struct sentences {
    const struct sentence *list;
    unsigned count;
};

#define SENTENCES(table)                                                                                               \
    {                                                                                                                  \
        table, sizeof(table) / sizeof(*(table))                                                                        \
    }

extern const struct sentences sentences_common;  /* what people meet most */
extern const struct sentences sentences_gates;   /* before a method begins: names, rights, extensions, the portal */
extern const struct sentences sentences_changes; /* of methods that write */
extern const struct sentences sentences_reading; /* of those that read, and of WebDAV's questions */
extern const struct sentences sentences_syntax;  /* a request that is malformed */
extern const struct sentences sentences_pots;    /* what pots say */
extern const struct sentences sentences_forms;   /* those with {} */

#endif
