/*
 * head_line.c - one line of a head.
 *
 * The hot part of the parser: control_find() looks at sixteen octets at a time, and a name that is in the
 * table of fields needs no look at its single characters.
 */
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "head_line.h"
#include "http/field.h"

enum { METHOD_LEN_MAX = 32, VERSION_LEN = 8 };

static const struct line_verdict fine = {0, NULL};

static struct line_verdict bad(const char *why)
{
    return (struct line_verdict){400, why};
}

static bool is_control(unsigned char c)
{
    return (c < 0x20 && c != '\t') || c == 0x7f;
}

#if defined(__SSE2__)
static size_t control_skip(const char *text, size_t len)
{
    const __m128i limit = _mm_set1_epi8(0x1f), tab = _mm_set1_epi8('\t'), del = _mm_set1_epi8(0x7f);
    size_t at = 0;

    for (; len - at >= 16; at += 16) {
        __m128i octets = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(octets, limit), octets);
        __m128i found = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(octets, tab), low), _mm_cmpeq_epi8(octets, del));
        int mask = _mm_movemask_epi8(found);

        if (mask)
            return at + (size_t)__builtin_ctz((unsigned)mask);
    }
    return at;
}
#else
/* Eight at a time; stops early at a word with a tab in it, which the caller's loop then gets over. */
static size_t control_skip(const char *text, size_t len)
{
    const uint64_t ones = ~(uint64_t)0 / 255;
    size_t at = 0;

    for (; len - at >= 8; at += 8) {
        uint64_t octets, del;

        memcpy(&octets, text + at, 8);
        del = octets ^ (ones * 0x7f);
        if ((((octets - ones * 0x20) & ~octets) | ((del - ones) & ~del)) & (ones * 0x80))
            break;
    }
    return at;
}
#endif

size_t control_find(const char *text, size_t len)
{
    size_t at = control_skip(text, len);

    while (at < len && !is_control((unsigned char)text[at]))
        at++;
    return at;
}

/* SP and HTAB, and by then that is all that could be there at or below SP. */
static bool has_blank(struct slice text)
{
    unsigned char found = 0;

    for (size_t i = 0; i < text.len; i++)
        found |= (unsigned char)text.ptr[i] <= ' ';
    return found;
}

/* "HTTP/" DIGIT "." DIGIT, in capitals (POL-98). */
static bool is_version(const char *text)
{
    return memcmp(text, "HTTP/", 5) == 0 && ascii_is_digit(text[5]) && text[6] == '.' && ascii_is_digit(text[7]);
}

/* Method and target; the version was seen to be good. */
static struct line_verdict start_parse(struct slice start, struct head *head)
{
    struct slice method, target;

    if (!slice_cut(start, ' ', &method, &target))
        return bad("The request line has no target.");
    head->method = method_find(method);
    if (head->method == METHOD_UNKNOWN && !is_token(method))
        return bad("The method is no token.");
    if (target.len == 0)
        return bad("The request line has no target.");
    if (has_blank(target))
        return bad("There is a space inside the target.");
    head->method_text = method;
    head->target = target;
    return fine;
}

struct line_verdict request_line_parse(struct slice line, struct head *head)
{
    const char *version;

    if (line.len < VERSION_LEN + 1)
        return bad("The request line has no protocol version.");
    version = line.ptr + line.len - VERSION_LEN;
    if (!is_version(version) || version[-1] != ' ')
        return bad("The request line does not end in a protocol version such as HTTP/1.1.");
    if (version[5] != '1') /* POL-96; before anything else is judged (POL-100) */
        return (struct line_verdict){505, "This server speaks HTTP/1.1."};
    head->minor = version[7] == '0' ? 0 : 1;
    return start_parse(slice_upto(line, line.len - VERSION_LEN - 1), head);
}

struct line_verdict request_line_too_long(struct slice beginning)
{
    struct slice method, rest, target, version;

    if (!slice_cut(beginning, ' ', &method, &rest)) {
        if (!is_token(beginning))
            return bad("The method is no token.");
        return (struct line_verdict){501, "The method is longer than any that this server knows."};
    }
    if (!is_token(method))
        return bad("The method is no token.");
    if (slice_cut(rest, ' ', &target, &version)) {
        struct slice want = slice_upto(SLICE("HTTP/"), version.len);

        if (has_blank(version) || version.len > VERSION_LEN || !slice_starts(version, want))
            return bad("There is a space inside the target.");
        rest = target;
    }
    if (has_blank(rest))
        return bad("There is a space inside the target.");
    if (method.len > METHOD_LEN_MAX)
        return (struct line_verdict){501, "The method is longer than any that this server knows."};
    return (struct line_verdict){414, "The request target is too long."};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The name before the colon; for a beginning without a colon what is there of it. */
static struct line_verdict name_check(struct slice name, bool is_first)
{
    if (name.len == 0)
        return bad("A field has no name.");
    if (is_blank(name.ptr[0])) /* H1-04, H1-11 */
        return bad(is_first ? "There is white space before the first field." : "A field is folded over two lines.");
    if (is_blank(name.ptr[name.len - 1])) /* H1-09 */
        return bad("There is white space between a field's name and its colon.");
    if (!is_token(name))
        return bad("A field's name is no token.");
    return fine;
}

struct line_verdict field_line_parse(struct slice line, bool is_first, struct field *out)
{
    const char *colon = memchr(line.ptr, ':', line.len);

    if (!colon) {
        if (is_blank(line.ptr[0]))
            return name_check(line, is_first);
        return bad("A field line has no colon.");
    }
    out->name = slice_of(line.ptr, (size_t)(colon - line.ptr));
    out->id = field_find(out->name);
    if (out->id == FIELD_OTHER) {
        struct line_verdict verdict = name_check(out->name, is_first);

        if (verdict.status)
            return verdict;
    }
    out->value = slice_trim(slice_from(line, out->name.len + 1));
    return fine;
}

struct line_verdict field_line_too_long(struct slice beginning, bool is_first, struct slice *culprit)
{
    struct slice name = slice_upto(beginning, slice_index(beginning, ':'));
    struct line_verdict verdict = name_check(name, is_first);

    if (verdict.status)
        return verdict;
    *culprit = slice_upto(name, HEAD_CULPRIT_MAX);
    return (struct line_verdict){431, "A header field is too long."};
}
