// What a client's certificate calls it. A name with a zero byte inside is none: what is behind it would be seen by one
// reader and not by another.

#include "tls_parts.h"

#include <string.h>

#define COMMON_NAME 13
#define ALTERNATIVE_NAMES 85
// Kinds of alternative names.
#define E_MAIL 1
#define DNS 2
#define URI 6

static size_t copy_text(const ASN1_STRING *text, char *name, size_t capacity) {
    unsigned char *bytes = NULL;
    int count = text == NULL ? -1 : openssl.ASN1_STRING_to_UTF8(&bytes, text);
    size_t length = 0;
    if (count > 0 && (size_t)count <= capacity && memchr(bytes, 0, (size_t)count) == NULL) {
        memcpy(name, bytes, (size_t)count);
        length = (size_t)count;
    }
    if (count >= 0) openssl.CRYPTO_free(bytes, __FILE__, __LINE__);
    return length;
}

static size_t common_name(const X509 *certificate, char *name, size_t capacity) {
    const X509_NAME *subject = openssl.X509_get_subject_name(certificate);
    if (subject == NULL) return 0;
    int index = openssl.X509_NAME_get_index_by_NID(subject, COMMON_NAME, -1);
    if (index < 0) return 0;
    const X509_NAME_ENTRY *entry = openssl.X509_NAME_get_entry(subject, index);
    return copy_text(openssl.X509_NAME_ENTRY_get_data(entry), name, capacity);
}

static size_t first_of_kind(const OPENSSL_STACK *names, int kind, char *name, size_t capacity) {
    for (int i = 0; i < openssl.OPENSSL_sk_num(names); i++) {
        int found = -1;
        const ASN1_STRING *text =
            openssl.GENERAL_NAME_get0_value(openssl.OPENSSL_sk_value(names, i), &found);
        size_t length = found == kind ? copy_text(text, name, capacity) : 0;
        if (length > 0) return length;
    }
    return 0;
}

static size_t alternative_name(const X509 *certificate, char *name, size_t capacity) {
    OPENSSL_STACK *names = openssl.X509_get_ext_d2i(certificate, ALTERNATIVE_NAMES, NULL, NULL);
    if (names == NULL) return 0;
    static const int kinds[] = {URI, DNS, E_MAIL};
    size_t length = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && length == 0; i++)
        length = first_of_kind(names, kinds[i], name, capacity);
    openssl.GENERAL_NAMES_free(names);
    return length;
}

size_t holdfast_tls_peer_name(const struct holdfast_tls *tls, char *name, size_t capacity) {
    X509 *certificate = openssl.SSL_get1_peer_certificate(tls->library);
    if (certificate == NULL) return 0;
    size_t length = common_name(certificate, name, capacity);
    if (length == 0) length = alternative_name(certificate, name, capacity);
    openssl.X509_free(certificate);
    openssl.ERR_clear_error();
    return length;
}
