/*
 * replay.c - main() of the corpus programs: feeds each file of the given folders to the fuzz target once.
 *
 * A property that does not hold ends the program by its assert; the file's name was printed before.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT_MAX = 4 << 20 };

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data;
    size_t len;

    if (!file)
        return -1;
    data = malloc(INPUT_MAX);
    len = data ? fread(data, 1, INPUT_MAX, file) : 0;
    fclose(file);
    printf("%s\n", path);
    fflush(stdout);
    /* A copy of the exact size, so that a sanitizer sees a read past the end. */
    uint8_t *exact = malloc(len ? len : 1);
    if (data && exact) {
        __builtin_memcpy(exact, data, len);
        LLVMFuzzerTestOneInput(exact, len);
    }
    free(exact);
    free(data);
    return 0;
}

static unsigned replay_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    unsigned count = 0;
    char path[4096];

    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        count += replay_file(path) == 0;
    }
    if (dir)
        closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    unsigned count = 0;

    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int at = 1; at < argc; at++)
        count += replay_folder(argv[at]);
    printf("%u inputs\n", count);
    return count ? 0 : 1; /* an empty corpus proves nothing */
}
