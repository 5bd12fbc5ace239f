/*
 * pot_private.h - what the methods of pots share.
 */
#ifndef METHOD_POT_PRIVATE_H
#define METHOD_POT_PRIVATE_H

#include "dav_shared.h"
#include "method/pot.h"
#include "pot/pot.h"
#include "repr/language.h"

#define COFFEE_TYPES "message/coffeepot, application/coffee-pot-command"
#define TEA_TYPES "message/teapot"
#define POT_METHODS "GET, HEAD, OPTIONS, PROPFIND, BREW, POST, WHEN"
#define POTS_METHODS "GET, HEAD, OPTIONS, PROPFIND, BREW, POST"

/* Who is asked, and about what: all that a worker needs. Texts live as long as the exchange. */
struct pot_ask {
    struct job job;
    struct exchange *ex; /* loop only */
    struct pots *pots;
    struct store *store;
    const struct site *site;
    unsigned site_number;
    struct pot_place place;
    unsigned seen; /* of the collection's pots: bits by their number, that this user may see */
    enum error_form form;
    enum page_language language;     /* of a page */
    struct pot_view views[POTS_MAX]; /* of the collection; else the first is the pot's */
};

struct pot_ask pot_ask_of(struct exchange *ex) LOOP_SIDE;
struct pot_place_of pot_of(struct pot_ask *ask, const struct pot_conf *pot);
/* Where it is done: who is asked may be another process. */
enum lane pot_ask_lane(const struct pot_ask *ask);
/* Fills views. */
void pot_ask_look(struct pot_ask *ask) WORKER_SIDE;

/* What a request is to one pot: BREW and POST; WHEN; GET and HEAD; PROPFIND. */
void brew_plan(struct exchange *ex) LOOP_SIDE;
void when_plan(struct exchange *ex) LOOP_SIDE;
void pot_get_plan(struct exchange *ex) LOOP_SIDE;
void pot_propfind_plan(struct exchange *ex) LOOP_SIDE;

/* ---- addresses (pot_list.c) ---- */

/* "/pots/pot-1", percent-encoded; tea NULL: the pot's own, pot NULL: the collection's. */
struct slice pot_href(struct arena *arena, const struct site *site, const struct pot_conf *pot,
                      const struct tea_conf *tea);
/* At the collection the first pot that has a tea of this name stands for it. */
bool tea_is_first(const struct site *site, const struct pot_conf *pot, const struct tea_conf *tea);
/* This user may look at it, or brew. */
bool pot_is_seen(const struct exchange *ex, struct slice href_path) LOOP_SIDE;
/* As rpath.text: where it is. */
struct slice pot_path(struct arena *arena, const struct site *site, const struct pot_conf *pot,
                      const struct tea_conf *tea);

/* What can be brewed there, as this user may know it: the value of Alternates, and the same as text or JSON. */
struct brewable {
    struct slice href, type;
};
struct brewables {
    struct brewable *list;
    unsigned count;
};
/* pot NULL: of all pots, with those that brew coffee; else its teas. */
void brewables_find(struct exchange *ex, const struct pot_conf *pot, struct brewables *out) LOOP_SIDE;
struct slice brewables_alternates(struct arena *arena, const struct brewables *brewables);
/* Lines of an address and a type each; the same as a member of a JSON object: ,"alternates":[...] */
struct slice brewables_text(struct arena *arena, const struct brewables *brewables);
struct slice brewables_json(struct arena *arena, const struct brewables *brewables);

/* ---- state as content (pot_tell.c) ---- */

/* A pot, or all that are seen. */
void pot_content(struct arena *arena, struct answer *answer, const struct pot_ask *ask);
/* The same as a page (pot_page.c). */
void pot_page(struct buf *out, const struct pot_ask *ask, struct arena *arena);
/* "Cream;2, Sugar", "" for none. */
struct slice recipe_text(struct arena *arena, const struct recipe *recipe);
struct slice additions_text(struct arena *arena, unsigned available);

#endif
