/*
 * test_census.c - how many connections there may be, in all and from each address.
 */
#include <arpa/inet.h>
#include <sys/resource.h>

#include "census.h"
#include "check.h"

static struct peer peer_of(int family, const char *address)
{
    struct peer peer = {.family = (sa_family_t)family};

    CHECK_INT(inet_pton(family, address, peer.addr), 1);
    return peer;
}

static struct census *census;
static struct limits limits;

static bool enters(const char *address)
{
    struct peer peer = peer_of(strchr(address, ':') ? AF_INET6 : AF_INET, address);

    return census_enter(census, &peer, &limits);
}

static void leaves(const char *address)
{
    struct peer peer = peer_of(strchr(address, ':') ? AF_INET6 : AF_INET, address);

    census_leave(census, &peer);
}

static void begin(unsigned most, unsigned most_each)
{
    census = census_new();
    limits = (struct limits){.connections_max = most, .connections_per_address_max = most_each};
}

TEST(census__each_address_has_its_own_limit)
{
    begin(0, 2);
    CHECK(enters("192.0.2.1"));
    CHECK(enters("192.0.2.1"));
    CHECK_FALSE(enters("192.0.2.1"));
    CHECK(enters("192.0.2.2"));
    leaves("192.0.2.1");
    CHECK(enters("192.0.2.1"));
    CHECK_FALSE(enters("192.0.2.1"));
    leaves("192.0.2.1");
    leaves("192.0.2.1");
    leaves("192.0.2.2");
    census_free(census);
}

TEST(census__an_ipv6_client_is_its_64_bits_in_front)
{
    begin(0, 1);
    CHECK(enters("2001:db8::1"));
    CHECK_FALSE(enters("2001:db8::ffff:1"));
    CHECK(enters("2001:db8:0:1::1"));
    leaves("2001:db8::2"); /* the same client as far as we know */
    CHECK(enters("2001:db8::3"));
    leaves("2001:db8::3");
    leaves("2001:db8:0:1::1");
    census_free(census);
}

TEST(census__addresses_of_both_families_are_not_mixed_up)
{
    begin(0, 1);
    CHECK(enters("32.1.13.184"));
    CHECK(enters("2001:db8::")); /* begins with the same four octets */
    leaves("32.1.13.184");
    leaves("2001:db8::");
    census_free(census);
}

TEST(census__all_together_have_a_limit)
{
    begin(3, 0);
    CHECK(enters("192.0.2.1"));
    CHECK(enters("192.0.2.2"));
    CHECK(enters("192.0.2.3"));
    CHECK_FALSE(enters("192.0.2.4"));
    leaves("192.0.2.2");
    CHECK(enters("192.0.2.4"));
    CHECK_FALSE(enters("192.0.2.5"));
    leaves("192.0.2.1");
    leaves("192.0.2.3");
    leaves("192.0.2.4");
    census_free(census);
}

TEST(census__what_was_refused_was_not_counted)
{
    begin(1, 0);
    CHECK(enters("192.0.2.1"));
    for (unsigned i = 0; i < 100; i++)
        CHECK_FALSE(enters("192.0.2.2"));
    leaves("192.0.2.1");
    CHECK(enters("192.0.2.2"));
    leaves("192.0.2.2");
    census_free(census);
}

TEST(census__keeps_descriptors_back_for_files)
{
    struct rlimit before, few;
    unsigned count = 0;

    CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    if (before.rlim_cur < 1000)
        SKIP();
    few = before;
    few.rlim_cur = 1000;
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), 0);
    begin(0, 0);
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
    while (enters("192.0.2.1"))
        count++;
    CHECK(count > 500 && count < 900);
    while (count--)
        leaves("192.0.2.1");
    census_free(census);
}
