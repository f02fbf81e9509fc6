// The functions of the C library that are counted. An executable's own definition of a name is what every
// library in the process is bound to, so one definition here sees the calls of the runtime, too; each passes
// on to glibc's internal name or to the kernel. What glibc does inside itself (futexes, arenas) is not seen.
#define _GNU_SOURCE
#include "counting.h"

#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static _Atomic uint64_t allocations, allocated_bytes, reads, writes, polls, sleeps, others,
    escapes;
static _Atomic int64_t live_bytes;
static _Thread_local int is_excluded;

static void count(_Atomic uint64_t *counter, uint64_t amount) {
    if (!is_excluded) atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

void counting_exclude(int exclude) { is_excluded = exclude; }

struct counting_totals counting_now(void) {
    return (struct counting_totals){
        .allocations = atomic_load(&allocations),
        .allocated_bytes = atomic_load(&allocated_bytes),
        .live_bytes = atomic_load(&live_bytes),
        .reads = atomic_load(&reads),
        .writes = atomic_load(&writes),
        .polls = atomic_load(&polls),
        .sleeps = atomic_load(&sleeps),
        .others = atomic_load(&others),
        .escapes = atomic_load(&escapes),
    };
}

struct counting_memory counting_memory_now(void) {
    struct mallinfo2 heap = mallinfo2();
    unsigned long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        if (fscanf(file, "%lu %lu", &total, &resident) != 2) resident = 0;
        fclose(file);
    }
    return (struct counting_memory){
        .heap_bytes = heap.uordblks + heap.hblkhd,
        .resident_bytes = (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE),
    };
}

// The runtime asks this hook before it gives a job to its pool.
struct swift_job;
typedef __attribute__((swiftcall)) void (*enqueue_function)(struct swift_job *);
typedef __attribute__((swiftcall)) void (*enqueue_hook)(struct swift_job *, enqueue_function);
extern enqueue_hook swift_task_enqueueGlobal_hook;

static __attribute__((swiftcall)) void escaped(struct swift_job *job, enqueue_function enqueue) {
    atomic_fetch_add_explicit(&escapes, 1, memory_order_relaxed);
    enqueue(job);
}

void counting_watch_global_pool(void) { swift_task_enqueueGlobal_hook = escaped; }

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define HOLDFAST_SANITIZED 1
#endif
#endif

#ifdef HOLDFAST_SANITIZED
int counting_works(void) { return 0; }
#else
int counting_works(void) { return 1; }

// Memory.

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static void *counted(void *block) {
    if (block && !is_excluded) {
        size_t size = malloc_usable_size(block);
        count(&allocations, 1);
        count(&allocated_bytes, size);
        atomic_fetch_add_explicit(&live_bytes, (int64_t)size, memory_order_relaxed);
    }
    return block;
}

static void uncounted(void *block) {
    if (block && !is_excluded) {
        int64_t size = (int64_t)malloc_usable_size(block);
        atomic_fetch_sub_explicit(&live_bytes, size, memory_order_relaxed);
    }
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }

void *calloc(size_t number, size_t size) { return counted(__libc_calloc(number, size)); }

void *realloc(void *old, size_t size) {
    uncounted(old);
    void *block = __libc_realloc(old, size);
    // A failed realloc leaves the old block in place; one of size zero has freed it.
    if (!block && size != 0 && old && !is_excluded) {
        int64_t kept = (int64_t)malloc_usable_size(old);
        atomic_fetch_add_explicit(&live_bytes, kept, memory_order_relaxed);
    }
    return counted(block);
}

void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) {
    return counted(__libc_memalign(alignment, size));
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *found = counted(__libc_memalign(alignment, size));
    if (!found) return ENOMEM;
    *block = found;
    return 0;
}

void free(void *block) {
    uncounted(block);
    __libc_free(block);
}

// The kernel.

ssize_t read(int fd, void *bytes, size_t size) {
    count(&reads, 1);
    return syscall(SYS_read, fd, bytes, size);
}

ssize_t readv(int fd, const struct iovec *parts, int number) {
    count(&reads, 1);
    return syscall(SYS_readv, fd, parts, number);
}

ssize_t recv(int fd, void *bytes, size_t size, int flags) {
    count(&reads, 1);
    return syscall(SYS_recvfrom, fd, bytes, size, flags, NULL, NULL);
}

ssize_t write(int fd, const void *bytes, size_t size) {
    count(&writes, 1);
    return syscall(SYS_write, fd, bytes, size);
}

ssize_t writev(int fd, const struct iovec *parts, int number) {
    count(&writes, 1);
    return syscall(SYS_writev, fd, parts, number);
}

ssize_t send(int fd, const void *bytes, size_t size, int flags) {
    count(&writes, 1);
    return syscall(SYS_sendto, fd, bytes, size, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    count(&writes, 1);
    return syscall(SYS_sendmsg, fd, message, flags);
}

int epoll_wait(int fd, struct epoll_event *events, int number, int milliseconds) {
    count(milliseconds == 0 ? &polls : &sleeps, 1);
    return (int)syscall(SYS_epoll_pwait, fd, events, number, milliseconds, NULL, 8);
}

int epoll_pwait2(
    int fd, struct epoll_event *events, int number, const struct timespec *time,
    const sigset_t *mask
) {
    count(time && !time->tv_sec && !time->tv_nsec ? &polls : &sleeps, 1);
    return (int)syscall(SYS_epoll_pwait2, fd, events, number, time, mask, mask ? 8 : 0);
}

int epoll_ctl(int poller, int operation, int fd, struct epoll_event *event) {
    count(&others, 1);
    return (int)syscall(SYS_epoll_ctl, poller, operation, fd, event);
}

int accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict size, int flags) {
    count(&others, 1);
    return (int)syscall(SYS_accept4, fd, address, size, flags);
}

int shutdown(int fd, int how) {
    count(&others, 1);
    return (int)syscall(SYS_shutdown, fd, how);
}

#endif
