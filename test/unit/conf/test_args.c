/*
 * test_args.c - the command line.
 */
#include "kit.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

static void fails(const char *line, const char *why)
{
    struct invocation got = kit_args(line);

    CHECK_STR(kit_why(), why);
    CHECK(got.conf == NULL);
    free(got.dir);
    free(got.state);
}

TEST(args__nothing_serves_the_current_folder_on_both_loopbacks)
{
    struct invocation got = kit_args("");
    char *here = getcwd(NULL, 0);

    CHECK_STR(kit_why(), "");
    CHECK_INT(got.command, COMMAND_SERVE);
    CHECK_INT(got.conf->site_count, 1);
    CHECK_STR(got.conf->sites[0].root, here);
    CHECK_INT(got.conf->listen_count, 2);
    CHECK_SLICE(got.conf->listens[0].text, "127.0.0.1:8080");
    CHECK_SLICE(got.conf->listens[1].text, "[::1]:8080");
    CHECK(got.conf->listens[0].is_default && got.conf->listens[1].is_default);
    CHECK(got.conf->listens[0].is_loopback && got.conf->listens[1].is_loopback);
    conf_unref(got.conf);
    free(here);
}

TEST(args__every_default_is_what_the_headers_say)
{
    struct conf *conf = kit_args("/tmp").conf;

    CHECK(conf->sandbox);
    CHECK(conf->access_log == NULL && conf->run_as == NULL && conf->trace == NULL && conf->file == NULL);
    CHECK_INT(conf->log_format, LOG_COMBINED);
    CHECK_INT(conf->trusted_proxy_count, 0);
    CHECK_INT(conf->limits.request_line_max, 16384);
    CHECK_INT(conf->limits.fields_total_max, 65536);
    CHECK_INT(conf->limits.field_count_max, 200);
    CHECK_INT(conf->limits.trailer_total_max, 8192);
    CHECK_U64(conf->limits.body_max, 0);
    CHECK_INT(conf->limits.head_timeout_ms, 30000);
    CHECK_INT(conf->limits.keepalive_timeout_ms, 75000);
    CHECK_INT(conf->limits.drain_timeout_ms, 30000);
    CHECK_INT(conf->sites[0].durability, CONF_DURABILITY_FULL);
    CHECK_INT(conf->sites[0].symlinks, CONF_SYMLINKS_INSIDE);
    CHECK_INT(conf->sites[0].names, CONF_NAMES_OCTETS);
    CHECK(!conf->sites[0].read_only && !conf->sites[0].allow_write_anyone && conf->sites[0].state == NULL);
    CHECK_INT(conf_rules(&conf->sites[0], SLICE("a")).hidden, HIDDEN_UNLISTED);
    CHECK(conf_rules(&conf->sites[0], SLICE("a")).index);
    CHECK_FALSE(conf_rules(&conf->sites[0], SLICE("a")).untrusted);
    CHECK_FALSE(conf_rules(&conf->sites[0], SLICE("a")).has_allow);
    CHECK(conf_rules(&conf->sites[0], SLICE("a")).propfind_infinity);
    CHECK_INT(conf->limits.processing_ms, 20000);
    CHECK_INT(conf->limits.lock_seconds_max, 86400);
    CHECK_INT(conf->limits.xml_body_max, 1 << 20);
    CHECK(!conf->sites[0].locks_durable && conf->audit_log == NULL);
    CHECK_INT(conf->sites[0].trash_days, 0);
    CHECK_U64(conf->sites[0].places[0].quota, 0);
    conf_unref(conf);
}

