/*
 * hot_refuse.c - the short way for requests that a limit refuses: a refusal costs no more than a hot answer.
 *
 * Limits are judged before or instead of a hot answer, without an exchange. What they refuse with is made once for each
 * limit, form and language and kept as an entry of its own that is in no table: head and body, with HOT_REFUSAL_MARK
 * where the seconds belong that the client has to wait. Those that a request needs are written when it is answered.
 */
#include <stdlib.h>
#include <string.h>

#include "gate/gate.h"
#include "hot_private.h"
#include "http/accept.h"
#include "method/method.h"
#include "session.h"

enum {
    TEMPLATE_HEAD_MAX = 4096,
    DIGITS_MAX = 20,
    TEMPLATES = 128, /* remembered at one time; power of two */
    DATE_AT = sizeof("HTTP/1.1 429 Too Many Requests\r\nDate: ") - 1,
};

struct hot_template {
    const struct limit_rule *rule; /* of the station's snapshot; NULL: none */
    unsigned unit;
    enum error_form form;
    enum page_language language;
    struct hot_entry *entry;
};

struct hot_templates {
    struct hot_template list[TEMPLATES];
};

/* ---- what is refused ---- */

static LOOP_SIDE uint64_t key_of(struct session *session)
{
    const struct peer *peer = &session->conn.peer;
    char room[PEER_TEXT_MAX];
    bool is_address = peer->family == AF_INET || peer->family == AF_INET6;

    if (!session->limit_key)
        session->limit_key = limit_address(peer->family, peer->addr, is_address ? SLICE_NONE : peer_text(peer, room));
    return session->limit_key;
}

static LOOP_SIDE struct limit_asked asked_of(struct session *session, const struct head *head, const struct site *site)
{
    const struct station *station = session->station;

    return (struct limit_asked){.ledger = station->server->ledger,
                                .conf = station->house->conf,
                                .site = site,
                                .method = head->method,
                                .address = key_of(session)};
}

/* Who stands behind a proxy is found by the long way. */
static bool knows_client(const struct session *session)
{
    return session->station->house->conf->trusted_proxy_count == 0;
}

enum limit_says hot_limit(struct session *session, const struct head *head, const struct hot_entry *entry,
                          uint64_t bytes, struct limited *out)
{
    struct limit_asked asked;

    if (!knows_client(session))
        return LIMIT_TELL;
    asked = asked_of(session, head, entry->site);
    asked.rules = entry->limits;
    asked.path = entry->limits_path;
    asked.bytes = bytes;
    return limits_judge(&asked, out);
}

/*
 * Before it is known what is asked for: limits by address come before everything else. Which site is meant is for the
 * long way to find out where there are several; the server's own limits hold in all of them.
 */
bool hot_limit_early(struct session *session, const struct head *head, struct limited *out)
{
    const struct conf *conf = session->station->house->conf;
    struct limit_asked asked;
    uint64_t rules;

    if (!conf->client_limit_count && (conf->site_count > 1 || !conf->sites[0].limit_count))
        return false;
    if (!knows_client(session) || !slice_starts(head->target, SLICE("/")))
        return false;
    rules = limits_on_arrival(conf, &conf->sites[0]);
    if (conf->site_count > 1)
        rules &= (UINT64_C(1) << LIMITS_MAX) - 1;
    if (!rules)
        return false;
    asked = asked_of(session, head, &conf->sites[0]);
    asked.rules = rules;
    return limits_refuse(&asked, out);
}

/* ---- the answer ---- */

static LOOP_SIDE struct hot_entry *bare_entry(struct hot *hot, size_t head_len, size_t len)
{
    struct hot_entry *entry = xcalloc(1, sizeof(*entry));

    entry->hot = hot;
    entry->refs = 1;
    entry->fd = -1;
    entry->head_len = head_len;
    entry->len = len;
    entry->bytes = xmalloc(len);
    return entry;
}

