/*
 * answer.c - answers as they come: heads, and content by its framing (RFC 9112 §6).
 */
#include <stdlib.h>

#include "base/clock.h"
#include "client_private.h"
#include "http/chunked.h"

/* More interim answers than a patient server sends in an hour of work; somebody who sends them for ever is left. */
enum { INTERIM_MAX = 1000 };

/* One head, interim or not. */
static enum err head_read(struct client *client, struct answer_head *head, struct buf *why)
{
    const char *sentence = "";

    for (;;) {
        enum answer_step step = answer_head_parse(client_bytes(client), head, &sentence);
        enum err err;

        if (step == ANSWER_DONE)
            return ERR_NONE;
        if (step == ANSWER_BAD) {
            buf_add_str(why, sentence);
            return ERR_IO;
        }
        err = client_fill(client, why);
        if (err == ERR_MISSING && client_bytes(client).len) {
            buf_add_str(why, "the connection ended in the midst of an answer's head");
            return ERR_IO;
        }
        if (err == ERR_MISSING)
            buf_add_str(why, "the server closed the connection without an answer");
        if (err != ERR_NONE)
            return err;
    }
}

/* The head's texts are to outlive the octets that they came in. */
static void head_hold(struct client *client, struct answer_head *head)
{
    const char *old = client_bytes(client).ptr;
    ptrdiff_t by;

    buf_clear(&client->head);
    client->head.max = ANSWER_HEAD_MAX;
    buf_add(&client->head, slice_upto(client_bytes(client), head->len));
    by = client->head.ptr - old;
    head->phrase.ptr += by;
    for (unsigned i = 0; i < head->field_count; i++) {
        head->field[i].name.ptr += by;
        head->field[i].value.ptr += by;
    }
    client_eat(client, head->len);
}

enum err client_answer(struct client *client, bool is_head_request, struct client_answer *out, struct buf *why)
{
    const char *sentence = "";
    unsigned interim = 0;
    enum err err;

    out->is_read = false;
    while ((err = head_read(client, &out->head, why)) == ERR_NONE && out->head.status < 200) {
        if (client->options.interim)
            client->options.interim(client->options.interim_arg, &out->head);
        client_eat(client, out->head.len);
        if (++interim > INTERIM_MAX) {
            buf_add_str(why, "the server sends interim answers and no final one");
            err = ERR_IO;
            break;
        }
    }
    if (err != ERR_NONE) {
        out->head.status = 0;
        return err;
    }
    head_hold(client, &out->head);
    out->ends = answer_closes(&out->head);
    if (!answer_framing_of(&out->head, is_head_request, &out->framing, &out->length, &sentence)) {
        buf_add_str(why, sentence);
        return ERR_IO;
    }
    out->is_read = out->framing == ANSWER_EMPTY;
    return ERR_NONE;
}

enum going { GOING_ON, GOING_NOT, GOING_UNKNOWN };

/* What the heads say that are there. Interim ones are taken: 103 may come before 100. */
static enum going judge_heads(struct client *client, struct answer_head *head)
{
    const char *sentence;

    for (;;) {
        enum answer_step step = answer_head_parse(client_bytes(client), head, &sentence);

        if (step == ANSWER_MORE)
            return GOING_UNKNOWN;
        if (step == ANSWER_BAD || head->status >= 200)
            return GOING_NOT;
        client_eat(client, head->len);
        if (head->status == 100)
            return GOING_ON;
    }
}

bool client_may_go_on(struct client *client, unsigned ms)
{
    struct buf why = BUF_INIT(256);
    struct answer_head *head = xcalloc(1, sizeof(*head));
    uint64_t now = clock_mono_ms(), until = now + ms;
    enum going going;

    while ((going = judge_heads(client, head)) == GOING_UNKNOWN && (now = clock_mono_ms()) < until)
        if (client_fill_within(client, (unsigned)(until - now), &why) != ERR_NONE) {
            going = client->is_late ? GOING_ON : GOING_NOT;
            break;
        }
    buf_release(&why);
    free(head);
    return going != GOING_NOT;
}

/* ---- content ---- */

struct reading {
    struct client *client;
    bool (*take)(void *arg, struct slice bytes);
    void *arg;
    struct buf *why;
};

/* ERR_MISSING: there is no more. */
static enum err need_bytes(struct reading *reading)
{
    return client_bytes(reading->client).len ? ERR_NONE : client_fill(reading->client, reading->why);
}

static enum err cut_short(struct reading *reading, enum err err)
{
    if (err != ERR_MISSING)
        return err;
    buf_add_str(reading->why, "the connection ended before the whole content had come");
    return ERR_CLOSED;
}

static enum err read_length(struct reading *reading, uint64_t left)
{
    while (left) {
        enum err err = need_bytes(reading);
        struct slice bytes = client_bytes(reading->client);

        if (err != ERR_NONE)
            return cut_short(reading, err);
        if (bytes.len > left)
            bytes.len = (size_t)left;
        if (!reading->take(reading->arg, bytes))
            return ERR_REFUSED;
        left -= bytes.len;
        client_eat(reading->client, bytes.len);
    }
    return ERR_NONE;
}

static enum err read_chunked(struct reading *reading)
{
    struct chunked chunked = {0};

    for (;;) {
        enum err err = need_bytes(reading);
        struct slice data;
        size_t used;
        enum chunk_step step;

        if (err != ERR_NONE)
            return cut_short(reading, err);
        step = chunked_feed(&chunked, client_bytes(reading->client), &used, &data);
        if (step == CHUNK_DATA && !reading->take(reading->arg, data))
            return ERR_REFUSED;
        client_eat(reading->client, used);
        if (step == CHUNK_END)
            return ERR_NONE;
        if (step == CHUNK_BAD) {
            buf_printf(reading->why, "the answer's chunks make no sense: %s", chunked.why);
            return ERR_IO;
        }
    }
}

static enum err read_to_end(struct reading *reading)
{
    for (;;) {
        enum err err = need_bytes(reading);
        struct slice bytes = client_bytes(reading->client);

        if (err != ERR_NONE)
            return err == ERR_MISSING ? ERR_NONE : err;
        if (!reading->take(reading->arg, bytes))
            return ERR_REFUSED;
        client_eat(reading->client, bytes.len);
    }
}

enum err client_content(struct client *client, struct client_answer *answer,
                        bool (*take)(void *arg, struct slice bytes), void *arg, struct buf *why)
{
    struct reading reading = {client, take, arg, why};
    enum err err = answer->is_read                     ? ERR_NONE
                   : answer->framing == ANSWER_CHUNKED ? read_chunked(&reading)
                   : answer->framing == ANSWER_LENGTH  ? read_length(&reading, answer->length)
                                                       : read_to_end(&reading);

    answer->is_read = true;
    if (err != ERR_NONE || answer->framing == ANSWER_CLOSE || answer->ends)
        client_close(client);
    return err;
}
