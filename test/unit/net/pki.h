/*
 * pki.h - keys and certificates for tests, made as they are needed. Files are in one folder that goes at the end.
 */
#ifndef TEST_PKI_H
#define TEST_PKI_H

#include <openssl/x509.h>
#include <stdbool.h>

enum pki_kind { PKI_ECDSA, PKI_RSA };

struct pki_wish {
    enum pki_kind kind;
    const char *cn;     /* NULL: none */
    size_t cn_len;      /* 0: strlen */
    const char *san;    /* as OpenSSL writes it: "DNS:a.example,email:x@y"; NULL: none */
    const char *signer; /* the name of an earlier one, an authority; NULL: it signs itself */
    bool is_authority;
    int from_days, until_days; /* from now; until 0: 100 */
};

/* Makes NAME.pem (certificate) and NAME.key. */
void pki_make(const char *name, const struct pki_wish *wish);
/* An OCSP response NAME by `signer` on the certificate of `about`, good or not, valid from -1 day to until_days. */
void pki_ocsp(const char *name, const char *signer, const char *about, bool is_good, int until_days);
/* The path of a file in the folder; lives as long as the program. */
const char *pki_path(const char *name, const char *ending);
void pki_write(const char *path, const void *bytes, size_t len);
X509 *pki_cert(const char *name);
EVP_PKEY *pki_key(const char *name);

#endif
