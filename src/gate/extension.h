/*
 * extension.h - what the files of the extension framework share (RFC 2774), private to gate/.
 *
 * The framework is extension.c; each extension is a row of its table and a file. What their answers say is in
 * extension_answer.c.
 */
#ifndef GATE_EXTENSION_H
#define GATE_EXTENSION_H

#include "gate_private.h"
#include "http/extension.h"

/* What a mandatory request is made under: behind ex->extension, in the exchange's arena. */
struct extended {
    struct declarations declarations;
    enum extension which[DECLARATIONS_MAX]; /* of each declaration; EXTENSION_NONE for optional ones that we have not */
    bool is_accepted;                       /* all that is mandatory is known, and has what it needs */
    bool is_told;                           /* the method may act: what extensions do before was done */
};

struct extension_row {
    /* What else a request under it carries, for the sentence of a refusal: " and ...". */
    struct slice how;
    /* May the request be made so? list[which] declares it. NULL: whatever it is. */
    struct verdict (*judge)(struct exchange *ex, const struct extended *extended, unsigned which);
    /* The request passed this gate, status 0, or was refused before, with the status. NULL: nothing is to be done. */
    void (*tell)(struct exchange *ex, const struct extended *extended, unsigned which, int status);
    /* The field behind the prefix on whose content the answer depends; "" for none. */
    struct slice varies_by;
};

/* The row of an extension that is not EXTENSION_NONE. */
const struct extension_row *extension_row(enum extension extension);
/* Each mandatory declaration is told of what became of the request. */
void extensions_tell(struct exchange *ex, struct extended *extended, int status) LOOP_SIDE;

/* extension_integrity.c */
struct verdict integrity_judge(struct exchange *ex, const struct extended *extended, unsigned which) LOOP_SIDE;
/* extension_reason.c */
struct verdict reason_judge(struct exchange *ex, const struct extended *extended, unsigned which) LOOP_SIDE;
void reason_tell(struct exchange *ex, const struct extended *extended, unsigned which, int status) LOOP_SIDE;

#endif
