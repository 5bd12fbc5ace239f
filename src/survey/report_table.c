/*
 * report_table.c - several servers side by side.
 */
#include "report.h"

static const struct row *row_of(const struct result *result, int code)
{
    for (unsigned i = 0; i < result->row_count; i++)
        if (result->rows[i].code == code)
            return &result->rows[i];
    return NULL;
}

static const char *cell(const struct result *result, int code)
{
    const struct row *row = row_of(result, code);

    return row ? verdict_text(row->verdict) : "";
}

static void print_head(FILE *out, const struct result *results, unsigned count, bool is_markdown)
{
    fprintf(out, is_markdown ? "| code |" : "code ");
    for (unsigned i = 0; i < count; i++) {
        if (is_markdown)
            fprintf(out, " %.*s |", SLICE_FMT(results[i].url));
        else
            fprintf(out, "  (%u)         ", i + 1);
    }
    fputc('\n', out);
    if (!is_markdown)
        return;
    fprintf(out, "|---|");
    for (unsigned i = 0; i < count; i++)
        fprintf(out, "---|");
    fputc('\n', out);
}

/* A line about each, where columns have no room for names. */
static void print_names(FILE *out, const struct result *results, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        fprintf(out, "(%u) %.*s\n", i + 1, SLICE_FMT(results[i].url));
    fputc('\n', out);
}

/* Under a table, the sentences. */
static void print_faults(FILE *out, const struct result *result)
{
    for (unsigned i = 0; i < result->row_count; i++) {
        const struct row *row = &result->rows[i];

        for (unsigned k = 0; k < row->fault_count; k++)
            fprintf(out, "- %d at %.*s: %s (%s): %.*s\n\n      %.*s\n", row->code, SLICE_FMT(result->url),
                    row->faults[k].obligation, row->faults[k].where, SLICE_FMT(row->faults[k].sentence),
                    SLICE_FMT(row->faults[k].curl));
    }
}

void report_table(FILE *out, const struct result *results, unsigned count, bool is_markdown)
{
    if (!is_markdown)
        print_names(out, results, count);
    print_head(out, results, count, is_markdown);
    for (unsigned i = 0; i < results[0].row_count; i++) {
        int code = results[0].rows[i].code;

        fprintf(out, is_markdown ? "| %d |" : "%d  ", code);
        for (unsigned k = 0; k < count; k++)
            fprintf(out, is_markdown ? " %s |" : "  %-12s", cell(&results[k], code));
        fputc('\n', out);
    }
    fputc('\n', out);
    for (unsigned i = 0; is_markdown && i < count; i++)
        print_faults(out, &results[i]);
}
