/*
 * demo.h - private to cli/: what `samovar demo` shows (demo_rows.c), and how (demo.c).
 */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

enum { DEMO_ROWS = 22, DEMO_LARGE = 3000 /* files in /large/, so that a COPY takes its time */ };

struct demo_row {
    int code;
    const char *line; /* of the shell; "@" before a "/" is the server's address */
};
extern const struct demo_row demo_rows[DEMO_ROWS];

struct demo_file {
    const char *path, *content;
};
extern const struct demo_file demo_files[]; /* NULL ends them */

extern const char demo_config[];

/* demo.html and demo.js: the front page. */
extern const char demo_page[], demo_script[];

#endif
