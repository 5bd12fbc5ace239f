/*
 * reference.c - the reference of status codes.
 */
#include "repr/reference.h"

#include "repr/repr.h"

enum { WIDTH = 78, LABEL = 11 };

/* The rows of a page, in its order. */
static const struct row {
    const char *label, *key;
    size_t offset;
} rows[] = {
    {"Meaning", "meaning", offsetof(struct status_reference, meaning)},
    {"Defined in", "spec", offsetof(struct status_reference, spec)},
    {"Standing", "standing", offsetof(struct status_reference, standing)},
    {"Fields", "fields", offsetof(struct status_reference, fields)},
    {"Earned by", "earned_by", offsetof(struct status_reference, earned_by)},
    {"Try", "curl", offsetof(struct status_reference, curl)},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static struct slice text_of(const struct status_reference *reference, const struct row *row)
{
    return slice_str(*(const char *const *)(const void *)((const char *)reference + row->offset));
}

/* ---- text ---- */

/* Words behind a label, broken at WIDTH. A line to be typed stays one. */
static void add_wrapped(struct buf *out, const struct row *row, struct slice text)
{
    bool is_command = row->offset == offsetof(struct status_reference, curl);
    unsigned column = LABEL;
    struct slice word;

    buf_printf(out, "%-*s", LABEL, row->label);
    while (text.len) {
        if (!slice_cut(text, ' ', &word, &text)) {
            word = text;
            text = SLICE_NONE;
        }
        if (!is_command && column > LABEL && column + 1 + word.len > WIDTH) {
            buf_printf(out, "\n%*s", LABEL, "");
            column = LABEL;
        }
        buf_printf(out, "%s%.*s", column > LABEL ? " " : "", SLICE_FMT(word));
        column += (unsigned)word.len + (column > LABEL);
    }
    buf_add_str(out, "\n");
}

static void write_text(const struct status *status, struct buf *out)
{
    buf_printf(out, "%d %.*s\n\n", status->code, SLICE_FMT(status->phrase));
    if (!status->reference)
        buf_add_str(out, "Registered; not one of those that Samovar earns by a mechanism of its own.\n");
    for (unsigned i = 0; status->reference && i < ROW_COUNT; i++)
        add_wrapped(out, &rows[i], text_of(status->reference, &rows[i]));
}

/* ---- Markdown ---- */

static void write_markdown(const struct status *status, struct buf *out)
{
    buf_printf(out, "# %d %.*s\n\n", status->code, SLICE_FMT(status->phrase));
    if (!status->reference) {
        buf_add_str(out, "Registered; not one of those that Samovar earns by a mechanism of its own.\n");
        return;
    }
    buf_printf(out, "%s\n\n| | |\n|---|---|\n", status->reference->meaning);
    for (unsigned i = 1; i < ROW_COUNT; i++) {
        bool is_command = rows[i].offset == offsetof(struct status_reference, curl);
        const char *quote = is_command ? "`" : "";

        buf_printf(out, "| %s | %s%.*s%s |\n", rows[i].label, quote, SLICE_FMT(text_of(status->reference, &rows[i])),
                   quote);
    }
}

/* ---- JSON ---- */

static void add_member(struct buf *out, const char *key, struct slice text)
{
    buf_printf(out, ", \"%s\": \"", key);
    json_escape(out, text);
    buf_add_str(out, "\"");
}

static void write_json(const struct status *status, struct buf *out)
{
    buf_printf(out, "{\"code\": %d", status->code);
    add_member(out, "phrase", status->phrase);
    buf_printf(out, ", \"earned\": %s", status->reference ? "true" : "false");
    for (unsigned i = 0; status->reference && i < ROW_COUNT; i++)
        add_member(out, rows[i].key, text_of(status->reference, &rows[i]));
    buf_add_str(out, "}");
}

/* ---- */

void reference_write(const struct status *status, enum reference_form form, struct buf *out)
{
    if (form == REFERENCE_JSON)
        write_json(status, out);
    else
        (form == REFERENCE_MARKDOWN ? write_markdown : write_text)(status, out);
}

void reference_begin(enum reference_form form, struct buf *out)
{
    if (form == REFERENCE_JSON)
        buf_add_str(out, "[\n");
}

void reference_next(enum reference_form form, struct buf *out)
{
    buf_add_str(out, form == REFERENCE_JSON ? ",\n" : "\n");
}

void reference_end(enum reference_form form, struct buf *out)
{
    if (form == REFERENCE_JSON)
        buf_add_str(out, "\n]\n");
}

static void list_one(const struct status *status, enum reference_form form, struct buf *out)
{
    const char *meaning = status->reference ? status->reference->meaning : "";

    if (form == REFERENCE_MARKDOWN && status->reference)
        buf_printf(out, "| **[%d](%d.md)** | %.*s | %s |\n", status->code, status->code, SLICE_FMT(status->phrase),
                   meaning);
    else if (form == REFERENCE_MARKDOWN)
        buf_printf(out, "| %d | %.*s | |\n", status->code, SLICE_FMT(status->phrase));
    else
        buf_printf(out, "%d%s %.*s\n", status->code, status->reference ? " *" : "  ", SLICE_FMT(status->phrase));
}

void reference_list(enum reference_form form, struct buf *out)
{
    unsigned count;
    const struct status *table = status_table(&count);

    if (form == REFERENCE_MARKDOWN)
        buf_add_str(out, "| code | phrase | meaning |\n|--:|---|---|\n");
    reference_begin(form, out);
    for (unsigned i = 0; i < count; i++) {
        if (form != REFERENCE_JSON) {
            list_one(&table[i], form, out);
            continue;
        }
        if (i)
            reference_next(form, out);
        write_json(&table[i], out);
    }
    reference_end(form, out);
    if (form == REFERENCE_TEXT)
        buf_add_str(out, "\n* earned by a mechanism of its own: samovar codes CODE tells by which.\n");
}
