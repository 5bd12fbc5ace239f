/*
 * version.c - the answer to --version: what was built in, what is loaded, what the machine has.
 *
 * Versions are those of the libraries found at run time where the library tells them; libxcrypt has only
 * that of its header.
 */
#include "cli/cli.h"

#include <confuse.h>
#include <crypt.h>
#include <expat.h>
#include <lmdb.h>
#include <nghttp2/nghttp2.h>
#include <openssl/crypto.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include "net/net.h"

#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif
#ifdef HAVE_UTF8PROC
#include <utf8proc.h>
#endif
#ifdef HAVE_MAXMINDDB
#include <maxminddb.h>
#endif
#ifdef HAVE_JANSSON
#include <jansson.h>
#endif

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif

enum { LANDLOCK_VERSION = 1 }; /* flag: tell the ABI, make nothing */

static void print_features(FILE *out)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);

    fputs("features:", out);
#ifdef HAVE_SECCOMP
    fputs(" seccomp,", out);
#else
    fputs(" no seccomp,", out);
#endif
#ifdef HAVE_UTF8PROC
    fputs(" names = nfc,", out);
#else
    fputs(" no names = nfc,", out);
#endif
#ifdef HAVE_MAXMINDDB
    fputs(" countries,", out);
#else
    fputs(" no countries,", out);
#endif
#ifdef HAVE_JANSSON
    fputs(" jwt-keys,", out);
#else
    fputs(" no jwt-keys,", out);
#endif
#ifdef HAVE_FIREWALL
    fputs(" samovar-firewall,", out);
#else
    fputs(" no samovar-firewall,", out);
#endif
#ifdef HAVE_MQTT
    fputs(" samovar-mqtt,", out);
#else
    fputs(" no samovar-mqtt,", out);
#endif
    if (abi > 0)
        fprintf(out, " Landlock (ABI %ld on this machine)", abi);
    else
        fputs(" Landlock (not on this machine)", out);
    fprintf(out, ", %s\n", tls_kernel_report());
}

static void print_libraries(FILE *out)
{
    const XML_Expat_Version expat = XML_ExpatVersionInfo();
    int major, minor, patch;

    mdb_version(&major, &minor, &patch);
    fprintf(
        out,
        "libraries: libconfuse %s, LMDB %d.%d.%d, %s, nghttp2 %s, expat %d.%d.%d, zlib %s, zstd %s, brotli %u.%u.%u",
        confuse_version, major, minor, patch, OpenSSL_version(OPENSSL_VERSION), nghttp2_version(0)->version_str,
        expat.major, expat.minor, expat.micro, zlibVersion(), ZSTD_versionString(), BrotliEncoderVersion() >> 24,
        BrotliEncoderVersion() >> 12 & 0xfff, BrotliEncoderVersion() & 0xfff);
#ifdef XCRYPT_VERSION_STR
    fputs(", libxcrypt " XCRYPT_VERSION_STR, out);
#endif
#ifdef HAVE_SECCOMP
    const struct scmp_version *seccomp = seccomp_version();

    fprintf(out, ", libseccomp %u.%u.%u", seccomp->major, seccomp->minor, seccomp->micro);
#endif
#ifdef HAVE_UTF8PROC
    fprintf(out, ", utf8proc %s", utf8proc_version());
#endif
#ifdef HAVE_MAXMINDDB
    fprintf(out, ", libmaxminddb %s", MMDB_lib_version());
#endif
#ifdef HAVE_JANSSON
    fprintf(out, ", jansson %s", jansson_version_str());
#endif
    fputc('\n', out);
}

void cli_version(FILE *out)
{
    fputs("samovar " SAMOVAR_VERSION "\n", out);
    print_features(out);
    print_libraries(out);
}
