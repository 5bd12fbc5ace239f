/*
 * method.h - what the server does: one row and one file a method.
 *
 * method_start() looks at the method's fields, sends a job to a worker where the disk is needed, and ends
 * in exactly one answer (exchange_answer). Loop side unless a function says otherwise.
 */
#ifndef METHOD_METHOD_H
#define METHOD_METHOD_H

#include "exchange/exchange.h"
#include "http/accept.h"
#include "repr/language.h"

/* The exchange is EXCH_JUDGED, its path and rights are set. Ends in ex->wire->answer(), now or later. */
void method_start(struct exchange *ex) LOOP_SIDE;
/* The same where ex->past is asked for: earlier contents, which can be read, and copied back (versions.c). */
void versions_start(struct exchange *ex) LOOP_SIDE;

/* Sends ex->answer on its way. */
void exchange_answer(struct exchange *ex) LOOP_SIDE;

/* Answers with a verdict: builds the error's body by Accept, adds the fields that its status needs. */
void exchange_refuse(struct exchange *ex, struct verdict verdict) LOOP_SIDE;

/* The answer of a refusal that belongs to no exchange: one that is made before anybody needs it. */
void refusal_answer(struct arena *arena, struct verdict verdict, enum error_form form, enum page_language language,
                    struct answer *out);

/* 308 to another spelling of the target's path, given encoded; the query is carried over (POL-10). */
void exchange_redirect(struct exchange *ex, struct slice encoded_path) LOOP_SIDE;

/* A plain 200 with bytes that are static, for our own address space. */
void exchange_static(struct exchange *ex, struct slice content_type, struct slice bytes) LOOP_SIDE;

/*
 * The whole content of the request, at most `max` octets, then ready() with it (in the arena; "" where there is none).
 * What is wrong with the content is answered here. Uses method_state and method_release until ready() is called.
 */
void gather_body(struct exchange *ex, size_t max, void (*ready)(struct exchange *ex, struct slice body)) LOOP_SIDE;

/* The fields DAV and MS-Author-Via: an answer to OPTIONS has them, also the one that asks who is there. */
void answer_classes(struct exchange *ex) LOOP_SIDE;

#endif
