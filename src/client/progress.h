/*
 * progress.h - how far a transfer is, on a terminal.
 */
#ifndef CLIENT_PROGRESS_H
#define CLIENT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool is_shown;    /* on standard error, which is a terminal */
    const char *what; /* borrowed */
    uint64_t total;   /* 0: unknown */
    uint64_t done;
    uint64_t began_ms, shown_ms, began_at; /* began_at: what was there before */
};

void progress_begin(struct progress *progress, const char *what, uint64_t already, uint64_t total, bool is_quiet);
void progress_now(struct progress *progress, uint64_t done);
/* Its line goes. */
void progress_end(struct progress *progress);

/* "4.2 MB" */
enum { OCTETS_TEXT = 32 };
const char *octets_text(uint64_t octets, char room[OCTETS_TEXT]);

#endif
