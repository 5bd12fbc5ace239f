/*
 * firewall.h - what the server may ask of the program that opens the gateway for clients who logged in.
 *
 * That program, samovar-firewall, is another one because it needs a privilege (CAP_NET_ADMIN) that the server gives up,
 * and because libnetfilter_conntrack is under the GPL. It is started before privileges are dropped and lives as long as
 * the other end of its socket: requests of fixed size come in, one message each over a SOCK_SEQPACKET socket pair, and
 * are answered in their order. It keeps nothing: what it did is in the kernel, with a timeout of its own, and stays
 * there when it ends. Nothing that a request may hold can become more than an address in a set.
 *
 * The rules are the administrator's (samovar portal --print-nft). Of the table `inet samovar` it touches the elements
 * of the two sets `guests4` and `guests6` alone, which count packets and have timeouts.
 */
#ifndef HELPER_FIREWALL_H
#define HELPER_FIREWALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/err.h"

#define FIREWALL_TABLE "samovar" /* of family inet */
#define FIREWALL_SET_V4 "guests4"
#define FIREWALL_SET_V6 "guests6"

enum firewall_what {
    FIREWALL_HELLO = 1,  /* are table and sets there? */
    FIREWALL_OPEN,       /* let this address through for so many seconds (0: until it is closed); replaces what was */
    FIREWALL_CLOSE,      /* no longer; its established flows are cut. Fine if it was not open */
    FIREWALL_LIST,       /* an answer for each address that is let through, and a last one without an address */
    FIREWALL_NEIGHBOURS, /* the same for each address that the neighbour table has a hardware address for */
    FIREWALL_FIND,       /* the hardware address of one address */
};

/* An address as sets and the neighbour table have it. Never v4 mapped into v6. */
struct firewall_address {
    uint8_t family; /* AF_INET: the first 4 octets; AF_INET6; 0: none */
    uint8_t octets[16];
};

struct firewall_request {
    uint32_t what;
    uint32_t number; /* comes back in each answer */
    uint32_t seconds;
    struct firewall_address address;
};

struct firewall_answer {
    uint32_t number;
    uint32_t err; /* enum err of base/err.h; ERR_MISSING: no such table or set, or no such neighbour */
    uint8_t is_last;
    uint8_t has_mac;
    uint8_t mac[6];
    struct firewall_address address;
    /*
     * LIST, and CLOSE of what was open: the octets that went through so far, both ways, IP headers included. OPEN of
     * what was open already: those that are forgotten with it.
     */
    uint64_t bytes;
    uint32_t seconds_left; /* LIST; 0: without end */
    char text[128];        /* with an err: one line in words for the log, "" without */
};

enum { FIREWALL_SECONDS_MAX = 366 * 24 * 3600 };

/*
 * Starts the program (NULL: samovar-firewall beside our own program, or where it is installed) with one end of the
 * socket pair; *fd is the other one, close-on-exec. Says HELLO and waits for the answer, at most five seconds: an error
 * is in `why` in one line that says what to do. Before threads, and before privileges are dropped.
 */
enum err firewall_start(const char *program, int *fd, struct buf *why);
/*
 * One request, and its answers one by one until the last one was given to each() (NULL: it is dropped). Waits for the
 * other process, not for a network: 5 s at most for each answer. ERR_IO: it is gone, or silent; else what the last
 * answer said. One caller at a time for a descriptor. Not for loops.
 */
enum err firewall_ask(int fd, const struct firewall_request *request,
                      void (*each)(const struct firewall_answer *answer, void *arg), void *arg);

/* The rules for a gateway with these two interfaces, as text for `nft -f`: intercepted requests go to `port`. Pure. */
void firewall_print_rules(const char *inside, const char *outside, unsigned port, struct buf *out);

#endif
