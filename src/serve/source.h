/*
 * source.h - an answer's content as bytes that can be sent now, without ever waiting for the disk. Loop side.
 *
 * Bytes of our own are there at once. A file's are taken from the page cache; what is not in it is read by a
 * worker first. A stream's are made by a worker. The end of a file is held back until the file was found to be
 * still what the head spoke of. Who sends them, and how they are framed, is the protocol's (out.h, h2).
 */
#ifndef SERVE_SOURCE_H
#define SERVE_SOURCE_H

#include "exchange/exchange.h"

enum source_step {
    SOURCE_BYTES,   /* view.bytes */
    SOURCE_FILE,    /* only if it was asked for: a stretch of a file whose pages are in memory */
    SOURCE_WAITING, /* a worker is at it; on_progress() is called when it is back */
    SOURCE_DONE,
    SOURCE_BROKEN /* the content failed: what was sent is not all, and must not look as if it were */
};

struct source {
    struct exchange *ex;
    struct content *content; /* NULL: there is none */
    unsigned piece;
    uint64_t piece_at;  /* how much of this piece was taken: its bytes, then its stretch of the file */
    uint64_t file_left; /* of all stretches together */
    size_t chunk_at;
    uint64_t taken;
    size_t cold_most; /* what a worker may read ahead of the client, that it holds until it is taken; 0: as it likes */
    struct source_work *work;
};

struct source_view {
    struct slice bytes; /* valid until the next call; in `room`, or wherever they are */
    bool has_more;      /* something follows at once */
    int fd;             /* of SOURCE_FILE */
    uint64_t off;
    size_t len;
};

/* What is sent is content, or NULL. is_chunked: a stream's bytes come framed as HTTP/1.1 chunks (RFC 9112 §7.1). */
void source_init(struct source *source, struct exchange *ex, struct content *content, bool is_chunked,
                 void (*on_progress)(struct exchange *)) LOOP_SIDE;
/*
 * The next bytes, at most `most` of them; nothing is taken yet. room: for `most` bytes, used where they have to be
 * read. as_file: a stretch of a file may be given as SOURCE_FILE, to be sent by sendfile.
 */
enum source_step source_look(struct source *source, char *room, size_t most, bool as_file,
                             struct source_view *view) LOOP_SIDE;
/* So many of them are on their way. */
void source_took(struct source *source, size_t len) LOOP_SIDE;
/* Nothing is left to be taken. */
bool source_is_done(const struct source *source);
/* No job of it may be under way (exchange.job). */
void source_release(struct source *source);

#endif