TEST(args__every_option_reaches_its_field)
{
    struct conf *conf = kit_args("serve --listen 127.0.0.1:0 --listen=unix:/tmp/s --listen fd:3 --user a:b:c "
                                 "--state /var/s --read-only --allow-write anyone --durability relaxed --workers 3 "
                                 "--loops=2 --run-as www:data --access-log - --log-format json --trusted-proxies "
                                 "10.0.0.0/8,::1 --symlinks never --names nfc --no-index --hidden deny --untrusted "
                                 "--host Files.Example.org. --no-sandbox --trace gate,store --limit body=10G --limit "
                                 "head-time=5m --limit processing=0 --limit lock-timeout=1h --limit xml-body=64K "
                                 "--locks durable --trash 30d --quota 10G --no-propfind-infinity --audit-log /tmp/a "
                                 "/tmp/")
                            .conf;

    CHECK_STR(kit_why(), "");
    CHECK_INT(conf->listen_count, 3);
    CHECK_INT(conf->listens[1].kind, LISTEN_UNIX);
    CHECK_INT(conf->listens[2].fd, 3);
    CHECK_STR(conf->sites[0].root, "/tmp");
    CHECK_STR(conf->sites[0].state, "/var/s");
    CHECK_SLICE(conf->sites[0].users[0].name, "a");
    CHECK_SLICE(conf->sites[0].users[0].password, "b:c");
    CHECK(conf->sites[0].read_only && conf->sites[0].allow_write_anyone && !conf->sandbox);
    CHECK_INT(conf->sites[0].durability, CONF_DURABILITY_RELAXED);
    CHECK_INT(conf->sites[0].symlinks, CONF_SYMLINKS_NEVER);
    CHECK_INT(conf->sites[0].names, CONF_NAMES_NFC);
    CHECK_INT(conf->workers, 3);
    CHECK_INT(conf->loops, 2);
    CHECK_STR(conf->run_as, "www:data");
    CHECK_STR(conf->access_log, "-");
    CHECK_INT(conf->log_format, LOG_JSON);
    CHECK_INT(conf->trusted_proxy_count, 2);
    CHECK_INT(conf->trusted_proxies[0].bits, 8);
    CHECK_INT(conf->trusted_proxies[1].bits, 128);
    CHECK_SLICE(conf->sites[0].hosts[0], "files.example.org");
    CHECK_STR(conf->trace, "gate,store");
    CHECK_U64(conf->limits.body_max, 10ull << 30);
    CHECK_INT(conf->limits.head_timeout_ms, 300000);
    CHECK_FALSE(conf_rules(&conf->sites[0], SLICE("x")).index);
    CHECK(conf_rules(&conf->sites[0], SLICE("x")).untrusted);
    CHECK_INT(conf_rules(&conf->sites[0], SLICE("")).hidden, HIDDEN_DENY);
    CHECK_FALSE(conf_rules(&conf->sites[0], SLICE("x")).propfind_infinity);
    CHECK_INT(conf->limits.processing_ms, 0);
    CHECK_INT(conf->limits.lock_seconds_max, 3600);
    CHECK_INT(conf->limits.xml_body_max, 64 << 10);
    CHECK(conf->sites[0].locks_durable);
    CHECK_INT(conf->sites[0].trash_days, 30);
    CHECK_U64(conf->sites[0].places[0].quota, 10ull << 30);
    CHECK_STR(conf->audit_log, "/tmp/a");
    conf_unref(conf);
}

TEST(args__times_can_be_less_than_a_second)
{
    struct conf *conf = kit_args("serve --limit processing=250ms /tmp/").conf;

    CHECK_INT(conf->limits.processing_ms, 250);
    conf_unref(conf);
    conf = kit_args("serve --limit processing=0ms /tmp/").conf;
    CHECK_INT(conf->limits.processing_ms, 0);
    conf_unref(conf);
}

TEST(args__passwords_leave_argv_and_stay_in_the_snapshot)
{
    struct conf *conf = kit_args("--user alice:secret --user=bob:hidden /tmp").conf;

    CHECK_STR(kit_argv(), "samovar.--user.alice:.......--user=bob:......./tmp");
    CHECK_SLICE(conf->sites[0].users[1].password, "hidden");
    conf_unref(conf);
}

TEST(args__passwords_leave_argv_also_when_something_else_is_wrong)
{
    fails("--wrong --user alice:secret", "unknown option --wrong; --help lists them all");
    CHECK_STR(kit_argv(), "samovar.--wrong.--user.alice:......");
}

