/*
 * test_exchange.c - an exchange's states, its job, its end, and the answer that it carries.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "asked.h"
#include "rounds.h"

static const char request[] = "GET /a HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nX-One: 1\r\n\r\n";

/* ---- states ---- */

/* What a child does is no trouble of ours: true if it ended by abort(). */
static bool aborts(void (*act)(struct exchange *, int), struct exchange *ex, int arg)
{
    static const struct rlimit no_core = {0, 0};
    int status;
    pid_t child = fork();

    CHECK(child >= 0);
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL); /* the test library would take it for its own */
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        act(ex, arg);
        _exit(0);
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void change_state(struct exchange *ex, int state)
{
    role_assert_loop();
    exchange_state(ex, (enum exchange_state)state);
}

#define MAY(state) (1u << (state))

/* Everything may end at once or be answered before it is; the way forward is one. */
static const unsigned may_follow[EXCH_STATES] = {
    [EXCH_NEW] = MAY(EXCH_JUDGED) | MAY(EXCH_ANSWERED) | MAY(EXCH_DONE),
    [EXCH_JUDGED] = MAY(EXCH_PLANNED) | MAY(EXCH_ANSWERED) | MAY(EXCH_DONE),
    [EXCH_PLANNED] = MAY(EXCH_ACTING) | MAY(EXCH_RECEIVING) | MAY(EXCH_ANSWERED) | MAY(EXCH_DONE),
    [EXCH_ACTING] = MAY(EXCH_RECEIVING) | MAY(EXCH_ANSWERED) | MAY(EXCH_DONE),
    [EXCH_RECEIVING] = MAY(EXCH_ACTING) | MAY(EXCH_ANSWERED) | MAY(EXCH_DONE),
    [EXCH_ANSWERED] = MAY(EXCH_DONE),
    [EXCH_DONE] = 0,
};

TEST(exchange__allowed_successors_work_and_all_others_abort)
{
    struct exchange ex = {0};

    for (int from = 0; from < EXCH_STATES; from++)
        for (int to = 0; to < EXCH_STATES; to++) {
            bool is_allowed = may_follow[from] & MAY(to);

            ex.state = (enum exchange_state)from;
            if (aborts(change_state, &ex, to) == is_allowed)
                fail_msg("%s -> %s", exchange_state_name((enum exchange_state)from),
                         exchange_state_name((enum exchange_state)to));
        }
}

TEST(exchange__a_change_of_state_shows)
{
    struct exchange ex = {0};

    role_assert_loop();
    exchange_state(&ex, EXCH_JUDGED);
    CHECK_INT(ex.state, EXCH_JUDGED);
    CHECK_STR(exchange_state_name(ex.state), "judged");
    for (int i = 0; i < EXCH_STATES; i++)
        assert_non_null(exchange_state_name((enum exchange_state)i));
}

/* ---- its making ---- */

TEST(exchange__keeps_the_head_when_the_bytes_it_was_read_from_are_gone)
{
    struct loop *loop = loop_new();
    struct conf *conf = conf_of_site("");
    char *text = strdup(request);
    struct exchange *ex = asked(loop, conf, text);

    role_assert_loop();
    memset(text, 'X', strlen(text));
    free(text);
    CHECK_SLICE(ex->head.method_text, "GET");
    CHECK_SLICE(ex->head.target, "/a");
    CHECK_INT(ex->head.field_count, 3);
    CHECK_SLICE(head_value(&ex->head, FIELD_ACCEPT), "text/html");
    CHECK_SLICE(ex->head.fields[2].name, "X-One");
    CHECK_INT(ex->answer.content.fd, -1);
    exchange_end(ex);
    conf_unref(conf);
    loop_free(loop);
}

TEST(exchange__holds_its_configuration_and_has_a_number_of_its_own)
{
    struct loop *loop = loop_new();
    struct conf *conf = conf_of_site("");
    struct exchange *a = asked(loop, conf, request), *b = asked(loop, conf, request);

    role_assert_loop();
    CHECK_INT(atomic_load(&conf->refs), 3);
    CHECK(b->id > a->id);
    exchange_end(a);
    exchange_end(b);
    CHECK_INT(atomic_load(&conf->refs), 1);
    conf_unref(conf);
    loop_free(loop);
}

/* ---- its job and its end ---- */

struct errand {
    struct job job;
    struct exchange *ex;
    char *made; /* by the worker, in the job's arena */
    bool is_home, was_wanted;
    bool ends_first; /* the client leaves while the worker is at it */
    unsigned let_go, let_go_when_home, released, closed;
};
static struct errand *now;

static void errand_act(struct job *job)
{
    struct errand *errand = CONTAINER(job, struct errand, job);

    role_assert_worker();
    usleep(5000);
    errand->made = arena_str(&job->arena, SLICE("made by a worker"));
}

static void errand_done(struct job *job)
{
    struct errand *errand = CONTAINER(job, struct errand, job);

    role_assert_loop();
    errand->is_home = true;
    errand->was_wanted = exchange_home(errand->ex, job);
}

static void errand_let_go(struct exchange *ex)
{
    (void)ex;
    now->let_go++;
    now->let_go_when_home += now->is_home;
}

static void errand_release(struct exchange *ex)
{
    (void)ex;
    now->released++;
}

static void content_close(struct content *content)
{
    CHECK(content->context == now);
    now->closed++;
}

static const struct content_ops content_ops = {.close = content_close};

static bool is_errand_home(void *arg)
{
    (void)arg;
    return now->is_home;
}

