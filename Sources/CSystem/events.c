// The calls of events.h: epoll, eventfd, accept4 and socket options, each a word for one call of the kernel.
#define _GNU_SOURCE
#include "events.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int holdfast_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int holdfast_epoll_add(int epoll, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
    event.data.u64 = token;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int holdfast_epoll_remove(int epoll, int descriptor) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

int holdfast_epoll_wait(int epoll, struct holdfast_event *events, int timeout_milliseconds) {
    struct epoll_event found[HOLDFAST_EVENTS_MAX];
    int count = epoll_wait(epoll, found, HOLDFAST_EVENTS_MAX, timeout_milliseconds);
    for (int i = 0; i < count; i++) {
        uint32_t bits = found[i].events;
        uint32_t readiness = 0;
        if (bits & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readiness |= HOLDFAST_READABLE;
        if (bits & (EPOLLOUT | EPOLLHUP | EPOLLERR)) readiness |= HOLDFAST_WRITABLE;
        if (bits & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readiness |= HOLDFAST_HANGUP;
        events[i].token = found[i].data.u64;
        events[i].readiness = readiness;
    }
    return count;
}

int holdfast_eventfd_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int holdfast_eventfd_wake(int descriptor) {
    uint64_t one = 1;
    return write(descriptor, &one, sizeof one) == sizeof one ? 0 : -1;
}

int holdfast_accept(int listener, struct sockaddr_storage *peer, socklen_t *length) {
    *length = sizeof *peer;
    return accept4(listener, (struct sockaddr *)peer, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int holdfast_tcp_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
}

int holdfast_socket_pair(int descriptors[2]) {
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, descriptors);
}

static int set(int descriptor, int level, int option, int value) {
    return setsockopt(descriptor, level, option, &value, sizeof value);
}

static int get(int descriptor, int level, int option) {
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(descriptor, level, option, &value, &length) == 0 ? value : -1;
}

int holdfast_set_reuse_address(int descriptor) {
    return set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
}

int holdfast_set_reuse_port(int descriptor) {
    return set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
}

int holdfast_set_ipv6_only(int descriptor) {
    return set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
}

int holdfast_set_no_delay(int descriptor) {
    return set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
}

int holdfast_set_keepalive(int descriptor, int idle, int interval, int count) {
    if (set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, idle) != 0) return -1;
    if (set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, interval) != 0) return -1;
    if (set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, count) != 0) return -1;
    return set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
}

int holdfast_set_user_timeout(int descriptor, unsigned milliseconds) {
    return setsockopt(
        descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

int holdfast_set_reset_on_close(int descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

int holdfast_user_timeout(int descriptor) {
    return get(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT);
}

int holdfast_keepalive_idle(int descriptor) {
    return get(descriptor, SOL_SOCKET, SO_KEEPALIVE) == 1
        ? get(descriptor, IPPROTO_TCP, TCP_KEEPIDLE) : -1;
}

int holdfast_no_delay(int descriptor) { return get(descriptor, IPPROTO_TCP, TCP_NODELAY); }

int holdfast_socket_error(int descriptor) {
    int error = get(descriptor, SOL_SOCKET, SO_ERROR);
    return error == -1 ? errno : error;
}
