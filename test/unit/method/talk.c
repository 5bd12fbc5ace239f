/*
 * talk.c - see talk.h. The wire ends the exchange while it is handed the answer, as a fast client makes it.
 */
#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "repr/repr.h"
#include "rounds.h"

/* ---- the wire ---- */

static void read_pieces(const struct content *content, struct buf *out)
{
    for (unsigned i = 0; i < content->piece_count; i++) {
        const struct piece *piece = &content->pieces[i];
        char *room;

        buf_add(out, piece->bytes);
        if (!piece->len)
            continue;
        room = buf_reserve(out, piece->len);
        CHECK_INT(pread(content->fd, room, piece->len, (off_t)piece->off), piece->len);
        buf_grown(out, piece->len);
    }
    if (content->ops && content->ops->is_unchanged)
        CHECK(content->ops->is_unchanged((struct content *)content));
}

static void read_stream(struct content *content, struct buf *out)
{
    bool done = false;

    while (!done)
        CHECK_INT(content->ops->fill(content, out, &done), ERR_NONE);
}

static void record(struct reply *reply, struct answer *answer)
{
    reply->status = answer->status;
    reply->is_head = answer->is_head;
    reply->content_length = answer->content.length;
    reply->is_stream = answer->content.kind == CONTENT_STREAM;
    reply->is_for_cache = answer->whole != NULL;
    for (unsigned i = 0; i < answer->field_count; i++)
        buf_printf(&reply->fields, "%.*s: %.*s\n", SLICE_FMT(answer->fields[i].name),
                   SLICE_FMT(answer->fields[i].value));
    if (answer->is_head)
        return;
    role_take(ROLE_ANY, "unit-test"); /* what workers do for a connection, done here */
    if (answer->content.kind == CONTENT_PIECES)
        read_pieces(&answer->content, &reply->content);
    else if (answer->content.kind == CONTENT_STREAM)
        read_stream(&answer->content, &reply->content);
    role_take(ROLE_LOOP, "unit-test");
}

static void end(struct talk *talk)
{
    struct exchange *ex = talk->ex;

    role_assert_loop();
    talk->ex = NULL;
    exchange_end(ex);
}

static void wire_answer(struct exchange *ex)
{
    struct talk *talk = ex->wire_owner;

    CHECK_INT(talk->reply.status, 0); /* one answer to one request */
    record(&talk->reply, &ex->answer);
    end(talk);
}

static void feed(struct task *task)
{
    struct talk *talk = CONTAINER(task, struct talk, feed);
    struct exchange *ex = talk->ex;
    struct slice more;
    size_t room;

    role_assert_loop();
    if (!ex || !ex->intake.is_wanted || ex->intake.has_ended)
        return;
    if (talk->midway) {
        talk->midway(talk);
        talk->midway = NULL;
    }
    room = INTAKE_MAX - ex->intake.bytes.len;
    more = slice_upto(slice_from(talk->body, talk->at), talk->step && talk->step < room ? talk->step : room);
    buf_add(&ex->intake.bytes, more);
    CHECK_FALSE(ex->intake.bytes.overflown);
    ex->intake.total += more.len;
    talk->at += more.len;
    if (talk->leaves_after && talk->at >= talk->leaves_after) {
        end(talk);
        return;
    }
    if (talk->at == talk->body.len && talk->breaks)
        ex->intake.broken = VERDICT(400, "The framing is wrong.");
    else if (talk->at == talk->body.len)
        ex->intake.has_ended = true;
    ex->on_body(ex);
    if (talk->ex && talk->at < talk->body.len && !link_is_listed(&task->link))
        loop_post(talk->ex->loop, task);
}

static void post_feed(struct exchange *ex)
{
    struct talk *talk = ex->wire_owner;

    if (!link_is_listed(&talk->feed.link))
        loop_post(ex->loop, &talk->feed);
}

static void wire_want_body(struct exchange *ex)
{
    struct talk *talk = ex->wire_owner;

    talk->reply.body_wanted++;
    post_feed(ex);
}

static const struct wire wire = {.answer = wire_answer, .want_body = wire_want_body, .body_room = post_feed};

/* ---- a conversation ---- */

void talk_open(struct talk *talk, const char *site)
{
    *talk = (struct talk){.conf = conf_of_site(site), .rights = RIGHT_ALL, .is_loopback = true};
    media_open_file(NULL);
    folder_make(&talk->folder);
    folder_serve(&talk->folder, NULL);
}

void talk_close(struct talk *talk)
{
    folder_remove(&talk->folder);
    conf_unref(talk->conf);
    media_close();
    buf_release(&talk->reply.fields);
    buf_release(&talk->reply.content);
}

static bool is_over(void *arg)
{
    return !((struct talk *)arg)->ex;
}

const struct reply *talk_ask(struct talk *talk, const char *line, const char *fields)
{
    struct loop *loop = loop_new();
    struct pool *pool = rounds_pool();
    char request[2048];
    struct exchange *ex;

    role_assert_loop();
    buf_release(&talk->reply.fields);
    buf_release(&talk->reply.content);
    talk->reply = (struct reply){.fields = BUF_INIT(16384), .content = BUF_INIT(8 * 1024 * 1024)};
    snprintf(request, sizeof(request), "%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", line, fields);
    talk->ex = ex = asked(loop, talk->conf, request);
    talk->at = 0;
    talk->feed.run = feed;
    ex->pool = pool;
    ex->store = talk->folder.store;
    ex->wire = &wire;
    ex->wire_owner = talk;
    ex->rules = conf_rules(ex->site, ex->path.text);
    ex->asker.is_loopback = talk->is_loopback;
    ex->rights = talk->rights & conf_rights(ex->site, ex->path.text, &ex->asker);
    exchange_state(ex, EXCH_JUDGED);
    method_start(ex);
    CHECK(rounds_until(loop, is_over, talk));
    pool_free(pool);
    loop_free(loop);
    return &talk->reply;
}

const struct reply *talk_send(struct talk *talk, const char *line, const char *fields, const char *content)
{
    char all[1024];

    talk->body = slice_str(content);
    snprintf(all, sizeof(all), "%sContent-Length: %zu\r\n", fields, talk->body.len);
    return talk_ask(talk, line, all);
}

const char *reply_field(const struct talk *talk, const char *name)
{
    static char value[1024];
    struct slice rest = buf_slice(&talk->reply.fields), line, before, after;

    while (slice_cut(rest, '\n', &line, &rest))
        if (slice_cut(line, ':', &before, &after) && slice_eq_nocase(before, slice_str(name))) {
            snprintf(value, sizeof(value), "%.*s", SLICE_FMT(slice_trim(after)));
            return value;
        }
    return "(none)";
}

const char *reply_content(struct talk *talk)
{
    return buf_str(&talk->reply.content);
}
