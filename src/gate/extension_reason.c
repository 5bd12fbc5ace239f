/*
 * extension_reason.c - the extension *reason*: who wants something says why, and that is written to the audit log.
 *
 * The field PREFIX-reason has the reason, as text. It is written down before the method acts, or, where the request is
 * refused before, with the refusal: who tried is worth knowing as well. Not for 401, after which programs come again
 * with a password, and not for 429, which has to be cheap.
 */
#include "extension.h"

enum { REASON_MAX = 1024 }; /* octets: some sentences, or the number of a case; an audit line has to hold it whole */

struct verdict reason_judge(struct exchange *ex, const struct extended *extended, unsigned which)
{
    struct slice reason;

    if (!declaration_field(&ex->head, &extended->declarations, which, SLICE("reason"), &ex->arena, &reason) ||
        !reason.len)
        return VERDICT(400, "The reason is missing: declare the extension with a prefix (Man: "
                            "\"urn:samovar:ext:reason\"; ns=16) and say why in the field with that prefix (16-reason: "
                            "...). Nothing was done.");
    if (reason.len > REASON_MAX)
        return VERDICT(400, "The reason is longer than 1024 octets; say it more shortly. Nothing was done.");
    return GO_ON;
}

void reason_tell(struct exchange *ex, const struct extended *extended, unsigned which, int status)
{
    struct buf line = BUF_INIT(64 * 1024);
    struct slice reason;

    if (status == 401 || status == 429)
        return;
    declaration_field(&ex->head, &extended->declarations, which, SLICE("reason"), &ex->arena, &reason);
    buf_printf(&line, "gave a reason for %.*s %.*s", SLICE_FMT(ex->head.method_text),
               SLICE_FMT(slice_upto(ex->head.target, 2048)));
    if (status)
        buf_printf(&line, " and was refused (%d)", status);
    buf_printf(&line, ": %.*s", SLICE_FMT(reason));
    exchange_audit(ex, buf_slice(&line));
    buf_release(&line);
}
