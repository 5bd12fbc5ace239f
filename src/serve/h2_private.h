/*
 * h2_private.h - what the files of HTTP/2 share. Loop side.
 *
 * nghttp2 reads and writes frames; these files give it bytes, answer its callbacks and take its bytes. Within its
 * callbacks nothing is sent and nothing is closed: what has to end is marked (is_broken), and h2_flush() sees to it.
 */
#ifndef SERVE_H2_PRIVATE_H
#define SERVE_H2_PRIVATE_H

#include <nghttp2/nghttp2.h>

#include "h2.h"
#include "h2_guard.h"
#include "http/h2_head.h"
#include "source.h"

enum {
    H2_FRAME_MOST = 9 + 16384,             /* we send none that is longer */
    H2_OUT_ROOM = 8 * H2_FRAME_MOST + 512, /* of one send */
    H2_STREAM_WINDOW = 1024 * 1024,        /* what one stream may send ahead of the disk */
    H2_QUEUE_MAX = 256,                    /* frames that wait behind a full socket, before reading stops */
};

/* How far the connection is. */
enum h2_phase {
    H2_OPEN,
    H2_NOTICED, /* said that it will end; requests that are on their way are still taken (RFC 9113 §6.8) */
    H2_ENDING,  /* said which request was the last */
    H2_LINGER   /* all was said; what comes is dropped */
};

/* What all connections of one loop share. */
struct h2_loop {
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    struct link spare_streams;
    unsigned spare_count;
    struct h2_head *spare_head;
    char *room; /* H2_OUT_ROOM: what is being sent at this moment */
    size_t used;
    bool is_full;
};

struct h2 {
    struct session session;
    struct h2_loop *shared;
    nghttp2_session *frames;
    enum h2_phase phase;
    struct link streams;
    unsigned stream_count;
    struct h2_head *head; /* a header block that is arriving; NULL: none */
    uint64_t head_began_ms;
    uint64_t trailer_octets; /* of the block of trailers that is arriving */
    struct h2_guard guard;
    uint64_t unpaid;  /* octets of content taken by the client, not yet turned into credit */
    struct buf kept;  /* what the socket did not take */
    size_t kept_sent; /* of that, since */
    uint64_t progress_ms, idle_ms, phase_ms;
    unsigned uploads;  /* requests whose content has not ended */
    uint64_t lingered; /* octets dropped since all was said */
    uint32_t
        fault; /* the client broke the protocol where nghttp2 does not mind: with this code it ends; 0: it did not */
    bool is_feeding, is_broken, is_flooded;
    bool is_deaf; /* the client will send nothing more */
};

struct h2_stream {
    struct link link; /* of its connection's, or of those that are to spare */
    struct h2 *h2;
    int32_t id;
    struct exchange *ex;     /* NULL: a hot answer */
    struct hot_entry *entry; /* of a hot answer */
    struct slice left;       /* ... of its content */
    struct source source;    /* when has_source */
    struct buf surplus;      /* content that came and has no place in the intake yet */
    uint64_t held;           /* octets of content whose credit was not given back */
    uint64_t progress_ms;    /* content came or went */
    uint64_t unwanted;       /* octets of content that came after the answer was begun */
    bool has_source, is_whole /* END_STREAM came */, said_continue, is_answered;
    bool is_over, is_let_go; /* all of the answer is out, but END_STREAM has not come; the client was told to stop */
};

static inline struct h2 *h2_of(const struct session *session)
{
    return CONTAINER(session, struct h2, session);
}

static inline uint64_t h2_now(const struct h2 *h2) LOOP_SIDE
{
    return loop_now_ms(h2->session.station->loop);
}

/* ---- h2.c ---- */

/* Sends what there is to be sent, ends what has to end. Not from within nghttp2's callbacks. */
void h2_flush(struct h2 *h2) LOOP_SIDE;
/* Something is to be sent, before the round ends or in the next. */
void h2_wants_to_send(struct h2 *h2) LOOP_SIDE;
/* The client did something that costs; past its credit the connection ends. */
void h2_charge(struct h2 *h2, unsigned cost) LOOP_SIDE;
/* The client answered our PING. */
void h2_pinged(struct h2 *h2) LOOP_SIDE;

/* ---- h2_stream.c: requests ---- */

void h2_set_callbacks(nghttp2_session_callbacks *callbacks);
struct h2_stream *h2_stream_new(struct h2 *h2, int32_t id) LOOP_SIDE;
/* The stream is over, or its client left. */
void h2_stream_free(struct h2_stream *stream) LOOP_SIDE;
/* The block of fields that is arriving is not wanted any more. */
void h2_head_drop(struct h2 *h2) LOOP_SIDE;

/* ---- h2_body.c: content of requests ---- */

/* Content came. */
void h2_body_came(struct h2 *h2, struct h2_stream *stream, struct slice bytes) LOOP_SIDE;
/* END_STREAM came. */
void h2_body_ended(struct h2_stream *stream) LOOP_SIDE;
/* What could not be passed on, is. */
void h2_body_feed(struct h2_stream *stream) LOOP_SIDE;
/* All of the answer is out, and content is still to come: nobody wants it. */
void h2_body_unwanted(struct h2_stream *stream) LOOP_SIDE;
/* The client is told to leave the rest out (RFC 9113 §8.1). */
void h2_body_let_go(struct h2_stream *stream) LOOP_SIDE;
/* More of its content could be taken now. */
bool h2_body_is_awaited(const struct h2_stream *stream);

/* ---- h2_answer.c ---- */

extern const struct wire h2_wire;
/* The next content of an answer, straight into the room. nghttp2_data_source_read_callback. */
ssize_t h2_read_content(nghttp2_session *frames, int32_t id, uint8_t *buf, size_t length, uint32_t *flags,
                        nghttp2_data_source *source, void *user_data);
/* nghttp2_send_data_callback: the frame's head goes before the content that is in the room already. */
int h2_send_content(nghttp2_session *frames, nghttp2_frame *frame, const uint8_t *framehd, size_t length,
                    nghttp2_data_source *source, void *user_data);

/* ---- h2_hot.c ---- */

/* Answers from the hot cache, if everything about the request allows it. False: the long way. */
bool h2_answer_hot(struct h2 *h2, int32_t id, const struct head *head) LOOP_SIDE;

#endif
