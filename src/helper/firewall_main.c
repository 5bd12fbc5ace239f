/*
 * firewall_main.c - samovar-firewall: takes requests from the server that started it, one after another.
 *
 * Its end of the socket pair is descriptor 0. It ends when the server does; signals from a terminal or the service
 * manager are the server's to obey, since who is on his way out still has to be closed.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "firewall_private.h"

enum { SERVER_FD = STDIN_FILENO };

/*
 * Closed addresses whose connections are still to be cut: together, once no further request comes at once. So the end
 * of many sessions in one second is one walk through the kernel's table.
 */
enum { CUTS_MAX = 1024, CALM_MS = 10 };

struct desk {
    struct sets *sets;
    struct firewall_address cuts[CUTS_MAX];
    unsigned cut_count;
    struct firewall_request request; /* the one that is obeyed */
    struct firewall_answer found;    /* of FIND */
    bool is_gone;
};

static void send_answer(struct desk *desk, const struct firewall_answer *answer)
{
    ssize_t sent;

    do
        sent = send(SERVER_FD, answer, sizeof(*answer), MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    desk->is_gone |= sent != (ssize_t)sizeof(*answer);
}

static void emit(const struct firewall_answer *answer, void *arg)
{
    struct desk *desk = arg;
    struct firewall_answer copy = *answer;

    copy.number = desk->request.number;
    send_answer(desk, &copy);
}

static void emit_fitting(const struct firewall_answer *answer, void *arg)
{
    struct desk *desk = arg;
    const struct firewall_address *wanted = &desk->request.address;

    if (answer->address.family == wanted->family &&
        memcmp(answer->address.octets, wanted->octets, sizeof(wanted->octets)) == 0)
        desk->found = *answer;
}

static enum err find(struct desk *desk, struct firewall_answer *last)
{
    enum err err;

    desk->found = (struct firewall_answer){0};
    err = neighbours_each(emit_fitting, desk, last->text);
    if (err == ERR_NONE && !desk->found.has_mac)
        return ERR_MISSING;
    last->address = desk->found.address;
    last->has_mac = desk->found.has_mac;
    memcpy(last->mac, desk->found.mac, MAC_LEN);
    return err;
}

static void cut_all(struct desk *desk)
{
    if (desk->cut_count)
        flows_cut(desk->cuts, desk->cut_count);
    desk->cut_count = 0;
}

static enum err close_one(struct desk *desk, struct firewall_answer *last)
{
    enum err err = sets_remove(desk->sets, &desk->request.address, &last->bytes, last->text);

    if (err != ERR_NONE)
        return err;
    if (desk->cut_count == CUTS_MAX)
        cut_all(desk);
    desk->cuts[desk->cut_count++] = desk->request.address;
    return ERR_NONE;
}

/* Nothing more is asked for the moment. */
static bool is_calm(void)
{
    struct pollfd server = {.fd = SERVER_FD, .events = POLLIN};

    return poll(&server, 1, CALM_MS) == 0;
}

/* The octets behind an IPv4 address are not looked at, but must be nothing. */
static bool is_address(const struct firewall_address *address)
{
    static const uint8_t nothing[12];

    return address->family == AF_INET6 ||
           (address->family == AF_INET && memcmp(address->octets + 4, nothing, sizeof(nothing)) == 0);
}

static bool is_sound(const struct firewall_request *request)
{
    switch (request->what) {
    case FIREWALL_HELLO:
    case FIREWALL_LIST:
    case FIREWALL_NEIGHBOURS:
        return true;
    case FIREWALL_OPEN:
        return is_address(&request->address) && request->seconds <= FIREWALL_SECONDS_MAX;
    case FIREWALL_CLOSE:
    case FIREWALL_FIND:
        return is_address(&request->address);
    default:
        return false;
    }
}

static enum err obey(struct desk *desk, struct firewall_answer *last)
{
    const struct firewall_request *request = &desk->request;

    if (!is_sound(request)) {
        snprintf(last->text, sizeof(last->text), "a request that makes no sense");
        return ERR_INVALID;
    }
    switch (request->what) {
    case FIREWALL_OPEN:
        return sets_add(desk->sets, &request->address, request->seconds, &last->bytes, last->text);
    case FIREWALL_CLOSE:
        return close_one(desk, last);
    case FIREWALL_LIST:
        return sets_each(desk->sets, emit, desk, last->text);
    case FIREWALL_NEIGHBOURS:
        return neighbours_each(emit, desk, last->text);
    case FIREWALL_FIND:
        return find(desk, last);
    default:
        return sets_check(desk->sets, last->text);
    }
}

static void serve(struct desk *desk)
{
    struct firewall_request *request = &desk->request;
    struct firewall_answer last;
    ssize_t got;

    while (!desk->is_gone && (got = recv(SERVER_FD, request, sizeof(*request), MSG_TRUNC)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got != (ssize_t)sizeof(*request))
            return; /* whoever that is, it is not our server */
        last = (struct firewall_answer){.number = request->number, .is_last = 1};
        last.err = obey(desk, &last);
        send_answer(desk, &last);
        if (desk->cut_count && is_calm())
            cut_all(desk);
    }
}

static bool is_socket(void)
{
    int type;
    socklen_t len = sizeof(type);

    return getsockopt(SERVER_FD, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

static void explain(FILE *out)
{
    fputs("samovar-firewall opens a gateway for those who logged in to Samovar's captive portal.\n"
          "The server starts it by itself; there is nothing to do for you here. See samovar(8) and docs/portal.md.\n",
          out);
}

int main(int argc, char **argv)
{
    static struct desk desk;

    if (argc != 2 || strcmp(argv[1], "--serve") != 0 || !is_socket()) {
        bool is_asked = argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "--version") == 0);

        explain(is_asked ? stdout : stderr);
        return is_asked ? 0 : 2;
    }
    close_range(STDERR_FILENO + 1, ~0u, 0);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (!rights_drop())
        return 1;
    desk.sets = sets_open();
    if (!desk.sets) {
        fputs("samovar-firewall: this kernel has no nf_tables\n", stderr);
        return 1;
    }
    serve(&desk);
    cut_all(&desk);
    return 0;
}
