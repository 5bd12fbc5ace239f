/*
 * test_reload.c - a changed file while running, and --config on the command line.
 */
#include "kit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder with a root "r" and a configuration "c"; the tests change the latter. */
static char folder[64];

static const char *at(const char *name)
{
    static char paths[4][128];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static void config_write(const char *text)
{
    FILE *out = fopen(at("c"), "w");

    fputs(text, out);
    fclose(out);
}

static struct conf *start(const char *text, const char *options)
{
    char line[256];

    snprintf(folder, sizeof(folder), "/tmp/test_conf.XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    mkdir(at("r"), 0700);
    mkdir(at("r2"), 0700);
    config_write(text);
    snprintf(line, sizeof(line), "--config %s %s", at("c"), options);
    return kit_args(line).conf;
}

static void finish(struct conf *conf)
{
    conf_unref(conf);
    unlink(at("c"));
    unlink(at("u"));
    rmdir(at("r"));
    rmdir(at("r2"));
    rmdir(folder);
}

/* Why the reload with this text fails, without the file's name; "" when it does not. */
static const char *reload_why(const struct conf *old, const char *text)
{
    static char line[512];
    struct buf why = BUF_INIT(512);
    struct conf *fresh;

    config_write(text);
    if (conf_reload(old, &fresh, &why) == ERR_NONE) {
        CHECK_INT(fresh->generation, old->generation + 1);
        conf_unref(fresh);
    }
    snprintf(line, sizeof(line), "%s", buf_str(&why));
    buf_release(&why);
    return strncmp(line, folder, strlen(folder)) == 0 ? line + strlen(folder) : line;
}

TEST(reload__takes_what_may_change)
{
    struct conf *conf = start("site a { root = r }", ""), *fresh;
    struct buf why = BUF_INIT(512);

    CHECK_STR(kit_why(), "");
    CHECK_STR(conf->sites[0].root, at("r"));
    config_write("site a { root = r hidden = deny host = { h } }\nlimits { keepalive = 1s }\n");
    CHECK_INT(conf_reload(conf, &fresh, &why), ERR_NONE);
    CHECK_INT(fresh->generation, 1);
    CHECK_INT(fresh->limits.keepalive_timeout_ms, 1000);
    CHECK_INT(conf_rules(&fresh->sites[0], SLICE("")).hidden, HIDDEN_DENY);
    CHECK_INT(conf->limits.keepalive_timeout_ms, 75000);
    conf_unref(fresh);
    finish(conf);
}

TEST(reload__refuses_what_needs_a_restart)
{
    struct conf *conf = start("site a { root = r }", "");

    CHECK_STR(reload_why(conf, "site a { root = r2 }"), "/c: a new root of site \"a\" needs a restart");
    CHECK_STR(reload_why(conf, "listen = { \"8081\" } site a { root = r }"), "/c: a new listen needs a restart");
    CHECK_STR(reload_why(conf, "run-as = www site a { root = r }"), "/c: a new value of run-as needs a restart");
    CHECK_STR(reload_why(conf, "workers = 3 site a { root = r }"), "/c: a new value of workers needs a restart");
    CHECK_STR(reload_why(conf, "site a { root = r durability = relaxed }"),
              "/c: a new durability of site \"a\" needs a restart");
    CHECK_STR(reload_why(conf, "site a { root = r } site b { root = r2 }"),
              "/c: another number of sites needs a restart");
    CHECK_STR(reload_why(conf, "site a { root = r }"), "");
    finish(conf);
}

TEST(reload__takes_other_certificates_but_no_other_metrics)
{
    struct conf *conf = start("metrics = 9180 certificate = { c } site a { root = r }", "");

    CHECK_STR(kit_why(), "");
    CHECK_STR(reload_why(conf, "metrics = 9180 certificate = { d } key = { k } tls-min = 1.3 http2 = off "
                               "ticket-lifetime = 0 site a { root = r certificate = { e } }"),
              "");
    CHECK_STR(reload_why(conf, "metrics = 9180 site a { root = r }"), "");
    CHECK_STR(reload_why(conf, "metrics = 9181 site a { root = r }"), "/c: a new value of metrics needs a restart");
    CHECK_STR(reload_why(conf, "site a { root = r }"), "/c: a new value of metrics needs a restart");
    CHECK_STR(reload_why(conf, "metrics = 9180 ktls = off site a { root = r }"),
              "/c: a new value of ktls needs a restart");
    CHECK_STR(reload_why(conf, "metrics = 9180 listen = { \"plain:8080\" } site a { root = r }"),
              "/c: a new listen needs a restart");
    CHECK_STR(reload_why(conf, "metrics = 9180\nkey = { k }\nsite a { root = r }")[0] ? "told" : "", "told");
    finish(conf);
}

TEST(config__certificates_of_the_command_line_replace_the_files)
{
    struct conf *conf = start("certificate = { c } key = { k } ocsp = { o }\nsite a { root = r }",
                              "--certificate /new --client-ca /ca --client-certificates required");

    CHECK_STR(kit_why(), "");
    CHECK_INT(conf->sites[0].tls.certificate_count, 1);
    CHECK_STR(conf->sites[0].tls.certificates[0].chain, "/new");
    CHECK_STR(conf->sites[0].tls.certificates[0].key, "/new");
    CHECK_INT(conf->sites[0].tls.ocsp_count, 0);
    CHECK_INT(conf->sites[0].tls.client_certificates, CLIENT_CERT_REQUIRED);
    finish(conf);
    conf = start("certificate = { c }\nsite a {\n root = r }", "--client-certificates optional");
    CHECK(conf == NULL);
    CHECK(strstr(kit_why(), "/c: site \"a\": client-certificates needs client-ca") != NULL);
    finish(NULL);
}

TEST(reload__tells_what_is_wrong_in_the_new_file)
{
    struct conf *conf = start("site a { root = r }", "");

    CHECK_STR(reload_why(conf, "site a {\n root = r\n users = u\n}")[0] ? "told" : "", "told");
    CHECK_STR(reload_why(conf, "\nsite a {"), "/c:3: the file ends before the block \"site\" does");
    unlink(at("c"));
    finish(conf);
}

TEST(reload__keeps_the_options_and_passwords_of_the_command_line)
{
    struct conf *conf = kit_args("--user alice:secret --listen 127.0.0.1:0 --read-only /tmp").conf, *fresh;
    struct buf why = BUF_INIT(512);

    CHECK_INT(conf_reload(conf, &fresh, &why), ERR_NONE);
    CHECK_SLICE(fresh->sites[0].users[0].password, "secret");
    CHECK(fresh->sites[0].read_only);
    CHECK_INT(fresh->listen_count, 1);
    conf_unref(conf);
    conf_unref(fresh);
}

TEST(config__global_options_override_the_file_and_site_options_are_refused)
{
    struct conf *conf = start("listen = { \"8081\" } workers = 2\nlimits { body = 1M drain = 1s }\nsite a { root = r }",
                              "--listen 127.0.0.1:0 --limit body=2M --workers 5");

    CHECK_STR(kit_why(), "");
    CHECK_INT(conf->listen_count, 1);
    CHECK_INT(conf->workers, 5);
    CHECK_U64(conf->limits.body_max, 2 << 20);
    CHECK_INT(conf->limits.drain_timeout_ms, 1000);
    finish(conf);
    CHECK(kit_args("--config /nonesuch --read-only").conf == NULL);
    CHECK_STR(kit_why(), "--read-only belongs to one site; with --config it stands in the file");
    CHECK(kit_args("--config /nonesuch --user a:b").conf == NULL);
    CHECK_STR(kit_why(), "--user belongs to one site; with --config it stands in the file");
    CHECK(kit_args("--config /nonesuch /tmp").conf == NULL);
    CHECK_STR(kit_why(), "with --config the folders stand in the file; \"/tmp\" is one too many");
    CHECK(kit_args("--config /nonesuch").conf == NULL);
    CHECK_STR(kit_why(), "/nonesuch: it cannot be read: No such file or directory");
    CHECK(kit_args("--config /tmp").conf == NULL);
    CHECK_STR(kit_why(), "/tmp: it cannot be read: it is no file");
}

TEST(config__check_looks_for_roots_and_users_files)
{
    struct conf *conf = start("site a {\n  users = u\n  root = r\n}\n", "--check-config");

    CHECK(conf == NULL);
    CHECK(strstr(kit_why(), "/c:2: the users file ") != NULL);
    config_write("site a {\n  root = r3\n}\n");
    finish(NULL);
    conf = start("site a {\n  root = r3\n}\n", "--check-config");
    CHECK(conf == NULL);
    CHECK(strstr(kit_why(), "/c:2: the folder ") != NULL);
    finish(NULL);
}

TEST(config__a_root_reached_by_two_names_is_one_root)
{
    struct conf *conf = start("site a { root = r }\nsite b {\n root = r/../r\n}\n", "");

    CHECK(conf == NULL);
    CHECK(strstr(kit_why(), "/c:3: site \"b\" has the root of site \"a\"") != NULL);
    finish(NULL);
}

TEST(reload__of_a_portal_takes_what_needs_no_restart)
{
    struct conf *conf = start("portal { name = p.example login = { terms } }\nsite a { root = r }", "");

    CHECK_STR(kit_why(), "");
    CHECK_STR(reload_why(conf,
                         "portal { name = q.example login = { terms, voucher } title = \"Q\" session-time = 1h }\n"
                         "site a { root = r }"),
              "");
    CHECK_STR(reload_why(conf, "portal { name = p.example login = { terms } firewall = none }\nsite a { root = r }"),
              "/c: a new value of firewall needs a restart");
    CHECK_STR(reload_why(conf, "portal { name = p.example login = { terms } intercept = { \"127.0.0.1:85\" } }\n"
                               "site a { root = r }"),
              "/c: a new listen needs a restart");
    CHECK_STR(reload_why(conf, "site a { root = r }"), "/c: a portal that comes or goes needs a restart");
    finish(conf);
}
