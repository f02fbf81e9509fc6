// The clocks of the real world, and the only place that asks them. The boot clock decides (rule 10), the
// wall clock is for people, the processor clock for the operator. All but the last are read without
// entering the kernel.

import Glibc
package import HoldfastModel

/// The clock that counts suspension and never jumps.
package enum BootClock {
    package static var now: Instant {
        Instant(nanoseconds: nanoseconds(of: CLOCK_BOOTTIME))
    }
}

/// The clock on the wall, which may jump.
package enum WallClock {
    package static var now: WallTime {
        WallTime(microseconds: nanoseconds(of: CLOCK_REALTIME) / 1000)
    }
}

/// Processor time this process used, of all its threads.
package enum ProcessClock {
    package static var used: Interval {
        Interval(nanoseconds: nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID))
    }
}

extension ClockReading {
    /// Both clocks, one after the other.
    package static var current: ClockReading {
        ClockReading(now: BootClock.now, wall: WallClock.now)
    }
}

private func nanoseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    let result = clock_gettime(clock, &time)
    precondition(result == 0, "the kernel has no clock \(clock)")
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
