/*
 * checksum.h - OC-Checksum: a client says what its bytes sum up to, and gets 400 where they do not (ownCloud's clients,
 * rclone). Verified while they are written; of kinds that we do not know nothing is said. SHA-1 and MD5 are made then,
 * whichever was sent: rclone sends SHA-1 to an ownCloud and asks it for MD5.
 */
#ifndef METHOD_CHECKSUM_H
#define METHOD_CHECKSUM_H

#include "base/arena.h"
#include "base/buf.h"

enum { CHECKSUMS_MAX = 7, CHECKSUM_BYTES_MAX = 32, CHECKSUMS_TEXT = CHECKSUMS_MAX * 80 };

struct checksum {
    const struct checksum_kind *kind;
    void *digest; /* OpenSSL's; NULL for Adler-32 */
    uint32_t adler;
    bool is_said; /* by the client: `sum` is what it says */
    unsigned char sum[CHECKSUM_BYTES_MAX];
};
struct checksums {
    struct checksum list[CHECKSUMS_MAX];
    unsigned count;
};

/* "SHA1:..." and more of them after blanks. False: a known kind's value is malformed. */
bool checksums_parse(struct slice value, struct checksums *out);
/* SHA-256 is made, too, whether the client said one or not. */
void checksums_want_sha256(struct checksums *sums);
void checksums_add(struct checksums *sums, struct slice bytes);
/* After the last byte; once. */
bool checksums_match(struct checksums *sums);
/* As they are kept: "SHA1:... MD5:...", in lower case. "" for none. After checksums_match(). */
struct slice checksums_text(const struct checksums *sums, char room[CHECKSUMS_TEXT]);
void checksums_release(struct checksums *sums);

#endif
