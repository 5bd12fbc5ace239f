/*
 * portal_command.c - `samovar portal`: sessions and vouchers of a captive portal, and the rules of its firewall.
 *
 * Where a server runs it is asked, over its control socket, and what it answers takes effect there at once; where none
 * does, the command opens the folder itself. Nobody is let through or thrown out then: that is for a server to do.
 */
#include <inttypes.h>
#include <stdio.h>

#include "control.h"
#include "helper/firewall.h"
#include "portal/portal.h"
#include "repr/repr.h"
#include "serve/serve.h"

enum {
    MAKE_MAX = 10000, /* vouchers for one question; conf's for one command */
    CODE_LINE_MAX = PORTAL_CODE_MAX + 8,
    LINE_MAX_BYTES = 16 * 1024,
};

/* ---- lists ---- */

void answer_portal(struct server *server, struct slice about, struct buf *out)
{
    role_assert_worker();
    (void)about;
    buf_add_char(out, '+'); /* nobody is an answer as well */
    if (server->portal)
        portal_list(server->portal, out);
    else
        portal_list_recorded(server->stores[0], out);
}

static void portal_alone(struct store *store, struct slice about, struct buf *out)
{
    role_assert_worker();
    (void)about;
    buf_add_char(out, '+');
    portal_list_recorded(store, out);
}

static void vouchers_alone(struct store *store, struct slice about, struct buf *out)
{
    role_assert_worker();
    (void)about;
    buf_add_char(out, '+');
    vouchers_list(store, out);
}

void answer_vouchers(struct server *server, struct slice about, struct buf *out)
{
    role_assert_worker();
    vouchers_alone(server->stores[0], about, out);
}

/* ---- vouchers are made ---- */

/* "COUNT SECONDS BYTES DEVICES", as make_question() says it. */
static bool grant_read(struct slice about, uint64_t *count, struct portal_grant *out)
{
    uint64_t numbers[4];

    for (unsigned i = 0; i < 4; i++) {
        struct slice word = about, rest = slice_from(about, about.len);

        slice_cut(about, ' ', &word, &rest);
        if (!slice_u64(word, &numbers[i]))
            return false;
        about = rest;
    }
    *count = numbers[0];
    *out = (struct portal_grant){.seconds = numbers[1], .bytes = numbers[2], .devices = (uint32_t)numbers[3]};
    return !about.len && *count > 0 && *count <= MAKE_MAX && numbers[1] <= FIREWALL_SECONDS_MAX &&
           numbers[2] <= INT64_MAX && numbers[3] > 0 && numbers[3] <= UINT32_MAX;
}

static void make_question(const struct portal_order *order, struct buf *out)
{
    buf_printf(out, "%" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu32, order->make, order->seconds, order->bytes,
               order->devices ? order->devices : 1);
}

/* Those that were made are good, whatever came of the others: they are told in any case. */
static void say_made(enum err err, struct slice codes, struct buf *out)
{
    if (err == ERR_TOO_MANY)
        buf_printf(out, "-no more than %d vouchers can be kept: withdraw what nobody needs any more\n",
                   PORTAL_VOUCHERS_MAX);
    else if (err != ERR_NONE)
        buf_printf(out, "-%s could be recorded: %s\n", codes.len ? "only these" : "no vouchers", err_text(err));
    else
        buf_add_char(out, '+');
    buf_add(out, codes);
}

static void make_alone(struct store *store, struct slice about, struct buf *out)
{
    struct buf codes = BUF_INIT(MAKE_MAX * CODE_LINE_MAX);
    struct portal_grant grant;
    uint64_t count;
    enum err err;

    role_assert_worker();
    if (grant_read(about, &count, &grant)) {
        err = vouchers_make(store, (unsigned)count, &grant, &codes);
        say_made(err, buf_slice(&codes), out);
    } else {
        buf_add_str(out, "-this program and the server that runs are of different versions: restart it\n");
    }
    buf_release(&codes);
}

static uint64_t lines_of(struct slice text)
{
    uint64_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '\n';
    return count;
}

