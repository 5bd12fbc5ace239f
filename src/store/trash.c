/*
 * trash.c - emptying the trash, a slice at a time.
 *
 * Each entry is a file (folders come with their DELETE). What the system does not let us unlink stays. Only
 * what was there at start is the keeper's: what is put there now is still being compared with what was
 * judged, and may have to go back.
 */
#include "trash.h"

#include <dirent.h>
#include <fcntl.h>

enum { SLICE_ENTRIES = 1000 };

/* ID.SEQUENCE, with a sequence of an earlier run. */
bool name_is_left_over(const struct store *store, const char *name)
{
    struct slice id, sequence;
    uint64_t number;

    return !slice_cut(slice_str(name), '.', &id, &sequence) || !slice_u64(sequence, &number) ||
           number < store->first_sequence;
}

bool trash_empty_some(void *arg)
{
    struct store *store = arg;
    int copy = -1;
    DIR *list;
    unsigned seen = 0, gone = 0;

    if (!atomic_load(&store->state.is_made))
        return false;
    copy = openat(store->state.trash, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    list = copy < 0 ? NULL : fdopendir(copy);
    if (!list) {
        fd_close(&copy);
        return false;
    }
    for (struct dirent *at; seen < SLICE_ENTRIES && (at = readdir(list));) {
        if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0 || !name_is_left_over(store, at->d_name))
            continue;
        seen++;
        gone += unlinkat(store->state.trash, at->d_name, 0) == 0;
    }
    closedir(list);
    return seen == SLICE_ENTRIES && gone > 0;
}
