// Lets the Nth call that concerns the data of a server fail, or kills the process there: preloaded into the real
// binary, so that every error of the disk can be had at every place without a broken disk.
//
//     HOLDFAST_FAULT_DIR=DIR     only calls on files below DIR count
//     HOLDFAST_FAULT=N:KIND      eio | enospc | short | kill-before | kill-after, or 0:none to count only
//     HOLDFAST_FAULT_LOG=FILE    gets a line per counted call
//     HOLDFAST_WALL_SECONDS=S    moves the wall clock
//
// A short write writes half and says so; on a call that writes nothing it does nothing.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum kind { none, eio, enospc, half, kill_before, kill_after };

static atomic_long calls;

static long fault_number(void) {
    const char *text = getenv("HOLDFAST_FAULT");
    return text ? atol(text) : 0;
}

static enum kind fault_kind(void) {
    const char *text = getenv("HOLDFAST_FAULT");
    const char *kind = text ? strchr(text, ':') : NULL;
    if (!kind) return none;
    if (!strcmp(kind, ":eio")) return eio;
    if (!strcmp(kind, ":enospc")) return enospc;
    if (!strcmp(kind, ":short")) return half;
    if (!strcmp(kind, ":kill-before")) return kill_before;
    if (!strcmp(kind, ":kill-after")) return kill_after;
    return none;
}

static int is_ours(const char *path) {
    const char *folder = getenv("HOLDFAST_FAULT_DIR");
    return folder && !strncmp(path, folder, strlen(folder));
}

static int is_our_descriptor(int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

static void note(const char *call, long number) {
    const char *file = getenv("HOLDFAST_FAULT_LOG");
    if (!file) return;
    char line[64];
    int length = snprintf(line, sizeof line, "%ld %s\n", number, call);
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    ssize_t (*real_write)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    int descriptor = real_open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return;
    if (real_write(descriptor, line, (size_t)length) < 0) _exit(70);
    close(descriptor);
}

// The fault that this call must have.
static enum kind count(const char *call) {
    long number = atomic_fetch_add(&calls, 1) + 1;
    note(call, number);
    if (number != fault_number()) return none;
    enum kind kind = fault_kind();
    if (kind == kill_before) kill(getpid(), SIGKILL);
    return kind;
}

#define REAL(type, name) static type (*real)(); if (!real) real = (type (*)())dlsym(RTLD_NEXT, name)

#define GUARDED(type, name, isOurs, call)                                  \
    REAL(type, name);                                                      \
    enum kind kind = (isOurs) ? count(name) : none;                        \
    if (kind == eio) { errno = EIO; return -1; }                           \
    if (kind == enospc) { errno = ENOSPC; return -1; }                     \
    type result = call;                                                    \
    if (kind == kill_after) kill(getpid(), SIGKILL);                       \
    return result

static size_t cut(enum kind kind, size_t count) {
    return kind == half && count > 1 ? count / 2 : count;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
    GUARDED(ssize_t, "pwrite", is_our_descriptor(fd), real(fd, bytes, cut(kind, size), offset));
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
    GUARDED(ssize_t, "pwrite64", is_our_descriptor(fd), real(fd, bytes, cut(kind, size), offset));
}
ssize_t write(int fd, const void *bytes, size_t size) {
    GUARDED(ssize_t, "write", is_our_descriptor(fd), real(fd, bytes, cut(kind, size)));
}
int fdatasync(int fd) { GUARDED(int, "fdatasync", is_our_descriptor(fd), real(fd)); }
int fsync(int fd) { GUARDED(int, "fsync", is_our_descriptor(fd), real(fd)); }
int ftruncate(int fd, off_t size) {
    GUARDED(int, "ftruncate", is_our_descriptor(fd), real(fd, size));
}
int ftruncate64(int fd, off64_t size) {
    GUARDED(int, "ftruncate64", is_our_descriptor(fd), real(fd, size));
}
int fallocate(int fd, int mode, off_t start, off_t size) {
    GUARDED(int, "fallocate", is_our_descriptor(fd), real(fd, mode, start, size));
}
int fallocate64(int fd, int mode, off64_t start, off64_t size) {
    GUARDED(int, "fallocate64", is_our_descriptor(fd), real(fd, mode, start, size));
}
// These two answer with the error itself.
static int answered(int result) { return result < 0 ? errno : result; }
static int reserve(int fd, off64_t start, off64_t size) {
    GUARDED(int, "posix_fallocate64", is_our_descriptor(fd), real(fd, start, size));
}
int posix_fallocate(int fd, off_t start, off_t size) {
    return answered(reserve(fd, start, size));
}
int posix_fallocate64(int fd, off64_t start, off64_t size) {
    return answered(reserve(fd, start, size));
}
int rename(const char *from, const char *to) {
    GUARDED(int, "rename", is_ours(from), real(from, to));
}
int renameat(int one, const char *from, int other, const char *to) {
    GUARDED(int, "renameat", is_our_descriptor(one) || is_ours(from), real(one, from, other, to));
}
int unlink(const char *path) { GUARDED(int, "unlink", is_ours(path), real(path)); }
int unlinkat(int fd, const char *path, int flags) {
    GUARDED(int, "unlinkat", is_our_descriptor(fd) || is_ours(path), real(fd, path, flags));
}
int mkdir(const char *path, mode_t mode) {
    GUARDED(int, "mkdir", is_ours(path), real(path, mode));
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPENS(name)                                                         \
    int name(const char *path, int flags, ...) {                            \
        va_list arguments;                                                  \
        va_start(arguments, flags);                                         \
        mode_t mode = mode_of(flags, arguments);                            \
        va_end(arguments);                                                  \
        GUARDED(int, #name, is_ours(path), real(path, flags, mode));        \
    }
#define OPENS_AT(name)                                                      \
    int name(int fd, const char *path, int flags, ...) {                    \
        va_list arguments;                                                  \
        va_start(arguments, flags);                                         \
        mode_t mode = mode_of(flags, arguments);                            \
        va_end(arguments);                                                  \
        bool isOurs = is_ours(path) || is_our_descriptor(fd);               \
        GUARDED(int, #name, isOurs, real(fd, path, flags, mode));           \
    }
OPENS(open)
OPENS(open64)
OPENS_AT(openat)
OPENS_AT(openat64)

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(int, "clock_gettime");
    int result = real(clock, time);
    const char *seconds = getenv("HOLDFAST_WALL_SECONDS");
    if (seconds && clock == CLOCK_REALTIME) time->tv_sec += atol(seconds);
    return result;
}
