/*
 * reference_page.c - the reference of status codes as pages. Its words are in the reader's language, what the table
 * says is English and says so.
 */
#include "repr/reference.h"

#include "repr/repr.h"
#include "repr/words.h"

static void begin(enum page_language language, int code, struct slice title, struct buf *out)
{
    struct slice tag = page_language_tag(language);

    buf_printf(out, "<!doctype html>\n<html lang=\"%.*s\">\n<head>\n<meta charset=\"utf-8\">\n<title>", SLICE_FMT(tag));
    if (code)
        buf_printf(out, "%d ", code);
    html_escape(out, title);
    buf_add_str(out,
                "</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<link rel=\"stylesheet\" href=\"" PAGE_STYLE_PATH "\">\n</head>\n<body class=\"answer\">\n<main>\n");
}

static void end(struct buf *out)
{
    buf_add_str(out, "</main>\n</body>\n</html>\n");
}

/* What stands between backticks is code. */
static void add_quoted(struct slice text, struct buf *out)
{
    struct slice piece;

    for (bool is_code = false; text.len; is_code = !is_code) {
        if (!slice_cut(text, '`', &piece, &text)) {
            piece = text;
            text = SLICE_NONE;
        }
        buf_add_str(out, is_code ? "<code>" : "");
        html_escape(out, piece);
        buf_add_str(out, is_code ? "</code>" : "");
    }
}

static void add_row(enum page_language language, enum page_word label, const char *text, struct buf *out)
{
    struct slice said = page_say(language, label);

    buf_printf(out, "<dt>%.*s</dt><dd lang=\"en\">", SLICE_FMT(said));
    add_quoted(slice_str(text), out);
    buf_add_str(out, "</dd>\n");
}

static void add_rows(enum page_language language, const struct status_reference *reference, struct buf *out)
{
    struct slice try = page_say(language, SAY_CODE_TRY);

    buf_add_str(out, "<p lang=\"en\">");
    add_quoted(slice_str(reference->meaning), out);
    buf_add_str(out, "</p>\n<dl>\n");
    add_row(language, SAY_CODE_SPEC, reference->spec, out);
    add_row(language, SAY_CODE_STANDING, reference->standing, out);
    add_row(language, SAY_CODE_FIELDS, reference->fields, out);
    add_row(language, SAY_CODE_EARNED, reference->earned_by, out);
    buf_printf(out, "<dt>%.*s</dt><dd lang=\"en\"><code>", SLICE_FMT(try));
    html_escape(out, slice_str(reference->curl)); /* as it is: a shell's backticks would be its own */
    buf_add_str(out, "</code></dd>\n</dl>\n");
}

static void add_heading(const struct status *status, enum page_language language, struct buf *out)
{
    struct slice heading = page_heading(language, status->code);

    buf_printf(out, "<p class=\"code\">%d</p>\n<h1", status->code);
    if (language == PAGE_EN || !heading.len) {
        buf_add_str(out, " lang=\"en\">");
        html_escape(out, status->phrase);
    } else {
        buf_add_str(out, ">");
        html_escape(out, heading);
        buf_add_str(out, " <small lang=\"en\">");
        html_escape(out, status->phrase);
        buf_add_str(out, "</small>");
    }
    buf_add_str(out, "</h1>\n");
}

void reference_page(const struct status *status, enum page_language language, struct buf *out)
{
    struct slice all = page_say(language, SAY_CODES), plain = page_say(language, SAY_CODE_PLAIN);

    begin(language, status->code, status->phrase, out);
    add_heading(status, language, out);
    if (status->reference)
        add_rows(language, status->reference, out);
    else
        buf_printf(out, "<p>%.*s</p>\n", SLICE_FMT(plain));
    buf_printf(out, "<p><a href=\"" REFERENCE_PATH "\">%.*s</a></p>\n", SLICE_FMT(all));
    end(out);
}

static void add_item(const struct status *status, struct buf *out)
{
    const char *strong = status->reference ? "strong" : "span";

    buf_printf(out, "<li><%s><a href=\"" REFERENCE_PATH "%d\">%d</a></%s> <span lang=\"en\">", strong, status->code,
               status->code, strong);
    html_escape(out, status->phrase);
    buf_add_str(out, "</span></li>\n");
}

void reference_list_page(enum page_language language, struct buf *out)
{
    struct slice all = page_say(language, SAY_CODES), marked = page_say(language, SAY_CODES_MARKED);
    unsigned count;
    const struct status *table = status_table(&count);

    begin(language, 0, all, out);
    buf_printf(out, "<h1>%.*s</h1>\n<p>%.*s</p>\n<ul>\n", SLICE_FMT(all), SLICE_FMT(marked));
    for (unsigned i = 0; i < count; i++)
        add_item(&table[i], out);
    buf_add_str(out, "</ul>\n");
    end(out);
}
