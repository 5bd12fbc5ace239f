/*
 * fuzz_extension.c - fields that declare extensions, and digests of content.
 *
 * Properties: what was read of declarations, written out anew, is read as the same, and no prefix is in them twice; a
 * digest that was read is written in one way, which is read as the same.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "http/digest_field.h"
#include "http/extension.h"
#include "http/field.h"

enum { FIELDS = 128 };

static bool read_head(struct slice text, struct field *room, struct head *head)
{
    struct head_parser parser;

    head_parser_init(&parser, &HEAD_LIMITS_DEFAULT, room, FIELDS);
    return head_parse(&parser, text, head) == HEAD_DONE;
}

static void add_line(struct buf *out, const struct declaration *declaration)
{
    buf_printf(out, "%s%s: \"%.*s\"", declaration->is_hop ? "C-" : "", declaration->is_mandatory ? "Man" : "Opt",
               SLICE_FMT(declaration->id));
    if (declaration->prefix.len)
        buf_printf(out, "; ns=%.*s", SLICE_FMT(declaration->prefix));
    buf_add_str(out, "\r\n");
}

static void check_prefixes(const struct declarations *declarations)
{
    for (unsigned i = 0; i < declarations->count; i++)
        for (unsigned k = 0; k < i; k++)
            assert(!declarations->list[i].prefix.len ||
                   !slice_eq(declarations->list[i].prefix, declarations->list[k].prefix));
}

static void check_again(const struct declarations *declarations)
{
    static struct declarations again;
    static struct field room[FIELDS];
    struct buf text = BUF_INIT(1 << 20);
    struct head head;
    const char *why;

    buf_add_str(&text, "GET / HTTP/1.1\r\nConnection: C-Man, C-Opt\r\n");
    for (unsigned i = 0; i < declarations->count; i++)
        add_line(&text, &declarations->list[i]);
    buf_add_str(&text, "\r\n");
    if (read_head(buf_slice(&text), room, &head)) { /* else the limits of a head were in the way */
        assert(declarations_read(&head, &again, &why) == 0 && again.count == declarations->count);
        for (unsigned i = 0; i < again.count; i++) {
            assert(slice_eq(again.list[i].id, declarations->list[i].id));
            assert(slice_eq(again.list[i].prefix, declarations->list[i].prefix));
            assert(again.list[i].is_hop == declarations->list[i].is_hop);
            assert(again.list[i].is_mandatory == declarations->list[i].is_mandatory);
        }
    }
    buf_release(&text);
}

static void check_declarations(struct slice bytes)
{
    static struct declarations declarations;
    static struct field room[FIELDS];
    struct buf text = BUF_INIT(1 << 20);
    struct arena arena = {0};
    struct head head;
    struct slice value;
    const char *why;

    buf_add_str(&text, "M-GET / HTTP/1.");
    buf_add(&text, bytes);
    buf_add_str(&text, "\r\n\r\n");
    if (read_head(buf_slice(&text), room, &head)) {
        head_drop_named(&head);
        if (declarations_read(&head, &declarations, &why) == 0) {
            check_prefixes(&declarations);
            check_again(&declarations);
            for (unsigned i = 0; i < declarations.count; i++)
                declaration_field(&head, &declarations, i, SLICE("reason"), &arena, &value);
        }
    }
    arena_release(&arena);
    buf_release(&text);
}

static void check_digest(struct slice bytes)
{
    struct digest_field field, again;

    if (!digest_field_read(bytes, &field))
        return;
    for (int kind = 0; kind < DIGEST_KINDS; kind++) {
        struct buf text = BUF_INIT(256);

        if (!field.has[kind])
            continue;
        digest_field_write(&text, (enum digest_kind)kind, field.value[kind]);
        assert(digest_field_read(buf_slice(&text), &again) && again.has[kind] && !again.has_bad);
        assert(memcmp(again.value[kind], field.value[kind], digest_bytes((enum digest_kind)kind)) == 0);
        buf_release(&text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice bytes = slice_of((const char *)data, len);

    check_declarations(bytes);
    check_digest(bytes);
    return 0;
}
