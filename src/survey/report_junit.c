/*
 * report_junit.c - a suite a server, a case a code: what is wrong failed, what is not offered or unknown was skipped.
 */
#include "report.h"

static void print_text(FILE *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '<' || c == '>' || c == '&' || c == '"')
            fprintf(out, "&#%u;", c);
        else
            fputc(c < ' ' || c >= 0x7f ? '?' : c, out);
    }
}

static void print_case(FILE *out, const struct result *result, const struct row *row)
{
    fprintf(out, "    <testcase classname=\"");
    print_text(out, result->url);
    fprintf(out, "\" name=\"%d\" time=\"%llu.%03llu\">\n", row->code, (unsigned long long)row->took_ms / 1000,
            (unsigned long long)row->took_ms % 1000);
    for (unsigned i = 0; i < row->fault_count; i++) {
        fprintf(out, "      <failure type=\"%s\" message=\"", row->faults[i].obligation);
        print_text(out, row->faults[i].sentence);
        fprintf(out, "\">%s\n", row->faults[i].where);
        print_text(out, row->faults[i].curl);
        fprintf(out, "</failure>\n");
    }
    if (row->verdict == VERDICT_UNKNOWN || row->verdict == VERDICT_NOT_OFFERED) {
        fprintf(out, "      <skipped message=\"%s", verdict_text(row->verdict));
        if (row->trouble.len)
            fprintf(out, ": ");
        print_text(out, row->trouble);
        fprintf(out, "\"/>\n");
    }
    fprintf(out, "    </testcase>\n");
}

void report_junit(FILE *out, const struct result *results, unsigned count)
{
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (unsigned i = 0; i < count; i++) {
        const struct result *result = &results[i];

        fprintf(out, "  <testsuite name=\"");
        print_text(out, result->url);
        fprintf(out, "\" tests=\"%u\" failures=\"%u\" skipped=\"%u\">\n", result->row_count,
                result_count(result, VERDICT_WRONG),
                result_count(result, VERDICT_UNKNOWN) + result_count(result, VERDICT_NOT_OFFERED));
        for (unsigned k = 0; k < result->row_count; k++)
            print_case(out, result, &result->rows[k]);
        fprintf(out, "  </testsuite>\n");
    }
    fprintf(out, "</testsuites>\n");
}
