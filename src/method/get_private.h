/*
 * get_private.h - what the files of GET share.
 */
#ifndef METHOD_GET_PRIVATE_H
#define METHOD_GET_PRIVATE_H

#include "http/accept_coding.h"
#include "http/dictionary.h"
#include "http/digest_field.h"
#include "http/im.h"
#include "method_private.h"

enum {
    INLINE_MAX = 64 * 1024, /* read at once into memory: one send, no descriptor kept */
};

struct negotiable_variant;

struct get_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct pool *pool;
    struct store *store;
    struct rpath path;
    const struct site *site; /* the request's configuration keeps it */
    struct asker asker;
    struct rules rules;
    unsigned rights;
    int as_status; /* 0, or the status under which the current representation is wanted */
    bool is_get;   /* ranges count */
    bool is_http10;
    bool has_if_range; /* also an empty or a doubled one, which no representation matches (RNG-41) */
    enum error_form form;
    enum page_language page_language;
    struct if_scope scope; /* what `If` says (DAV-164) */
    struct conditions conditions;
    struct slice range, if_range, accept;
    struct slice query;
    bool has_query;
    struct answer answer; /* built by act() in job.arena */
    unsigned lacks;       /* instead of an answer: the right for want of which nothing is told */
    int fd;               /* while act() runs */
    struct facts facts;
    struct im_wish *im;         /* what may be done to the instance before it is sent; NULL: nothing */
    bool takes_codings;         /* it would rather have the compression of A-IM as a content coding (DLT-C5) */
    struct slice cache_control; /* of the answer; "": no-cache */
    bool is_fixed;              /* what fd is of now never changes: a form that was made of a content */
    bool is_past;          /* an earlier content, or what there is of them: plain, not hot, nothing is recorded of it */
    struct slice language; /* of the file; "" without */
    struct slice mark;     /* of the tag, where the answer is a coded form: "-dcz-01234567"; "" where it is not */
    const struct negotiable_variant *variant; /* that the file was chosen as; NULL: it was asked for itself */
    struct slice list_validator; /* of the variants that the file was chosen from (RFC 2295 §9.2); "" without */
    size_t stem;                 /* of a variant: the negotiation's */
    bool wants_digests;          /* Repr-Digest, Content-Digest: */
    struct digest_wants {
        bool is_duty; /* rather no answer than without */
        bool repr, content;
        enum digest_kind repr_kind, content_kind;
    } want;
    struct dictionary_wish {
        bool is_possible; /* the site has dictionaries, and the connection is fit for them */
        bool is_asked;    /* the client has one, and takes what is coded with it: */
        unsigned char hash[DICTIONARY_HASH];
        struct slice address; /* the path that was asked for, as it was spelled */
        struct slice use_as;  /* what the file is said to be a dictionary for; "" for none */
    } dictionary;
    struct coding_wish codings; /* of Accept-Encoding */
    struct coded_form {         /* of the file, which is sent instead of its own octets */
        bool is_on, is_fixed;   /* is_fixed: as above */
        struct slice coding;    /* "br" */
        int fd;                 /* as fd */
        struct facts facts;     /* of it */
    } coded;
    bool is_makeshift;        /* the next one may be answered with a better form */
    struct slice named_mark;  /* of the coded form that If-Match names, where it does not name the plain content */
    struct slice stored;      /* the coding that the file itself is in, as a map says or for want of a plain one */
    bool is_slow, wants_slow; /* act() runs in the slow lane; it should, and there is no answer yet */
    const atomic_bool *left;  /* the client left: digests are of no use any more */
    struct slice repr_digest, content_digest; /* as the fields say them; "" without */
    bool may_try_again, has_changed; /* while it is read: see get_file(); on the loop: a worker has to read it */
    struct known_file *known;        /* on the loop, instead of a job: from the hot cache */
};

static inline struct arena *get_arena(struct get_job *get)
{
    return &get->job.arena;
}

static inline void get_add(struct get_job *get, struct slice name, struct slice value)
{
    answer_field(get_arena(get), &get->answer, name, value);
}

void get_refuse(struct get_job *get, struct verdict verdict);

/* get.c: a job for this GET, to be submitted; its act() and done() may be replaced. as_status: 0, or see above. */
void get_init(struct exchange *ex, int as_status, struct get_job *out) LOOP_SIDE;
/* 403, or 401 where that could help. */
void get_refuse_for_want(struct exchange *ex, unsigned right) LOOP_SIDE;
/* The folder that get->fd is of, as a page. */
void get_listing(struct get_job *get) WORKER_SIDE;
/* Conditions of a page, which has no entity tag. False: there is an answer already. */
bool get_page_judge(struct get_job *get);
/* A page's status and fields; the content and its type are the caller's. */
void get_page_fields(struct get_job *get, enum listing_form form);

