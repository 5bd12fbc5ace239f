/*
 * country.c - in which country an address is, by MaxMind's database.
 *
 * The file is mapped into memory, so looking is a few reads of memory and stays on the loop. It has to be replaced by
 * renaming another one to its name, as MaxMind's own program does: one that is cut short in its place takes the server
 * down when the missing part is read.
 */
#include "gate/gate.h"

#if HAVE_MAXMINDDB
#include <arpa/inet.h>
#include <maxminddb.h>
#include <pthread.h>
#include <stdlib.h>

struct countries {
    MMDB_s database;
};

enum { LETTERS = 26, ADDRESS_TEXT_MAX = 64 };

/* Codes outlive the database that they were found in: an exchange may be kept over a reload. */
static char codes[LETTERS][LETTERS][2];

static void codes_fill(void)
{
    for (int i = 0; i < LETTERS; i++)
        for (int k = 0; k < LETTERS; k++) {
            codes[i][k][0] = (char)('A' + i);
            codes[i][k][1] = (char)('A' + k);
        }
}

struct countries *countries_open(const char *path, struct buf *why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct countries *countries = xcalloc(1, sizeof(*countries));
    int status = MMDB_open(path, MMDB_MODE_MMAP, &countries->database);

    pthread_once(&once, codes_fill);
    if (status == MMDB_SUCCESS)
        return countries;
    buf_printf(why, "the country-database %s cannot be read: %s", path, MMDB_strerror(status));
    free(countries);
    return NULL;
}

void countries_close(struct countries *countries)
{
    if (!countries)
        return;
    MMDB_close(&countries->database);
    free(countries);
}

static bool address_of(struct slice text, struct sockaddr_storage *out)
{
    char terminated[ADDRESS_TEXT_MAX];
    struct sockaddr_in *in = (struct sockaddr_in *)out;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

    *out = (struct sockaddr_storage){0};
    if (text.len >= sizeof(terminated))
        return false;
    memcpy(terminated, text.ptr, text.len);
    terminated[text.len] = '\0';
    out->ss_family = memchr(terminated, ':', text.len) ? AF_INET6 : AF_INET;
    if (out->ss_family == AF_INET)
        return inet_pton(AF_INET, terminated, &in->sin_addr) == 1;
    if (inet_pton(AF_INET6, terminated, &in6->sin6_addr) != 1)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
        struct sockaddr_in mapped = {.sin_family = AF_INET};

        memcpy(&mapped.sin_addr, &in6->sin6_addr.s6_addr[12], sizeof(mapped.sin_addr));
        memcpy(out, &mapped, sizeof(mapped));
    }
    return true;
}

/* Where the address is; a database may know only where its network is registered. */
static bool find_code(const MMDB_s *database, const struct sockaddr_storage *address, MMDB_entry_data_s *code)
{
    static const char *const names[] = {"country", "registered_country"};
    int status = MMDB_SUCCESS;
    MMDB_lookup_result_s found = MMDB_lookup_sockaddr(database, (const struct sockaddr *)address, &status);

    if (status != MMDB_SUCCESS || !found.found_entry)
        return false;
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (MMDB_get_value(&found.entry, code, names[i], "iso_code", NULL) == MMDB_SUCCESS && code->has_data &&
            code->type == MMDB_DATA_TYPE_UTF8_STRING && code->data_size == 2)
            return true;
    return false;
}

struct slice countries_find(const struct countries *countries, struct slice address)
{
    struct sockaddr_storage parsed;
    MMDB_entry_data_s code;
    int first, second;

    if (!countries || !address_of(address, &parsed) || !find_code(&countries->database, &parsed, &code))
        return SLICE_NONE;
    first = code.utf8_string[0] - 'A';
    second = code.utf8_string[1] - 'A';
    if (first < 0 || first >= LETTERS || second < 0 || second >= LETTERS)
        return SLICE_NONE;
    return slice_of(codes[first][second], 2);
}
#else
struct countries *countries_open(const char *path, struct buf *why)
{
    buf_printf(why, "the country-database %s cannot be read: this build is without libmaxminddb", path);
    return NULL;
}

void countries_close(struct countries *countries)
{
}

struct slice countries_find(const struct countries *countries, struct slice address)
{
    return SLICE_NONE;
}
#endif
