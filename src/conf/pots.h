/*
 * pots.h - what a site's blocks `pot "NAME" { ... }` say. Part of conf/conf.h.
 */
#ifndef CONF_POTS_H
#define CONF_POTS_H

#include <stdbool.h>

#include "base/slice.h"
#include "http/additions.h"

/* Each pot with a driver has a process of its own; a site is a kitchen, no factory. */
enum { POTS_MAX = 16, TEAS_MAX = 16, POT_NAME_MAX = 64, CONSENSUS_MAX = 32, POT_WORDS_MAX = 16 };

/* A block `tea "NAME"` of a pot. */
struct tea_conf {
    struct slice name;
    uint32_t steeping_ms;              /* until the strength that is recommended */
    unsigned consensus[CONSENSUS_MAX]; /* bits 1 << enum addition: who asks for all of one is told what others think */
    unsigned consensus_count;
    bool is_out;
};

struct pot_conf {
    struct slice name;
    enum { POT_BREWS_COFFEE, POT_BREWS_TEA, POT_BREWS_BOTH } brews;
    unsigned additions; /* that it has; bits 1 << enum addition */
    uint32_t heating_ms, brewing_ms, pouring_ms;
    uint32_t milk_ml;   /* of one portion, which takes pouring_ms */
    bool is_coffee_out; /* there is none for now */
    uint32_t retry_s;   /* after which who found none may ask again */
    struct tea_conf *teas;
    unsigned tea_count;
    enum { POT_SIMULATED, POT_COMMAND, POT_MQTT } driver;
    const char *command[POT_WORDS_MAX + 1]; /* a program, absolute, and its first arguments; NULL behind the last */
    unsigned command_count;
    uint32_t answer_ms;        /* that its program, or the broker, has to answer */
    const char *broker;        /* mqtt://HOST:PORT or mqtts://...; NULL: none */
    const char *topic;         /* below which its topics are; NULL: none */
    const char *login;         /* to the broker; NULL: without */
    const char *password_file; /* NULL: without */
    const char *broker_ca;     /* who vouches for it; NULL: those whom the system trusts */
    const char *discovery;     /* topic below which it is announced; "": it is not */
};

static inline bool pot_brews_coffee(const struct pot_conf *pot)
{
    return pot->brews != POT_BREWS_TEA;
}

static inline bool pot_brews_tea(const struct pot_conf *pot)
{
    return pot->brews != POT_BREWS_COFFEE;
}

/* What is at a path of a site that has pots. */
struct pot_place {
    enum {
        POT_NOWHERE,    /* none of it is about pots */
        POT_COLLECTION, /* all of them */
        POT_ITSELF,
        POT_TEA,     /* a variety, at its pot or at the collection: then of the first pot that has it */
        POT_UNKNOWN, /* below the collection, and no pot or tea of this name */
    } kind;
    const struct pot_conf *pot;
    const struct tea_conf *tea;
};

#endif
