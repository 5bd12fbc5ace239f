/*
 * test_guess.c - wrong claims slow down where they come from, and nobody else.
 */
#include "../../../src/auth/guess.h"

#include "check.h"

static struct users *make_users(void)
{
    struct inline_user list[] = {{SLICE("ann"), SLICE("pw")}};
    struct site site = {.users = list, .user_count = 1};
    struct buf why = BUF_INIT(500);
    struct users *users = users_load(&site, &why);

    CHECK(users != NULL);
    return users;
}

struct scene {
    struct auth_memory *memory;
    struct users *users;
};

static struct scene scene_new(void)
{
    return (struct scene){auth_memory_new(), make_users()};
}

static void scene_end(struct scene *scene)
{
    users_unref(scene->users);
    auth_memory_free(scene->memory);
}

static struct attempt attempt(const struct scene *scene, const char *peer, const char *name, const char *password)
{
    struct credentials cred = {.name = slice_str(name), .password = slice_str(password)};

    return attempt_of(scene->memory, scene->users, slice_str(peer), &cred);
}

static unsigned wait_of(const struct scene *scene, const char *peer, const char *name, uint64_t now_ms)
{
    struct attempt it = attempt(scene, peer, name, "x");

    return attempt_wait_at(scene->memory, &it, now_ms);
}

static void tell(const struct scene *scene, const char *peer, const char *name, enum auth_result result, unsigned times,
                 uint64_t now_ms)
{
    struct attempt it = attempt(scene, peer, name, "x");

    for (unsigned i = 0; i < times; i++)
        attempt_told_at(scene->memory, &it, result, now_ms);
}

TEST(guess__some_mistakes_are_free_and_then_each_takes_its_time)
{
    struct scene scene = scene_new();

    tell(&scene, "192.0.2.1", "ann", AUTH_WRONG, GUESS_NAME_BURST - 1, 5000);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "ann", 5000), 0);
    tell(&scene, "192.0.2.1", "ann", AUTH_WRONG, 1, 5000);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "ann", 5000), GUESS_NAME_MS / 1000);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "ann", 5000 + GUESS_NAME_MS - 1), 1);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "ann", 5000 + GUESS_NAME_MS), 0);
    tell(&scene, "192.0.2.1", "ann", AUTH_WRONG, 1, 5000 + GUESS_NAME_MS);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "ann", 5000 + GUESS_NAME_MS), GUESS_NAME_MS / 1000);
    scene_end(&scene);
}

TEST(guess__a_flood_under_way_makes_nobody_wait_longer)
{
    struct scene scene = scene_new();

    tell(&scene, "192.0.2.1", "ann", AUTH_WRONG, 1000, 5000);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "ann", 5000), GUESS_NAME_MS / 1000);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "ann", 5000 + GUESS_NAME_MS), 0);
    scene_end(&scene);
}

TEST(guess__others_go_on)
{
    struct scene scene = scene_new();

    tell(&scene, "192.0.2.1", "ann", AUTH_WRONG, GUESS_NAME_BURST, 5000);
    CHECK(wait_of(&scene, "192.0.2.1", "ann", 5000) > 0);
    CHECK_INT(wait_of(&scene, "192.0.2.2", "ann", 5000), 0);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "bob", 5000), 0);
    scene_end(&scene);
}

TEST(guess__many_names_of_one_address_are_slowed_down_too)
{
    struct scene scene = scene_new();
    char name[20];

    for (int i = 0; i < GUESS_ADDRESS_BURST; i++) {
        snprintf(name, sizeof(name), "user%d", i);
        tell(&scene, "192.0.2.1", name, AUTH_WRONG, 1, 5000);
    }
    CHECK_INT(wait_of(&scene, "192.0.2.1", "another", 5000), GUESS_ADDRESS_MS / 1000);
    CHECK_INT(wait_of(&scene, "192.0.2.2", "another", 5000), 0);
    scene_end(&scene);
}

TEST(guess__who_logged_in_from_there_is_not_slowed_down_by_his_neighbours)
{
    struct scene scene = scene_new();

    tell(&scene, "192.0.2.1", "ann", AUTH_OK, 1, 4000);
    tell(&scene, "192.0.2.1", "", AUTH_WRONG, GUESS_ADDRESS_BURST, 5000);
    CHECK(wait_of(&scene, "192.0.2.1", "bob", 5000) > 0);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "ann", 5000), 0);
    scene_end(&scene);
}

TEST(guess__the_right_password_forgives_the_wrong_ones)
{
    struct scene scene = scene_new();

    tell(&scene, "192.0.2.1", "ann", AUTH_WRONG, GUESS_NAME_BURST - 1, 5000);
    tell(&scene, "192.0.2.1", "ann", AUTH_OK, 1, 5000);
    tell(&scene, "192.0.2.1", "ann", AUTH_WRONG, GUESS_NAME_BURST - 1, 5000);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "ann", 5000), 0);
    scene_end(&scene);
}