TEST(args__wrong_options_are_told_with_the_nearest_one)
{
    fails("--lisen 8080", "unknown option --lisen; did you mean --listen?");
    fails("--durab=full", "unknown option --durab; did you mean --durability?");
    fails("--http2=off", "unknown option --http2; did you mean --no-http2?");
    fails("--port 80", "unknown option --port; did you mean --listen?");
    fails("-h", "unknown option -h; options begin with two dashes, --help lists them all");
    fails("--listen", "--listen needs ADDRESS");
    fails("--listen=", "--listen needs ADDRESS");
    fails("--read-only=yes", "--read-only takes no value");
    fails("--workers many", "--workers needs a number, not \"many\"");
    fails("--workers 5000", "--workers is 5000, but must be between 0 and 1024");
    fails("--durability none", "--durability must be full or relaxed, not \"none\"");
    fails("--limit body", "--limit needs NAME=VALUE, not \"body\"");
    fails("--limit boddy=1", "--limit: no limit is called \"boddy\"; did you mean body?");
    fails("--limit head-time=30", "head-time needs a time such as 30s or 5m, not \"30\"");
    fails("--limit head-time=ms", "head-time needs a time such as 30s or 5m, not \"ms\"");
    fails("--limit head-time=500ms", "head-time is 500ms, but must be between 1 s and 86400 s");
    fails("--loops 1 --loops 2", "--loops is given twice");
    fails("--trace gaite", "--trace does not know all of \"gaite\"");
    fails("--user alice", "--user needs NAME:PASSWORD");
    fails("--user users:x", "--user: nobody can be called \"users\", it means several people");
    fails("--trusted-proxies 10.0.0.0/33", "trusted-proxies: \"10.0.0.0/33\" has no such network length");
    fails("/tmp /usr", "one folder can be served, not both \"/tmp\" and \"/usr\"; --config knows several sites");
    fails("--check-config", "--check-config needs --config FILE");
    fails("/nonesuch", "the folder /nonesuch cannot be served: No such file or directory");
    fails("/dev/null", "/dev/null cannot be served: it is no folder");
    fails("--users /nonesuch /tmp", "the users file /nonesuch cannot be read: No such file or directory");
    fails("--trash 1w /tmp", "trash needs a number of days up to 36500, such as 30, not \"1w\"");
    fails("--trash 36501d /tmp", "trash needs a number of days up to 36500, such as 30, not \"36501d\"");
    fails("--quota 10X /tmp", "--quota needs a size such as 64K or 10G, not \"10X\"");
    fails("--locks true /tmp", "--locks must be memory or durable, not \"true\"");
    fails("--limit lock-timeout=30s", "lock-timeout is 30s, but must be between 60 s and 31622400 s");
    fails("--run-as a:b:c", "run-as must be USER or USER:GROUP, not \"a:b:c\"");
}

TEST(args__commands_are_never_folders)
{
    fails("survey", "samovar survey needs an address: samovar survey URL...");
    fails("--no-index demo", "samovar demo takes --listen and --list, not --no-index");
    fails("demo /tmp", "samovar demo takes --listen and --list, no folder and no configuration");
    fails("demo --listen nowhere",
          "samovar demo needs an address of TCP with a port that you choose: --listen 127.0.0.1:8080, not \"nowhere\"");
    fails("codes 799", "799 is no registered status code; samovar codes lists them");
}

TEST(args__help_and_version_need_nothing_else)
{
    CHECK_INT(kit_args("--help --wrong").command, COMMAND_HELP);
    CHECK_INT(kit_args("--version").command, COMMAND_VERSION);
    CHECK_STR(kit_why(), "");
}

TEST(args__status_takes_a_folder_and_the_state)
{
    struct invocation got = kit_args("status /srv/ --state /var/s");

    CHECK_INT(got.command, COMMAND_STATUS);
    CHECK_STR(got.dir, "/srv");
    CHECK_STR(got.state, "/var/s");
    CHECK(got.conf == NULL);
    free(got.dir);
    free(got.state);
    fails("status --read-only", "samovar status takes a folder and --state, not --read-only");
    fails("status --break x", "samovar status takes a folder and --state, not --break");
}

