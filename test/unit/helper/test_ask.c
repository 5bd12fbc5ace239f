/*
 * test_ask.c - the server's side of a request to the firewall's program: what it believes of the answers.
 *
 * The answers lie in the socket before anybody asks, so no program is needed.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "helper/firewall.h"

enum { NUMBER = 7, HEARD_MAX = 8 };

struct talk {
    int ours, theirs;
    struct firewall_answer heard[HEARD_MAX];
    unsigned count;
};

static struct talk talk_open(void)
{
    struct talk talk = {0};
    int ends[2];

    CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    talk.ours = ends[0];
    talk.theirs = ends[1];
    return talk;
}

static void talk_close(struct talk *talk)
{
    close(talk->ours);
    if (talk->theirs >= 0)
        close(talk->theirs);
}

static void hear(const struct firewall_answer *answer, void *arg)
{
    struct talk *talk = arg;

    CHECK(talk->count < HEARD_MAX);
    talk->heard[talk->count++] = *answer;
}

static void tell_octets(struct talk *talk, const void *octets, size_t len)
{
    CHECK_INT(send(talk->theirs, octets, len, 0), (long)len);
}

static void tell(struct talk *talk, struct firewall_answer answer)
{
    tell_octets(talk, &answer, sizeof(answer));
}

static enum err ask(struct talk *talk)
{
    struct firewall_request request = {.what = FIREWALL_LIST, .number = NUMBER};

    return firewall_ask(talk->ours, &request, hear, talk);
}

TEST(ask__the_request_goes_out_as_one_message)
{
    struct talk talk = talk_open();
    struct firewall_request request = {
        .what = FIREWALL_OPEN, .number = NUMBER, .seconds = 60, .address = {AF_INET, {192, 0, 2, 1}}};
    struct firewall_request got = {0};

    tell(&talk, (struct firewall_answer){.number = NUMBER, .is_last = 1});
    CHECK_INT(firewall_ask(talk.ours, &request, NULL, NULL), ERR_NONE);
    CHECK_INT(recv(talk.theirs, &got, sizeof(got), MSG_TRUNC), sizeof(got));
    CHECK_INT(memcmp(&got, &request, sizeof(got)), 0);
    talk_close(&talk);
}

TEST(ask__each_answer_is_given_until_the_last_one)
{
    struct talk talk = talk_open();

    tell(&talk, (struct firewall_answer){.number = NUMBER, .address = {AF_INET, {192, 0, 2, 1}}, .bytes = 5});
    tell(&talk, (struct firewall_answer){.number = NUMBER, .address = {AF_INET6, {0x20, 1}}});
    tell(&talk, (struct firewall_answer){.number = NUMBER, .is_last = 1});
    tell(&talk, (struct firewall_answer){.number = NUMBER, .bytes = 9});
    CHECK_INT(ask(&talk), ERR_NONE);
    CHECK_INT(talk.count, 3);
    CHECK_U64(talk.heard[0].bytes, 5);
    CHECK_INT(talk.heard[1].address.family, AF_INET6);
    CHECK(talk.heard[2].is_last);
    talk_close(&talk);
}

TEST(ask__what_was_too_late_for_an_earlier_request_is_skipped)
{
    struct talk talk = talk_open();

    tell(&talk, (struct firewall_answer){.number = NUMBER - 1, .bytes = 1});
    tell(&talk, (struct firewall_answer){.number = NUMBER - 1, .err = ERR_IO, .is_last = 1});
    tell(&talk, (struct firewall_answer){.number = NUMBER, .is_last = 1, .bytes = 2});
    CHECK_INT(ask(&talk), ERR_NONE);
    CHECK_INT(talk.count, 1);
    CHECK_U64(talk.heard[0].bytes, 2);
    talk_close(&talk);
}

TEST(ask__a_program_that_takes_nothing_more_holds_up_nobody)
{
    struct talk talk = talk_open();
    struct firewall_request request = {.what = FIREWALL_LIST, .number = NUMBER - 1};

    while (send(talk.ours, &request, sizeof(request), MSG_DONTWAIT) > 0)
        continue;
    CHECK_INT(ask(&talk), ERR_IO);
    talk_close(&talk);
}

TEST(ask__an_error_is_what_the_last_answer_said_with_its_words)
{
    struct talk talk = talk_open();

    tell(&talk, (struct firewall_answer){.number = NUMBER, .err = ERR_MISSING, .is_last = 1, .text = "no rules"});
    CHECK_INT(ask(&talk), ERR_MISSING);
    CHECK_STR(talk.heard[0].text, "no rules");
    talk_close(&talk);
}

TEST(ask__words_without_an_end_get_one)
{
    struct talk talk = talk_open();
    struct firewall_answer answer = {.number = NUMBER, .err = ERR_IO, .is_last = 1};

    memset(answer.text, 'x', sizeof(answer.text));
    tell(&talk, answer);
    CHECK_INT(ask(&talk), ERR_IO);
    CHECK_INT(strlen(talk.heard[0].text), sizeof(answer.text) - 1);
    talk_close(&talk);
}

TEST(ask__an_error_that_there_is_not_is_no_answer)
{
    struct talk talk = talk_open();

    tell(&talk, (struct firewall_answer){.number = NUMBER, .err = ERR_COUNT, .is_last = 1});
    CHECK_INT(ask(&talk), ERR_IO);
    CHECK_INT(talk.count, 0);
    talk_close(&talk);
}

TEST(ask__an_address_of_no_family_is_no_answer)
{
    struct talk talk = talk_open();

    tell(&talk, (struct firewall_answer){.number = NUMBER, .address = {AF_UNIX, {0}}});
    CHECK_INT(ask(&talk), ERR_IO);
    CHECK_INT(talk.count, 0);
    talk_close(&talk);
}

TEST(ask__a_message_of_another_size_is_no_answer)
{
    static const char noise[2 * sizeof(struct firewall_answer)];
    const size_t sizes[] = {1, sizeof(struct firewall_answer) - 1};

    for (unsigned i = 0; i < 2; i++) {
        struct talk talk = talk_open();

        tell_octets(&talk, noise, sizes[i]);
        CHECK_INT(ask(&talk), ERR_IO);
        CHECK_INT(talk.count, 0);
        talk_close(&talk);
    }
}

/* Its first octets would be a good answer. */
TEST(ask__a_message_that_is_too_long_is_no_answer)
{
    struct talk talk = talk_open();
    struct firewall_answer twice[2] = {{.number = NUMBER, .is_last = 1}};

    tell_octets(&talk, twice, sizeof(twice));
    CHECK_INT(ask(&talk), ERR_IO);
    CHECK_INT(talk.count, 0);
    talk_close(&talk);
}

TEST(ask__a_program_that_ends_before_the_last_answer_is_an_error)
{
    struct talk talk = talk_open();

    tell(&talk, (struct firewall_answer){.number = NUMBER, .bytes = 1});
    CHECK_INT(shutdown(talk.theirs, SHUT_WR), 0);
    CHECK_INT(ask(&talk), ERR_IO);
    CHECK_INT(talk.count, 1);
    talk_close(&talk);
}

/* And no signal, which would end us. */
TEST(ask__a_program_that_is_gone_is_an_error)
{
    struct talk talk = talk_open();

    close(talk.theirs);
    talk.theirs = -1;
    CHECK_INT(ask(&talk), ERR_IO);
    talk_close(&talk);
}
