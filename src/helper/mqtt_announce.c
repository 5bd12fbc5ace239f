/*
 * mqtt_announce.c - what is published beside orders: announcements in Home Assistant's form, and what is to be brewed.
 *
 * A pot is a switch that is on while it is busy, and a sensor with the word that it says. Names and topics are of
 * characters that need no escape in JSON: conf/ sees to it.
 */
#include <stdio.h>
#include <string.h>

#include "mqtt_private.h"

enum { TEXT_MAX = 2048, ID_MAX = 256 };

/* A topic as part of another: unlike any other pot's. */
static void id_of(const struct mqtt_pot *pot, char id[ID_MAX])
{
    snprintf(id, ID_MAX, "samovar_%s", pot->topic);
    for (char *c = id; *c; c++)
        if (!ascii_is_digit(*c) && !(ascii_lower(*c) >= 'a' && ascii_lower(*c) <= 'z') && *c != '-')
            *c = '_';
}

static void add_common(struct buf *out, const struct mqtt_pot *pot, const char *id)
{
    buf_printf(out,
               "\"availability_topic\":\"%s/availability\",\"payload_available\":\"online\","
               "\"payload_not_available\":\"offline\",\"device\":{\"identifiers\":[\"%s\"],\"name\":\"%s\","
               "\"manufacturer\":\"Samovar\"}}",
               pot->topic, id, pot->name);
}

static void publish(struct mqtt *mqtt, const char *kind, const char *id, const char *suffix, struct buf *text)
{
    char topic[ID_MAX * 2];

    snprintf(topic, sizeof(topic), "%s/%s/%s%s/config", mqtt->pot->discovery, kind, id, suffix);
    mosquitto_publish(mqtt->client, NULL, topic, (int)text->len, buf_str(text), 1, true);
    buf_clear(text);
}

void mqtt_announce(struct mqtt *mqtt)
{
    const struct mqtt_pot *pot = mqtt->pot;
    struct buf text = BUF_INIT(TEXT_MAX);
    char id[ID_MAX];

    if (!pot->discovery[0])
        return;
    id_of(pot, id);
    buf_printf(
        &text,
        "{\"name\":\"%s\",\"unique_id\":\"%s\",\"object_id\":\"%s\",\"icon\":\"mdi:coffee-maker\","
        "\"command_topic\":\"%s/set\",\"payload_on\":\"ON\",\"payload_off\":\"OFF\",\"state_topic\":\"%s/state\","
        "\"state_on\":\"ON\",\"state_off\":\"OFF\","
        "\"value_template\":\"{{ 'ON' if value in ['ON','heating','brewing','pouring'] else 'OFF' }}\","
        "\"json_attributes_topic\":\"%s/brew\",",
        pot->name, id, id, pot->topic, pot->topic, pot->topic);
    add_common(&text, pot, id);
    publish(mqtt, "switch", id, "", &text);
    buf_printf(&text,
               "{\"name\":\"%s state\",\"unique_id\":\"%s_state\",\"object_id\":\"%s_state\",\"icon\":\"mdi:coffee\","
               "\"state_topic\":\"%s/state\",",
               pot->name, id, id, pot->topic);
    add_common(&text, pot, id);
    publish(mqtt, "sensor", id, "_state", &text);
    buf_release(&text);
}

void mqtt_order_text(const struct pot_request *request, struct buf *out)
{
    char recipe[POT_RECIPE_MAX], *rest = NULL;
    unsigned count = 0;

    memcpy(recipe, request->recipe, sizeof(recipe));
    buf_printf(out, "{\"beverage\":\"%s\"", request->tea[0] ? "tea" : "coffee");
    if (request->tea[0])
        buf_printf(out, ",\"variety\":\"%s\"", request->tea);
    buf_add_str(out, ",\"additions\":{");
    for (char *word = strtok_r(recipe, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');

        if (!value)
            continue;
        *value++ = '\0';
        buf_printf(out, "%s\"%s\":%s", count++ ? "," : "", word, value);
    }
    buf_add_str(out, "}}");
}
