/*
 * test_bodies.c - what the bodies of requests ask.
 */
#include "base/role.h"
#include "check.h"
#include "dav/dav.h"

static struct arena arena; /* of the test that runs */

static int propfind(const char *body, struct propfind_body *out)
{
    role_assert_worker();
    return dav_read_propfind(slice_str(body), &arena, out).status;
}

TEST(bodies__an_empty_propfind_asks_for_all)
{
    struct propfind_body got;

    CHECK_INT(propfind("", &got), 0);
    CHECK_INT(got.kind, PROPFIND_ALL);
    CHECK_INT(got.count, 0);
}

TEST(bodies__propfind_asks_for_one_of_three)
{
    struct propfind_body got;

    CHECK_INT(propfind("<propfind xmlns='DAV:'><propname/></propfind>", &got), 0);
    CHECK_INT(got.kind, PROPFIND_NAMES);
    CHECK_INT(propfind("<propfind xmlns='DAV:'><allprop/><include><a/></include></propfind>", &got), 0);
    CHECK_INT(got.kind, PROPFIND_ALL);
    CHECK_INT(got.count, 1);
    CHECK_SLICE(got.names[0].local, "a");
    CHECK_INT(propfind("<propfind xmlns='DAV:'><include><a/></include><allprop/></propfind>", &got), 0);
    CHECK_INT(got.count, 1);
    CHECK_INT(propfind("<propfind xmlns='DAV:'><prop/></propfind>", &got), 0);
    CHECK_INT(got.kind, PROPFIND_SOME);
    CHECK_INT(got.count, 0);
    arena_release(&arena);
}

TEST(bodies__names_are_taken_once)
{
    struct propfind_body got;

    CHECK_INT(
        propfind("<D:propfind xmlns:D='DAV:'><D:prop><D:a/><a/><x:a xmlns:x='urn:x'/> t <a xmlns='DAV:'/><D:b><c/>"
                 "</D:b></D:prop></D:propfind>",
                 &got),
        0);
    CHECK_INT(got.count, 4);
    CHECK_SLICE(got.names[0].space, "DAV:");
    CHECK_SLICE(got.names[1].space, "");
    CHECK_SLICE(got.names[2].space, "urn:x");
    CHECK_SLICE(got.names[3].local, "b");
    arena_release(&arena);
}

TEST(bodies__unknown_elements_are_as_if_not_there) /* DAV-017 */
{
    struct propfind_body got;

    CHECK_INT(
        propfind("<propfind xmlns='DAV:' q='1'><x xmlns='urn:x'><propname xmlns='DAV:'/></x><prop r='2'><a/></prop>"
                 "<prop xmlns='urn:x'/><unknown/></propfind>",
                 &got),
        0);
    CHECK_INT(got.kind, PROPFIND_SOME);
    CHECK_INT(got.count, 1);
    arena_release(&arena);
}

TEST(bodies__what_makes_no_sense_is_422)
{
    struct propertyupdate_body update;
    struct lockinfo_body lock;
    struct propfind_body got;

    role_assert_worker();
    CHECK_INT(propfind("<propfind xmlns='DAV:'><prop/><propname/></propfind>", &got), 422);
    CHECK_INT(propfind("<propfind xmlns='DAV:'><allprop/><propname/></propfind>", &got), 422);
    CHECK_INT(propfind("<propfind xmlns='DAV:'><allprop/><prop/></propfind>", &got), 422);
    CHECK_INT(propfind("<propfind xmlns='DAV:'/>", &got), 422);
    CHECK_INT(propfind("<propfind><prop/></propfind>", &got), 422);
    CHECK_INT(propfind("<propertyupdate xmlns='DAV:'><prop/></propertyupdate>", &got), 422);
    CHECK_INT(dav_read_propertyupdate(SLICE("<propfind xmlns='DAV:'><prop/></propfind>"), &arena, &update).status, 422);
    CHECK_INT(dav_read_mkcol(SLICE("<propertyupdate xmlns='DAV:'/>"), &arena, &update).status, 422);
    CHECK_INT(dav_read_lockinfo(SLICE("<propfind xmlns='DAV:'><prop/></propfind>"), &arena, &lock).status, 422);
    arena_release(&arena);
}

