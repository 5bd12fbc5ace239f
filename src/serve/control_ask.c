/*
 * control_ask.c - the other end of the control socket: a command that asks a server which runs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "control.h"
#include "serve/serve.h"

enum { LINE_MAX_BYTES = 16 * 1024 };

/* The name without a file could be anybody's: believed are root, ourselves, and whom the folder belongs to. */
static bool may_answer(int fd, const char *root)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    struct stat st;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == 0 || peer.uid == geteuid() || (stat(root, &st) == 0 && peer.uid == st.st_uid));
}

/* -1, and errno: nobody listens there. */
static int connect_to_state(const char *root, const char *state)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    FD_GUARD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int len = state ? snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control", state)
                    : snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/.samovar/control", root);

    if (len < 0 || (size_t)len >= sizeof(addr.sun_path))
        errno = ENAMETOOLONG;
    else if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
        return fd_take(&fd);
    return -1;
}

static int connect_to_name(const char *root)
{
    struct sockaddr_un addr;
    socklen_t len = control_name(root, &addr);
    FD_GUARD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (!len || fd < 0 || connect(fd, (struct sockaddr *)&addr, len) || !may_answer(fd, root))
        return -1;
    return fd_take(&fd);
}

/* False: it hung up without a word. */
static bool ask(int fd, const char *question, struct buf *out)
{
    char text[CONTROL_QUESTION_MAX + 2];
    int len = snprintf(text, sizeof(text), "%s\n", question);
    ssize_t got;

    send(fd, text, (size_t)len, MSG_NOSIGNAL); /* what it does not take it does not answer */
    while ((got = read(fd, text, sizeof(text))) > 0)
        buf_add(out, slice_of(text, (size_t)got));
    return out->len > 0;
}

enum answered control_question(const char *root, const char *state, const char *question, struct buf *out)
{
    FD_GUARD fd = connect_to_state(root, state);
    bool is_forbidden = fd < 0 && errno == EACCES;

    if (fd < 0)
        fd = connect_to_name(root);
    if (fd >= 0 && ask(fd, question, out))
        return ANSWERED;
    if (fd < 0 && !is_forbidden)
        return ANSWERED_BY_NOBODY;
    fprintf(stderr, "samovar: the server of %s answers only root and the user that it runs as\n", root);
    return ANSWERED_NOT;
}

/* ---- commands ---- */

void control_add_word(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c <= ' ' || c == 0x7f || c == '%')
            buf_printf(out, "%%%02X", c);
        else
            buf_add_char(out, (char)c);
    }
}

static enum err answer_alone(const char *root, const char *state, struct slice about,
                             void (*alone)(struct store *, struct slice, struct buf *), struct buf *out)
{
    struct store_options options = {.root = root, .state = state};
    struct buf why = BUF_INIT(LINE_MAX_BYTES);
    struct store *store;
    enum err err = store_open(&options, &store, &why);

    if (err == ERR_NONE) {
        alone(store, about, out);
        store_close(store);
    } else {
        fprintf(stderr, "samovar: %s\n", buf_str(&why));
    }
    buf_release(&why);
    return err;
}

int control_command(const char *root, const char *state, const char *word, struct slice about,
                    void (*alone)(struct store *store, struct slice about, struct buf *out))
{
    struct buf answer = BUF_INIT(CONTROL_ANSWER_MAX);
    struct buf question = BUF_INIT(CONTROL_QUESTION_MAX);
    enum answered answered;
    bool is_good;

    role_take(ROLE_ANY, "samovar");
    buf_printf(&question, "%s%s%.*s", word, about.len ? " " : "", SLICE_FMT(about));
    answered = control_question(root, state, buf_str(&question), &answer);
    if (answered == ANSWERED_BY_NOBODY && answer_alone(root, state, about, alone, &answer) == ERR_NONE)
        answered = ANSWERED;
    is_good = answered == ANSWERED && answer.len && answer.ptr[0] == '+';
    if (answered == ANSWERED && answer.len)
        fwrite(answer.ptr + 1, 1, answer.len - 1, is_good ? stdout : stderr);
    buf_release(&question);
    buf_release(&answer);
    return is_good ? 0 : 1;
}

int control_ask(const char *root, const char *state, const char *question)
{
    struct buf answer = BUF_INIT(1 << 20);
    enum answered answered = control_question(root, state, question, &answer);

    if (answered == ANSWERED)
        fwrite(answer.ptr, 1, answer.len, stdout);
    else if (answered == ANSWERED_BY_NOBODY)
        fprintf(stderr, "samovar: no server runs for %s\n", root);
    buf_release(&answer);
    return answered == ANSWERED ? 0 : 1;
}
