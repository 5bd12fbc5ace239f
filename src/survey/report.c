/*
 * report.c - results kept, and the plain text of them.
 */
#include "report.h"

#include <stdlib.h>

struct slice plain_text(struct arena *arena, struct slice text)
{
    struct slice kept = arena_slice(arena, text);
    char *octets = (char *)(uintptr_t)kept.ptr;

    for (size_t i = 0; i < kept.len; i++)
        if ((unsigned char)octets[i] < ' ' || (unsigned char)octets[i] >= 0x7f)
            octets[i] = '?';
    return kept;
}

void result_add(struct result *result, const struct finding *finding, const struct trail *trail)
{
    struct row *row = &result->rows[result->row_count++];

    *row = (struct row){.code = finding->code, .verdict = finding->verdict, .requests = trail->count};
    row->trouble = plain_text(&result->arena, finding->trouble);
    for (const struct probe *at = trail->first; at; at = at->next)
        row->took_ms += at->took_ms;
    if (finding->verdict != VERDICT_WRONG)
        return;
    row->fault_count = finding->fault_count;
    for (unsigned i = 0; i < finding->fault_count; i++) {
        const struct fault *fault = &finding->faults[i];

        row->faults[i] =
            (struct shown_fault){fault->obligation, fault->where, plain_text(&result->arena, fault->sentence),
                                 curl_line(trail, fault->probe, &result->arena), fault->probe->status};
    }
}

static int by_code(const void *a, const void *b)
{
    return ((const struct row *)a)->code - ((const struct row *)b)->code;
}

void result_sort(struct result *result)
{
    qsort(result->rows, result->row_count, sizeof(*result->rows), by_code);
}

unsigned result_count(const struct result *result, enum verdict verdict)
{
    unsigned count = 0;

    for (unsigned i = 0; i < result->row_count; i++)
        count += result->rows[i].verdict == verdict;
    return count;
}

static bool is_found(const struct result *results, unsigned count, int code)
{
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < results[i].row_count; k++)
            if (results[i].rows[k].code == code && results[i].rows[k].verdict == VERDICT_EARNED)
                return true;
    return false;
}

void report_sum(FILE *out, const struct result *results, unsigned count)
{
    unsigned found = 0, asked = results[0].row_count;

    for (unsigned i = 0; i < asked; i++)
        found += is_found(results, count, results[0].rows[i].code);
    fprintf(out, "%u of %u codes found in %u service%s\n", found, asked, count, count == 1 ? "" : "s");
}

static void print_row(FILE *out, const struct row *row)
{
    const struct check *check = check_find(row->code);

    struct slice more = row->verdict == VERDICT_UNKNOWN  ? row->trouble
                        : row->verdict == VERDICT_EARNED ? slice_str(check->what)
                                                         : SLICE_NONE;

    fprintf(out, more.len ? "  %d  %-12s " : "  %d  %s", row->code, verdict_text(row->verdict));
    fprintf(out, "%.*s", SLICE_FMT(more));
    fputc('\n', out);
    for (unsigned i = 0; i < row->fault_count; i++)
        fprintf(out, "       %s (%s): %.*s\n           %.*s\n", row->faults[i].obligation, row->faults[i].where,
                SLICE_FMT(row->faults[i].sentence), SLICE_FMT(row->faults[i].curl));
}

static void print_server(FILE *out, const struct result *result)
{
    fprintf(out, "%.*s", SLICE_FMT(result->url));
    if (result->name.len)
        fprintf(out, "  (%.*s)", SLICE_FMT(result->name));
    fputc('\n', out);
    if (result->trouble.len)
        fprintf(out, "  no answer: %.*s\n", SLICE_FMT(result->trouble));
    for (unsigned i = 0; i < result->row_count; i++)
        print_row(out, &result->rows[i]);
    fputc('\n', out);
}

bool report_can(enum survey_form form)
{
#ifdef HAVE_JANSSON
    (void)form;
    return true;
#else
    return form != SURVEY_JSON;
#endif
}

void report_print(FILE *out, enum survey_form form, const struct result *results, unsigned count)
{
    if (form == SURVEY_JSON) {
        report_json(out, results, count);
        return;
    }
    if (form == SURVEY_JUNIT) {
        report_junit(out, results, count);
        return;
    }
    if (form == SURVEY_TEXT)
        for (unsigned i = 0; i < count; i++)
            print_server(out, &results[i]);
    if (form == SURVEY_MARKDOWN || count > 1)
        report_table(out, results, count, form == SURVEY_MARKDOWN);
    report_sum(out, results, count);
}