static int binding(const char *body, const char *kind, struct binding_body *out)
{
    role_assert_worker();
    return dav_read_binding(slice_str(body), slice_str(kind), &arena, out).status;
}

/* RFC 5842 §4 to §6 */
TEST(bodies__a_binding_has_a_segment_and_an_href)
{
    struct binding_body got;

    CHECK_INT(binding("<bind xmlns='DAV:'><segment> b%20r </segment><href>\n/x/foo</href></bind>", "bind", &got), 0);
    CHECK_SLICE(got.segment, "b%20r");
    CHECK_SLICE(got.href, "/x/foo");
    CHECK_INT(
        binding("<D:rebind xmlns:D='DAV:'><D:href>/a</D:href><x/><D:segment>b</D:segment></D:rebind>", "rebind", &got),
        0);
    CHECK_SLICE(got.segment, "b");
    CHECK_SLICE(got.href, "/a");
    CHECK_INT(binding("<unbind xmlns='DAV:'><segment>a</segment></unbind>", "unbind", &got), 0);
    CHECK_SLICE(got.segment, "a");
    CHECK_INT(got.href.len, 0);
    CHECK_INT(binding("<bind xmlns='DAV:'><segment/><href/></bind>", "bind", &got), 0); /* 403, not 422 */
    CHECK_INT(got.segment.len, 0);
    arena_release(&arena);
}

TEST(bodies__a_binding_without_one_of_them_makes_no_sense) /* DAV-198 */
{
    struct binding_body got;

    CHECK_INT(binding("<bind xmlns='DAV:'><href>/x</href></bind>", "bind", &got), 422);
    CHECK_INT(binding("<bind xmlns='DAV:'><segment>a</segment></bind>", "bind", &got), 422);
    CHECK_INT(binding("<bind xmlns='DAV:'><segment>a</segment></bind>", "rebind", &got), 422);
    CHECK_INT(binding("<bind xmlns='DAV:'><segment>a</segment><href>/x</href></bind>", "rebind", &got), 422);
    CHECK_INT(binding("<unbind xmlns='DAV:'/>", "unbind", &got), 422);
    CHECK_INT(binding("<bind><segment>a</segment><href>/x</href></bind>", "bind", &got), 422);
    CHECK_INT(binding("<bind xmlns='DAV:'><segment xmlns=''>a</segment><href>/x</href></bind>", "bind", &got), 422);
    CHECK_INT(binding("", "bind", &got), 400);
    CHECK_INT(binding("<bind", "bind", &got), 400);
    arena_release(&arena);
}

TEST(bodies__what_cannot_be_read_is_400_403_or_413)
{
    struct propfind_body got;
    struct verdict verdict;

    role_assert_worker();
    CHECK_INT(propfind("<propfind xmlns='DAV:'>", &got), 400);
    CHECK_INT(propfind("<D:propfind/>", &got), 400);
    CHECK_INT(propfind("<propfind xmlns='DAV:' xmlns:p=''><prop/></propfind>", &got), 400);
    CHECK_INT(propfind(" ", &got), 400);
    CHECK_INT(propfind("<!DOCTYPE a [<!ENTITY e 'x'>]><a/>", &got), 413);
    verdict = dav_read_propfind(SLICE("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///x'>]><a/>"), &arena, &got);
    CHECK_INT(verdict.status, 403);
    CHECK_SLICE(verdict.condition, "no-external-entities");
    CHECK(verdict.detail.len > 0);
    arena_release(&arena);
}

