// One end of a TLS connection. The library reads and writes through two callbacks: what it reads is lent to it for
// the time of a call, what it writes is kept here until somebody sends it. Rejected: the library's memory BIOs,
// which copy all that is read and never give memory back.

#include "tls_parts.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SHOULD_READ_AGAIN 0x9
#define CONTROL_FLUSH 11
#define SOURCE_AND_SINK 0x0400

// MARK: The library's way to the bytes

static int read_inbound(BIO *bio, char *bytes, int count) {
    struct holdfast_tls *tls = openssl.BIO_get_data(bio);
    openssl.BIO_clear_flags(bio, SHOULD_READ_AGAIN);
    if (tls->inbound_count == 0) {
        openssl.BIO_set_flags(bio, SHOULD_READ_AGAIN);
        return -1;
    }
    size_t taken = (size_t)count < tls->inbound_count ? (size_t)count : tls->inbound_count;
    memcpy(bytes, tls->inbound, taken);
    tls->inbound += taken;
    tls->inbound_count -= taken;
    return (int)taken;
}

// Makes room for so many more; what was sent makes room first.
static int make_room(struct holdfast_tls *tls, size_t count) {
    if (tls->sent > 0) {
        memmove(tls->outbound, tls->outbound + tls->sent, tls->made - tls->sent);
        tls->made -= tls->sent;
        tls->sent = 0;
    }
    if (tls->capacity - tls->made >= count) return 0;
    size_t capacity = tls->made + count;
    unsigned char *grown = realloc(tls->outbound, capacity);
    if (grown == NULL) return -1;
    tls->outbound = grown;
    tls->capacity = capacity;
    return 0;
}

static int write_outbound(BIO *bio, const char *bytes, int count) {
    struct holdfast_tls *tls = openssl.BIO_get_data(bio);
    if (count < 0 || make_room(tls, (size_t)count) != 0) return -1;
    memcpy(tls->outbound + tls->made, bytes, (size_t)count);
    tls->made += (size_t)count;
    return count;
}

