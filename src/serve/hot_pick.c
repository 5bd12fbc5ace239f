/*
 * hot_pick.c - which requests a hot answer is right for, whatever protocol they came by.
 */
#include "base/clock.h"
#include "hot.h"
#include "http/cond.h"
#include "session.h"

#define FIELD_BIT(id) (UINT64_C(1) << (id))

/* Whatever could change the answer, or needs more than sending it, takes the long way. */
static const uint64_t fields_not_hot =
    FIELD_BIT(FIELD_RANGE) | FIELD_BIT(FIELD_IF_RANGE) | FIELD_BIT(FIELD_IF_MATCH) |
    FIELD_BIT(FIELD_IF_UNMODIFIED_SINCE) | FIELD_BIT(FIELD_IF) | FIELD_BIT(FIELD_EXPECT) |
    FIELD_BIT(FIELD_CONTENT_LENGTH) | FIELD_BIT(FIELD_TRANSFER_ENCODING) | FIELD_BIT(FIELD_AUTHORIZATION) |
    FIELD_BIT(FIELD_A_IM) | FIELD_BIT(FIELD_AVAILABLE_DICTIONARY) | FIELD_BIT(FIELD_WANT_REPR_DIGEST) |
    FIELD_BIT(FIELD_WANT_CONTENT_DIGEST) | FIELD_BIT(FIELD_NEGOTIATE) | FIELD_BIT(FIELD_MAN) | FIELD_BIT(FIELD_ORIGIN);

enum { HOT_HEAD_MAX = 64 * 1024 };

static const uint64_t fields_conditional = FIELD_BIT(FIELD_IF_NONE_MATCH) | FIELD_BIT(FIELD_IF_MODIFIED_SINCE);

static bool is_read(const struct head *head)
{
    return (head->method == METHOD_GET || head->method == METHOD_HEAD) && head_count_of(head, FIELD_HOST) == 1;
}

/* What stands before a port; a literal v6 address is never asked for by SNI. */
static struct slice name_of_host(struct slice host)
{
    return slice_upto(host, slice_index(host, ':'));
}

/*
 * The client asked TLS for the host that it asks us for, and that is a name of the site whose certificate it was
 * shown. A name that is nobody's (none at all, one with a dot at its end) may be shown one site's certificate and
 * mean another.
 */
static LOOP_SIDE bool is_by_name(const struct site *site, struct slice server_name, const struct head *head)
{
    if (!slice_eq_nocase(name_of_host(head_value(head, FIELD_HOST)), server_name))
        return false;
    for (unsigned i = 0; i < site->host_count; i++)
        if (slice_eq(site->hosts[i], server_name))
            return true;
    return false;
}

/* The entry is of the site and the client that the connection stands for, as far as TLS says so. */
static LOOP_SIDE bool is_of_this_connection(struct session *session, const struct head *head)
{
    const struct tls_facts *tls = conn_tls(&session->conn);
    const struct conf *conf = session->station->house->conf;

    if (!tls)
        return !session->conn.is_plain_on_tls && !session->is_metrics && !session->is_intercepted;
    if (tls->client_name.len || conf->sites[tls->site].tls.client_certificates == CLIENT_CERT_REQUIRED)
        return false; /* what a known user gets is for the gates to say */
    return conf->site_count == 1 || is_by_name(&conf->sites[tls->site], tls->server_name, head);
}

static bool begins_with(struct slice host, struct slice name)
{
    host.len = host.len < name.len ? host.len : name.len;
    return slice_eq_nocase(host, name);
}

/* The portal's own names, which are no site's; how they may be written besides is for the long way, too. */
static bool is_for_portal(const struct portal_conf *portal, const struct head *head)
{
    struct slice host = head_value(head, FIELD_HOST);
    bool is_its = begins_with(host, portal->name);

    for (unsigned i = 0; i < portal->intercept_host_count && !is_its; i++)
        is_its = begins_with(host, portal->intercept_hosts[i]);
    return is_its;
}

static LOOP_SIDE bool may_be_hot(struct session *session, const struct head *head)
{
    const struct station *station = session->station;

    if (!is_read(head) || head->present & fields_not_hot)
        return false;
    if (station->house->conf->portal && is_for_portal(station->house->conf->portal, head))
        return false;
    if (station->server->access_log && station->house->conf->trusted_proxy_count)
        return false; /* the log wants the address behind the proxy: the long way finds it */
    return is_of_this_connection(session, head);
}

static LOOP_SIDE bool is_not_modified(struct session *session, const struct head *head, const struct hot_entry *entry)
{
    struct arena arena = {0};
    struct conditions conditions;
    struct validators current = hot_validators(entry);
    enum cond_result result;

    if (!(head->present & fields_conditional))
        return false;
    conditions_from_head(head, loop_wall_s(session->station->loop), &arena, &conditions);
    result = conditions_judge(&conditions, true, &current);
    arena_release(&arena);
    return result == COND_NOT_MODIFIED;
}

