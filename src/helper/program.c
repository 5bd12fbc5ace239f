/*
 * program.c - see program.h.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

const char *program_find(const char *name, char room[PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", room, PATH_MAX - strlen(name) - 1);
    char *slash;

    room[len > 0 ? len : 0] = '\0';
    slash = strrchr(room, '/');
    if (slash) {
        memcpy(slash + 1, name, strlen(name) + 1); /* there is room for it */
        if (access(room, X_OK) == 0)
            return room;
    }
    snprintf(room, PATH_MAX, "%s/%s", SAMOVAR_LIBEXEC, name);
    return room;
}
