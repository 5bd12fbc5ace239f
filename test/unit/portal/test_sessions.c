/*
 * test_sessions.c - who is let through, until when, and by which addresses.
 */
#include "box.h"

#include <stdlib.h>
#include <unistd.h>

#define TERMS "login = { terms }"
#define ALL "login = { terms, voucher }"
#define PHONE "aa:bb:cc:00:00:01"
#define OTHER "aa:bb:cc:00:00:02"

TEST(session__nobody_is_free_before_he_logs_in)
{
    struct box box;

    box_open(&box, TERMS, true);
    CHECK(!box_is_free(&box, "192.0.2.1") && !box_is_free(&box, "2001:db8::1") && !box_is_free(&box, "no address"));
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, ""), PORTAL_LET_IN);
    CHECK(box_is_free(&box, "192.0.2.1"));
    CHECK(!box_is_free(&box, "192.0.2.2")); /* POL-62: another client's still are captive */
    CHECK(box_entry(&box, "192.0.2.1").is_open && !box_entry(&box, "192.0.2.2").is_open);
    CHECK_INT(box_login(&box, "unix", PORTAL_BY_TERMS, ""), PORTAL_NO_ADDRESS);
    box_close(&box);
}

TEST(session__ends_with_its_time)
{
    struct box box;
    struct portal_state state;

    box_open(&box, TERMS " session-time = 2s", true);
    box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, "");
    state = box_look(&box, "192.0.2.1");
    CHECK(state.seconds_left <= 2 && state.bytes_left == PORTAL_ENDLESS);
    CHECK(box_entry(&box, "192.0.2.1").seconds <= 2);
    for (int i = 0; i < 500 && box_is_free(&box, "192.0.2.1"); i++)
        usleep(10000);
    CHECK(!box_is_free(&box, "192.0.2.1"));
    box_wait_look(&box);
    CHECK(!box_entry(&box, "192.0.2.1").is_open);
    CHECK_INT(box.portal->table.count, 0);
    box_close(&box);
}

TEST(session__is_not_renewed_by_asking_again_at_once)
{
    struct box box;
    unsigned opened;

    box_open(&box, TERMS " session-time = 1h", true);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, ""), PORTAL_LET_IN);
    opened = box.firewall.opened;
    for (int i = 0; i < 20; i++)
        CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, ""), PORTAL_LET_IN);
    CHECK_INT(box.firewall.opened, opened); /* nobody else has to wait for that */
    pthread_mutex_lock(&box.portal->changing);
    CONTAINER(box.portal->table.sessions.next, struct session, link)->until_s -= 60; /* a minute later */
    pthread_mutex_unlock(&box.portal->changing);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, ""), PORTAL_LET_IN);
    CHECK(box.firewall.opened > opened && box_look(&box, "192.0.2.1").seconds_left > 3590);
    box_close(&box);
}

TEST(session__ends_by_logout_and_by_hand)
{
    struct box box;

    role_assert_worker();
    box_open(&box, TERMS, true);
    box_neighbour(&box, "192.0.2.2", PHONE);
    for (int i = 1; i < 4; i++)
        box_login(&box, i == 1 ? "192.0.2.1" : i == 2 ? "192.0.2.2" : "2001:db8::3", PORTAL_BY_TERMS, "");
    CHECK_INT(portal_logout(box.portal, SLICE("192.0.2.1")), ERR_NONE);
    CHECK(!box_is_free(&box, "192.0.2.1") && !box_entry(&box, "192.0.2.1").is_open);
    CHECK_INT(portal_logout(box.portal, SLICE("192.0.2.1")), ERR_NONE);
    CHECK_INT(portal_disconnect(box.portal, SLICE("AA:bb:cc:00:00:01")), 1);
    CHECK_INT(portal_disconnect(box.portal, SLICE("2001:db8:0::3")), 1);
    CHECK_INT(portal_disconnect(box.portal, SLICE("2001:db8::3")), 0);
    CHECK_INT(box.portal->table.count, 0);
    box_close(&box);
}

