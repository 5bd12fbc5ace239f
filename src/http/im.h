/*
 * im.h - A-IM: what a client lets be done to an instance before it is sent (RFC 3229 §10.5.3).
 *
 * Three kinds of manipulations: those that make a difference to a base instance that the client has (vcdiff, gdiff,
 * diffe; feed, which is used without being registered), those that compress (gzip, deflate), and range. They are done
 * in the order of the field. Names compare without case; a name with parameters other than q is another manipulation,
 * which nobody here knows. Pure.
 */
#ifndef HTTP_IM_H
#define HTTP_IM_H

#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

enum im { IM_IDENTITY, IM_VCDIFF, IM_GDIFF, IM_DIFFE, IM_FEED, IM_GZIP, IM_DEFLATE, IM_RANGE, IM_COUNT };

/* "vcdiff", as in IM. Static. */
struct slice im_name(enum im im);
static inline bool im_is_delta(enum im im)
{
    return im >= IM_VCDIFF && im <= IM_FEED;
}

/* What a field accepts. */
struct im_wish {
    enum im list[IM_COUNT]; /* in its order, each once; never identity */
    unsigned count;
    unsigned quality[IM_COUNT]; /* in thousandths, of those in the list */
    bool no_identity;           /* identity;q=0: the instance as it is will not do */
};

/* value: all lines as one. What makes no sense is read over; what is listed with q=0 anywhere is not accepted. */
void im_wish_read(struct slice value, struct im_wish *out);
bool im_wish_has(const struct im_wish *wish, enum im im);

/* The deltas that it accepts, the best first: by weight, and of equal ones as listed. Gives how many. */
unsigned im_wish_deltas(const struct im_wish *wish, enum im out[IM_COUNT]);
/* The compression that it accepts best; IM_IDENTITY: none. */
enum im im_wish_coding(const struct im_wish *wish);

enum { IM_STEPS_MAX = 3 };
/* What is done, one after the other. */
struct im_chain {
    enum im step[IM_STEPS_MAX];
    unsigned count;
};
/*
 * Those of the three that are none of IM_IDENTITY, in the order of the wish, which has them. Compression before a
 * delta is left out: the client could not make its base again (RFC 3229 §10.5.3).
 */
struct im_chain im_chain_of(const struct im_wish *wish, enum im delta, enum im coding, enum im range);
/* The value of IM. */
void im_chain_write(struct buf *out, const struct im_chain *chain);

#endif
