/*
 * handover_private.h - private to handover*.c: lines that carry descriptors, over a unix socket.
 */
#ifndef SERVE_HANDOVER_PRIVATE_H
#define SERVE_HANDOVER_PRIVATE_H

#include "base/buf.h"

enum {
    FDS_A_LINE = 8,
    LINE_ROOM = 8 * 1024,
};

/* The text with its newline at the end, and count descriptors (at most FDS_A_LINE), which stay ours. False: not sent.
 */
bool send_line(int to, const int *fds, unsigned count, const char *format, ...) __attribute__((format(printf, 4, 5)));
/*
 * Waits for one, and takes its newline away. False: the end, or something that is no line. All of fds are set, to -1
 * where nothing came; the caller closes them in both cases.
 */
bool receive_line(int from, char line[LINE_ROOM], int fds[FDS_A_LINE]);
/* Releases what must not be left in memory. */
void buf_wipe(struct buf *buf);

#endif
