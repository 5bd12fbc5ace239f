/*
 * kit.c - see kit.h. One failure and one argv are remembered.
 */
#include "kit.h"

#include <stdlib.h>

static char why_text[1024], argv_text[1024];

const char *kit_why(void)
{
    return why_text;
}

const char *kit_argv(void)
{
    return argv_text;
}

static void remember(enum err err, struct buf *why)
{
    snprintf(why_text, sizeof(why_text), "%s", buf_str(why));
    CHECK((err == ERR_NONE) == (why->len == 0));
    buf_release(why);
}

struct invocation kit_args(const char *line)
{
    char words[1024], *argv[64] = {NULL};
    size_t lens[64], total;
    struct buf why = BUF_INIT(1024);
    struct invocation got;
    int argc = 0;
    char *save;

    snprintf(words, sizeof(words), "samovar %s", line);
    for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        lens[argc] = strlen(word);
        argv[argc++] = word;
    }
    remember(conf_from_args(argc, argv, &got, &why), &why);
    total = (size_t)(argv[argc - 1] - words) + lens[argc - 1];
    for (size_t i = 0; i < total; i++)
        argv_text[i] = words[i] ? words[i] : '.';
    argv_text[total] = '\0';
    return got;
}

struct conf *kit_text(const char *text)
{
    struct buf why = BUF_INIT(1024);
    struct conf *conf;

    remember(conf_from_text(slice_str(text), "/etc/t.conf", "/etc", &conf, &why), &why);
    return conf;
}
