/*
 * brew.c - `samovar brew`: a pot is told to start, to stop, or WHEN, and watched until it is done.
 *
 * Tea is asked for as RFC 7168 §2.1.1 wants it: whatever the address is, the first request says that tea is meant;
 * where the answer lists varieties (Alternates), the second one goes to the variety's own address. A pot may brew on
 * past the strength that is recommended: it is told to stop then, as clients SHOULD (RFC 7168 §2.1.2).
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/coffee.h"
#include "http/field.h"
#include "http/uri.h"
#include "http/variant.h"
#include "session.h"

enum {
    STATE_MAX = 16 * 1024, /* of what a pot tells of itself */
    LOOK_MS = 1000,        /* between two looks, */
    LOOK_LEAST_MS = 50,    /* or less when it is about to be done */
    LIST_MAX = 4096,
};

struct brewing {
    struct session *session;
    const struct brew_wish *wish;
    struct slice additions; /* "" for none */
    struct variant_list alternates;
    char last[64];    /* the state that was told of last */
    bool has_stopped; /* it was told to stop since it is strong enough */
};

static struct brewing *brewing_of(struct session *session)
{
    return session->arg;
}

/* ---- one request ---- */

static enum err content_give(void *arg, uint64_t at, void *room, size_t len)
{
    memcpy(room, (const char *)arg + at, len);
    return ERR_NONE;
}

static int tell(struct brewing *brewing, const char *word, bool is_tea)
{
    struct session *session = brewing->session;
    struct client_request request;

    session_request(session, word ? "BREW" : "WHEN", &request);
    if (word) {
        request.content = content_give;
        request.arg = (void *)(uintptr_t)word;
        request.length = strlen(word);
        client_field(&request, SLICE("Content-Type"), is_tea ? SLICE("message/teapot") : SLICE("message/coffeepot"));
    }
    if (word && brewing->additions.len && strcmp(word, "start") == 0)
        client_field(&request, SLICE("Accept-Additions"), brewing->additions);
    client_field(&request, SLICE("Accept"), SLICE("text/plain"));
    return session_ask(session, &request);
}

static bool is_accepted(const struct session *session)
{
    return session->answer.head.status >= 200 && session->answer.head.status < 300;
}

static bool take_state(void *arg, struct slice bytes)
{
    struct buf *out = arg;

    buf_add(out, bytes);
    return !out->overflown;
}

/* The next request goes over the same connection. */
static void drop_content(struct session *session)
{
    struct buf text = BUF_INIT(STATE_MAX), why = BUF_INIT(256);

    client_content(session->client, &session->answer, take_state, &text, &why);
    buf_release(&text);
    buf_release(&why);
}

/* ---- refusals ---- */

/* What could be had instead, by the last part of their addresses. */
static void list_alternates(struct brewing *brewing, const char *type, struct buf *out)
{
    for (unsigned i = 0; i < brewing->alternates.count; i++) {
        const struct variant *variant = &brewing->alternates.list[i];
        struct slice name = variant->uri;
        size_t at = name.len;

        if (!slice_eq_nocase(variant->type, slice_str(type)))
            continue;
        while (at && name.ptr[at - 1] != '/')
            at--;
        buf_printf(out, "%s%.*s", out->len ? ", " : "", SLICE_FMT(slice_from(name, at)));
    }
}

static void read_alternates(struct brewing *brewing)
{
    struct slice field = answer_head_value(&brewing->session->answer.head, SLICE("Alternates"));

    brewing->alternates.count = 0;
    if (field.len &&
        !alternates_read(arena_slice(&brewing->session->arena, field), &brewing->session->arena, &brewing->alternates))
        brewing->alternates.count = 0;
}

static int refuse_choice(struct brewing *brewing)
{
    struct buf teas = BUF_INIT(LIST_MAX), pots = BUF_INIT(LIST_MAX);
    struct session *session = brewing->session;

    list_alternates(brewing, "message/teapot", &teas);
    list_alternates(brewing, "message/coffeepot", &pots);
    if (brewing->wish->tea)
        session_fail(session, TRANSFER_REFUSED, "%.*s: there is no tea called %s; there are: %s",
                     SLICE_FMT(session->address), brewing->wish->tea, teas.len ? buf_str(&teas) : "none");
    else
        session_fail(session, TRANSFER_REFUSED,
                     "%.*s: there is more than one thing to be had. Coffee from: %s. Tea (--tea NAME): %s",
                     SLICE_FMT(session->address), pots.len ? buf_str(&pots) : "no pot",
                     teas.len ? buf_str(&teas) : "none");
    buf_release(&teas);
    buf_release(&pots);
    return TRANSFER_REFUSED;
}

static int refuse_teapot(struct brewing *brewing)
{
    struct buf teas = BUF_INIT(LIST_MAX);

    list_alternates(brewing, "message/teapot", &teas);
    session_fail(brewing->session, TRANSFER_REFUSED,
                 "%.*s: this is a teapot, it is short and stout and brews no coffee. --tea NAME asks it for tea%s%s",
                 SLICE_FMT(brewing->session->address), teas.len ? "; there are: " : "", buf_str(&teas));
    buf_release(&teas);
    return TRANSFER_REFUSED;
}

