// The load generator: one thread, epoll, many connections with many cycles in flight each, so cheap that the machine's
// time goes to the server under test. A cycle is an acquire and its release; every protocol gets the same shape.
//
//     load PROTOCOL PORT [connections=64] [depth=1] [seconds=3] [warmup=1] [keys=0] [shape=own] [prefix=WORD] [pid=0]
//         [cycles=0]
//
// PROTOCOL is `holdfast`, `http`, `redis`, `etcd` or `floor`. Shapes:
//   own        each cycle in flight has keys of its own; with keys=N the cycles go through N of them
//   hand-over  all connections wait for one lock; the time from a release to the next holder's grant
//   shared     every holder shares one resource with all others (holdfast)
//   permit     every holder takes one of as many permits as there are cycles in flight (holdfast)
//   behind     connections hold keys of their own, beside one resource with keys=N waiters (holdfast)
//   expiring   the same, while the leases of keys=N others end in the measured time (holdfast)
//   hold       keys=N locks are taken and kept; it ends when the last is (holdfast, redis)
// With cycles=N it ends when so many are done, however much of its time is left.
// It prints one JSON object: cycles, seconds, the seconds of processor that process pid=N took meanwhile, and the
// percentiles of what it measured, in microseconds.

#define _GNU_SOURCE
#include "histogram.h"
#include "protocols.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { INPUT = 65536, OUTPUT = 131072, EVENTS = 256, DEEPEST = 1024 };

typedef struct {
    int fd;
    int index;
    int first, outstanding; // of the order in which answers come
    uint16_t order[DEEPEST];
    size_t in_bytes, out_bytes;
    cycle *cycles;
    char *in, *out;
} connection;

static int port;
static double seconds = 3, warmup = 1;
static uint64_t keys, cycles_max = UINT64_MAX;
static int server_pid;

static bool measuring;
static uint64_t done, released_at, expiry_start;
static histogram acquires, releases, hand_overs;
static connection *all;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// MARK: a connection

static void flush_out(connection *peer) {
    size_t sent = 0;
    while (sent < peer->out_bytes) {
        ssize_t count = send(peer->fd, peer->out + sent, peer->out_bytes - sent, MSG_NOSIGNAL);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (count <= 0) fail("cannot send", strerror(errno), 80);
        sent += (size_t)count;
    }
    peer->out_bytes = 0;
}

static void expect(connection *peer, int number, uint64_t time) {
    peer->order[(peer->first + peer->outstanding++) % DEEPEST] = (uint16_t)number;
    peer->cycles[number].sent_at = time;
}

static void acquire(connection *peer, int number, uint64_t time) {
    char *end = put_acquire(peer->out + peer->out_bytes, number, &peer->cycles[number]);
    peer->out_bytes = (size_t)(end - peer->out);
    expect(peer, number, time);
}

static void release(connection *peer, int number, uint64_t time) {
    char *end = put_release(peer->out + peer->out_bytes, number, &peer->cycles[number]);
    peer->out_bytes = (size_t)(end - peer->out);
    expect(peer, number, time);
}

static void next_key(cycle *one) {
    uint64_t stride = (uint64_t)(connection_count * depth);
    if (form != BEHIND && keys > stride) {
        one->key += stride;
        if (one->key >= keys) one->key %= stride;
    }
}

/// One answer: the next request of the cycle follows it at once.
static void hear(connection *peer, const char *bytes, size_t count, uint64_t time) {
    if (peer->outstanding == 0) fail("nobody asked for", bytes, count);
    check(bytes, count);
    int number = peer->order[peer->first];
    cycle *one = &peer->cycles[number];
    peer->first = (peer->first + 1) % DEEPEST;
    peer->outstanding--;
    uint64_t took = time - one->sent_at;
    one->holds = !one->holds;
    if (form == HOLD) {
        done++;
        one->holds = false;
        one->key += (uint64_t)(connection_count * depth);
        if (one->key < keys) acquire(peer, number, time);
        return;
    }
    if (one->holds) {
        if (speaks == HOLDFAST || speaks == HTTP || speaks == ETCD) keep_ticket(one, bytes, count);
        if (measuring) histogram_add(&acquires, took);
        if (form == HAND_OVER) {
            uint64_t arrived = now();
            if (measuring && released_at) histogram_add(&hand_overs, arrived - released_at);
            released_at = now();
        }
        release(peer, number, time);
        return;
    }
    if (measuring) {
        histogram_add(&releases, took);
        done++;
    }
    next_key(one);
    acquire(peer, number, time);
}

