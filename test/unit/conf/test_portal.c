/*
 * test_portal.c - the block `portal`, and the orders of `samovar portal`.
 */
#include "kit.h"

#include <stdlib.h>

#define SITE "site \"s\" { root = \"/srv\" }\n"

static struct conf *portal_of(const char *inside)
{
    struct buf text = BUF_INIT(8192);
    struct conf *conf;

    buf_printf(&text, "portal {\n%s\n}\n" SITE, inside);
    conf = kit_text(buf_str(&text));
    buf_release(&text);
    return conf;
}

static void refused(const char *inside, const char *why)
{
    CHECK(portal_of(inside) == NULL);
    CHECK_STR(kit_why(), why);
}

TEST(portal__the_least_is_a_name_and_a_way_in)
{
    struct conf *conf = portal_of("name = \"Portal.Example.NET:8443\" login = { terms, voucher }");
    const struct portal_conf *portal;

    CHECK(conf != NULL);
    portal = conf->portal;
    CHECK_SLICE(portal->name, "portal.example.net");
    CHECK_SLICE(portal->authority, "portal.example.net:8443");
    CHECK_INT(portal->logins, PORTAL_BY_TERMS | PORTAL_BY_VOUCHER);
    CHECK_INT(portal->session_seconds, 8 * 3600);
    CHECK_INT(portal->session_bytes, 0);
    CHECK_INT(portal->firewall, FIREWALL_NFTABLES);
    CHECK(!portal->terms && !portal->venue && !portal->title && !portal->firewall_program);
    conf_unref(conf);
}

TEST(portal__without_an_address_it_intercepts_on_port_8511)
{
    struct conf *conf = portal_of("name = p.example login = { terms }");

    CHECK_INT(conf->listen_count, 4); /* the two loopbacks that a server listens on, and these */
    CHECK_SLICE(conf->listens[2].text, "0.0.0.0:8511");
    CHECK_SLICE(conf->listens[3].text, "[::]:8511");
    CHECK(!conf->listens[1].is_intercept && conf->listens[2].is_intercept && conf->listens[3].is_intercept);
    CHECK(conf->listens[2].is_plain);
    CHECK(!conf->listens[2].is_default && conf->listens[3].is_default); /* a machine without IPv6 starts as well */
    conf_unref(conf);
}

TEST(portal__intercepts_are_plain_listeners_of_their_own)
{
    struct conf *conf = portal_of("name = p.example login = { terms } intercept = { \"192.0.2.1:80\" }");

    CHECK_INT(conf->listen_count, 3);
    CHECK_SLICE(conf->listens[2].text, "192.0.2.1:80");
    CHECK(conf->listens[2].is_plain && conf->listens[2].is_intercept);
    conf_unref(conf);
    refused("name = p.example login = { terms } intercept = { \"127.0.0.1:8080\" }",
            "/etc/t.conf: intercept needs an address of its own: \"127.0.0.1:8080\" takes that of listen "
            "\"127.0.0.1:8080\"");
}

TEST(portal__what_is_missing_or_wrong_is_told)
{
    refused("login = { terms }",
            "/etc/t.conf:2: portal needs a name, which clients reach it by: name = \"portal.example.net\"");
    refused("name = p.example", "/etc/t.conf:2: portal needs a way in: login = { terms }, { voucher } or { user }");
    refused("name = \"https://p.example\"",
            "/etc/t.conf:2: name must be a host such as portal.example.net, not \"https://p.example\"");
    refused("name = \"*.example\"", "/etc/t.conf:2: name must be a host such as portal.example.net, not \"*.example\"");
    refused("login = { facebook }", "/etc/t.conf:2: login takes terms, voucher and user, not \"facebook\"");
    refused("venue = \"menu\"", "/etc/t.conf:2: venue needs a URL such as https://cafe.example.net/menu, not \"menu\"");
    refused("name = p.example login = { user }",
            "/etc/t.conf: portal has login = { user }, and the first site has no users to log in");
}

TEST(portal__the_api_address_fits_into_dhcp)
{ /* POL-69: at most 255 octets */
    char text[400], name[236 + 1];

    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    for (int i = 50; i < 230; i += 50)
        name[i] = '.';
    snprintf(text, sizeof(text), "name = \"%s\" login = { terms }", name);
    refused(text, "/etc/t.conf:2: name is too long: DHCP can tell clients an address of 255 octets");
    name[235] = '\0';
    snprintf(text, sizeof(text), "name = \"%s\" login = { terms }", name);
    conf_unref(portal_of(text));
    CHECK_STR(kit_why(), "");
}

/* ---- samovar portal ---- */

static void release(struct invocation *got)
{
    free(got->dir);
    free(got->state);
    free(got->portal.withdraw);
    free(got->portal.disconnect);
    free(got->portal.inside);
    free(got->portal.outside);
}

static void fails(const char *line, const char *why)
{
    struct invocation got = kit_args(line);

    CHECK_STR(kit_why(), why);
    release(&got);
}

TEST(portal_order__nothing_lists_who_is_in)
{
    struct invocation got = kit_args("portal /srv");

    CHECK_INT(got.command, COMMAND_PORTAL);
    CHECK_STR(got.dir, "/srv");
    CHECK(!got.portal.list_vouchers && !got.portal.make && !got.portal.withdraw && !got.portal.inside);
    release(&got);
}

TEST(portal_order__vouchers_are_made_as_is_said)
{
    struct invocation got = kit_args("portal --make 20 --time 90m --bytes 2G --for-devices 3 /srv");

    CHECK_INT(got.portal.make, 20);
    CHECK_INT(got.portal.seconds, 90 * 60);
    CHECK_INT(got.portal.bytes, 2ull << 30);
    CHECK_INT(got.portal.devices, 3);
    release(&got);
    got = kit_args("portal --make 1");
    CHECK_INT(got.portal.devices, 1);
    CHECK_INT(got.portal.seconds, 0);
    release(&got);
}

TEST(portal_order__rules_need_two_interfaces)
{
    struct invocation got = kit_args("portal wlan0 eth0.7 --print-nft --intercept-port 80");

    CHECK_STR(got.portal.inside, "wlan0");
    CHECK_STR(got.portal.outside, "eth0.7");
    CHECK_INT(got.portal.port, 80);
    release(&got);
    got = kit_args("portal --print-nft wlan0 eth0");
    CHECK_INT(got.portal.port, 8511);
    release(&got);
    fails("portal --print-nft wlan0", "--print-nft needs two interfaces, that of the clients and that to the internet: "
                                      "samovar portal --print-nft wlan0 eth0");
    fails("portal --print-nft a\"b eth0", "\"a\"b\" is no name of a network interface");
    fails("portal --print-nft wlan0 0123456789abcdef", "\"0123456789abcdef\" is no name of a network interface");
}

TEST(portal_order__one_thing_at_a_time)
{
    fails("portal --make 1 --vouchers",
          "samovar portal does one thing at a time: --vouchers, --make, --withdraw, --disconnect or --print-nft");
    fails("portal --time 1h", "--time says what vouchers are good for, and needs --make N");
    fails("portal --make 0", "--make needs a number from 1 to 10000, not \"0\"");
    fails("portal --make 1 --time 2y", "--time needs a time such as 90m, 8h or 7d, a year at most, not \"2y\"");
    fails("portal /srv /other", "samovar portal takes one folder; what is \"/other\"?");
    fails("--make 3 /srv", "--make belongs to samovar portal");
    fails("portal --mend", "samovar portal takes a folder, --state, --vouchers, --make, --withdraw, --disconnect and "
                           "--print-nft, not --mend");
}
