/*
 * get_forms.h - the coded forms that there are of a file that is got: those that lie beside it, and those that are
 * made. Between get_coding.c, which chooses, and its siblings. Worker side where nothing else is said.
 */
#ifndef METHOD_GET_FORMS_H
#define METHOD_GET_FORMS_H

#include "get_private.h"
#include "repr/coding.h"

enum { QUICK_FORM_MOST = 256 << 10 /* octets: some milliseconds of an encoder, which others may wait behind */ };

/* Accept-Encoding counts for it. Any side. */
bool forms_are_on(const struct get_job *get);
/* ... and the answer to another request may be a coded form. Any side. */
bool forms_may_be(const struct get_job *get, struct slice type);
/* Forms are made of it. Any side. */
bool forms_are_made(const struct get_job *get, struct slice type);

/* CONTENT_IDENTITY is none. Any side. */
enum coding form_maker(enum content_coding coding);
/* The address of the form beside it. */
struct rpath form_path(struct get_job *get, enum content_coding coding);
/* The asker may have what lies there, and nothing is said of it that a coded form could not be. */
bool form_is_open(struct get_job *get, struct rpath path, const struct facts *facts) WORKER_SIDE;
/* The mark of a form that lies somewhere as a file. */
struct slice form_mark(struct get_job *get, enum content_coding coding, const struct facts *facts);

/* Of the codings that are first in the order, and liked as well as that one, the shortest that lies beside it. */
enum content_coding form_beside(struct get_job *get, const enum content_coding *order, unsigned count,
                                struct coded_form *out) WORKER_SIDE;
/* Puts it into get->coded; it is the form's no more. */
void form_take(struct get_job *get, enum content_coding coding, struct coded_form *form);
void form_drop(struct get_job *get, struct coded_form *form) WORKER_SIDE;
/* Makes one, or finds that it was made, in get->coded. As derive_coded(); ERR_BUSY: it takes long. */
enum err form_make(struct get_job *get, enum content_coding coding) WORKER_SIDE;

/*
 * A tag without the validator of the list of variants; "" if it is of another list, or of none where there is one: a
 * tag counts as long as the list does (RFC 2295 §9.1, §9.2). Any side.
 */
struct slice form_plain_tag(const struct get_job *get, struct slice tag);
/*
 * The form that a tag is of, if that is one of this content which can still be sent and the client takes its coding;
 * *mark: what tells it from others. CONTENT_CODINGS: it is none.
 */
enum content_coding form_of_tag(struct get_job *get, struct slice type, struct slice tag,
                                struct slice *mark) WORKER_SIDE;
/* The same of a mark alone. */
enum content_coding form_of_mark(struct get_job *get, struct slice type, struct slice mark) WORKER_SIDE;
/* The codings in which it can be sent, in words: "identity, gzip". */
struct slice forms_named(struct get_job *get, struct slice type) WORKER_SIDE;
/* Something else than the plain content can be sent to somebody. */
bool forms_exist(struct get_job *get, struct slice type) WORKER_SIDE;

/* get_stored.c: as get_coding(), for a file that is coded itself; the order of what the client takes. */
bool get_stored(struct get_job *get, const enum content_coding *order, unsigned count) WORKER_SIDE;
/* It still is what the facts say (struct derive). `arg`: the job. */
bool get_content_holds(void *arg);

#endif
