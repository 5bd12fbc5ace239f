/*
 * box.c - a portal over a temporary folder, and a firewall that a thread plays.
 */
#include "box.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- the firewall ---- */

static struct box_entry *entry_at(struct box_firewall *firewall, const struct firewall_address *address)
{
    for (unsigned i = 0; i < BOX_ADDRESSES; i++) {
        struct box_entry *entry = &firewall->entries[i];

        if (!entry->address.family)
            entry->address = *address;
        if (address_same(&entry->address, address))
            return entry;
    }
    fail_msg("more addresses than the test's firewall has room for");
    return NULL;
}

static struct box_entry *entry_of(struct box *box, const char *address)
{
    struct firewall_address parsed;

    CHECK(address_parse(slice_str(address), &parsed));
    return entry_at(&box->firewall, &parsed);
}

static void say(struct box_firewall *firewall, struct firewall_answer *answer, uint32_t number)
{
    answer->number = number;
    send(firewall->end, answer, sizeof(*answer), MSG_NOSIGNAL);
}

static void say_all(struct box_firewall *firewall, const struct firewall_request *request)
{
    for (unsigned i = 0; i < BOX_ADDRESSES; i++) {
        const struct box_entry *entry = &firewall->entries[i];
        struct firewall_answer answer = {.address = entry->address, .bytes = entry->bytes, .has_mac = entry->has_mac};

        memcpy(answer.mac, entry->mac, MAC_LEN);
        if (request->what == FIREWALL_LIST ? entry->is_open : entry->has_mac)
            say(firewall, &answer, request->number);
    }
}

static enum err do_open(struct box_firewall *firewall, struct box_entry *entry, uint32_t seconds, uint64_t *bytes)
{
    firewall->opened++;
    if (firewall->refuses)
        return ERR_REFUSED;
    *bytes = entry->is_open ? entry->bytes : 0;
    entry->bytes = 0;
    entry->seconds = seconds;
    entry->is_open = true;
    return ERR_NONE;
}

static void do_close(struct box_firewall *firewall, struct box_entry *entry, uint64_t *bytes)
{
    firewall->closed++;
    *bytes = entry->is_open ? entry->bytes : 0;
    entry->bytes = 0;
    entry->is_open = false;
}

static void obey(struct box_firewall *firewall, const struct firewall_request *request)
{
    struct firewall_answer last = {.is_last = 1};
    struct box_entry *entry = request->address.family ? entry_at(firewall, &request->address) : NULL;

    if (request->what == FIREWALL_OPEN)
        last.err = do_open(firewall, entry, request->seconds, &last.bytes);
    else if (request->what == FIREWALL_CLOSE)
        do_close(firewall, entry, &last.bytes);
    else if (request->what == FIREWALL_FIND) {
        last.err = entry->has_mac ? ERR_NONE : ERR_MISSING;
        last.has_mac = entry->has_mac;
        memcpy(last.mac, entry->mac, MAC_LEN);
    } else
        say_all(firewall, request);
    say(firewall, &last, request->number);
}

static void *play(void *arg)
{
    struct box_firewall *firewall = arg;
    struct firewall_request request;

    while (recv(firewall->end, &request, sizeof(request), 0) == (ssize_t)sizeof(request)) {
        pthread_mutex_lock(&firewall->mutex);
        obey(firewall, &request);
        pthread_mutex_unlock(&firewall->mutex);
    }
    return NULL;
}

/* The server's end. */
static int begin_playing(struct box_firewall *firewall)
{
    int ends[2];

    CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    firewall->end = ends[1];
    CHECK_INT(pthread_create(&firewall->thread, NULL, play, firewall), 0);
    return ends[0];
}

static void end_playing(struct box_firewall *firewall)
{
    pthread_join(firewall->thread, NULL); /* the portal has closed its end */
    close(firewall->end);
}

struct box_entry box_entry(struct box *box, const char *address)
{
    struct box_entry copy;

    pthread_mutex_lock(&box->firewall.mutex);
    copy = *entry_of(box, address);
    pthread_mutex_unlock(&box->firewall.mutex);
    return copy;
}

void box_neighbour(struct box *box, const char *address, const char *mac)
{
    struct box_entry *entry;

    pthread_mutex_lock(&box->firewall.mutex);
    entry = entry_of(box, address);
    entry->has_mac = mac != NULL;
    memset(entry->mac, 0, MAC_LEN);
    if (mac)
        CHECK_INT(sscanf(mac, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &entry->mac[0], &entry->mac[1], &entry->mac[2],
                         &entry->mac[3], &entry->mac[4], &entry->mac[5]),
                  6);
    pthread_mutex_unlock(&box->firewall.mutex);
}

void box_carry(struct box *box, const char *address, uint64_t bytes)
{
    pthread_mutex_lock(&box->firewall.mutex);
    entry_of(box, address)->bytes += bytes;
    pthread_mutex_unlock(&box->firewall.mutex);
}

