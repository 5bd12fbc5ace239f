/*
 * accept_coding.h - Accept-Encoding: which content codings a client takes, and which it likes best (RFC 9110 §12.5.3).
 * Pure.
 */
#ifndef HTTP_ACCEPT_CODING_H
#define HTTP_ACCEPT_CODING_H

#include "base/slice.h"

/* Those that are known here, of equally liked ones the better first; "no coding" last. */
enum content_coding { CONTENT_BROTLI, CONTENT_ZSTD, CONTENT_GZIP, CONTENT_IDENTITY, CONTENT_CODINGS };

/* "br", as in Content-Encoding. Static. */
struct slice content_coding_name(enum content_coding coding);
/* The other way round, without case; x-gzip is gzip. CONTENT_CODINGS: it is none of them. */
enum content_coding content_coding_find(struct slice name);

struct coding_wish {
    unsigned weight[CONTENT_CODINGS]; /* in thousandths; 0: not taken */
};
/*
 * The field's lines as one; has_field false: there is none, and then nothing is coded, though all might be. What is not
 * listed has the weight of `*`, if that is there, else 0; only "no coding" is then taken all the same, if less than
 * anything that is listed.
 */
void coding_wish_read(struct slice value, bool has_field, struct coding_wish *out);
/* They in the order of their weights, the best first; those that are not taken are left out. Gives their number. */
unsigned coding_wish_order(const struct coding_wish *wish, enum content_coding out[CONTENT_CODINGS]);

#endif