TEST(session__is_a_device_with_all_its_addresses)
{
    struct box box;

    box_open(&box, TERMS, true);
    box_neighbour(&box, "192.0.2.1", PHONE);
    box_neighbour(&box, "2001:db8::1", PHONE);
    box_neighbour(&box, "192.0.2.9", OTHER);
    box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, "");
    CHECK(box_is_free(&box, "2001:db8::1") && box_entry(&box, "2001:db8::1").is_open);
    CHECK(!box_is_free(&box, "192.0.2.9"));
    box_neighbour(&box, "2001:db8::2", PHONE); /* a temporary address, later */
    box_wait_look(&box);
    CHECK(box_is_free(&box, "2001:db8::2") && box_entry(&box, "2001:db8::2").is_open);
    CHECK_INT(box.portal->table.count, 1);
    box_close(&box);
}

TEST(session__a_new_address_takes_the_place_of_one_that_is_not_used)
{
    struct box box;
    char address[32];

    box_open(&box, TERMS, true);
    for (int i = 0; i < PORTAL_ADDRESSES_MAX; i++) {
        snprintf(address, sizeof(address), "2001:db8::1:%d", i);
        box_neighbour(&box, address, PHONE);
    }
    box_neighbour(&box, "fe80::1", PHONE); /* nothing goes out from there */
    box_login(&box, "2001:db8::1:0", PORTAL_BY_TERMS, "");
    CHECK(box_is_free(&box, "2001:db8::1:7") && !box_is_free(&box, "fe80::1"));
    box_neighbour(&box, "2001:db8::2:0", PHONE);
    box_wait_look(&box);
    CHECK(!box_is_free(&box, "2001:db8::2:0")); /* all the others are in use */
    box_neighbour(&box, "2001:db8::1:3", NULL);
    for (int i = 0; i < 3; i++)
        box_wait_look(&box);
    CHECK(box_is_free(&box, "2001:db8::2:0") && !box_is_free(&box, "2001:db8::1:3"));
    CHECK(box_is_free(&box, "2001:db8::1:0") && !box_entry(&box, "2001:db8::1:3").is_open);
    box_close(&box);
}

TEST(session__an_address_that_another_device_has_by_now_is_captive)
{
    struct box box;

    box_open(&box, TERMS, true);
    box_neighbour(&box, "192.0.2.1", PHONE);
    box_neighbour(&box, "2001:db8::1", PHONE);
    box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, "");
    box_neighbour(&box, "192.0.2.1", OTHER);
    box_wait_look(&box);
    CHECK(!box_is_free(&box, "192.0.2.1") && !box_entry(&box, "192.0.2.1").is_open);
    CHECK(box_is_free(&box, "2001:db8::1"));
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, ""), PORTAL_LET_IN);
    CHECK_INT(box.portal->table.count, 2);
    box_neighbour(&box, "192.0.2.1", PHONE); /* at once, before the warden looks */
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, ""), PORTAL_LET_IN);
    CHECK_INT(box.portal->table.count, 1);
    box_close(&box);
}

TEST(session__bytes_are_counted_and_end_it)
{
    struct box box;

    box_open(&box, TERMS " session-bytes = 1000", true);
    box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, "");
    box_carry(&box, "192.0.2.1", 400);
    box_wait_look(&box);
    CHECK_U64(box_look(&box, "192.0.2.1").bytes_left, 600);
    box_wait_look(&box);
    CHECK_U64(box_look(&box, "192.0.2.1").bytes_left, 600); /* the same octets count once */
    box_carry(&box, "192.0.2.1", 700);
    box_wait_look(&box);
    CHECK(!box_is_free(&box, "192.0.2.1") && !box_entry(&box, "192.0.2.1").is_open);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, ""), PORTAL_SPENT); /* not by another tick */
    box_close(&box);
}

