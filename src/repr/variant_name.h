/*
 * variant_name.h - what the extensions of a file's name say of it as a variant: page.fr.html.gz is a French HTML text
 * of page, coded with gzip.
 *
 * Extensions stand in any order, and case does not matter in them. One that may be several things (.br: brotli, or
 * Breton; .ps, .pl, .es) is a coding where it stands last and another one tells the type, else a language where another
 * one tells the type, else a type. Pure, save for the table of media types (repr.h).
 */
#ifndef REPR_VARIANT_NAME_H
#define REPR_VARIANT_NAME_H

#include "http/variant.h"

struct name_facts {
    struct slice type;    /* without charset: "text/html"; "" where no extension tells one */
    struct slice charset; /* as one tells it: "iso-8859-2"; "" without */
    struct slice languages[VARIANT_LANGUAGES_MAX];
    unsigned language_count;
    struct slice coding; /* as Content-Encoding has it: "gzip", "br", "zstd"; "" without. Static */
};

/*
 * What stands behind the name that was asked for, without its first dot: "fr.html.gz". Texts point into it or are
 * static. False: some extension is none that is known, or says again what another one said (but languages); such a
 * file is no variant.
 */
bool variant_name_read(struct slice extensions, struct name_facts *out);
/* One extension that may be a coding: "gz", "br". */
bool variant_name_is_coding(struct slice extension);
/*
 * The same of a whole name, whatever its first part is; what is not known is read over, up to the first dot:
 * "report.v2.fr.html". Out of "fr.html" the type alone: a name begins with a part that is none.
 */
void variant_name_look(struct slice name, struct name_facts *out);

#endif
