// The system's OpenSSL 3, found when it is first needed, and what this house asks it for: digests, codes and
// signatures. Everything but the first call is only allowed after that call found no problem.
#ifndef HOLDFAST_OPENSSL_H
#define HOLDFAST_OPENSSL_H

#include <stddef.h>

// Finds the library, once in a process. NULL when it is usable, else why it is not. Any thread.
const char *holdfast_openssl_problem(void);

// Why the last call of this thread failed, in the library's words; forgets it. The text lives for ever.
const char *holdfast_openssl_error(void);

#define HOLDFAST_SHA256_BYTES 32

// 0, or -1 where the library failed; `digest` has HOLDFAST_SHA256_BYTES.
int holdfast_sha256(const void *bytes, size_t count, unsigned char *digest);
int holdfast_hmac_sha256(const void *key, size_t key_count, const void *message,
                         size_t message_count, unsigned char *code);

// Whether two lists of one length are the same; the time it takes does not tell where they differ.
int holdfast_is_equal(const void *left, const void *right, size_t count);

// A public key.
struct holdfast_key;

// From text in PEM: a public key, or a certificate that holds one. NULL where it is neither.
struct holdfast_key *holdfast_key_from_pem(const char *text, size_t count);
// From numbers, the highest byte first. NULL where they are no key.
struct holdfast_key *holdfast_key_rsa(const unsigned char *modulus, size_t modulus_count,
                                      const unsigned char *exponent, size_t exponent_count);
// From an uncompressed point of the curve P-256: 4, x, y.
struct holdfast_key *holdfast_key_p256(const unsigned char *point, size_t count);
void holdfast_key_free(struct holdfast_key *key);

// How many bits an RSA key has; 0 for any other.
int holdfast_key_rsa_bits(const struct holdfast_key *key);
int holdfast_key_is_p256(const struct holdfast_key *key);

// Whether `signature` is this key's of the message, over SHA-256: PKCS #1 v1.5 for RSA, DER for a curve.
int holdfast_key_verifies(struct holdfast_key *key, const unsigned char *signature,
                          size_t signature_count, const unsigned char *message,
                          size_t message_count);

// Turns 64 raw bytes, r and s, into DER; gives its length, 0 where they cannot be. `der` has 72 bytes.
#define HOLDFAST_DER_SIGNATURE_BYTES 72
size_t holdfast_der_signature(const unsigned char *raw, unsigned char *der);

#endif
