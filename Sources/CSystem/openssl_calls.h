// The functions of the system's OpenSSL that this house calls, as a table that the loader fills. Declared
// here, because a build must not need OpenSSL's headers: the library is found at run time. Only functions
// that OpenSSL 3 exports under these names and promises to keep; its macros stand here as what they call.
#ifndef HOLDFAST_OPENSSL_CALLS_H
#define HOLDFAST_OPENSSL_CALLS_H

#include <stddef.h>
#include <stdint.h>

// Handles that are only passed around.
typedef struct bio BIO;
typedef struct bio_method BIO_METHOD;
typedef struct bignum BIGNUM;
typedef struct digest EVP_MD;
typedef struct digest_context EVP_MD_CTX;
typedef struct key EVP_PKEY;
typedef struct key_context EVP_PKEY_CTX;
typedef struct signature_numbers ECDSA_SIG;
typedef struct parameter OSSL_PARAM;
typedef struct parameter_builder OSSL_PARAM_BLD;
typedef struct certificate X509;

// Asked for a pass phrase; nobody is there to be asked.
typedef int (*holdfast_pass_phrase)(char *buffer, int size, int is_writing, void *context);

// Each line: what it returns, its name, its parameters.
#define HOLDFAST_CRYPTO_CALLS(CALL) \
    CALL(unsigned long, OpenSSL_version_num, (void)) \
    CALL(int, CRYPTO_memcmp, (const void *, const void *, size_t)) \
    CALL(unsigned long, ERR_get_error, (void)) \
    CALL(const char *, ERR_reason_error_string, (unsigned long)) \
    CALL(void, ERR_clear_error, (void)) \
    CALL(const EVP_MD *, EVP_sha256, (void)) \
    CALL(int, EVP_Digest, \
         (const void *, size_t, unsigned char *, unsigned *, const EVP_MD *, void *)) \
    CALL(unsigned char *, HMAC, (const EVP_MD *, const void *, int, const unsigned char *, size_t, \
                                 unsigned char *, unsigned *)) \
    CALL(EVP_MD_CTX *, EVP_MD_CTX_new, (void)) \
    CALL(void, EVP_MD_CTX_free, (EVP_MD_CTX *)) \
    CALL(int, EVP_DigestVerifyInit, \
         (EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, void *, EVP_PKEY *)) \
    CALL(int, EVP_DigestVerify, \
         (EVP_MD_CTX *, const unsigned char *, size_t, const unsigned char *, size_t)) \
    CALL(BIO *, BIO_new_mem_buf, (const void *, int)) \
    CALL(void, BIO_free_all, (BIO *)) \
    CALL(EVP_PKEY *, PEM_read_bio_PUBKEY, (BIO *, EVP_PKEY **, holdfast_pass_phrase, void *)) \
    CALL(X509 *, PEM_read_bio_X509, (BIO *, X509 **, holdfast_pass_phrase, void *)) \
    CALL(EVP_PKEY *, X509_get_pubkey, (X509 *)) \
    CALL(void, X509_free, (X509 *)) \
    CALL(void, EVP_PKEY_free, (EVP_PKEY *)) \
    CALL(int, EVP_PKEY_is_a, (const EVP_PKEY *, const char *)) \
    CALL(int, EVP_PKEY_get_bits, (const EVP_PKEY *)) \
    CALL(int, EVP_PKEY_get_group_name, (const EVP_PKEY *, char *, size_t, size_t *)) \
    CALL(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_name, (void *, const char *, const char *)) \
    CALL(void, EVP_PKEY_CTX_free, (EVP_PKEY_CTX *)) \
    CALL(int, EVP_PKEY_fromdata_init, (EVP_PKEY_CTX *)) \
    CALL(int, EVP_PKEY_fromdata, (EVP_PKEY_CTX *, EVP_PKEY **, int, OSSL_PARAM *)) \
    CALL(OSSL_PARAM_BLD *, OSSL_PARAM_BLD_new, (void)) \
    CALL(void, OSSL_PARAM_BLD_free, (OSSL_PARAM_BLD *)) \
    CALL(int, OSSL_PARAM_BLD_push_BN, (OSSL_PARAM_BLD *, const char *, const BIGNUM *)) \
    CALL(int, OSSL_PARAM_BLD_push_utf8_string, \
         (OSSL_PARAM_BLD *, const char *, const char *, size_t)) \
    CALL(int, OSSL_PARAM_BLD_push_octet_string, \
         (OSSL_PARAM_BLD *, const char *, const void *, size_t)) \
    CALL(OSSL_PARAM *, OSSL_PARAM_BLD_to_param, (OSSL_PARAM_BLD *)) \
    CALL(void, OSSL_PARAM_free, (OSSL_PARAM *)) \
    CALL(BIGNUM *, BN_bin2bn, (const unsigned char *, int, BIGNUM *)) \
    CALL(void, BN_free, (BIGNUM *)) \
    CALL(ECDSA_SIG *, ECDSA_SIG_new, (void)) \
    CALL(void, ECDSA_SIG_free, (ECDSA_SIG *)) \
    CALL(int, ECDSA_SIG_set0, (ECDSA_SIG *, BIGNUM *, BIGNUM *)) \
    CALL(int, i2d_ECDSA_SIG, (const ECDSA_SIG *, unsigned char **))

// Of libssl.
#define HOLDFAST_TLS_CALLS(CALL) \
    CALL(int, OPENSSL_init_ssl, (uint64_t, const void *))

struct holdfast_openssl {
#define CALL(result, name, parameters) result(*name) parameters;
    HOLDFAST_CRYPTO_CALLS(CALL)
    HOLDFAST_TLS_CALLS(CALL)
#undef CALL
};

// Filled by holdfast_openssl_problem, and only to be used after it found none.
extern struct holdfast_openssl openssl;

// Answers that there is no pass phrase.
int holdfast_no_pass_phrase(char *buffer, int size, int is_writing, void *context);

#endif
