// How a command is started under a lock, and how it is made sure that it does not outlive it.
//
//     run ──fork──▶ child: own group, dies with run ──waits for "go"──▶ exec
//      └───fork──▶ guard: own session; listens to run through a pipe
//
// PR_SET_PDEATHSIG reaches only the child itself, so the guard ends the rest of its group when its pipe
// ends. It also does so when a deadline passes that run should have moved: a run that is stopped or starved
// must not leave its command without a lock. The child does not exec before the guard stands: there is no
// moment in which the command runs unguarded.

#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static ssize_t read_some(int descriptor, void *buffer, size_t length) {
    ssize_t count;
    do {
        count = read(descriptor, buffer, length);
    } while (count < 0 && errno == EINTR);
    return count;
}

static void write_all(int descriptor, const void *buffer, size_t length) {
    ssize_t count;
    do {
        count = write(descriptor, buffer, length);
    } while (count < 0 && errno == EINTR);
}

static void close_pair(int pair[2]) {
    close(pair[0]);
    close(pair[1]);
}

// Every signal as a fresh program expects it; the mask is empty again.
static void reset_signals(int keeps_hangup_ignored) {
    struct sigaction normal = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) {
        if (number == SIGHUP && keeps_hangup_ignored) continue;
        sigaction(number, &normal, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

// In the child, all signals blocked. `go` ends without a byte if the parent could not set everything up.
static void become_command(const struct holdfast_command *command, pid_t parent, int go,
                           int report) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The parent may have died before the line above.
    if (getppid() != parent) _exit(127);
    if (command->terminal >= 0) tcsetpgrp(command->terminal, getpid());
    char byte;
    if (read_some(go, &byte, 1) != 1) _exit(127);
    reset_signals(command->keeps_hangup_ignored);
    execvpe(command->arguments[0], command->arguments, command->environment);
    int number = errno;
    write_all(report, &number, sizeof number);
    _exit(127);
}

static int64_t boot_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// Milliseconds until the deadline, rounded up; -1 without one. The wait's clock stands still while the
// machine is suspended, CLOCK_BOOTTIME does not: so it is looked at once a second.
static int patience(int64_t deadline) {
    if (deadline == 0) return -1;
    int64_t left = (deadline - boot_time() + 999999) / 1000000;
    return left < 0 ? 0 : left > 1000 ? 1000 : (int)left;
}

// Returns when the group must end.
static void keep_watch(int alarm, int64_t deadline) {
    for (;;) {
        struct pollfd input = {.fd = alarm, .events = POLLIN};
        int count = poll(&input, 1, patience(deadline));
        // What was written wins over the clock: the deadline may have been moved.
        if (count > 0 && read_some(alarm, &deadline, sizeof deadline) != sizeof deadline) return;
        if (count <= 0 && deadline != 0 && boot_time() >= deadline) return;
    }
}

// In the guard, all signals blocked, so that nothing but SIGKILL ends it before its time.
static void become_guard(pid_t group, int alarm, int64_t deadline) {
    setsid();
    prctl(PR_SET_NAME, "hf-guard");
    // It must keep nobody's pipe open, and above all not its own other end.
    if (alarm != 0) {
        dup2(alarm, 0);
        alarm = 0;
    }
    if (close_range(1, ~0u, 0) != 0) {
        long last = sysconf(_SC_OPEN_MAX);
        for (int descriptor = 1; descriptor < last; descriptor++) close(descriptor);
    }
    keep_watch(alarm, deadline);
    kill(-group, SIGKILL);
    _exit(0);
}

// 0, or the error number.
static int start_guard(struct holdfast_child *child, int64_t deadline) {
    int alarm[2];
    if (pipe2(alarm, O_CLOEXEC) != 0) return errno;
    child->guard = fork();
    if (child->guard == 0) become_guard(child->pid, alarm[0], deadline);
    int number = child->guard < 0 ? errno : 0;
    close(alarm[0]);
    if (number != 0) close(alarm[1]);
    child->guard_pipe = number == 0 ? alarm[1] : -1;
    return number;
}

void holdfast_set_deadline(const struct holdfast_child *child, int64_t nanoseconds) {
    if (child->guard_pipe >= 0) write_all(child->guard_pipe, &nanoseconds, sizeof nanoseconds);
}

void holdfast_dismiss_guard(const struct holdfast_child *child) {
    if (child->guard > 0) {
        kill(child->guard, SIGKILL);
        waitpid(child->guard, NULL, 0);
    }
    if (child->guard_pipe >= 0) close(child->guard_pipe);
}

// Reaps a child that never became the command.
static int abandon(const struct holdfast_child *child, int number) {
    kill(child->pid, SIGKILL);
    waitpid(child->pid, NULL, 0);
    holdfast_dismiss_guard(child);
    return number;
}

static int start_with(const struct holdfast_command *command, struct holdfast_child *child,
                      int go[2], int report[2], int *exec_failed) {
    pid_t parent = getpid();
    child->pid = fork();
    if (child->pid < 0) return errno;
    if (child->pid == 0) {
        close(go[1]);
        become_command(command, parent, go[0], report[1]);
    }
    close(report[1]);
    report[1] = -1;
    // Both sides do it, so that it is done whoever comes first.
    setpgid(child->pid, child->pid);
    if (command->terminal >= 0) tcsetpgrp(command->terminal, child->pid);
    int number = start_guard(child, command->deadline);
    if (number != 0) return abandon(child, number);
    write_all(go[1], "g", 1);
    if (read_some(report[0], &number, sizeof number) != sizeof number) return 0;
    *exec_failed = 1;
    return abandon(child, number);
}

int holdfast_start(const struct holdfast_command *command, struct holdfast_child *child,
                   int *exec_failed) {
    int go[2], report[2];
    *exec_failed = 0;
    child->pid = child->guard = child->guard_pipe = -1;
    if (pipe2(go, O_CLOEXEC) != 0) return errno;
    if (pipe2(report, O_CLOEXEC) != 0) {
        int number = errno;
        close_pair(go);
        return number;
    }
    // No handler of the parent may run in the child, and SIGTTOU must not stop either of them.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = start_with(command, child, go, report, exec_failed);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close_pair(go);
    close(report[0]);
    if (report[1] >= 0) close(report[1]);
    return number;
}

struct holdfast_change holdfast_child_change(pid_t pid) {
    struct holdfast_change change = {HOLDFAST_NOTHING, 0};
    int status;
    if (waitpid(pid, &status, WNOHANG | WUNTRACED | WCONTINUED) != pid) return change;
    if (WIFEXITED(status)) {
        change.kind = HOLDFAST_EXITED;
        change.detail = WEXITSTATUS(status);
    } else if (WIFSIGNALED(status)) {
        change.kind = HOLDFAST_SIGNALLED;
        change.detail = WTERMSIG(status);
    } else if (WIFSTOPPED(status)) {
        change.kind = HOLDFAST_STOPPED;
        change.detail = WSTOPSIG(status);
    } else if (WIFCONTINUED(status)) {
        change.kind = HOLDFAST_CONTINUED;
    }
    return change;
}

int holdfast_set_foreground(int terminal, pid_t group) {
    sigset_t only, before;
    sigemptyset(&only);
    sigaddset(&only, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &only, &before);
    int number = tcsetpgrp(terminal, group) == 0 ? 0 : errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return number;
}

int holdfast_open_terminal(void) {
    return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

void holdfast_stop_self(int whole_group) {
    if (whole_group) {
        // Ignored here while the others get it: this process stops below, for certain.
        struct sigaction ignored = {.sa_handler = SIG_IGN}, before;
        sigaction(SIGTSTP, &ignored, &before);
        kill(0, SIGTSTP);
        sigaction(SIGTSTP, &before, NULL);
    }
    // To this thread, which so cannot run on before the process has stopped.
    raise(SIGSTOP);
}

int holdfast_is_ignored(int number) {
    struct sigaction present;
    return sigaction(number, NULL, &present) == 0 && present.sa_handler == SIG_IGN;
}

int holdfast_terminal_size(int descriptor, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
    if (size.ws_col == 0 || size.ws_row == 0) return -1;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}
