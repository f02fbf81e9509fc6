// The calls of machine.h: the allocator, chance and signals of the process.
#define _GNU_SOURCE
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char **arguments_of_process;

// Glibc hands over what main gets.
__attribute__((constructor)) static void keep_arguments(int count, char **arguments) {
    (void)count;
    arguments_of_process = arguments;
}

char **holdfast_arguments(void) { return arguments_of_process; }

struct holdfast_allocator holdfast_allocator_state(void) {
    struct mallinfo2 info = mallinfo2();
    struct holdfast_allocator state = {
        .in_use = info.uordblks + info.hblkhd, .kept = info.fordblks};
    return state;
}

int holdfast_give_back_memory(void) { return malloc_trim(0); }

void holdfast_merge_freed_memory(void) {
    enum { LARGE = 1 << 20 };
    (void)mallopt(M_MXFAST, 0);
    (void)mallopt(M_MMAP_THRESHOLD, LARGE);
    (void)mallopt(M_TRIM_THRESHOLD, LARGE);
}

int holdfast_hide_memory(void) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return -1;
    // A core that is piped to a program knows no limit; and nobody attaches a debugger.
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void holdfast_name_thread(const char *name) { (void)pthread_setname_np(pthread_self(), name); }

int holdfast_random(void *buffer, size_t length) {
    unsigned char *next = buffer;
    while (length > 0) {
        ssize_t count = getrandom(next, length, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -1;
        next += count;
        length -= (size_t)count;
    }
    return 0;
}

int holdfast_notify(const char *path, const char *message, size_t length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t count = strlen(path);
    if (count >= sizeof address.sun_path) return -1;
    memcpy(address.sun_path, path, count);
    if (path[0] == '@') address.sun_path[0] = 0;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + count);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -1;
    ssize_t sent = sendto(
        descriptor, message, length, MSG_NOSIGNAL, (struct sockaddr *)&address, size);
    close(descriptor);
    return sent == (ssize_t)length ? 0 : -1;
}

int holdfast_pipe(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC | O_NONBLOCK); }

// The only global of the house: a handler has no other way to know where to write.
static atomic_int signal_descriptor = -1;

void holdfast_signals_to(int descriptor) { atomic_store(&signal_descriptor, descriptor); }

static void tell(int number) {
    int saved = errno;
    int descriptor = atomic_load(&signal_descriptor);
    if (descriptor >= 0) {
        unsigned char byte = (unsigned char)number;
        // A full pipe already holds more signals than anybody acts on.
        if (write(descriptor, &byte, 1) != 1) errno = 0;
    }
    errno = saved;
}

static struct sigaction previous[NSIG];

static int handle(int number, void (*handler)(int), struct sigaction *old) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    return sigaction(number, &action, old);
}

int holdfast_signal_catch(int number) {
    if (number <= 0 || number >= NSIG) return -1;
    return handle(number, tell, &previous[number]);
}

int holdfast_signal_restore(int number) {
    if (number <= 0 || number >= NSIG) return -1;
    return sigaction(number, &previous[number], NULL);
}

int holdfast_signal_ignore(int number) { return handle(number, SIG_IGN, NULL); }
