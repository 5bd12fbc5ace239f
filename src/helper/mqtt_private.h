/*
 * mqtt_private.h - the inside of samovar-mqtt, which talks to one pot by an MQTT broker.
 *
 * Below the pot's topic T: T/set takes ON, OFF and WHEN; T/brew has what is to be brewed, as JSON, and is retained;
 * T/state is what the pot says of itself, T/availability whether it is there (online, offline). Those are the topics
 * that users of Home Assistant know, and it is told of them by its own kind of announcement.
 */
#ifndef HELPER_MQTT_PRIVATE_H
#define HELPER_MQTT_PRIVATE_H

#include <mosquitto.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "helper/pot.h"

/* As given on the command line; "" for what is not. */
struct mqtt_pot {
    const char *name, *broker, *topic, *discovery, *login, *password_file, *broker_ca;
    uint32_t patience_ms;
};

struct mqtt {
    const struct mqtt_pot *pot;
    struct mosquitto *client;
    char host[256];
    int port;
    bool is_tls;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what is below */
    pthread_cond_t changed;
    bool is_connected, is_online;
    unsigned heard; /* how often the pot said its state */
    char state[sizeof(((struct pot_answer *)NULL)->state)];
};

/* ---- mqtt_talk.c: the connection, on a thread of its own; it is made again and again ---- */

/* False: the arguments make no sense, or memory is out; told on standard error. */
bool mqtt_begin(struct mqtt *mqtt, const struct mqtt_pot *pot);
/* At least once, and awaited by nobody. */
bool mqtt_say(struct mqtt *mqtt, const char *below, const char *text, bool is_retained);

/* ---- mqtt_announce.c: texts ---- */

/* Told to Home Assistant when a connection begins. */
void mqtt_announce(struct mqtt *mqtt);
/* What is to be brewed, as JSON. */
void mqtt_order_text(const struct pot_request *request, struct buf *out);

#endif
