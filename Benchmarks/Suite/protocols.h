// What the load generator says and hears, in the words of each protocol: a cycle's acquire and its release, and where
// an answer ends. Included by the generator alone; texts are put together in place, because it must be cheaper than
// any server it measures.

#ifndef HOLDFAST_PROTOCOLS_H
#define HOLDFAST_PROTOCOLS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICKET = 96 };

typedef enum { HOLDFAST, HTTP, REDIS, FLOOR, ETCD } protocol;
typedef enum { OWN, HAND_OVER, SHARED, PERMIT, BEHIND, EXPIRING, HOLD } shape;

typedef struct {
    uint64_t sent_at;
    uint64_t key;
    bool holds;
    uint8_t ticket_bytes;
    char ticket[TICKET];
} cycle;

static protocol speaks;
static shape form;
static int connection_count = 64, depth = 1;
static char release_script[41];
static char etcd_lease[24];
static char prefix[32]; // of this run: what an earlier one held when it ended is no concern of it

static void fail(const char *what, const char *detail, size_t count) {
    fprintf(stderr, "load: %s: %.*s\n", what, (int)count, detail);
    exit(70);
}

// MARK: what is said

static char *put(char *to, const char *text) {
    size_t count = strlen(text);
    memcpy(to, text, count);
    return to + count;
}

static char *put_number(char *to, uint64_t number) {
    char digits[20];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count) *to++ = digits[--count];
    return to;
}

/// The key of a cycle: its own, one of the many it goes through, or everybody's.
static char *put_key(char *to, const cycle *one) {
    if (form == HAND_OVER || form == SHARED || form == PERMIT) return put(put(to, prefix), "one");
    return put_number(put(put(to, prefix), "key/"), one->key);
}

/// As etcd wants its bytes in JSON.
static char *put_base64_key(char *to, const cycle *one) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char name[64];
    size_t count = (size_t)(put_key(name, one) - name);
    for (size_t at = 0; at < count; at += 3) {
        uint32_t bits = 0;
        for (size_t part = 0; part < 3; part++)
            bits = bits << 8 | (at + part < count ? (uint8_t)name[at + part] : 0);
        for (size_t part = 0; part < 4; part++)
            *to++ = at + part <= count ? letters[bits >> (18 - 6 * part) & 63] : '=';
    }
    return to;
}

static char *put_post(char *to, const char *path, const char *body, size_t count) {
    to = put(put(put(to, "POST "), path), " HTTP/1.1\r\nHost: localhost\r\n");
    to = put(to, "Content-Type: application/json\r\nContent-Length: ");
    to = put(put_number(to, count), "\r\n\r\n");
    memcpy(to, body, count);
    return to + count;
}

static char *put_bulk_key(char *to, const cycle *one) {
    char name[64];
    uint64_t count = (uint64_t)(put_key(name, one) - name);
    to = put(put_number(put(to, "$"), count), "\r\n");
    memcpy(to, name, count);
    return put(to + count, "\r\n");
}

static char *put_terms(char *to) {
    if (form == SHARED) return put(to, ",\"mode\":\"shared\"");
    if (form != PERMIT) return to;
    to = put(to, ",\"mode\":\"permit\",\"of\":");
    return put_number(to, (uint64_t)(connection_count * depth));
}

static char *put_acquire(char *to, int number, const cycle *one) {
    switch (speaks) {
    case HOLDFAST:
        to = put_number(put(to, "{\"id\":"), (uint64_t)number);
        to = put(to, form == HAND_OVER ? ",\"op\":\"lock\"" : ",\"op\":\"queue\"");
        to = put(put_key(put(to, ",\"resource\":\""), one), "\"");
        return put(put_terms(to), form == HOLD ? ",\"lease\":3600}\n" : ",\"lease\":600,\"notify\":\"none\"}\n");
    case HTTP: {
        char body[256], *end = put(body, "{\"resource\":\"");
        end = put(put(put_key(end, one), "\""), ",\"lease\":600}");
        return put_post(to, "/v1/tickets", body, (size_t)(end - body));
    }
    case ETCD: {
        char body[256], *end = put(put_base64_key(put(body, "{\"name\":\""), one), "\",\"lease\":\"");
        end = put(put(end, etcd_lease), "\"}");
        return put_post(to, "/v3/lock/lock", body, (size_t)(end - body));
    }
    case REDIS:
        if (form == HAND_OVER) {
            return put(put_bulk_key(put(to, "*3\r\n$5\r\nBLPOP\r\n"), one), "$1\r\n0\r\n");
        }
        to = put(to, "*6\r\n$3\r\nSET\r\n");
        to = put(put_bulk_key(to, one), "$16\r\nowner-0123456789\r\n");
        return put(to, "$2\r\nNX\r\n$2\r\nPX\r\n$7\r\n3600000\r\n");
    case FLOOR:
        if (form == HAND_OVER) return put(to, "W\n");
        memset(to, 'x', 119);
        to[119] = '\n';
        return to + 120;
    }
    return to;
}