TEST(session__that_is_spent_gets_no_new_address_open)
{ /* not for a moment, and not by a code that is none */
    struct box box;

    box_open(&box, "login = { terms, voucher }\nsession-bytes = 1000", true);
    box_neighbour(&box, "192.0.2.1", PHONE);
    box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, "");
    box_carry(&box, "192.0.2.1", 1100);
    box_wait_look(&box);
    CHECK_INT(box.firewall.opened, 1);
    box_neighbour(&box, "192.0.2.2", PHONE);
    CHECK_INT(box_login(&box, "192.0.2.2", PORTAL_BY_VOUCHER, "AAAAA-AAAAA"), PORTAL_UNKNOWN_VOUCHER);
    CHECK_INT(box.firewall.opened, 1);
    box_close(&box);
}

TEST(session__what_went_on_a_voucher_is_no_use_of_what_comes_after_it)
{
    struct box box;
    const char *code;

    role_assert_worker();
    box_open(&box, ALL " session-bytes = 1000", true);
    code = box_voucher(&box, 60, 0, 1);
    box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, code);
    box_carry(&box, "192.0.2.1", 5000);
    box_wait_look(&box);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, ""), PORTAL_LET_IN);
    CHECK_U64(box_look(&box, "192.0.2.1").bytes_left, 1000);
    box_close(&box);
}

TEST(session__is_there_after_a_restart_with_what_it_used)
{
    struct box box;
    uint64_t left;

    box_open(&box, TERMS " session-bytes = 1000\nsession-time = 1h", true);
    box_neighbour(&box, "192.0.2.1", PHONE);
    box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, "");
    box_carry(&box, "192.0.2.1", 300);
    box_wait_look(&box);
    left = box_look(&box, "192.0.2.1").seconds_left;
    box_restart(&box, NULL);
    CHECK(box_is_free(&box, "192.0.2.1") && box_entry(&box, "192.0.2.1").is_open);
    CHECK_U64(box_look(&box, "192.0.2.1").bytes_left, 700);
    CHECK(box_look(&box, "192.0.2.1").seconds_left <= left);
    box_carry(&box, "192.0.2.1", 100);
    box_wait_look(&box);
    CHECK_U64(box_look(&box, "192.0.2.1").bytes_left, 600);
    CHECK_INT(box.firewall.opened, 1); /* it was open all the time */
    box_close(&box);
}

TEST(session__after_a_reboot_is_open_again_once_its_device_shows_up)
{
    struct box box;

    box_open(&box, TERMS, true);
    box_neighbour(&box, "192.0.2.1", PHONE);
    box_neighbour(&box, "192.0.2.2", NULL);
    box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, "");
    box_shut(&box, "192.0.2.1");
    box_neighbour(&box, "192.0.2.1", NULL);
    box_restart(&box, NULL);
    box_wait_look(&box);
    CHECK(!box_entry(&box, "192.0.2.1").is_open); /* who knows who has it by now */
    box_neighbour(&box, "192.0.2.1", PHONE);
    box_wait_look(&box);
    CHECK(box_entry(&box, "192.0.2.1").is_open);
    box_close(&box);
}

TEST(session__what_is_open_and_nobodys_is_closed)
{
    struct box box;

    box_open(&box, TERMS, true);
    box.firewall.entries[0].address.family = AF_INET;
    memcpy(box.firewall.entries[0].address.octets, "\xc0\x00\x02\x07", 4);
    box.firewall.entries[0].is_open = true;
    box_wait_look(&box);
    CHECK(!box_entry(&box, "192.0.2.7").is_open);
    box_close(&box);
}