/* Of the address of all pots, which takes no WHEN. */
static bool has_brew(const struct session *session)
{
    struct slice member, allow = answer_head_value(&session->answer.head, SLICE("Allow"));

    while (list_next(&allow, &member))
        if (slice_eq_nocase(member, SLICE("BREW")))
            return true;
    return false;
}

static int refuse(struct brewing *brewing)
{
    struct session *session = brewing->session;
    struct slice again = answer_head_value(&session->answer.head, SLICE("Retry-After"));
    uint64_t seconds;

    again = arena_slice(&session->arena, again);
    switch (session->answer.head.status) {
    case 300:
        return refuse_choice(brewing);
    case 418:
        return refuse_teapot(brewing);
    case 405:
        return session_fail(session, TRANSFER_REFUSED,
                            has_brew(session) ? "%.*s: these are all pots; one of them can be told that"
                                              : "%.*s: this is no pot",
                            SLICE_FMT(session->address));
    case 501:
        return session_fail(session, TRANSFER_REFUSED, "%.*s: this server has no pots", SLICE_FMT(session->address));
    default:
        session_refused(session);
        if (slice_u64(again, &seconds))
            session_fail(session, TRANSFER_REFUSED, "ask again in %llu s", (unsigned long long)seconds);
        return TRANSFER_REFUSED;
    }
}

/* ---- watching ---- */

/* The value of a line "name: value"; "" without. */
static struct slice line_of(struct slice text, struct slice name)
{
    for (struct slice line; text.len;) {
        if (!slice_cut(text, '\n', &line, &text)) {
            line = text;
            text = SLICE_NONE;
        }
        if (slice_starts(line, name) && slice_starts(slice_from(line, name.len), SLICE(": ")))
            return slice_trim(slice_from(line, name.len + 2));
    }
    return SLICE("");
}

static bool is_busy(struct slice state)
{
    return slice_eq(state, SLICE("heating")) || slice_eq(state, SLICE("brewing")) || slice_eq(state, SLICE("pouring"));
}

/* "heating, ready in 65 s"; once for each state. */
static void tell_state(struct brewing *brewing, struct slice text)
{
    struct slice state = line_of(text, SLICE("state")), left = line_of(text, SLICE("ready-in"));
    struct slice added = line_of(text, SLICE("additions")), tea = line_of(text, SLICE("variety"));
    struct slice strength = line_of(text, SLICE("strength"));

    if (slice_eq(state, slice_str(brewing->last)))
        return;
    snprintf(brewing->last, sizeof(brewing->last), "%.*s", SLICE_FMT(slice_upto(state, sizeof(brewing->last) - 1)));
    if (is_busy(state))
        session_tell(brewing->session, "%.*s%s%.*s", SLICE_FMT(state), left.len ? ", ready in " : "", SLICE_FMT(left));
    else
        session_tell(brewing->session, "%.*s: %.*s%s%.*s, strength %.*s", SLICE_FMT(state),
                     SLICE_FMT(tea.len ? tea : line_of(text, SLICE("beverage"))), added.len ? " with " : "",
                     SLICE_FMT(added), SLICE_FMT(strength));
    fflush(stdout);
}

/* Until it is ready, or for the usual time. */
static unsigned pause_ms(struct slice text)
{
    struct slice left = line_of(text, SLICE("ready-in"));
    uint64_t seconds;

    left = slice_trim(slice_upto(left, slice_index(left, ' ')));
    return slice_u64(left, &seconds) && seconds <= 1 ? LOOK_LEAST_MS * 4 : LOOK_MS;
}

/* Of what is still brewed: "strength: 100 %", or more. */
static bool is_strong(struct slice text)
{
    struct slice strength = line_of(text, SLICE("strength"));
    uint64_t percent;

    return slice_eq(line_of(text, SLICE("state")), SLICE("brewing")) &&
           slice_u64(slice_upto(strength, slice_index(strength, ' ')), &percent) && percent >= 100;
}

/* What the answer's content says. */
struct heard {
    bool is_busy; /* false also of what this program does not understand */
    bool is_strong, is_tea;
    unsigned wait_ms;
};

static struct heard hear(struct brewing *brewing)
{
    struct session *session = brewing->session;
    struct buf text = BUF_INIT(STATE_MAX), why = BUF_INIT(256);
    struct heard heard;

    client_content(session->client, &session->answer, take_state, &text, &why);
    make_printable(&text);
    tell_state(brewing, buf_slice(&text));
    heard = (struct heard){.is_busy = is_busy(line_of(buf_slice(&text), SLICE("state"))),
                           .is_strong = is_strong(buf_slice(&text)),
                           .is_tea = slice_eq(line_of(buf_slice(&text), SLICE("beverage")), SLICE("tea")),
                           .wait_ms = pause_ms(buf_slice(&text))};
    buf_release(&text);
    buf_release(&why);
    return heard;
}

