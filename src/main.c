/*
 * main.c - options read, privileges dropped, the sandbox entered, and then the server runs.
 *
 * The order matters: sockets and log first (they may need root), then the user to run as, then the folders,
 * then the sandbox, then threads.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "base/trace.h"
#include "cli/cli.h"
#include "cli/privilege.h"
#include "cli/sandbox.h"
#include "client/client.h"
#include "conf/conf.h"
#include "gate/gate.h"
#include "net/net.h"
#include "serve/serve.h"
#include "survey/survey.h"

enum { EXIT_USAGE = 2, LINE_MAX_BYTES = 16 * 1024 };

static void say(const char *line)
{
    printf("%s\n", line);
    fflush(stdout);
}

static int complain(const struct buf *why, int status)
{
    fprintf(stderr, "samovar: %.*s\n", SLICE_FMT(buf_slice(why)));
    return status;
}

static enum err become_less(const struct conf *conf, struct buf *why)
{
    return privilege_drop(conf->run_as, why);
}

static enum err confine(const struct conf *conf)
{
    struct sandbox_options options = {0};
    struct buf report = BUF_INIT(LINE_MAX_BYTES);
    enum err err;

    sandbox_options_init(&options, conf);
    err = sandbox_enter(&options, &report);
    if (report.len)
        say(buf_str(&report));
    sandbox_options_release(&options);
    buf_release(&report);
    return err;
}

static int serve(struct conf *conf)
{
    struct buf why = BUF_INIT(LINE_MAX_BYTES);
    struct server *server = NULL;
    int status;

    if (conf->trace && !trace_enable(slice_str(conf->trace))) {
        fprintf(stderr, "samovar: --trace: unknown area in \"%s\"\n", conf->trace);
        return EXIT_USAGE;
    }
    privilege_raise_files();
    if (server_open(conf, become_less, say, &server, &why)) {
        status = complain(&why, EXIT_FAILURE);
    } else {
        status = confine(conf) ? EXIT_FAILURE : server_run(server);
        server_close(server);
    }
    buf_release(&why);
    return status;
}

static bool check_maps(const struct conf *conf)
{
    enum { TEXT_MAX = 256 * 1024 };
    struct buf text = BUF_INIT(TEXT_MAX);
    bool is_good = check_config_maps(conf, &text);

    fwrite(buf_str(&text), 1, text.len, is_good ? stdout : stderr);
    buf_release(&text);
    return is_good;
}

/* The configuration is read by now; its users files, certificates and countries are looked into as well. */
static int check_config(const struct conf *conf, struct buf *why)
{
    struct tls *tls;

    if (tls_load(conf, NULL, say, &tls, why))
        return complain(why, EXIT_USAGE);
    tls_unref(tls);
    if (conf->country_database) {
        struct countries *countries = countries_open(conf->country_database, why);

        if (!countries)
            return complain(why, EXIT_USAGE);
        countries_close(countries);
    }
    for (unsigned i = 0; i < conf->site_count; i++) {
        struct users *users = users_load(&conf->sites[i], why);

        if (!users)
            return complain(why, EXIT_USAGE);
        users_tell_strangers(users, &conf->sites[i], say);
        users_unref(users);
    }
    if (!check_maps(conf))
        return EXIT_FAILURE;
    printf("%s: ok\n", conf->file);
    return EXIT_SUCCESS;
}

static int transfer(const struct transfer_order *order)
{
    return transfer_command(&(struct transfer){.is_put = order->is_put,
                                               .url = order->url,
                                               .file = order->file,
                                               .login = order->login,
                                               .ca_file = order->ca_file,
                                               .is_insecure = order->is_insecure,
                                               .is_forced = order->is_forced,
                                               .is_quiet = order->is_quiet,
                                               .is_whole = order->is_whole});
}

static int brew(const struct brew_order *order)
{
    return brew_command(&(struct brew_wish){.url = order->url,
                                            .tea = order->tea,
                                            .additions = (const char *const *)order->additions,
                                            .addition_count = order->addition_count,
                                            .is_stop = order->is_stop,
                                            .is_when = order->is_when,
                                            .login = order->login,
                                            .ca_file = order->ca_file,
                                            .is_insecure = order->is_insecure,
                                            .is_quiet = order->is_quiet});
}