TEST(session__a_firewall_that_does_not_open_lets_nobody_in)
{
    struct box box;
    struct portal_figures figures;
    const char *code;

    role_assert_worker();
    box_open(&box, ALL, true);
    code = box_voucher(&box, 60, 0, 1);
    box.firewall.refuses = true;
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, code), PORTAL_NO_FIREWALL);
    CHECK(!box_is_free(&box, "192.0.2.1"));
    portal_figures(box.portal, &figures);
    CHECK(!figures.is_firewall_well && figures.sessions == 0 && figures.refused == 1);
    box.firewall.refuses = false;
    box_restart(&box, NULL);
    CHECK(!box_is_free(&box, "192.0.2.1")); /* nor later, by its record */
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, code), PORTAL_LET_IN);
    box_close(&box);
}

TEST(session__a_firewall_that_is_silent_is_left_alone_for_a_while)
{ /* or each step of each change would wait for it, one after another */
    struct box box;
    unsigned before;

    box_open(&box, TERMS, true);
    pthread_mutex_lock(&box.portal->changing);
    CHECK_INT(shutdown(box.firewall.end, SHUT_RDWR), 0);
    before = box.portal->number;
    pthread_mutex_unlock(&box.portal->changing);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, ""), PORTAL_NO_FIREWALL);
    pthread_mutex_lock(&box.portal->changing);
    CHECK_INT(box.portal->number - before, 1);
    pthread_mutex_unlock(&box.portal->changing);
    box_close(&box);
}

TEST(session__without_a_firewall_is_kept_all_the_same)
{
    struct box box;

    box_open(&box, TERMS, false);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, ""), PORTAL_LET_IN);
    box_restart(&box, NULL);
    CHECK(box_is_free(&box, "192.0.2.1"));
    box_close(&box);
}

/* ---- vouchers ---- */

TEST(voucher__lets_in_who_has_one)
{
    struct box box;
    const char *code;
    char typed[16];

    box_open(&box, ALL, true);
    code = box_voucher(&box, 3600, 5000, 1);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, "AAAAA-AAAAA"), PORTAL_UNKNOWN_VOUCHER);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, ""), PORTAL_UNKNOWN_VOUCHER);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, "../../../x"), PORTAL_UNKNOWN_VOUCHER);
    snprintf(typed, sizeof(typed), " %.5s %.5s ", code, code + 6);
    for (char *c = typed; *c; c++)
        *c = ascii_lower(*c);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, typed), PORTAL_LET_IN);
    CHECK(box_look(&box, "192.0.2.1").seconds_left <= 3600 && box_look(&box, "192.0.2.1").seconds_left > 3500);
    CHECK_U64(box_look(&box, "192.0.2.1").bytes_left, 5000);
    CHECK(box_look(&box, "192.0.2.1").can_extend);
    CHECK_INT(box_login(&box, "192.0.2.2", PORTAL_BY_VOUCHER, code), PORTAL_TOO_MANY);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, code), PORTAL_LET_IN); /* the same device, again */
    box_close(&box);
}

TEST(voucher__is_shared_by_its_devices)
{
    struct box box;
    const char *code;

    box_open(&box, ALL, true);
    code = box_voucher(&box, 0, 1000, 2);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, code), PORTAL_LET_IN);
    CHECK_INT(box_login(&box, "192.0.2.2", PORTAL_BY_VOUCHER, code), PORTAL_LET_IN);
    CHECK_INT(box_login(&box, "192.0.2.3", PORTAL_BY_VOUCHER, code), PORTAL_TOO_MANY);
    box_carry(&box, "192.0.2.1", 600);
    box_carry(&box, "192.0.2.2", 300);
    box_wait_look(&box);
    CHECK_U64(box_look(&box, "192.0.2.2").bytes_left, 100);
    box_carry(&box, "192.0.2.1", 100);
    box_wait_look(&box);
    CHECK(!box_is_free(&box, "192.0.2.1") && !box_is_free(&box, "192.0.2.2"));
    CHECK_INT(box_login(&box, "192.0.2.3", PORTAL_BY_VOUCHER, code), PORTAL_SPENT);
    box_restart(&box, NULL);
    CHECK_INT(box_login(&box, "192.0.2.3", PORTAL_BY_VOUCHER, code), PORTAL_SPENT);
    box_close(&box);
}