TEST(guess__only_wrong_ones_count)
{
    struct scene scene = scene_new();

    tell(&scene, "192.0.2.1", "ann", AUTH_STALE, 1000, 5000);
    tell(&scene, "192.0.2.1", "ann", AUTH_MISPLACED, 1000, 5000);
    tell(&scene, "192.0.2.1", "ann", AUTH_UNDECIDED, 1000, 5000);
    tell(&scene, "192.0.2.1", "ann", AUTH_SLOWED, 1000, 5000);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "ann", 5000), 0);
    scene_end(&scene);
}

TEST(guess__tokens_are_not_guessed_and_never_wait)
{
    struct scene scene = scene_new();
    struct credentials cred = {.scheme = AUTH_BEARER, .token = SLICE("a.b.c")};
    struct attempt token = attempt_of(scene.memory, scene.users, SLICE("192.0.2.1"), &cred);

    for (int i = 0; i < 2 * GUESS_ADDRESS_BURST; i++) /* a program whose token has expired */
        attempt_told_at(scene.memory, &token, AUTH_WRONG, 5000);
    CHECK_INT(wait_of(&scene, "192.0.2.1", "ann", 5000), 0);
    tell(&scene, "192.0.2.1", "ann", AUTH_WRONG, 2 * GUESS_ADDRESS_BURST, 5000);
    CHECK_INT(attempt_wait_at(scene.memory, &token, 5000), 0);
    scene_end(&scene);
}

TEST(guess__a_network_of_64_bits_is_one_client)
{
    struct scene scene = scene_new();

    tell(&scene, "2001:db8:1:2::1", "ann", AUTH_WRONG, GUESS_NAME_BURST, 5000);
    CHECK(wait_of(&scene, "2001:db8:1:2:ffff::2", "ann", 5000) > 0);
    CHECK_INT(wait_of(&scene, "2001:db8:1:3::1", "ann", 5000), 0);
    tell(&scene, "::ffff:192.0.2.1", "ann", AUTH_WRONG, GUESS_NAME_BURST, 5000);
    CHECK_INT(wait_of(&scene, "::ffff:192.0.2.2", "ann", 5000),
              0); /* v4 in another dress: not all of it is one client */
    scene_end(&scene);
}

TEST(guess__few_claims_of_one_address_are_with_workers)
{
    struct scene scene = scene_new();
    struct attempt list[GUESS_AT_ONCE_MAX + 1], other = attempt(&scene, "192.0.2.2", "ann", "x");
    char password[20];

    for (int i = 0; i <= GUESS_AT_ONCE_MAX; i++) {
        snprintf(password, sizeof(password), "%d", i);
        list[i] = attempt(&scene, "192.0.2.1", "ann", password);
        CHECK_INT(attempt_enter(scene.memory, &list[i]), i < GUESS_AT_ONCE_MAX);
    }
    CHECK(attempt_enter(scene.memory, &list[0])); /* the same one again is no other */
    CHECK(attempt_enter(scene.memory, &other));
    attempt_leave(scene.memory, &list[0]);
    CHECK_FALSE(attempt_enter(scene.memory, &list[GUESS_AT_ONCE_MAX])); /* it is still there once */
    attempt_leave(scene.memory, &list[0]);
    CHECK(attempt_enter(scene.memory, &list[GUESS_AT_ONCE_MAX]));
    scene_end(&scene);
}

TEST(guess__worker_does_not_judge_what_was_sent_before_it_was_known_to_be_a_flood)
{
    struct scene scene = scene_new();
    struct credentials cred = {.scheme = AUTH_BASIC, .name = SLICE("ann"), .password = SLICE("no")};
    struct attempt it = attempt_of(scene.memory, scene.users, SLICE("192.0.2.1"), &cred);
    struct arena arena = {0};
    struct login login;
    int wrong = 0, slowed = 0;

    role_take(ROLE_ANY, "test");
    role_assert_worker();
    for (int i = 0; i < 2 * GUESS_NAME_BURST; i++) {
        enum auth_result result;

        CHECK(attempt_enter(scene.memory, &it));
        result = auth_verify(scene.memory, scene.users, &cred, &it, &arena, &login);
        wrong += result == AUTH_WRONG;
        slowed += result == AUTH_SLOWED;
    }
    CHECK(wrong >= GUESS_NAME_BURST && slowed > 0); /* the clock goes on meanwhile */
    CHECK_INT(wrong + slowed, 2 * GUESS_NAME_BURST);
    scene_end(&scene);
    arena_release(&arena);
}
