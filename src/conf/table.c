/*
 * table.c - every directive: its names, values, places, default, help.
 *
 * Start here to learn what can be configured. A new directive is a row; the parsers, --help, both manual
 * pages, the shells' completions and the defaults follow from it. Times are in milliseconds in `least` and `most`.
 */
#include "table.h"

#define FIELD(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

enum { SECOND = 1000, HOUR = 3600 * SECOND };

const struct directive directives[] = {
    /* Orders: no settings. */
    {"config", "config", "FILE", KIND_ORDER, SCOPE_LINE, .chapter = "General",
     .help = "read the configuration from FILE"},
    {"check-config", "check-config", NULL, KIND_ORDER, SCOPE_LINE,
     .help = "read the configuration, say whether it is right, and end"},
    {"help", "help", NULL, KIND_ORDER, SCOPE_LINE, .help = "print this text and end"},
    {"version", "version", NULL, KIND_ORDER, SCOPE_LINE,
     .help = "print the version, the features and the libraries, and end"},
    {"break", "break", "TOKEN", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar locks: end the lock that has this token, whoever holds it"},
    {"mend", "mend", NULL, KIND_ORDER, SCOPE_LINE, .help = "with samovar check: set right what is wrong"},
    {"content", "content", NULL, KIND_ORDER, SCOPE_LINE,
     .help = "with samovar check: read every content whose SHA-256 is kept, and tell which is not what was stored"},
    {"login", "login", "NAME", KIND_ORDER, SCOPE_LINE,
     .help =
         "with samovar get, put and brew: who you are; the password is $SAMOVAR_PASSWORD, in ~/.netrc, or asked for"},
    {"cacert", "cacert", "FILE", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar get, put, brew and survey: trust the certificates in FILE instead of the system's"},
    {"insecure", "insecure", NULL, KIND_ORDER, SCOPE_LINE,
     .help = "with samovar get, put, brew and survey: trust any certificate, and so anybody on the way"},
    {"force", "force", NULL, KIND_ORDER, SCOPE_LINE,
     .help = "with samovar get and put: replace what is there, whoever changed it"},
    {"whole", "whole", NULL, KIND_ORDER, SCOPE_LINE, .help = "with samovar get and put: no differences, whole files"},
    {"quiet", "quiet", NULL, KIND_ORDER, SCOPE_LINE,
     .help = "with samovar get, put and brew: say nothing unless something is wrong"},
    {"addition", "addition", "NAME", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar brew: something to be added, like Cream, or Cream;3 for three portions; may be repeated"},
    {"tea", "tea", "NAME", KIND_ORDER, SCOPE_LINE, .help = "with samovar brew: tea of this variety, and no coffee"},
    {"stop", "stop", NULL, KIND_ORDER, SCOPE_LINE, .help = "with samovar brew: end what the pot brews"},
    {"when", "when", NULL, KIND_ORDER, SCOPE_LINE, .help = "with samovar brew: that is milk enough"},
    {"only", "only", "CODES", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar survey: look for these codes alone, such as 206,416"},
    {"hints", "hints", "FILE", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar survey: where a server's rules are, as JSON; else what the server itself says at "
             "/.well-known/http-codes"},
    {"write", "write", NULL, KIND_ORDER, SCOPE_LINE,
     .help = "with samovar survey: write, too, in collections that it makes and removes"},
    {"wait", "wait", "SECONDS", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar survey: so long for one answer; 10 unless it is said"},
    {"junit", "junit", NULL, KIND_ORDER, SCOPE_LINE, .help = "with samovar survey: what was found as JUnit's XML"},
    {"remove", "remove", "PATH", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar forwards: forget the forwarding address at PATH"},
    {"app", "app", "NAME", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar passwd: a password made for one program or device, which can be taken away by itself"},
    {"delete", "delete", NULL, KIND_ORDER, SCOPE_LINE,
     .help = "with samovar passwd: take the user, or the program's password, out of the file"},

    {"restore", "restore", "NUMBER", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar history: make the earlier content with this number the file's content again"},
    {"json", "json", NULL, KIND_ORDER, SCOPE_LINE, .help = "with samovar codes and survey: as JSON"},
    {"list", "list", NULL, KIND_ORDER, SCOPE_LINE,
     .help = "with samovar demo: print the line for each code, with a tab behind the code, and serve nothing"},
    {"markdown", "markdown", NULL, KIND_ORDER, SCOPE_LINE, .help = "with samovar codes and survey: as Markdown"},
    {"vouchers", "vouchers", NULL, KIND_ORDER, SCOPE_LINE, .help = "with samovar portal: list the vouchers"},
    {"make", "make", "N", KIND_ORDER, SCOPE_LINE, .help = "with samovar portal: make N vouchers and print their codes"},
    {"time", "time", "TIME", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar portal --make: how long each is good for, from its first use; without it there is no end"},
    {"bytes", "bytes", "SIZE", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar portal --make: how many octets may be sent and received with each"},
    {"for-devices", "for-devices", "N", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar portal --make: how many devices may be in with each at a time; without it one"},
    {"withdraw", "withdraw", "CODE", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar portal: take a voucher back, and end its sessions"},
    {"disconnect", "disconnect", "WHOM", KIND_ORDER, SCOPE_LINE,
     .help = "with samovar portal: end the sessions of an address, a hardware address, a user or a voucher"},
    {"print-nft", "print-nft", NULL, KIND_ORDER, SCOPE_LINE,
     .help = "with samovar portal INSIDE OUTSIDE: print the rules of nftables for a gateway between these interfaces"},
    {"intercept-port", "intercept-port", "PORT", KIND_ORDER, SCOPE_LINE,
     .help = "with --print-nft: the port of the portal's intercept, 8511 without it"},

    /* The server. */
    {"listen", "listen", "ADDRESS", KIND_LIST, SCOPE_GLOBAL, .fallback = "127.0.0.1:8080, [::1]:8080",
     .needs_restart = true, .set = set_listen, .chapter = "The server",
     .example = "listen = { \"0.0.0.0:80\", \"[::]:80\" }",
     .help =
         "listen here: PORT (loopback only), ADDRESS:PORT, [v6]:PORT, unix:PATH or fd:N, with plain: before it for no "
         "TLS; may be repeated"},
    {"metrics", "metrics", "ADDRESS", KIND_TEXT, SCOPE_GLOBAL, .needs_restart = true, .set = set_metrics,
     .example = "metrics = 9180",
     .help = "give metrics (/metrics) and health (/health) to whoever asks here, in plain HTTP; an address as for "
             "listen, a PORT alone on 127.0.0.1 only"},
    {"replace", "replace", NULL, KIND_FLAG, SCOPE_LINE, .fallback = "off", .option_value = "on",
     FIELD(struct conf, replaces), .help = "take over from the server that runs for these folders, sockets and all"},
    {"loops", "loops", "N", KIND_COUNT, SCOPE_GLOBAL, .fallback = "0", .most = 1024, .needs_restart = true,
     FIELD(struct conf, loops), .example = "loops = 4", .help = "event loops; 0: one for each core"},
    {"workers", "workers", "N", KIND_COUNT, SCOPE_GLOBAL, .fallback = "0", .most = 1024, .needs_restart = true,
     FIELD(struct conf, workers), .example = "workers = 16",
     .help = "threads that wait for the disk; 0: chosen by the number of cores"},
    {"run-as", "run-as", "USER[:GROUP]", KIND_TEXT, SCOPE_GLOBAL, .needs_restart = true, FIELD(struct conf, run_as),
     .set = set_run_as, .example = "run-as = \"www-data\"", .help = "become this user once the sockets are open"},
    {"access-log", "access-log", "FILE", KIND_PATH, SCOPE_GLOBAL, .needs_restart = true, FIELD(struct conf, access_log),
     .set = set_access_log, .example = "access-log = \"/var/log/samovar/access.log\"",
     .help = "write a line for each request to FILE; - is standard output"},
    {"log-format", "log-format", "FORMAT", KIND_WORD, SCOPE_GLOBAL, .fallback = "combined", .words = "combined|json",
     .needs_restart = true, FIELD(struct conf, log_format), .example = "log-format = json",
     .help = "how the lines of the access log look: combined or json"},
    {"audit-log", "audit-log", "FILE", KIND_PATH, SCOPE_GLOBAL, .needs_restart = true, FIELD(struct conf, audit_log),
     .example = "audit-log = \"/var/log/samovar/audit.log\"",
     .help =
         "write a line to FILE whenever somebody breaks another's lock, or gives a reason for access (510); without it "
         "the lines go to standard output"},
    {"trusted-proxies", "trusted-proxies", "LIST", KIND_LIST, SCOPE_GLOBAL, .set = set_proxy,
     .example = "trusted-proxies = { \"127.0.0.1\", \"10.0.0.0/8\" }",
     .help = "addresses or networks (10.0.0.0/8, ::1) whose Forwarded and X-Forwarded-* fields are believed"},
    {"country-database", "country-database", "FILE", KIND_PATH, SCOPE_GLOBAL, FIELD(struct conf, country_database),
     .example = "country-database = \"/var/lib/GeoIP/GeoLite2-Country.mmdb\"",
     .help = "MaxMind's database of countries (GeoLite2-Country.mmdb): for legal demands that hold in some of them"},
    {"sandbox", "no-sandbox", NULL, KIND_FLAG, SCOPE_GLOBAL, .fallback = "on", .option_value = "off",
     .needs_restart = true, FIELD(struct conf, sandbox), .example = "sandbox = off",
     .help = "confine the process by Landlock and seccomp",
     .option_help = "do not confine the process by Landlock and seccomp"},
    {"trace", "trace", "AREAS", KIND_TEXT, SCOPE_LINE, FIELD(struct conf, trace), .set = set_trace,
     .help = "print what happens in these areas (net,http,gate,method,store,repr,serve,job or all)"},
    {"limit", "limit", "NAME=VALUE", KIND_LIST, SCOPE_LINE, .set = set_limit,
     .help = "set one of the server's own limits, those of the block limits, which are named below; may be repeated"},
    {"limit", NULL, "NAME", KIND_BLOCK, SCOPE_GLOBAL | SCOPE_SITE,
     .example = "limit \"everybody\" {\n"
                "    rate = 50/s\n"
                "    burst = 200\n"
                "}",
     .help =
         "how much clients may ask for before they are told to wait (429), under a name of your own; outside of all "
         "sites it counts for the whole server"},
    {"limits", NULL, NULL, KIND_BLOCK, SCOPE_GLOBAL,
     .example = "limits {\n"
                "    body = 10G\n"
                "    connections-per-address = 100\n"
                "}",
     .help = "the block of the server's own limits: what a request may be, and how long it may take"},
    {"site", NULL, "NAME", KIND_BLOCK, SCOPE_GLOBAL,
     .example = "site \"files\" {\n"
                "    root = \"/srv/files\"\n"
                "}",
     .help = "a site; the first one also answers for hosts that no site names"},

    /* TLS. */
    {"certificate", "certificate", "FILE", KIND_LIST, SCOPE_GLOBAL | SCOPE_SITE | SCOPE_TLS, .set = set_certificate,
     .chapter = "TLS and HTTP/2", .example = "certificate = { \"/etc/samovar/files.pem\" }",
     .help =
         "speak TLS with the certificate, and the chain after it, in this PEM file; may be repeated, for other kinds "
         "of keys"},
    {"key", "key", "FILE", KIND_LIST, SCOPE_GLOBAL | SCOPE_SITE | SCOPE_TLS, .set = set_key,
     .example = "certificate = { \"/etc/samovar/files.pem\" }\n"
                "key = { \"/etc/samovar/files.key\" }",
     .help = "the certificate's private key, PEM; the first belongs to the first certificate, and so on; a certificate "
             "without one has it in its own file"},
    {"ocsp", "ocsp", "FILE", KIND_LIST, SCOPE_GLOBAL | SCOPE_SITE | SCOPE_TLS, .set = set_ocsp,
     .example = "certificate = { \"/etc/samovar/files.pem\" }\n"
                "ocsp = { \"/var/lib/samovar/files.ocsp\" }",
     .help = "an OCSP answer (DER) to give with the certificate that it speaks of; may be repeated"},
    {"client-ca", "client-ca", "FILE", KIND_PATH, SCOPE_GLOBAL | SCOPE_SITE | SCOPE_TLS,
     FIELD(struct tls_conf, client_ca), .tls_bit = SET_CLIENT_CA,
     .example = "certificate = { \"/etc/samovar/files.pem\" }\n"
                "client-ca = \"/etc/samovar/people.pem\"\n"
                "client-certificates = required",
     .help = "believe clients' certificates that these authorities (PEM) gave"},
    {"client-certificates", "client-certificates", "WHEN", KIND_WORD, SCOPE_GLOBAL | SCOPE_SITE | SCOPE_TLS,
     .fallback = "none", .words = "none|optional|required", FIELD(struct tls_conf, client_certificates),
     .tls_bit = SET_CLIENT_CERTIFICATES,
     .example = "certificate = { \"/etc/samovar/files.pem\" }\n"
                "client-ca = \"/etc/samovar/people.pem\"\n"
                "client-certificates = optional",
     .help = "ask clients for a certificate; optional logs in who has one, required lets nobody else in"},
    {"client-name", "client-name", "WHICH", KIND_WORD, SCOPE_GLOBAL | SCOPE_SITE | SCOPE_TLS, .fallback = "cn",
     .words = "cn|email|dns", FIELD(struct tls_conf, client_name), .tls_bit = SET_CLIENT_NAME,
     .example = "client-name = email",
     .help = "what in a client's certificate is the user's name: the subject's common name (cn), or the first email or "
             "dns name of its alternative names"},
    {"tls-min", "tls-min", "VERSION", KIND_WORD, SCOPE_GLOBAL, .fallback = "1.2", .words = "1.2|1.3",
     FIELD(struct conf, tls_min), .example = "tls-min = 1.3",
     .help = "the oldest version of TLS that is spoken: 1.2 or 1.3"},
    {"ticket-lifetime", "ticket-lifetime", "TIME", KIND_TIME, SCOPE_GLOBAL, .fallback = "12h", .most = 7 * 24 * HOUR,
     FIELD(struct conf, ticket_lifetime_ms), .example = "ticket-lifetime = 2h",
     .help = "how long a client may take up its TLS session again; 0: never",
     .reason =
         "a working day: long enough to spare most handshakes, short enough that a stolen ticket key opens little"},
    {"ktls", "no-ktls", NULL, KIND_FLAG, SCOPE_GLOBAL, .fallback = "on", .option_value = "off", .needs_restart = true,
     FIELD(struct conf, ktls), .example = "ktls = off", .help = "let the kernel encrypt, where it can",
     .option_help = "do not let the kernel encrypt"},
    {"http2", "no-http2", NULL, KIND_FLAG, SCOPE_GLOBAL, .fallback = "on", .option_value = "off",
     FIELD(struct conf, http2), .example = "http2 = off", .help = "speak HTTP/2 with clients that want it",
     .option_help = "speak HTTP/1.1 only"},

    /* Sites. */
    {"root", NULL, "DIR", KIND_PATH, SCOPE_SITE, .needs_restart = true, FIELD(struct site, root), .chapter = "Sites",
     .example = "root = \"/srv/files\"", .help = "the folder to serve; each site has one of its own"},
    {"host", "host", "NAME", KIND_LIST, SCOPE_SITE, .set = set_host,
     .example = "host = { \"files.example.org\", \"files\" }",
     .help = "a host name that the site answers to; may be repeated"},
    {"users", "users", "FILE", KIND_PATH, SCOPE_SITE, FIELD(struct site, users_file),
     .example = "users = \"/etc/samovar/users\"",
     .help = "users and their hashed passwords (htpasswd: yescrypt, bcrypt, apr1)"},
    {"digest-users", "digest-users", "FILE", KIND_PATH, SCOPE_SITE, FIELD(struct site, digest_users),
     .example = "digest-users = \"/etc/samovar/digest\"",
     .help = "users for HTTP Digest (htdigest, MD5 or SHA-256, the realm being the site's name): for clients that send "
             "no password without TLS"},
    {"groups", "groups", "FILE", KIND_PATH, SCOPE_SITE, FIELD(struct site, groups),
     .example = "groups = \"/etc/samovar/groups\"",
     .help = "who is in which group: lines of NAME: USER USER, for allow \"@NAME\""},
    {"jwt-keys", "jwt-keys", "FILE", KIND_PATH, SCOPE_SITE, FIELD(struct site, jwt_keys),
     .example = "jwt-keys = \"/etc/samovar/keys.json\"\n"
                "jwt-issuer = \"https://login.example.org\"\n"
                "jwt-audience = \"https://files.example.org\"",
     .help = "keys (JWKS, JSON) whose signatures on Bearer tokens are believed: RS256, ES256, EdDSA"},
    {"jwt-issuer", "jwt-issuer", "TEXT", KIND_TEXT, SCOPE_SITE, FIELD(struct site, jwt_issuer),
     .example = "jwt-keys = \"/etc/samovar/keys.json\"\n"
                "jwt-issuer = \"https://login.example.org\"",
     .help = "who must have issued a token (iss)"},
    {"jwt-audience", "jwt-audience", "TEXT", KIND_TEXT, SCOPE_SITE, FIELD(struct site, jwt_audience),
     .example = "jwt-keys = \"/etc/samovar/keys.json\"\n"
                "jwt-audience = \"https://files.example.org\"",
     .help = "for whom a token must be meant (aud)"},
    {"jwt-user", "jwt-user", "CLAIM", KIND_TEXT, SCOPE_SITE, .fallback = "sub", FIELD(struct site, jwt_user),
     .example = "jwt-keys = \"/etc/samovar/keys.json\"\n"
                "jwt-user = \"preferred_username\"",
     .help = "the claim of a token that is the user's name"},
    {"jwt-groups", "jwt-groups", "CLAIM", KIND_TEXT, SCOPE_SITE, .fallback = "groups", FIELD(struct site, jwt_groups),
     .example = "jwt-keys = \"/etc/samovar/keys.json\"\n"
                "jwt-groups = \"roles\"",
     .help = "the claim of a token that lists the user's groups"},
    {"cors", "cors", "ORIGIN", KIND_LIST, SCOPE_SITE, .set = set_cors, .example = "cors = { \"https://app.example\" }",
     .help = "an origin such as https://app.example whose pages may ask here from a browser; may be repeated"},
    {"cors-credentials", "cors-credentials", NULL, KIND_FLAG, SCOPE_SITE, .fallback = "off", .option_value = "on",
     FIELD(struct site, cors_credentials),
     .example = "cors = { \"https://app.example\" }\n"
                "cors-credentials = on",
     .help = "pages of those origins may ask with their user's password, too"},
    {"demands", "demands", "FILE", KIND_PATH, SCOPE_SITE, FIELD(struct site, demands_file),
     .example = "demands = \"/etc/samovar/demands\"",
     .help = "the register of legal demands; what one of them is about is answered with 451"},
    {"moved", NULL, "PATTERN", KIND_BLOCK, SCOPE_SITE,
     .example = "moved \"/2019/*.html\" {\n"
                "    to = \"/archive/2019/$1\"\n"
                "}",
     .help = "what matches PATTERN has moved (308): * stands for anything but a slash, ** for anything"},
    {"moved-max-age", "moved-max-age", "TIME", KIND_TIME, SCOPE_SITE, .fallback = "1h", .most = 366ull * 24 * HOUR,
     .per = SECOND, FIELD(struct site, moved_seconds), .example = "moved-max-age = 1d",
     .help = "for how long clients may remember that something moved",
     .reason = "clients that remember it do not ask again before: a rule that was wrong lives on in them for so long"},
    {"extensions", "extensions", NULL, KIND_FLAG, SCOPE_SITE, .fallback = "off", .option_value = "on",
     FIELD(struct site, extensions), .example = "extensions = on",
     .help = "understand mandatory requests (RFC 2774): M-GET, Man, Ext"},
    {"http-codes", "http-codes", NULL, KIND_FLAG, SCOPE_SITE, .fallback = "off", .option_value = "on",
     FIELD(struct site, http_codes), .example = "http-codes = on",
     .help = "tell at /.well-known/http-codes where rules for extension codes are, for samovar survey"},
    {"user", "user", "NAME:PASSWORD", KIND_LIST, SCOPE_LINE, .set = set_user,
     .help = "a user who may log in; wiped from the process list; may be repeated"},
    {"state", "state", "DIR", KIND_PATH, SCOPE_SITE, .needs_restart = true, FIELD(struct site, state),
     .example = "state = \"/var/lib/samovar/files\"",
     .help = "keep what the server itself has to remember in DIR and not in .samovar inside the root"},
    {"read-only", "read-only", NULL, KIND_FLAG, SCOPE_SITE, .fallback = "off", .option_value = "on",
     .needs_restart = true, FIELD(struct site, read_only), .example = "read-only = on",
     .help = "nobody changes anything"},
    {"allow-write", "allow-write", "WHO", KIND_WORD, SCOPE_SITE, .fallback = "local", .words = "local|anyone",
     FIELD(struct site, allow_write_anyone), .example = "allow-write = anyone",
     .help = "with no users: anyone may write from everywhere, or local: only over loopback addresses"},
    {"durability", "durability", "HOW", KIND_WORD, SCOPE_SITE, .fallback = "full", .words = "full|relaxed",
     .needs_restart = true, FIELD(struct site, durability), .example = "durability = relaxed",
     .help = "full: a change is on the disk before it is answered; relaxed: soon after, and a power cut may undo or "
             "empty what was changed last"},
    {"symlinks", "symlinks", "WHICH", KIND_WORD, SCOPE_SITE, .fallback = "inside", .words = "inside|never|anywhere",
     .needs_restart = true, FIELD(struct site, symlinks), .example = "symlinks = never",
     .help = "symbolic links that are followed: those that stay inside the root, none (never), or all (anywhere)"},
    {"names", "names", "HOW", KIND_WORD, SCOPE_SITE, .fallback = "octets", .words = "octets|nfc", .needs_restart = true,
     FIELD(struct site, names), .example = "names = nfc",
     .help = "file names as their octets are, or brought to Unicode's form C (nfc)"},
    {"locks", "locks", "HOW", KIND_WORD, SCOPE_SITE, .fallback = "memory", .words = "memory|durable",
     .needs_restart = true, FIELD(struct site, locks_durable), .example = "locks = durable",
     .help = "what write locks outlive: memory: a restart and a crash of the server; durable: a power cut too, for a "
             "wait for the disk with each"},
    {"trash", "trash", "DAYS", KIND_COUNT, SCOPE_SITE, .fallback = "0", .most = 36500, .needs_restart = true,
     FIELD(struct site, trash_days), .set = set_trash, .example = "trash = 30",
     .help = "for how many days what was deleted is kept in the state folder's trash; 0: its room is free at once"},
    {"history-space", "history-space", "SIZE", KIND_SIZE, SCOPE_SITE, .fallback = "0", .most = INT64_MAX,
     .needs_restart = true, FIELD(struct site, history_space), .example = "history-space = 20G",
     .help = "what all earlier contents together may take, the oldest going first; 0: a tenth of the file system",
     .reason = "it is room that nobody's quota pays for"},
    {"cache-space", "cache-space", "SIZE", KIND_SIZE, SCOPE_SITE, .fallback = "512M", .most = INT64_MAX,
     .needs_restart = true, FIELD(struct site, cache_space), .example = "cache-space = 2G",
     .help = "what deltas and compressed forms of files may take in the state folder, to be sent again; 0 keeps none"},
    {"at", NULL, "PATH", KIND_BLOCK, SCOPE_SITE,
     .example = "at \"/inbox\" {\n"
                "    untrusted = on\n"
                "    allow \"*\" { rights = { \"create\" } }\n"
                "}",
     .help = "what holds at PATH and below; for each directive the longest PATH that sets it wins"},

    /* Sites and paths. */
    {"index", "no-index", NULL, KIND_FLAG, SCOPE_SITE | SCOPE_AT, .fallback = "on", .option_value = "off",
     FIELD(struct place, rules.index), .place_bit = SET_INDEX, .chapter = "Sites and paths", .example = "index = off",
     .help = "show index.html for a folder, where there is one",
     .option_help = "list folders even if there is an index.html"},
    {"hidden", "hidden", "HOW", KIND_WORD, SCOPE_SITE | SCOPE_AT, .fallback = "unlisted",
     .words = "listed|unlisted|deny", FIELD(struct place, rules.hidden), .place_bit = SET_HIDDEN,
     .example = "hidden = deny",
     .help = "names that begin with a dot: listed, unlisted (served but not in the HTML listing), or deny"},
    {"untrusted", "untrusted", NULL, KIND_FLAG, SCOPE_SITE | SCOPE_AT, .fallback = "off", .option_value = "on",
     FIELD(struct place, rules.untrusted), .place_bit = SET_UNTRUSTED, .example = "untrusted = on",
     .help = "files come from people you do not trust: no scripts in pages, active types only as downloads"},
    {"quota", "quota", "SIZE", KIND_SIZE, SCOPE_SITE | SCOPE_AT, .fallback = "0", .most = INT64_MAX,
     FIELD(struct place, quota), .place_bit = SET_QUOTA, .example = "quota = 10G",
     .help = "how much may lie there and below, such as 10G, beside what quotas above allow; more is 507; 0: no quota"},
    {"require-match", "require-match", "WHEN", KIND_WORD, SCOPE_SITE | SCOPE_AT, .fallback = "off",
     .words = "off|on|conflict-copy", FIELD(struct place, rules.require_match), .place_bit = SET_MATCH,
     .example = "require-match = conflict-copy",
     .help = "who changes what is there must say which version he knows (If-Match), else 428; conflict-copy: he need "
             "not, but a version that he had not seen is kept beside it"},
    {"history", "history", "LIMIT", KIND_LIST, SCOPE_SITE | SCOPE_AT, .set = set_history, .place_bit = SET_HISTORY,
     .example = "history = { 5, \"30d\", \"2G\" }",
     .help =
         "keep what a PUT replaces: so many earlier contents of a file (5), for so long (30d), so many octets (2G); "
         "several limits hold together; 0 keeps nothing. They are at /.samovar/versions/PATH/ and in samovar history"},
    {"digest", "digest", NULL, KIND_FLAG, SCOPE_SITE | SCOPE_AT, .fallback = "off", .option_value = "on",
     FIELD(struct place, rules.digest), .place_bit = SET_DIGEST, .example = "digest = on",
     .help =
         "what a PUT stores is hashed as it comes, and its SHA-256 kept: for Want-Repr-Digest and for samovar check "
         "--content; with history it is on"},
    {"fresh", "fresh", "TIME", KIND_TIME, SCOPE_SITE | SCOPE_AT, .fallback = "0", .most = 366ull * 24 * HOUR,
     .per = SECOND, FIELD(struct place, rules.fresh_s), .place_bit = SET_FRESH, .example = "fresh = 1h",
     .help = "for how long clients may take a file for the current one without asking (max-age); 0: they ask each time",
     .reason = "what was changed is seen at once"},
    {"dictionary", "dictionary", "MATCH", KIND_LIST, SCOPE_SITE | SCOPE_AT, .set = set_dictionary,
     .place_bit = SET_DICTIONARY,
     .example = "dictionary = { \"/app/*.js\", \"app-1\" }\n"
                "    fresh = 30d",
     .help = "files here are compression dictionaries for what a browser asks for later: at addresses of this pattern, "
             "or self for the file's own next contents; an id may follow, off ends it; it takes fresh"},
    {"feeds", "feeds", "HOW", KIND_WORD, SCOPE_SITE | SCOPE_AT, .fallback = "strict", .words = "strict|rolling",
     FIELD(struct place, rules.feeds), .place_bit = SET_FEEDS, .example = "feeds = rolling",
     .help = "newsreaders that ask for what is new in a feed (A-IM: feed) get the whole of it once entries are gone; "
             "rolling: not where just the oldest gave way to new ones"},
    {"negotiate", "negotiate", NULL, KIND_FLAG, SCOPE_SITE | SCOPE_AT, .fallback = "off", .option_value = "on",
     FIELD(struct place, rules.negotiate), .place_bit = SET_NEGOTIATE, .example = "negotiate = on",
     .help = "page.en.html and page.fr.html are variants of page, of which each client gets the one that it takes "
             "best, and "
             "*.var are type maps that list variants, as Apache has them"},
    {"languages", NULL, "LIST", KIND_LIST, SCOPE_SITE | SCOPE_AT, .set = set_language, .place_bit = SET_LANGUAGES,
     .example = "negotiate = on\n"
                "    languages = { \"en\", \"fr\" }",
     .help = "which of several variants that a client takes equally well it gets: the one in the first of these "
             "languages; without it, the list of them (300)"},
    {"compress", "compress", "HOW", KIND_WORD, SCOPE_SITE | SCOPE_AT, .fallback = "off", .words = "off|stored|on",
     FIELD(struct place, rules.compress), .place_bit = SET_COMPRESS, .example = "compress = on",
     .help =
         "clients that take it get texts compressed (gzip, br, zstd): stored: where a.js.br or the like lies beside "
         "a.js; on: all of them",
     .reason =
         "a drive is to give back what was put there, octet by octet, and programs that synchronise compare sizes "
         "and entity tags"},
    {"delta-ahead", "delta-ahead", NULL, KIND_FLAG, SCOPE_SITE | SCOPE_AT, .fallback = "off", .option_value = "on",
     FIELD(struct place, rules.delta_ahead), .place_bit = SET_DELTA_AHEAD, .example = "delta-ahead = on",
     .help =
         "after a PUT the difference to what it replaced is made at once, not when the first client asks for it; it "
         "takes history"},
    {"partial-put", "no-partial-put", NULL, KIND_FLAG, SCOPE_SITE | SCOPE_AT, .fallback = "on", .option_value = "off",
     FIELD(struct place, rules.partial_put), .place_bit = SET_PARTIAL_PUT, .example = "partial-put = off",
     .help = "a PUT with Content-Range replaces that part of a file, or appends to it; off: it is refused (400)",
     .option_help = "refuse a PUT with Content-Range, which replaces a part of a file"},
    {"bind-loops", "no-bind-loops", NULL, KIND_FLAG, SCOPE_SITE | SCOPE_AT, .fallback = "on", .option_value = "off",
     FIELD(struct place, rules.bind_loops), .place_bit = SET_BIND_LOOPS, .example = "bind-loops = off",
     .help = "BIND may put a folder below itself; off: that is refused (403, cycle-allowed)",
     .option_help = "refuse a BIND that would put a folder below itself"},
    {"leave-forwarding", "leave-forwarding", NULL, KIND_FLAG, SCOPE_SITE | SCOPE_AT, .fallback = "off",
     .option_value = "on", FIELD(struct place, rules.leave_forwarding), .place_bit = SET_FORWARDING,
     .example = "leave-forwarding = on",
     .help = "a MOVE leaves a forwarding address behind, and the old address is answered with 308"},
    {"require-extension", "require-extension", "URI", KIND_TEXT, SCOPE_SITE | SCOPE_AT, .set = set_extension,
     .place_bit = SET_EXTENSION, .example = "require-extension = \"reason\"",
     .help = "the extension that every request must be made under (RFC 2774), else 510: integrity, reason or none; it "
             "takes extensions = on"},
    {"moved-to", NULL, "ADDRESS", KIND_TEXT, SCOPE_AT, .set = set_place_moved, .place_bit = SET_MOVED,
     .example = "moved-to = \"https://archive.example.org/reports/\"",
     .help = "all that was at this path and below is at ADDRESS now (308), a path or a URL"},
    {"moved-public", NULL, NULL, KIND_FLAG, SCOPE_AT, .fallback = "off", FIELD(struct place, moved_public),
     .place_bit = SET_MOVED_PUBLIC,
     .example = "moved-to = \"/archive/reports/\"\n"
                "moved-public = on",
     .help = "that it moved is told to everybody, also to who may not read here"},
    {"propfind-infinity", "no-propfind-infinity", NULL, KIND_FLAG, SCOPE_SITE | SCOPE_AT, .fallback = "on",
     .option_value = "off", FIELD(struct place, rules.propfind_infinity), .place_bit = SET_INFINITY,
     .example = "propfind-infinity = off", .help = "answer a PROPFIND of everything below a folder (Depth: infinity)",
     .option_help = "refuse a PROPFIND of everything below a folder (Depth: infinity) with 403"},
    {"allow", NULL, "WHO", KIND_BLOCK, SCOPE_SITE | SCOPE_AT,
     .example = "allow \"@editors\" { rights = { \"read\", \"write\" } }",
     .help = "what WHO may do here: a user's name, \"@NAME\" (a group), \"users\" (whoever logged in) or \"*\" "
             "(everybody)"},
    {"rights", NULL, "LIST", KIND_LIST, SCOPE_ALLOW, .set = set_right, .chapter = "Rights",
     .example = "rights = { \"list\", \"create\" }",
     .help =
         "of read, list, write, create, delete, lock, bind and unlock-any; read gives list, write gives create, "
         "delete, lock and bind; lock is to take write locks, without which some programs open files for reading only, "
         "unlock-any to end those of others"},

    /* Addresses that moved. */
    {"to", NULL, "ADDRESS", KIND_TEXT, SCOPE_MOVED, .set = set_moved_to, .chapter = "Moved addresses",
     .example = "to = \"/archive/$1\"",
     .help = "where it is now, a path or a URL; $1, $2 ... stand for what the wildcards matched"},
    {"public", NULL, NULL, KIND_FLAG, SCOPE_MOVED, .fallback = "off", FIELD(struct moved_rule, is_public),
     .example = "to = \"https://www.example.org/$1\"\n"
                "public = on",
     .help = "it is told to everybody, also to who may not read there"},

    /* Limits on clients. */
    {"rate", NULL, "N/TIME", KIND_TEXT, SCOPE_LIMIT, .set = set_rate, .chapter = "Limits on clients",
     .example = "rate = 100/m",
     .help = "so many requests in a second (10/s), a minute (100/m), an hour (1000/h) or a day; more is 429"},
    {"burst", NULL, "N", KIND_COUNT, SCOPE_LIMIT, .fallback = "0", .most = 1000000, FIELD(struct limit_rule, burst),
     .example = "rate = 100/m\n"
                "burst = 20",
     .help = "how many may come at once after a pause; 0: as many as the rate allows in one second"},
    {"bytes", NULL, "SIZE/TIME", KIND_TEXT, SCOPE_LIMIT, .set = set_byte_rate, .example = "bytes = 10M/s",
     .help = "so much content in both directions together (10M/s); the request after it is 429"},
    {"concurrent", NULL, "N", KIND_COUNT, SCOPE_LIMIT, .fallback = "0", .most = 1000000,
     FIELD(struct limit_rule, concurrent), .example = "concurrent = 4",
     .help = "how many at one time; 0: as many as they like"},
    {"per", NULL, "WHAT", KIND_LIST, SCOPE_LIMIT, .set = set_per,
     .example = "rate = 10/s\n"
                "per = { \"user\" }",
     .help =
         "whose requests are counted together: of an address (an IPv6 network of 64 bits), a user (else an address), "
         "a path, a method, or everybody's (all); address without it, and all that are listed together"},
    {"methods", NULL, "LIST", KIND_LIST, SCOPE_LIMIT, .set = set_methods,
     .example = "rate = 10/s\n"
                "methods = { \"write\", \"PROPFIND\" }",
     .help = "which requests are counted: read, list, write, or methods by name; all without it"},
    {"paths", NULL, "LIST", KIND_LIST, SCOPE_LIMIT, .set = set_limit_path,
     .example = "rate = 10/s\n"
                "paths = { \"/inbox\", \"/public\" }",
     .help = "where requests are counted, at these paths and below; everywhere without it"},

    /* The register of demands. */
    {"demand", NULL, "NAME", KIND_BLOCK, SCOPE_REGISTER, .chapter = "The register of demands",
     .example = "demand \"order-17\" {\n"
                "    paths = { \"/books/banned\" }\n"
                "    authority = \"District Court of Exampleton\"\n"
                "    reference = \"Order 17/2026\"\n"
                "    date = 2026-01-31\n"
                "}",
     .help = "a legal demand, by a name of your own"},
    {"paths", NULL, "LIST", KIND_LIST, SCOPE_DEMAND, .set = set_demand_path,
     .example = "paths = { \"/books/banned\", \"/**/banned-*.pdf\" }",
     .help = "what it is about: paths, with all below them, or patterns, in which * is anything but a slash and ** "
             "anything"},
    {"public", NULL, NULL, KIND_FLAG, SCOPE_DEMAND, .fallback = "off", FIELD(struct demand, is_public),
     .example = "paths = { \"/books/banned\" }\n"
                "public = on",
     .help = "it is told to everybody, also to who may not read there"},
    {"authority", NULL, "TEXT", KIND_TEXT, SCOPE_DEMAND, FIELD(struct demand, authority),
     .example = "paths = { \"/books/banned\" }\n"
                "authority = \"District Court of Exampleton\"",
     .help = "who demands it"},
    {"reference", NULL, "TEXT", KIND_TEXT, SCOPE_DEMAND, FIELD(struct demand, reference),
     .example = "paths = { \"/books/banned\" }\n"
                "reference = \"Order 17/2026\"",
     .help = "the law, and the number of the order"},
    {"date", NULL, "DATE", KIND_TEXT, SCOPE_DEMAND, .set = set_date,
     .example = "paths = { \"/books/banned\" }\n"
                "date = 2026-01-31",
     .help = "since when, as in 2026-01-31"},
    {"countries", NULL, "LIST", KIND_LIST, SCOPE_DEMAND, .set = set_country,
     .example = "paths = { \"/books/banned\" }\n"
                "countries = { \"DE\", \"FR\" }",
     .help = "where it holds, by two letters each (DE, FR); everywhere without it. It takes a country-database"},
    {"blocked-by", NULL, "URL", KIND_TEXT, SCOPE_DEMAND, .set = set_blocked_by,
     .example = "paths = { \"/books/banned\" }\n"
                "blocked-by = \"https://www.example.org/legal\"",
     .help = "who keeps the visitors from it: a page of the server's own operator"},
    {"text", NULL, "TEXT", KIND_LIST, SCOPE_DEMAND, .set = set_demand_text,
     .example = "paths = { \"/books/banned\" }\n"
                "text = { \"en: A court forbids us to show this.\", \"de: Ein Gericht untersagt, dies zu zeigen.\" }",
     .help = "the explanation in one language: \"en: ...\"; may be repeated, and is chosen by Accept-Language"},

    /* A captive portal. */
    {"portal", NULL, NULL, KIND_BLOCK, SCOPE_GLOBAL, .chapter = "A captive portal",
     .example = "portal {\n"
                "    name = \"portal.example.net\"\n"
                "    login = { terms }\n"
                "}",
     .help = "let clients of a gateway out once they have logged in, and tell them so until then (511)"},
    {"name", NULL, "HOST", KIND_TEXT, SCOPE_PORTAL, .set = set_portal_name, .example = "name = \"portal.example.net\"",
     .help = "the portal's own name, which clients reach it by, and its port if that is not the usual one; a name that "
             "is a site's host, too, uses that site's certificate"},
    {"login", NULL, "LIST", KIND_LIST, SCOPE_PORTAL, .set = set_portal_login, .example = "login = { terms, voucher }",
     .help = "how to get in: terms (a tick at the terms), voucher (a code that samovar portal makes), user (name and "
             "password, of the first site's users)"},
    {"intercept", NULL, "ADDRESS", KIND_LIST, SCOPE_PORTAL, .fallback = "0.0.0.0:8511, [::]:8511",
     .needs_restart = true, .set = set_portal_intercept, .example = "intercept = { \"0.0.0.0:8511\", \"[::]:8511\" }",
     .help = "where the firewall sends the requests of those who have not logged in; an address as for listen, always "
             "plain HTTP"},
    {"intercept-hosts", NULL, "HOST", KIND_LIST, SCOPE_PORTAL, .set = set_portal_intercept_host,
     .example = "intercept-hosts = { \"www.example.net\" }",
     .help = "names under which requests that reach listen are answered as intercepted ones, where it is the names of "
             "others that lead guests here; with them and without intercept there is no address of its own for those"},
    {"terms", NULL, "FILE", KIND_PATH, SCOPE_PORTAL, FIELD(struct portal_conf, terms),
     .example = "terms = \"/etc/samovar/terms.txt\"",
     .help =
         "the terms, a plain text; FILE.de and the like, where there are such files, are the same in other languages"},
    {"title", NULL, "TEXT", KIND_TEXT, SCOPE_PORTAL, FIELD(struct portal_conf, title),
     .example = "title = \"Cafe Samovar\"",
     .help = "what the network is called on the portal's pages; without it, the portal's name"},
    {"venue", NULL, "URL", KIND_TEXT, SCOPE_PORTAL, .set = set_portal_venue,
     .example = "venue = \"https://cafe.example.net/menu\"",
     .help = "a page about the place, which clients show once they are in (venue-info-url)"},
    {"session-time", NULL, "TIME", KIND_TIME, SCOPE_PORTAL, .fallback = "8h", .most = 366ull * 24 * HOUR, .per = SECOND,
     FIELD(struct portal_conf, session_seconds), .example = "session-time = 2h",
     .help = "how long who came in by terms or as a user stays in; 0: no end. Vouchers say it themselves",
     .reason = "a day's visit: an address that a guest gave up does not stay open for the next one for long"},
    {"session-bytes", NULL, "SIZE", KIND_SIZE, SCOPE_PORTAL, .fallback = "0", .most = INT64_MAX,
     FIELD(struct portal_conf, session_bytes), .example = "session-bytes = 5G",
     .help = "octets that such a session may send and receive; 0: no end"},
    {"devices", NULL, "N", KIND_COUNT, SCOPE_PORTAL, .fallback = "0", .most = 1000, FIELD(struct portal_conf, devices),
     .example = "devices = 3", .help = "devices that one user may have in at a time; 0: as many as he likes"},
    {"firewall", NULL, "HOW", KIND_WORD, SCOPE_PORTAL, .fallback = "nftables", .words = "nftables|none",
     .needs_restart = true, FIELD(struct portal_conf, firewall), .example = "firewall = none",
     .help =
         "who opens the gateway: nftables: the program samovar-firewall does; none: nobody, sessions are only kept"},
    {"firewall-program", NULL, "FILE", KIND_PATH, SCOPE_PORTAL, .needs_restart = true,
     FIELD(struct portal_conf, firewall_program), .example = "firewall-program = \"/usr/libexec/samovar-firewall\"",
     .help = "where samovar-firewall is, if it is not where it was installed"},

    /* Pots. */
    {"pots", NULL, "PATH", KIND_TEXT, SCOPE_SITE, .fallback = "/pots", .set = set_pots, .chapter = "Pots",
     .example = "pots = \"/kitchen\"\n"
                "pot \"pot-1\" { }",
     .help = "where the site's pots are, as members of a collection; / is the whole site, with its files beside them"},
    {"pot", NULL, "NAME", KIND_BLOCK, SCOPE_SITE,
     .example = "pot \"pot-1\" {\n"
                "    additions = { Cream, Sugar }\n"
                "}",
     .help = "a coffee pot or teapot at PATH/NAME that brews by the method BREW (RFC 2324, RFC 7168)"},
    {"brews", NULL, "WHAT", KIND_WORD, SCOPE_POT, .fallback = "coffee", .words = "coffee|tea|both",
     FIELD(struct pot_conf, brews),
     .example = "brews = both\n"
                "tea \"earl-grey\" { }",
     .help = "what it can brew; who asks a pot for tea alone for coffee is told that it is a teapot (418)"},
    {"additions", NULL, "LIST", KIND_LIST, SCOPE_POT, .set = set_pot_addition,
     .example = "additions = { Cream, Half-and-half, Vanilla, Sugar }",
     .help = "what can be added: Cream, Half-and-half, Whole-milk, Part-Skim, Skim, Non-Dairy, Vanilla, Almond, "
             "Raspberry, Chocolate, Whisky, Rum, Kahlua, Aquavit, Sugar, Xylitol, Stevia; who asks for another is told "
             "these (406)"},
    {"heating", NULL, "TIME", KIND_TIME, SCOPE_POT, .fallback = "1m", .most = 24 * HOUR,
     FIELD(struct pot_conf, heating_ms), .example = "heating = 90s", .help = "how long the water takes"},
    {"brewing", NULL, "TIME", KIND_TIME, SCOPE_POT, .fallback = "4m", .most = 24 * HOUR,
     FIELD(struct pot_conf, brewing_ms), .example = "brewing = 5m", .help = "how long coffee takes after that"},
    {"pouring", NULL, "TIME", KIND_TIME, SCOPE_POT, .fallback = "5s", .most = HOUR, FIELD(struct pot_conf, pouring_ms),
     .example = "pouring = 8s", .help = "how long it pours a portion of milk, unless somebody says WHEN"},
    {"milk", NULL, "N", KIND_COUNT, SCOPE_POT, .fallback = "30", .least = 1, .most = 1000,
     FIELD(struct pot_conf, milk_ml), .example = "milk = 25", .help = "millilitres of such a portion"},
    {"coffee-is-out", NULL, NULL, KIND_FLAG, SCOPE_POT, .fallback = "off", FIELD(struct pot_conf, is_coffee_out),
     .example = "coffee-is-out = on", .help = "there is no coffee for now: 503, with the time of retry-after"},
    {"retry-after", NULL, "TIME", KIND_TIME, SCOPE_POT, .fallback = "10m", .least = SECOND, .most = 366ull * 24 * HOUR,
     .per = SECOND, FIELD(struct pot_conf, retry_s), .example = "retry-after = 1h",
     .help = "after which time who found none is to ask again",
     .reason = "about as long as it takes to go and buy some"},
    {"driver", NULL, "HOW", KIND_WORD, SCOPE_POT, .fallback = "simulated", .words = "simulated|command|mqtt",
     FIELD(struct pot_conf, driver), .needs_restart = true,
     .example = "driver = command\n"
                "command = { \"/usr/local/bin/pot\" }",
     .help = "who does it: simulated: nobody, its times alone; command: a program; mqtt: a device that an MQTT broker "
             "knows"},
    {"command", NULL, "LIST", KIND_LIST, SCOPE_POT, .needs_restart = true, .set = set_pot_command,
     .example = "driver = command\n"
                "command = { \"/usr/local/bin/pot\", kitchen }",
     .help =
         "a program and its first arguments; it is run with start coffee, start tea NAME, stop or when behind them, "
         "and what is to be added, like Cream=2. No shell has a part in it"},
    {"broker", NULL, "URL", KIND_TEXT, SCOPE_POT, .needs_restart = true, .set = set_pot_broker,
     .example = "driver = mqtt\n"
                "broker = \"mqtt://127.0.0.1:1883\"\n"
                "topic = \"kitchen/pot-1\"",
     .help = "the MQTT broker; mqtts:// for one with TLS, whose certificate the system has to trust"},
    {"topic", NULL, "TOPIC", KIND_TEXT, SCOPE_POT, .needs_restart = true, .set = set_pot_topic,
     .example = "driver = mqtt\n"
                "broker = \"mqtts://broker.example.net\"\n"
                "topic = \"kitchen/pot-1\"",
     .help =
         "the pot's topic: TOPIC/set takes ON, OFF and WHEN, TOPIC/brew what is to be brewed; it tells of itself at "
         "TOPIC/state and TOPIC/availability"},
    {"login", NULL, "NAME", KIND_TEXT, SCOPE_POT, .needs_restart = true, FIELD(struct pot_conf, login),
     .example = "driver = mqtt\n"
                "broker = \"mqtt://127.0.0.1\"\n"
                "topic = \"kitchen/pot-1\"\n"
                "login = samovar",
     .help = "who we are to the broker"},
    {"password-file", NULL, "FILE", KIND_PATH, SCOPE_POT, .needs_restart = true, FIELD(struct pot_conf, password_file),
     .example = "driver = mqtt\n"
                "broker = \"mqtt://127.0.0.1\"\n"
                "topic = \"kitchen/pot-1\"\n"
                "login = samovar\n"
                "password-file = \"/etc/samovar/mqtt-password\"",
     .help = "a file whose first line is the password for it; the user to run as reads it"},
    {"broker-ca", NULL, "FILE", KIND_PATH, SCOPE_POT, .needs_restart = true, FIELD(struct pot_conf, broker_ca),
     .example = "driver = mqtt\n"
                "broker = \"mqtts://broker.example.net\"\n"
                "topic = \"kitchen/pot-1\"\n"
                "broker-ca = \"/etc/samovar/broker-ca.pem\"",
     .help = "a file with the certificates of who vouches for a broker of mqtts://, instead of the system's; the user "
             "to run as reads it"},
    {"discovery", NULL, "TOPIC", KIND_TEXT, SCOPE_POT, .fallback = "homeassistant", .needs_restart = true,
     .set = set_pot_discovery,
     .example = "driver = mqtt\n"
                "broker = \"mqtt://127.0.0.1\"\n"
                "topic = \"kitchen/pot-1\"\n"
                "discovery = off",
     .help = "below which topic the pot is announced to Home Assistant; off: nowhere"},
    {"answer-time", NULL, "TIME", KIND_TIME, SCOPE_POT, .fallback = "10s", .least = 10, .most = 60 * SECOND,
     .needs_restart = true, FIELD(struct pot_conf, answer_ms), .example = "answer-time = 5s",
     .help = "that the pot has to obey an order; then it is 503",
     .reason = "who ordered waits for so long, and so does everybody after him"},
    {"tea", NULL, "NAME", KIND_BLOCK, SCOPE_POT,
     .example = "brews = tea\n"
                "tea \"earl-grey\" {\n"
                "    steeping = 4m\n"
                "}",
     .help = "a variety of tea, at the pot's address with /NAME behind it, and at that of the collection"},
    {"steeping", NULL, "TIME", KIND_TIME, SCOPE_TEA, .fallback = "3m", .most = 24 * HOUR,
     FIELD(struct tea_conf, steeping_ms), .example = "steeping = 5m",
     .help = "how long it takes to the strength that is recommended for it, when brewing ends"},
    {"against", NULL, "LIST", KIND_LIST, SCOPE_TEA, .set = set_consensus,
     .example = "against = { Cream, \"Vanilla+Rum\" }",
     .help = "additions, or combinations of them, that the drinkers of this tea agree not to be fit for it (403)"},
    {"is-out", NULL, NULL, KIND_FLAG, SCOPE_TEA, .fallback = "off", FIELD(struct tea_conf, is_out),
     .example = "is-out = on", .help = "there is none of it for now: 503, with the time of the pot's retry-after"},

    /*
     * Limits. Each guards memory or a descriptor against a peer that means ill or is broken, and is generous
     * to what browsers and clients send.
     */
    {"request-line", NULL, "SIZE", KIND_SIZE, SCOPE_LIMITS, .fallback = "16K", .least = 256, .most = 1 << 20,
     FIELD(struct limits, request_line_max), .chapter = "Limits", .example = "request-line = 32K",
     .help = "octets of a request line; more is 414",
     .reason = "twice the 8000 that RFC 9112 recommends, for paths of percent-encoded names"},
    {"field-line", NULL, "SIZE", KIND_SIZE, SCOPE_LIMITS, .fallback = "16K", .least = 256, .most = 1 << 20,
     FIELD(struct limits, field_line_max), .example = "field-line = 32K",
     .help = "octets of one header field; more is 431",
     .reason = "a negotiation ticket in Authorization may take 12 KiB, an If field with many lock tokens as much"},
    {"fields-total", NULL, "SIZE", KIND_SIZE, SCOPE_LIMITS, .fallback = "64K", .least = 256, .most = 16 << 20,
     FIELD(struct limits, fields_total_max), .example = "fields-total = 128K",
     .help = "octets of all header fields together; more is 431",
     .reason = "what one connection may make the server keep before it is known who is asking"},
    {"field-count", NULL, "N", KIND_COUNT, SCOPE_LIMITS, .fallback = "200", .least = 1, .most = 10000,
     FIELD(struct limits, field_count_max), .example = "field-count = 100",
     .help = "number of header fields; more is 431",
     .reason = "browsers send about twenty; every lookup walks through all"},
    {"trailer-total", NULL, "SIZE", KIND_SIZE, SCOPE_LIMITS, .fallback = "8K", .most = 1 << 20,
     FIELD(struct limits, trailer_total_max), .example = "trailer-total = 4K",
     .help = "octets of trailers, and of chunk extensions; more is 431, or 400",
     .reason = "trailers carry a digest or two"},
    {"body", NULL, "SIZE", KIND_SIZE, SCOPE_LIMITS, .fallback = "0", .most = INT64_MAX, FIELD(struct limits, body_max),
     .example = "body = 10G", .help = "octets of a request's content; more is 413; 0: no limit",
     .reason = "a drive takes what the disk can hold"},
    {"head-time", NULL, "TIME", KIND_TIME, SCOPE_LIMITS, .fallback = "30s", .least = SECOND, .most = 24 * HOUR,
     FIELD(struct limits, head_timeout_ms), .example = "head-time = 10s",
     .help = "time for a whole request head; then 408",
     .reason = "counted from its first octet and never prolonged, so that trickling does not help"},
    {"body-idle", NULL, "TIME", KIND_TIME, SCOPE_LIMITS, .fallback = "60s", .least = SECOND, .most = 24 * HOUR,
     FIELD(struct limits, body_idle_timeout_ms), .example = "body-idle = 5m",
     .help = "time without an octet of content coming in; then 408",
     .reason = "longer than any pause of a phone between two radio cells"},
    {"send-idle", NULL, "TIME", KIND_TIME, SCOPE_LIMITS, .fallback = "60s", .least = SECOND, .most = 24 * HOUR,
     FIELD(struct limits, send_idle_timeout_ms), .example = "send-idle = 5m",
     .help = "time in which the client takes no octet; then it is cut off", .reason = "as for content coming in"},
    {"keepalive", NULL, "TIME", KIND_TIME, SCOPE_LIMITS, .fallback = "75s", .most = 24 * HOUR,
     FIELD(struct limits, keepalive_timeout_ms), .example = "keepalive = 5m",
     .help = "time between two requests; 0: a connection serves one",
     .reason = "longer than a minute, at which many clients poll"},
    {"drain", NULL, "TIME", KIND_TIME, SCOPE_LIMITS, .fallback = "30s", .most = 24 * HOUR,
     FIELD(struct limits, drain_timeout_ms), .example = "drain = 60s",
     .help = "time that requests under way are given when the server ends",
     .reason = "less than the 90 s after which systemd kills"},
    {"connections", NULL, "N", KIND_COUNT, SCOPE_LIMITS, .fallback = "0", .most = 10000000,
     FIELD(struct limits, connections_max), .example = "connections = 10000",
     .help = "connections at once; 0: as many as the descriptors allow",
     .reason = "the descriptors that the system grants are the limit that counts"},
    {"connections-per-address", NULL, "N", KIND_COUNT, SCOPE_LIMITS, .fallback = "0", .most = 10000000,
     FIELD(struct limits, connections_per_address_max), .example = "connections-per-address = 100",
     .help = "connections at once from one address; 0: no limit", .reason = "many people may share one address"},
    {"handshake-timeout", NULL, "TIME", KIND_TIME, SCOPE_LIMITS, .fallback = "10s", .least = SECOND, .most = HOUR,
     FIELD(struct limits, handshake_timeout_ms), .example = "handshake-timeout = 5s",
     .help = "time for a TLS handshake; then the connection is cut off",
     .reason = "a few round trips of a slow link; before it ends nobody has shown that he speaks TLS at all"},
    {"processing", NULL, "TIME", KIND_TIME, SCOPE_LIMITS, .fallback = "20s", .most = HOUR,
     FIELD(struct limits, processing_ms), .example = "processing = 10s",
     .help = "after so long, and again and again, a client is told that its request is still worked on (102); 0: never",
     .reason = "RFC 2518 thinks of 20 seconds; proxies and clients seldom give up before 30"},
    {"lock-timeout", NULL, "TIME", KIND_TIME, SCOPE_LIMITS, .fallback = "1d", .least = 60 * SECOND,
     .most = 366ull * 24 * HOUR, .per = SECOND, FIELD(struct limits, lock_seconds_max), .example = "lock-timeout = 1h",
     .help = "for how long a write lock may be taken or refreshed at once",
     .reason = "clients refresh the locks that they need; one that was forgotten is in the way for a day at most"},
    {"xml-body", NULL, "SIZE", KIND_SIZE, SCOPE_LIMITS, .fallback = "1M", .least = 4 << 10, .most = 64 << 20,
     FIELD(struct limits, xml_body_max), .example = "xml-body = 4M",
     .help = "octets of the XML in a PROPFIND, PROPPATCH, LOCK, MKCOL or REPORT; more is 413",
     .reason = "it is kept in memory whole; programs send some hundred octets, and properties of many kilobytes exist"},
    {"http2-streams", NULL, "N", KIND_COUNT, SCOPE_LIMITS, .fallback = "128", .least = 1, .most = 1000,
     FIELD(struct limits, http2_streams_max), .example = "http2-streams = 256",
     .help = "requests at once on one HTTP/2 connection",
     .reason = "RFC 9113 advises at least 100; each may hold buffers and a worker"},
    {"http2-window", NULL, "SIZE", KIND_SIZE, SCOPE_LIMITS, .fallback = "4M", .least = 64 << 10, .most = 256 << 20,
     FIELD(struct limits, http2_window), .example = "http2-window = 16M",
     .help = "octets of content that an HTTP/2 connection may send before the disk has taken them",
     .reason = "fills a link of 1 Gbit/s at 30 ms; it is also what one connection can make the server keep"},
};

const unsigned directive_count = sizeof(directives) / sizeof(directives[0]);

const struct directive *directive_find(struct slice name, unsigned scope)
{
    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].scopes & scope && slice_eq(name, slice_str(directives[i].name)))
            return &directives[i];
    return NULL;
}

const struct directive *directive_of_option(struct slice option)
{
    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].option && slice_eq(option, slice_str(directives[i].option)))
            return &directives[i];
    return NULL;
}

bool directive_same(const struct directive *row, const void *target, const void *other)
{
    const char *a = (const char *)target + row->offset, *b = (const char *)other + row->offset;

    if (row->kind == KIND_TEXT || row->kind == KIND_PATH)
        return slice_eq(slice_str(*(const char *const *)a), slice_str(*(const char *const *)b));
    return memcmp(a, b, row->size) == 0;
}
