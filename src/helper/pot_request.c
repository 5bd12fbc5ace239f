/*
 * pot_request.c - what a request may hold: words that become arguments, or parts of JSON, are words and nothing more.
 */
#include <string.h>

#include "helper/pot.h"

static bool is_words(const char *text, size_t room)
{
    size_t len = strnlen(text, room);

    for (size_t i = 0; i < len; i++)
        if (!ascii_is_digit(text[i]) && !(ascii_lower(text[i]) >= 'a' && ascii_lower(text[i]) <= 'z') &&
            !strchr("-_.= ", text[i]))
            return false;
    return len < room && text[0] != '-';
}

bool pot_request_is_sound(const struct pot_request *request)
{
    return request->what >= POT_WISH_START && request->what <= POT_WISH_WHEN &&
           is_words(request->tea, sizeof(request->tea)) && is_words(request->recipe, sizeof(request->recipe));
}