TEST(bodies__a_propfind_of_too_many_names_is_413)
{
    struct buf text = BUF_INIT(1 << 20);
    struct propfind_body got;

    buf_add_str(&text, "<propfind xmlns='DAV:'><prop>");
    for (unsigned i = 0; i < 2 * PROPS_COUNT_MAX; i++)
        buf_printf(&text, "<a%u/><a%u/>", i, i);
    CHECK_INT(propfind(buf_str(&text), &got), 400);
    buf_add_str(&text, "</prop></propfind>");
    CHECK_INT(propfind(buf_str(&text), &got), 0);
    CHECK_INT(got.count, 2 * PROPS_COUNT_MAX);
    text.len -= strlen("</prop></propfind>");
    buf_add_str(&text, "<b/></prop></propfind>");
    CHECK_INT(propfind(buf_str(&text), &got), 413);
    buf_release(&text);
    arena_release(&arena);
}

/* ---- PROPPATCH ---- */

static int update(const char *body, struct propertyupdate_body *out)
{
    role_assert_worker();
    return dav_read_propertyupdate(slice_str(body), &arena, out).status;
}

TEST(bodies__instructions_keep_their_order)
{
    struct propertyupdate_body got;

    CHECK_INT(update("<D:propertyupdate xmlns:D='DAV:' xmlns='urn:x'><D:set><D:prop><a>1</a><b/></D:prop><D:prop><c/>"
                     "</D:prop></D:set><D:remove><D:prop><a/></D:prop></D:remove><other/><D:set><D:prop><a>2</a>"
                     "</D:prop></D:set></D:propertyupdate>",
                     &got),
              0);
    CHECK_INT(got.count, 5);
    CHECK_SLICE(got.orders[0].xml, "<a xmlns=\"urn:x\">1</a>");
    CHECK_SLICE(got.orders[1].xml, "<b xmlns=\"urn:x\"/>");
    CHECK_SLICE(got.orders[2].name.local, "c");
    CHECK(got.orders[3].is_removal && !got.orders[3].value && got.orders[3].xml.len == 0);
    CHECK_SLICE(got.orders[3].name.space, "urn:x");
    CHECK_SLICE(got.orders[4].xml, "<a xmlns=\"urn:x\">2</a>");
    CHECK(got.orders[4].value && xml_is(got.orders[4].value, SLICE("urn:x"), SLICE("a")));
    arena_release(&arena);
}

TEST(bodies__the_language_above_a_property_is_its_own)
{
    struct propertyupdate_body got;

    CHECK_INT(
        update("<propertyupdate xmlns='DAV:' xml:lang='en'><set><prop xml:lang='de'><a>1</a><b xml:lang='fr'/></prop>"
               "</set><set><prop><c/></prop></set></propertyupdate>",
               &got),
        0);
    CHECK_SLICE(got.orders[0].xml, "<a xmlns=\"DAV:\" xml:lang=\"de\">1</a>");
    CHECK_SLICE(got.orders[1].xml, "<b xmlns=\"DAV:\" xml:lang=\"fr\"/>");
    CHECK_SLICE(got.orders[2].xml, "<c xmlns=\"DAV:\" xml:lang=\"en\"/>");
    arena_release(&arena);
}

TEST(bodies__an_empty_instruction_is_fine_none_is_not)
{
    struct propertyupdate_body got;

    CHECK_INT(
        update("<propertyupdate xmlns='DAV:'><remove><prop/></remove><set><prop><a/></prop></set></propertyupdate>",
               &got),
        0);
    CHECK_INT(got.count, 1);
    CHECK_INT(update("<propertyupdate xmlns='DAV:'><remove><prop/></remove></propertyupdate>", &got), 0);
    CHECK_INT(update("<propertyupdate xmlns='DAV:'><set/></propertyupdate>", &got), 422);
    CHECK_INT(update("<propertyupdate xmlns='DAV:'/>", &got), 422);
    CHECK_INT(update("", &got), 400);
    arena_release(&arena);
}

