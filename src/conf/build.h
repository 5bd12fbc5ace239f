/*
 * build.h - a snapshot in the making, private to conf/.
 *
 * Only conf/ may write a struct conf, and only before anybody else has seen it. Both parsers, of the
 * command line and of the file, hand their values to setting_apply(), which knows from the row what to do.
 */
#ifndef CONF_BUILD_H
#define CONF_BUILD_H

#include "conf/conf.h"

struct directive;

struct build {
    struct conf *conf;
    struct buf *why;
    const char *folder; /* relative paths start here; absolute */
    const char *file;   /* where the value stands, for messages; NULL: on the command line */
    int line;
    bool is_start;    /* first reading: roots and trace areas are looked at too */
    bool looks_at_fs; /* roots and users files must be there */
};

/* Writes `why`, with "FILE:LINE: " before it when reading a file; only the first one is kept. Gives ERR_INVALID. */
enum err complain(struct build *build, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Stores one value by the row's kind, or by its set(). */
enum err setting_apply(struct build *build, const struct directive *row, void *target, struct slice value);
/* Every row of the scope gets its default; target is a struct conf, limits, site, place (SCOPE_AT) or tls_conf. */
void defaults_apply(struct build *build, unsigned scope, void *target);

/* value.c: texts to values. False for what is none. */
bool value_flag(struct slice text, bool *out);
bool value_size(struct slice text, uint64_t *out);
bool value_time(struct slice text, uint64_t *out_ms);
bool value_word(struct slice text, const char *words, unsigned *out);
/* Absolute, without a trailing '/', "." dropped at the end; in the arena. */
const char *path_absolute(struct arena *arena, const char *folder, struct slice path);

/* A list that grows in an arena: room for one more item than `count`, which may have moved. */
void *list_grow(struct arena *arena, const void *items, unsigned count, size_t item_size);

/* site.c: the parts of a site. */
struct site *site_add(struct build *build, struct slice name);
/* The text of an rpath ("a b" of "/a b/"), borrowed; false for what is no path of ours. */
bool place_path(struct slice url_path, struct slice *out);
/* The place of a URL path ("/a b"); NULL, and complained, if it is none. Valid until the next place_at(). */
struct place *place_at(struct build *build, struct site *site, struct slice url_path, bool *is_new);
enum err place_allow(struct build *build, struct place *place, struct slice who, unsigned rights);
enum err set_host(struct build *build, void *site, struct slice value);
enum err set_user(struct build *build, void *site, struct slice value);
enum err set_right(struct build *build, void *rights, struct slice value);
/* The root is given, there, and nobody else's. */
enum err site_check(struct build *build, const struct site *site);
/* The users file can be read. */
enum err site_check_users(struct build *build, const struct site *site);
/* No host is another site's. */
enum err site_check_hosts(struct build *build, const struct site *site);
/* Longest path first. */
void site_finish(struct site *site);

/* address.c */
enum err set_listen(struct build *build, void *conf, struct slice value);
enum err set_proxy(struct build *build, void *conf, struct slice value);
/* One address as for listen; is asked for twice if one of the `count` others is the same. */
enum err listen_take(struct build *build, struct slice value, const struct listen_spec *others, unsigned count,
                     struct listen_spec *out);
/* Adds one that is not among conf's yet. */
enum err listen_append(struct build *build, const struct listen_spec *spec);
/* Without any listen: what the service manager hands over, or loopback. */
enum err listens_default(struct build *build);

enum err set_metrics(struct build *build, void *conf, struct slice value);
/* No address is for requests and for metrics too. After listens_default(). */
enum err metrics_check(struct build *build);

/* activation.c: takes the service manager's variables out of the environment into conf->handed. */
enum err handed_take(struct build *build);
void handed_add(struct conf *conf, const char *spec);

/* tls.c */
enum err set_certificate(struct build *build, void *tls, struct slice value);
enum err set_key(struct build *build, void *tls, struct slice value);
enum err set_ocsp(struct build *build, void *tls, struct slice value);
/* Each key and OCSP file has a certificate. For the server's block, or one site's. */
enum err tls_check(struct build *build, const struct tls_conf *tls);
/* Sites get what they have not set, and what is asked of clients makes sense. Last of all. */
enum err tls_finish(struct build *build);

/* setting.c */
enum err set_trash(struct build *build, void *site, struct slice value);
enum err set_access_log(struct build *build, void *conf, struct slice value);
enum err set_run_as(struct build *build, void *conf, struct slice value);
enum err set_trace(struct build *build, void *conf, struct slice value);
enum err set_limit(struct build *build, void *conf, struct slice value);

/*
 * limits.c: a block is complete: it limits something, and its defaults are set. `owner` is the site's name, "" for the
 * server's own; position: how many its owner has already.
 */
enum err limit_finish(struct build *build, struct slice owner, unsigned position, struct limit_rule *rule);

/* dictionary.c */
enum err set_dictionary(struct build *build, void *place, struct slice value);
enum err dictionaries_check(struct build *build, struct site *site);

/* variants.c */
enum err set_language(struct build *build, void *place, struct slice value);
/* Whether some place has variants. */
void variants_finish(struct site *site);

/* history.c */
enum err set_history(struct build *build, void *place, struct slice value);

/* cors.c */
enum err set_cors(struct build *build, void *site, struct slice value);
/* Credentials for listed origins only. */
enum err cors_check(struct build *build, const struct site *site);

/* extension.c */
enum err set_extension(struct build *build, void *place, struct slice value);
/* Where one is required, the site takes some. */
enum err extensions_check(struct build *build, const struct site *site);

/* policy.c: the values of limits, moved addresses, demands. */
enum err set_moved_to(struct build *build, void *moved_rule, struct slice value);
enum err set_place_moved(struct build *build, void *place, struct slice value);
enum err set_rate(struct build *build, void *limit_rule, struct slice value);
enum err set_byte_rate(struct build *build, void *limit_rule, struct slice value);
enum err set_per(struct build *build, void *limit_rule, struct slice value);
enum err set_methods(struct build *build, void *limit_rule, struct slice value);
enum err set_limit_path(struct build *build, void *limit_rule, struct slice value);
enum err set_demand_path(struct build *build, void *demand, struct slice value);
enum err set_date(struct build *build, void *demand, struct slice value);
enum err set_country(struct build *build, void *demand, struct slice value);
enum err set_demand_text(struct build *build, void *demand, struct slice value);

enum err set_blocked_by(struct build *build, void *demand, struct slice value);
/*
 * demands.c: the register's file into the site; a reload reads it again. Without looks_at_fs nothing is read. All of
 * the configuration is known by then.
 */
enum err demands_load(struct build *build, struct site *site);
/* The same from a text, whose name is build->file. */
enum err demands_read(struct build *build, struct site *site, struct slice text);

/* conf.c: the file build->file into `text`; one that is larger than it takes is larger than `what` may be, `most`. */
enum err file_load(struct build *build, struct buf *text, const char *what, const char *most);

/* file.c: reads the text of a configuration file into build->conf; build->file is its name. */
enum err file_read(struct build *build, struct slice text);

/* portal.c */
enum err set_portal_name(struct build *build, void *portal, struct slice value);
enum err set_portal_login(struct build *build, void *portal, struct slice value);
enum err set_portal_intercept(struct build *build, void *portal, struct slice value);
enum err set_portal_intercept_host(struct build *build, void *portal, struct slice value);
enum err set_portal_venue(struct build *build, void *portal, struct slice value);
/* A block is complete. */
enum err portal_check(struct build *build, struct portal_conf *portal);
/* Its listeners are listeners like others, behind all others. After listens_default(). */
enum err portal_finish(struct build *build);
/* Another portal than before, or none, needs a restart. */
enum err portal_check_restart(struct build *build, const struct conf *old);

/* pot.c */
enum err set_pots(struct build *build, void *site, struct slice value);
enum err set_pot_addition(struct build *build, void *pot, struct slice value);
enum err set_pot_command(struct build *build, void *pot, struct slice value);
enum err set_pot_broker(struct build *build, void *pot, struct slice value);
enum err set_pot_topic(struct build *build, void *pot, struct slice value);
enum err set_pot_discovery(struct build *build, void *pot, struct slice value);
enum err set_consensus(struct build *build, void *tea, struct slice value);
/* Without defaults; NULL, and complained: a bad name, or too many. Valid until the next one. */
struct pot_conf *pot_add(struct build *build, struct site *site, struct slice name);
struct tea_conf *tea_add(struct build *build, struct pot_conf *pot, struct slice name);
/* A block is complete, with its teas. */
enum err pot_check(struct build *build, const struct pot_conf *pot);
/* All of a site's are; has_path: it says where they are. */
enum err pots_finish(struct build *build, struct site *site, bool has_path);
/* Other programs or brokers than before need a restart. */
enum err pots_check_restart(struct build *build, const struct conf *old);

/* nearest.c: of the table's names that `fits` accepts, the one most like `name`; NULL if none is near. */
const char *nearest_name(struct slice name, const char *(*at)(unsigned index, const void *arg), const void *arg);

#endif