TEST(voucher__time_runs_from_its_first_use)
{
    struct box box;
    const char *code, *next;

    role_assert_worker();
    box_open(&box, ALL, true);
    code = box_voucher(&box, 2, 0, 1);
    next = box_voucher(&box, 3600, 0, 1);
    box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, code);
    CHECK_INT(portal_logout(box.portal, SLICE("192.0.2.1")), ERR_NONE);
    sleep(2);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, code), PORTAL_SPENT);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_TERMS, ""), PORTAL_LET_IN);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, next), PORTAL_LET_IN); /* it extends */
    CHECK(box_look(&box, "192.0.2.1").seconds_left > 3000);
    CHECK_INT(box.portal->table.count, 1);
    box_close(&box);
}

TEST(voucher__that_is_withdrawn_lets_nobody_in_and_ends_what_it_let_in)
{
    struct box box;
    const char *code;
    struct buf out = BUF_INIT(4096);

    role_assert_worker();
    box_open(&box, ALL, true);
    code = box_voucher(&box, 3600, 0, 1);
    box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, code);
    CHECK_INT(voucher_withdraw(box.store, box.portal, slice_str(code)), ERR_NONE);
    CHECK(!box_is_free(&box, "192.0.2.1") && !box_entry(&box, "192.0.2.1").is_open);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_VOUCHER, code), PORTAL_UNKNOWN_VOUCHER);
    CHECK_INT(voucher_withdraw(box.store, box.portal, slice_str(code)), ERR_MISSING);
    vouchers_list(box.store, &out);
    CHECK_INT(out.len, 0);
    buf_release(&out);
    box_close(&box);
}

TEST(user__has_as_many_devices_as_he_may)
{
    struct box box;

    role_assert_worker();
    box_open(&box, TERMS " devices = 2", true);
    CHECK_INT(box_login(&box, "192.0.2.1", PORTAL_BY_USER, "alice"), PORTAL_LET_IN);
    CHECK_INT(box_login(&box, "192.0.2.2", PORTAL_BY_USER, "alice"), PORTAL_LET_IN);
    CHECK_INT(box_login(&box, "192.0.2.3", PORTAL_BY_USER, "alice"), PORTAL_TOO_MANY);
    CHECK_INT(box_login(&box, "192.0.2.3", PORTAL_BY_USER, "bob"), PORTAL_LET_IN);
    CHECK_INT(portal_disconnect(box.portal, SLICE("alice")), 2);
    CHECK_INT(box_login(&box, "192.0.2.3", PORTAL_BY_USER, "alice"), PORTAL_LET_IN); /* who asks is another by now */
    CHECK_INT(box.portal->table.count, 1);
    box_close(&box);
}

/* ---- records ---- */

TEST(records__come_back_as_they_were)
{
    struct session session = {.id = "0123456789abcdef",
                              .by = PORTAL_BY_USER,
                              .user = (char *)"al\nice",
                              .began_s = 5,
                              .until_s = 1ll << 40,
                              .bytes_max = UINT64_MAX,
                              .used = 7,
                              .has_mac = true,
                              .mac = {1, 2, 3, 4, 5, 6}};
    struct session read;
    char room[RECORD_ROOM], code[PORTAL_CODE_MAX + 1];
    struct slice record;

    CHECK(address_parse(SLICE("2001:db8::1"), &session.seats[3].address));
    session.seats[3].counted = 9;
    session.seat_count = 1;
    record = session_record(&session, room);
    CHECK(session_read(SLICE("0123456789abcdef"), record, &read, code));
    CHECK(read.by == PORTAL_BY_USER && read.began_s == 5 && read.until_s == 1ll << 40 && read.used == 7 &&
          read.bytes_max == UINT64_MAX && read.has_mac && memcmp(read.mac, session.mac, MAC_LEN) == 0);
    CHECK_STR(read.user, "al\nice");
    CHECK(address_same(&read.seats[0].address, &session.seats[3].address) && read.seats[0].counted == 9);
    free(read.user);
    for (size_t len = 0; len < record.len; len++) /* damaged ones are none */
        CHECK_FALSE(session_read(SLICE("0123456789abcdef"), slice_upto(record, len), &read, code));
    room[0] = 9;
    CHECK_FALSE(session_read(SLICE("0123456789abcdef"), record, &read, code)); /* of another form */
}

