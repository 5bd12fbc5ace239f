/*
 * test_extension.c - declarations of extensions (RFC 2774), and the fields that belong to them.
 */
#include "heads.h"
#include "http/extension.h"

static struct declarations declarations;

/* 0 or 400, for a head of HTTP/1.1 with these fields. */
static int read_11(const char *fields)
{
    struct head head = head_with("1.1", fields);
    const char *why = NULL;
    int status = declarations_read(&head, &declarations, &why);

    CHECK((status == 0) == (why == NULL));
    return status;
}

static int read_man(const char *value)
{
    char line[2048];

    snprintf(line, sizeof(line), "Man: %s\r\n", value);
    return read_11(line);
}

TEST(declaration__is_a_quoted_uri_or_field_name) /* POL-83, POL-84 */
{
    CHECK_INT(read_man("\"http://e.example/x\""), 0);
    CHECK_INT(declarations.count, 1);
    CHECK_SLICE(declarations.list[0].id, "http://e.example/x");
    CHECK_SLICE(declarations.list[0].prefix, "");
    CHECK(declarations.list[0].is_mandatory && !declarations.list[0].is_hop);
    CHECK_INT(read_man("\"Range\""), 0);
    CHECK_INT(read_man("http://e.example/x"), 400);
    CHECK_INT(read_man("\"http://e.example/x"), 400);
    CHECK_INT(read_man("\"/x\""), 400);
    CHECK_INT(read_man("\"urn:a b\""), 400);
    CHECK_INT(read_man("\"a b\""), 400);
    CHECK_INT(read_man("\"\""), 400);
    CHECK_INT(read_man(""), 400);
    CHECK_INT(read_man(" , "), 400);
    CHECK_INT(read_man("\"a\" b"), 400);
}

TEST(declaration__prefix_has_two_digits_and_is_one_declarations) /* POL-87 */
{
    CHECK_INT(read_man("\"u:x\"; ns=16"), 0);
    CHECK_SLICE(declarations.list[0].prefix, "16");
    CHECK_INT(read_man("\"u:x\";NS=0016"), 0);
    CHECK_SLICE(declarations.list[0].prefix, "0016");
    CHECK_INT(read_man("\"u:x\"; ns=1"), 400);
    CHECK_INT(read_man("\"u:x\"; ns"), 400);
    CHECK_INT(read_man("\"u:x\"; ns=1x"), 400);
    CHECK_INT(read_man("\"u:x\"; ns=\"16\""), 400);
    CHECK_INT(read_man("\"u:x\"; ns=16; ns=17"), 400);
    CHECK_INT(read_man("\"u:x\"; ns=16, \"u:y\"; ns=16"), 400);
    CHECK_INT(read_man("\"u:x\"; ns=16, \"u:y\"; ns=016"), 0);
    CHECK_INT(read_11("Man: \"u:x\"; ns=16\r\nOpt: \"u:y\"; ns=16\r\n"), 400);
}

TEST(declaration__unknown_parameters_are_ignored) /* POL-85 */
{
    CHECK_INT(read_man("\"u:x\"; a; b=c; d=\"e, \\\"f\"; ns=16 , \"u:y\""), 0);
    CHECK_INT(declarations.count, 2);
    CHECK_SLICE(declarations.list[0].prefix, "16");
    CHECK_SLICE(declarations.list[1].id, "u:y");
    CHECK_INT(read_man("\"u:x\"; a b"), 400);
}

TEST(declaration__so_many_and_no_more)
{
    char value[1024] = "";
    size_t len = 0;

    for (int i = 0; i < DECLARATIONS_MAX; i++)
        len += (size_t)snprintf(value + len, sizeof(value) - len, "%s\"u:x\"", i ? "," : "");
    CHECK_INT(read_man(value), 0);
    CHECK_INT(declarations.count, DECLARATIONS_MAX);
    snprintf(value + len, sizeof(value) - len, ",\"u:x\"");
    CHECK_INT(read_man(value), 400);
}

TEST(declaration__of_one_hop_counts_where_connection_lists_it) /* POL-90 */
{
    CHECK_INT(read_11("C-Man: \"u:x\"\r\nConnection: keep-alive, c-man\r\n"), 0);
    CHECK_INT(declarations.count, 1);
    CHECK(declarations.list[0].is_hop && declarations.list[0].is_mandatory);
    CHECK_INT(read_11("C-Man: \"u:x\"\r\nConnection: C-Opt\r\n"), 0);
    CHECK_INT(declarations.count, 0);
    CHECK_INT(read_11("C-Man: nonsense\r\nC-Opt: nonsense\r\n"), 0);
    CHECK_INT(declarations.count, 0);
    CHECK_INT(read_11("C-Opt: \"u:x\"\r\nConnection: C-Opt\r\n"), 0);
    CHECK(declarations.list[0].is_hop && !declarations.list[0].is_mandatory);
}

