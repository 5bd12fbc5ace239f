/*
 * man_codes.c - samovar-codes(7): the status codes, of the table in http/status.c.
 */
#include "http/status.h"
#include "man.h"

static void add_row(FILE *out, const char *label, const char *text)
{
    fputs(".br\n.I ", out);
    man_roff(out, label);
    fputs(":\n", out);
    man_roff(out, text);
    fputc('\n', out);
}

static void add_earned(FILE *out, const struct status *status)
{
    const struct status_reference *reference = status->reference;

    fprintf(out, ".TP\n.B %d %.*s\n", status->code, SLICE_FMT(status->phrase));
    man_roff(out, reference->meaning);
    fputc('\n', out);
    add_row(out, "Defined in", reference->spec);
    add_row(out, "Standing", reference->standing);
    add_row(out, "Fields", reference->fields);
    add_row(out, "Earned by", reference->earned_by);
    fputs(".sp\n.nf\n", out);
    man_roff(out, reference->curl);
    fputs("\n.fi\n", out);
}

static void add_others(FILE *out)
{
    unsigned count;
    const struct status *table = status_table(&count);

    fputs(".SH OTHER CODES\nRegistered, too:\n.PP\n.nf\n", out);
    for (unsigned i = 0; i < count; i++)
        if (!table[i].reference)
            fprintf(out, "%d %.*s\n", table[i].code, SLICE_FMT(table[i].phrase));
    fputs(".fi\n", out);
}

void man_codes(FILE *out)
{
    static const char *const name[] = {"samovar-codes - status codes, and how samovar(1) earns them", NULL};
    static const char *const description[] = {
        "A status code is earned if something that somebody wants leads to it: a part of a file, a lock, a limit.",
        "HOST is a server that is set up for it. In codes/, beside README.md of the program's documentation, each code",
        "has a page with a configuration and a whole session; a server has the same as here at /.samovar/codes/.",
        NULL};
    unsigned count;
    const struct status *table = status_table(&count);

    man_lines(out, "NAME", name);
    man_lines(out, "DESCRIPTION", description);
    fputs(".SH EARNED CODES\n", out);
    for (unsigned i = 0; i < count; i++)
        if (table[i].reference)
            add_earned(out, &table[i]);
    add_others(out);
    fputs(".SH SEE ALSO\n.BR samovar (1),\n.BR samovar (5)\n", out);
}
