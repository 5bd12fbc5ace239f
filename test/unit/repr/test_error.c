/*
 * test_error.c - bodies of errors and short answers.
 */
#include <jansson.h>

#include "check.h"
#include "repr/repr.h"

struct made {
    struct buf body;
    struct slice type;
    enum page_language language;
};

static struct made make(struct error_page page)
{
    struct made made = {.body = BUF_INIT(ERROR_BODY_MAX)};

    made.language = error_body(&page, &made.body, &made.type);
    CHECK_FALSE(made.body.overflown);
    return made;
}

static bool has(const struct made *made, const char *part)
{
    return memmem(made->body.ptr, made->body.len, part, strlen(part)) != NULL;
}

TEST(error__text_is_a_line_and_a_sentence)
{
    struct made made = make((struct error_page){.status = 404, .detail = SLICE("Nothing is at /a.")});

    CHECK_SLICE(buf_slice(&made.body), "404 Not Found\nNothing is at /a.\n");
    CHECK_SLICE(made.type, "text/plain; charset=utf-8");
    buf_release(&made.body);
}

TEST(error__without_a_sentence_a_general_one_is_said)
{
    struct made made = make((struct error_page){.status = 428});

    CHECK(has(&made, "If-Match")); /* POL-18 */
    buf_release(&made.body);
    made = make((struct error_page){.status = 505});
    CHECK(has(&made, "HTTP/1.1")); /* POL-96 */
    buf_release(&made.body);
    made = make((struct error_page){.status = 799, .form = FORM_HTML});
    CHECK(has(&made, "799"));
    buf_release(&made.body);
}

TEST(error__html_escapes_request_data)
{
    struct made made = make((struct error_page){
        .status = 431, .form = FORM_HTML, .detail = SLICE("The field X<script>\"'\r\n\xff is too long.")}); /* POL-35 */

    CHECK_SLICE(made.type, "text/html; charset=utf-8");
    CHECK_FALSE(has(&made, "<script"));
    CHECK(has(&made, "<p>The field X&lt;script&gt;&quot;&#39;␍␊\xEF\xBF\xBD is too long.</p>")); /* H1-71 */
    CHECK_FALSE(has(&made, "style=") || has(&made, "<style"));
    CHECK(has(&made, "href=\"" PAGE_STYLE_PATH "\""));
    buf_release(&made.body);
}

TEST(error__a_link_leads_on)
{
    struct error_page page = {
        .status = 308, .link = SLICE("/new%20place?a=1&b=\"<"), .link_text = SLICE("new <place>")};
    struct made made;

    page.form = FORM_HTML;
    made = make(page);
    CHECK(has(&made, "<a href=\"/new%20place?a=1&amp;b=&quot;&lt;\">new &lt;place&gt;</a>")); /* POL-07, POL-12 */
    buf_release(&made.body);
    page.form = FORM_TEXT;
    made = make(page);
    CHECK(has(&made, "\n/new%20place?a=1&b=\"<\n"));
    buf_release(&made.body);
    page.form = FORM_HTML;
    page.link_text = SLICE_NONE;
    made = make(page);
    CHECK(has(&made, ">/new%20place"));
    buf_release(&made.body);
}

TEST(error__json_is_problem_details)
{
    struct made made = make((struct error_page){
        .status = 507, .form = FORM_JSON, .detail = SLICE("No \"room\"\\\n\x01\xff for it."), .link = SLICE("/a")});
    json_t *json = json_loadb(made.body.ptr, made.body.len, JSON_REJECT_DUPLICATES, NULL);

    CHECK_SLICE(made.type, "application/problem+json");
    CHECK(json != NULL);
    CHECK_STR(json_string_value(json_object_get(json, "type")), "about:blank");
    CHECK_INT(json_integer_value(json_object_get(json, "status")), 507);
    CHECK_STR(json_string_value(json_object_get(json, "title")), "Insufficient Storage");
    CHECK_STR(json_string_value(json_object_get(json, "detail")), "No \"room\"\\\n\x01\xEF\xBF\xBD for it.");
    CHECK_STR(json_string_value(json_object_get(json, "location")), "/a");
    json_decref(json);
    buf_release(&made.body);
}

