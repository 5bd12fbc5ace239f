/*
 * words.h - what our own pages say, in five languages: listings and their like word by word, statuses by a heading, and
 * the sentences of refusals by a catalogue whose keys are the English sentences as they stand in the sources.
 *
 * UTF-8, to be escaped like any text. What has no translation stays English, and whoever writes it says so (lang="en").
 * Nothing is kept, nothing changes after the start: pure, any side.
 */
#ifndef REPR_WORDS_H
#define REPR_WORDS_H

#include "base/buf.h"
#include "repr/language.h"

enum page_word {
    /* a folder */
    SAY_INDEX_OF,
    SAY_PAST_OF,
    SAY_HOME,
    SAY_PAST,
    SAY_FOLDERS_ABOVE,
    SAY_PARENT,
    SAY_NAME,
    SAY_SIZE,
    SAY_MODIFIED,
    SAY_UNREADABLE,
    SAY_EMPTY,
    SAY_MORE, /* {1}: how many */
    SAY_UTC,
    SAY_PUT, /* {1}: a command */
    SAY_FILE_ARGUMENT,
    SAY_COMMA,
    /* what a file was */
    SAY_THIS_FILE,
    SAY_NUMBER,
    SAY_WRITTEN,
    SAY_REPLACED,
    SAY_GET_BACK,
    SAY_NONE_KEPT,
    SAY_COPY, /* {1}: a command */
    /* an answer without a phrase */
    SAY_ANSWER,
    /* the reference of status codes */
    SAY_CODES,
    SAY_CODES_MARKED,
    SAY_CODE_MEANS, /* {1}: a code */
    SAY_CODE_SPEC,
    SAY_CODE_STANDING,
    SAY_CODE_FIELDS,
    SAY_CODE_EARNED,
    SAY_CODE_TRY,
    SAY_CODE_PLAIN,
    /* pots; their states in the order of pot/pot.h */
    SAY_POTS,
    SAY_POT_STATE,
    SAY_POT_IDLE,
    SAY_POT_HEATING,
    SAY_POT_BREWING,
    SAY_POT_POURING,
    SAY_POT_DONE,
    SAY_POT_STOPPED,
    SAY_POT_SILENT,
    SAY_POT_READY_IN,
    SAY_POT_DRINK,
    SAY_POT_COFFEE,
    SAY_POT_TEA,
    SAY_POT_WITH,
    SAY_POT_STRENGTH,
    SAY_POT_MILK,
    SAY_POT_BEGAN,
    SAY_POT_BREWS,
    SAY_POT_HAS,
    SAY_POT_ORDER, /* {1}: a command */
    PAGE_WORDS
};

struct slice page_say(enum page_language language, enum page_word word);
/* Of a word with {1}: what stands before and after it. */
void page_say_around(enum page_language language, enum page_word word, struct slice *before, struct slice *after);

/* What is counted; the form for a number, to be written behind it and a blank. */
enum page_noun { COUNT_FOLDERS, COUNT_FILES, COUNT_BYTES, COUNT_PAST_OF, PAGE_NOUNS };
struct slice page_noun(enum page_language language, enum page_noun noun, uint64_t count);

/* The digits' separator before tenths, and the letter for bytes in "KiB": of numbers that are shown. */
char page_point(enum page_language language);
char page_byte(enum page_language language);

/* A status in a word or two, "Nicht gefunden"; in English its registered phrase; "" where the language has none. */
struct slice page_heading(enum page_language language, int status);

/*
 * Appends an English sentence of ours in the language: true. Sentences that hold numbers or names are known by what
 * stands around these. False, and nothing was appended: it is not in the catalogue, or the language is English.
 */
bool page_translate(enum page_language language, struct slice english, struct buf *out);

#endif
