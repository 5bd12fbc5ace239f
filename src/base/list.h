/*
 * list.h - a list whose links live in its members.
 *
 * A ring with a head: `struct link` is a member of the thing listed and of the list's owner. Nothing is
 * allocated. A zeroed link is in no list; a head must be initialised with list_init().
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *next, *prev;
};

/* The struct of `type` whose member `member` is at `ptr`. */
#define CONTAINER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline void list_init(struct link *head)
{
    head->next = head->prev = head;
}

static inline bool list_is_empty(const struct link *head)
{
    return head->next == head;
}

static inline bool link_is_listed(const struct link *link)
{
    return link->next != NULL;
}

static inline void list_add_after(struct link *place, struct link *link)
{
    link->next = place->next;
    link->prev = place;
    place->next->prev = link;
    place->next = link;
}

static inline void list_push(struct link *head, struct link *link) /* at the front */
{
    list_add_after(head, link);
}

static inline void list_append(struct link *head, struct link *link) /* at the end */
{
    list_add_after(head->prev, link);
}

/* Taking out what is in no list is fine. */
static inline void list_remove(struct link *link)
{
    if (!link->next)
        return;
    link->next->prev = link->prev;
    link->prev->next = link->next;
    link->next = link->prev = NULL;
}

/* The first, taken out; NULL when empty. */
static inline struct link *list_shift(struct link *head)
{
    struct link *first = head->next;

    if (first == head)
        return NULL;
    list_remove(first);
    return first;
}

/* `at` may be removed inside the loop. */
#define LIST_EACH(head, at, following)                                                                                 \
    for ((at) = (head)->next, (following) = (at)->next; (at) != (head); (at) = (following), (following) = (at)->next)

#endif
