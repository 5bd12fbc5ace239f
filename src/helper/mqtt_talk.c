/*
 * mqtt_talk.c - the connection to the broker, and what comes over it.
 *
 * It is made by a thread of its own, again and again, with a pause that grows: a broker that is restarted, or was not
 * there yet, is nobody's concern. What the pot said is forgotten with the connection; retained messages say it anew.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "mqtt_private.h"

enum {
    KEEPALIVE_S = 15, /* a broker that is gone is found out after half as much again */
    LOOP_MS = 500,
    PAUSE_LEAST_MS = 200,
    PAUSE_MOST_MS = 10000,
    PASSWORD_MAX = 1024,
    TOPIC_ROOM = 256,
};

/* ---- what comes ---- */

static void on_connect(struct mosquitto *client, void *arg, int code)
{
    struct mqtt *mqtt = arg;
    char topic[TOPIC_ROOM];

    if (code)
        return;
    snprintf(topic, sizeof(topic), "%s/availability", mqtt->pot->topic);
    mosquitto_subscribe(client, NULL, topic, 1);
    snprintf(topic, sizeof(topic), "%s/state", mqtt->pot->topic);
    mosquitto_subscribe(client, NULL, topic, 1);
    mqtt_announce(mqtt);
    pthread_mutex_lock(&mqtt->mutex);
    mqtt->is_connected = true;
    pthread_mutex_unlock(&mqtt->mutex);
}

static void forget(struct mqtt *mqtt)
{
    pthread_mutex_lock(&mqtt->mutex);
    mqtt->is_connected = mqtt->is_online = false;
    mqtt->state[0] = '\0';
    pthread_cond_broadcast(&mqtt->changed);
    pthread_mutex_unlock(&mqtt->mutex);
}

static void take_state(struct mqtt *mqtt, const char *text, size_t len)
{
    if (len >= sizeof(mqtt->state) || memchr(text, '\0', len))
        len = 0; /* no word that means anything */
    memcpy(mqtt->state, text, len);
    mqtt->state[len] = '\0';
    mqtt->heard++;
}

static void on_message(struct mosquitto *client, void *arg, const struct mosquitto_message *message)
{
    struct mqtt *mqtt = arg;
    size_t below = strlen(mqtt->pot->topic) + 1, len = (size_t)message->payloadlen;
    const char *text = len ? message->payload : "";

    if (strlen(message->topic) <= below)
        return;
    pthread_mutex_lock(&mqtt->mutex);
    if (strcmp(message->topic + below, "state") == 0)
        take_state(mqtt, text, len);
    else
        mqtt->is_online = len == strlen("online") && strncasecmp(text, "online", len) == 0;
    pthread_cond_broadcast(&mqtt->changed);
    pthread_mutex_unlock(&mqtt->mutex);
}

bool mqtt_say(struct mqtt *mqtt, const char *below, const char *text, bool is_retained)
{
    char topic[TOPIC_ROOM];

    snprintf(topic, sizeof(topic), "%s/%s", mqtt->pot->topic, below);
    return mosquitto_publish(mqtt->client, NULL, topic, (int)strlen(text), text, 1, is_retained) == MOSQ_ERR_SUCCESS;
}

/* ---- the connection ---- */

static void pause_for(unsigned ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000}, NULL);
}

static void *keep_connected(void *arg)
{
    struct mqtt *mqtt = arg;
    unsigned pause_ms = PAUSE_LEAST_MS;

    for (;;) {
        int code = mosquitto_connect(mqtt->client, mqtt->host, mqtt->port, KEEPALIVE_S);
        bool was_connected;

        while (code == MOSQ_ERR_SUCCESS)
            code = mosquitto_loop(mqtt->client, LOOP_MS, 1);
        pthread_mutex_lock(&mqtt->mutex);
        was_connected = mqtt->is_connected;
        pthread_mutex_unlock(&mqtt->mutex);
        forget(mqtt);
        pause_ms = was_connected ? PAUSE_LEAST_MS : pause_ms * 2 < PAUSE_MOST_MS ? pause_ms * 2 : PAUSE_MOST_MS;
        pause_for(pause_ms);
    }
    return NULL;
}

