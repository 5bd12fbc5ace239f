/*
 * status.c - the table of status codes, and what is to be said of those that the server earns: phrases, `samovar
 * codes`, the pages below /.samovar/codes/, the manual and docs/codes/ all come from here.
 */
#include "http/status.h"

#define PLAIN(code, phrase)                                                                                            \
    {                                                                                                                  \
        code, SLICE_INIT(phrase), NULL                                                                                 \
    }
#define EARNED(code, phrase)                                                                                           \
    {                                                                                                                  \
        code, SLICE_INIT(phrase), &reference_##code                                                                    \
    }

static const struct status_reference reference_102 = {
    .meaning = "The request takes its time: it has been received and nobody has forgotten it. An interim answer; the "
               "final one follows on the same connection.",
    .spec = "RFC 2518 §10.1",
    .standing = "Proposed Standard, obsoleted by RFC 4918, which leaves it out; in the IANA registry",
    .fields = "none; the final answer has its own",
    .earned_by = "COPY, MOVE, DELETE, PROPFIND and REPORT of large trees send one after `processing` (20 s) and every "
                 "so often after that, but not to programs that are known to take it for the answer.",
    .curl = "curl -i -X COPY -H 'Destination: /copy/' http://HOST/large/",
};
static const struct status_reference reference_206 = {
    .meaning = "A part of the representation, as it was asked for: one range, or several in a multipart.",
    .spec = "RFC 9110 §15.3.7, §14",
    .standing = "Internet Standard (STD 97); in the IANA registry",
    .fields = "Range and If-Range ask; Content-Range or multipart/byteranges, ETag and Accept-Ranges answer",
    .earned_by = "Every file answers GET with Range, also in a content coding and of earlier versions. Ranges whose "
                 "answer would be longer than the whole are answered whole.",
    .curl = "curl -i -r 2-4 http://HOST/ten.txt",
};
static const struct status_reference reference_207 = {
    .meaning = "Several resources were asked about or changed, and each has a status of its own in the content.",
    .spec = "RFC 4918 §11.1, §13",
    .standing = "Proposed Standard; in the IANA registry",
    .fields = "Depth asks; application/xml with DAV:multistatus answers",
    .earned_by = "PROPFIND, PROPPATCH and REPORT always; COPY, MOVE, DELETE and LOCK of folders where some member "
                 "could not be done.",
    .curl = "curl -i -X PROPFIND -H 'Depth: 1' http://HOST/folder/",
};
static const struct status_reference reference_208 = {
    .meaning = "A folder that the same answer has told of already under another name; its members are not repeated.",
    .spec = "RFC 5842 §7.1",
    .standing = "Experimental; in the IANA registry",
    .fields = "DAV: bind asks, with Depth: infinity; a DAV:status in a 207 answers",
    .earned_by = "BIND gives a folder several names. Who lists everything and says that he knows bindings is told of "
                 "its members once.",
    .curl = "curl -i -X PROPFIND -H 'Depth: infinity' -H 'DAV: bind' http://HOST/",
};
static const struct status_reference reference_226 = {
    .meaning = "Not the whole representation, but what turns the one that the client has into it.",
    .spec = "RFC 3229 §10.4.1",
    .standing = "Proposed Standard; in the IANA registry",
    .fields = "A-IM and If-None-Match ask; IM, Delta-Base and ETag answer",
    .earned_by = "With `history` earlier contents are kept; who names one of them gets a delta (vcdiff, gdiff, diffe), "
                 "feeds get new entries only.",
    .curl = "curl -i -H 'A-IM: diffe' -H \"If-None-Match: $(cat tag)\" http://HOST/file.txt",
};
static const struct status_reference reference_304 = {
    .meaning = "What the client has is still right; there is nothing to send.",
    .spec = "RFC 9110 §15.4.5",
    .standing = "Internet Standard (STD 97); in the IANA registry",
    .fields = "If-None-Match and If-Modified-Since ask; ETag, Cache-Control, Vary and Date answer, without content",
    .earned_by = "Every file and every form of it has an ETag; for files in use the answer comes from memory.",
    .curl = "curl -i --etag-compare tag http://HOST/file.txt",
};
static const struct status_reference reference_308 = {
    .meaning = "The resource is at another address, for good; ask there with the same method and content.",
    .spec = "RFC 9110 §15.4.9",
    .standing = "Internet Standard (STD 97), once RFC 7538; in the IANA registry",
    .fields = "Location and Cache-Control answer",
    .earned_by = "Folders asked for without their slash, `redirect` rules, and with `leave-forwarding` the address "
                 "that a MOVE left.",
    .curl = "curl -I http://HOST/folder",
};
static const struct status_reference reference_412 = {
    .meaning = "What is there is not what the request was made for; nothing was changed.",
    .spec = "RFC 9110 §15.5.13; RFC 4918 §10.4, §10.6",
    .standing = "Internet Standard (STD 97); in the IANA registry",
    .fields = "If-Match, If-Unmodified-Since, If-None-Match, If and Overwrite ask",
    .earned_by = "Every condition is judged beside the change itself, so nobody comes in between.",
    .curl = "curl -i -X DELETE -H 'If-Match: \"another\"' http://HOST/file.txt",
};
static const struct status_reference reference_416 = {
    .meaning = "None of the ranges lies within the representation.",
    .spec = "RFC 9110 §15.5.17",
    .standing = "Internet Standard (STD 97); in the IANA registry",
    .fields = "Range asks; Content-Range with the length answers",
    .earned_by = "A range that begins behind the end of a file.",
    .curl = "curl -i -r 10- http://HOST/ten.txt",
};
static const struct status_reference reference_418 = {
    .meaning = "The pot that was asked for coffee is a teapot, permanently.",
    .spec = "RFC 2324 §2.3.2; RFC 7168 §2.3.3",
    .standing =
        "Informational, of a first of April; in the IANA registry as (Unused), which RFC 9110 §15.5.19 reserves",
    .fields = "Content-Type: message/coffeepot asks; Alternates names the teas instead",
    .earned_by = "A pot that is configured for tea alone and gets BREW with coffee. Nothing else answers so.",
    .curl = "curl -i -X BREW -H 'Content-Type: message/coffeepot' -d start http://HOST/pots/teapot",
};
static const struct status_reference reference_422 = {
    .meaning = "The content is well-formed and of a type that is taken, but it cannot be done.",
    .spec = "RFC 9110 §15.5.21",
    .standing = "Internet Standard (STD 97), once RFC 4918 §11.2; in the IANA registry",
    .fields = "none of its own",
    .earned_by = "XML of another kind than the method wants, or a delta that does not fit the file that it is for.",
    .curl =
        "curl -i -X PROPFIND -H 'Content-Type: application/xml' -d '<lockinfo xmlns=\"DAV:\"/>' http://HOST/file.txt",
};
static const struct status_reference reference_423 = {
    .meaning = "The resource is locked, and the request does not say the token.",
    .spec = "RFC 4918 §11.3",
    .standing = "Proposed Standard; in the IANA registry",
    .fields = "If with the lock's token is what was missing; DAV:error with the lock's root answers",
    .earned_by = "LOCK, exclusive or shared, of files and whole folders; each change is judged by the locks above it.",
    .curl = "curl -i -T one.txt http://HOST/file.txt",
};
static const struct status_reference reference_424 = {
    .meaning = "Not done because something else in the same request could not be done.",
    .spec = "RFC 4918 §11.4",
    .standing = "Proposed Standard; in the IANA registry",
    .fields = "a DAV:status in a 207",
    .earned_by = "PROPPATCH sets all properties or none: where one cannot be set, the others fail with it.",
    .curl = "curl -i -X PROPPATCH -H 'Content-Type: application/xml' -d @two.xml http://HOST/file.txt",
};
static const struct status_reference reference_428 = {
    .meaning = "A change needs a condition, so that nobody overwrites what he has not seen.",
    .spec = "RFC 6585 §3",
    .standing = "Proposed Standard; in the IANA registry",
    .fields = "If-Match, If-Unmodified-Since or If is what was missing",
    .earned_by = "`require-match` for a site or a folder.",
    .curl = "curl -i -T two.txt http://HOST/contracts/a.txt",
};
static const struct status_reference reference_429 = {
    .meaning = "Too many requests of this kind; come again later.",
    .spec = "RFC 6585 §4",
    .standing = "Proposed Standard; in the IANA registry",
    .fields = "Retry-After, RateLimit and RateLimit-Policy answer",
    .earned_by = "`limit` rules count requests, octets or failed logins by address, network or user.",
    .curl = "curl -i http://HOST/a.txt",
};
static const struct status_reference reference_431 = {
    .meaning = "The header fields are larger than they may be; what comes after them is not read.",
    .spec = "RFC 6585 §5",
    .standing = "Proposed Standard; in the IANA registry",
    .fields = "Connection: close answers where the rest was not read",
    .earned_by = "One field (`field-line`), all together (`fields-total`) and their number (`field-count`) have "
                 "limits; the answer says which was passed.",
    .curl = "curl -i -H \"Cookie: $(printf %020000d 0)\" http://HOST/a.txt",
};
static const struct status_reference reference_451 = {
    .meaning = "A legal demand keeps the server from showing it.",
    .spec = "RFC 7725 §3",
    .standing = "Proposed Standard; in the IANA registry",
    .fields = "Link with rel=blocked-by answers",
    .earned_by =
        "A register of `demands` names addresses, countries and times, who demanded it and where to read about it.",
    .curl = "curl -i http://HOST/books/banned.txt",
};
static const struct status_reference reference_506 = {
    .meaning = "The variant that was chosen is itself negotiable: the lists of variants go in a circle.",
    .spec = "RFC 2295 §8.1",
    .standing = "Experimental; in the IANA registry",
    .fields = "Negotiate and Accept ask; Alternates answers",
    .earned_by = "With `negotiate = on` a type map that names another negotiated resource; `samovar check` finds it "
                 "before a client does.",
    .curl = "curl -i -H 'Accept-Language: it' http://HOST/paper",
};
static const struct status_reference reference_507 = {
    .meaning = "There is no room for what was to be stored; nothing was changed.",
    .spec = "RFC 4918 §11.5",
    .standing = "Proposed Standard; in the IANA registry",
    .fields = "DAV:error with quota-not-exceeded or sufficient-disk-space answers",
    .earned_by = "`quota` for a folder, or a disk that is full. It is known before the content is read, where its "
                 "length is said.",
    .curl = "curl -i -T large.bin http://HOST/two.bin",
};
static const struct status_reference reference_508 = {
    .meaning = "The whole request failed, since it met an infinite loop.",
    .spec = "RFC 5842 §7.2",
    .standing = "Experimental; in the IANA registry",
    .fields = "Depth: infinity asks",
    .earned_by = "A folder that BIND put below itself, listed to the end by a client that does not say DAV: bind.",
    .curl = "curl -i -X PROPFIND -H 'Depth: infinity' http://HOST/folder/",
};
static const struct status_reference reference_510 = {
    .meaning = "The request needs an extension that this server can tell, and that the client did not declare.",
    .spec = "RFC 2774 §7",
    .standing = "Historic, once Experimental; in the IANA registry as (OBSOLETED)",
    .fields = "Man and C-Man ask; Ext and the content tell what is needed",
    .earned_by =
        "A mandatory extension that is not known or not rightly declared, and `require-extension` for a folder.",
    .curl = "curl -i http://HOST/contracts/a.txt",
};
static const struct status_reference reference_511 = {
    .meaning = "The network wants a login first; this is not the site that was asked for.",
    .spec = "RFC 6585 §6",
    .standing = "Proposed Standard; in the IANA registry",
    .fields = "Cache-Control: no-store and a link to the login page in the content",
    .earned_by = "The `portal` of a gateway, for whoever is not let through yet; never by an ordinary site.",
    .curl = "curl -i --connect-to ::127.0.0.1:8511 http://www.example.com/news",
};