TEST(records__of_the_largest_session_fit)
{
    char name[PORTAL_NAME_MAX + 1], room[RECORD_ROOM];
    struct session session = {.user = name, .seat_count = PORTAL_ADDRESSES_MAX};

    memset(name, 'n', PORTAL_NAME_MAX);
    name[PORTAL_NAME_MAX] = '\0';
    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX; i++)
        session.seats[i].address.family = AF_INET6;
    CHECK(session_record(&session, room).len <= RECORD_ROOM);
}

TEST(address__is_one_of_a_network)
{
    struct firewall_address address, other;

    CHECK(address_parse(SLICE("::ffff:192.0.2.1"), &address) && address.family == AF_INET);
    CHECK(address_parse(SLICE("192.0.2.1"), &other) && address_same(&address, &other));
    CHECK(!address_parse(SLICE("unix"), &address) && !address_parse(SLICE(""), &address));
    CHECK_FALSE(address_parse(SLICE("192.0.2.1/24"), &address));
}

TEST(clock__never_goes_back)
{
    atomic_int_least64_t most = INT64_MIN;
    const int64_t s = 1000000000;

    CHECK_INT(clock_onward_s(1000 * s, 10 * s, &most), 1000);
    CHECK_INT(clock_onward_s(1005 * s, 15 * s, &most), 1005);
    CHECK_INT(clock_onward_s(405 * s, 16 * s, &most), 1006); /* set back by ten minutes: a second has passed */
    CHECK_INT(clock_onward_s(416 * s, 27 * s, &most), 1017);
    CHECK_INT(clock_onward_s(5000 * s, 28 * s, &most), 5000); /* set ahead */
    CHECK_INT(clock_onward_s(1030 * s, 29 * s, &most), 5001);
}

TEST(table__holds_many)
{ /* 10 000 sessions, and what one of them takes in memory: printed, for docs */
    struct box box;
    char address[32];

    box_open(&box, ALL, false);
    for (int i = 0; i < 10000; i++) {
        struct session *session = xcalloc(1, sizeof(*session));

        snprintf(address, sizeof(address), "10.%d.%d.%d", i >> 14, (i >> 7) & 127, i & 127);
        CHECK(address_parse(slice_str(address), &session->seats[0].address));
        session->seat_count = 1;
        session->has_mac = true;
        memcpy(session->mac, &i, sizeof(i));
        pthread_mutex_lock(&box.portal->changing);
        pthread_mutex_lock(&box.portal->mutex);
        session_add(&box.portal->table, session);
        pthread_mutex_unlock(&box.portal->mutex);
        pthread_mutex_unlock(&box.portal->changing);
    }
    CHECK(box_is_free(&box, "10.0.0.1") && !box_is_free(&box, "10.9.9.9"));
    pthread_mutex_lock(&box.portal->changing);
    pthread_mutex_lock(&box.portal->mutex);
    while (box.portal->table.count)
        session_remove(&box.portal->table, CONTAINER(box.portal->table.sessions.next, struct session, link));
    pthread_mutex_unlock(&box.portal->mutex);
    pthread_mutex_unlock(&box.portal->changing);
    CHECK_FALSE(box_is_free(&box, "10.0.0.1"));
    box_close(&box);
}