static void release(struct invocation *got)
{
    free(got->dir);
    free(got->state);
    free(got->lock_token);
    free(got->users_file);
    free(got->user);
    free(got->app);
}

TEST(args__passwd_takes_a_file_and_a_user)
{
    struct invocation got = kit_args("passwd /etc/users alice");

    CHECK_INT(got.command, COMMAND_PASSWD);
    CHECK_STR(got.users_file, "/etc/users");
    CHECK_STR(got.user, "alice");
    CHECK_STR(got.app, "");
    CHECK(!got.is_removal && got.conf == NULL);
    release(&got);
    got = kit_args("passwd --app phone users --delete alice");
    CHECK_STR(got.user, "alice");
    CHECK_STR(got.app, "phone");
    CHECK(got.is_removal);
    CHECK(got.users_file[0] == '/');
    release(&got);
    fails("passwd", "samovar passwd needs a users file and a user: samovar passwd FILE USER");
    fails("passwd /etc/users", "samovar passwd needs a users file and a user: samovar passwd FILE USER");
    fails("passwd a b c", "samovar passwd takes a file and a user; what is \"c\"?");
    fails("passwd a b --state /s", "samovar passwd takes a file, a user, --app and --delete, not --state");
    fails("passwd a b --config f", "samovar passwd takes a file, a user, --app and --delete, not --config");
    fails("--app phone /srv", "--app belongs to samovar passwd");
    fails("--delete /srv", "--delete belongs to samovar passwd");
}

TEST(args__locks_lists_or_breaks_one)
{
    struct invocation got = kit_args("locks /srv/ --state /var/s");

    CHECK_INT(got.command, COMMAND_LOCKS);
    CHECK_STR(got.dir, "/srv");
    CHECK_STR(got.state, "/var/s");
    CHECK(got.lock_token == NULL && got.conf == NULL);
    release(&got);
    got = kit_args("locks --break urn:uuid:1 /srv");
    CHECK_STR(got.lock_token, "urn:uuid:1");
    CHECK_STR(got.dir, "/srv");
    release(&got);
    fails("locks --mend", "samovar locks takes a folder, --state and --break, not --mend");
    fails("locks --config f", "samovar locks takes a folder, --state and --break, not --config");
    fails("locks --break", "--break needs TOKEN");
    fails("--break x /tmp", "--break belongs to samovar locks");
}

TEST(args__check_looks_or_mends)
{
    struct invocation got = kit_args("check /srv");

    CHECK_INT(got.command, COMMAND_CHECK);
    CHECK_STR(got.dir, "/srv");
    CHECK_FALSE(got.mend);
    release(&got);
    got = kit_args("check --mend");
    CHECK(got.mend);
    release(&got);
    fails("check --loops 1", "samovar check takes a folder, --state, --mend and --content, not --loops");
    fails("serve --mend /tmp", "--mend belongs to samovar check");
}

TEST(args__two_dashes_end_the_options)
{
    struct conf *conf = kit_args("-- /tmp").conf;

    CHECK_STR(conf->sites[0].root, "/tmp");
    conf_unref(conf);
    CHECK(kit_args("-- --help").conf == NULL);
    CHECK(strstr(kit_why(), "/--help cannot be served: No such file") != NULL);
}

TEST(args__history_takes_a_file_and_perhaps_its_folder)
{
    struct invocation got = kit_args("history /srv/a.txt");

    CHECK_INT(got.command, COMMAND_HISTORY);
    CHECK_STR(got.history_file, "/srv/a.txt");
    CHECK(got.dir == NULL && got.restore == 0);
    free(got.history_file);
    release(&got);
    got = kit_args("history /srv /srv/a.txt --restore 17");
    CHECK_STR(got.dir, "/srv");
    CHECK_STR(got.history_file, "/srv/a.txt");
    CHECK_U64(got.restore, 17);
    free(got.history_file);
    release(&got);
    fails("history", "samovar history needs a file: samovar history FILE");
    fails("history /a --restore x", "--restore needs a number that samovar history lists, not \"x\"");
}
