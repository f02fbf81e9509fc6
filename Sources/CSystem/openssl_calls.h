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
typedef struct certificate_name X509_NAME;
typedef struct certificate_name_entry X509_NAME_ENTRY;
typedef struct verification X509_VERIFY_PARAM;
typedef struct text ASN1_STRING;
typedef struct general_name GENERAL_NAME;
typedef struct stack OPENSSL_STACK;
typedef struct tls_method SSL_METHOD;
typedef struct tls_context SSL_CTX;
typedef struct tls SSL;

// Asked for a pass phrase; nobody is there to be asked.
typedef int (*holdfast_pass_phrase)(char *buffer, int size, int is_writing, void *context);

// What a source of bytes of one's own consists of.
typedef int (*holdfast_bio_write)(BIO *bio, const char *bytes, int count);
typedef int (*holdfast_bio_read)(BIO *bio, char *bytes, int count);
typedef long (*holdfast_bio_control)(BIO *bio, int command, long number, void *pointer);

// Chooses one of the protocols that a client offers.
typedef int (*holdfast_protocol_choice)(SSL *tls, const unsigned char **chosen,
                                        unsigned char *chosen_count, const unsigned char *offered,
                                        unsigned offered_count, void *context);

// Each line: what it returns, its name, its parameters.
#define HOLDFAST_CRYPTO_CALLS(CALL) \
    CALL(unsigned long, OpenSSL_version_num, (void)) \
    CALL(int, CRYPTO_memcmp, (const void *, const void *, size_t)) \
    CALL(unsigned long, ERR_get_error, (void)) \
    CALL(const char *, ERR_reason_error_string, (unsigned long)) \
    CALL(void, ERR_clear_error, (void)) \
    CALL(const EVP_MD *, EVP_sha256, (void)) \
    CALL(int, EVP_Digest, (const void *, size_t, unsigned char *, unsigned *, const EVP_MD *, \
                           void *)) \
    CALL(unsigned char *, HMAC, (const EVP_MD *, const void *, int, const unsigned char *, size_t, \
                                 unsigned char *, unsigned *)) \
    CALL(EVP_MD_CTX *, EVP_MD_CTX_new, (void)) \
    CALL(void, EVP_MD_CTX_free, (EVP_MD_CTX *)) \
    CALL(int, EVP_DigestVerifyInit, (EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, void *, \
                                     EVP_PKEY *)) \
    CALL(int, EVP_DigestVerify, (EVP_MD_CTX *, const unsigned char *, size_t, \
                                 const unsigned char *, size_t)) \
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
    CALL(int, OSSL_PARAM_BLD_push_utf8_string, (OSSL_PARAM_BLD *, const char *, const char *, \
                                                size_t)) \
    CALL(int, OSSL_PARAM_BLD_push_octet_string, (OSSL_PARAM_BLD *, const char *, const void *, \
                                                 size_t)) \
    CALL(OSSL_PARAM *, OSSL_PARAM_BLD_to_param, (OSSL_PARAM_BLD *)) \
    CALL(void, OSSL_PARAM_free, (OSSL_PARAM *)) \
    CALL(BIGNUM *, BN_bin2bn, (const unsigned char *, int, BIGNUM *)) \
    CALL(void, BN_free, (BIGNUM *)) \
    CALL(ECDSA_SIG *, ECDSA_SIG_new, (void)) \
    CALL(void, ECDSA_SIG_free, (ECDSA_SIG *)) \
    CALL(int, ECDSA_SIG_set0, (ECDSA_SIG *, BIGNUM *, BIGNUM *)) \
    CALL(int, i2d_ECDSA_SIG, (const ECDSA_SIG *, unsigned char **)) \
    CALL(void, CRYPTO_free, (void *, const char *, int)) \
    CALL(EVP_PKEY *, PEM_read_bio_PrivateKey, (BIO *, EVP_PKEY **, holdfast_pass_phrase, void *)) \
    CALL(const ASN1_STRING *, X509_get0_notAfter, (const X509 *)) \
    CALL(int, X509_cmp_current_time, (const ASN1_STRING *)) \
    CALL(X509_NAME *, X509_get_subject_name, (const X509 *)) \
    CALL(int, X509_NAME_get_index_by_NID, (const X509_NAME *, int, int)) \
    CALL(X509_NAME_ENTRY *, X509_NAME_get_entry, (const X509_NAME *, int)) \
    CALL(ASN1_STRING *, X509_NAME_ENTRY_get_data, (const X509_NAME_ENTRY *)) \
    CALL(void *, X509_get_ext_d2i, (const X509 *, int, int *, int *)) \
    CALL(int, X509_VERIFY_PARAM_set1_ip_asc, (X509_VERIFY_PARAM *, const char *)) \
    CALL(const char *, X509_verify_cert_error_string, (long)) \
    CALL(int, ASN1_STRING_to_UTF8, (unsigned char **, const ASN1_STRING *)) \
    CALL(int, OPENSSL_sk_num, (const OPENSSL_STACK *)) \
    CALL(void *, OPENSSL_sk_value, (const OPENSSL_STACK *, int)) \
    CALL(void *, GENERAL_NAME_get0_value, (const GENERAL_NAME *, int *)) \
    CALL(void, GENERAL_NAMES_free, (OPENSSL_STACK *)) \
    CALL(int, BIO_get_new_index, (void)) \
    CALL(BIO_METHOD *, BIO_meth_new, (int, const char *)) \
    CALL(int, BIO_meth_set_write, (BIO_METHOD *, holdfast_bio_write)) \
    CALL(int, BIO_meth_set_read, (BIO_METHOD *, holdfast_bio_read)) \
    CALL(int, BIO_meth_set_ctrl, (BIO_METHOD *, holdfast_bio_control)) \
    CALL(BIO *, BIO_new, (const BIO_METHOD *)) \
    CALL(void, BIO_set_init, (BIO *, int)) \
    CALL(void, BIO_set_data, (BIO *, void *)) \
    CALL(void *, BIO_get_data, (BIO *)) \
    CALL(void, BIO_set_flags, (BIO *, int)) \
    CALL(void, BIO_clear_flags, (BIO *, int))

