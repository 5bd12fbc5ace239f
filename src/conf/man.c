/*
 * man.c - the manual pages, as roff: samovar(1), the command, and samovar(5), the file. samovar(8) is man_service.c's,
 * samovar-codes(7) man_codes.c's.
 *
 * The rows come from the table; the prose around them stands here, a line of the array a line of the page. Lines that
 * begin with a dot and a letter are requests of roff, the others are text.
 */
#include <ctype.h>

#include "man.h"
#include "table.h"

void man_roff(FILE *out, const char *text)
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

void man_text(FILE *out, const char *const *lines)
{
    for (; *lines; lines++) {
        if (lines[0][0] == '.' && isalpha((unsigned char)lines[0][1]))
            fputs(*lines, out); /* a request of ours, and not ./NAME */
        else
            man_roff(out, *lines);
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

void man_lines(FILE *out, const char *title, const char *const *lines)
{
    man_title(out, ".SH", title);
    man_text(out, lines);
}

/* The line with the name, in bold, and what its value is called, in italics. */
static void man_head(FILE *out, const struct directive *row, bool is_file)
{
    fputs(".TP\n.B ", out);
    man_roff(out, is_file ? "" : "--");
    man_roff(out, is_file ? row->name : row->option);
    if (is_file && row->kind != KIND_BLOCK)
        fputs(" = \\fI", out);
    else if (row->argument)
        fputs(" \\fI", out);
    if (is_file && row->kind == KIND_FLAG)
        man_roff(out, "on|off");
    else if (is_file && row->kind == KIND_LIST)
        fprintf(out, "\\fR{ \\fI\\(dq%s\\(dq\\fR, ... }", strcmp(row->argument, "LIST") == 0 ? "VALUE" : row->argument);
    else if (is_file && row->kind != KIND_BLOCK)
        man_roff(out, row->words ? row->words : directive_argument(row));
    else if (row->argument)
        man_roff(out, row->argument);
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
        {SCOPE_PORTAL, "in portal"},
        {SCOPE_POT, "in pot"},
        {SCOPE_TEA, "in tea"},
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
    man_roff(out, row->example);
    fputs("\n.fi\n.RE\n", out);
}

static void man_row(FILE *out, const struct directive *row, bool is_file)
{
    man_head(out, row, is_file);
    man_roff(out, row->option_help && !is_file ? row->option_help : row->help);
    fputs(".\n", out);
    if (row->reason) {
        fputs("The reason: ", out);
        man_roff(out, row->reason);
        fputs(".\n", out);
    }
    if (row->fallback && (is_file || row->kind != KIND_FLAG)) {
        fputs("Default: ", out);
        man_roff(out, row->fallback);
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

static const char *const rights_lines[] = {
    "For a path the longest at that has any allow counts, and all its blocks that fit somebody count together. What",
    "somebody may neither read nor list is not shown to him, in no listing and no PROPFIND. A folder of which",
    "everybody has create alone is a drop box: files are put there and nobody finds them.", NULL};

static const char *const moved_lines[] = {
    "A block moved \"PATTERN\" has the old address answered with 308 and the new one. In the pattern, * stands for",
    "anything but a slash and ** for anything; what they matched is $1, $2 and so on in to. Rules that lead around in",
    "a circle are refused. A whole path is moved by moved-to in its at.", NULL};

static const char *const clients_lines[] = {
    "A block limit \"NAME\" says how much clients may ask for: a request that is too much is answered with 429 and",
    "when to come again. Outside of all sites it is for the whole server, in a site for that site. These are not the",
    "server's own limits, which stand in the block limits and guard it against broken requests.", NULL};

static const char *const register_lines[] = {
    "The register is a file of its own, named by demands in a site and read again on SIGHUP. It has a block for each",
    "demand. What it is about is answered with 451 and the explanation, whether or not there is such a file, and is",
    "shown in no listing.", NULL};

/* What is told at the head of a chapter of samovar(5). */
static const struct {
    const char *chapter;
    const char *const *lines;
} intros[] = {
    {"TLS and HTTP/2", tls_lines},
    {"Rights", rights_lines},
    {"Moved addresses", moved_lines},
    {"Limits on clients", clients_lines},
    {"The register of demands", register_lines},
};

static void man_intro(FILE *out, const char *chapter)
{
    for (unsigned i = 0; i < sizeof(intros) / sizeof(intros[0]); i++)
        if (strcmp(intros[i].chapter, chapter) == 0)
            man_text(out, intros[i].lines);
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
            if (is_file)
                man_intro(out, chapter);
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
        man_roff(out, command_operands(i));
        fputc('\n', out);
    }
}

static const char *const command_description[] = {
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
    "recorded of DIR, the totals of its quotas and the names of what has several, with what lies there; with --mend",
    "the records are set right, and what no name leads to goes to the trash; with --content every content is read",
    "whose SHA-256 is kept, earlier ones too, and what is not as it was stored is told.",
    "samovar forwards lists the forwarding addresses of DIR, which moves have left behind where",
    "leave-forwarding is on; with --remove it forgets one of them.",
    ".PP",
    "samovar passwd sets the password of USER in FILE, which is made if it is not there: it is asked for twice,",
    "or read as one line where standard input is no terminal, and kept as its yescrypt hash. With --app NAME it",
    "makes a password for one program or device of the user and prints it, this once, on standard output; it",
    "logs in as the user's own does, and is kept as a further line of his. --delete takes the user away with all",
    "that was made for him, or with --app that one password. All other lines stay as they are; the file is",
    "replaced as a whole. A server that runs reads its users again on SIGHUP.",
    ".PP",
    "samovar codes tells of status codes what they mean, where they are defined, what earns them here and a line",
    "that elicits them; without a code it lists all that are registered. samovar-codes(7) has all of it.",
    ".PP",
    "samovar get loads what is at URL into FILE, or into a file that is called like the last part of URL. What",
    "was loaded before is asked for again as the difference to it, where the server has that (A-IM: vcdiff); an",
    "interrupted download leaves FILE.part and goes on from there when the command is given again; FILE is what it",
    "was until all is there and has the digest that the server told. samovar put stores FILE at URL: of a file that",
    "was loaded or stored before as the difference (PATCH), if the version there is still the one it was made from;",
    "else nothing is changed, unless --force is given. What was loaded and stored last is kept in",
    "$XDG_CACHE_HOME/samovar/bases, in ~/.cache otherwise. Both end with 0, 1 if the server refused, 2 for a wrong",
    "command, 3 if it could not be reached, 4 if FILE could not be read or written.",
    ".PP",
    "samovar demo serves a folder that it makes in TMPDIR (/tmp) and removes at the end, with a configuration in which",
    "each of those 22 codes is one line of the shell away; --list prints code and line, with a tab between. --listen",
    "says where, one address with its port, 127.0.0.1:8080 otherwise; its front page plays them in a browser. Where a",
    "proxy is set, no_proxy has to name that address, or curl asks the proxy for it.",
    ".PP",
    "samovar survey asks any HTTP server for each of the 22 extension status codes, and tells which it earns: fields,",
    "content and effect are compared with what the specifications oblige to. A code is earned; wrong, with the",
    "obligation, the section of the RFC and a curl line that shows it; not offered; or it cannot tell, with what would",
    "have to be known. It only reads, unless --write lets it make collections of its own, which it removes, also",
    "when it is interrupted. Where the rules of a server are, a hint may say (--hints, /.well-known/http-codes). It",
    "ends with 0 if nothing is wrong, 1 if something is, 2 for a wrong command, 3 if a server did not answer, 4 if",
    "it was stopped.",
    NULL};

static void man_command(FILE *out)
{
    static const char *const name[] = {"samovar - serve a folder as a web site and as a network drive", NULL};
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
        "samovar passwd /etc/samovar/users alice",
        "samovar passwd /etc/samovar/users alice --app phone",
        ".fi",
        NULL};

    man_lines(out, "NAME", name);
    man_synopsis(out);
    man_lines(out, "DESCRIPTION", command_description);
    fputs(".SH OPTIONS\nEvery value may also be joined to its option by \\(dq=\\(dq.\n", out);
    man_rows(out, false);
    man_lines(out, "EXIT STATUS", status);
    man_lines(out, "SIGNALS", signals);
    man_lines(out, "ENVIRONMENT", environment);
    man_lines(out, "EXAMPLES", examples);
    fputs(".SH SEE ALSO\n.BR samovar (5),\n.BR samovar\\-codes (7),\n.BR samovar (8)\n", out);
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

void conf_man(FILE *out, int section)
{
    fprintf(out, ".TH SAMOVAR%s %d\n", section == 7 ? "-CODES" : "", section);
    if (section == 1)
        man_command(out);
    else if (section == 5)
        man_file(out);
    else if (section == 7)
        man_codes(out);
    else
        man_service(out);
}
