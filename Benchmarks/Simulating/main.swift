// holdfast-sim: plays seeds of the simulation, and says what broke.
//
//     holdfast-sim --seeds 1..1000 [--steps N] [--faults LIST] [--store files|memory] [--jobs N]
//     holdfast-sim --seed N --trace
//     holdfast-sim --found                            the seeds that once found something
//     holdfast-sim --seeds 1..200 --mutation NAME     with a deliberate bug; debug builds only
//
// The exit status is 0 when every seed ran clean, 1 when one did not, 64 when it was asked wrongly.

import Glibc
import HoldfastModel
import HoldfastSimulation

EscapeWatch.install()
LastWords.install()
guard let wish = Wish(CommandLine.arguments.dropFirst()) else {
    print(
        "usage: holdfast-sim (--seed N | --seeds A..B | --found) [--steps N] [--faults LIST] [--store files|memory] "
            + "[--jobs N] [--trace] [--mutation NAME]"
    )
    exit(64)
}
exit(Play(wish).run() ? 0 : 1)
