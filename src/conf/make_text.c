/*
 * make_text.c - prints a manual page or a shell's completion; run by the build, not installed.
 *
 * Argument: 1, 5, 7 or 8, or bash, zsh or fish.
 */
#include <string.h>

#include "conf/conf.h"

int main(int argc, char **argv)
{
    static const char *const shells[] = {[SHELL_BASH] = "bash", [SHELL_ZSH] = "zsh", [SHELL_FISH] = "fish"};
    const char *what = argc == 2 ? argv[1] : "";
    bool is_known = strlen(what) == 1 && strchr("1578", what[0]);

    if (is_known)
        conf_man(stdout, what[0] - '0');
    for (unsigned i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
        if (strcmp(what, shells[i]) != 0)
            continue;
        conf_completion(stdout, (enum shell)i);
        is_known = true;
    }
    return !is_known ? 2 : fflush(stdout) ? 1 : 0;
}
