/*
 * test_processing.c - a client that waits is told so, and nobody is who does not understand it.
 */
#include <unistd.h>

#include "asked.h"
#include "rounds.h"

enum { ENOUGH = 3 };

static struct told {
    unsigned count, answers;
    int status;
} told;

static void tell(struct exchange *ex, int status)
{
    (void)ex;
    told.count++;
    told.status = status;
}

static const struct wire wire = {.version = "HTTP/1.1", .interim = tell};

struct scene {
    struct loop *loop;
    struct conf *conf;
    struct exchange *ex;
};

static struct scene scene_begin(const char *fields, uint32_t every_ms)
{
    struct scene scene = {.loop = loop_new(), .conf = conf_of_site("")};
    char text[300];

    role_assert_loop();
    snprintf(text, sizeof(text), "COPY /a HTTP/1.1\r\nHost: localhost\r\n%s\r\n", fields);
    scene.conf->limits.processing_ms = every_ms;
    scene.ex = asked(scene.loop, scene.conf, text);
    scene.ex->wire = &wire;
    scene.ex->wire_owner = &told;
    told = (struct told){0};
    return scene;
}

static void scene_end(struct scene *scene)
{
    conf_unref(scene->conf);
    loop_free(scene->loop);
}

static bool is_told_enough(void *arg)
{
    (void)arg;
    return told.count >= ENOUGH;
}

static struct timer later;
static bool is_later;

static void pass(struct timer *timer)
{
    (void)timer;
    is_later = true;
}

static bool has_passed(void *arg)
{
    (void)arg;
    return is_later;
}

/* Long enough for several of the timer's rounds. */
static void wait_a_while(struct loop *loop)
{
    role_assert_loop();
    is_later = false;
    later = (struct timer){.fire = pass};
    timer_set(loop, &later, 600);
    CHECK(rounds_until(loop, has_passed, NULL));
}

TEST(processing__is_said_again_and_again_until_the_end)
{
    struct scene scene = scene_begin("", 10);

    role_assert_loop();
    exchange_processing(scene.ex);
    CHECK_INT(told.count, 0);
    CHECK(rounds_until(scene.loop, is_told_enough, NULL));
    CHECK_INT(told.status, 102);
    CHECK_FALSE(exchange_is_left(&scene.ex->is_left));
    exchange_end(scene.ex);
    told.count = 0;
    wait_a_while(scene.loop);
    CHECK_INT(told.count, 0);
    scene_end(&scene);
}

TEST(processing__is_not_said_once_the_answer_has_begun)
{
    struct scene scene = scene_begin("", 10);

    role_assert_loop();
    exchange_processing(scene.ex);
    exchange_state(scene.ex, EXCH_ANSWERED);
    wait_a_while(scene.loop);
    CHECK_INT(told.count, 0);
    exchange_end(scene.ex);
    scene_end(&scene);
}

TEST(processing__is_never_said_where_it_is_switched_off)
{
    struct scene scene = scene_begin("", 0);

    role_assert_loop();
    exchange_processing(scene.ex);
    wait_a_while(scene.loop);
    CHECK_INT(told.count, 0);
    exchange_end(scene.ex);
    scene_end(&scene);
}

static bool is_promised(const char *agent)
{
    char field[100];
    struct scene scene;
    bool is_set;

    role_assert_loop();
    snprintf(field, sizeof(field), "User-Agent: %s\r\n", agent);
    scene = scene_begin(field, 10);
    exchange_processing(scene.ex);
    is_set = link_is_listed(&scene.ex->processing.link);
    exchange_end(scene.ex);
    scene_end(&scene);
    return is_set;
}

TEST(processing__is_kept_from_those_who_take_it_for_the_answer)
{
    CHECK(is_promised("curl/7.88.1"));
    CHECK(is_promised("Wget/1.21.3"));
    CHECK_FALSE(is_promised("python-requests/2.28.1"));
    CHECK_FALSE(is_promised("Python-urllib/3.11"));
    CHECK_FALSE(is_promised("python-webdavclient3/3.14"));
    CHECK_FALSE(is_promised("Wget2/1.99.1"));
    CHECK_FALSE(is_promised("wget2/1.99.1"));
}

static void act(struct job *job)
{
    role_assert_worker();
    usleep(5000);
    (void)job;
}

static bool is_home, was_left;
static struct exchange *whose;

static void done(struct job *job)
{
    role_assert_loop();
    was_left = exchange_is_left(&whose->is_left);
    is_home = true;
    exchange_home(whose, job);
}

static bool is_back(void *arg)
{
    (void)arg;
    return is_home;
}

TEST(exchange__a_job_sees_that_its_client_has_left)
{
    static struct job job = {.act = act, .done = done};
    struct scene scene = scene_begin("", 10);
    struct pool *pool = rounds_pool();

    role_assert_loop();
    whose = scene.ex;
    scene.ex->pool = pool;
    exchange_submit(scene.ex, LANE_QUICK, &job);
    CHECK_FALSE(exchange_is_left(&scene.ex->is_left));
    exchange_end(scene.ex);
    CHECK(exchange_is_left(&scene.ex->is_left)); /* kept for its job */
    CHECK(rounds_until(scene.loop, is_back, NULL));
    CHECK(was_left);
    pool_free(pool);
    scene_end(&scene);
}
