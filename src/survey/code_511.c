/*
 * code_511.c - Network Authentication Required (RFC 6585 6; docs/spec/policy.md 6): the network wants a login, not the
 * server.
 */
#include "policy.h"

/* The first address in it: a link of a page, or written out in a plain text. */
static struct slice login_of(const struct probe *captive)
{
    struct slice rest = captive->body, address;

    if (link_next(&rest, &address) && !slice_ends(address, SLICE(".css")))
        return address;
    if (link_next(&rest, &address))
        return address;
    for (rest = captive->body; rest.len; rest = slice_from(rest, 1))
        if (slice_starts(rest, SLICE("http://")) || slice_starts(rest, SLICE("https://"))) {
            size_t end = 0;

            while (end < rest.len && (unsigned char)rest.ptr[end] > ' ' && !strchr("\"'<>", rest.ptr[end]))
                end++;
            return slice_upto(rest, end);
        }
    return SLICE_NONE;
}

/*
 * Its name is known in that network alone: so it is asked for where the 511 came from, or at the server that is
 * surveyed, whichever speaks its scheme; and else where it says.
 */
static void plan_login(struct surveyor *surveyor, const struct probe *captive, const struct client_url *at)
{
    struct client_url here = at ? *at : surveyor->url, to;
    struct question question = {.label = "login", .method = "GET"};

    here.authority = captive->host;
    here.path = captive->path;
    if (!address_resolve(&here, login_of(captive), &surveyor->trail->arena, &to))
        return;
    question.path = to.path;
    question.host = to.authority;
    question.url = to.is_tls == here.is_tls ? at : to.is_tls == surveyor->url.is_tls ? NULL : &to;
    question_send(surveyor, &question);
}

static void plan_captive(struct surveyor *surveyor, struct slice host, struct slice path, const struct client_url *at)
{
    const struct probe *captive;
    struct question question = {.label = "captive",
                                .method = "GET",
                                .path = path,
                                .host = host,
                                .url = at,
                                .fields = SLICE("Accept: text/html, */*;q=0.1\r\n")};

    captive = question_send(surveyor, &question);
    question.label = "other";
    question.path = SLICE("/samovar/survey?of=another-page");
    question_send(surveyor, &question);
    question.label = "head";
    question.method = "HEAD";
    question_send(surveyor, &question);
    question.label = "options";
    question.method = "OPTIONS";
    question_send(surveyor, &question);
    if (probe_is(captive, 511))
        plan_login(surveyor, captive, at);
}

static void plan(struct surveyor *surveyor)
{
    struct slice host = arena_printf(&surveyor->trail->arena, "survey-%.*s.example", SLICE_FMT(random_name(surveyor)));
    struct client_url at;
    struct buf why = BUF_INIT(512);

    ask(surveyor, "ordinary", "GET", surveyor->url.path, "%s", "");
    if (surveyor->hint && client_url_read(surveyor->hint->path, &surveyor->trail->arena, &at, &why))
        plan_captive(surveyor, surveyor->hint->host.len ? surveyor->hint->host : host, at.path, &at);
    else if (surveyor->hint)
        plan_captive(surveyor, surveyor->hint->host.len ? surveyor->hint->host : host, surveyor->hint->path, NULL);
    else
        plan_captive(surveyor, host, SLICE("/"), NULL);
    if (!trail_has_status(surveyor->trail, 511))
        is_hinted(surveyor, "the address that a captive portal's firewall sends on to");
    buf_release(&why);
}

void judge_511(const struct trail *trail, struct finding *finding)
{
    const struct probe *ordinary = trail_find(trail, "ordinary"), *captive = trail_find(trail, "captive"),
                       *other = trail_find(trail, "other"), *head = trail_find(trail, "head"),
                       *options = trail_find(trail, "options"), *login = trail_find(trail, "login");

    if (!finding->is_seen)
        return;
    need(finding, ordinary, !probe_is(ordinary, 511), "POL-55", "RFC 6585 6",
         "the origin itself gives 511: that is for who stands in between");
    if (!need(finding, captive, probe_is(captive, 511), "POL-56", "RFC 6585 6", "GET for a foreign host gave %d",
              probe_status(captive)))
        return;
    need(finding, other, probe_is(other, 511), "POL-56", "RFC 6585 6", "GET for another path of a foreign host gave %d",
         probe_status(other));
    need(finding, head, probe_is(head, 511), "POL-56", "RFC 6585 6", "HEAD for a foreign host gave %d",
         probe_status(head));
    need(finding, options, probe_is(options, 511), "POL-56", "RFC 6585 6", "OPTIONS for a foreign host gave %d",
         probe_status(options));
    need_no_store(finding, captive, "POL-59", "RFC 6585 6");
    need(finding, captive, !probe_has(captive, "WWW-Authenticate") && !slice_has(captive->body, SLICE("<form")),
         "POL-58", "RFC 6585 6", "the 511 asks for the login itself, under a foreign name");
    need(finding, captive, !probe_has(captive, "Set-Cookie"), "POL-60", "RFC 6585 7.4",
         "the 511 sets a cookie for a foreign name");
    if (need(finding, captive, login_of(captive).len > 0, "POL-57", "RFC 6585 6",
             "the content of the 511 has no link to a login page"))
        need(finding, login, probe_is(login, 200), "POL-61", "RFC 6585 6", "the login page that it links to gave %d",
             probe_status(login));
}

const struct check check_511 = {511, plan, judge_511, "the network wants a login"};
