// Preloaded into a server under valgrind, which crashes in `sigsuspend`: waits for a signal in another way, which is
// the same for a program whose handlers run on another thread.

#include <signal.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    (void)mask;
    return pause();
}
