/*
 * get.c - `samovar get`: a file as it is there now, at the price of what is new in it.
 *
 * What came so far lies beside the file, as FILE.part, with a note of which version it is a part of: an interrupted
 * download goes on from there. The file itself is replaced in one step, when all is there and is what the server said
 * its digest is; until then it is what it was.
 *
 * Where the file is what was got from this address before, the server is asked for the difference (A-IM), which is put
 * together with it. If that fails in any way the whole is asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "bases.h"
#include "http/digest_field.h"
#include "http/uri.h"
#include "progress.h"
#include "session.h"

enum { TRIES_MAX = 4, PATH_ROOM = 4096 };

struct download {
    struct session *session;
    char path[PATH_ROOM], part_path[PATH_ROOM], new_path[PATH_ROOM];
    int base;                   /* the file as it is, if it is a version of this address; -1 */
    struct note note;           /* of it */
    mode_t mode;                /* of it, or of a new file */
    int part;                   /* FILE.part */
    struct note of;             /* what it is a part of; tag "" for nothing */
    uint64_t already;           /* octets of it */
    uint64_t end;               /* octets that it is to have, where an answer goes on with it; 0: unknown */
    uint64_t came;              /* over the line, all in all */
    bool is_whole;              /* no difference is asked for any more */
    bool is_fresh;              /* nothing is gone on with any more */
    struct digest_field digest; /* of the whole, as the server says */
    struct progress progress;
    enum err error; /* of writing the part */
};

/* ---- names ---- */

/* The last part of the address, where no name is given. */
static bool name_of_url(struct session *session, char *out)
{
    struct slice path = slice_upto(session->url.path, slice_index(session->url.path, '?')), name;
    size_t at = path.len;

    while (at && path.ptr[at - 1] != '/')
        at--;
    if (!percent_decode(slice_from(path, at), &session->arena, &name) || !name.len || memchr(name.ptr, '/', name.len) ||
        memchr(name.ptr, '\0', name.len) || slice_eq(name, SLICE(".")) || slice_eq(name, SLICE("..")))
        return false;
    return snprintf(out, PATH_ROOM, "%.*s", SLICE_FMT(name)) < PATH_ROOM;
}

static int names_make(struct download *download)
{
    struct session *session = download->session;
    const char *file = session->transfer->file;

    if (file ? snprintf(download->path, PATH_ROOM, "%s", file) >= PATH_ROOM - 32
             : !name_of_url(session, download->path))
        return session_fail(session, TRANSFER_USAGE, "%.*s names no file: say what it is to be called",
                            SLICE_FMT(session->address));
    if (snprintf(download->part_path, PATH_ROOM, "%s.part", download->path) >= PATH_ROOM ||
        snprintf(download->new_path, PATH_ROOM, "%s.new", download->path) >= PATH_ROOM)
        return session_fail(session, TRANSFER_USAGE, "%s: the name is too long", download->path);
    return TRANSFER_OK;
}

/* ---- what is here already ---- */

static mode_t usual_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

/* It was got or put, and somebody has changed it since: his work would be lost. */
static bool is_edited(struct download *download, bool has_note)
{
    struct arena *arena = &download->session->arena;
    struct note kept;
    FD_GUARD base = -1;

    if (has_note)
        return !download->note.is_unchanged;
    base = base_open(download->session->address, arena, &kept);
    return base >= 0 && base_is_of(&kept, download->path);
}

static int look_at_note(struct download *download)
{
    struct session *session = download->session;
    bool has_note =
        note_read(download->base, &session->arena, &download->note) && slice_eq(download->note.url, session->address);
    bool is_lost = is_edited(download, has_note);

    if (!has_note || is_lost)
        download->note = (struct note){0};
    return !is_lost || session->transfer->is_forced
               ? TRANSFER_OK
               : session_fail(session, TRANSFER_LOCAL,
                              "%s was changed here since it came from there. --force replaces it all the same; another "
                              "name keeps both",
                              download->path);
}

static int look_at_file(struct download *download)
{
    struct session *session = download->session;
    struct stat got;

    download->mode = usual_mode();
    download->base = open(download->path, O_RDONLY | O_CLOEXEC);
    if (download->base < 0)
        return errno == ENOENT ? TRANSFER_OK
                               : session_fail(session, TRANSFER_LOCAL, "%s: %s", download->path, strerror(errno));
    if (fstat(download->base, &got) < 0 || !S_ISREG(got.st_mode))
        return session_fail(session, TRANSFER_LOCAL, "%s is no file", download->path);
    download->mode = got.st_mode & 07777;
    return look_at_note(download);
}