struct scene {
    struct loop *loop;
    struct pool *pool;
    struct conf *conf;
    struct errand errand;
};

static struct exchange *scene_begin(struct scene *scene)
{
    struct exchange *ex;

    *scene = (struct scene){.loop = loop_new(), .pool = rounds_pool(), .conf = conf_of_site("")};
    ex = asked(scene->loop, scene->conf, request);
    now = &scene->errand;
    now->ex = ex;
    now->job = (struct job){.act = errand_act, .done = errand_done};
    ex->pool = scene->pool;
    ex->wire_owner = scene;
    ex->let_go = errand_let_go;
    ex->method_release = errand_release;
    ex->answer.content = (struct content){.fd = -1, .ops = &content_ops, .context = now};
    return ex;
}

static void scene_end(struct scene *scene)
{
    pool_free(scene->pool);
    conf_unref(scene->conf);
    loop_free(scene->loop);
}

TEST(exchange__adopts_the_arena_of_a_job_that_came_home)
{
    struct scene scene;
    struct exchange *ex = scene_begin(&scene);
    size_t before = ex->arena.total;

    role_assert_loop();
    exchange_submit(ex, LANE_QUICK, &now->job);
    CHECK(ex->job == &now->job);
    CHECK(now->job.home == scene.loop);
    CHECK(rounds_until(scene.loop, is_errand_home, NULL));
    CHECK(now->was_wanted);
    assert_null(ex->job);
    CHECK(ex->arena.total > before);
    assert_null(now->job.arena.blocks);
    CHECK_STR(now->made, "made by a worker");
    exchange_end(ex);
    CHECK_INT(now->let_go, 1);
    scene_end(&scene);
}

TEST(exchange__abandoned_waits_for_its_job_and_goes_when_it_is_home)
{
    struct scene scene;
    struct exchange *ex = scene_begin(&scene);

    role_assert_loop();
    exchange_submit(ex, LANE_QUICK, &now->job);
    exchange_end(ex);
    CHECK_INT(now->let_go, 0);
    CHECK_INT(ex->state, EXCH_DONE); /* it is still there */
    CHECK(rounds_until(scene.loop, is_errand_home, NULL));
    CHECK_FALSE(now->was_wanted);
    CHECK_INT(now->let_go, 1);
    CHECK_INT(now->let_go_when_home, 1);
    CHECK_INT(now->released, 1);
    CHECK_INT(now->closed, 1);
    CHECK_INT(atomic_load(&scene.conf->refs), 1);
    scene_end(&scene);
}

TEST(exchange__its_end_gives_back_everything_once)
{
    struct scene scene;
    struct exchange *ex = scene_begin(&scene);
    struct link list;

    role_assert_loop();
    list_init(&list);
    list_append(&list, &ex->link);
    buf_add_str(&ex->intake.bytes, "what came of a body");
    exchange_end(ex);
    CHECK_INT(now->let_go, 1);
    CHECK_INT(now->released, 1);
    CHECK_INT(now->closed, 1);
    CHECK(list_is_empty(&list));
    scene_end(&scene);
}

static void submit_again(struct exchange *ex, int arg)
{
    struct job second = {0};

    (void)arg;
    role_assert_loop();
    exchange_submit(ex, LANE_QUICK, &second);
}

static void home_another(struct exchange *ex, int arg)
{
    struct job second = {0};

    (void)arg;
    role_assert_loop();
    exchange_home(ex, &second);
}

TEST(exchange__has_one_job_at_a_time)
{
    struct job first = {0};
    struct exchange ex = {.job = &first};

    CHECK(aborts(submit_again, &ex, 0));
    CHECK(aborts(home_another, &ex, 0));
}

/* ---- answers ---- */

TEST(answer__grows_with_its_fields_and_keeps_their_order)
{
    struct arena arena = {0};
    struct answer answer = {0};

    for (unsigned i = 0; i < 200; i++)
        answer_field(&arena, &answer, arena_printf(&arena, "N%u", i), arena_printf(&arena, "v%u", i));
    CHECK_INT(answer.field_count, 200);
    for (unsigned i = 0; i < 200; i++) {
        char name[8], value[8];

        snprintf(name, sizeof(name), "N%u", i);
        snprintf(value, sizeof(value), "v%u", i);
        CHECK_SLICE(answer.fields[i].name, name);
        CHECK_SLICE(answer.fields[i].value, value);
    }
    arena_release(&arena);
}

TEST(answer__bytes_are_one_piece_without_a_file)
{
    struct arena arena = {0};
    struct answer answer = {0};

    answer_bytes(&arena, &answer, SLICE("text/plain"), SLICE("hello"));
    CHECK_INT(answer.content.kind, CONTENT_PIECES);
    CHECK_INT(answer.content.length, 5);
    CHECK_INT(answer.content.piece_count, 1);
    CHECK_SLICE(answer.content.pieces[0].bytes, "hello");
    CHECK_INT(answer.content.pieces[0].len, 0);
    CHECK_INT(answer.content.fd, -1);
    CHECK_INT(answer.field_count, 1);
    CHECK_SLICE(answer.fields[0].name, "Content-Type");
    answer_close(&answer); /* nothing to give back */
    arena_release(&arena);
}

TEST(answer__closing_twice_gives_back_once)
{
    struct errand errand = {0};
    struct answer answer = {.content = {.fd = -1, .ops = &content_ops, .context = &errand}};

    now = &errand;
    answer_close(&answer);
    answer_close(&answer);
    CHECK_INT(errand.closed, 1);
    CHECK_INT(answer.content.kind, CONTENT_EMPTY);
}
