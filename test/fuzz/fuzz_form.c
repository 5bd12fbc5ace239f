/*
 * fuzz_form.c - what a form of the captive portal sends.
 *
 * Property: what is decoded lies within the bytes that were given and is no longer than they are; names differ; each
 * value is found by its name; and encoded once more, octet by octet, it is decoded to the same.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>

#include "../../src/portal/form.h"
#include "base/arena.h"
#include "base/buf.h"

static void encode(struct slice text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++)
        buf_printf(out, "%%%02x", (unsigned char)text.ptr[i]);
}

static void check(const struct form *form, const char *bytes, size_t len)
{
    size_t total = 0;
    bool is_there;

    assert(form->count <= FORM_FIELDS_MAX);
    for (unsigned i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        struct slice found = form_value(form, field->name, &is_there);

        assert(is_there && found.ptr == field->value.ptr && found.len == field->value.len); /* so none comes twice */
        assert(!field->value.len || (field->value.ptr >= bytes && field->value.ptr + field->value.len <= bytes + len));
        assert(!memchr(field->value.len ? field->value.ptr : "x", '\0', field->value.len));
        total += field->name.len + field->value.len;
    }
    assert(total <= len);
}

static void check_again(const struct form *form)
{
    struct buf out = BUF_INIT(1 << 20);
    struct form again;

    for (unsigned i = 0; i < form->count; i++) {
        encode(form->fields[i].name, &out);
        buf_add_char(&out, '=');
        encode(form->fields[i].value, &out);
        buf_add_char(&out, '&');
    }
    assert(out.overflown || (form_parse(out.ptr, out.len, &again) && again.count == form->count));
    for (unsigned i = 0; !out.overflown && i < form->count; i++)
        assert(slice_eq(again.fields[i].value, form->fields[i].value));
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *bytes = xmalloc(len + 1);
    struct form form;

    if (len)
        memcpy(bytes, data, len);
    if (form_parse(bytes, len, &form)) {
        check(&form, bytes, len);
        check_again(&form);
    }
    free(bytes);
    return 0;
}
