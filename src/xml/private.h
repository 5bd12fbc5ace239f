/*
 * private.h - shared by the files of xml/.
 */
#ifndef XML_PRIVATE_H
#define XML_PRIVATE_H

#include "xml/xml.h"

/* The namespace that the prefix xml always has; binding another prefix to it is an error. */
#define XML_XML SLICE("http://www.w3.org/XML/1998/namespace")

/*
 * Adds text as the content of an element, or of an attribute between double quotes. A reader gets back what was given:
 * what it would normalise (CR, and in attributes every blank but the space) is written as a reference. What is no
 * character of XML (controls, U+FFFE, U+FFFF, octets that are no UTF-8) becomes U+FFFD.
 */
void escape_text(struct buf *out, struct slice text);
void escape_attribute(struct buf *out, struct slice text);
/* True if escape_text() would add it as it is. */
bool is_plain_text(struct slice text);

#endif