static char *put_release(char *to, int number, const cycle *one) {
    switch (speaks) {
    case HOLDFAST:
        to = put_number(put(to, "{\"id\":"), (uint64_t)number);
        to = put(to, ",\"op\":\"release\",\"ticket\":\"");
        memcpy(to, one->ticket, one->ticket_bytes);
        return put(to + one->ticket_bytes, "\"}\n");
    case HTTP:
        to = put(to, "DELETE /v1/tickets/");
        memcpy(to, one->ticket, one->ticket_bytes);
        return put(to + one->ticket_bytes, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    case ETCD: {
        char body[256], *end = put(body, "{\"key\":\"");
        memcpy(end, one->ticket, one->ticket_bytes);
        end = put(end + one->ticket_bytes, "\"}");
        return put_post(to, "/v3/lock/unlock", body, (size_t)(end - body));
    }
    case REDIS:
        if (form == HAND_OVER) {
            return put(put_bulk_key(put(to, "*3\r\n$5\r\nRPUSH\r\n"), one), "$1\r\n1\r\n");
        }
        to = put(put(to, "*5\r\n$7\r\nEVALSHA\r\n$40\r\n"), release_script);
        return put(put_bulk_key(put(to, "\r\n$1\r\n1\r\n"), one), "$16\r\nowner-0123456789\r\n");
    case FLOOR:
        if (form == HAND_OVER) return put(to, "R\n");
        memset(to, 'y', 119);
        to[119] = '\n';
        return to + 120;
    }
    return to;
}

// MARK: what is heard

/// The length of the first whole answer in these bytes, or 0.
static size_t answer_length(const char *bytes, size_t count) {
    if (speaks == HOLDFAST || speaks == FLOOR) {
        const char *end = memchr(bytes, '\n', count);
        return end ? (size_t)(end - bytes) + 1 : 0;
    }
    if (speaks == HTTP || speaks == ETCD) {
        const char *end = memmem(bytes, count, "\r\n\r\n", 4);
        if (!end) return 0;
        size_t head = (size_t)(end - bytes) + 4;
        const char *length = memmem(bytes, head, "Content-Length: ", 16);
        size_t all_of_it = head + (length ? strtoul(length + 16, NULL, 10) : 0);
        return all_of_it <= count ? all_of_it : 0;
    }
    const char *end = memmem(bytes, count, "\r\n", 2);
    if (!end) return 0;
    size_t used = (size_t)(end - bytes) + 2;
    if (bytes[0] != '*') return used;
    for (long parts = strtol(bytes + 1, NULL, 10) * 2; parts > 0; parts--) {
        end = memmem(bytes + used, count - used, "\r\n", 2);
        if (!end) return 0;
        used = (size_t)(end - bytes) + 2;
    }
    return used;
}

static void keep_ticket(cycle *one, const char *bytes, size_t count) {
    const char *name = speaks == ETCD ? "\"key\":\"" : "\"ticket\":\"";
    const char *start = memmem(bytes, count, name, strlen(name));
    if (!start) fail("no ticket in", bytes, count);
    start += strlen(name);
    const char *end = memchr(start, '"', (size_t)(bytes + count - start));
    if (!end || end - start > TICKET) fail("no ticket in", bytes, count);
    one->ticket_bytes = (uint8_t)(end - start);
    memcpy(one->ticket, start, one->ticket_bytes);
}

static void check(const char *bytes, size_t count) {
    bool good = speaks == FLOOR || (speaks == REDIS && bytes[0] != '-' && bytes[0] != '$')
        || ((speaks == HTTP || speaks == ETCD) && !memcmp(bytes, "HTTP/1.1 2", 10))
        || (speaks == HOLDFAST && memmem(bytes, count, "\"ok\":true", 9));
    if (!good) fail("refused", bytes, count);
}

#endif
