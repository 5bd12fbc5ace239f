/*
 * err.c - the table of operating errors.
 */
#include "base/err.h"

#include <errno.h>
#include <stddef.h>

static const char *const texts[ERR_COUNT] = {
    [ERR_NONE] = "no error",
    [ERR_AGAIN] = "not ready yet",
    [ERR_MISSING] = "no such file or folder",
    [ERR_PARENT] = "the folder it would be in does not exist",
    [ERR_EXISTS] = "the name is taken",
    [ERR_DENIED] = "the operating system does not permit it",
    [ERR_READ_ONLY] = "it is read-only",
    [ERR_NO_SPACE] = "there is no space left",
    [ERR_TOO_LONG] = "the name is too long",
    [ERR_IS_FOLDER] = "it is a folder",
    [ERR_NOT_FOLDER] = "it is not a folder",
    [ERR_NOT_EMPTY] = "the folder is not empty",
    [ERR_ESCAPES] = "the path leads out of the served folder",
    [ERR_LOOP] = "too many symbolic links",
    [ERR_BUSY] = "it is in use",
    [ERR_CHANGED] = "it was changed meanwhile",
    [ERR_REFUSED] = "a condition does not hold",
    [ERR_LOCKED] = "a lock is in the way",
    [ERR_QUOTA] = "it would be more than the quota allows",
    [ERR_INVALID] = "it is not valid",
    [ERR_TOO_LARGE] = "it is too large",
    [ERR_UNSUPPORTED] = "it is not supported here",
    [ERR_CLOSED] = "the other end is gone",
    [ERR_DAMAGED] = "the records are damaged",
    [ERR_TOO_MANY] = "too many are open or running",
    [ERR_IO] = "input or output failed",
};

static const struct {
    int code;
    enum err err;
} rows[] = {
    {EAGAIN, ERR_AGAIN},           {ENOENT, ERR_MISSING},     {EEXIST, ERR_EXISTS},
    {EACCES, ERR_DENIED},          {EPERM, ERR_DENIED},       {EROFS, ERR_READ_ONLY},
    {ENOSPC, ERR_NO_SPACE},        {EDQUOT, ERR_NO_SPACE},    {ENAMETOOLONG, ERR_TOO_LONG},
    {EISDIR, ERR_IS_FOLDER},       {ENOTDIR, ERR_NOT_FOLDER}, {ENOTEMPTY, ERR_NOT_EMPTY},
    {EXDEV, ERR_ESCAPES},          {ELOOP, ERR_LOOP},         {EBUSY, ERR_BUSY},
    {ETXTBSY, ERR_BUSY},           {EINVAL, ERR_INVALID},     {EFBIG, ERR_TOO_LARGE},
    {EOPNOTSUPP, ERR_UNSUPPORTED}, {ENOSYS, ERR_UNSUPPORTED}, {EPIPE, ERR_CLOSED},
    {ECONNRESET, ERR_CLOSED},      {EMFILE, ERR_TOO_MANY},    {ENFILE, ERR_TOO_MANY},
    {EILSEQ, ERR_INVALID},
};

enum err err_from_errno(int code)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].code == code)
            return rows[i].err;
    return ERR_IO;
}

const char *err_text(enum err err)
{
    return err < ERR_COUNT ? texts[err] : texts[ERR_IO];
}