static LOOP_SIDE void judge_limits(struct session *session, const struct head *head, struct hot_pick *pick)
{
    uint64_t bytes = pick->has_body ? pick->entry->len - pick->entry->head_len : 0;

    switch (hot_limit(session, head, pick->entry, bytes, &pick->limited)) {
    case LIMIT_GO_ON:
        return;
    case LIMIT_REFUSE:
        pick->is_refused = true;
        session->was_refused = limit_is_by_address(pick->limited.rule);
        break;
    case LIMIT_TELL:
        break;
    }
    pick->entry = NULL;
}

/* Who does not stop when he is refused is not worth more than this look, whatever he asks for. */
static LOOP_SIDE bool refuse_early(struct session *session, const struct head *head, struct hot_pick *pick)
{
    pick->is_refused = session->was_refused = hot_limit_early(session, head, &pick->limited);
    return pick->is_refused;
}

/* Most answers depend on the target alone; one that only watches has no answer yet. */
static LOOP_SIDE struct hot_entry *find(struct session *session, const struct head *head)
{
    struct hot *hot = session->station->hot;
    struct hot_asked asked = {head_value(head, FIELD_HOST), head->target, session->is_loopback, SLICE_NONE};
    struct hot_entry *entry = hot_find(hot, &asked);
    char room[HOT_WISH_MAX];

    if (entry || !session->station->house->conf->has_variants)
        return entry;
    asked.wish = hot_wish(head, room);
    entry = asked.wish.len ? hot_find(hot, &asked) : NULL;
    return entry && entry->bytes ? entry : NULL;
}

/* A large content; or what is here is one form of several, and the client may have another one of them. */
static bool is_for_the_long_way(const struct hot_pick *pick, const struct head *head)
{
    return (pick->entry->is_large && pick->has_body) ||
           (pick->entry->ticket && !pick->is_not_modified && head->present & FIELD_BIT(FIELD_IF_NONE_MATCH));
}

struct hot_pick hot_pick(struct session *session, const struct head *head)
{
    struct hot_pick pick = {0};

    if (!may_be_hot(session, head))
        return pick;
    if (session->station->server->is_timed)
        pick.began_ns = clock_mono_ns();
    if (session->was_refused && refuse_early(session, head, &pick))
        return pick;
    pick.entry = find(session, head);
    if (!pick.entry) {
        refuse_early(session, head, &pick);
        tally_add(&session->station->tally.hot_misses, !pick.is_refused);
        return pick;
    }
    pick.is_not_modified = is_not_modified(session, head, pick.entry);
    pick.has_body = !pick.is_not_modified && head->method == METHOD_GET;
    if (is_for_the_long_way(&pick, head)) {
        pick.entry = NULL;
        refuse_early(session, head, &pick);
    } else if (pick.entry->limits) {
        judge_limits(session, head, &pick);
    }
    return pick;
}

void hot_pick_took(struct session *session, const struct head *head, struct slice version, const struct hot_pick *pick)
{
    tally_add(&session->station->tally.hot_hits, 1);
    session_log_hot(session, head, version, pick->is_not_modified ? 304 : 200,
                    pick->has_body ? pick->entry->len - pick->entry->head_len : 0);
}

void hot_pick_refused(struct session *session, const struct head *head, struct slice version, uint64_t body_sent)
{
    tally_add(&session->station->tally.hot_hits, 1);
    session_log_hot(session, head, version, 429, body_sent);
}

void hot_pick_sent(struct session *session, const struct hot_pick *pick)
{
    if (pick->began_ns)
        tally_duration(&session->station->tally,
                       pick->is_refused        ? 429
                       : pick->is_not_modified ? 304
                                               : 200,
                       clock_mono_ns() - pick->began_ns);
}

struct known_file *hot_known_file(struct session *session, struct exchange *ex)
{
    struct hot *hot = session->station->hot;
    struct hot_asked asked = {head_value(&ex->head, FIELD_HOST), ex->head.target, session->is_loopback, SLICE_NONE};
    struct hot_entry *entry;

    if (!is_read(&ex->head))
        return NULL;
    entry = hot_find(hot, &asked);
    if (!entry && ex->conf->has_variants && !(ex->head.present & (fields_not_hot | fields_conditional)))
        ex->hot_ticket = hot_ticket(hot, &ex->head, session->is_loopback);
    return entry ? &entry->known : NULL;
}

/* A 304 speaks of a 200 that may be asked for next: both go into the cache. */
void hot_offer(struct session *session, struct exchange *ex)
{
    const struct answer *whole = ex->answer.whole;
    struct buf head = BUF_INIT(HOT_HEAD_MAX);

    if (!whole || session->is_loopback != ex->asker.is_loopback || ex->client_name.len)
        return;
    answer_write_head(session->station, whole, &head);
    buf_printf(&head, "Content-Length: %llu\r\n\r\n", (unsigned long long)whole->content.length);
    if (whole->is_varying)
        hot_consider_varying(session->station->hot, ex, whole, buf_slice(&head));
    else
        hot_consider(session->station->hot, ex, whole, buf_slice(&head));
    buf_release(&head);
}