TEST(bodies__a_value_too_long_to_keep_is_marked)
{
    struct buf text = BUF_INIT(1 << 20);
    struct propertyupdate_body got;

    buf_add_str(&text, "<propertyupdate xmlns='DAV:'><set><prop><a>");
    memset(buf_reserve(&text, PROP_VALUE_MAX), 'x', PROP_VALUE_MAX);
    buf_grown(&text, PROP_VALUE_MAX);
    buf_add_str(&text, "</a><b>y</b></prop></set></propertyupdate>");
    CHECK_INT(update(buf_str(&text), &got), 0);
    CHECK(got.orders[0].is_too_long && got.orders[0].xml.len == 0);
    CHECK(!got.orders[1].is_too_long && got.orders[1].xml.len);
    buf_release(&text);
    arena_release(&arena);
}

/* Each element uses all of some long namespaces that were declared once. */
TEST(bodies__a_short_body_does_not_become_a_long_one)
{
    struct buf text = BUF_INIT(1 << 20);
    struct propertyupdate_body got;

    buf_add_str(&text, "<propertyupdate xmlns='DAV:'");
    for (int i = 0; i < 50; i++)
        buf_printf(&text, " xmlns:p%d='%02d%01998d'", i, i, 0);
    buf_add_str(&text, "><set><prop>");
    for (int i = 0; i < 1000; i++) {
        buf_printf(&text, "<a%d", i);
        for (int k = 0; k < 50; k++)
            buf_printf(&text, " p%d:b=''", k);
        buf_add_str(&text, "/>");
    }
    buf_add_str(&text, "</prop></set></propertyupdate>");
    CHECK_INT(update(buf_str(&text), &got), 0);
    CHECK(!got.orders[0].is_too_long && got.orders[0].xml.len > 100000);
    CHECK(got.orders[got.count - 1].is_too_long);
    CHECK(arena.total < 24 << 20);
    buf_release(&text);
    arena_release(&arena);
}

TEST(bodies__mkcol_sets_and_does_not_remove)
{
    struct propertyupdate_body got;

    role_assert_worker();
    CHECK_INT(dav_read_mkcol(SLICE("<mkcol xmlns='DAV:'><remove><prop><a/></prop></remove><set><prop><resourcetype>"
                                   "<collection/></resourcetype><b/></prop></set></mkcol>"),
                             &arena, &got)
                  .status,
              0);
    CHECK_INT(got.count, 2);
    CHECK(xml_child(got.orders[0].value, XML_DAV, SLICE("collection")) != NULL);
    CHECK_INT(dav_read_mkcol(SLICE("<mkcol xmlns='DAV:'/>"), &arena, &got).status, 422);
    arena_release(&arena);
}

/* ---- LOCK ---- */

static int lockinfo(const char *inside, struct lockinfo_body *out)
{
    struct slice body = arena_printf(&arena, "<D:lockinfo xmlns:D='DAV:' xmlns:x='urn:x'>%s</D:lockinfo>", inside);

    role_assert_worker();
    return dav_read_lockinfo(body, &arena, out).status;
}

#define EXCLUSIVE "<D:lockscope><D:exclusive/></D:lockscope>"
#define SHARED "<D:lockscope> <D:shared/> </D:lockscope>"
#define WRITE "<D:locktype><D:write/></D:locktype>"

TEST(bodies__lockinfo_is_read_with_its_owner_as_sent)
{
    struct lockinfo_body got;

    CHECK_INT(lockinfo(EXCLUSIVE WRITE, &got), 0);
    CHECK(got.is_exclusive);
    CHECK_SLICE(got.owner, "");
    CHECK_INT(lockinfo(WRITE "<D:owner> me <x:a/>\n<D:href>http://h/?a&amp;b</D:href></D:owner>" SHARED, &got), 0);
    CHECK_FALSE(got.is_exclusive);
    CHECK_SLICE(got.owner, "<D:owner xmlns:D=\"DAV:\"> me <x:a xmlns:x=\"urn:x\"/>\n<D:href>http://h/?a&amp;b</D:href>"
                           "</D:owner>");
    arena_release(&arena);
}

