/*
 * driver.c - an order passed on to the process that talks to the pot.
 *
 * One that is silent holds up who asks for as long as it was given, and then nobody for a while: what waits behind it
 * is answered at once, with the same.
 */
#include "base/clock.h"
#include "helper/pot.h"
#include "pot_private.h"

enum { MUTE_MS = 5000 };

static void recipe_words(const struct recipe *recipe, char room[POT_RECIPE_MAX])
{
    struct buf out = BUF_INIT(POT_RECIPE_MAX - 1);

    for (unsigned i = 0; i < ADDITION_COUNT; i++)
        if (recipe->portions[i])
            buf_printf(&out, "%s%.*s=%u", out.len ? " " : "", SLICE_FMT(addition_name(i)), recipe->portions[i]);
    memcpy(room, buf_str(&out), out.len + 1);
    buf_release(&out);
}

static struct pot_request request_of(struct driver *driver, enum pot_order order, const struct brew *brew)
{
    struct pot_request request = {.number = ++driver->number,
                                  .what = order == POT_START  ? POT_WISH_START
                                          : order == POT_STOP ? POT_WISH_STOP
                                                              : POT_WISH_WHEN};

    if (order == POT_START) {
        memcpy(request.tea, brew->tea, sizeof(brew->tea));
        recipe_words(&brew->recipe, request.recipe);
    }
    return request;
}

enum err driver_hear(struct driver *driver, char word[16])
{
    struct pot_request request = {.what = POT_WISH_STATE, .number = ++driver->number};
    struct pot_answer answer;
    enum err err;

    word[0] = '\0';
    if (!driver->hears)
        return ERR_NONE;
    err = pot_ask(driver->fd, &request, 0, &answer);
    if (err == ERR_NONE)
        memcpy(word, answer.state, sizeof(answer.state));
    return err;
}

enum err driver_tell(struct driver *driver, enum pot_order order, const struct brew *brew)
{
    struct pot_request request;
    struct pot_answer answer;
    enum err err;

    driver->said[0] = '\0';
    if (driver->fd < 0)
        return ERR_NONE;
    if (clock_mono_ms() < driver->mute_until_ms)
        return ERR_IO;
    request = request_of(driver, order, brew);
    err = pot_ask(driver->fd, &request, driver->patience_ms, &answer);
    if (err != ERR_NONE && err != ERR_CLOSED) /* that it is not there is known at once, and so is that it came back */
        driver->mute_until_ms = clock_mono_ms() + MUTE_MS;
    snprintf(driver->said, sizeof(driver->said), "%s", err ? answer.text[0] ? answer.text : "it does not answer" : "");
    return err;
}