static long control(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    return command == CONTROL_FLUSH;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static BIO_METHOD *method;

static void make_method(void) {
    method = openssl.BIO_meth_new(openssl.BIO_get_new_index() | SOURCE_AND_SINK, "holdfast");
    if (method == NULL) return;
    openssl.BIO_meth_set_read(method, read_inbound);
    openssl.BIO_meth_set_write(method, write_outbound);
    openssl.BIO_meth_set_ctrl(method, control);
}

// MARK: Life

struct holdfast_tls *holdfast_tls_new(struct holdfast_tls_context *context) {
    pthread_once(&once, make_method);
    openssl.ERR_clear_error();
    struct holdfast_tls *tls = calloc(1, sizeof *tls);
    BIO *bio = method == NULL ? NULL : openssl.BIO_new(method);
    SSL *library = openssl.SSL_new(context->library);
    if (tls == NULL || bio == NULL || library == NULL) {
        openssl.SSL_free(library);
        openssl.BIO_free_all(bio);
        free(tls);
        return NULL;
    }
    openssl.BIO_set_data(bio, tls);
    openssl.BIO_set_init(bio, 1);
    // It owns the BIO from now on.
    openssl.SSL_set_bio(library, bio, bio);
    if (context->is_server) openssl.SSL_set_accept_state(library);
    else openssl.SSL_set_connect_state(library);
    tls->library = library;
    return tls;
}

void holdfast_tls_free(struct holdfast_tls *tls) {
    openssl.SSL_free(tls->library);
    free(tls->kept);
    free(tls->outbound);
    free(tls);
}

#define SET_SERVER_NAME 55
#define HOST_NAME 0
#define NO_PARTIAL_WILDCARDS 0x4u
// Names stand among the alternative names; the subject is text for people.
#define NEVER_CHECK_SUBJECT 0x20u

int holdfast_tls_expect_host(struct holdfast_tls *tls, const char *host, int is_address) {
    openssl.ERR_clear_error();
    X509_VERIFY_PARAM *wanted = openssl.SSL_get0_param(tls->library);
    if (is_address) return openssl.X509_VERIFY_PARAM_set1_ip_asc(wanted, host) == 1 ? 0 : -1;
    openssl.SSL_set_hostflags(tls->library, NO_PARTIAL_WILDCARDS | NEVER_CHECK_SUBJECT);
    return openssl.SSL_set1_host(tls->library, host) == 1
        && openssl.SSL_ctrl(tls->library, SET_SERVER_NAME, HOST_NAME, (void *)host) == 1 ? 0 : -1;
}

// MARK: Bytes of the other end, and for it

void holdfast_tls_lend(struct holdfast_tls *tls, const unsigned char *bytes, size_t count) {
    tls->inbound = bytes;
    tls->inbound_count = count;
}

int holdfast_tls_keep(struct holdfast_tls *tls) {
    unsigned char *kept = NULL;
    if (tls->inbound_count > 0) {
        kept = malloc(tls->inbound_count);
        if (kept == NULL) return -1;
        memcpy(kept, tls->inbound, tls->inbound_count);
    }
    free(tls->kept);
    tls->kept = kept;
    tls->inbound = kept;
    return 0;
}

size_t holdfast_tls_unread(const struct holdfast_tls *tls) { return tls->inbound_count; }

size_t holdfast_tls_outbound(const struct holdfast_tls *tls, const unsigned char **bytes) {
    *bytes = tls->outbound + tls->sent;
    return tls->made - tls->sent;
}

void holdfast_tls_sent(struct holdfast_tls *tls, size_t count) {
    tls->sent += count;
    if (tls->sent < tls->made) return;
    // An idle connection keeps none.
    free(tls->outbound);
    tls->outbound = NULL;
    tls->sent = tls->made = tls->capacity = 0;
}

// MARK: What the ends say to each other

#define ERROR_WANT_READ 2
#define ERROR_ZERO_RETURN 6

static int outcome(const struct holdfast_tls *tls, int result) {
    switch (openssl.SSL_get_error(tls->library, result)) {
    case ERROR_WANT_READ: return HOLDFAST_TLS_WANTS_MORE;
    case ERROR_ZERO_RETURN: return HOLDFAST_TLS_ENDED;
    default: return HOLDFAST_TLS_FAILED;
    }
}

int holdfast_tls_handshake(struct holdfast_tls *tls) {
    openssl.ERR_clear_error();
    int result = openssl.SSL_do_handshake(tls->library);
    return result == 1 ? 1 : outcome(tls, result);
}

int holdfast_tls_read(struct holdfast_tls *tls, unsigned char *bytes, size_t count) {
    openssl.ERR_clear_error();
    int most = count > 1 << 30 ? 1 << 30 : (int)count;
    int result = openssl.SSL_read(tls->library, bytes, most);
    return result > 0 ? result : outcome(tls, result);
}

int holdfast_tls_write(struct holdfast_tls *tls, const unsigned char *bytes, size_t count) {
    openssl.ERR_clear_error();
    int most = count > HOLDFAST_TLS_RECORD_BYTES ? HOLDFAST_TLS_RECORD_BYTES : (int)count;
    int result = openssl.SSL_write(tls->library, bytes, most);
    return result > 0 ? result : HOLDFAST_TLS_FAILED;
}

void holdfast_tls_finish(struct holdfast_tls *tls) {
    openssl.SSL_shutdown(tls->library);
    openssl.ERR_clear_error();
}

long holdfast_tls_verdict(const struct holdfast_tls *tls) {
    return openssl.SSL_get_verify_result(tls->library);
}

const char *holdfast_tls_verdict_text(long verdict) {
    return openssl.X509_verify_cert_error_string(verdict);
}

const char *holdfast_tls_version(const struct holdfast_tls *tls) {
    return openssl.SSL_get_version(tls->library);
}