static void receive(connection *peer) {
    ssize_t got = recv(peer->fd, peer->in + peer->in_bytes, INPUT - peer->in_bytes, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) fail("the server closed", got ? strerror(errno) : "end", 40);
    peer->in_bytes += (size_t)got;
    uint64_t time = now();
    size_t used = 0;
    for (size_t length; (length = answer_length(peer->in + used, peer->in_bytes - used));
         used += length)
        hear(peer, peer->in + used, length, time);
    memmove(peer->in, peer->in + used, peer->in_bytes - used);
    peer->in_bytes -= used;
    flush_out(peer);
}

static int connect_once(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
        fail("cannot connect", strerror(errno), 80);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

/// Sends one request outside the measurement and returns its answer.
static void ask(int fd, const char *request, char *answer, size_t room) {
    size_t count = strlen(request), used = 0;
    if (write(fd, request, count) != (ssize_t)count) fail("cannot send", strerror(errno), 80);
    while (used + 1 < room) {
        ssize_t got = read(fd, answer + used, room - 1 - used);
        if (got <= 0) fail("the server closed", "", 0);
        used += (size_t)got;
        answer[used] = 0;
        if (answer_length(answer, used)) return;
    }
}

/// Reads so many answers to what was sent; all of them must be good.
static void hear_all(int fd, int count) {
    static char bytes[INPUT];
    size_t used = 0;
    while (count > 0) {
        ssize_t got = read(fd, bytes + used, sizeof bytes - used);
        if (got <= 0) fail("the server closed", "", 0);
        used += (size_t)got;
        size_t told = 0;
        for (size_t length; (length = answer_length(bytes + told, used - told)); told += length) {
            check(bytes + told, length);
            count--;
        }
        memmove(bytes, bytes + told, used - told);
        used -= told;
    }
}

/// Queues many tickets of one resource, or, without terms, of as many resources whose leases end one after another.
static void fill(int fd, uint64_t count, const char *terms, double room) {
    static char requests[OUTPUT];
    enum { BATCH = 256, LONGEST = 256 };
    uint64_t started = now();
    size_t used = 0;
    int asked = 0;
    for (uint64_t number = 0; number < count; number++) {
        char lease[48], key[24] = "deep";
        if (!terms) {
            double gone = (double)(now() - started) / 1e9;
            double end = room + seconds * (double)number / (double)count;
            snprintf(lease, sizeof lease, "\"lease\":%.6f", end - gone);
            snprintf(key, sizeof key, "end/%llu", (unsigned long long)number);
        }
        used += (size_t)snprintf(
            requests + used, LONGEST,
            "{\"op\":\"queue\",\"resource\":\"%s%s\",%s,\"pollWithin\":3600,\"notify\":\"none\"}\n",
            prefix, key, terms ? terms : lease);
        if (++asked < BATCH && number + 1 < count) continue;
        if (write(fd, requests, used) != (ssize_t)used) fail("cannot send", strerror(errno), 80);
        hear_all(fd, asked);
        used = 0;
        asked = 0;
    }
}

/// What was queued for this run alone is no concern of the next.
static void clear(void) {
    char request[128], answer[4096];
    int fd = connect_once();
    snprintf(request, sizeof request, "{\"op\":\"clear\",\"resource\":\"%sdeep\"}\n", prefix);
    ask(fd, request, answer, sizeof answer);
    close(fd);
}

/// What must be there before the first cycle.
static void prepare(void) {
    char answer[4096];
    int fd = connect_once();
    if (speaks == REDIS) {
        ask(fd, "*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n$93\r\n"
                "if redis.call('get',KEYS[1])==ARGV[1] "
                "then return redis.call('del',KEYS[1]) else return 0 end\r\n",
            answer, sizeof answer);
        if (answer[0] != '$') fail("cannot load the script", answer, strlen(answer));
        memcpy(release_script, strchr(answer, '\n') + 1, 40);
        if (form == HAND_OVER) {
            char request[256];
            *put_release(request, 0, &(cycle){0}) = 0;
            ask(fd, request, answer, sizeof answer);
        }
    }
    if (speaks == FLOOR && form == HAND_OVER) ask(fd, "R\n", answer, sizeof answer);
    if (speaks == ETCD) {
        ask(fd, "POST /v3/lease/grant HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n{\"TTL\":600}",
            answer, sizeof answer);
        const char *id = strstr(answer, "\"ID\":\"");
        if (!id || sscanf(id + 6, "%23[0-9]", etcd_lease) != 1) fail("no lease", answer, strlen(answer));
    }
    if (speaks == HOLDFAST && form == BEHIND) fill(fd, keys + 1, "\"lease\":3600", 0);
    if (speaks == HOLDFAST && form == EXPIRING) {
        // So that all of it is prepared before the first of them ends.
        double room = 2 + (double)keys / 20000;
        expiry_start = now() + (uint64_t)(room * 1e9);
        fill(fd, keys, NULL, room);
    }
    close(fd);
}

static void begin(void) {
    all = calloc((size_t)connection_count, sizeof(connection));
    for (int index = 0; index < connection_count; index++) {
        connection *peer = &all[index];
        peer->fd = connect_once();
        peer->index = index;
        peer->in = malloc(INPUT);
        peer->out = malloc(OUTPUT);
        peer->cycles = calloc((size_t)depth, sizeof(cycle));
        for (int number = 0; number < depth; number++)
            peer->cycles[number].key = (uint64_t)(index * depth + number);
    }
}

static void run(int poller, double length) {
    struct epoll_event events[EVENTS];
    uint64_t end = now() + (uint64_t)(length * 1e9);
    while (now() < end && done < cycles_max) {
        int ready = epoll_wait(poller, events, EVENTS, 100);
        for (int event = 0; event < ready; event++) receive(&all[events[event].data.u32]);
    }
}

/// Of the server's threads, in user and kernel mode.
static double server_cpu(void) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", server_pid);
    FILE *file = server_pid ? fopen(path, "r") : NULL;
    if (!file) return 0;
    size_t count = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[count] = 0;
    unsigned long user = 0, kernel = 0;
    const char *rest = strrchr(text, ')');
    if (!rest || sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
        fail("no times in", path, sizeof path);
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static void report(double took, double cpu) {
    printf("{\"cycles\":%llu,\"seconds\":%.3f,\"cpu\":%.3f", (unsigned long long)done, took, cpu);
    const char *names[] = {"acquire", "release", "handOver"};
    const histogram *times[] = {&acquires, &releases, &hand_overs};
    for (int kind = 0; kind < 3; kind++)
        if (times[kind]->count)
            printf(",\"%s\":{\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f}", names[kind],
                   histogram_at(times[kind], 0.5) / 1e3, histogram_at(times[kind], 0.99) / 1e3,
                   histogram_at(times[kind], 0.999) / 1e3);
    printf("}\n");
}

static int choice(const char *word, const char *const *words, int count) {
    for (int index = 0; index < count; index++)
        if (!strcmp(word, words[index])) return index;
    fail("unknown word", word, strlen(word));
    return 0;
}

static void read_words(int count, char **words) {
    static const char *const protocols[] = {"holdfast", "http", "redis", "floor", "etcd"};
    static const char *const shapes[] = {"own",    "hand-over", "shared", "permit",
                                         "behind", "expiring",  "hold"};
    if (count < 3) fail("usage", "load PROTOCOL PORT [name=value ...]", 40);
    speaks = (protocol)choice(words[1], protocols, 5);
    port = atoi(words[2]);
    for (int index = 3; index < count; index++) {
        char *value = strchr(words[index], '=');
        if (!value) fail("no value in", words[index], strlen(words[index]));
        *value++ = 0;
        if (!strcmp(words[index], "connections")) connection_count = atoi(value);
        else if (!strcmp(words[index], "depth")) depth = atoi(value);
        else if (!strcmp(words[index], "seconds")) seconds = atof(value);
        else if (!strcmp(words[index], "warmup")) warmup = atof(value);
        else if (!strcmp(words[index], "prefix")) snprintf(prefix, sizeof prefix, "%s/", value);
        else if (!strcmp(words[index], "cycles")) cycles_max = strtoull(value, NULL, 10);
        else if (!strcmp(words[index], "pid")) server_pid = atoi(value);
        else if (!strcmp(words[index], "keys")) keys = strtoull(value, NULL, 10);
        else if (!strcmp(words[index], "shape")) form = (shape)choice(value, shapes, 7);
        else fail("unknown word", words[index], strlen(words[index]));
    }
    if (depth < 1 || depth > DEEPEST / 2 || connection_count < 1) fail("out of range", "", 0);
    if (form == HAND_OVER) depth = 1;
    if (form == HOLD) cycles_max = keys;
    if (form == HOLD && keys < (uint64_t)(connection_count * depth)) fail("too few keys", "", 0);
}

int main(int count, char **words) {
    snprintf(prefix, sizeof prefix, "bench/%d/", getpid());
    read_words(count, words);
    prepare();
    begin();
    int poller = epoll_create1(EPOLL_CLOEXEC);
    for (int index = 0; index < connection_count; index++) {
        struct epoll_event interest = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
        epoll_ctl(poller, EPOLL_CTL_ADD, all[index].fd, &interest);
        for (int number = 0; number < depth; number++) acquire(&all[index], number, now());
        flush_out(&all[index]);
    }
    if (expiry_start > now()) warmup = (double)(expiry_start - now()) / 1e9;
    run(poller, form == HOLD ? 0 : warmup);
    measuring = true;
    uint64_t started = now();
    double cpu = server_cpu();
    run(poller, seconds);
    report((double)(now() - started) / 1e9, server_cpu() - cpu);
    if (form == BEHIND) clear();
    return 0;
}
