/*
 * past.c - see past.h.
 *
 * An earlier content has what it was itself: size, time, tag, and the type that the file's name says. It has a name of
 * its own for people, since its address ends in a number. Properties that clients keep with the file are the file's.
 */
#include "past.h"

#include "http/date.h"
#include "http/past.h"
#include "repr/repr.h"

static void write_response(struct xml_out *xml, uint64_t number, const struct prop_view *view,
                           const struct prop_plan *plan)
{
    buf_add(xml->out, SLICE("<D:response><D:href>"));
    past_href(xml->out, view->path, number);
    buf_add(xml->out, SLICE("</D:href>"));
    dav_propstats(xml, view, plan);
    buf_add(xml->out, SLICE("</D:response>"));
}

void past_write_collection(struct xml_out *xml, const struct prop_view *view, const struct prop_plan *plan)
{
    static const struct traits none;
    struct prop_view past = *view;
    struct facts facts = *view->facts;

    facts.kind = KIND_FOLDER;
    facts.tag_len = 0;
    past.facts = &facts;
    past.traits = &none;
    past.rights = 0; /* nothing can be done to it */
    write_response(xml, 0, &past, plan);
}

/* "report.odt, 2026-11-22 17:03:11 UTC" */
static struct property displayname_of(const struct prop_view *view, const struct version *version, struct arena *look)
{
    struct buf text = BUF_INIT(6 * PATH_DECODED_MAX + 128);
    struct xml_out xml = {.out = &text};
    struct civil at = date_civil(version->modified_ns / 1000000000);
    struct property name = {.space = SLICE("DAV:"), .local = SLICE("displayname")};

    buf_add_str(&text, "<D:displayname xmlns:D=\"DAV:\">");
    xml_text(&xml, rpath_leaf((struct rpath){.text = view->path}));
    buf_printf(&text, ", %04lld-%02u-%02u %02u:%02u:%02u UTC</D:displayname>", (long long)at.year, at.month, at.day,
               at.hour, at.minute, at.second);
    name.xml = arena_slice(look, buf_slice(&text));
    buf_release(&text);
    return name;
}

static void write_version(struct xml_out *xml, const struct prop_view *view, const struct version *version,
                          const struct prop_plan *plan, struct arena *look)
{
    struct traits traits = {.type = media_type(rpath_leaf((struct rpath){.text = view->path}))};
    struct facts facts = {.kind = KIND_FILE,
                          .size = version->size,
                          .modified_ns = version->modified_ns,
                          .is_weak = version->is_weak,
                          .tag_len = version->tag_len};
    struct prop_view past = *view;
    struct property name;

    arena_release(look);
    name = displayname_of(view, version, look);
    memcpy(facts.tag, version->tag, version->tag_len);
    past.facts = &facts;
    past.traits = &traits;
    past.dead = &name;
    past.dead_count = 1;
    past.rights = 0;
    write_response(xml, version->number, &past, plan);
}

enum err past_step(struct past_steps *steps, struct xml_out *xml, const struct prop_view *view,
                   const struct prop_plan *plan, struct arena *look)
{
    if (steps->tells_file) {
        steps->tells_file = false;
        past_write_collection(xml, view, plan);
        return ERR_NONE;
    }
    if (steps->next >= steps->versions->count)
        return ERR_MISSING;
    write_version(xml, view, &steps->versions->list[steps->next++], plan, look);
    return ERR_NONE;
}