/* Ours alone: two that write to it would mix. What another one put in place meanwhile is the part no more. */
static bool part_lock(const struct download *download)
{
    struct stat ours, there;

    return flock(download->part, LOCK_EX | LOCK_NB) == 0 && fstat(download->part, &ours) == 0 &&
           lstat(download->part_path, &there) == 0 && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

/* Nobody else reads it before it has the mode of the file. */
static int look_at_part(struct download *download)
{
    struct session *session = download->session;

    download->part = open(download->part_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (download->part < 0 || !file_size(download->part, &download->already))
        return session_fail(session, TRANSFER_LOCAL, "%s: %s", download->part_path, strerror(errno));
    if (!part_lock(download)) {
        fd_close(&download->part);
        return session_fail(session, TRANSFER_LOCAL, "%s: another samovar get is loading it", download->part_path);
    }
    if (!note_read(download->part, &session->arena, &download->of) || !slice_eq(download->of.url, session->address) ||
        !download->of.tag.len)
        download->of = (struct note){0};
    if (!download->of.tag.len)
        download->already = 0;
    return TRANSFER_OK;
}

/* Begins the part anew, as one of this version. */
static bool part_begin(struct download *download, struct slice im)
{
    struct session *session = download->session;

    download->of =
        (struct note){.url = session->address, .tag = session_tag(session), .im = im, .base = download->note.tag};
    download->already = download->end = 0;
    if (ftruncate(download->part, 0) < 0)
        return false;
    note_write(download->part, &download->of); /* else it cannot be gone on with */
    return true;
}

/* ---- the request ---- */

static bool has_base(const struct download *download)
{
    return download->note.tag.len > 0;
}

static bool goes_on(const struct download *download)
{
    if (download->is_fresh || !download->already)
        return false;
    return !download->of.im.len || (has_base(download) && slice_eq(download->of.base, download->note.tag));
}

/* RFC 3229 §5.7 for a delta that is gone on with. */
static void add_fields(struct download *download, struct client_request *request)
{
    struct arena *arena = &download->session->arena;
    bool is_on = goes_on(download);

    client_field(request, SLICE("Want-Repr-Digest"), SLICE("sha-256=1"));
    client_field(request, SLICE("Accept-Encoding"), SLICE("identity")); /* without it any is acceptable */
    if (has_base(download))
        client_field(request, SLICE("If-None-Match"), download->note.tag);
    if (is_on && download->of.im.len)
        client_field(request, SLICE("A-IM"), arena_printf(arena, "%.*s, range", SLICE_FMT(download->of.im)));
    else if (!is_on && has_base(download) && !download->is_whole)
        client_field(request, SLICE("A-IM"), SLICE("vcdiff, gdiff;q=0.5"));
    if (!is_on)
        return;
    client_field(request, SLICE("Range"), arena_printf(arena, "bytes=%llu-", (unsigned long long)download->already));
    client_field(request, SLICE("If-Range"), download->of.tag);
}

/* ---- receiving ---- */

static bool take(void *arg, struct slice bytes)
{
    struct download *download = arg;

    download->error = file_sink(&download->part).write(&download->part, bytes);
    download->already += bytes.len;
    download->came += bytes.len;
    progress_now(&download->progress, download->already);
    return download->error == ERR_NONE;
}

static int receive(struct download *download)
{
    struct session *session = download->session;
    uint64_t total = session->answer.framing == ANSWER_LENGTH ? download->already + session->answer.length : 0;
    enum err err;

    if (lseek(download->part, (off_t)download->already, SEEK_SET) < 0)
        return session_fail(session, TRANSFER_LOCAL, "%s: %s", download->part_path, strerror(errno));
    progress_begin(&download->progress, download->path, download->already, total, session->transfer->is_quiet);
    buf_clear(&session->why);
    err = client_content(session->client, &session->answer, take, download, &session->why);
    progress_end(&download->progress);
    if (err == ERR_NONE)
        return TRANSFER_OK;
    if (download->error != ERR_NONE)
        return session_fail(session, TRANSFER_LOCAL, "%s: %s", download->part_path, err_text(download->error));
    return session_fail(session, TRANSFER_UNREACHABLE, "%.*s: %s%s", SLICE_FMT(session->address),
                        buf_str(&session->why), download->of.tag.len ? "; the same command goes on from here" : "");
}

/*
 * "bytes FIRST-LAST/TOTAL" of the version that we have a part of, where FIRST is what we have and LAST is the end: a
 * server may send less than it is asked for (RFC 9110 §14.2), and some pass over If-Range.
 */
static bool fits_on(struct download *download)
{
    struct slice value = answer_head_value(&download->session->answer.head, SLICE("Content-Range"));
    struct slice first, last, total, rest;
    uint64_t at, end;

    if (!slice_starts_nocase(value, SLICE("bytes ")) || !slice_cut(slice_from(value, 6), '-', &first, &rest) ||
        !slice_cut(rest, '/', &last, &total) || !slice_u64(slice_trim(first), &at) ||
        !slice_u64(slice_trim(last), &end) || !slice_u64(slice_trim(total), &download->end))
        return false;
    return at == download->already && end >= at && end < UINT64_MAX && end + 1 == download->end &&
           slice_eq(session_tag(download->session), download->of.tag);
}

/* Of how the delta was made; "" for what we did not ask for. */
static struct slice manipulation(struct download *download, bool *is_range)
{
    struct slice im = answer_head_value(&download->session->answer.head, SLICE("IM")), first, rest;

    *is_range = slice_cut(im, ',', &first, &rest);
    if (!*is_range)
        first = im;
    else if (!slice_eq_nocase(slice_trim(rest), SLICE("range")))
        return SLICE_NONE;
    first = slice_trim(first);
    return slice_eq_nocase(first, SLICE("vcdiff")) || slice_eq_nocase(first, SLICE("gdiff"))
               ? arena_slice(&download->session->arena, first)
               : SLICE_NONE;
}

enum next { NEXT_RECEIVE, NEXT_AGAIN, NEXT_CURRENT, NEXT_REFUSED };

static enum next judge_delta(struct download *download)
{
    bool is_range;
    struct slice im = manipulation(download, &is_range);

    if (!im.len || !has_base(download)) {
        download->is_whole = download->is_fresh = true;
        return NEXT_AGAIN;
    }
    if (is_range ? fits_on(download) && goes_on(download) : part_begin(download, im))
        return NEXT_RECEIVE;
    download->is_fresh = true;
    return NEXT_AGAIN;
}

static enum next judge(struct download *download)
{
    switch (download->session->answer.head.status) {
    case 200:
        return part_begin(download, SLICE_NONE) ? NEXT_RECEIVE : NEXT_REFUSED;
    case 206:
        if (goes_on(download) && !download->of.im.len && fits_on(download))
            return NEXT_RECEIVE;
        download->is_fresh = true;
        return NEXT_AGAIN;
    case 226:
        return judge_delta(download);
    case 304:
        return has_base(download) ? NEXT_CURRENT : NEXT_REFUSED;
    case 416:
        if (!goes_on(download))
            return NEXT_REFUSED;
        download->is_fresh = true;
        return NEXT_AGAIN;
    default:
        return NEXT_REFUSED;
    }
}

/* ---- putting together ---- */

static bool is_as_told(const struct download *download, int fd)
{
    unsigned char found[SHA256_OCTETS];

    if (!download->digest.has[DIGEST_SHA256])
        return true;
    return file_sha256(fd, found) && CRYPTO_memcmp(found, download->digest.value[DIGEST_SHA256], SHA256_OCTETS) == 0;
}

/* What the disk has room for, and some to spare. */
static uint64_t room_for(int fd)
{
    struct statvfs got;

    return fstatvfs(fd, &got) < 0 ? UINT64_MAX : got.f_bavail * got.f_frsize / 8 * 7;
}

/* The new content as FILE.new; who has the lock of FILE.part is alone with it. */
static enum err decode(struct download *download, int *out, struct buf *why)
{
    enum delta_kind kind = slice_eq_nocase(download->of.im, SLICE("gdiff")) ? DELTA_GDIFF : DELTA_VCDIFF;
    struct delta_limits limits = {.memory_max = DELTA_MEMORY_USUAL};
    struct delta_source base, delta;
    struct delta_sink sink;
    uint64_t size, delta_size;

    *out = open(download->new_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*out < 0 || !file_size(download->base, &size) || !file_size(download->part, &delta_size))
        return err_from_errno(errno);
    limits.output_max = room_for(*out);
    base = file_source(&download->base, size);
    delta = file_source(&download->part, delta_size);
    sink = file_sink(out);
    return delta_decode(kind, &base, &delta, &limits, &sink, why);
}

static void settle_folder(const char *path)
{
    char folder[PATH_ROOM];
    char *slash;
    FD_GUARD fd = -1;

    snprintf(folder, sizeof(folder), "%s", path);
    slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        fsync(fd);
}

/* In one step, in place of what was there. */
static int put_in_place(struct download *download, int fd, const char *from)
{
    struct session *session = download->session;
    struct note note = {.url = session->address, .tag = download->of.tag};

    if (fchmod(fd, download->mode) < 0 || fsync(fd) < 0 || rename(from, download->path) < 0)
        return session_fail(session, TRANSFER_LOCAL, "%s: %s", download->path, strerror(errno));
    settle_folder(download->path);
    note_write(fd, &note);
    base_keep(session->address, note.tag, fd, download->path);
    return TRANSFER_OK;
}

static void tell(struct download *download, int fd)
{
    char whole[OCTETS_TEXT], came[OCTETS_TEXT];
    uint64_t size = 0;

    file_size(fd, &size);
    if (download->came < size)
        session_tell(download->session, "%s: %s, of which %s came now", download->path, octets_text(size, whole),
                     octets_text(download->came, came));
    else
        session_tell(download->session, "%s: %s", download->path, octets_text(size, whole));
}

static int finish_whole(struct download *download, bool *again)
{
    struct session *session = download->session;
    int status;

    if (!is_as_told(download, download->part)) {
        *again = !download->is_fresh;
        download->is_fresh = true;
        return *again ? TRANSFER_OK
                      : session_fail(session, TRANSFER_UNREACHABLE,
                                     "%.*s: what came is not what the server says it is "
                                     "(its SHA-256 differs); nothing was changed",
                                     SLICE_FMT(session->address));
    }
    status = put_in_place(download, download->part, download->part_path);
    if (status == TRANSFER_OK)
        tell(download, download->part);
    return status;
}

static int finish_delta(struct download *download, bool *again)
{
    struct buf why = BUF_INIT(512);
    FD_GUARD fd = -1;
    int status = TRANSFER_OK;

    *again = decode(download, &fd, &why) != ERR_NONE || !is_as_told(download, fd);
    if (!*again)
        status = put_in_place(download, fd, download->new_path);
    if (*again || status != TRANSFER_OK) {
        unlink(download->new_path);
    } else {
        unlink(download->part_path);
        tell(download, fd);
    }
    download->is_whole |= *again; /* a difference that does not fit: then rather all of it */
    download->is_fresh |= *again;
    buf_release(&why);
    return status;
}

/* ---- one try after the other ---- */

static int current(struct download *download)
{
    unlink(download->part_path);
    session_tell(download->session, "%s is as it is there", download->path);
    return TRANSFER_OK;
}

/* What the server says the whole's digest is. A part's field, read here, is the same. */
static void read_digest(struct download *download)
{
    struct slice value = answer_head_value(&download->session->answer.head, SLICE("Repr-Digest"));

    if (!digest_field_read(value, &download->digest) || download->digest.has_bad)
        download->digest = (struct digest_field){0};
}

/* *again: another request may do better. */
static int try(struct download *download, bool *again)
{
    struct session *session = download->session;
    struct client_request request;
    int status;

    *again = false;
    session_request(session, "GET", &request);
    add_fields(download, &request);
    status = session_ask(session, &request);
    if (status != TRANSFER_OK)
        return status;
    read_digest(download);
    switch (judge(download)) {
    case NEXT_CURRENT:
        return current(download);
    case NEXT_REFUSED:
        return session_refused(session);
    case NEXT_AGAIN:
        client_close(session->client);
        *again = true;
        return TRANSFER_OK;
    case NEXT_RECEIVE:
        break;
    }
    status = receive(download);
    if (status == TRANSFER_OK && download->end && download->already != download->end) /* it said another range */
        *again = download->is_fresh = true;
    else if (status == TRANSFER_OK)
        status = download->of.im.len ? finish_delta(download, again) : finish_whole(download, again);
    return status;
}

int get_command(struct session *session)
{
    struct download *download = xcalloc(1, sizeof(*download));
    bool again = true;
    int status;

    *download = (struct download){.session = session, .base = -1, .part = -1, .is_whole = session->transfer->is_whole};
    status = names_make(download);
    if (status == TRANSFER_OK)
        status = look_at_file(download);
    if (status == TRANSFER_OK)
        status = look_at_part(download);
    for (int tries = 0; tries < TRIES_MAX && status == TRANSFER_OK && again; tries++)
        status = try(download, &again);
    if (status == TRANSFER_OK && again)
        status = session_fail(session, TRANSFER_UNREACHABLE, "%.*s: the server's answers do not fit one another",
                              SLICE_FMT(session->address));
    if (status != TRANSFER_OK && download->part >= 0 && !download->already)
        unlink(download->part_path);
    fd_close(&download->base);
    fd_close(&download->part);
    free(download);
    return status;
}
