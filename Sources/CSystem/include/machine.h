// The machine around the process: memory, chance, signals. What Glibc's Swift module leaves out.
#ifndef HOLDFAST_MACHINE_H
#define HOLDFAST_MACHINE_H

#include <stddef.h>

// Bytes the allocator handed out, and bytes it keeps from the kernel for later.
struct holdfast_allocator {
    size_t in_use;
    size_t kept;
};

struct holdfast_allocator holdfast_allocator_state(void);
// Gives free memory back to the kernel; 1 if there was any.
int holdfast_give_back_memory(void);

// From now on even the smallest freed pieces are merged with their neighbours at once, what is large is the kernel's
// again when it is freed, and an arena's free end is given back. Else the allocator raises its own limits as it sees
// large pieces, and the end of a loop's arena, tens of megabytes after a crowd, is out of reach of a trim.
void holdfast_merge_freed_memory(void);

// No core file and no other process of this user shows what is in this one's memory; 0, or -1 with errno.
int holdfast_hide_memory(void);

// The arguments of this process where the kernel put them and shows them to others, up to a null; null where unknown.
char **holdfast_arguments(void);

// Names the calling thread, for people who look at the process from outside.
void holdfast_name_thread(const char *name);

// Fills the buffer from the kernel's generator; 0, or -1 with errno.
int holdfast_random(void *buffer, size_t length);

// Sends one datagram to a Unix socket, by path or, after '@', by abstract name; never waits.
int holdfast_notify(const char *path, const char *message, size_t length);

// Makes a pipe, non-blocking and closed on exec: reading end, writing end.
int holdfast_pipe(int descriptors[2]);
// Writes the number of each caught signal, as one byte, to this descriptor; -1: nowhere any more.
void holdfast_signals_to(int descriptor);
// Catches one signal from now on; the handler only writes.
int holdfast_signal_catch(int number);
// Lets one caught signal have the effect it had before.
int holdfast_signal_restore(int number);
// Ignores one signal.
int holdfast_signal_ignore(int number);

#endif
