/*
 * put.c - `samovar put`: a file becomes what is there, at the price of what is new in it.
 *
 * Where the version that is there is known (it was got or put before, bases.h), the difference to it is sent (PATCH,
 * application/vcdiff) with If-Match: it is that version that is changed, or nothing is. A server that takes no such
 * thing gets the whole. A file that nothing is known of is only put where nothing is, unless --force.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "bases.h"
#include "http/digest_field.h"
#include "progress.h"
#include "session.h"

enum {
    WAIT_LEAST = 1 << 20,    /* from here on the server is asked first */
    DELTA_LEAST = 16 * 1024, /* below, the whole is as good */
};

struct upload {
    struct session *session;
    const char *path;
    int fd;
    uint64_t size;
    struct stat before; /* the file as it was when it was begun */
    struct note note;   /* the version that is there, as far as known; tag "" for nothing */
    int base;           /* that version; -1 */
    int delta;          /* to it, a file without a name; -1 */
    uint64_t delta_size;
    struct slice digest; /* Repr-Digest */
    uint64_t sent;
    struct progress progress;
};

/* ---- what is known ---- */

/*
 * The version that the file was made of: what its own note says, or else what was its content when it was got or put
 * last. A version that only another file is of would let this one replace what its maker never saw.
 */
static void find_base(struct upload *upload, const struct note *own)
{
    struct session *session = upload->session;
    struct note kept;

    upload->note = *own; /* good for If-Match, also where the version itself is gone */
    upload->base = base_open(session->address, &session->arena, &kept);
    if (upload->base < 0)
        return;
    if (own->tag.len ? slice_eq(own->tag, kept.tag) : base_is_of(&kept, upload->path))
        upload->note = kept;
    else
        fd_close(&upload->base);
}

static int look_at_file(struct upload *upload)
{
    struct session *session = upload->session;
    struct note note;

    upload->fd = open(upload->path, O_RDONLY | O_CLOEXEC);
    if (upload->fd < 0)
        return session_fail(session, TRANSFER_LOCAL, "%s: %s", upload->path, strerror(errno));
    if (!file_size(upload->fd, &upload->size) || fstat(upload->fd, &upload->before) < 0)
        return session_fail(session, TRANSFER_LOCAL, "%s is no file", upload->path);
    if (!note_read(upload->fd, &session->arena, &note) || !slice_eq(note.url, session->address))
        note = (struct note){0};
    find_base(upload, &note);
    return TRANSFER_OK;
}

static void make_digest(struct upload *upload)
{
    struct buf text = BUF_INIT(256);
    unsigned char sum[SHA256_OCTETS];

    if (file_sha256(upload->fd, sum)) {
        digest_field_write(&text, DIGEST_SHA256, sum);
        upload->digest = arena_slice(&upload->session->arena, buf_slice(&text));
    }
    buf_release(&text);
}

/* ---- the difference ---- */

static int open_nameless(void)
{
    const char *folder = getenv("TMPDIR");
    char path[64] = "/tmp/samovar-XXXXXX";
    int fd = open(folder && folder[0] == '/' ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0) {
        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0)
            unlink(path);
    }
    return fd;
}

/* True: there is one that is worth sending. */
static bool make_delta(struct upload *upload)
{
    struct delta_limits limits = {.memory_max = DELTA_MEMORY_USUAL, .output_max = upload->size / 2};
    struct delta_source base, target;
    struct delta_sink sink;
    uint64_t base_size;

    if (upload->session->transfer->is_whole || upload->session->transfer->is_forced || upload->base < 0 ||
        upload->size < DELTA_LEAST || !file_size(upload->base, &base_size))
        return false;
    upload->delta = open_nameless();
    if (upload->delta < 0)
        return false;
    base = file_source(&upload->base, base_size);
    target = file_source(&upload->fd, upload->size);
    sink = file_sink(&upload->delta);
    return delta_encode(DELTA_VCDIFF, &base, &target, DELTA_USUAL, &limits, &sink) == ERR_NONE &&
           file_size(upload->delta, &upload->delta_size);
}

/* ---- sending ---- */

static void went(void *arg, uint64_t octets)
{
    struct upload *upload = arg;

    progress_now(&upload->progress, octets);
}

static int send(struct upload *upload, struct client_request *request, int *fd, uint64_t size)
{
    struct session *session = upload->session;
    struct delta_source source = file_source(fd, size);
    int status;

    request->content = source.read;
    request->arg = fd;
    request->length = size;
    request->waits = size >= WAIT_LEAST;
    request->sent = went;
    request->sent_arg = upload;
    progress_begin(&upload->progress, upload->path, 0, size, session->transfer->is_quiet);
    status = session_ask(session, request);
    progress_end(&upload->progress);
    upload->sent = size;
    return status;
}

