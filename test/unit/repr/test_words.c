/*
 * test_words.c - our own pages in five languages: which one, and what they say.
 */
#include "check.h"
#include "http/status.h"
#include "repr/repr.h"
#include "repr/words.h"
#include "sentences.h"

static const struct sentences *const tables[] = {&sentences_common,  &sentences_gates,  &sentences_changes,
                                                 &sentences_reading, &sentences_syntax, &sentences_forms};
enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

/* ---- which language ---- */

TEST(page_language__is_the_one_that_is_asked_for)
{
    static const struct {
        const char *field;
        enum page_language language;
    } rows[] = {
        {"", PAGE_EN},
        {"de", PAGE_DE},
        {"fr", PAGE_FR},
        {"es", PAGE_ES},
        {"zh", PAGE_ZH},
        {"DE", PAGE_DE},
        /* a region is content with the language */
        {"de-CH", PAGE_DE},
        {"zh-Hans-CN", PAGE_ZH},
        {"es-419, en;q=0.5", PAGE_ES},
        /* weights; the earlier of equals */
        {"de;q=0.5, fr;q=0.8", PAGE_FR},
        {"fr;q=0.5, de;q=0.501", PAGE_DE},
        {"es, fr", PAGE_ES},
        {"fr, es", PAGE_FR},
        {"pl, de;q=0.1", PAGE_DE},
        /* 0 excludes */
        {"de;q=0", PAGE_EN},
        {"de;q=0, fr;q=0.1", PAGE_FR},
        {"en;q=0, de;q=0.2", PAGE_DE},
        {"en;q=0, *", PAGE_DE},
        /* nothing that we speak, nothing that makes sense */
        {"pl, cs;q=0.9", PAGE_EN},
        {"*", PAGE_EN},
        {"*;q=0", PAGE_EN},
        {"de;q=2", PAGE_EN},
        {"d", PAGE_EN},
        {"deu", PAGE_EN},
        {";;;,=,", PAGE_EN},
        {"de;q=0.5;x=y, fr;q=0.4", PAGE_DE},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (page_language_choose(slice_str(rows[i].field)) != rows[i].language)
            fail_msg("Accept-Language: %s", rows[i].field);
}

TEST(page_language__has_a_tag)
{
    CHECK_SLICE(page_language_tag(PAGE_EN), "en");
    CHECK_SLICE(page_language_tag(PAGE_ZH), "zh");
}

/* ---- words ---- */

static bool is_plain(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr("<>&\"", text.ptr[i]))
            return false;
    return text.len > 0;
}

TEST(page_say__has_every_word_in_every_language_and_none_needs_escaping)
{
    for (int word = 0; word < PAGE_WORDS; word++)
        for (int language = 0; language < PAGE_LANGUAGES; language++)
            CHECK(is_plain(page_say((enum page_language)language, (enum page_word)word)));
    for (int noun = 0; noun < PAGE_NOUNS; noun++)
        for (int language = 0; language < PAGE_LANGUAGES; language++)
            CHECK(is_plain(page_noun((enum page_language)language, (enum page_noun)noun, 2)));
}

TEST(page_say_around__has_its_mark_in_every_language)
{
    static const enum page_word with_mark[] = {SAY_MORE, SAY_PUT, SAY_COPY, SAY_POT_ORDER};
    struct slice before, after;

    for (unsigned i = 0; i < sizeof(with_mark) / sizeof(with_mark[0]); i++)
        for (int language = 0; language < PAGE_LANGUAGES; language++) {
            page_say_around((enum page_language)language, with_mark[i], &before, &after);
            CHECK(before.len > 0 && after.len > 0);
            CHECK_U64(before.len + after.len + 3, page_say((enum page_language)language, with_mark[i]).len);
        }
}

