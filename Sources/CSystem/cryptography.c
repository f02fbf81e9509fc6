// Digests, codes and signatures by OpenSSL. A key is the library's own object; which kinds are good enough is
// decided in Swift.

#include "openssl.h"
#include "openssl_calls.h"

#include <limits.h>
#include <string.h>

// Nothing of what failed may be told of the next call.
static int ended(int is_good) {
    openssl.ERR_clear_error();
    return is_good;
}

int holdfast_sha256(const void *bytes, size_t count, unsigned char *digest) {
    unsigned length = 0;
    int done = openssl.EVP_Digest(bytes, count, digest, &length, openssl.EVP_sha256(), NULL);
    return ended(done == 1 && length == HOLDFAST_SHA256_BYTES) ? 0 : -1;
}

int holdfast_hmac_sha256(const void *key, size_t key_count, const void *message,
                         size_t message_count, unsigned char *code) {
    if (key_count > INT_MAX) return -1;
    unsigned length = 0;
    // No key at all means "the one before" to the library; an empty one must not.
    const void *begin = key_count == 0 ? "" : key;
    unsigned char *done = openssl.HMAC(openssl.EVP_sha256(), begin, (int)key_count, message,
                                       message_count, code, &length);
    return ended(done != NULL && length == HOLDFAST_SHA256_BYTES) ? 0 : -1;
}

int holdfast_is_equal(const void *left, const void *right, size_t count) {
    return count == 0 || openssl.CRYPTO_memcmp(left, right, count) == 0;
}

// MARK: Keys

static EVP_PKEY *library_key(const struct holdfast_key *key) { return (EVP_PKEY *)key; }

static struct holdfast_key *own_key(EVP_PKEY *key) {
    openssl.ERR_clear_error();
    return (struct holdfast_key *)key;
}

static EVP_PKEY *key_of_certificate(const char *text, size_t count) {
    BIO *input = openssl.BIO_new_mem_buf(text, (int)count);
    if (input == NULL) return NULL;
    X509 *certificate = openssl.PEM_read_bio_X509(input, NULL, holdfast_no_pass_phrase, NULL);
    EVP_PKEY *key = certificate == NULL ? NULL : openssl.X509_get_pubkey(certificate);
    openssl.X509_free(certificate);
    openssl.BIO_free_all(input);
    return key;
}

struct holdfast_key *holdfast_key_from_pem(const char *text, size_t count) {
    if (count > INT_MAX) return NULL;
    BIO *input = openssl.BIO_new_mem_buf(text, (int)count);
    if (input == NULL) return own_key(NULL);
    EVP_PKEY *key = openssl.PEM_read_bio_PUBKEY(input, NULL, holdfast_no_pass_phrase, NULL);
    openssl.BIO_free_all(input);
    return own_key(key != NULL ? key : key_of_certificate(text, count));
}

// EVP_PKEY_PUBLIC_KEY: the public key and what belongs to it.
#define PUBLIC_KEY 0x86

static EVP_PKEY *key_from(const char *kind, OSSL_PARAM_BLD *builder) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = openssl.OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = openssl.EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (parameters != NULL && context != NULL && openssl.EVP_PKEY_fromdata_init(context) == 1)
        openssl.EVP_PKEY_fromdata(context, &key, PUBLIC_KEY, parameters);
    openssl.EVP_PKEY_CTX_free(context);
    openssl.OSSL_PARAM_free(parameters);
    return key;
}

struct holdfast_key *holdfast_key_rsa(const unsigned char *modulus, size_t modulus_count,
                                      const unsigned char *exponent, size_t exponent_count) {
    if (modulus_count > INT_MAX || exponent_count > INT_MAX) return NULL;
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *builder = openssl.OSSL_PARAM_BLD_new();
    BIGNUM *n = openssl.BN_bin2bn(modulus, (int)modulus_count, NULL);
    BIGNUM *e = openssl.BN_bin2bn(exponent, (int)exponent_count, NULL);
    if (builder != NULL && n != NULL && e != NULL
        && openssl.OSSL_PARAM_BLD_push_BN(builder, "n", n) == 1
        && openssl.OSSL_PARAM_BLD_push_BN(builder, "e", e) == 1)
        key = key_from("RSA", builder);
    // The builder lends the numbers until it is gone.
    openssl.OSSL_PARAM_BLD_free(builder);
    openssl.BN_free(n);
    openssl.BN_free(e);
    return own_key(key);
}

struct holdfast_key *holdfast_key_p256(const unsigned char *point, size_t count) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *builder = openssl.OSSL_PARAM_BLD_new();
    if (builder != NULL
        && openssl.OSSL_PARAM_BLD_push_utf8_string(builder, "group", "prime256v1", 0) == 1
        && openssl.OSSL_PARAM_BLD_push_octet_string(builder, "pub", point, count) == 1)
        key = key_from("EC", builder);
    openssl.OSSL_PARAM_BLD_free(builder);
    return own_key(key);
}

void holdfast_key_free(struct holdfast_key *key) { openssl.EVP_PKEY_free(library_key(key)); }

int holdfast_key_rsa_bits(const struct holdfast_key *key) {
    // A key for RSA-PSS alone is of another kind.
    int bits = openssl.EVP_PKEY_is_a(library_key(key), "RSA") == 1
        ? openssl.EVP_PKEY_get_bits(library_key(key)) : 0;
    return ended(bits);
}

int holdfast_key_is_p256(const struct holdfast_key *key) {
    char name[64];
    size_t length = 0;
    int is_p256 = openssl.EVP_PKEY_is_a(library_key(key), "EC") == 1
        && openssl.EVP_PKEY_get_group_name(library_key(key), name, sizeof name, &length) == 1
        && strcmp(name, "prime256v1") == 0;
    return ended(is_p256);
}

// MARK: Signatures

int holdfast_key_verifies(struct holdfast_key *key, const unsigned char *signature,
                          size_t signature_count, const unsigned char *message,
                          size_t message_count) {
    const EVP_MD *digest = openssl.EVP_sha256();
    EVP_MD_CTX *context = openssl.EVP_MD_CTX_new();
    int is_good = context != NULL
        && openssl.EVP_DigestVerifyInit(context, NULL, digest, NULL, library_key(key)) == 1
        && openssl.EVP_DigestVerify(context, signature, signature_count, message,
                                    message_count) == 1;
    openssl.EVP_MD_CTX_free(context);
    return ended(is_good);
}

size_t holdfast_der_signature(const unsigned char *raw, unsigned char *der) {
    BIGNUM *r = openssl.BN_bin2bn(raw, 32, NULL);
    BIGNUM *s = openssl.BN_bin2bn(raw + 32, 32, NULL);
    ECDSA_SIG *signature = openssl.ECDSA_SIG_new();
    int length = 0;
    if (r != NULL && s != NULL && signature != NULL
        && openssl.ECDSA_SIG_set0(signature, r, s) == 1) {
        r = s = NULL;
        length = openssl.i2d_ECDSA_SIG(signature, NULL);
        if (length > 0 && length <= HOLDFAST_DER_SIGNATURE_BYTES) {
            unsigned char *next = der;
            length = openssl.i2d_ECDSA_SIG(signature, &next);
        }
    }
    openssl.BN_free(r);
    openssl.BN_free(s);
    openssl.ECDSA_SIG_free(signature);
    openssl.ERR_clear_error();
    return length > 0 && length <= HOLDFAST_DER_SIGNATURE_BYTES ? (size_t)length : 0;
}