static int serve_config(const char *config)
{
    char *arguments[] = {(char *)"samovar", (char *)"--config", (char *)config, NULL};
    struct invocation invocation = {0};
    struct buf why = BUF_INIT(LINE_MAX_BYTES);
    int status;

    if (conf_from_args(3, arguments, &invocation, &why))
        status = complain(&why, EXIT_USAGE);
    else
        status = serve(invocation.conf);
    if (invocation.conf)
        conf_unref(invocation.conf);
    buf_release(&why);
    return status;
}

static int demo(const struct invocation *invocation)
{
    return invocation->demo_lists ? demo_list(invocation->demo_address)
                                  : demo_command(invocation->demo_address, serve_config);
}

static int survey(const struct survey_order *order)
{
    return survey_command(&(struct survey){.urls = (const char *const *)order->urls,
                                           .url_count = order->url_count,
                                           .user = order->user,
                                           .only = order->only,
                                           .hints_file = order->hints_file,
                                           .ca_file = order->ca_file,
                                           .is_insecure = order->is_insecure,
                                           .may_write = order->may_write,
                                           .form = order->is_json       ? SURVEY_JSON
                                                   : order->is_junit    ? SURVEY_JUNIT
                                                   : order->is_markdown ? SURVEY_MARKDOWN
                                                                        : SURVEY_TEXT,
                                           .wait_s = order->wait_s});
}

static int run(struct invocation *invocation, struct buf *why)
{
    switch (invocation->command) {
    case COMMAND_SERVE:
        return serve(invocation->conf);
    case COMMAND_CHECK_CONFIG:
        return check_config(invocation->conf, why);
    case COMMAND_STATUS:
        return control_ask(invocation->dir, invocation->state, "status");
    case COMMAND_LOCKS:
        return locks_command(invocation->dir, invocation->state, invocation->lock_token);
    case COMMAND_CHECK:
        return check_command(invocation->dir, invocation->state, invocation->mend, invocation->content);
    case COMMAND_FORWARDS:
        return forwards_command(invocation->dir, invocation->state, invocation->remove);
    case COMMAND_HISTORY:
        return history_command(invocation->dir, invocation->state, invocation->history_file, invocation->restore);
    case COMMAND_PORTAL:
        return portal_command(invocation->dir, invocation->state, &invocation->portal);
    case COMMAND_GET:
    case COMMAND_PUT:
        return transfer(&invocation->transfer);
    case COMMAND_BREW:
        return brew(&invocation->brew);
    case COMMAND_SURVEY:
        return survey(&invocation->survey);
    case COMMAND_PASSWD:
        return passwd_command(invocation->users_file, invocation->user, invocation->app, invocation->is_removal);
    case COMMAND_CODES:
        return codes_command(invocation->codes.list, invocation->codes.count, invocation->codes.is_json,
                             invocation->codes.is_markdown);
    case COMMAND_DEMO:
        return demo(invocation);
    case COMMAND_HELP:
        conf_help(stdout);
        break;
    case COMMAND_VERSION:
        cli_version(stdout);
        break;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct invocation invocation = {0};
    struct buf why = BUF_INIT(LINE_MAX_BYTES);
    int status;

    if (conf_from_args(argc, argv, &invocation, &why))
        status = complain(&why, EXIT_USAGE);
    else
        status = run(&invocation, &why);
    if (invocation.conf)
        conf_unref(invocation.conf);
    free(invocation.dir);
    free(invocation.state);
    free(invocation.lock_token);
    free(invocation.remove);
    free(invocation.users_file);
    free(invocation.user);
    free(invocation.demo_address);
    free(invocation.app);
    free(invocation.history_file);
    free(invocation.portal.withdraw);
    free(invocation.portal.disconnect);
    free(invocation.portal.inside);
    free(invocation.portal.outside);
    transfer_order_release(&invocation.transfer);
    brew_order_release(&invocation.brew);
    survey_order_release(&invocation.survey);
    buf_release(&why);
    return status;
}