// Of libssl.
#define HOLDFAST_TLS_CALLS(CALL) \
    CALL(int, OPENSSL_init_ssl, (uint64_t, const void *)) \
    CALL(const SSL_METHOD *, TLS_method, (void)) \
    CALL(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *)) \
    CALL(void, SSL_CTX_free, (SSL_CTX *)) \
    CALL(long, SSL_CTX_ctrl, (SSL_CTX *, int, long, void *)) \
    CALL(uint64_t, SSL_CTX_set_options, (SSL_CTX *, uint64_t)) \
    CALL(int, SSL_CTX_set_num_tickets, (SSL_CTX *, size_t)) \
    CALL(int, SSL_CTX_set_cipher_list, (SSL_CTX *, const char *)) \
    CALL(int, SSL_CTX_use_certificate_chain_file, (SSL_CTX *, const char *)) \
    CALL(X509 *, SSL_CTX_get0_certificate, (const SSL_CTX *)) \
    CALL(int, SSL_CTX_use_PrivateKey, (SSL_CTX *, EVP_PKEY *)) \
    CALL(int, SSL_CTX_check_private_key, (const SSL_CTX *)) \
    CALL(void, SSL_CTX_set_verify, (SSL_CTX *, int, void *)) \
    CALL(int, SSL_CTX_load_verify_file, (SSL_CTX *, const char *)) \
    CALL(int, SSL_CTX_set_default_verify_paths, (SSL_CTX *)) \
    CALL(OPENSSL_STACK *, SSL_load_client_CA_file, (const char *)) \
    CALL(void, SSL_CTX_set_client_CA_list, (SSL_CTX *, OPENSSL_STACK *)) \
    CALL(void, SSL_CTX_set_alpn_select_cb, (SSL_CTX *, holdfast_protocol_choice, void *)) \
    CALL(int, SSL_CTX_set_alpn_protos, (SSL_CTX *, const unsigned char *, unsigned)) \
    CALL(int, SSL_select_next_proto, (unsigned char **, unsigned char *, const unsigned char *, \
                                      unsigned, const unsigned char *, unsigned)) \
    CALL(SSL *, SSL_new, (SSL_CTX *)) \
    CALL(void, SSL_free, (SSL *)) \
    CALL(void, SSL_set_bio, (SSL *, BIO *, BIO *)) \
    CALL(void, SSL_set_accept_state, (SSL *)) \
    CALL(void, SSL_set_connect_state, (SSL *)) \
    CALL(long, SSL_ctrl, (SSL *, int, long, void *)) \
    CALL(int, SSL_set1_host, (SSL *, const char *)) \
    CALL(void, SSL_set_hostflags, (SSL *, unsigned)) \
    CALL(X509_VERIFY_PARAM *, SSL_get0_param, (SSL *)) \
    CALL(int, SSL_do_handshake, (SSL *)) \
    CALL(int, SSL_read, (SSL *, void *, int)) \
    CALL(int, SSL_write, (SSL *, const void *, int)) \
    CALL(int, SSL_shutdown, (SSL *)) \
    CALL(int, SSL_get_error, (const SSL *, int)) \
    CALL(long, SSL_get_verify_result, (const SSL *)) \
    CALL(const char *, SSL_get_version, (const SSL *)) \
    CALL(X509 *, SSL_get1_peer_certificate, (const SSL *))

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