TEST(bodies__a_lock_of_unknown_kind_is_422)
{
    struct lockinfo_body got;

    CHECK_INT(lockinfo(WRITE, &got), 422);
    CHECK_INT(lockinfo(WRITE "<D:lockscope/>", &got), 422);
    CHECK_INT(lockinfo(WRITE "<D:lockscope><D:exclusive/><D:shared/></D:lockscope>", &got), 422);
    CHECK_INT(lockinfo(WRITE "<D:lockscope><exclusive/></D:lockscope>", &got), 422);
    CHECK_INT(lockinfo(EXCLUSIVE, &got), 422);
    CHECK_INT(lockinfo(EXCLUSIVE "<D:locktype><D:read/></D:locktype>", &got), 422);
    CHECK_INT(lockinfo(EXCLUSIVE WRITE "<y:owner/>", &got), 400); /* some Windows 11 sends what is no XML: not a lock */
    arena_release(&arena);
}

TEST(bodies__an_owner_has_a_limit)
{
    struct buf text = BUF_INIT(1 << 20);
    struct lockinfo_body got;

    buf_add_str(&text, EXCLUSIVE WRITE "<D:owner>");
    for (int i = 0; i < LOCK_OWNER_MAX; i++)
        buf_add_char(&text, 'x');
    buf_add_str(&text, "</D:owner>");
    CHECK_INT(lockinfo(buf_str(&text), &got), 413);
    buf_release(&text);
    arena_release(&arena);
}

/* ---- REPORT ---- */

static int report(const char *inside, struct report_body *out)
{
    struct slice body = arena_printf(&arena, "<sync-collection xmlns='DAV:'>%s</sync-collection>", inside);

    role_assert_worker();
    return dav_read_report(body, &arena, out).status;
}

TEST(bodies__any_report_is_named)
{
    struct report_body got;

    role_assert_worker();
    CHECK_INT(dav_read_report(SLICE("<x:y xmlns:x='urn:x'/>"), &arena, &got).status, 0);
    CHECK_FALSE(got.is_sync);
    CHECK_SLICE(got.kind.space, "urn:x");
    CHECK_SLICE(got.kind.local, "y");
    CHECK_INT(dav_read_report(SLICE(""), &arena, &got).status, 400);
    arena_release(&arena);
}

TEST(bodies__sync_collection_is_read)
{
    struct report_body got;

    CHECK_INT(report("<sync-token/><sync-level>1</sync-level><prop><getetag/><getetag/></prop>", &got), 0);
    CHECK(got.is_sync && !got.is_deep && !got.has_limit);
    CHECK_SLICE(got.token, "");
    CHECK_INT(got.prop.count, 1);
    CHECK_INT(got.prop.kind, PROPFIND_SOME);
    CHECK_INT(report("<sync-token> urn:t&#x3a;1\n</sync-token><sync-level>infinite</sync-level><limit><nresults> 7 "
                     "</nresults></limit><prop/>",
                     &got),
              0);
    CHECK(got.is_deep && got.has_limit);
    CHECK_INT(got.limit, 7);
    CHECK_SLICE(got.token, "urn:t:1");
    CHECK_INT(report("<sync-token/><prop/>", &got), 0); /* from before RFC 6578 */
    CHECK_FALSE(got.is_deep);
    arena_release(&arena);
}

TEST(bodies__a_senseless_sync_collection_is_422)
{
    struct report_body got;

    CHECK_INT(report("<sync-level>1</sync-level><prop/>", &got), 422);
    CHECK_INT(report("<sync-token/><sync-level>2</sync-level><prop/>", &got), 422);
    CHECK_INT(report("<sync-token/><limit><nresults>0</nresults></limit><prop/>", &got), 422);
    CHECK_INT(report("<sync-token/><limit><nresults>-1</nresults></limit><prop/>", &got), 422);
    CHECK_INT(report("<sync-token/><limit><nresults>x</nresults></limit><prop/>", &got), 422);
    CHECK_INT(report("<sync-token/><limit><nresults>99999999999</nresults></limit><prop/>", &got), 0);
    CHECK(got.limit == UINT32_MAX);
    arena_release(&arena);
}
