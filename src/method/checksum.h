/*
 * checksum.h - OC-Checksum: a client says what its bytes sum up to, and gets 400 where they do not (ownCloud's clients,
 * rclone). Verified while they are written; of kinds that we do not know nothing is said.
 */
#ifndef METHOD_CHECKSUM_H
#define METHOD_CHECKSUM_H

#include "base/arena.h"
#include "base/buf.h"

enum { CHECKSUMS_MAX = 4, CHECKSUM_BYTES_MAX = 32 };

struct checksum {
    const struct checksum_kind *kind;
    void *digest; /* OpenSSL's; NULL for Adler-32 */
    uint32_t adler;
    unsigned char want[CHECKSUM_BYTES_MAX];
};
struct checksums {
    struct checksum list[CHECKSUMS_MAX];
    unsigned count;
};

/* "SHA1:..." and more of them after blanks. False: a known kind's value is malformed. */
bool checksums_parse(struct slice value, struct checksums *out);
void checksums_add(struct checksums *sums, struct slice bytes);
/* After the last byte; once. */
bool checksums_match(struct checksums *sums);
/* As they are kept: "SHA1:... MD5:...", in lower case. "" for none. */
struct slice checksums_text(const struct checksums *sums, struct arena *arena);
void checksums_release(struct checksums *sums);

#endif
