/*
 * propset.h - the records behind props.h: what belongs to an id beside its identity.
 *
 *     'p' id, hash of a property's name  -> its namespace, local name, element
 *     't' id                             -> traits: type, language, checksums and the content they are of
 *     'm' parent id, name                -> the least Last-Modified at that URL ("m" for modified; CND-09)
 *
 * Whatever changes them gathers it in `struct changes` (idrecord.h), so that the caller commits it together with what
 * belongs to it, with the resource's lock held. Readers may be anywhere. Worker side.
 */
#ifndef STORE_PROPSET_H
#define STORE_PROPSET_H

#include "core.h"
#include "idrecord.h"
#include "identity.h"
#include "resolve.h"
#include "store/props.h"

enum {
    TRAIT_TEXT_MAX = 1024, /* octets of a type, a language, or checksums: all go into a field of a head */
};

/* When records were opened: which kinds there are. */
void propset_probe(struct store *store, struct meta *meta);
/* Whether there may be any, anywhere in the store; while another process shares the folder it may have made some. */
bool propset_has_props(const struct store *store);
bool propset_has_traits(const struct store *store); /* or floors */
bool propset_has_floors(const struct store *store);

/* In order of namespace and name; texts in the arena. */
enum err propset_read(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], struct arena *arena,
                      struct property **out, unsigned *count);
/* What is there: 0 and 0 for none. bytes: as PROPS_TOTAL_MAX counts them. */
enum err propset_size(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], unsigned *count,
                      uint64_t *bytes);
/* The edits in their order. ERR_TOO_LARGE past a limit. Removals of what is not there change nothing. */
enum err propset_edit(struct store *store, struct meta *meta, const unsigned char id[ID_LEN],
                      const struct prop_edit *edits, unsigned count, struct changes *changes);
/*
 * Properties and traits of one id for another one that has none (COPY). Checksums go along only if they are of the
 * content with `tag` and now stand for the one with `copy_tag`; "" leaves them out.
 */
enum err propset_copy(struct store *store, struct meta *meta, const unsigned char from[ID_LEN],
                      const unsigned char to[ID_LEN], struct slice tag, struct slice copy_tag, struct changes *changes);
/* All of an id that is gone: properties, traits, and the floors of its members. */
enum err propset_drop(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], struct changes *changes);

/* Texts in the arena; checksums only if they are of the content with this tag; no floor. Nothing said: zeroed. */
enum err traits_read(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], struct slice tag,
                     struct arena *arena, struct traits *out);
/* type and language; executable is no record's. ERR_TOO_LARGE past TRAIT_TEXT_MAX; ERR_INVALID: control characters. */
enum err traits_edit(struct store *store, struct meta *meta, const unsigned char id[ID_LEN],
                     const struct trait_edits *edits, struct changes *changes);
/*
 * What a PUT says of the content with this tag, in place of what was said of the former one: type "" is what the name
 * says, NULL what it was. The language stays. Adds nothing if nothing is to be said and nothing was. *is_quiet: the
 * type is what it was.
 */
enum err traits_put(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], const struct slice *type,
                    struct slice checksums, struct slice tag, struct changes *changes, bool *is_quiet);
/* The SHA-256 among recorded checksums; 32 octets. False: there is none. */
bool checksums_sha256(struct slice checksums, unsigned char out[32]);

/* A part of propset_copy(). */
enum err traits_copy(struct store *store, struct meta *meta, const unsigned char from[ID_LEN],
                     const unsigned char to[ID_LEN], struct slice tag, struct slice copy_tag, struct changes *changes);

/* Whole seconds; 0 without. `name`: the leaf, below the folder with the id `parent` (the site's for top level). */
int64_t floor_get(struct store *store, struct meta *meta, const unsigned char parent[ID_LEN], struct slice name);
/*
 * After a MOVE or COPY onto a URL at which `shown_s` was the Last-Modified so far (its own floor included), of a
 * resource modified at modified_s: nothing is added where that is later anyway, but a former floor is dropped then.
 */
void floor_set(struct store *store, struct meta *meta, const unsigned char parent[ID_LEN], struct slice name,
               int64_t shown_s, int64_t modified_s, struct changes *changes);

/*
 * Fills facts->floor_s for the file with this name in a folder, whose path is without links and below the root. Costs
 * nothing where there is no floor in the store. A failure counts as none.
 */
void floor_apply(struct store *store, const char *folder, struct slice name, struct facts *facts);
/* The same for a place; what is outside of the root has none. */
void floor_apply_at(struct store *store, const struct place *place, struct facts *facts);

/* Hot caches hear of files, not of records: makes them forget this one. After the commit. Failing is fine. */
void traits_poke(struct store *store, const struct place *place);

/* What a path stands for, with its id: the root has no place and the site's id. */
struct owner {
    bool is_root;
    struct place place;
    struct facts facts;
    struct identity identity;
};
/*
 * ERR_MISSING, ERR_NOT_FOLDER and others as store_find(). Owns nothing when it fails. shows_id: else it is good for
 * looking up records only, and nothing is recorded for it.
 */
enum err owner_find(struct store *store, struct rpath path, bool shows_id, struct owner *owner);
/* There may be records under its id. */
bool owner_has_records(const struct owner *owner);
void owner_release(struct owner *owner);

#endif
