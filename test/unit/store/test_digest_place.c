/*
 * test_digest_place.c - where contents were that clients have as dictionaries.
 */
#include "folder.h"

#include <string.h>

#include "core.h"
#include "store/digest.h"

static void digest_of(unsigned number, unsigned char digest[SHA256_LEN])
{
    memset(digest, 0, SHA256_LEN);
    digest[0] = (unsigned char)(number * 37); /* not in the order of their coming */
    memcpy(digest + 1, &number, sizeof(number));
}

static void note(struct folder *folder, unsigned number, const char *path)
{
    unsigned char digest[SHA256_LEN];

    role_assert_worker();
    digest_of(number, digest);
    store_dictionary_note(folder->store, digest, path_of(path));
}

/* "(missing)" without. Static memory. */
static const char *place_of(struct folder *folder, unsigned number)
{
    static char text[64];
    unsigned char digest[SHA256_LEN];
    struct arena arena = {0};
    struct rpath path;

    role_assert_worker();
    digest_of(number, digest);
    strcpy(text, "(missing)");
    if (store_dictionary_find(folder->store, digest, &arena, &path) == ERR_NONE) {
        memcpy(text, path.text.ptr, path.text.len);
        text[path.text.len] = '\0';
    }
    arena_release(&arena);
    return text;
}

static void serve(struct folder *folder)
{
    folder_make(folder);
    folder_serve(folder, NULL);
}

TEST(dictionary__is_found_where_it_was_noted_last_until_it_is_forgotten)
{
    unsigned char digest[SHA256_LEN];
    struct folder folder;

    serve(&folder);
    CHECK_STR(place_of(&folder, 1), "(missing)");
    note(&folder, 1, "a");
    note(&folder, 2, "b");
    CHECK_STR(place_of(&folder, 1), "a");
    note(&folder, 1, "c/d");
    CHECK_STR(place_of(&folder, 1), "c/d");
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK_STR(place_of(&folder, 1), "c/d");
    role_assert_worker();
    digest_of(1, digest);
    store_dictionary_forget(folder.store, digest);
    CHECK_STR(place_of(&folder, 1), "(missing)");
    CHECK_STR(place_of(&folder, 2), "b");
    folder_remove(&folder);
}

static unsigned known_of(struct folder *folder, unsigned count)
{
    unsigned known = 0;

    for (unsigned i = 0; i < count; i++)
        known += strcmp(place_of(folder, i), "(missing)") != 0;
    return known;
}

TEST(dictionary__places_are_bounded_over_restarts_too)
{
    struct folder folder;
    unsigned known;

    serve(&folder);
    folder.store->dictionaries.most = 64;
    for (unsigned i = 0; i < 300; i++) {
        note(&folder, i, "a");
        CHECK_STR(place_of(&folder, i), "a"); /* what comes is there, whatever goes */
    }
    known = known_of(&folder, 300);
    CHECK(known <= 64 && known >= 40);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    folder.store->dictionaries.most = 16;
    note(&folder, 1000, "b");
    CHECK_STR(place_of(&folder, 1000), "b");
    CHECK(known_of(&folder, 300) <= 16);
    folder_remove(&folder);
}