/* 418 is "(Unused)" in the registry, too; the phrase is that of RFC 2324 §2.3.2, which is what people look for. */
static const struct status statuses[] = {
    PLAIN(100, "Continue"),
    PLAIN(101, "Switching Protocols"),
    EARNED(102, "Processing"),
    PLAIN(103, "Early Hints"),
    PLAIN(104, "Upload Resumption Supported"),
    PLAIN(200, "OK"),
    PLAIN(201, "Created"),
    PLAIN(202, "Accepted"),
    PLAIN(203, "Non-Authoritative Information"),
    PLAIN(204, "No Content"),
    PLAIN(205, "Reset Content"),
    EARNED(206, "Partial Content"),
    EARNED(207, "Multi-Status"),
    EARNED(208, "Already Reported"),
    EARNED(226, "IM Used"),
    PLAIN(300, "Multiple Choices"),
    PLAIN(301, "Moved Permanently"),
    PLAIN(302, "Found"),
    PLAIN(303, "See Other"),
    EARNED(304, "Not Modified"),
    PLAIN(305, "Use Proxy"),
    PLAIN(306, "(Unused)"),
    PLAIN(307, "Temporary Redirect"),
    EARNED(308, "Permanent Redirect"),
    PLAIN(400, "Bad Request"),
    PLAIN(401, "Unauthorized"),
    PLAIN(402, "Payment Required"),
    PLAIN(403, "Forbidden"),
    PLAIN(404, "Not Found"),
    PLAIN(405, "Method Not Allowed"),
    PLAIN(406, "Not Acceptable"),
    PLAIN(407, "Proxy Authentication Required"),
    PLAIN(408, "Request Timeout"),
    PLAIN(409, "Conflict"),
    PLAIN(410, "Gone"),
    PLAIN(411, "Length Required"),
    EARNED(412, "Precondition Failed"),
    PLAIN(413, "Content Too Large"),
    PLAIN(414, "URI Too Long"),
    PLAIN(415, "Unsupported Media Type"),
    EARNED(416, "Range Not Satisfiable"),
    PLAIN(417, "Expectation Failed"),
    EARNED(418, "I'm a teapot"),
    PLAIN(421, "Misdirected Request"),
    EARNED(422, "Unprocessable Content"),
    EARNED(423, "Locked"),
    EARNED(424, "Failed Dependency"),
    PLAIN(425, "Too Early"),
    PLAIN(426, "Upgrade Required"),
    EARNED(428, "Precondition Required"),
    EARNED(429, "Too Many Requests"),
    EARNED(431, "Request Header Fields Too Large"),
    EARNED(451, "Unavailable For Legal Reasons"),
    PLAIN(500, "Internal Server Error"),
    PLAIN(501, "Not Implemented"),
    PLAIN(502, "Bad Gateway"),
    PLAIN(503, "Service Unavailable"),
    PLAIN(504, "Gateway Timeout"),
    PLAIN(505, "HTTP Version Not Supported"),
    EARNED(506, "Variant Also Negotiates"),
    EARNED(507, "Insufficient Storage"),
    EARNED(508, "Loop Detected"),
    EARNED(510, "Not Extended"),
    EARNED(511, "Network Authentication Required"),
};

enum { STATUS_COUNT = sizeof(statuses) / sizeof(statuses[0]) };

const struct status *status_table(unsigned *count)
{
    *count = STATUS_COUNT;
    return statuses;
}

const struct status *status_find(int code)
{
    unsigned low = 0, high = STATUS_COUNT;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (statuses[middle].code == code)
            return &statuses[middle];
        if (statuses[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

struct slice status_phrase(int code)
{
    const struct status *status = status_find(code);

    return status ? status->phrase : SLICE("");
}