/* mqtt://HOST[:PORT], mqtts://...; conf/ has looked at it. */
static bool broker_read(struct mqtt *mqtt)
{
    const char *text = mqtt->pot->broker, *host = strstr(text, "://"), *end;
    char *port = NULL;

    if (!host)
        return false;
    mqtt->is_tls = strncmp(text, "mqtts:", 6) == 0;
    mqtt->port = mqtt->is_tls ? 8883 : 1883;
    host += 3;
    end = *host == '[' ? strchr(host, ']') : strchr(host, ':');
    if (*host == '[') {
        if (!end)
            return false;
        host++;
    }
    if (!end)
        end = host + strlen(host);
    if ((size_t)(end - host) >= sizeof(mqtt->host))
        return false;
    snprintf(mqtt->host, sizeof(mqtt->host), "%.*s", (int)(end - host), host);
    end += *end == ']';
    if (*end == ':')
        mqtt->port = (int)strtol(end + 1, &port, 10);
    return mqtt->host[0] && mqtt->port > 0 && mqtt->port <= 65535;
}

/* Its first line. */
static bool password_read(const char *path, char room[PASSWORD_MAX])
{
    FILE *in = fopen(path, "re");

    room[0] = '\0';
    if (!in) {
        fprintf(stderr, "samovar-mqtt: %s cannot be read: %s\n", path, strerror(errno));
        return false;
    }
    if (!fgets(room, PASSWORD_MAX, in))
        room[0] = '\0';
    fclose(in);
    room[strcspn(room, "\r\n")] = '\0';
    return true;
}

static bool log_in(struct mqtt *mqtt)
{
    const struct mqtt_pot *pot = mqtt->pot;
    char password[PASSWORD_MAX] = "";
    bool is_good = !pot->password_file[0] || password_read(pot->password_file, password);

    if (is_good && pot->login[0])
        is_good = mosquitto_username_pw_set(mqtt->client, pot->login, pot->password_file[0] ? password : NULL) ==
                  MOSQ_ERR_SUCCESS;
    explicit_bzero(password, sizeof(password));
    return is_good;
}

/* A broker that shows no certificate for its name is no broker of ours. */
static bool use_tls(struct mqtt *mqtt)
{
    const char *ca = mqtt->pot->broker_ca;

    return mosquitto_tls_set(mqtt->client, ca[0] ? ca : NULL, ca[0] ? NULL : "/etc/ssl/certs", NULL, NULL, NULL) ==
           MOSQ_ERR_SUCCESS;
}

static bool set_up(struct mqtt *mqtt)
{
    mqtt->client = mosquitto_new(NULL, true, mqtt); /* a name of its own: a successor may be there as well */
    if (!mqtt->client || !log_in(mqtt))
        return false;
    if (mqtt->is_tls && !use_tls(mqtt))
        return false;
    mosquitto_threaded_set(mqtt->client, true);
    mosquitto_connect_callback_set(mqtt->client, on_connect);
    mosquitto_message_callback_set(mqtt->client, on_message);
    return true;
}

bool mqtt_begin(struct mqtt *mqtt, const struct mqtt_pot *pot)
{
    pthread_condattr_t clock;

    *mqtt = (struct mqtt){.pot = pot};
    pthread_mutex_init(&mqtt->mutex, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&mqtt->changed, &clock);
    pthread_condattr_destroy(&clock);
    if (!broker_read(mqtt) || mosquitto_lib_init() != MOSQ_ERR_SUCCESS || !set_up(mqtt)) {
        fprintf(stderr, "samovar-mqtt: pot %s: the broker's address or login cannot be used\n", pot->name);
        return false;
    }
    return pthread_create(&mqtt->thread, NULL, keep_connected, mqtt) == 0;
}
