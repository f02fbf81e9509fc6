// Counts what a process asks of the allocator and of the kernel, thread by thread, by standing in front
// of the C library's functions of the same names. It is linked into the counting benchmark alone.
#ifndef HOLDFAST_COUNTING_H
#define HOLDFAST_COUNTING_H

#include <stdint.h>

/// Totals of all threads that were not excluded, since the process began.
struct counting_totals {
    uint64_t allocations;
    uint64_t allocated_bytes;
    /// Bytes that were allocated and not yet freed, as the allocator rounds them.
    int64_t live_bytes;
    /// Calls that take bytes from a socket or an eventfd, also those that found none.
    uint64_t reads;
    /// Calls that give bytes to a socket or an eventfd.
    uint64_t writes;
    /// Calls that ask which descriptors are ready and come back at once.
    uint64_t polls;
    /// Calls that sleep until a descriptor is ready.
    uint64_t sleeps;
    /// Other calls that change what is waited for or open and close connections.
    uint64_t others;
    /// Jobs of tasks that went to the global pool of threads instead of a loop.
    uint64_t escapes;
};

/// From now on nothing that this thread does is counted, or everything again.
void counting_exclude(int exclude);

struct counting_totals counting_now(void);

/// Begins to count escapes.
void counting_watch_global_pool(void);

/// What malloc holds for the whole process, and what the process occupies, in bytes.
struct counting_memory {
    uint64_t heap_bytes;
    uint64_t resident_bytes;
};

struct counting_memory counting_memory_now(void);

/// Whether this build counts: sanitizers stand in front of the same functions.
int counting_works(void);

#endif