static LOOP_SIDE struct hot_entry *template_new(struct station *station, const struct limited *limited,
                                                enum error_form form, enum page_language language)
{
    struct arena arena = {0};
    struct answer answer = {0};
    struct buf head = BUF_INIT(TEMPLATE_HEAD_MAX);
    struct hot_entry *entry;
    struct slice body;

    refusal_answer(&arena, limit_verdict(&arena, limited, slice_of((char[]){HOT_REFUSAL_MARK}, 1)), form, language,
                   &answer);
    answer_write_head(station, &answer, &head);
    buf_printf(&head, "Content-Length: %llu\r\n\r\n", (unsigned long long)answer.content.length);
    body = answer.content.pieces[0].bytes;
    entry = bare_entry(station->hot, head.len, head.len + body.len);
    memcpy(entry->bytes, head.ptr, head.len);
    memcpy(entry->bytes + head.len, body.ptr, body.len);
    entry->date_s = station->date_s;
    buf_release(&head);
    arena_release(&arena);
    return entry;
}

void hot_templates_clear(struct hot *hot)
{
    for (unsigned i = 0; hot->templates && i < TEMPLATES; i++) {
        if (hot->templates->list[i].entry)
            hot_entry_unref(hot->templates->list[i].entry);
        hot->templates->list[i] = (struct hot_template){0};
    }
}

static LOOP_SIDE void freshen(struct station *station, struct hot_entry *entry)
{
    struct slice date = station_date(station);

    if (entry->date_s != station->date_s)
        memcpy(entry->bytes + DATE_AT, date.ptr, date.len);
    entry->date_s = station->date_s;
}

struct hot_entry *hot_refusal(struct session *session, const struct head *head, const struct limited *limited)
{
    struct hot *hot = session->station->hot;
    struct slice accept = head_value(head, FIELD_ACCEPT);
    enum error_form form = accept.len ? accept_error_form(accept) : FORM_TEXT;
    enum page_language language = page_language_choose(head_value(head, FIELD_ACCEPT_LANGUAGE));
    struct hot_template *template;

    if (!hot->templates)
        hot->templates = xcalloc(1, sizeof(*hot->templates));
    template =
        &hot->templates
             ->list[(limited->rule->id ^ ((limited->unit * 3 + form) * PAGE_LANGUAGES + language) * 11) % TEMPLATES];
    if (template->rule != limited->rule || template->unit != limited->unit || template->form != form ||
        template->language != language) {
        if (template->entry)
            hot_entry_unref(template->entry);
        *template = (struct hot_template){.rule = limited->rule,
                                          .unit = limited->unit,
                                          .form = form,
                                          .language = language,
                                          .entry = template_new(session->station, limited, form, language)};
    }
    freshen(session->station, template->entry);
    return template->entry;
}

/* Into the end of `room`; a printf would be the most of it all. */
static struct slice digits_of(uint64_t number, char room[DIGITS_MAX])
{
    size_t at = DIGITS_MAX;

    do {
        room[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return slice_of(room + at, DIGITS_MAX - at);
}

size_t hot_refusal_fill(struct slice text, uint64_t wait_s, char *out, size_t room)
{
    char digits[DIGITS_MAX];
    struct slice seconds = digits_of(wait_s, digits);
    size_t len = 0;

    while (text.len) {
        struct slice piece = slice_upto(text, slice_index(text, HOT_REFUSAL_MARK));

        if (len + piece.len + seconds.len > room)
            return 0;
        memcpy(out + len, piece.ptr, piece.len);
        len += piece.len;
        if (piece.len == text.len)
            break;
        memcpy(out + len, seconds.ptr, seconds.len);
        len += seconds.len;
        text = slice_from(text, piece.len + 1);
    }
    return len;
}

struct hot_entry *hot_entry_of(struct hot *hot, struct slice bytes)
{
    struct hot_entry *entry = bare_entry(hot, 0, bytes.len);

    memcpy(entry->bytes, bytes.ptr, bytes.len);
    return entry;
}
