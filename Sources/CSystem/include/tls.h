// TLS by the system's OpenSSL: what is spoken and by whom (contexts), and the two ends of a connection, which
// take and give bytes and never touch a socket. Only after holdfast_openssl_problem found none.
#ifndef HOLDFAST_TLS_H
#define HOLDFAST_TLS_H

#include <stddef.h>

// What the connections of one side have in common. Used by any number of threads once it is set up.
struct holdfast_tls_context;

// TLS 1.2 and 1.3; NULL without memory.
struct holdfast_tls_context *holdfast_tls_context_new(int is_server);
// Not before the last connection made from it is gone.
void holdfast_tls_context_free(struct holdfast_tls_context *context);

// Each of these: 0, or -1 and holdfast_openssl_error says why.
// The certificate and those that lead from it to its authority, from a file in PEM.
int holdfast_tls_use_certificate(struct holdfast_tls_context *context, const char *file);
// The key of that certificate, as text in PEM.
int holdfast_tls_use_key(struct holdfast_tls_context *context, const char *text, size_t count);
// The server lets in only clients that one of these authorities vouches for.
int holdfast_tls_require_clients(struct holdfast_tls_context *context, const char *file);
// Whom the client believes: the authorities in a file, or with NULL those of the system.
int holdfast_tls_trust(struct holdfast_tls_context *context, const char *file);
// The names of what is spoken inside, for ALPN: each with its length before it, the best first. A client that
// offers names and none of these is refused; one that offers none is not.
int holdfast_tls_speak(struct holdfast_tls_context *context, const unsigned char *names,
                       size_t count);

// Whether the time of the own certificate is over.
int holdfast_tls_certificate_is_over(const struct holdfast_tls_context *context);

// One end of a connection; used by one thread at a time.
struct holdfast_tls;

// NULL without memory.
struct holdfast_tls *holdfast_tls_new(struct holdfast_tls_context *context);
void holdfast_tls_free(struct holdfast_tls *tls);
// For a client: whose certificate must be shown, a name or an address in digits. 0, or -1.
int holdfast_tls_expect_host(struct holdfast_tls *tls, const char *host, int is_address);

// Bytes of the other end; they are only lent, and read by the calls below until holdfast_tls_keep.
void holdfast_tls_lend(struct holdfast_tls *tls, const unsigned char *bytes, size_t count);
// Copies what was lent and not read yet; 0, or -1 without memory.
int holdfast_tls_keep(struct holdfast_tls *tls);
// How many bytes wait to be read.
size_t holdfast_tls_unread(const struct holdfast_tls *tls);

// Bytes for the other end: where they begin, and how many there are.
size_t holdfast_tls_outbound(const struct holdfast_tls *tls, const unsigned char **bytes);
// So many of them were sent.
void holdfast_tls_sent(struct holdfast_tls *tls, size_t count);

// What came of a call that has no number to give.
#define HOLDFAST_TLS_WANTS_MORE 0
#define HOLDFAST_TLS_FAILED -1
#define HOLDFAST_TLS_ENDED -2

// 1 when both ends know each other, else one of the above.
int holdfast_tls_handshake(struct holdfast_tls *tls);
// How many bytes of the other end were read, else one of the above; at most 2^30 at a time.
int holdfast_tls_read(struct holdfast_tls *tls, unsigned char *bytes, size_t count);
// How many bytes were taken, or HOLDFAST_TLS_FAILED; at most one record's.
#define HOLDFAST_TLS_RECORD_BYTES 16384
int holdfast_tls_write(struct holdfast_tls *tls, const unsigned char *bytes, size_t count);
// Tells the other end that no more comes.
void holdfast_tls_finish(struct holdfast_tls *tls);

// Why the other end's certificate was not believed: X509_V_OK (0) where that was not it. The text lives for ever.
long holdfast_tls_verdict(const struct holdfast_tls *tls);
const char *holdfast_tls_verdict_text(long verdict);
// "TLSv1.3".
const char *holdfast_tls_version(const struct holdfast_tls *tls);
// What the client's certificate calls it: its common name, else the first URI, DNS name or e-mail address among its
// other names. Gives the length, 0 where there is none that fits.
size_t holdfast_tls_peer_name(const struct holdfast_tls *tls, char *name, size_t capacity);

#endif
