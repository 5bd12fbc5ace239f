/*
 * multistatus.h - a 207 taken apart (RFC 4918, 13), and how addresses in it compare.
 */
#ifndef SURVEY_MULTISTATUS_H
#define SURVEY_MULTISTATUS_H

#include "probe.h"
#include "xml/xml.h"

enum { PROPSTATS_MAX = 8, RESPONSES_MAX = 4000 };

struct response {
    struct slice href; /* the first one */
    unsigned hrefs;
    int status; /* of the resource; 0: it has propstats */
    struct propstat {
        int status;
        struct xml_node *prop; /* NULL: it has none */
    } propstats[PROPSTATS_MAX];
    unsigned propstat_count;
    struct xml_node *node;
};

struct multistatus {
    struct response *list;
    unsigned count;
    struct slice why; /* it is none */
};

/* False: `why` says what is wrong with the content. */
bool multistatus_read(const struct probe *probe, struct arena *arena, struct multistatus *out);
/* The one for that path; NULL. */
const struct response *response_find(const struct multistatus *answer, struct slice path, struct arena *arena);
/* Same resource: addresses of one server, with or without a slash at the end, however they are spelt. */
bool href_is(struct slice href, struct slice path, struct arena *arena);
/* The status under which a property stands; 0: nowhere. *node, if asked: the property. */
int property_status(const struct response *response, struct slice space, struct slice local,
                    const struct xml_node **node);
/* "HTTP/1.1 208 Already Reported"; 0: it is none. */
int status_line_code(struct slice text);
/* The whole content as XML; NULL, and why. */
struct xml_node *xml_of(const struct probe *probe, struct arena *arena, struct slice *why);
/* An element of that name anywhere below (or at) the node; NULL. */
const struct xml_node *xml_find(const struct xml_node *node, struct slice local);

#endif
