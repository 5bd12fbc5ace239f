/*
 * additions.h - what goes into a cup: Accept-Additions, and the list in the query of a coffee URI (RFC 2324 §2.2.2.1,
 * §3; RFC 7168 §2.2.1). Pure.
 */
#ifndef HTTP_ADDITIONS_H
#define HTTP_ADDITIONS_H

#include "base/arena.h"
#include "base/buf.h"

/* Those that the two RFCs name; milk first. There is no decaffeinated one (RFC 2324 §2.2.3). */
enum addition {
    ADDITION_CREAM,
    ADDITION_HALF_AND_HALF,
    ADDITION_WHOLE_MILK,
    ADDITION_PART_SKIM,
    ADDITION_SKIM,
    ADDITION_NON_DAIRY,
    ADDITION_VANILLA,
    ADDITION_ALMOND,
    ADDITION_RASPBERRY,
    ADDITION_CHOCOLATE,
    ADDITION_WHISKY,
    ADDITION_RUM,
    ADDITION_KAHLUA,
    ADDITION_AQUAVIT,
    ADDITION_SUGAR,
    ADDITION_XYLITOL,
    ADDITION_STEVIA,
    ADDITION_COUNT
};

/* As the RFCs write it: "Half-and-half". */
struct slice addition_name(enum addition addition);
/* Compares without case. ADDITION_COUNT: there is no such addition. */
enum addition addition_find(struct slice name);
/* It is poured until somebody says WHEN. */
bool addition_is_milk(enum addition addition);

/* ADDITION_PORTIONS_MAX: more than fits into a cup. ADDITION_WISHES_MAX: each of the known ones three times. */
enum { ADDITION_PORTIONS_MAX = 20, ADDITION_WISHES_MAX = 3 * ADDITION_COUNT };

/* One member of the list. */
struct addition_wish {
    struct slice name;      /* as written; "*" is in additions.takes_any */
    enum addition addition; /* ADDITION_COUNT: not one of ours */
    unsigned quality;       /* in thousandths */
    unsigned portions;      /* 1 unless a parameter says more: Cream;3 */
};

/* A list, or several: of the field's lines and of the query. Zeroed: nobody said anything. */
struct additions {
    struct addition_wish list[ADDITION_WISHES_MAX];
    unsigned count;
    bool takes_any; /* "*" with a weight above 0 */
};

/*
 * Adds the members of a list. False: it is none, has too many members, or asks for no portion or for more than
 * ADDITION_PORTIONS_MAX. Of a name that comes twice the first counts. Names point into `list`. Parameters that are not
 * known are read over.
 */
bool additions_read(struct slice list, struct additions *out);

/* What goes in: portions of each. */
struct recipe {
    uint8_t portions[ADDITION_COUNT];
};
/*
 * Of a pot that has these additions (bits 1 << enum addition). An addition that is listed without a weight, or with 1,
 * has to be there; one with less is left out where it is not, as long as some other of the list is. With "*" all of
 * them may be left out. False: the pot cannot comply (406); *lacking is then the first that it has not.
 */
bool additions_choose(const struct additions *wishes, unsigned available, struct recipe *out, struct slice *lacking);

/* "Cream;2, Sugar"; nothing for an empty one. */
void recipe_write(struct buf *out, const struct recipe *recipe);
/* The same of a set of bits: "Cream, Sugar". */
void additions_write(struct buf *out, unsigned available);

#endif
