/*
 * heads.h - a parsed head from a literal, for the tests of http/.
 */
#ifndef TEST_HEADS_H
#define TEST_HEADS_H

#include <stdio.h>

#include "check.h"
#include "http/head.h"

enum { ROOM = 130 };

/* Parses the whole at once with the default limits; the fields live in a static array until the next call. */
static inline enum head_step head_of(const char *text, struct head *head, struct head_parser *parser)
{
    static struct field room[ROOM];

    head_parser_init(parser, &HEAD_LIMITS_DEFAULT, room, ROOM);
    return head_parse(parser, slice_str(text), head);
}

/* The head of a GET with these field lines ("A: b\r\n..."); the test fails if it is none. */
static inline struct head head_with(const char *version, const char *fields)
{
    static char text[8192];
    struct head_parser parser;
    struct head head;

    snprintf(text, sizeof(text), "GET / HTTP/%s\r\n%s\r\n", version, fields);
    CHECK_INT(head_of(text, &head, &parser), HEAD_DONE);
    return head;
}

#endif
