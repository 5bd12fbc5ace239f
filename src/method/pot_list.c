/*
 * pot_list.c - where pots and teas are, and the list of what can be brewed as Alternates has it (RFC 7168 §2.1.1).
 *
 * RFC 7168's own examples have no quality of the source, which RFC 2295 §5.1 wants: it is written (COF-C3).
 */
#include "pot_private.h"

#include "http/uri.h"

struct slice pot_path(struct arena *arena, const struct site *site, const struct pot_conf *pot,
                      const struct tea_conf *tea)
{
    bool is_deep = tea && !tea_is_first(site, pot, tea);
    const struct slice parts[] = {site->pots_path, pot && (!tea || is_deep) ? pot->name : SLICE_NONE,
                                  tea ? tea->name : SLICE_NONE};
    struct buf path = BUF_INIT(CONF_PATH_ROOM);
    struct slice text;

    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (path.len && parts[i].len)
            buf_add_char(&path, '/');
        buf_add(&path, parts[i]);
    }
    text = arena_slice(arena, buf_slice(&path));
    buf_release(&path);
    return text;
}

struct slice pot_href(struct arena *arena, const struct site *site, const struct pot_conf *pot,
                      const struct tea_conf *tea)
{
    return dav_href_text(arena, pot_path(arena, site, pot, tea), !pot);
}

bool tea_is_first(const struct site *site, const struct pot_conf *pot, const struct tea_conf *tea)
{
    for (const struct pot_conf *at = site->pots; at < pot; at++)
        for (unsigned i = 0; i < at->tea_count; i++)
            if (slice_eq(at->teas[i].name, tea->name))
                return false;
    return true;
}

bool pot_is_seen(const struct exchange *ex, struct slice path)
{
    return conf_sight(ex->site, path, &ex->asker) & (RIGHT_READ | RIGHT_LIST | RIGHT_BREW);
}

static LOOP_SIDE void brewable_add(struct exchange *ex, struct brewables *out, const struct pot_conf *pot,
                                   const struct tea_conf *tea)
{
    if (pot_is_seen(ex, pot_path(&ex->arena, ex->site, pot, tea)))
        out->list[out->count++] = (struct brewable){.href = pot_href(&ex->arena, ex->site, pot, tea),
                                                    .type = tea ? SLICE(TEA_TYPES) : SLICE("message/coffeepot")};
}

void brewables_find(struct exchange *ex, const struct pot_conf *pot, struct brewables *out)
{
    const struct site *site = ex->site;

    *out = (struct brewables){.list = arena_alloc(&ex->arena, POTS_MAX * (TEAS_MAX + 1) * sizeof(*out->list))};
    for (unsigned i = 0; i < site->pot_count; i++) {
        const struct pot_conf *at = &site->pots[i];

        if (pot && pot != at)
            continue;
        if (pot_brews_coffee(at))
            brewable_add(ex, out, at, NULL);
        for (unsigned k = 0; k < at->tea_count; k++)
            brewable_add(ex, out, at, &at->teas[k]);
    }
}

/* Longer fields are more than clients take (curl: 100 KiB in all, proxies: 8); the content has the whole list. */
enum { ALTERNATES_MAX = 7 * 1024 };

struct slice brewables_alternates(struct arena *arena, const struct brewables *brewables)
{
    struct buf text = BUF_INIT(ALTERNATES_MAX);
    struct slice value;

    for (unsigned i = 0; i < brewables->count; i++) {
        const struct brewable *at = &brewables->list[i];
        struct slice item = arena_printf(arena, "%s{\"%.*s\" 1.0 {type %.*s}}", i ? ", " : "", SLICE_FMT(at->href),
                                         SLICE_FMT(at->type));

        if (text.len + item.len > ALTERNATES_MAX)
            break;
        buf_add(&text, item);
    }
    value = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return value;
}

enum { LIST_MAX = 64 * 1024 };

struct slice brewables_text(struct arena *arena, const struct brewables *brewables)
{
    struct buf text = BUF_INIT(LIST_MAX);
    struct slice value;

    for (unsigned i = 0; i < brewables->count; i++)
        buf_printf(&text, "%s%.*s %.*s", i ? "\n" : "", SLICE_FMT(brewables->list[i].href),
                   SLICE_FMT(brewables->list[i].type));
    value = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return value;
}

struct slice brewables_json(struct arena *arena, const struct brewables *brewables)
{
    struct buf text = BUF_INIT(LIST_MAX);
    struct slice value;

    buf_add_str(&text, ",\"alternates\":[");
    for (unsigned i = 0; i < brewables->count; i++)
        buf_printf(&text, "%s{\"address\":\"%.*s\",\"type\":\"%.*s\"}", i ? "," : "",
                   SLICE_FMT(brewables->list[i].href), SLICE_FMT(brewables->list[i].type));
    buf_add_char(&text, ']');
    value = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return value;
}
