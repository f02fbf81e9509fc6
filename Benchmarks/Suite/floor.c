// The floor of the comparison: the least that a server on epoll does for each line, without any lock behind it. What a
// lock server costs above this is its own work.
//
//     floor PORT [POLL_MICROSECONDS]
//
// A line that begins with `W` waits, one that begins with `R` is answered and hands the next waiting connection a line:
// the bare wake-up of a hand-over. Any other line is sent back. With the second argument it looks for events that long
// before it sleeps, if it had some a moment ago.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 65536, MOST = 16384, EVENTS = 256 };

typedef struct {
    int fd;
    size_t kept;
    char bytes[ROOM];
} connection;

static connection *connections[MOST];
static int waiting[MOST], first_waiting, waiting_count, unclaimed, open_count;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void send_all(int fd, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = write(fd, bytes, count);
        if (sent <= 0) return;
        bytes += sent;
        count -= (size_t)sent;
    }
}

static void hand_over(void) {
    if (waiting_count == 0 || unclaimed == 0) return;
    unclaimed--;
    int fd = waiting[first_waiting];
    first_waiting = (first_waiting + 1) % MOST;
    waiting_count--;
    send_all(fd, "G\n", 2);
}

static void leave(connection *peer) {
    connections[peer->fd] = NULL;
    close(peer->fd);
    free(peer);
    // The next load begins anew: whoever waited is gone.
    if (--open_count == 0) first_waiting = waiting_count = 0;
}

/// Answers whole lines with one write and keeps what is left of the last.
static void serve(connection *peer) {
    ssize_t got = read(peer->fd, peer->bytes + peer->kept, ROOM - peer->kept);
    if (got <= 0) return leave(peer);
    size_t end = peer->kept + (size_t)got, start = 0, answered = 0;
    static char answers[ROOM];
    for (char *line_end; (line_end = memchr(peer->bytes + start, '\n', end - start));) {
        size_t next = (size_t)(line_end - peer->bytes) + 1;
        if (peer->bytes[start] == 'W') {
            waiting[(first_waiting + waiting_count++) % MOST] = peer->fd;
            hand_over();
        } else {
            memcpy(answers + answered, peer->bytes + start, next - start);
            answered += next - start;
            if (peer->bytes[start] == 'R') {
                unclaimed = 1;
                hand_over();
            }
        }
        start = next;
    }
    if (answered > 0) send_all(peer->fd, answers, answered);
    memmove(peer->bytes, peer->bytes + start, end - start);
    peer->kept = end - start;
}

static void welcome(int poller, int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), yes = 1;
    if (fd < 0) return;
    if (fd >= MOST) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connections[fd] = calloc(1, sizeof(connection));
    connections[fd]->fd = fd;
    open_count++;
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &interest);
}

int main(int count, char **words) {
    if (count < 2) {
        fprintf(stderr, "usage: floor PORT [POLL_MICROSECONDS]\n");
        return 64;
    }
    uint64_t poll = count > 2 ? strtoull(words[2], NULL, 10) * 1000 : 0;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)atoi(words[1]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        perror("floor");
        return 74;
    }
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &interest);
    for (;;) {
        int ready = epoll_wait(poller, events, EVENTS, poll ? 0 : -1);
        for (uint64_t end = now() + poll; ready == 0 && now() < end;)
            ready = epoll_wait(poller, events, EVENTS, 0);
        if (ready == 0) ready = epoll_wait(poller, events, EVENTS, -1);
        for (int event = 0; event < ready; event++) {
            int fd = events[event].data.fd;
            if (fd == listener) {
                welcome(poller, listener);
            } else if (connections[fd]) {
                serve(connections[fd]);
            }
        }
    }
}
