/*
 * firewall_rules.c - the rules of a gateway with a captive portal, as a text for nft.
 */
#include "helper/firewall.h"

static void print_head(const char *inside, const char *outside, unsigned port, struct buf *out)
{
    buf_printf(
        out,
        "#!/usr/sbin/nft -f\n"
        "# A gateway with a captive portal: clients at %s, the internet at %s.\n"
        "# Made by: samovar portal --print-nft %s %s --intercept-port %u\n"
        "#\n"
        "# Loading this again throws nobody out. It is one table beside your own: what others forbid stays forbidden.\n"
        "# Clients need from this machine, if your own rules guard it: DNS (53), DHCP (udp 67, 547), the portal\n"
        "# (tcp 80, 443 and %u), ICMPv6.\n\n",
        inside, outside, inside, outside, port, port);
}

/* Once made they stay; so a set keeps its elements, whatever is loaded afterwards. */
static void print_sets(struct buf *out)
{
    static const char *const sets[][2] = {{FIREWALL_SET_V4, "ipv4_addr"}, {FIREWALL_SET_V6, "ipv6_addr"}};

    buf_add_str(out, "# Who is in. samovar-firewall adds and removes them; the kernel removes them when their time is "
                     "over.\ntable inet " FIREWALL_TABLE " {\n");
    for (unsigned i = 0; i < 2; i++)
        buf_printf(out,
                   "    set %s {\n        type %s\n        size 65536\n        flags timeout\n        counter\n    }\n",
                   sets[i][0], sets[i][1]);
    buf_add_str(out,
                "    chain intercept {\n        type nat hook prerouting priority dstnat; policy accept;\n    }\n"
                "    chain gate {\n        type filter hook forward priority filter; policy accept;\n    }\n"
                "    chain outward {\n        type nat hook postrouting priority srcnat; policy accept;\n    }\n}\n"
                "flush chain inet " FIREWALL_TABLE " intercept\n"
                "flush chain inet " FIREWALL_TABLE " gate\n"
                "flush chain inet " FIREWALL_TABLE " outward\n\n");
}

static void print_intercept(const char *inside, unsigned port, struct buf *out)
{
    buf_printf(out,
               "    # Web requests of those who are not in go to the portal, wherever they were meant for.\n"
               "    chain intercept {\n"
               "        iifname \"%s\" ip saddr != @" FIREWALL_SET_V4 " tcp dport 80 redirect to :%u\n"
               "        iifname \"%s\" ip6 saddr != @" FIREWALL_SET_V6 " tcp dport 80 redirect to :%u\n"
               "    }\n\n",
               inside, port, inside, port);
}

/*
 * Each packet is looked up, both ways, and counted by that; nothing passes because its flow once did. So whoever leaves
 * the sets is cut off with the next packet.
 */
static void print_gate(const char *inside, const char *outside, struct buf *out)
{
    static const char *const ways[][2] = {{"ip", FIREWALL_SET_V4}, {"ip6", FIREWALL_SET_V6}};

    buf_add_str(out, "    # Who is in passes, and what comes back to him. Both are counted.\n    chain gate {\n");
    for (unsigned i = 0; i < 2; i++)
        buf_printf(out, "        iifname \"%s\" oifname \"%s\" %s saddr @%s accept\n", inside, outside, ways[i][0],
                   ways[i][1]);
    for (unsigned i = 0; i < 2; i++)
        buf_printf(out, "        iifname \"%s\" oifname \"%s\" ct state established,related %s daddr @%s accept\n",
                   outside, inside, ways[i][0], ways[i][1]);
    buf_printf(
        out,
        "\n"
        "        # What everybody may do: time, for the validity of certificates (RFC 8908). Take the # away if\n"
        "        # this machine does not answer NTP itself.\n"
        "        # iifname \"%s\" oifname \"%s\" udp dport 123 accept\n"
        "        # iifname \"%s\" oifname \"%s\" ct state established udp sport 123 accept\n"
        "\n"
        "        # Another network of yours that all may reach, in or not, by its interface.\n"
        "        # iifname \"%s\" oifname \"dmz0\" accept\n"
        "\n"
        "        # The others are told so at once, instead of waiting; by whatever interface they would go out.\n"
        "        iifname \"%s\" oifname != \"%s\" meta l4proto tcp reject with tcp reset\n"
        "        iifname \"%s\" oifname != \"%s\" reject with icmpx admin-prohibited\n"
        "        iifname \"%s\" oifname \"%s\" drop\n"
        "    }\n\n",
        inside, outside, outside, inside, inside, inside, inside, inside, inside, outside, inside);
}

void firewall_print_rules(const char *inside, const char *outside, unsigned port, struct buf *out)
{
    print_head(inside, outside, port, out);
    print_sets(out);
    buf_add_str(out, "table inet " FIREWALL_TABLE " {\n");
    print_intercept(inside, port, out);
    print_gate(inside, outside, out);
    buf_printf(out,
               "    # IPv4 goes out by this machine's own address.\n"
               "    chain outward {\n"
               "        iifname \"%s\" oifname \"%s\" meta nfproto ipv4 masquerade\n"
               "    }\n"
               "}\n",
               inside, outside);
}
