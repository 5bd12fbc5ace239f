/*
 * forwarded.c - forwarding addresses as members: a response with 308 and DAV:location, in place of properties.
 */
#include "forwarded.h"

void forwarded_open(struct forwarded *forwarded, const struct multistatus_options *options, struct slice folder)
{
    forwarded_close(forwarded);
    if (!store_has_forwards(options->store))
        return;
    forwarded->folder.text = arena_slice(&forwarded->arena, folder);
    if (store_forwards_in(options->store, forwarded->folder, SLICE(""), &forwarded->arena, &forwarded->found))
        forwarded_close(forwarded);
}

/* The next ones of the folder. */
static WORKER_SIDE void go_on(struct forwarded *forwarded, const struct multistatus_options *options)
{
    struct forwarded more = {.next = 0};

    more.folder.text = arena_slice(&more.arena, forwarded->folder.text);
    if (store_forwards_in(options->store, more.folder, forwarded->found.list[forwarded->found.count - 1].from,
                          &more.arena, &more.found))
        forwarded_close(&more);
    forwarded_close(forwarded);
    *forwarded = more;
}

void forwarded_close(struct forwarded *forwarded)
{
    arena_release(&forwarded->arena);
    *forwarded = (struct forwarded){.next = 0};
}

static WORKER_SIDE bool is_seen(const struct multistatus_options *options, struct slice path)
{
    struct slice rest = path, segment;
    bool has_dots = false;

    while (rpath_next(&rest, &segment))
        has_dots |= segment.ptr[0] == '.';
    return sight_once(options->store, options->site, &options->asker, path) & (RIGHT_READ | RIGHT_LIST) &&
           !(has_dots && conf_rules(options->site, path).hidden == HIDDEN_DENY);
}

static void write_forward(struct xml_out *xml, struct slice from, struct rpath to)
{
    buf_add(xml->out, SLICE("<D:response>"));
    dav_href(xml, from, false);
    dav_status(xml, 308);
    buf_add(xml->out, SLICE("<D:location>"));
    dav_href(xml, to.text, to.has_slash);
    buf_add(xml->out, SLICE("</D:location></D:response>"));
}

bool forwarded_step(struct forwarded *forwarded, const struct multistatus_options *options, struct xml_out *xml)
{
    const struct forward *forward;
    struct arena arena = {0};
    struct rpath to;

    if (forwarded->next == forwarded->found.count && forwarded->found.is_cut)
        go_on(forwarded, options);
    if (forwarded->next == forwarded->found.count)
        return false;
    forward = &forwarded->found.list[forwarded->next++];
    if (store_forward_find(options->store, (struct rpath){.text = forward->from}, &arena, &to) == ERR_NONE &&
        is_seen(options, forward->from) && is_seen(options, to.text))
        write_forward(xml, forward->from, to);
    arena_release(&arena);
    return true;
}
