/*
 * test_props.c - properties and traits: what is kept, in which order, how much, and how long.
 */
#include "folder.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "idrecord.h"
#include "propset.h"

static struct prop_edit set(const char *local, const char *value)
{
    return (struct prop_edit){.space = SLICE("urn:x"), .local = slice_str(local), .xml = slice_str(value)};
}

static struct prop_edit removal(const char *local)
{
    return (struct prop_edit){.space = SLICE("urn:x"), .local = slice_str(local), .is_removal = true};
}

static enum err patch(struct folder *folder, const char *path, const struct prop_edit *edits, unsigned count)
{
    role_assert_worker();
    return store_patch(folder->store, path_of(path), edits, count, NULL, no_guard, NULL);
}

static void patch_one(struct folder *folder, const char *path, struct prop_edit edit)
{
    CHECK_INT(patch(folder, path, &edit, 1), ERR_NONE);
}

/* "{space}local=value " of each; static memory. */
static const char *props_of(struct folder *folder, const char *path)
{
    static char text[4096];
    struct arena arena = {0};
    struct property *props;
    unsigned count;
    size_t len = 0;

    role_assert_worker();
    text[0] = '\0';
    CHECK_INT(store_props(folder->store, path_of(path), &arena, &props, &count), ERR_NONE);
    for (unsigned i = 0; i < count && len < sizeof(text); i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "{%.*s}%.*s=%.*s ", SLICE_FMT(props[i].space),
                                SLICE_FMT(props[i].local), SLICE_FMT(props[i].xml));
    arena_release(&arena);
    return text;
}

static void start(struct folder *folder)
{
    folder_make(folder);
    mkdirat(folder->fd, "d", 0755);
    folder_write(folder, "d/f", "one");
    folder_serve(folder, NULL);
}

TEST(props__are_given_in_order_of_namespace_and_name)
{
    struct folder folder;
    struct prop_edit edits[] = {set("b", "2"), set("a", "1"), set("c", "3"), {.local = SLICE("z"), .xml = SLICE("0")}};

    start(&folder);
    CHECK_STR(props_of(&folder, "d/f"), "");
    CHECK_INT(patch(&folder, "d/f", edits, 4), ERR_NONE);
    CHECK_STR(props_of(&folder, "d/f"), "{}z=0 {urn:x}a=1 {urn:x}b=2 {urn:x}c=3 ");
    CHECK_STR(props_of(&folder, "d"), "");
    folder_remove(&folder);
}

TEST(props__edits_take_effect_in_their_order)
{
    struct folder folder;
    struct prop_edit edits[] = {set("a", "1"), removal("a"), set("b", "1"), set("b", "2"), removal("c"), set("c", "3")};

    start(&folder);
    CHECK_INT(patch(&folder, "d/f", edits, 6), ERR_NONE);
    CHECK_STR(props_of(&folder, "d/f"), "{urn:x}b=2 {urn:x}c=3 ");
    patch_one(&folder, "d/f", removal("nothing"));
    patch_one(&folder, "d/f", removal("b"));
    CHECK_STR(props_of(&folder, "d/f"), "{urn:x}c=3 ");
    folder_remove(&folder);
}

TEST(props__removing_what_is_not_there_records_nothing)
{
    struct folder folder;
    unsigned char id[16], parent[16] = {0};
    struct meta *meta;
    struct name_record record;

    start(&folder);
    patch_one(&folder, "d/f", removal("a"));
    meta = records_find(folder.store);
    memcpy(parent, folder.store->site_id, sizeof(id));
    CHECK(!meta || name_record_get(meta, parent, SLICE("d"), &record) == ERR_MISSING);
    folder_remove(&folder);
}

TEST(props__a_long_name_and_its_neighbour_are_two)
{
    struct folder folder;
    char name[PROP_NAME_MAX + 1];
    struct prop_edit edit = set("", "long");

    start(&folder);
    memset(name, 'n', sizeof(name));
    edit.local = slice_of(name, PROP_NAME_MAX - edit.space.len);
    patch_one(&folder, "d/f", edit);
    edit.local.len--;
    edit.xml = SLICE("shorter");
    patch_one(&folder, "d/f", edit);
    CHECK_INT(strlen(props_of(&folder, "d/f")), 2 * PROP_NAME_MAX - 1 + strlen("{}=long {}=shorter "));
    edit.local.len += 2;
    CHECK_INT(patch(&folder, "d/f", &edit, 1), ERR_TOO_LARGE);
    folder_remove(&folder);
}

