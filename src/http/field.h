/*
 * field.h - the small grammar that field values share (RFC 9110 §5.6): tokens, lists, parameters, weights.
 */
#ifndef HTTP_FIELD_H
#define HTTP_FIELD_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

/* One of the table: true if c may be in a token. */
bool char_is_token(unsigned char c);
/* 1*tchar */
bool is_token(struct slice text);

/*
 * Takes the next member off a comma-separated list: trimmed, never empty, commas inside quoted strings
 * respected. False at the end. An unfinished quoted string reaches to the end.
 */
bool list_next(struct slice *rest, struct slice *member);

/* True if a member equals `token` without case. */
bool list_has(struct slice list, struct slice token);

/*
 * Takes the next parameter off "; name=value; other=\"quoted\"". value comes without its quotes, escapes
 * still in it (quoted_text()); empty if there is no '='. False at the end or at what is no parameter: then
 * *rest is empty at the end and holds the offending text otherwise.
 */
bool param_next(struct slice *rest, struct slice *name, struct slice *value);

/* The text of a quoted string's inside: backslash escapes undone; copies only if there are any. */
struct slice quoted_text(struct slice inside, struct arena *arena);

/* Inside text, quoted: a backslash before each quote and backslash. */
void quoted_write(struct buf *out, struct slice text);

/* Takes blanks off the front; then, if it is there, the character. */
void blanks_take(struct slice *rest);
bool char_take(struct slice *rest, char c);

/* A weight (RFC 9110 §12.4.2) in thousandths: "0.5" is 500. False for what is none. */
bool quality_parse(struct slice text, unsigned *thousandths);

#endif
