// What the files of TLS know of each other's structs.
#ifndef HOLDFAST_TLS_PARTS_H
#define HOLDFAST_TLS_PARTS_H

#include "openssl.h"
#include "openssl_calls.h"
#include "tls.h"

struct holdfast_tls_context {
    SSL_CTX *library;
    int is_server;
    // Looked at by connections that are being made, for as long as there are any.
    unsigned char protocols[64];
    size_t protocols_count;
};

struct holdfast_tls {
    SSL *library;
    // What the other end sent and was not read: lent, or inside `kept`.
    const unsigned char *inbound;
    size_t inbound_count;
    unsigned char *kept;
    // What is to be sent: from `sent` to `made`.
    unsigned char *outbound;
    size_t sent;
    size_t made;
    size_t capacity;
};

#endif