TEST(props__limits_are_kept_and_nothing_is_done_past_them)
{
    static struct prop_edit edits[PROPS_COUNT_MAX + 1];
    static char names[PROPS_COUNT_MAX + 1][16];
    char *large = calloc(1, PROP_VALUE_MAX + 1);
    struct folder folder;
    unsigned count;
    uint64_t bytes;
    unsigned char id[16];

    role_assert_worker();
    start(&folder);
    for (int i = 0; i <= PROPS_COUNT_MAX; i++) {
        snprintf(names[i], sizeof(names[i]), "n%d", i);
        edits[i] = set(names[i], "v");
    }
    CHECK_INT(patch(&folder, "d/f", edits, PROPS_COUNT_MAX + 1), ERR_TOO_LARGE);
    CHECK_STR(props_of(&folder, "d/f"), "");
    CHECK_INT(patch(&folder, "d/f", edits, PROPS_COUNT_MAX), ERR_NONE);
    CHECK_INT(patch(&folder, "d/f", &edits[PROPS_COUNT_MAX], 1), ERR_TOO_LARGE);
    patch_one(&folder, "d/f", edits[0]); /* one that is there may be changed */
    CHECK_INT(store_id(folder.store, path_of("d/f"), id), ERR_NONE);
    CHECK_INT(propset_size(folder.store, records_find(folder.store), id, &count, &bytes), ERR_NONE);
    CHECK_INT(count, PROPS_COUNT_MAX);

    memset(large, 'v', PROP_VALUE_MAX + 1);
    edits[0].xml = slice_of(large, PROP_VALUE_MAX + 1);
    CHECK_INT(patch(&folder, "d", edits, 1), ERR_TOO_LARGE);
    for (unsigned i = 0; i < PROPS_TOTAL_MAX / PROP_VALUE_MAX; i++)
        edits[i].xml = slice_of(large, PROP_VALUE_MAX);
    CHECK_INT(patch(&folder, "d", edits, PROPS_TOTAL_MAX / PROP_VALUE_MAX), ERR_TOO_LARGE);
    CHECK_INT(patch(&folder, "d", edits, PROPS_TOTAL_MAX / PROP_VALUE_MAX - 1), ERR_NONE);
    free(large);
    folder_remove(&folder);
}

static bool never(void *arg, const struct facts *now, struct write_locks *locks)
{
    return false;
}

TEST(props__a_guard_that_does_not_hold_changes_nothing)
{
    struct folder folder;
    struct prop_edit edit = set("a", "1");
    struct guard guard = {.holds = never};

    role_assert_worker();
    start(&folder);
    CHECK_INT(store_patch(folder.store, path_of("d/f"), &edit, 1, NULL, guard, NULL), ERR_REFUSED);
    CHECK_INT(store_patch(folder.store, path_of(""), &edit, 1, NULL, guard, NULL), ERR_REFUSED);
    CHECK_STR(props_of(&folder, "d/f"), "");
    CHECK_STR(props_of(&folder, ""), "");
    CHECK_INT(patch(&folder, "d/nothing", &edit, 1), ERR_MISSING);
    CHECK_INT(patch(&folder, "no/where", &edit, 1), ERR_PARENT);
    folder_remove(&folder);
}

TEST(props__of_folders_and_of_the_root_outlive_a_restart)
{
    struct folder folder;

    start(&folder);
    patch_one(&folder, "", set("root", "r"));
    patch_one(&folder, "d", set("folder", "d"));
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK_STR(props_of(&folder, ""), "{urn:x}root=r ");
    CHECK_STR(props_of(&folder, "d"), "{urn:x}folder=d ");
    folder_remove(&folder);
}

