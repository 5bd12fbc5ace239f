/*
 * variant_name.c - extensions of a name as what a variant is told apart by.
 */
#include "repr/variant_name.h"

#include "repr/repr.h"

enum { PARTS_MAX = 8 }; /* extensions of a name; language, type, charset, coding and a few languages more */

enum {
    IS_TYPE = 1 << 0,
    IS_LANGUAGE = 1 << 1,
    IS_CHARSET = 1 << 2,
    IS_CODING = 1 << 3,
};

struct part {
    struct slice text;
    unsigned kinds; /* what it may be; one bit in the end */
};

/* ---- what extensions there are ---- */

struct meaning {
    struct slice extension, value;
};
#define ROW(extension, value)                                                                                          \
    {                                                                                                                  \
        SLICE_INIT(extension), SLICE_INIT(value)                                                                       \
    }

static const struct meaning codings[] = {ROW("gz", "gzip"), ROW("br", "br"), ROW("zst", "zstd"), ROW("z", "compress")};

/* ISO 639-1. */
static const char languages[] =
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu ";

/* What sites that come from Apache call some of them, whose own names are types there. */
static const struct meaning other_languages[] = {
    ROW("amh", "am"), ROW("ara", "ar"), ROW("cz", "cs"),  ROW("dk", "da"), ROW("glg", "gl"),
    ROW("ltz", "lb"), ROW("msa", "ms"), ROW("nob", "nb"), ROW("po", "pl"),
};

