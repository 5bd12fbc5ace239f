/*
 * mqtt_main.c - samovar-mqtt: takes orders for one pot from the server that started it, and passes them on by a broker.
 *
 * Its end of the socket pair is descriptor 0. It ends when the server does; signals from a terminal or the service
 * manager are the server's to obey. An order is done when the pot has said its state after it; a pot that says nothing
 * in time has not obeyed, and what it was told to start it is told to end.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "mqtt_private.h"

enum { SERVER_FD = STDIN_FILENO, ARGUMENTS = 10 };

static struct timespec after(uint32_t ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

static enum err complain(struct pot_answer *answer, enum err err, const char *text)
{
    snprintf(answer->text, sizeof(answer->text), "%s", text);
    return err;
}

static const char *word_of(uint32_t what)
{
    return what == POT_WISH_START ? "ON" : what == POT_WISH_STOP ? "OFF" : "WHEN";
}

static bool say_order(struct mqtt *mqtt, const struct pot_request *request)
{
    struct buf text = BUF_INIT(2048);
    bool is_said = true;

    if (request->what == POT_WISH_START) {
        mqtt_order_text(request, &text);
        is_said = mqtt_say(mqtt, "brew", buf_str(&text), true);
    }
    buf_release(&text);
    return is_said && mqtt_say(mqtt, "set", word_of(request->what), false);
}

/* The mutex is held. False: the pot said nothing in time, or is gone. */
static bool wait_to_hear(struct mqtt *mqtt, unsigned before)
{
    struct timespec until = after(mqtt->pot->patience_ms);

    while (mqtt->heard == before && mqtt->is_online)
        if (pthread_cond_timedwait(&mqtt->changed, &mqtt->mutex, &until) == ETIMEDOUT)
            break;
    return mqtt->heard != before;
}

static enum err judge_presence(const struct mqtt *mqtt, struct pot_answer *answer)
{
    if (!mqtt->is_connected)
        return complain(answer, ERR_CLOSED, "its broker cannot be reached");
    return mqtt->is_online ? ERR_NONE : complain(answer, ERR_CLOSED, "it is not online");
}

static enum err obey(struct mqtt *mqtt, const struct pot_request *request, struct pot_answer *answer)
{
    bool is_heard = false;
    unsigned before;
    enum err err;

    pthread_mutex_lock(&mqtt->mutex);
    err = judge_presence(mqtt, answer);
    before = mqtt->heard;
    if (err == ERR_NONE)
        mqtt->state[0] = '\0'; /* what it said before is no word on this */
    pthread_mutex_unlock(&mqtt->mutex);
    if (err != ERR_NONE)
        return err;
    if (say_order(mqtt, request)) {
        pthread_mutex_lock(&mqtt->mutex);
        is_heard = wait_to_hear(mqtt, before);
        pthread_mutex_unlock(&mqtt->mutex);
    }
    if (is_heard)
        return ERR_NONE;
    if (request->what == POT_WISH_START)
        mqtt_say(mqtt, "set", "OFF", false);
    return complain(answer, ERR_IO, "it did not say that it obeys");
}

static enum err tell_state(struct mqtt *mqtt, struct pot_answer *answer)
{
    enum err err;

    pthread_mutex_lock(&mqtt->mutex);
    err = judge_presence(mqtt, answer);
    memcpy(answer->state, mqtt->state, sizeof(answer->state));
    pthread_mutex_unlock(&mqtt->mutex);
    return err;
}

static void obey_all(struct mqtt *mqtt)
{
    struct pot_request request;
    struct pot_answer answer;

    for (;;) {
        ssize_t got = recv(SERVER_FD, &request, sizeof(request), MSG_TRUNC);

        if (got < 0 && errno == EINTR)
            continue;
        if (got != (ssize_t)sizeof(request))
            return;
        answer = (struct pot_answer){.number = request.number, .err = ERR_INVALID};
        if (request.what == POT_WISH_STATE)
            answer.err = tell_state(mqtt, &answer);
        else if (pot_request_is_sound(&request))
            answer.err = obey(mqtt, &request, &answer);
        if (send(SERVER_FD, &answer, sizeof(answer), MSG_NOSIGNAL) != (ssize_t)sizeof(answer))
            return;
    }
}

int main(int argc, char **argv)
{
    static struct mqtt mqtt;
    struct mqtt_pot pot;

    if (argc != ARGUMENTS || strcmp(argv[1], "--serve") != 0) {
        fputs("samovar-mqtt is started by samovar, for a pot that is reached by an MQTT broker.\n", stderr);
        return 2;
    }
    pot = (struct mqtt_pot){.name = argv[2],
                            .broker = argv[3],
                            .topic = argv[4],
                            .discovery = argv[5],
                            .login = argv[6],
                            .password_file = argv[7],
                            .broker_ca = argv[8],
                            .patience_ms = (uint32_t)strtoul(argv[9], NULL, 10)};
    signal(SIGPIPE, SIG_IGN);
    if (!mqtt_begin(&mqtt, &pot))
        return 1;
    obey_all(&mqtt);
    _exit(0); /* the thread has nothing to finish */
}
