/*
 * test_rules.c - the text that `samovar portal --print-nft` prints. What it does to packets is test/lab's to prove.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "helper/firewall.h"

enum { TEXT_MAX_BYTES = 16 * 1024 };

static struct buf rules(void)
{
    struct buf out = BUF_INIT(TEXT_MAX_BYTES);

    firewall_print_rules("lan0", "wan0", 8511, &out);
    CHECK(out.len > 0);
    return out;
}

/* The lines that nft acts upon, one by one, without their indent; NULL: no more. */
static char *next_order(char **text)
{
    char *line;

    while ((line = strsep(text, "\n"))) {
        line += strspn(line, " ");
        if (*line && *line != '#')
            return line;
    }
    return NULL;
}

static unsigned orders_with(const char *part)
{
    struct buf out = rules();
    char *at = (char *)buf_str(&out), *line;
    unsigned count = 0;

    while ((line = next_order(&at)))
        count += strstr(line, part) != NULL;
    buf_release(&out);
    return count;
}

/* Loading them again throws nobody out, and touches no table of others. */
TEST(rules__take_nothing_away_but_the_rules_of_their_own_chains)
{
    CHECK_INT(orders_with("delete "), 0);
    CHECK_INT(orders_with("destroy "), 0);
    CHECK_INT(orders_with("reset "), 0);
    CHECK_INT(orders_with("flush "), 3);
    CHECK_INT(orders_with("flush chain inet " FIREWALL_TABLE " "), 3);
}

TEST(rules__both_sets_have_timeouts_counters_and_a_bound)
{
    CHECK_INT(orders_with("set " FIREWALL_SET_V4 " {"), 1);
    CHECK_INT(orders_with("set " FIREWALL_SET_V6 " {"), 1);
    CHECK_INT(orders_with("flags timeout"), 2);
    CHECK_INT(orders_with("size 65536"), 2);
    CHECK_INT(orders_with("counter"), 2);
}

TEST(rules__requests_go_to_the_port_that_was_given)
{
    CHECK_INT(orders_with("redirect to :8511"), 2);
    CHECK_INT(orders_with("redirect"), 2);
}

/* Else a flow would go on once its client is out. */
TEST(rules__nothing_passes_inward_for_being_established_alone)
{
    struct buf out = rules();
    char *at = (char *)buf_str(&out), *line;

    while ((line = next_order(&at)))
        if (strstr(line, "established"))
            CHECK(strstr(line, "daddr @" FIREWALL_SET_V4 " accept") ||
                  strstr(line, "daddr @" FIREWALL_SET_V6 " accept"));
    buf_release(&out);
}

static bool is_rule(const char *line)
{
    size_t len = strlen(line);

    return (len > 7 && strcmp(line + len - 7, " accept") == 0) || strstr(line, "reject") || strstr(line, "drop") ||
           strstr(line, "redirect") || strstr(line, "masquerade");
}

TEST(rules__each_names_the_interface_that_it_is_for)
{
    struct buf out = rules();
    char *at = (char *)buf_str(&out), *line;
    unsigned count = 0;

    while ((line = next_order(&at)))
        if (is_rule(line)) {
            CHECK(strncmp(line, "iifname \"lan0\" ", 15) == 0 || strncmp(line, "iifname \"wan0\" ", 15) == 0);
            count++;
        }
    CHECK_INT(count, 10);
    buf_release(&out);
}

TEST(rules__are_the_same_each_time)
{
    struct buf one = rules(), other = rules();

    CHECK_SLICE(buf_slice(&one), buf_str(&other));
    buf_release(&one);
    buf_release(&other);
}

TEST(rules__head_says_how_they_were_made)
{
    struct buf out = rules();

    CHECK(strstr(buf_str(&out), "samovar portal --print-nft lan0 wan0"));
    buf_release(&out);
}