/* The codes are worth money, and stand in no log. */
void answer_make(struct server *server, struct slice about, struct buf *out)
{
    struct buf what = BUF_INIT(LINE_MAX_BYTES);

    role_assert_worker();
    make_alone(server->stores[0], about, out);
    if (out->len && out->ptr[0] == '+') {
        buf_printf(&what, "made %" PRIu64 " vouchers of the captive portal", lines_of(buf_slice(out)));
        audit_write(server, SLICE("an administrator"), SLICE("samovar portal"), buf_slice(&what));
    }
    buf_release(&what);
}

/* ---- and withdrawn, and who is in is thrown out ---- */

/* What was typed, for a terminal and for logs. */
static void add_quoted(struct buf *out, struct slice text)
{
    buf_add_char(out, '"');
    text_escape(out, text);
    buf_add_char(out, '"');
}

static WORKER_SIDE bool withdraw(struct store *store, struct portal *portal, struct slice code, struct buf *out)
{
    enum err err = voucher_withdraw(store, portal, code);

    if (err == ERR_NONE)
        buf_add_str(out, "+withdrew the voucher ");
    else if (err == ERR_MISSING)
        buf_add_str(out, "-there is no voucher ");
    else
        buf_printf(out, "-it cannot be recorded (%s): ", err_text(err));
    add_quoted(out, code);
    buf_add_char(out, '\n');
    return err == ERR_NONE;
}

static void withdraw_alone(struct store *store, struct slice code, struct buf *out)
{
    role_assert_worker();
    withdraw(store, NULL, code, out);
}

void answer_withdraw(struct server *server, struct slice code, struct buf *out)
{
    role_assert_worker();
    if (withdraw(server->stores[0], server->portal, code, out))
        audit_write(server, SLICE("an administrator"), SLICE("samovar portal"),
                    SLICE("withdrew a voucher of the captive portal"));
}

void answer_disconnect(struct server *server, struct slice whom, struct buf *out)
{
    struct buf what = BUF_INIT(LINE_MAX_BYTES);
    unsigned count;

    role_assert_worker();
    count = server->portal ? portal_disconnect(server->portal, whom) : 0;
    buf_printf(&what, "disconnected %u %s of ", count, count == 1 ? "device" : "devices");
    add_quoted(&what, whom);
    if (count)
        audit_write(server, SLICE("an administrator"), SLICE("samovar portal"), buf_slice(&what));
    if (count)
        buf_printf(out, "+%s\n", buf_str(&what));
    else if (!server->portal)
        buf_add_str(out, "-the server that runs has no captive portal: nobody is let through\n");
    else
        buf_add_str(out, "-nobody who is let through has this address, hardware address, name or voucher\n");
    buf_release(&what);
}

static void disconnect_alone(struct store *store, struct slice whom, struct buf *out)
{
    role_assert_worker();
    (void)store;
    (void)whom;
    buf_add_str(out,
                "-no server runs here that could disconnect anybody; elements of the firewall end with their "
                "time, or by nft flush set inet " FIREWALL_TABLE " " FIREWALL_SET_V4 " (and " FIREWALL_SET_V6 ")\n");
}

/* ---- the command ---- */

static int print_rules(const struct portal_order *order)
{
    struct buf rules = BUF_INIT(64 * 1024);

    firewall_print_rules(order->inside, order->outside, order->port, &rules);
    fwrite(rules.ptr, 1, rules.len, stdout);
    buf_release(&rules);
    return fflush(stdout) ? 1 : 0;
}

static int make(const char *root, const char *state, const struct portal_order *order)
{
    struct buf about = BUF_INIT(LINE_MAX_BYTES);
    int status;

    make_question(order, &about);
    status = control_command(root, state, "make", buf_slice(&about), make_alone);
    buf_release(&about);
    return status;
}

int portal_command(const char *root, const char *state, const struct portal_order *order)
{
    if (order->inside)
        return print_rules(order);
    if (order->make)
        return make(root, state, order);
    if (order->withdraw)
        return control_command(root, state, "withdraw", slice_str(order->withdraw), withdraw_alone);
    if (order->disconnect)
        return control_command(root, state, "disconnect", slice_str(order->disconnect), disconnect_alone);
    if (order->list_vouchers)
        return control_command(root, state, "vouchers", SLICE(""), vouchers_alone);
    return control_command(root, state, "portal", SLICE(""), portal_alone);
}
