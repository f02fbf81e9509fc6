// epoll, eventfd, accept4 and the socket options that the Glibc module leaves out. Everything here is a
// thin word for one call: an error is -1 with errno set, as the kernel says it.
#ifndef HOLDFAST_EVENTS_H
#define HOLDFAST_EVENTS_H

#include <stdint.h>
#include <sys/socket.h>

// What a descriptor became ready for; the bits of one event.
#define HOLDFAST_READABLE 1u
#define HOLDFAST_WRITABLE 2u
// The peer finished writing, hung up, or the descriptor has an error to tell.
#define HOLDFAST_HANGUP 4u

// One event as Swift reads it: epoll's own struct is packed and holds a union.
struct holdfast_event {
    uint64_t token;
    uint32_t readiness;
    uint32_t unused;
};

// The most events one wait returns.
#define HOLDFAST_EVENTS_MAX 256

int holdfast_epoll_create(void);
// Registers for reading, writing and hang-ups at once, edge-triggered: one call in a descriptor's life.
int holdfast_epoll_add(int epoll, int descriptor, uint64_t token);
int holdfast_epoll_remove(int epoll, int descriptor);
// Fills up to HOLDFAST_EVENTS_MAX events; a timeout of -1 waits for ever.
int holdfast_epoll_wait(int epoll, struct holdfast_event *events, int timeout_milliseconds);

int holdfast_eventfd_create(void);
int holdfast_eventfd_wake(int descriptor);

// Accepts one connection, non-blocking and closed on exec.
int holdfast_accept(int listener, struct sockaddr_storage *peer, socklen_t *length);

// Opens a TCP socket of this family, non-blocking and closed on exec.
int holdfast_tcp_socket(int family);
// Makes a pair of connected stream sockets, non-blocking and closed on exec.
int holdfast_socket_pair(int descriptors[2]);

// One option each, so that no constant has to travel.
int holdfast_set_reuse_address(int descriptor);
int holdfast_set_reuse_port(int descriptor);
int holdfast_set_ipv6_only(int descriptor);
int holdfast_set_no_delay(int descriptor);
// Probes after `idle` seconds of silence, `count` times, `interval` seconds apart.
int holdfast_set_keepalive(int descriptor, int idle, int interval, int count);
int holdfast_set_user_timeout(int descriptor, unsigned milliseconds);
// Resets the connection when it is closed, instead of finishing it.
int holdfast_set_reset_on_close(int descriptor);
// What the socket was set to; for tests of what accepted sockets inherit.
int holdfast_user_timeout(int descriptor);
int holdfast_keepalive_idle(int descriptor);
int holdfast_no_delay(int descriptor);
// The pending error of the socket, which this call clears.
int holdfast_socket_error(int descriptor);

#endif