/* The field of the first declaration; "(none)" where there is none. */
static struct slice reason_in(struct arena *arena, const char *fields)
{
    struct head head = head_with("1.1", fields);
    const char *why;
    struct slice value;

    CHECK_INT(declarations_read(&head, &declarations, &why), 0);
    return declaration_field(&head, &declarations, 0, SLICE("reason"), arena, &value) ? value : SLICE("(none)");
}

TEST(declaration_field__is_the_one_behind_its_prefix) /* POL-86, POL-88 */
{
    struct arena arena = {0};

    CHECK_SLICE(reason_in(&arena, "Man: \"u:x\"; ns=16\r\n16-reason: why\r\n"), "why");
    CHECK_SLICE(reason_in(&arena, "Man: \"u:x\"; ns=16\r\n16-REASON: a\r\n17-reason: b\r\n16-Reason: c\r\n"), "a, c");
    CHECK_SLICE(
        reason_in(&arena, "Man: \"u:x\"; ns=16\r\n17-reason: b\r\n160-reason: c\r\n16reason: d\r\nreason: e\r\n"),
        "(none)");
    CHECK_SLICE(reason_in(&arena, "Man: \"u:x\"\r\n16-reason: why\r\n-reason: x\r\n"), "(none)");
    CHECK_SLICE(reason_in(&arena, "Man: \"u:x\"; ns=16\r\n16-reason:\r\n"), "");
    CHECK_SLICE(reason_in(&arena, "C-Man: \"u:x\"; ns=16\r\n16-reason: why\r\nConnection: C-Man\r\n"), "(none)");
    CHECK_SLICE(reason_in(&arena, "C-Man: \"u:x\"; ns=16\r\n16-reason: why\r\nConnection: C-Man, 16-reason\r\n"),
                "why");
    arena_release(&arena);
}

TEST(head_drop_named__takes_out_of_http10_what_connection_names) /* POL-91 */
{
    struct head head =
        head_with("1.0", "Man: \"u:x\"\r\nHost: h\r\nX: 1\r\nConnection: man, x, connection\r\nman: y\r\n");

    head_drop_named(&head);
    CHECK_INT(head.field_count, 2);
    CHECK(!head_has(&head, FIELD_MAN) && head_has(&head, FIELD_CONNECTION));
    CHECK_SLICE(head_value(&head, FIELD_HOST), "h");
    CHECK_SLICE(head_value(&head, FIELD_CONNECTION), "man, x, connection");
    CHECK_INT(head_count_of(&head, FIELD_MAN), 0);
    head = head_with("1.1", "Man: \"u:x\"\r\nConnection: man\r\n");
    head_drop_named(&head);
    CHECK(head_has(&head, FIELD_MAN));
}

TEST(mandatory_method__begins_with_M)
{
    struct slice base;

    CHECK(mandatory_method(SLICE("M-GET"), &base));
    CHECK_SLICE(base, "GET");
    CHECK(mandatory_method(SLICE("M-M-GET"), &base));
    CHECK_SLICE(base, "M-GET");
    CHECK(mandatory_method(SLICE("M-"), &base));
    CHECK_SLICE(base, "");
    CHECK_FALSE(mandatory_method(SLICE("m-GET"), &base));
    CHECK_FALSE(mandatory_method(SLICE("M"), &base));
    CHECK_FALSE(mandatory_method(SLICE("MKCOL"), &base));
}

TEST(extension__is_found_by_uri_and_by_the_field_that_it_is_about)
{
    CHECK_INT(extension_find(SLICE("urn:samovar:ext:reason")), EXTENSION_REASON);
    CHECK_INT(extension_find(SLICE("URN:Samovar:ext:reason")), EXTENSION_REASON);
    CHECK_INT(extension_find(SLICE("urn:samovar:ext:Reason")), EXTENSION_NONE);
    CHECK_INT(extension_find(SLICE("urn:samovar:ext:")), EXTENSION_NONE);
    CHECK_INT(extension_find(SLICE("repr-DIGEST")), EXTENSION_INTEGRITY);
    CHECK_INT(extension_find(SLICE("reason")), EXTENSION_NONE);
    CHECK_INT(extension_find(SLICE("")), EXTENSION_NONE);
    CHECK_INT(extension_find_by_name(SLICE("reason")), EXTENSION_REASON);
    CHECK_INT(extension_find_by_name(SLICE("urn:samovar:ext:integrity")), EXTENSION_INTEGRITY);
    CHECK_SLICE(extension_uri(EXTENSION_REASON), "urn:samovar:ext:reason");
    CHECK_SLICE(extension_uri(EXTENSION_NONE), "");
}
