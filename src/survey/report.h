/*
 * report.h - what was found of each server, as text, JSON, JUnit's XML or Markdown.
 */
#ifndef SURVEY_REPORT_H
#define SURVEY_REPORT_H

#include <stdio.h>

#include "surveyor.h"

enum { CODES_MAX = 22 };

struct shown_fault {
    const char *obligation, *where;
    struct slice sentence, curl;
    int status; /* of the answer that shows it */
};

struct row {
    int code;
    enum verdict verdict;
    struct shown_fault faults[FAULTS_MAX];
    unsigned fault_count;
    struct slice trouble;
    unsigned requests;
    uint64_t took_ms;
};

/* Of one server; its texts are its arena's. */
struct result {
    struct arena arena;
    struct slice url, name; /* name: as the server calls itself; "" */
    struct slice trouble;   /* "" where it answered */
    struct row rows[CODES_MAX];
    unsigned row_count;
};

/* A finding, kept longer than its trail. */
void result_add(struct result *result, const struct finding *finding, const struct trail *trail);
/* What a server sent reaches a terminal as plain text only. */
struct slice plain_text(struct arena *arena, struct slice text);
/* By code. */
void result_sort(struct result *result);
unsigned result_count(const struct result *result, enum verdict verdict);

/*
 * A line for a shell that shows the same once more: what was made before in a collection of our own, which has gone
 * since, is made again first.
 */
struct slice curl_line(const struct trail *trail, const struct probe *probe, struct arena *arena);

void report_print(FILE *out, enum survey_form form, const struct result *results, unsigned count);
/* This build can write that form. */
bool report_can(enum survey_form form);

/* report_json.c */
void report_json(FILE *out, const struct result *results, unsigned count);
/* report_junit.c */
void report_junit(FILE *out, const struct result *results, unsigned count);
/* report_table.c: a column a server, a row a code; as Markdown, or as text. */
void report_table(FILE *out, const struct result *results, unsigned count, bool is_markdown);
/* "5 of 22 codes found in 2 services" */
void report_sum(FILE *out, const struct result *results, unsigned count);

#endif
