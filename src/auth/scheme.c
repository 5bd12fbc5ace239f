/*
 * scheme.c - which scheme a field speaks, and the challenge that asks for one.
 */
#include "scheme.h"

static const struct scheme schemes[] = {
    {SLICE_INIT("Basic"), AUTH_BASIC, basic_parse},
};

enum err credentials_parse(struct slice field, struct arena *arena, struct credentials *out)
{
    struct slice name, value;

    *out = (struct credentials){0};
    if (field.len > AUTH_FIELD_BYTES_MAX)
        return ERR_TOO_LARGE;
    field = slice_trim(field);
    if (!slice_cut(field, ' ', &name, &value)) {
        name = field;
        value = SLICE_NONE;
    }
    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        if (!slice_eq_nocase(name, schemes[i].name))
            continue;
        out->scheme = schemes[i].kind;
        return schemes[i].parse(slice_trim(value), arena, out);
    }
    return ERR_UNSUPPORTED;
}

void credentials_wipe(struct credentials *cred)
{
    /* parse made these bytes in the arena for us alone, so writing them is no breach of the slice's promise */
    if (cred->password.len > 0)
        explicit_bzero((char *)(uintptr_t)cred->password.ptr, cred->password.len);
    cred->password = SLICE_NONE;
}

void auth_challenge(struct slice realm, struct buf *out)
{
    if (slice_is_empty(realm))
        realm = SLICE("samovar");
    buf_add_str(out, "Basic realm=\"");
    for (size_t i = 0; i < realm.len; i++) {
        unsigned char c = (unsigned char)realm.ptr[i];

        if (c < 0x20 || c == 0x7f)
            continue;
        if (c == '"' || c == '\\') /* RFC 9110 §5.6.4, quoted-pair */
            buf_add_char(out, '\\');
        buf_add_char(out, (char)c);
    }
    buf_add_str(out, "\", charset=\"UTF-8\"");
}
