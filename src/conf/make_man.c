/*
 * make_man.c - prints a manual page; run by the build, not installed. Argument: 1 or 5.
 */
#include <stdlib.h>

#include "conf/conf.h"

int main(int argc, char **argv)
{
    int section = argc == 2 ? atoi(argv[1]) : 0;

    if (section != 1 && section != 5)
        return 2;
    conf_man(stdout, section);
    return fflush(stdout) ? 1 : 0;
}