TEST(props__stay_when_the_content_is_replaced_by_anyone)
{
    struct folder folder;

    start(&folder);
    patch_one(&folder, "d/f", set("a", "1"));
    CHECK_INT(put(&folder, "d/f", "two", no_guard, NULL), ERR_NONE);
    CHECK_STR(props_of(&folder, "d/f"), "{urn:x}a=1 ");
    folder_write(&folder, "saving", "three"); /* as savers do */
    CHECK_INT(renameat(folder.fd, "saving", folder.fd, "d/f"), 0);
    CHECK_STR(props_of(&folder, "d/f"), "{urn:x}a=1 ");
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK_STR(props_of(&folder, "d/f"), "{urn:x}a=1 ");
    folder_remove(&folder);
}

TEST(props__follow_what_others_rename)
{
    struct folder folder;

    start(&folder);
    if (!folder.store->has_btime) {
        folder_remove(&folder);
        SKIP();
    }
    patch_one(&folder, "d/f", set("a", "1"));
    CHECK_INT(renameat(folder.fd, "d", folder.fd, "e"), 0);
    CHECK_STR(props_of(&folder, "e/f"), "{urn:x}a=1 ");
    CHECK_INT(renameat(folder.fd, "e/f", folder.fd, "g"), 0);
    CHECK_STR(props_of(&folder, "g"), "{urn:x}a=1 ");
    folder_write(&folder, "e/f", "another");
    CHECK_STR(props_of(&folder, "e/f"), "");
    folder_remove(&folder);
}

/* Same names, other inodes: as a backup that is put back. */
TEST(props__are_found_by_names_in_a_restored_tree)
{
    struct folder folder;
    char command[2048];

    start(&folder);
    patch_one(&folder, "d/f", set("a", "1"));
    folder_stop(&folder);
    snprintf(command, sizeof(command), "cp -a '%s' '%s.copy' && rm -rf '%s' && mv '%s.copy' '%s'", folder.path,
             folder.path, folder.path, folder.path, folder.path);
    CHECK_INT(system(command), 0);
    close(folder.fd);
    folder.fd = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    folder_serve(&folder, NULL);
    CHECK_STR(props_of(&folder, "d/f"), "{urn:x}a=1 ");
    folder_remove(&folder);
}

TEST(props__reading_them_records_nothing)
{
    struct folder folder;

    start(&folder);
    CHECK_STR(props_of(&folder, "d/f"), "");
    CHECK_STR(props_of(&folder, ""), "");
    CHECK_INT(folder_count(&folder, "."), 1);
    folder_remove(&folder);
}

TEST(props__are_not_for_a_read_only_site)
{
    struct folder folder;
    struct store_options options = {.read_only = true};
    struct prop_edit edit = set("a", "1");

    start(&folder);
    patch_one(&folder, "d/f", edit);
    folder_stop(&folder);
    folder_serve(&folder, &options);
    CHECK_STR(props_of(&folder, "d/f"), "{urn:x}a=1 ");
    CHECK_INT(patch(&folder, "d/f", &edit, 1), ERR_READ_ONLY);
    folder_remove(&folder);
}

/* Several at once on one resource: each one's change is in the end. */
struct worker {
    pthread_t thread;
    struct folder *folder;
    char name[8];
};

static void *patch_often(void *arg)
{
    struct worker *worker = arg;

    role_take(ROLE_WORKER, "patcher");
    for (int i = 0; i < 20; i++)
        patch_one(worker->folder, "d/f", set(worker->name, "last"));
    return NULL;
}

