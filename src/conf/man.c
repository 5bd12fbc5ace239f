/*
 * man.c - the manual pages, as roff: samovar(1), the command; samovar(5), the file; samovar(8), the service.
 *
 * The rows come from the table; the prose around them stands here, a line of the array a line of the page. Lines that
 * begin with a dot and a letter are requests of roff, the others are text.
 */
#include <ctype.h>

#include "table.h"

/* Text for roff: no dash becomes a hyphen, nothing at a line's start is taken for a request. */
static void roff(FILE *out, const char *text)
{
    for (bool is_start = true; *text; is_start = *text == '\n', text++) {
        if (is_start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

static void man_text(FILE *out, const char *const *lines)
{
    for (; *lines; lines++) {
        if (lines[0][0] == '.' && isalpha((unsigned char)lines[0][1]))
            fputs(*lines, out); /* a request of ours, and not ./NAME */
        else
            roff(out, *lines);
        fputc('\n', out);
    }
}

static void man_title(FILE *out, const char *request, const char *title)
{
    fprintf(out, "%s ", request);
    for (; *title; title++)
        fputc(request[2] == 'H' ? toupper((unsigned char)*title) : *title, out);
    fputc('\n', out);
}

static void man_lines(FILE *out, const char *title, const char *const *lines)
{
    man_title(out, ".SH", title);
    man_text(out, lines);
}

/* The line with the name, in bold, and what its value is called, in italics. */
static void man_head(FILE *out, const struct directive *row, bool is_file)
{
    fputs(".TP\n.B ", out);
    roff(out, is_file ? "" : "--");
    roff(out, is_file ? row->name : row->option);
    if (is_file && row->kind != KIND_BLOCK)
        fputs(" = \\fI", out);
    else if (row->argument)
        fputs(" \\fI", out);
    if (is_file && row->kind == KIND_FLAG)
        roff(out, "on|off");
    else if (is_file && row->kind == KIND_LIST)
        fprintf(out, "\\fR{ \\fI\\(dq%s\\(dq\\fR, ... }", strcmp(row->argument, "LIST") == 0 ? "VALUE" : row->argument);
    else if (is_file && row->kind != KIND_BLOCK)
        roff(out, row->words ? row->words : directive_argument(row));
    else if (row->argument)
        roff(out, row->argument);
    fputs(is_file && row->kind == KIND_BLOCK ? "\\fR { ... }\n" : "\\fR\n", out);
}

/* In which blocks it may stand. */
static void man_where(FILE *out, const struct directive *row)
{
    static const struct {
        unsigned scope;
        const char *where;
    } places[] = {
        {SCOPE_GLOBAL, "outside of all blocks"},
        {SCOPE_SITE, "in site"},
        {SCOPE_AT, "in at"},
        {SCOPE_ALLOW, "in allow"},
        {SCOPE_LIMITS, "in limits"},
        {SCOPE_LIMIT, "in limit"},
        {SCOPE_MOVED, "in moved"},
        {SCOPE_REGISTER, "in the register, outside of all blocks"},
        {SCOPE_DEMAND, "in the register, in demand"},
    };
    const char *gap = "It stands ";

    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (row->scopes & places[i].scope) {
            fprintf(out, "%s%s", gap, places[i].where);
            gap = ", or ";
        }
    fputs(".\n", out);
}

static void man_example(FILE *out, const struct directive *row)
{
    fputs(".RS\n.PP\n.nf\n", out);
    roff(out, row->example);
    fputs("\n.fi\n.RE\n", out);
}

static void man_row(FILE *out, const struct directive *row, bool is_file)
{
    man_head(out, row, is_file);
    roff(out, row->option_help && !is_file ? row->option_help : row->help);
    fputs(".\n", out);
    if (row->reason) {
        fputs("The reason: ", out);
        roff(out, row->reason);
        fputs(".\n", out);
    }
    if (row->fallback && (is_file || row->kind != KIND_FLAG)) {
        fputs("Default: ", out);
        roff(out, row->fallback);
        fputs(".\n", out);
    }
    if (row->needs_restart)
        fputs("A new value needs a restart.\n", out);
    if (is_file) {
        man_where(out, row);
        man_example(out, row);
    }
}

/* What is worth knowing of a chapter of the file before its directives. */
static const char *const tls_lines[] = {
    "With a certificate, the server's or one site's, all TCP addresses that are not plain: speak TLS; unix",
    "sockets never do. Which site's certificate is shown, the client's server name indication decides, and",
    "the first site's for names that no site has. Several certificates are for several kinds of keys, ECDSA",
    "beside RSA.",
    ".PP",
    "certificate, key, ocsp and the three that begin with client- stand outside of sites, for all of them, or",
    "in a site. A site without a certificate has the server's certificates, keys and OCSP files. Each of the",
    "three client- directives that a site does not set is the server's, so that a certificate of its own",
    "takes no demand away; client-certificates = none does.",
    ".PP",
    "Files are read when the server starts, before it becomes another user, and again on SIGHUP, when they",
    "may also have other names. If a new one cannot be used, it is told and everything stays as it was. The",
    "first certificate, or the last one gone, needs a restart; so does one in a folder from which nothing was",
    "read at the start, because of the sandbox.",
    ".PP",
    "With client-certificates a site has users: those whom a certificate names. Without any allow they do",
    "everything, and nobody else does anything, on plain: addresses and unix sockets too.",
    NULL};

static const char *const tls_example[] = {".PP",
                                          "Two names with certificates of their own, and people who come with theirs:",
                                          ".PP",
                                          ".nf",
                                          "listen = { \"0.0.0.0:443\", \"plain:0.0.0.0:80\" }",
                                          "metrics = 9180",
                                          "certificate = { \"/etc/samovar/files.pem\" }",
                                          "key = { \"/etc/samovar/files.key\" }",
                                          "site \"files\" {",
                                          "    host = { \"files.example.org\" }",
                                          "    root = \"/srv/files\"",
                                          "    users = \"/etc/samovar/users\"",
                                          "}",
                                          "site \"team\" {",
                                          "    host = { \"team.example.org\" }",
                                          "    root = \"/srv/team\"",
                                          "    certificate = { \"/etc/samovar/team.pem\" }   # with its key",
                                          "    client-ca = \"/etc/samovar/people.pem\"",
                                          "    client-certificates = required",
                                          "    client-name = email",
                                          "}",
                                          ".fi",
                                          NULL};

static bool is_tls_chapter(const struct directive *row)
{
    return row->scopes & SCOPE_TLS;
}

/* One heading a chapter, where one of its rows is shown. */
static void man_rows(FILE *out, bool is_file)
{
    const char *chapter = NULL;

    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];

        if (row->chapter)
            chapter = row->chapter;
        if (is_file ? row->scopes & SCOPE_LINE : !row->option)
            continue;
        if (chapter) {
            man_title(out, is_file ? ".SH" : ".SS", chapter);
            if (is_file && is_tls_chapter(row))
                man_text(out, tls_lines);
        }
        chapter = NULL;
        man_row(out, row, is_file);
    }
}

static void man_synopsis(FILE *out)
{
    fprintf(out, ".SH SYNOPSIS\n.B samovar\n[%s] %s\n", command_word(0), command_operands(0));
    for (unsigned i = 1; command_word(i); i++) {
        fprintf(out, ".br\n.B samovar %s\n", command_word(i));
        roff(out, command_operands(i));
        fputc('\n', out);
    }
}

static void man_command(FILE *out)
{
    static const char *const name[] = {"samovar - serve a folder as a web site and as a network drive", NULL};
    static const char *const description[] = {
        "Serves DIR, or the current folder, over HTTP/1.1 and HTTP/2. Without users and without --listen it",
        "listens on loopback addresses only and everybody there reads and writes; on any other address everybody",
        "only reads, unless --allow-write anyone is given. A folder that is called like a command is written",
        "./NAME.",
        ".PP",
        "With --certificate all TCP addresses speak TLS, but those that begin with plain:. Without it passwords",
        "travel as they are, which is fine on this machine and behind a proxy, and of which the server warns",
        "elsewhere.",
        ".PP",
        "samovar status asks the server that serves DIR how it is. samovar locks asks it which write locks there",
        "are, or with --break has it end one, which is told in the audit log. samovar check compares what is",
        "recorded of DIR, the totals of its quotas, with what lies there; with --mend the records are set right.",
        "samovar forwards lists the forwarding addresses of DIR, which moves have left behind where",
        "leave-forwarding is on; with --remove it forgets one of them.",
        NULL};
    static const char *const status[] = {
        "0 after an orderly end, 1 when something went wrong, 2 for a wrong option or configuration.", NULL};
    static const char *const signals[] = {
        "SIGTERM and SIGINT: the first lets requests under way finish, the second ends at once.",
        ".PP",
        "SIGHUP: reads the configuration, users and certificates again; a wrong one is told and the old one kept.",
        "A new value of a directive that needs a restart is refused.",
        ".PP",
        "SIGUSR1: opens the files of the access and the audit log again, and lists what is in flight.",
        NULL};
    static const char *const environment[] = {
        "LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES hand over sockets, NOTIFY_SOCKET, WATCHDOG_USEC and",
        "WATCHDOG_PID ask for news, both as a service manager does it; see samovar(8).", NULL};
    static const char *const examples[] = {
        ".nf",
        "samovar ~/share",
        "samovar --listen 0.0.0.0:8080 --users /etc/samovar/users /srv/files",
        "samovar --listen 0.0.0.0:443 --certificate site.pem --key site.key --users users /srv/files",
        "samovar --config /etc/samovar.conf --check-config",
        ".fi",
        NULL};

    man_lines(out, "NAME", name);
    man_synopsis(out);
    man_lines(out, "DESCRIPTION", description);
    fputs(".SH OPTIONS\nEvery value may also be joined to its option by \\(dq=\\(dq.\n", out);
    man_rows(out, false);
    man_lines(out, "EXIT STATUS", status);
    man_lines(out, "SIGNALS", signals);
    man_lines(out, "ENVIRONMENT", environment);
    man_lines(out, "EXAMPLES", examples);
    fputs(".SH SEE ALSO\n.BR samovar (5),\n.BR samovar (8)\n", out);
}

static void man_file(FILE *out)
{
    static const char *const name[] = {"samovar - the configuration file of samovar(1)", NULL};
    static const char *const description[] = {
        "Directives are NAME = VALUE, blocks are NAME { ... } or NAME \"TITLE\" { ... }, lists are { \"a\", \"b\"",
        "}; a list of one needs no braces. Comments begin with # or //, or stand between /* and */. Values with",
        "other characters than letters, digits, dots, dashes and slashes stand in quotes. In double quotes",
        "${NAME} is a variable of the environment; single quotes take all as it is. Sizes are written 64K, 10M or",
        "2G, times 500ms, 30s, 5m or 24h. Relative paths start at the file's folder.",
        ".PP",
        "A site without allow: with users, or clients' certificates, whoever logged in does everything and nobody",
        "else anything; without, everybody reads, and writes over loopback addresses or with allow-write =",
        "anyone.",
        ".PP",
        "Options of the command line that stand for directives outside of sites win over the file; a",
        "--certificate there takes the place of the file's certificates, keys and OCSP files outside of sites.",
        "Options for sites are refused.",
        NULL};
    static const char *const example[] = {".nf",
                                          "listen = { \"0.0.0.0:8080\" }",
                                          "site \"files\" {",
                                          "    host = { \"files.example.org\" }",
                                          "    root = \"/srv/files\"",
                                          "    users = \"/etc/samovar/users\"",
                                          "    at \"/\" { allow \"*\" { rights = { \"read\" } } }",
                                          "}",
                                          ".fi",
                                          NULL};

    man_lines(out, "NAME", name);
    man_lines(out, "DESCRIPTION", description);
    man_rows(out, true);
    man_lines(out, "EXAMPLES", example);
    man_text(out, tls_example);
    fputs(".SH SEE ALSO\n.BR samovar (1),\n.BR samovar (8)\n", out);
}

static const char *const service_start[] = {
    "The server stays in the foreground and writes what a person should know to standard error, one line",
    "each. It opens its sockets and its log, reads certificates and keys, becomes the user of run-as, opens",
    "the folders, confines itself by Landlock and seccomp, and only then serves. Nothing walks through the",
    "folders before that, however large they are.",
    ".PP",
    "samovar --config FILE --check-config says whether a configuration would be taken, certificates included,",
    "and changes nothing.",
    ".PP",
    "One server serves a folder. A second one for the same folder says who holds it and ends, unless",
    "--replace is given.",
    NULL};

static const char *const service_signals[] = {
    ".TP",
    ".B SIGTERM, SIGINT",
    "Nothing new is accepted, connections that wait are closed, HTTP/2 clients are told to go elsewhere, and",
    "requests under way are finished, for as long as the limit drain says. The second one ends at once.",
    ".TP",
    ".B SIGHUP",
    "The configuration, users and certificates are read again. Requests under way end with what they began",
    "with. If something is wrong, or needs a restart, one line says so and everything stays as it was.",
    ".TP",
    ".B SIGUSR1",
    "The files of the access and the audit log are opened again under their names, for whoever has moved",
    "them away; and what is in flight is listed on standard error.",
    NULL};

static const char *const service_upgrade[] = {
    "A new program, or most values that need a restart, are taken up without a refused connection:",
    ".PP",
    ".nf",
    "samovar --config /etc/samovar/samovar.conf --replace",
    ".fi",
    ".PP",
    "The new server asks the one that runs for the same folders, over its control socket, for its listening",
    "sockets and its hold on the folders. Once it serves, the old one finishes what it has under way and",
    "ends; it is given more time for that than at a stop, since nobody waits for it. If the new server cannot",
    "start, the old one goes on as it was. Where nobody serves the folders, --replace is a start like any",
    "other. Other folders need a restart, and both servers run as the same user.",
    ".PP",
    "A service manager is told that the new process is the main one, and believes it of processes of the same",
    "service. Under systemd handed sockets are the simpler way: a restart refuses nobody, since the manager",
    "keeps the sockets and clients wait for a moment.",
    NULL};

static const char *const service_sockets[] = {
    "Without listen, and with LISTEN_PID naming this process, the sockets that the service manager hands over",
    "are served: LISTEN_FDS of them, from descriptor 3 on. LISTEN_FDNAMES may give each a name: one called",
    "plain stays without TLS, as plain: does, and one called metrics gives the metrics, unless the directive",
    "metrics says otherwise. Other names mean nothing. With listen, fd:3 and so on name them one by one, and",
    "those that are not named are left alone. The variables are taken out of the environment.",
    NULL};

static const char *const service_notify[] = {
    "With NOTIFY_SOCKET the server says when it is ready, when it reads its configuration again and when it",
    "stops, so that Type=notify is right. With WATCHDOG_USEC it says twice in that time that each of its",
    "loops still goes round; one that hangs is then restarted by the service manager.", NULL};

static const char *const service_users[] = {
    "Started as root, the server becomes the user of run-as after its sockets are open; without run-as it",
    "stays root, which is seldom wanted. Ports below 1024 need root at the start, or CAP_NET_BIND_SERVICE, or",
    "sockets handed over. The server writes as its user: the roots, and .samovar inside of them or what state",
    "names, have to be writable for it, unless read-only is on. Turning sandbox off is for kernels and",
    "debuggers that leave no other way.",
    NULL};

static const char *const service_files[] = {
    ".TP",
    ".I /etc/samovar/samovar.conf",
    "The configuration that the service is started with; see samovar(5).",
    ".TP",
    ".I ROOT/.samovar",
    "What the server itself has to remember of a root, unless state names another folder on the same file",
    "system. It is never served. The socket control inside it is what samovar status, samovar locks, samovar",
    "check and --replace speak to; before that folder is made there is one without a file.",
    ".TP",
    ".I /var/log/samovar/access.log",
    "Where the packaged configuration has the access log.",
    NULL};

static const char *const service_certificates[] = {
    "After a renewal, SIGHUP: new connections get the new certificate, old ones go on. A certificate that",
    "does not fit its key, or cannot be read, is told, and the old one stays. At the start they are read",
    "before the server becomes another user, on SIGHUP as the user that it is by then: a key that only root",
    "may read is taken up again by a restart or --replace alone. A group that owns the key's file, and to",
    "which that user belongs, is the usual way.",
    ".PP",
    "OCSP files are fetched by something else, and SIGHUP has them read. Session tickets are encrypted with",
    "keys that the server makes and replaces by itself and that are in no file.",
    NULL};

static const char *const service_logs[] = {
    "The access log is a line for each request, in the combined format or as JSON; control characters are",
    "never in it. To rotate: move the file away, send SIGUSR1, and compress the old one later, since requests",
    "under way may still be written to it. With access-log = - the lines go to standard output, and rotation",
    "is the service manager's.",
    ".PP",
    "With metrics, /metrics on that address gives counters in the OpenMetrics format, and /health says",
    "whether the server serves. Nobody logs in there: it should be an address that only the monitoring system",
    "reaches.",
    NULL};

static const char *const service_status[] = {
    ".TP",
    ".B 0",
    "An orderly end after SIGTERM or SIGINT.",
    ".TP",
    ".B 1",
    "Something outside the configuration was wrong: an address is taken, a folder is held by another server.",
    ".TP",
    ".B 2",
    "The options or the configuration are wrong; starting again will not help.",
    NULL};

static const char *const service_drive[] = {
    "samovar locks ROOT lists the write locks: token, scope, depth, for how long, whose, on what. A lock ends by",
    "itself after the limit lock-timeout at the latest; samovar locks ROOT --break TOKEN ends it at once, and so",
    "may, by UNLOCK, a user with the right unlock-any. The program that had it is refused at its next save. Each",
    "broken lock is a line in audit-log.",
    ".PP",
    "A quota is a promise about the file sizes at and below a path: more is refused with 507. Totals are kept",
    "by the server and compared with the folder now and then; samovar check ROOT does it at once, and --mend",
    "sets them right.",
    ".PP",
    "With trash, what is deleted lies in ROOT/.samovar/trash for so many days, under names of the server's own:",
    "the time of change (ls -lc) is that of the deletion. It is taken back by mv to where it was. It counts for",
    "no quota, and needs its room on the disk.",
    NULL};

static void man_service(FILE *out)
{
    static const char *const name[] = {"samovar - running samovar(1) as a service", NULL};
    static const char *const synopsis[] = {".B samovar",   "--config FILE [--replace]", ".br",
                                           ".B systemctl", "start|reload|stop samovar", NULL};
    static const struct {
        const char *title;
        const char *const *lines;
    } parts[] = {
        {"STARTING", service_start},
        {"SIGNALS", service_signals},
        {"UPGRADES", service_upgrade},
        {"HANDED SOCKETS", service_sockets},
        {"NOTIFICATION", service_notify},
        {"USERS AND PRIVILEGES", service_users},
        {"CERTIFICATES", service_certificates},
        {"LOGS AND METRICS", service_logs},
        {"LOCKS, QUOTAS AND TRASH", service_drive},
        {"FILES", service_files},
        {"EXIT STATUS", service_status},
    };

    man_lines(out, "NAME", name);
    man_lines(out, "SYNOPSIS", synopsis);
    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        man_lines(out, parts[i].title, parts[i].lines);
    fputs(".SH SEE ALSO\n.BR samovar (1),\n.BR samovar (5),\n.BR systemd.service (5),\n.BR systemd.socket (5)\n", out);
}

void conf_man(FILE *out, int section)
{
    fprintf(out, ".TH SAMOVAR %d\n", section);
    if (section == 1)
        man_command(out);
    else if (section == 5)
        man_file(out);
    else
        man_service(out);
}
