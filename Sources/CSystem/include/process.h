// fork, exec and the terminal: what `holdfast run` needs between fork and exec must be C, because in
// the child of a process with threads only calls that are safe in a signal handler may be made.
#ifndef HOLDFAST_PROCESS_H
#define HOLDFAST_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

// What to start and how.
struct holdfast_command {
    // Found through PATH unless it holds a slash; both lists end with NULL.
    char *const *arguments;
    char *const *environment;
    // The terminal whose foreground the new group gets; -1: none.
    int terminal;
    // Whether a hang-up stays ignored, as under nohup.
    int keeps_hangup_ignored;
    // The guard's first deadline, as for holdfast_set_deadline.
    int64_t deadline;
};

// What was started.
struct holdfast_child {
    // Also the number of its process group.
    pid_t pid;
    // A process that ends the group with SIGKILL if the caller dies without having dismissed it, or lets a
    // deadline pass.
    pid_t guard;
    // What the guard listens to: deadlines, and the end of input when this process ends.
    int guard_pipe;
};

// Starts the command in a process group of its own. 0, or the error number of what failed; if exec
// failed, `exec_failed` is 1 and nothing is left running. The caller's thread must live as long as the
// process: the child dies with it.
int holdfast_start(const struct holdfast_command *command, struct holdfast_child *child,
                   int *exec_failed);

// Tells the guard when to end the group unless it is told otherwise before: nanoseconds of CLOCK_BOOTTIME,
// 0 for never. So a command does not outlive its lease when the process that renews it stands still.
void holdfast_set_deadline(const struct holdfast_child *child, int64_t nanoseconds);

// Stops the guard without harm to the group.
void holdfast_dismiss_guard(const struct holdfast_child *child);

// What became of a child, without waiting.
#define HOLDFAST_NOTHING 0
#define HOLDFAST_EXITED 1
#define HOLDFAST_SIGNALLED 2
#define HOLDFAST_STOPPED 3
#define HOLDFAST_CONTINUED 4
struct holdfast_change {
    int kind;
    // The exit status, or the signal.
    int detail;
};
struct holdfast_change holdfast_child_change(pid_t pid);

// Makes a group the foreground of a terminal, also from the background; 0 or the error number.
int holdfast_set_foreground(int terminal, pid_t group);

// The process's controlling terminal, closed on exec; -1 if it has none.
int holdfast_open_terminal(void);

// Stops the caller's other processes in its group as the terminal would have, if `whole_group`, and
// then the caller; returns when it is continued.
void holdfast_stop_self(int whole_group);

// Whether a signal is ignored at present.
int holdfast_is_ignored(int number);

// The columns and rows of a terminal; 0, or -1 if it tells none.
int holdfast_terminal_size(int descriptor, int *columns, int *rows);

#endif
