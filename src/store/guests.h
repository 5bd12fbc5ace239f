/*
 * guests.h - what a captive portal keeps in the metadata: who is let through, and the vouchers.
 *
 * The store knows nothing of what is in a record: a name and a value of the portal's own form, of two kinds.
 */
#ifndef STORE_GUESTS_H
#define STORE_GUESTS_H

#include "store/store.h"

enum guest_kind { GUEST_SESSION, GUEST_VOUCHER, GUEST_KINDS };
enum { GUEST_NAME_MAX = 64, GUEST_VALUE_MAX = 1024 };

/* One record; value "" of a drop. */
struct guest_change {
    enum guest_kind kind;
    struct slice name, value;
    bool is_drop;
};

/* All or none; durable when it returns. Makes the state folder if need be. */
enum err store_guests_commit(struct store *store, const struct guest_change *changes, unsigned count) WORKER_SIDE;
/* The same, soon: what counts up and may be lost in a crash. */
void store_guests_queue(struct store *store, const struct guest_change *changes, unsigned count) WORKER_SIDE;
/* value (cleared first) gets it; ERR_MISSING. */
enum err store_guest(struct store *store, enum guest_kind kind, struct slice name, struct buf *value) WORKER_SIDE;
/* Each record of a kind, in order of names; each() may return false to stop. Texts are valid during the call. */
enum err store_guests_each(struct store *store, enum guest_kind kind,
                           bool (*each)(struct slice name, struct slice value, void *arg), void *arg) WORKER_SIDE;

#endif