/*
 * get_file.c: the answer for the file whose facts are in `get`: conditions, ranges, fields. Its bytes come
 * from get_attach() on a worker, from get_attach_known() where the hot cache has it open.
 */
void get_file(struct get_job *get);

/* get_variant.c: variant and list_validator, of an exchange for which one was chosen. */
void get_variant_read(struct exchange *ex, struct get_job *get) LOOP_SIDE;
/* The type that the name of the file says, or the map that lists it; sets language. */
struct slice get_named_type(struct get_job *get);
/* A variant that stands in a map takes the place of the map. False: there is an answer already. */
bool get_variant_content(struct get_job *get) WORKER_SIDE;

/*
 * get_coding.c: what `compress` allows. A coded form in get->coded, with its mark, where one is to be sent; true: there
 * is an answer already, or a need for another try (has_changed, wants_slow).
 */
bool get_coding(struct get_job *get, struct slice type);
/*
 * Where a plain file is missing, and variants are negotiated: one of its coded forms, which is opened then.
 * ERR_MISSING: there is none.
 */
enum err get_coding_open(struct get_job *get) WORKER_SIDE;
/* If-Match is about a coded form that can be sent: named_mark is its. */
bool get_coding_is_named(struct get_job *get, struct slice type);
/* 406, with the codings that there are (NEG-C6). True. */
bool get_coding_refuse(struct get_job *get, struct slice type) WORKER_SIDE;
/* The client has this content in a coded form: its mark, for a 304. */
bool get_coding_matches(struct get_job *get, struct slice type, struct slice *mark);
/* Content-Encoding; Vary. */
void get_coding_field(struct get_job *get);
void get_coding_vary(struct get_job *get, struct slice type);
/* Lets go of the form, for another try. */
void get_coding_drop(struct get_job *get);

/* What is sent, or parts of it: the file, or a form of it. */
static inline int *get_sent_fd(struct get_job *get)
{
    return get->coded.is_on ? &get->coded.fd : &get->fd;
}
static inline struct facts *get_sent_facts(struct get_job *get)
{
    return get->coded.is_on ? &get->coded.facts : &get->facts;
}
static inline bool get_sent_is_fixed(const struct get_job *get)
{
    return get->coded.is_on ? get->coded.is_fixed : get->is_fixed;
}
static inline uint64_t get_size(const struct get_job *get)
{
    return get->coded.is_on ? get->coded.facts.size : get->facts.size;
}

/* get_wish.c: im, takes_codings, want. */
void get_wish_read(struct exchange *ex, int as_status, struct get_job *get) LOOP_SIDE;

/*
 * get_digest.c: fills repr_digest and content_digest where they are wanted, before the descriptor goes along with the
 * answer. False: there is another answer, or the file is to be looked at anew. `body` NULL: Repr-Digest alone.
 */
bool get_digests(struct get_job *get, const struct file_body *body);

/* The SHA-256 of the file that is open, which is kept then; ERR_TOO_LARGE past `most`. */
enum err get_sha256(struct get_job *get, uint64_t most, unsigned char out[32]) WORKER_SIDE;

/* get_dictionary.c: `dictionary`, from the request. */
void get_dictionary_read(struct exchange *ex, struct get_job *get) LOOP_SIDE;
/* The client has this content in a coded form: its mark, for a 304. */
bool get_dictionary_matches(struct get_job *get, struct slice *mark);
/* Answers with a form that is coded with the client's dictionary; false: there is none. Or the file changed. */
bool get_dictionary(struct get_job *get, struct slice type);
/* Before the fields: that this file is a dictionary is remembered. */
void get_dictionary_note(struct get_job *get);
/* Vary, Use-As-Dictionary. */
void get_dictionary_fields(struct get_job *get);

/*
 * get_im.c: what A-IM lets be done instead of sending the whole, or a range of it (226). False: nothing; go on. True:
 * there is an answer, or the file changed (has_changed).
 */
bool get_im(struct get_job *get, const struct validators *current, struct slice type);
/* What the answer is compared by: the content's own, with the mark and the list's validator in the tag. */
struct validators get_validators(struct get_job *get);
/* A tag that a client has, without the validator of a list of variants: the rest of it names a content. */
struct slice get_plain_tag(const struct get_job *get, struct slice tag);
/* How long clients may take a file for the current one, as Cache-Control says it. */
struct slice get_freshness(struct get_job *get);
/* All fields of a representation but its type and language; for_if_range: the client has the others (RNG-27). */
void get_fields(struct get_job *get, struct slice type, bool for_if_range);
/* Whether Range is to be obeyed. */
bool get_range_counts(const struct get_job *get, const struct validators *current);

/* get_bytes.c */
void get_attach(struct get_job *get, const struct file_body *body) WORKER_SIDE;
void get_attach_known(struct get_job *get, const struct file_body *body) LOOP_SIDE;

#endif
