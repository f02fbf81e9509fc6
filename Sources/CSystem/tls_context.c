// What the TLS connections of one side have in common. The numbers below are those of OpenSSL's own headers: its
// macros for them are no functions that could be found at run time.

#include "tls_parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define TLS_1_2 0x0303
#define SET_MODE 33
#define SET_SESSION_CACHE 44
#define SET_OLDEST_VERSION 123

#define ENABLE_PARTIAL_WRITE 0x1l
#define ACCEPT_MOVING_BUFFER 0x2l
// An idle connection keeps no buffers: of 16,384 connections most are idle.
#define RELEASE_BUFFERS 0x10l

#define NO_TICKET (UINT64_C(1) << 14)
#define NO_COMPRESSION (UINT64_C(1) << 17)
#define SERVER_PREFERENCE (UINT64_C(1) << 22)
#define NO_RENEGOTIATION (UINT64_C(1) << 30)

// Of TLS 1.2 only what keeps past traffic secret when a key is lost, and seals what it encrypts.
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

#define VERIFY_PEER 1
#define FAIL_WITHOUT_PEER_CERTIFICATE 2

static int set_up(SSL_CTX *library) {
    openssl.SSL_CTX_ctrl(library, SET_MODE,
                         ENABLE_PARTIAL_WRITE | ACCEPT_MOVING_BUFFER | RELEASE_BUFFERS, NULL);
    openssl.SSL_CTX_set_options(library, NO_COMPRESSION | NO_RENEGOTIATION | SERVER_PREFERENCE);
    // Tickets do; a cache on the server's side would grow.
    openssl.SSL_CTX_ctrl(library, SET_SESSION_CACHE, 0, NULL);
    return openssl.SSL_CTX_ctrl(library, SET_OLDEST_VERSION, TLS_1_2, NULL) == 1
        && openssl.SSL_CTX_set_cipher_list(library, CIPHERS) == 1 ? 0 : -1;
}

struct holdfast_tls_context *holdfast_tls_context_new(int is_server) {
    openssl.ERR_clear_error();
    struct holdfast_tls_context *context = calloc(1, sizeof *context);
    if (context == NULL) return NULL;
    context->is_server = is_server;
    context->library = openssl.SSL_CTX_new(openssl.TLS_method());
    if (context->library != NULL && set_up(context->library) == 0) return context;
    holdfast_tls_context_free(context);
    return NULL;
}

void holdfast_tls_context_free(struct holdfast_tls_context *context) {
    openssl.SSL_CTX_free(context->library);
    free(context);
}

int holdfast_tls_use_certificate(struct holdfast_tls_context *context, const char *file) {
    openssl.ERR_clear_error();
    return openssl.SSL_CTX_use_certificate_chain_file(context->library, file) == 1 ? 0 : -1;
}

int holdfast_tls_use_key(struct holdfast_tls_context *context, const char *text, size_t count) {
    openssl.ERR_clear_error();
    if (count > INT_MAX) return -1;
    BIO *input = openssl.BIO_new_mem_buf(text, (int)count);
    if (input == NULL) return -1;
    EVP_PKEY *key = openssl.PEM_read_bio_PrivateKey(input, NULL, holdfast_no_pass_phrase, NULL);
    int is_good = key != NULL && openssl.SSL_CTX_use_PrivateKey(context->library, key) == 1
        && openssl.SSL_CTX_check_private_key(context->library) == 1;
    openssl.EVP_PKEY_free(key);
    openssl.BIO_free_all(input);
    return is_good ? 0 : -1;
}

int holdfast_tls_require_clients(struct holdfast_tls_context *context, const char *file) {
    openssl.ERR_clear_error();
    if (openssl.SSL_CTX_load_verify_file(context->library, file) != 1) return -1;
    OPENSSL_STACK *names = openssl.SSL_load_client_CA_file(file);
    if (names == NULL) return -1;
    openssl.SSL_CTX_set_client_CA_list(context->library, names);
    openssl.SSL_CTX_set_verify(context->library, VERIFY_PEER | FAIL_WITHOUT_PEER_CERTIFICATE, NULL);
    // A ticket would let a client in again without its certificate being looked at.
    openssl.SSL_CTX_set_options(context->library, NO_TICKET);
    return openssl.SSL_CTX_set_num_tickets(context->library, 0) == 1 ? 0 : -1;
}

int holdfast_tls_trust(struct holdfast_tls_context *context, const char *file) {
    openssl.ERR_clear_error();
    openssl.SSL_CTX_set_verify(context->library, VERIFY_PEER, NULL);
    int is_good = file == NULL ? openssl.SSL_CTX_set_default_verify_paths(context->library)
                               : openssl.SSL_CTX_load_verify_file(context->library, file);
    return is_good == 1 ? 0 : -1;
}

// MARK: What is spoken inside

#define NEGOTIATED 1
#define CHOSEN 0
#define ALERT_FATAL 2

// A browser, made to send HTTP to the port of another protocol, offers HTTP and is refused here.
static int choose(SSL *tls, const unsigned char **chosen, unsigned char *chosen_count,
                  const unsigned char *offered, unsigned offered_count, void *argument) {
    (void)tls;
    const struct holdfast_tls_context *context = argument;
    int result = openssl.SSL_select_next_proto(
        (unsigned char **)chosen, chosen_count, context->protocols,
        (unsigned)context->protocols_count, offered, offered_count);
    return result == NEGOTIATED ? CHOSEN : ALERT_FATAL;
}

int holdfast_tls_speak(struct holdfast_tls_context *context, const unsigned char *names,
                       size_t count) {
    openssl.ERR_clear_error();
    if (count > sizeof context->protocols) return -1;
    memcpy(context->protocols, names, count);
    context->protocols_count = count;
    if (!context->is_server)
        return openssl.SSL_CTX_set_alpn_protos(context->library, names, (unsigned)count) == 0
            ? 0 : -1;
    openssl.SSL_CTX_set_alpn_select_cb(context->library, choose, context);
    return 0;
}

int holdfast_tls_certificate_is_over(const struct holdfast_tls_context *context) {
    const X509 *certificate = openssl.SSL_CTX_get0_certificate(context->library);
    return certificate != NULL
        && openssl.X509_cmp_current_time(openssl.X509_get0_notAfter(certificate)) < 0;
}