/* One that ended by itself meanwhile says 409, which is as good. */
static int look_again(struct brewing *brewing, const struct heard *heard)
{
    struct session *session = brewing->session;
    struct client_request request;
    int status;

    if (heard->is_strong && !brewing->has_stopped) {
        brewing->has_stopped = true;
        status = tell(brewing, "stop", heard->is_tea);
        if (status != TRANSFER_OK || is_accepted(session))
            return status;
        if (session->answer.head.status != 409)
            return session_refused(session);
        drop_content(session);
    }
    poll(NULL, 0, (int)heard->wait_ms);
    session_request(session, "GET", &request);
    client_field(&request, SLICE("Accept"), SLICE("text/plain"));
    status = session_ask(session, &request);
    return status != TRANSFER_OK || is_accepted(session) ? status : session_refused(session);
}

static int watch(struct brewing *brewing)
{
    struct heard heard;
    int status = TRANSFER_OK;

    for (heard = hear(brewing); heard.is_busy && !brewing->wish->is_quiet && status == TRANSFER_OK;) {
        status = look_again(brewing, &heard);
        if (status == TRANSFER_OK)
            heard = hear(brewing);
    }
    return status;
}

/* ---- orders ---- */

static const struct variant *find_tea(const struct brewing *brewing)
{
    struct slice tea = slice_str(brewing->wish->tea);

    for (unsigned i = 0; i < brewing->alternates.count; i++) {
        struct slice uri = brewing->alternates.list[i].uri;

        if (slice_eq_nocase(brewing->alternates.list[i].type, SLICE("message/teapot")) && uri.len > tea.len &&
            slice_ends(uri, tea) && uri.ptr[uri.len - tea.len - 1] == '/')
            return &brewing->alternates.list[i];
    }
    return NULL;
}

/* 300: the variety has an address of its own. True: the order was given there, and *status says how that went. */
static bool go_to_tea(struct brewing *brewing, const char *word, int *status)
{
    struct session *session = brewing->session;
    const struct variant *variant = brewing->wish->tea ? find_tea(brewing) : NULL;
    struct client_url to;

    if (!variant || !client_url_resolve(&session->url, variant->uri, &session->arena, &to, &session->why))
        return false;
    drop_content(session);
    session->url = to;
    *status = tell(brewing, word, true);
    return true;
}

static int start(struct brewing *brewing)
{
    struct session *session = brewing->session;
    int status = tell(brewing, "start", brewing->wish->tea);

    if (status != TRANSFER_OK)
        return status;
    read_alternates(brewing);
    if (session->answer.head.status == 300 && go_to_tea(brewing, "start", &status) && status != TRANSFER_OK)
        return status;
    return is_accepted(session) ? watch(brewing) : refuse(brewing);
}

/* Whoever stops a pot need not know what it brews. */
static int stop(struct brewing *brewing)
{
    struct session *session = brewing->session;
    bool is_tea = brewing->wish->tea != NULL;
    int status = tell(brewing, "stop", is_tea);

    if (status == TRANSFER_OK && !is_tea &&
        (session->answer.head.status == 418 || session->answer.head.status == 415)) {
        drop_content(session);
        status = tell(brewing, "stop", true);
    }
    if (status != TRANSFER_OK)
        return status;
    read_alternates(brewing);
    if (session->answer.head.status == 300 && go_to_tea(brewing, "stop", &status) && status != TRANSFER_OK)
        return status;
    return is_accepted(session) ? watch(brewing) : refuse(brewing);
}

static int say_when(struct brewing *brewing)
{
    int status = tell(brewing, NULL, false);

    if (status != TRANSFER_OK)
        return status;
    return is_accepted(brewing->session) ? watch(brewing) : refuse(brewing);
}

static struct slice additions_join(const struct brew_wish *wish, struct arena *arena)
{
    struct slice list = SLICE_NONE;

    for (unsigned i = 0; i < wish->addition_count; i++)
        list = arena_printf(arena, "%.*s%s%s", SLICE_FMT(list), i ? ", " : "", wish->additions[i]);
    return list;
}

static int brew(struct session *session)
{
    struct brewing *brewing = brewing_of(session);

    brewing->session = session;
    brewing->additions = additions_join(brewing->wish, &session->arena);
    for (size_t i = 0; i < brewing->additions.len; i++)
        if ((unsigned char)brewing->additions.ptr[i] < ' ')
            return session_fail(session, TRANSFER_USAGE, "--addition has a line end, or another control, in it");
    if (brewing->wish->is_when)
        return say_when(brewing);
    return brewing->wish->is_stop ? stop(brewing) : start(brewing);
}

int brew_command(const struct brew_wish *wish)
{
    struct transfer transfer = {.url = wish->url,
                                .login = wish->login,
                                .ca_file = wish->ca_file,
                                .is_insecure = wish->is_insecure,
                                .is_quiet = wish->is_quiet};
    struct brewing *brewing = xcalloc(1, sizeof(*brewing));
    int status;

    brewing->wish = wish;
    status = session_run(&transfer, brew, brewing);
    free(brewing);
    return status;
}