TEST(error__a_dav_condition_is_xml_whatever_accept_says)
{
    for (int form = FORM_TEXT; form <= FORM_JSON; form++) {
        struct made made = make((struct error_page){
            .status = 403, .form = (enum error_form)form, .condition = SLICE("no-external-entities")});

        CHECK_SLICE(made.type, "application/xml; charset=utf-8");
        CHECK_SLICE(buf_slice(&made.body), "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                                           "<D:error xmlns:D=\"DAV:\"><D:no-external-entities/></D:error>\n");
        buf_release(&made.body);
    }
}

TEST(error__the_longest_texts_fit)
{
    static char worst[100000];
    struct error_page page = {.status = 400};

    memset(worst, '"', sizeof(worst));
    page.detail = slice_of(worst, sizeof(worst));
    page.link_text = page.detail;
    for (int form = FORM_TEXT; form <= FORM_JSON; form++) {
        struct made made;

        page.form = (enum error_form)form;
        page.link = slice_of(worst, ERROR_LINK_MAX);
        made = make(page);
        buf_release(&made.body);
        page.link_text = SLICE_NONE;
        made = make(page);
        buf_release(&made.body);
        page.link = slice_of(worst, ERROR_LINK_MAX + 1);
        made = make(page);
        CHECK_FALSE(has(&made, "location") || has(&made, "<a "));
        buf_release(&made.body);
    }
}

TEST(page__policy_forbids_what_is_inline)
{
    struct slice csp = page_csp();

    CHECK(slice_starts(csp, SLICE("default-src 'none';")));
    CHECK(memmem(csp.ptr, csp.len, "unsafe", 6) == NULL);
    CHECK(memmem(page_style_css().ptr, page_style_css().len, "url(", 4) == NULL);
    CHECK_SLICE(untrusted_csp(), "sandbox");
}

/* POL-48: who demands, which law, in every form. */
TEST(error__an_explanation_stands_below_the_sentence)
{
    struct explanation explanation = {.text = SLICE("Das <Buch> ist \"verboten\"."),
                                      .language = SLICE("de"),
                                      .facts = {{SLICE("authority"), SLICE("Demanded by"), SLICE("A & B")},
                                                {SLICE("date"), SLICE("Since"), SLICE("2026-01-31")}},
                                      .fact_count = 2};
    struct error_page page = {.status = 451, .detail = SLICE("It is."), .explanation = &explanation};
    struct made made = make(page);
    json_t *json;

    CHECK_SLICE(buf_slice(&made.body), "451 Unavailable For Legal Reasons\nIt is.\nDas <Buch> ist \"verboten\".\n"
                                       "Demanded by: A & B\nSince: 2026-01-31\n");
    buf_release(&made.body);
    page.form = FORM_HTML;
    made = make(page);
    CHECK(has(&made, "<p lang=\"de\">Das &lt;Buch&gt; ist &quot;verboten&quot;.</p>"));
    CHECK(has(&made, "<dt>Demanded by</dt><dd>A &amp; B</dd>"));
    buf_release(&made.body);
    page.form = FORM_JSON;
    made = make(page);
    json = json_loadb(made.body.ptr, made.body.len, 0, NULL);
    CHECK_STR(json_string_value(json_object_get(json, "authority")), "A & B");
    CHECK_STR(json_string_value(json_object_get(json, "language")), "de");
    CHECK_STR(json_string_value(json_object_get(json, "explanation")), "Das <Buch> ist \"verboten\".");
    json_decref(json);
    buf_release(&made.body);
}

