/*
 * fuzz_language.c - the language of our own pages. The input: Accept-Language, a line end, an English sentence.
 *
 * Properties: the language that is chosen of all is chosen of it and English, too; a sentence is known in all languages
 * or in none; what is not known leaves nothing behind.
 */
#include "fuzz.h"

#include <assert.h>

#include "http/accept.h"
#include "repr/words.h"

static void check_choice(struct slice field)
{
    enum page_language chosen = page_language_choose(field);
    struct slice two[] = {page_language_tag(PAGE_EN), page_language_tag(chosen)};

    assert(chosen < PAGE_LANGUAGES);
    assert(chosen == PAGE_EN || accept_language(field, two, 2) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice field, sentence;
    unsigned known = 0;

    if (!slice_cut(slice_of((const char *)data, len), '\n', &field, &sentence))
        return 0;
    check_choice(field);
    for (int language = PAGE_DE; language < PAGE_LANGUAGES; language++) {
        struct buf out = BUF_INIT(64 * 1024);
        bool is_known = page_translate((enum page_language)language, sentence, &out);

        assert(is_known ? out.len > 0 : out.len == 0);
        known += is_known;
        buf_release(&out);
    }
    assert(sentence.len > 2048 || known == 0 || known == PAGE_LANGUAGES - PAGE_DE);
    return 0;
}