void box_shut(struct box *box, const char *address)
{
    pthread_mutex_lock(&box->firewall.mutex);
    entry_of(box, address)->is_open = false;
    entry_of(box, address)->bytes = 0;
    pthread_mutex_unlock(&box->firewall.mutex);
}

/* ---- the portal ---- */

static struct conf *conf_of(const char *inside, bool has_firewall)
{
    struct buf text = BUF_INIT(4096), why = BUF_INIT(1024);
    struct conf *conf = NULL;

    buf_printf(&text, "portal {\nname = p.example\nfirewall = %s\n%s\n}\nsite s { root = \"/srv\" }\n",
               has_firewall ? "nftables" : "none", inside);
    if (conf_from_text(buf_slice(&text), "/etc/t.conf", "/etc", &conf, &why))
        fail_msg("%s", buf_str(&why));
    buf_release(&text);
    buf_release(&why);
    return conf;
}

static void start(struct box *box)
{
    struct portal_options options = {.conf = box->conf, .store = box->store, .firewall = -1};
    struct buf why = BUF_INIT(1024);

    if (box->has_firewall)
        options.firewall = begin_playing(&box->firewall);
    if (portal_open(&options, &box->portal, &why))
        fail_msg("%s", buf_str(&why));
    portal_begin(box->portal);
    buf_release(&why);
}

static void stop(struct box *box)
{
    portal_close(box->portal);
    if (box->has_firewall)
        end_playing(&box->firewall);
}

void box_open(struct box *box, const char *inside, bool has_firewall)
{
    struct buf why = BUF_INIT(1024);

    *box = (struct box){.has_firewall = has_firewall};
    pthread_mutex_init(&box->firewall.mutex, NULL);
    strcpy(box->path, "/tmp/samovar-portal-XXXXXX");
    CHECK(mkdtemp(box->path) != NULL);
    if (store_open(&(struct store_options){.root = box->path}, &box->store, &why))
        fail_msg("%s", buf_str(&why));
    store_begin(box->store);
    box->conf = conf_of(inside, has_firewall);
    start(box);
    buf_release(&why);
}

void box_restart(struct box *box, const char *inside)
{
    stop(box);
    if (inside) {
        conf_unref(box->conf);
        box->conf = conf_of(inside, box->has_firewall);
    }
    start(box);
}

void box_close(struct box *box)
{
    char command[128];

    stop(box);
    conf_unref(box->conf);
    store_close(box->store);
    snprintf(command, sizeof(command), "rm -r %s", box->path);
    CHECK_INT(system(command), 0);
    pthread_mutex_destroy(&box->firewall.mutex);
}

enum portal_said box_login(struct box *box, const char *address, enum portal_login by, const char *text)
{
    struct portal_claim claim = {.address = slice_str(address), .by = by, .text = slice_str(text)};
    struct portal_state state;
    enum portal_said said;

    role_assert_worker();
    said = portal_login(box->portal, &claim, &state);
    CHECK_INT(state.is_free, box_is_free(box, address));
    return said;
}

struct portal_state box_look(struct box *box, const char *address)
{
    struct portal_state state;

    portal_look(box->portal, slice_str(address), &state);
    return state;
}

bool box_is_free(struct box *box, const char *address)
{
    return box_look(box, address).is_free;
}

const char *box_voucher(struct box *box, uint64_t seconds, uint64_t bytes, unsigned devices)
{
    static char code[4][16];
    static unsigned turn;
    struct portal_grant grant = {.seconds = seconds, .bytes = bytes, .devices = devices};
    struct buf out = BUF_INIT(64);

    role_assert_worker();
    CHECK_INT(vouchers_make(box->store, 1, &grant, &out), ERR_NONE);
    turn = (turn + 1) % 4;
    CHECK_INT(out.len, 12);
    snprintf(code[turn], sizeof(code[turn]), "%.11s", out.ptr);
    buf_release(&out);
    return code[turn];
}

void box_wait_look(struct box *box)
{
    uint64_t now;

    pthread_mutex_lock(&box->portal->changing); /* so none is under way */
    now = box->portal->look;
    box->portal->look_at_ms = 0;
    pthread_mutex_unlock(&box->portal->changing);
    for (int i = 0; i < 3000; i++) {
        bool is_done;

        pthread_mutex_lock(&box->portal->waking);
        pthread_cond_broadcast(&box->portal->wake); /* it need not wait for its second */
        pthread_mutex_unlock(&box->portal->waking);
        usleep(10000);
        pthread_mutex_lock(&box->portal->changing);
        is_done = box->portal->look > now;
        pthread_mutex_unlock(&box->portal->changing);
        if (is_done)
            return;
    }
    fail_msg("the warden does not look");
}
