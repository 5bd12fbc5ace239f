/*
 * sentences.c - an English sentence of ours in another language.
 *
 * The tables are gone through from their beginning, lengths first: refusals in English never come here, and for the
 * others some hundred comparisons of numbers are less than the body's escaping.
 */
#include "sentences.h"

#include <string.h>

#include "repr/words.h"

enum {
    ARGUMENTS_MAX = 8,
    DEPTH_MAX = 4,            /* texts of ours within texts of ours */
    TRANSLATED_MAX = 8 * 1024 /* more is cut where it is shown anyway */
};

static const struct sentences *const tables[] = {&sentences_common,  &sentences_gates,  &sentences_changes,
                                                 &sentences_reading, &sentences_syntax, &sentences_pots};

static const struct sentence *find(struct slice english)
{
    for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
        for (unsigned i = 0; i < tables[t]->count; i++)
            if (slice_eq(tables[t]->list[i].text[PAGE_EN], english))
                return &tables[t]->list[i];
    return NULL;
}

/* ---- with something in them ---- */

struct arguments {
    struct slice list[ARGUMENTS_MAX];
    unsigned count;
};

/* Up to the next {}, which is taken away; false: there is none. */
static bool next_literal(struct slice *pattern, struct slice *literal)
{
    const char *at = pattern->len ? memmem(pattern->ptr, pattern->len, "{}", 2) : NULL;

    *literal = at ? slice_upto(*pattern, (size_t)(at - pattern->ptr)) : *pattern;
    *pattern = slice_from(*pattern, literal->len + (at ? 2 : 0));
    return at != NULL;
}

/* Each argument ends where what stands behind it is found first, the last one before the text's end. */
static bool matches(struct slice pattern, struct slice text, struct arguments *out)
{
    struct slice literal;
    bool has_more = next_literal(&pattern, &literal);

    out->count = 0;
    if (!slice_starts(text, literal))
        return false;
    text = slice_from(text, literal.len);
    while (has_more && out->count < ARGUMENTS_MAX) {
        const char *at;

        has_more = next_literal(&pattern, &literal);
        if (!has_more && !slice_ends(text, literal))
            return false;
        at = !has_more     ? text.ptr + text.len - literal.len
             : literal.len ? memmem(text.ptr, text.len, literal.ptr, literal.len)
                           : text.ptr;
        if (!at)
            return false;
        out->list[out->count++] = slice_upto(text, (size_t)(at - text.ptr));
        text = slice_from(text, (size_t)(at - text.ptr) + literal.len);
    }
    return !has_more && !text.len;
}

static bool translate(enum page_language language, struct slice english, unsigned depth, struct buf *out);

/* "{1}" and "[1]"; our own tables hold no other braces. */
static void fill(enum page_language language, struct slice form, const struct arguments *arguments, unsigned depth,
                 struct buf *out)
{
    for (size_t i = 0; i < form.len; i++) {
        bool is_mark = (form.ptr[i] == '{' || form.ptr[i] == '[') && i + 2 < form.len && form.ptr[i + 1] >= '1' &&
                       form.ptr[i + 1] < '1' + (int)arguments->count;
        struct slice argument;

        if (!is_mark) {
            buf_add_char(out, form.ptr[i]);
            continue;
        }
        argument = arguments->list[form.ptr[i + 1] - '1'];
        if (form.ptr[i] == '{' || !translate(language, argument, depth + 1, out))
            buf_add(out, argument);
        i += 2;
    }
}

static bool translate(enum page_language language, struct slice english, unsigned depth, struct buf *out)
{
    const struct sentence *sentence = find(english);
    struct arguments arguments;

    if (sentence) {
        buf_add(out, sentence->text[language]);
        return true;
    }
    for (unsigned i = 0; i < sentences_forms.count && depth < DEPTH_MAX; i++) {
        sentence = &sentences_forms.list[i];
        if (matches(sentence->text[PAGE_EN], english, &arguments)) {
            fill(language, sentence->text[language], &arguments, depth, out);
            return true;
        }
    }
    return false;
}

bool page_translate(enum page_language language, struct slice english, struct buf *out)
{
    struct buf text = BUF_INIT(TRANSLATED_MAX);
    bool is_known;

    if (language == PAGE_EN || !english.len || english.len > TRANSLATED_MAX)
        return false;
    is_known = translate(language, english, 0, &text) && !text.overflown;
    if (is_known)
        buf_add(out, buf_slice(&text));
    buf_release(&text);
    return is_known;
}
