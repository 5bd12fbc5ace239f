/*
 * report_json.c - the same for programs.
 */
#include "report.h"

#ifdef HAVE_JANSSON
#include <jansson.h>

static json_t *text_json(struct slice text)
{
    return json_stringn(text.ptr ? text.ptr : "", text.len);
}

static json_t *fault_json(const struct shown_fault *fault)
{
    json_t *object = json_object();

    json_object_set_new(object, "obligation", json_string(fault->obligation));
    json_object_set_new(object, "where", json_string(fault->where));
    json_object_set_new(object, "sentence", text_json(fault->sentence));
    json_object_set_new(object, "status", json_integer(fault->status));
    json_object_set_new(object, "curl", text_json(fault->curl));
    return object;
}

static json_t *row_json(const struct row *row)
{
    json_t *object = json_object(), *faults = json_array();

    json_object_set_new(object, "code", json_integer(row->code));
    json_object_set_new(object, "verdict", json_string(verdict_text(row->verdict)));
    if (row->trouble.len && row->verdict == VERDICT_UNKNOWN)
        json_object_set_new(object, "why", text_json(row->trouble));
    for (unsigned i = 0; i < row->fault_count; i++)
        json_array_append_new(faults, fault_json(&row->faults[i]));
    json_object_set_new(object, "faults", faults);
    json_object_set_new(object, "requests", json_integer(row->requests));
    json_object_set_new(object, "milliseconds", json_integer((json_int_t)row->took_ms));
    return object;
}

static json_t *result_json(const struct result *result)
{
    json_t *object = json_object(), *codes = json_array();

    json_object_set_new(object, "url", text_json(result->url));
    json_object_set_new(object, "server", text_json(result->name));
    if (result->trouble.len)
        json_object_set_new(object, "trouble", text_json(result->trouble));
    json_object_set_new(object, "earned", json_integer(result_count(result, VERDICT_EARNED)));
    json_object_set_new(object, "wrong", json_integer(result_count(result, VERDICT_WRONG)));
    for (unsigned i = 0; i < result->row_count; i++)
        json_array_append_new(codes, row_json(&result->rows[i]));
    json_object_set_new(object, "codes", codes);
    return object;
}

void report_json(FILE *out, const struct result *results, unsigned count)
{
    json_t *root = json_object(), *services = json_array();

    for (unsigned i = 0; i < count; i++)
        json_array_append_new(services, result_json(&results[i]));
    json_object_set_new(root, "services", services);
    json_dumpf(root, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(root);
}
#else
void report_json(FILE *out, const struct result *results, unsigned count)
{
    (void)out, (void)results, (void)count; /* report_can() said so before */
}
#endif