static int send_delta(struct upload *upload)
{
    struct client_request request;

    session_request(upload->session, "PATCH", &request);
    client_field(&request, SLICE("Content-Type"), SLICE("application/vcdiff"));
    client_field(&request, SLICE("If-Match"), upload->note.tag);
    if (upload->digest.len)
        client_field(&request, SLICE("Repr-Digest"), upload->digest);
    return send(upload, &request, &upload->delta, upload->delta_size);
}

static int send_whole(struct upload *upload)
{
    struct client_request request;

    session_request(upload->session, "PUT", &request);
    if (upload->digest.len)
        client_field(&request, SLICE("Repr-Digest"), upload->digest);
    if (upload->session->transfer->is_forced)
        ;
    else if (upload->note.tag.len)
        client_field(&request, SLICE("If-Match"), upload->note.tag);
    else
        client_field(&request, SLICE("If-None-Match"), SLICE("*"));
    return send(upload, &request, &upload->fd, upload->size);
}

/* ---- what came of it ---- */

static bool is_success(int status)
{
    return status == 200 || status == 201 || status == 204;
}

/* The server, or something before it, does not take differences, or not this one; the whole may do. */
static bool takes_no_delta(int status)
{
    return status == 400 || status == 404 || status == 405 || status == 411 || status == 413 || status == 415 ||
           status == 422 || status == 501;
}

static int refused(struct upload *upload)
{
    struct session *session = upload->session;
    int status = session->answer.head.status;

    if (status != 412)
        return session_refused(session);
    if (upload->note.tag.len)
        return session_fail(session, TRANSFER_REFUSED,
                            "%.*s was changed by somebody since you had it. Get it and put both together, or --force "
                            "replaces it all the same",
                            SLICE_FMT(session->address));
    return session_fail(session, TRANSFER_REFUSED,
                        "there is something at %.*s already, of which nothing is known here. --force replaces it",
                        SLICE_FMT(session->address));
}

static void tell(struct upload *upload)
{
    char whole[OCTETS_TEXT], sent[OCTETS_TEXT];

    if (upload->sent < upload->size)
        session_tell(upload->session, "%s: %s, of which %s were sent", upload->path, octets_text(upload->size, whole),
                     octets_text(upload->sent, sent));
    else
        session_tell(upload->session, "%s: %s", upload->path, octets_text(upload->size, whole));
}

/* Written to while it was sent: it is not what the server's tag speaks of. */
static bool is_as_before(const struct upload *upload)
{
    struct stat now;

    return fstat(upload->fd, &now) == 0 && now.st_size == upload->before.st_size &&
           now.st_mtim.tv_sec == upload->before.st_mtim.tv_sec && now.st_mtim.tv_nsec == upload->before.st_mtim.tv_nsec;
}

static int done(struct upload *upload)
{
    struct session *session = upload->session;
    struct slice tag = is_as_before(upload) ? session_tag(session) : SLICE_NONE;

    base_keep(session->address, tag, upload->fd, upload->path);
    if (tag.len)
        note_write(upload->fd, &(struct note){.url = session->address, .tag = tag});
    tell(upload);
    return TRANSFER_OK;
}

static bool skip_content(void *arg, struct slice bytes)
{
    (void)arg, (void)bytes;
    return true;
}

static int upload_try(struct upload *upload)
{
    struct session *session = upload->session;
    bool is_delta = make_delta(upload);
    int status = is_delta ? send_delta(upload) : send_whole(upload);

    if (status == TRANSFER_OK && is_delta && takes_no_delta(session->answer.head.status)) {
        buf_clear(&session->why);
        client_content(session->client, &session->answer, skip_content, NULL, &session->why);
        status = send_whole(upload);
    }
    if (status != TRANSFER_OK)
        return status;
    return is_success(session->answer.head.status) ? done(upload) : refused(upload);
}

int put_command(struct session *session)
{
    struct upload upload = {.session = session, .path = session->transfer->file, .fd = -1, .base = -1, .delta = -1};
    int status = look_at_file(&upload);

    if (status == TRANSFER_OK) {
        make_digest(&upload);
        status = upload_try(&upload);
    }
    fd_close(&upload.fd);
    fd_close(&upload.base);
    fd_close(&upload.delta);
    return status;
}