TEST(page_noun__follows_the_plural_rules)
{
    CHECK_SLICE(page_noun(PAGE_EN, COUNT_FOLDERS, 0), "folders");
    CHECK_SLICE(page_noun(PAGE_EN, COUNT_FOLDERS, 1), "folder");
    CHECK_SLICE(page_noun(PAGE_DE, COUNT_FILES, 0), "Dateien");
    CHECK_SLICE(page_noun(PAGE_DE, COUNT_FILES, 1), "Datei");
    CHECK_SLICE(page_noun(PAGE_FR, COUNT_FILES, 0), "fichier"); /* French counts none as one */
    CHECK_SLICE(page_noun(PAGE_FR, COUNT_FILES, 2), "fichiers");
    CHECK_SLICE(page_noun(PAGE_ES, COUNT_FOLDERS, 0), "carpetas");
    CHECK_SLICE(page_noun(PAGE_ES, COUNT_FOLDERS, 1), "carpeta");
    CHECK_SLICE(page_noun(PAGE_ZH, COUNT_FILES, 1), "个文件");
    CHECK_SLICE(page_noun(PAGE_ZH, COUNT_FILES, 1000), "个文件");
}

/* ---- headings ---- */

TEST(page_heading__is_there_for_every_status_that_has_a_sentence)
{
    static const int statuses[] = {300, 308, 400, 401, 403, 404, 405, 406, 408, 409, 411, 412, 413, 414, 415, 416, 417,
                                   421, 422, 423, 428, 429, 431, 451, 500, 501, 502, 503, 505, 506, 507, 508, 510, 511};

    for (unsigned i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        for (int language = 0; language < PAGE_LANGUAGES; language++)
            CHECK(is_plain(page_heading((enum page_language)language, statuses[i])));
    CHECK_SLICE(page_heading(PAGE_EN, 404), "Not Found");
    CHECK_SLICE(page_heading(PAGE_DE, 404), "Nicht gefunden");
    CHECK_SLICE(page_heading(PAGE_DE, 799), "");
}

/* ---- sentences ---- */

static struct buf translated(enum page_language language, const char *english)
{
    struct buf out = BUF_INIT(64 * 1024);

    buf_add_char(&out, '>'); /* what is there already stays */
    if (!page_translate(language, slice_str(english), &out))
        buf_add_char(&out, '-');
    buf_add_char(&out, '<');
    return out;
}

#define CHECK_TRANSLATED(language, english, expected)                                                                  \
    do {                                                                                                               \
        struct buf text = translated(language, english);                                                               \
        CHECK_SLICE(buf_slice(&text), expected);                                                                       \
        buf_release(&text);                                                                                            \
    } while (0)

TEST(page_translate__knows_a_sentence_in_each_language)
{
    CHECK_TRANSLATED(PAGE_DE, "There is nothing at this address.", ">Unter dieser Adresse gibt es nichts.<");
    CHECK_TRANSLATED(PAGE_FR, "There is nothing at this address.", ">Il n’y a rien à cette adresse.<");
    CHECK_TRANSLATED(PAGE_ES, "There is nothing at this address.", ">No hay nada en esta dirección.<");
    CHECK_TRANSLATED(PAGE_ZH, "There is nothing at this address.", ">此地址没有任何内容。<");
}

TEST(page_translate__leaves_english_and_what_it_does_not_know)
{
    CHECK_TRANSLATED(PAGE_EN, "There is nothing at this address.", ">-<");
    CHECK_TRANSLATED(PAGE_DE, "There is nothing at this address", ">-<");
    CHECK_TRANSLATED(PAGE_DE, "Whatever.", ">-<");
    CHECK_TRANSLATED(PAGE_DE, "", ">-<");
    CHECK_TRANSLATED(PAGE_DE, "{}", ">-<");
}

TEST(page_translate__knows_a_sentence_by_what_stands_around_its_arguments)
{
    CHECK_TRANSLATED(PAGE_DE, "The XML is not well-formed: no element found (line 3).",
                     ">Das XML ist nicht wohlgeformt: no element found (Zeile 3).<");
    CHECK_TRANSLATED(PAGE_DE, "The XML declares an entity. (Line 12.)",
                     ">Das XML deklariert eine Entität. (Zeile 12.)<");
    CHECK_TRANSLATED(PAGE_FR, "The token is expired. Ask whoever gave it to you for a new one.",
                     ">Le jeton a expiré. Demandez-en un nouveau à qui vous l’a donné.<");
    CHECK_TRANSLATED(PAGE_DE, "A field's name is no token. The field is: X Y",
                     ">Der Name eines Feldes ist kein Token. Das Feld ist: X Y<");
}

/* A limit's: a name, whom it holds for, a number, a time. */
TEST(page_translate__goes_into_arguments_that_are_our_own_texts)
{
    CHECK_TRANSLATED(
        PAGE_DE,
        "The limit \"guests\" lets one address for one path with one kind of method make 2 requests in a "
        "minute, and 5 at once. This one was more, and nothing was done; send it again after as many "
        "seconds as Retry-After says.",
        ">Die Grenze „guests“ erlaubt einer Adresse für einen Pfad mit einer Art von Methode 2 Anfrage(n) in "
        "einer Minute, und 5 auf einmal. Diese war eine zu viel, und es wurde nichts getan; senden Sie sie "
        "nach so vielen Sekunden noch einmal, wie Retry-After sagt.<");
    CHECK_TRANSLATED(PAGE_ZH,
                     "The limit \"all\" lets all send and fetch 10 bytes in 30 seconds. This one was more, and nothing "
                     "was done; send it again after as many seconds as Retry-After says.",
                     ">限制“all”允许所有人在 30 秒内收发 10 字节。此请求已超出，未执行任何操作；"
                     "请在 Retry-After 所示的秒数之后重新发送。<");
}

/* What a client sent is no sentence of ours, whatever it looks like, and its marks are no marks. */
TEST(page_translate__leaves_what_a_client_sent_as_it_is)
{
    CHECK_TRANSLATED(PAGE_DE, "A field's name is no token. The field is: {1}[2]{}",
                     ">Der Name eines Feldes ist kein Token. Das Feld ist: {1}[2]{}<");
    CHECK_TRANSLATED(
        PAGE_DE, "The extension \"all\" is not known here, and nothing was done. Known are \"a\" and \"b\".",
        ">Die Erweiterung „all“ ist hier nicht bekannt, und es wurde nichts getan. Bekannt sind „a“ und „b“.<");
    CHECK_TRANSLATED(PAGE_DE, "x The field is: y The field is: z", ">x Das Feld ist: y The field is: z<");
}

TEST(page_translate__of_a_long_text_ends)
{
    static char text[40000];
    struct buf out = BUF_INIT(sizeof(text));

    memset(text, 'x', sizeof(text) - 1);
    memcpy(text, "The XML is not well-formed: ", 28);
    memcpy(text + sizeof(text) - 12, " (line 1).", 11);
    CHECK_FALSE(page_translate(PAGE_DE, slice_str(text), &out));
    CHECK_U64(out.len, 0);
    for (size_t i = 0; i + 8 < 8000; i += 8)
        memcpy(text + i, " for one", 8);
    text[8000] = 0;
    memcpy(text + 7991, " for one path", 14);
    page_translate(PAGE_DE, slice_str(text), &out);
    buf_release(&out);
}

TEST(sentences__are_whole)
{
    for (unsigned t = 0; t < TABLES; t++)
        for (unsigned i = 0; i < tables[t]->count; i++)
            for (int language = 0; language < PAGE_LANGUAGES; language++) {
                struct slice text = tables[t]->list[i].text[language];

                if (!text.len || memmem(text.ptr, text.len, "  ", 2))
                    fail_msg("%.*s: language %d", SLICE_FMT(tables[t]->list[i].text[PAGE_EN]), language);
            }
}

/* What is said where the refuser had nothing better to say is translated for every status. */
TEST(sentences__of_every_general_advice_are_there)
{
    unsigned count;
    const struct status *statuses = status_table(&count);

    for (unsigned i = 0; i < count; i++) {
        struct error_page page = {.status = statuses[i].code, .form = FORM_HTML, .language = PAGE_ES};
        struct buf body = BUF_INIT(ERROR_BODY_MAX);
        struct slice type;

        error_body(&page, &body, &type);
        if (memmem(body.ptr, body.len, "<p lang=\"en\">", 13))
            fail_msg("%d", statuses[i].code);
        buf_release(&body);
    }
}
