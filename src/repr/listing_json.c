/*
 * listing_json.c - a folder for programs.
 *
 * {"path":"/a/","href":"/a/","members":[{"name":...,"href":...,"kind":"file","size":n,"modified":...,"type":...},
 * {"name":...,"href":...,"kind":"folder","modified":...},{"name":...,"kind":"broken"}],"truncated":false}
 *
 * `name` is for people (what is no UTF-8 appears as U+FFFD); `href` is exact and is what to ask for. Where
 * members were left out, truncated is true and "omitted" says how many. Of what they were (http/past.h) the hrefs are
 * the addresses of that, a file's as well with a slash.
 */
#include "listing.h"

#include "http/date.h"
#include "http/past.h"
#include "http/uri.h"

void add_rfc3339(struct buf *out, int64_t unix_s)
{
    struct civil civil = date_civil(unix_s);

    buf_printf(out, "%04lld-%02u-%02uT%02u:%02u:%02uZ", (long long)civil.year, civil.month, civil.day, civil.hour,
               civil.minute, civil.second);
}

void json_folder_href(const struct listing *listing, struct buf *out)
{
    if (listing->is_past) {
        past_href(out, listing->path.text, 0);
        return;
    }
    buf_add_char(out, '/');
    href_encode(out, listing->path.text);
    if (!rpath_is_root(listing->path))
        buf_add_char(out, '/');
}

void json_start(const struct listing *listing, struct buf *out)
{
    buf_add_str(out, "{\"path\":\"/");
    json_escape(out, listing->path.text);
    buf_add_str(out, rpath_is_root(listing->path) ? "\",\"href\":\"" : "/\",\"href\":\"");
    json_folder_href(listing, out);
    buf_add_str(out, "\",\"members\":[");
}

void json_entry(const struct listing *listing, const struct entry *entry, struct buf *out)
{
    buf_add_str(out, entry == listing->entries ? "\n{\"name\":\"" : ",\n{\"name\":\"");
    json_escape(out, entry_name(entry));
    if (entry->kind == ENTRY_BROKEN) {
        buf_add_str(out, "\",\"kind\":\"broken\"}");
        return;
    }
    buf_add_str(out, "\",\"href\":\"");
    json_folder_href(listing, out);
    href_encode_segment(out, entry_name(entry));
    if (entry->kind == ENTRY_FOLDER)
        buf_add_str(out, "/\",\"kind\":\"folder\"");
    else
        buf_printf(out, "%s\",\"kind\":\"file\",\"size\":%llu", listing->is_past ? "/" : "",
                   (unsigned long long)entry->size);
    buf_add_str(out, ",\"modified\":\"");
    add_rfc3339(out, entry->modified_s);
    if (entry->kind == ENTRY_FILE) {
        buf_add_str(out, "\",\"type\":\"");
        json_escape(out, media_type(entry_name(entry)));
    }
    buf_add_str(out, "\"}");
}

void json_end(const struct listing *listing, struct buf *out)
{
    buf_add_str(out, "\n],\"truncated\":");
    if (listing->beyond)
        buf_printf(out, "true,\"omitted\":%llu}\n", (unsigned long long)listing->beyond);
    else
        buf_add_str(out, "false}\n");
}
