/*
 * box.h - a portal over a temporary folder, and a firewall that a thread plays.
 */
#ifndef TEST_PORTAL_BOX_H
#define TEST_PORTAL_BOX_H

#include "check.h"

#include "portal_private.h"

enum { BOX_ADDRESSES = 64 };

/* What the firewall has; guarded by mutex. */
struct box_firewall {
    int end; /* its end of the socket pair */
    pthread_t thread;
    pthread_mutex_t mutex;
    struct box_entry {
        struct firewall_address address;
        uint64_t bytes;
        uint32_t seconds;
        uint8_t mac[MAC_LEN];
        bool is_open, has_mac;
    } entries[BOX_ADDRESSES];
    unsigned opened, closed; /* requests */
    bool refuses;            /* to open */
};

struct box {
    char path[64];
    struct store *store;
    struct conf *conf;
    struct portal *portal;
    struct box_firewall firewall;
    bool has_firewall;
};

/* `inside`: of the block portal, besides name and firewall. */
void box_open(struct box *box, const char *inside, bool has_firewall);
void box_close(struct box *box);
/* The portal ends and begins anew, over the same folder and firewall; with another configuration if `inside`. */
void box_restart(struct box *box, const char *inside);

/* Of one address, made at the first need. */
struct box_entry box_entry(struct box *box, const char *address);
void box_neighbour(struct box *box, const char *address, const char *mac); /* NULL: nobody is there */
void box_carry(struct box *box, const char *address, uint64_t bytes);
void box_shut(struct box *box, const char *address); /* as if the kernel's time was over */

enum portal_said box_login(struct box *box, const char *address, enum portal_login by, const char *text);
struct portal_state box_look(struct box *box, const char *address);
bool box_is_free(struct box *box, const char *address);
/* A voucher's code. */
const char *box_voucher(struct box *box, uint64_t seconds, uint64_t bytes, unsigned devices);
/* Waits for a look of the warden that began after this call. */
void box_wait_look(struct box *box);

#endif
