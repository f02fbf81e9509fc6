// Finds the system's OpenSSL at run time and fills the table of its functions. Rejected: linking against it,
// because then the build needs its headers, a static binary ages with the copy inside, and a server without
// TLS and tokens would not start on a machine that has none.

#define _GNU_SOURCE
#include "openssl.h"
#include "openssl_calls.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

struct holdfast_openssl openssl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[512];

// Handlers at exit would take the library away from threads that still use it.
#define OPENSSL_INIT_NO_ATEXIT 0x00080000u

#define OLDEST_VERSION 0x30000000ul

// One function and where it belongs in the table.
struct place {
    const char *name;
    size_t offset;
};

#define CALL(result, name, parameters) {#name, offsetof(struct holdfast_openssl, name)},
static const struct place crypto_places[] = {HOLDFAST_CRYPTO_CALLS(CALL)};
static const struct place tls_places[] = {HOLDFAST_TLS_CALLS(CALL)};
#undef CALL

static void *open_library(const char *name) {
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) snprintf(problem, sizeof problem, "%s", dlerror());
    return library;
}

// A library of another version may lack some.
static int fill(void *library, const struct place *places, size_t count) {
    for (size_t i = 0; i < count; i++) {
        void *function = dlsym(library, places[i].name);
        if (function == NULL) {
            snprintf(problem, sizeof problem, "it has no %s", places[i].name);
            return -1;
        }
        *(void **)((char *)&openssl + places[i].offset) = function;
    }
    return 0;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void load(void) {
    void *crypto = open_library("libcrypto.so.3");
    if (crypto == NULL) return;
    unsigned long (*version)(void);
    *(void **)&version = dlsym(crypto, "OpenSSL_version_num");
    if (version == NULL || version() < OLDEST_VERSION) {
        snprintf(problem, sizeof problem, "libcrypto.so.3 is older than OpenSSL 3.0");
        return;
    }
    void *tls = open_library("libssl.so.3");
    if (tls == NULL) return;
    if (fill(crypto, crypto_places, COUNT(crypto_places)) != 0) return;
    if (fill(tls, tls_places, COUNT(tls_places)) != 0) return;
    if (openssl.OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL) != 1)
        snprintf(problem, sizeof problem, "it does not start: %s", holdfast_openssl_error());
}

const char *holdfast_openssl_problem(void) {
    pthread_once(&once, load);
    return problem[0] == 0 ? NULL : problem;
}

const char *holdfast_openssl_error(void) {
    unsigned long code = openssl.ERR_get_error();
    openssl.ERR_clear_error();
    const char *reason = code == 0 ? NULL : openssl.ERR_reason_error_string(code);
    return reason == NULL ? "unknown error" : reason;
}

int holdfast_no_pass_phrase(char *buffer, int size, int is_writing, void *context) {
    (void)buffer;
    (void)size;
    (void)is_writing;
    (void)context;
    return -1;
}
