// epoll, eventfd, accept4: absent from the Glibc module.
#ifndef HOLDFAST_EVENTS_H
#define HOLDFAST_EVENTS_H
#endif