TEST(error__the_longest_explanation_fits_in_a_body)
{
    static char worst[3 * ERROR_LONG_MAX];
    struct explanation explanation = {.fact_count = EXPLANATION_FACTS_MAX};

    memset(worst, '"', sizeof(worst));
    explanation.text = slice_of(worst, sizeof(worst));
    for (unsigned i = 0; i < EXPLANATION_FACTS_MAX; i++)
        explanation.facts[i] = (struct explained){SLICE("key"), SLICE("Label"), explanation.text};
    for (enum error_form form = FORM_TEXT; form <= FORM_JSON; form++) {
        struct made made = make((struct error_page){.status = 451,
                                                    .form = form,
                                                    .detail = explanation.text,
                                                    .link = slice_of(worst, ERROR_LINK_MAX),
                                                    .link_text = explanation.text,
                                                    .explanation = &explanation});

        buf_release(&made.body);
    }
}

/* ---- languages ---- */

TEST(error__in_another_language_keeps_what_programs_read)
{
    struct error_page page = {.status = 404, .language = PAGE_DE};
    struct made made = make(page);

    CHECK_SLICE(buf_slice(&made.body), "404 Not Found\nUnter dieser Adresse gibt es nichts.\n");
    CHECK_INT(made.language, PAGE_DE);
    buf_release(&made.body);
    page.form = FORM_JSON;
    made = make(page);
    CHECK(has(&made, "\"title\":\"Not Found\",\"detail\":\"Unter dieser Adresse gibt es nichts.\""));
    CHECK_INT(made.language, PAGE_DE);
    buf_release(&made.body);
    page.form = FORM_HTML;
    made = make(page);
    CHECK(has(&made, "<html lang=\"de\">"));
    CHECK(has(&made, "<title>404 Nicht gefunden</title>"));
    CHECK(has(&made, "<h1>Nicht gefunden <small lang=\"en\">Not Found</small></h1>"));
    CHECK(has(&made, "<p>Unter dieser Adresse gibt es nichts.</p>"));
    buf_release(&made.body);
}

TEST(error__a_sentence_without_translation_is_said_to_be_english)
{
    struct error_page page = {
        .status = 404, .form = FORM_HTML, .language = PAGE_FR, .detail = SLICE("Nothing <b> is at /a.")};
    struct made made = make(page);

    CHECK(has(&made, "<html lang=\"fr\">"));
    CHECK(has(&made, "<p lang=\"en\">Nothing &lt;b&gt; is at /a.</p>"));
    CHECK_INT(made.language, PAGE_FR);
    buf_release(&made.body);
    page.form = FORM_TEXT;
    made = make(page);
    CHECK_INT(made.language, PAGE_EN);
    buf_release(&made.body);
    page.form = FORM_JSON;
    made = make(page);
    CHECK_INT(made.language, PAGE_EN);
    buf_release(&made.body);
}

TEST(error__what_a_translation_holds_of_a_request_is_escaped)
{
    struct made made = make((struct error_page){.status = 400,
                                                .form = FORM_HTML,
                                                .language = PAGE_DE,
                                                .detail = SLICE("A field's name is no token. The field is: <script>")});

    CHECK(has(&made, "Das Feld ist: &lt;script&gt;</p>")); /* H1-71 */
    buf_release(&made.body);
}

TEST(error__facts_have_labels_in_the_language)
{
    struct explanation explanation = {.text = SLICE("Because."),
                                      .language = SLICE("en"),
                                      .facts = {{SLICE("date"), SLICE("Since"), SLICE("2026-01-02")}},
                                      .fact_count = 1};
    struct error_page page = {.status = 451, .form = FORM_HTML, .language = PAGE_DE, .explanation = &explanation};
    struct made made = make(page);

    CHECK(has(&made, "<dt>Seit</dt><dd>2026-01-02</dd>"));
    CHECK(has(&made, "<p lang=\"en\">Because.</p>"));
    buf_release(&made.body);
    page.form = FORM_JSON;
    made = make(page);
    CHECK(has(&made, "\"date\":\"2026-01-02\""));
    buf_release(&made.body);
}
