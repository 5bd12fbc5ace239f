/*
 * man_service.c - samovar(8): running it as a service. Prose; a line of an array is a line of the page (man.h).
 */
#include "man.h"

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

static const char *const service_policy[] = {
    "Users, groups, tokens' keys, the register of demands and the countries' database are read at the start and",
    "again on SIGHUP; a new one that is wrong is told, and everything stays as it was. What is counted of clients for",
    "limits, and which version somebody fetched last, is in memory: a reload keeps it, a restart does not.",
    ".PP",
    "Forwarding addresses lie in the state folder. samovar forwards ROOT lists them, and forgets one whose old",
    "address is to be free again with --remove PATH.",
    ".PP",
    "To know why a request was refused, start the server with --trace gate: it prints what each gate said. What a",
    "method finds by itself (404, 412, 423, 428, 507) is in its answer.",
    NULL};

void man_service(FILE *out)
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
        {"WHO MAY PASS", service_policy},
        {"FILES", service_files},
        {"EXIT STATUS", service_status},
    };

    man_lines(out, "NAME", name);
    man_lines(out, "SYNOPSIS", synopsis);
    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        man_lines(out, parts[i].title, parts[i].lines);
    fputs(".SH SEE ALSO\n.BR samovar (1),\n.BR samovar (5),\n.BR systemd.service (5),\n.BR systemd.socket (5)\n", out);
}