static const struct meaning charsets[] = {
    ROW("ascii", "us-ascii"),
    ROW("us-ascii", "us-ascii"),
    ROW("latin1", "iso-8859-1"),
    ROW("latin2", "iso-8859-2"),
    ROW("cen", "iso-8859-2"),
    ROW("latin3", "iso-8859-3"),
    ROW("latin4", "iso-8859-4"),
    ROW("cyr", "iso-8859-5"),
    ROW("iso-ru", "iso-8859-5"),
    ROW("arb", "iso-8859-6"),
    ROW("arabic", "iso-8859-6"),
    ROW("grk", "iso-8859-7"),
    ROW("greek", "iso-8859-7"),
    ROW("heb", "iso-8859-8"),
    ROW("hebrew", "iso-8859-8"),
    ROW("latin5", "iso-8859-9"),
    ROW("trk", "iso-8859-9"),
    ROW("latin6", "iso-8859-10"),
    ROW("latin8", "iso-8859-14"),
    ROW("latin9", "iso-8859-15"),
    ROW("latin10", "iso-8859-16"),
    ROW("iso2022-jp", "iso-2022-jp"),
    ROW("jis", "iso-2022-jp"),
    ROW("iso2022-kr", "iso-2022-kr"),
    ROW("kis", "iso-2022-kr"),
    ROW("iso2022-cn", "iso-2022-cn"),
    ROW("cis", "iso-2022-cn"),
    ROW("big5", "big5"),
    ROW("b5", "big5"),
    ROW("cn-big5", "cn-big5"),
    ROW("cp-1251", "windows-1251"),
    ROW("win-1251", "windows-1251"),
    ROW("cp866", "cp866"),
    ROW("koi8", "koi8"),
    ROW("koi8-e", "koi8-e"),
    ROW("koi8-r", "koi8-r"),
    ROW("koi8-ru", "koi8-r"),
    ROW("koi8-u", "koi8-u"),
    ROW("koi8-uk", "koi8-ru"),
    ROW("ua", "koi8-ru"),
    ROW("ucs2", "iso-10646-ucs-2"),
    ROW("ucs-2", "iso-10646-ucs-2"),
    ROW("iso-10646-ucs-2", "iso-10646-ucs-2"),
    ROW("ucs4", "iso-10646-ucs-4"),
    ROW("ucs-4", "iso-10646-ucs-4"),
    ROW("iso-10646-ucs-4", "iso-10646-ucs-4"),
    ROW("utf7", "utf-7"),
    ROW("utf8", "utf-8"),
    ROW("utf-8", "utf-8"),
    ROW("utf16", "utf-16"),
    ROW("utf-16", "utf-16"),
    ROW("utf16be", "utf-16be"),
    ROW("utf16le", "utf-16le"),
    ROW("utf32", "utf-32"),
    ROW("utf32be", "utf-32be"),
    ROW("utf32le", "utf-32le"),
    ROW("euc-cn", "euc-cn"),
    ROW("euc-gb", "euc-gb"),
    ROW("euc-jp", "euc-jp"),
    ROW("euc-kr", "euc-kr"),
    ROW("euc-tw", "euc-tw"),
    ROW("gb2312", "gb2312"),
    ROW("gb", "gb2312"),
    ROW("shift_jis", "shift_jis"),
    ROW("sjis", "shift_jis"),
    ROW("brf", "brf"),
    ROW("iso8859-1", "iso-8859-1"),
    ROW("iso8859-2", "iso-8859-2"),
    ROW("iso8859-3", "iso-8859-3"),
    ROW("iso8859-4", "iso-8859-4"),
    ROW("iso8859-5", "iso-8859-5"),
    ROW("iso8859-6", "iso-8859-6"),
    ROW("iso8859-7", "iso-8859-7"),
    ROW("iso8859-8", "iso-8859-8"),
    ROW("iso8859-9", "iso-8859-9"),
    ROW("iso8859-10", "iso-8859-10"),
    ROW("iso8859-13", "iso-8859-13"),
    ROW("iso8859-14", "iso-8859-14"),
    ROW("iso8859-15", "iso-8859-15"),
    ROW("iso8859-16", "iso-8859-16"),
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct slice meaning_of(const struct meaning *table, size_t count, struct slice extension)
{
    for (size_t i = 0; i < count; i++)
        if (table[i].extension.len == extension.len && slice_eq_nocase(table[i].extension, extension))
            return table[i].value;
    return SLICE_NONE;
}

static bool is_primary(struct slice text)
{
    char one, two;

    if (text.len != 2)
        return false;
    one = ascii_lower(text.ptr[0]);
    two = ascii_lower(text.ptr[1]);
    for (size_t at = 0; at + 2 < sizeof(languages); at += 3)
        if (languages[at] == one && languages[at + 1] == two)
            return true;
    return false;
}

/* "pt-BR", "zh-Hans-CN": what follows the language is for whoever asks for it. */
static bool is_language(struct slice text)
{
    enum { SUBTAG_MIN = 2, SUBTAG_MAX = 8 };
    struct slice rest = slice_from(text, slice_index(text, '-'));

    if (!is_primary(slice_upto(text, text.len - rest.len)))
        return false;
    while (rest.len) {
        struct slice subtag;

        rest = slice_from(rest, 1);
        subtag = slice_upto(rest, slice_index(rest, '-'));
        rest = slice_from(rest, subtag.len);
        if (subtag.len < SUBTAG_MIN || subtag.len > SUBTAG_MAX)
            return false;
        for (size_t i = 0; i < subtag.len; i++)
            if (!((subtag.ptr[i] | 32) >= 'a' && (subtag.ptr[i] | 32) <= 'z') &&
                !(subtag.ptr[i] >= '0' && subtag.ptr[i] <= '9'))
                return false;
    }
    return true;
}

static struct slice language_of(struct slice extension)
{
    struct slice other = meaning_of(other_languages, COUNT(other_languages), extension);

    return other.len ? other : is_language(extension) ? extension : SLICE_NONE;
}

/* What somebody's editor left there (.bak, .old) has a type as well, and is nobody's variant. */
static struct slice bare_type(struct slice extension)
{
    struct slice type = media_extension(extension);

    type = slice_trim(slice_upto(type, slice_index(type, ';')));
    return slice_eq(type, SLICE("application/x-trash")) ? SLICE_NONE : type;
}

static unsigned kinds_of(struct slice extension)
{
    return (bare_type(extension).len ? IS_TYPE : 0) | (language_of(extension).len ? IS_LANGUAGE : 0) |
           (meaning_of(charsets, COUNT(charsets), extension).len ? IS_CHARSET : 0) |
           (meaning_of(codings, COUNT(codings), extension).len ? IS_CODING : 0);
}

/* ---- which of them it is ---- */

static bool some_other_is(const struct part *parts, unsigned count, unsigned but, unsigned kind, bool surely)
{
    for (unsigned i = 0; i < count; i++)
        if (i != but && (surely ? parts[i].kinds == kind : parts[i].kinds & kind))
            return true;
    return false;
}

/* Each part becomes one thing. */
static void settle(struct part *parts, unsigned count)
{
    for (unsigned i = count; i-- > 0;) {
        unsigned *kinds = &parts[i].kinds;

        if (*kinds & IS_CODING && *kinds != IS_CODING)
            *kinds = i + 1 == count && some_other_is(parts, count, i, IS_TYPE, false) ? IS_CODING : *kinds & ~IS_CODING;
        if (*kinds & IS_TYPE && *kinds != IS_TYPE)
            *kinds = some_other_is(parts, count, i, IS_TYPE, true) ? *kinds & ~IS_TYPE : IS_TYPE;
        if (*kinds & IS_LANGUAGE)
            *kinds = IS_LANGUAGE;
    }
}

static bool take_once(struct slice *place, struct slice value)
{
    bool is_first = !place->len;

    *place = value;
    return is_first;
}

static bool take(const struct part *part, struct name_facts *out)
{
    switch (part->kinds) {
    case IS_TYPE:
        return take_once(&out->type, bare_type(part->text));
    case IS_CHARSET:
        return take_once(&out->charset, meaning_of(charsets, COUNT(charsets), part->text));
    case IS_CODING:
        return take_once(&out->coding, meaning_of(codings, COUNT(codings), part->text));
    default:
        if (out->language_count == VARIANT_LANGUAGES_MAX)
            return false;
        out->languages[out->language_count++] = language_of(part->text);
        return true;
    }
}

static bool take_all(struct part *parts, unsigned count, struct name_facts *out)
{
    bool is_good = count > 0;

    *out = (struct name_facts){0};
    settle(parts, count);
    for (unsigned i = 0; i < count; i++)
        is_good &= take(&parts[i], out);
    return is_good;
}

bool variant_name_is_coding(struct slice extension)
{
    return meaning_of(codings, COUNT(codings), extension).len > 0;
}

static bool part_next(struct slice *rest, struct slice *part)
{
    if (!rest->ptr)
        return false;
    *part = slice_upto(*rest, slice_index(*rest, '.'));
    *rest = part->len < rest->len ? slice_from(*rest, part->len + 1) : SLICE_NONE;
    return true;
}

bool variant_name_read(struct slice extensions, struct name_facts *out)
{
    struct part parts[PARTS_MAX];
    unsigned count = 0;

    *out = (struct name_facts){0};
    for (struct slice part; part_next(&extensions, &part);) {
        unsigned kinds = kinds_of(part);

        if (!kinds || count == PARTS_MAX)
            return false;
        parts[count++] = (struct part){part, kinds};
    }
    return take_all(parts, count, out);
}

void variant_name_look(struct slice name, struct name_facts *out)
{
    struct part parts[PARTS_MAX];
    unsigned count = 0;
    struct slice rest = name, part;

    part_next(&rest, &part);
    while (count < PARTS_MAX && part_next(&rest, &part))
        if (kinds_of(part))
            parts[count++] = (struct part){part, kinds_of(part)};
    take_all(parts, count, out);
}