TEST(props__changes_at_the_same_time_are_all_made)
{
    struct worker workers[4];
    struct folder folder;

    start(&folder);
    for (int i = 0; i < 4; i++) {
        workers[i].folder = &folder;
        snprintf(workers[i].name, sizeof(workers[i].name), "w%d", i);
        CHECK_INT(pthread_create(&workers[i].thread, NULL, patch_often, &workers[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(workers[i].thread, NULL);
    CHECK_STR(props_of(&folder, "d/f"), "{urn:x}w0=last {urn:x}w1=last {urn:x}w2=last {urn:x}w3=last ");
    folder_remove(&folder);
}

/* What COPY and DELETE need. */
TEST(propset__is_copied_and_dropped_whole)
{
    static const unsigned char other[16] = "another-identity";
    struct folder folder;
    struct changes changes = {0};
    struct arena arena = {0};
    struct slice type = SLICE("text/x");
    struct trait_edits edits = {.type = &type, .executable = -1};
    struct property *props;
    struct traits traits;
    unsigned char id[16];
    unsigned count;
    uint64_t bytes;
    struct meta *meta;

    role_assert_worker();
    start(&folder);
    CHECK_INT(store_patch(folder.store, path_of("d/f"), (struct prop_edit[]){set("a", "1"), set("b", "2")}, 2, &edits,
                          no_guard, NULL),
              ERR_NONE);
    meta = records_find(folder.store);
    CHECK_INT(store_id(folder.store, path_of("d/f"), id), ERR_NONE);
    CHECK_INT(propset_copy(folder.store, meta, id, other, SLICE_NONE, SLICE_NONE, &changes), ERR_NONE);
    CHECK_INT(changes_commit(&changes, meta), ERR_NONE);
    changes_release(&changes);
    CHECK_INT(propset_read(folder.store, meta, other, &arena, &props, &count), ERR_NONE);
    CHECK_INT(count, 2);
    CHECK_SLICE(props[1].xml, "2");
    CHECK_INT(traits_read(folder.store, meta, other, SLICE_NONE, &arena, &traits), ERR_NONE);
    CHECK_SLICE(traits.type, "text/x");

    CHECK_INT(propset_drop(folder.store, meta, id, &changes), ERR_NONE);
    CHECK_INT(changes_commit(&changes, meta), ERR_NONE);
    changes_release(&changes);
    CHECK_STR(props_of(&folder, "d/f"), "");
    CHECK_INT(propset_size(folder.store, meta, other, &count, &bytes), ERR_NONE);
    CHECK_INT(count, 2);
    arena_release(&arena);
    folder_remove(&folder);
}

static void traits_of(struct folder *folder, const char *path, struct arena *arena, struct traits *traits)
{
    struct facts facts;

    role_assert_worker();
    CHECK_INT(store_find(folder->store, path_of(path), &facts), ERR_NONE);
    CHECK_INT(store_traits(folder->store, path_of(path), &facts, arena, traits), ERR_NONE);
}

static void trait(struct folder *folder, const char *path, const struct trait_edits *edits, enum err want)
{
    role_assert_worker();
    CHECK_INT(store_patch(folder->store, path_of(path), NULL, 0, edits, no_guard, NULL), want);
}

TEST(traits__are_kept_and_each_goes_by_itself)
{
    struct folder folder;
    struct arena arena = {0};
    struct slice type = SLICE("text/x"), language = SLICE("de"), none = SLICE_NONE;
    struct traits traits;

    start(&folder);
    CHECK_FALSE(store_has_traits(folder.store));
    traits_of(&folder, "d/f", &arena, &traits);
    CHECK_SLICE(traits.type, "");
    trait(&folder, "d/f", &(struct trait_edits){.type = &type, .language = &language, .executable = -1}, ERR_NONE);
    CHECK(store_has_traits(folder.store));
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK(store_has_traits(folder.store));
    traits_of(&folder, "d/f", &arena, &traits);
    CHECK_SLICE(traits.type, "text/x");
    CHECK_SLICE(traits.language, "de");
    trait(&folder, "d/f", &(struct trait_edits){.type = &none, .executable = -1}, ERR_NONE);
    traits_of(&folder, "d/f", &arena, &traits);
    CHECK_SLICE(traits.type, "");
    CHECK_SLICE(traits.language, "de");
    trait(&folder, "d/f", &(struct trait_edits){.language = &none, .executable = -1}, ERR_NONE);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK_FALSE(store_has_traits(folder.store));
    arena_release(&arena);
    folder_remove(&folder);
}

TEST(traits__checksums_are_those_of_one_content)
{
    struct folder folder;
    struct arena arena = {0};
    struct changes changes = {0};
    struct identity identity;
    struct traits traits;
    struct owner owner;
    bool is_quiet;

    role_assert_worker();
    start(&folder);
    CHECK_INT(put(&folder, "d/f", "two", no_guard, NULL), ERR_NONE);
    CHECK_INT(owner_find(folder.store, path_of("d/f"), true, &owner), ERR_NONE);
    identity = owner.identity;
    CHECK_INT(traits_put(folder.store, records_find(folder.store), identity.id, &SLICE_NONE, SLICE("MD5:abc"),
                         facts_tag(&owner.facts), &changes, &is_quiet),
              ERR_NONE);
    CHECK(is_quiet);
    owner_release(&owner);
    CHECK_INT(changes_commit(&changes, records_find(folder.store)), ERR_NONE);
    changes_release(&changes);
    traits_of(&folder, "d/f", &arena, &traits);
    CHECK_SLICE(traits.checksums, "MD5:abc");
    folder_write(&folder, "d/f", "changed by others");
    traits_of(&folder, "d/f", &arena, &traits);
    CHECK_SLICE(traits.checksums, "");
    arena_release(&arena);
    folder_remove(&folder);
}

TEST(traits__a_floor_belongs_to_the_url)
{
    struct folder folder;
    struct arena arena = {0};
    struct changes changes = {0};
    struct traits traits;
    struct owner owner;
    struct meta *meta;

    role_assert_worker();
    start(&folder);
    CHECK_INT(put(&folder, "d/f", "two", no_guard, NULL), ERR_NONE);
    meta = records_find(folder.store);
    CHECK_INT(owner_find(folder.store, path_of("d/f"), true, &owner), ERR_NONE);
    floor_set(folder.store, meta, owner.identity.parent, SLICE("f"), 1000, 900, &changes);
    CHECK_INT(changes_commit(&changes, meta), ERR_NONE);
    changes_release(&changes);
    traits_of(&folder, "d/f", &arena, &traits);
    CHECK_INT(traits.floor_s, 1001);
    CHECK_INT(put(&folder, "d/f", "three", no_guard, NULL), ERR_NONE);
    traits_of(&folder, "d/f", &arena, &traits);
    CHECK_INT(traits.floor_s, 1001);
    floor_set(folder.store, meta, owner.identity.parent, SLICE("f"), 1001, 1002, &changes); /* later by itself */
    CHECK_INT(changes_commit(&changes, meta), ERR_NONE);
    changes_release(&changes);
    owner_release(&owner);
    traits_of(&folder, "d/f", &arena, &traits);
    CHECK_INT(traits.floor_s, 0);
    arena_release(&arena);
    folder_remove(&folder);
}

TEST(traits__the_x_bit_is_the_file_systems)
{
    struct folder folder;
    struct stat got;

    start(&folder);
    CHECK_INT(fchmodat(folder.fd, "d/f", 0640, 0), 0);
    trait(&folder, "d/f", &(struct trait_edits){.executable = 1}, ERR_NONE);
    CHECK_INT(fstatat(folder.fd, "d/f", &got, 0), 0);
    CHECK_INT(got.st_mode & 07777, 0750);
    trait(&folder, "d/f", &(struct trait_edits){.executable = 0}, ERR_NONE);
    CHECK_INT(fstatat(folder.fd, "d/f", &got, 0), 0);
    CHECK_INT(got.st_mode & 07777, 0640);
    trait(&folder, "d", &(struct trait_edits){.executable = 0}, ERR_INVALID);
    folder_remove(&folder);
}

/* All or none: what cannot be recorded takes the mode back. */
TEST(traits__a_failed_change_leaves_the_mode)
{
    struct folder folder;
    struct stat got;
    char value[TRAIT_TEXT_MAX + 1];
    struct slice type = {value, sizeof(value)};

    start(&folder);
    memset(value, 't', sizeof(value));
    trait(&folder, "d/f", &(struct trait_edits){.type = &type, .executable = 1}, ERR_TOO_LARGE);
    CHECK_INT(fstatat(folder.fd, "d/f", &got, 0), 0);
    CHECK_INT(got.st_mode & 0111, 0);
    folder_remove(&folder);
}

TEST(traits__caches_hear_of_a_change)
{
    struct folder folder;
    struct slice type = SLICE("text/x");
    char path[512], events[1024];
    int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    start(&folder);
    snprintf(path, sizeof(path), "%s/d/f", folder.path);
    CHECK(inotify_add_watch(inotify, path, IN_ATTRIB) >= 0);
    patch_one(&folder, "d/f", set("a", "1"));
    CHECK(read(inotify, events, sizeof(events)) < 0);
    trait(&folder, "d/f", &(struct trait_edits){.type = &type, .executable = -1}, ERR_NONE);
    CHECK(!folder.store->reports_changes || read(inotify, events, sizeof(events)) > 0);
    close(inotify);
    folder_remove(&folder);
}
