/*
 * fuzz_xml.c - XML in and out, and the bodies of requests.
 *
 * Properties: an element that was read and written by itself can be read again, in the same language, and is then
 * written the same; any octets at all can be written as text and as a namespace's name; a body's verdict is one of
 * those that dav.h names; and a tree takes no more memory than its limits let it.
 */
#include "fuzz.h"

#include <assert.h>

#include "dav/dav.h"
#include "xml/xml.h"

enum { OUT_MAX = 16 << 20, TRIES_MAX = 40 };

/* What is written may have some more attributes, and be longer, than what was read. */
static const struct xml_limits wide = {OUT_MAX, 70, 30000, 400};

static void check_element(const struct xml_node *node)
{
    struct buf text = BUF_INIT(OUT_MAX), again = BUF_INIT(OUT_MAX);
    struct arena arena = {0};
    struct xml_node *root;
    struct slice why;

    if (xml_serialize(node, &text)) {
        assert(xml_parse(buf_slice(&text), &wide, &arena, &root, &why) == XML_OK);
        assert(xml_is(root, node->space, node->local) && slice_eq(root->prefix, node->prefix));
        assert(slice_eq(root->lang, node->lang));
        assert(xml_serialize(root, &again) && slice_eq(buf_slice(&text), buf_slice(&again)));
    }
    arena_release(&arena);
    buf_release(&text);
    buf_release(&again);
}

static void check_tree(const struct xml_node *node, unsigned *tries)
{
    for (const struct xml_node *at = node; at && *tries < TRIES_MAX; at = xml_next(at)) {
        ++*tries;
        check_element(at);
        check_tree(xml_first(at), tries);
    }
}

static void check_in(struct slice bytes)
{
    struct arena arena = {0};
    struct xml_node *root;
    struct slice why;
    unsigned tries = 0;

    if (xml_parse(bytes, &XML_LIMITS_DEFAULT, &arena, &root, &why) == XML_OK)
        check_tree(root, &tries);
    else
        assert(!root && why.len);
    assert(arena.total < 64 * bytes.len + (1 << 20));
    arena_release(&arena);
}

static void check_out(struct slice bytes)
{
    struct buf text = BUF_INIT(OUT_MAX), again = BUF_INIT(OUT_MAX);
    struct arena arena = {0};
    struct xml_node *root, *leaf;
    struct xml_out xml;
    struct slice why;

    xml_begin(&xml, &text);
    xml_open(&xml, SLICE("a"));
    xml_leaf(&xml, SLICE("b"), bytes);
    xml_named_leaf(&xml, slice_upto(bytes, 600), SLICE("c"), bytes);
    xml_named(&xml, slice_upto(bytes, 600), SLICE("d"));
    xml_close(&xml);
    assert(xml_parse(buf_slice(&text), &wide, &arena, &root, &why) == XML_OK);
    leaf = xml_child(root, XML_DAV, SLICE("b"));
    xml_begin(&xml, &again);
    xml_open(&xml, SLICE("a"));
    xml_leaf(&xml, SLICE("b"), leaf->first ? leaf->first->text : SLICE(""));
    xml_named_leaf(&xml, xml_next(leaf)->space, SLICE("c"), leaf->first ? leaf->first->text : SLICE(""));
    xml_named(&xml, xml_next(xml_next(leaf))->space, SLICE("d"));
    xml_close(&xml);
    assert(slice_eq(buf_slice(&text), buf_slice(&again)));
    arena_release(&arena);
    buf_release(&text);
    buf_release(&again);
}

static void check_verdict(struct verdict verdict)
{
    assert(verdict.status == 0 || verdict.status == 400 || verdict.status == 403 || verdict.status == 413 ||
           verdict.status == 422);
    assert((verdict.status == 403) == (verdict.condition.len > 0) &&
           (verdict.status == 0) == (verdict.detail.len == 0));
}

static void check_bodies(struct slice bytes)
{
    static const char *const bindings[] = {"bind", "unbind", "rebind"};
    struct propertyupdate_body update;
    struct propfind_body propfind;
    struct lockinfo_body lock;
    struct binding_body binding;
    struct report_body report;
    struct arena arena = {0};

    role_assert_worker();
    check_verdict(dav_read_propfind(bytes, &arena, &propfind));
    check_verdict(dav_read_lockinfo(bytes, &arena, &lock));
    assert(lock.owner.len <= LOCK_OWNER_MAX);
    for (unsigned i = 0; i < 3; i++) {
        check_verdict(dav_read_binding(bytes, slice_str(bindings[i]), &arena, &binding));
        assert(i != 1 || !binding.href.len);
    }
    check_verdict(dav_read_report(bytes, &arena, &report));
    check_verdict(dav_read_mkcol(bytes, &arena, &update));
    check_verdict(dav_read_propertyupdate(bytes, &arena, &update));
    for (unsigned i = 0; i < update.count; i++)
        assert(update.orders[i].xml.len <= PROP_VALUE_MAX &&
               (update.orders[i].xml.len > 0) == !(update.orders[i].is_removal || update.orders[i].is_too_long));
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice bytes = slice_of((const char *)data, len);

    if (role_of_thread() == ROLE_NONE)
        role_take(ROLE_ANY, "fuzz");
    check_in(bytes);
    check_out(bytes);
    check_bodies(bytes);
    return 0;
}
