// Time as the rules see it: integers of nanoseconds, handed in by whoever owns a clock. Nothing
// here can ask what time it is, so the same code runs under the kernel's clock and under a
// simulated one. Swift's Duration was rejected: it is 16 bytes and its arithmetic shows in profiles
// of the step.
//
// Here and in the other files of what every request touches, names are `@usableFromInline package`: what is `package`
// alone is called, and never inlined where another module uses it, even where it is `@inlinable`. So was a tenth of a
// request.

/// A length of time in nanoseconds; never negative where the rules use it.
@usableFromInline package struct Interval: Hashable, Comparable, Sendable {
    @usableFromInline package var nanoseconds: Int64

    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Rounds to the nearest nanosecond; the caller has checked the range.
    @inlinable package init(seconds: Double) {
        nanoseconds = Int64((seconds * 1_000_000_000).rounded())
    }

    @inlinable package static func seconds(_ count: Int) -> Interval {
        Interval(nanoseconds: Int64(count) * 1_000_000_000)
    }
    @inlinable package static func milliseconds(_ count: Int) -> Interval {
        Interval(nanoseconds: Int64(count) * 1_000_000)
    }

    @inlinable package static var zero: Interval { Interval(nanoseconds: 0) }

    /// The longest interval any rule allows, 24 h.
    @usableFromInline package static let day = Interval.seconds(86_400)

    @inlinable package var seconds: Double { Double(nanoseconds) / 1_000_000_000 }

    /// Rule 13: what is left is told rounded down to the millisecond.
    @inlinable package var wholeMilliseconds: Int64 { nanoseconds / 1_000_000 }

    @inlinable package static func < (left: Interval, right: Interval) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
    @inlinable package static func + (left: Interval, right: Interval) -> Interval {
        Interval(nanoseconds: left.nanoseconds + right.nanoseconds)
    }
    @inlinable package static func - (left: Interval, right: Interval) -> Interval {
        Interval(nanoseconds: left.nanoseconds - right.nanoseconds)
    }
}

/// A point on the clock that counts suspension (CLOCK_BOOTTIME); means nothing in another boot.
@usableFromInline package struct Instant: Hashable, Comparable, Sendable {
    @usableFromInline package var nanoseconds: Int64

    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable package static var zero: Instant { Instant(nanoseconds: 0) }

    /// Later than every deadline: stands for "no deadline" where an optional would cost a word.
    @inlinable package static var never: Instant { Instant(nanoseconds: .max) }

    @inlinable package static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Saturates, so that `never` plus anything stays `never`.
    @inlinable package static func + (left: Instant, right: Interval) -> Instant {
        let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
        return Instant(nanoseconds: overflow ? .max : sum)
    }
    @inlinable package static func - (left: Instant, right: Instant) -> Interval {
        Interval(nanoseconds: left.nanoseconds - right.nanoseconds)
    }
}

/// A wall-clock time in microseconds since 1970: shown to people, decides nothing but a first
/// fence.
@usableFromInline package struct WallTime: Hashable, Comparable, Sendable {
    @usableFromInline package var microseconds: Int64

    @inlinable package init(microseconds: Int64) { self.microseconds = microseconds }

    @inlinable package static func < (left: WallTime, right: WallTime) -> Bool {
        left.microseconds < right.microseconds
    }
}

/// The same moment on both clocks; turns the instants that the rules keep into times for people.
@usableFromInline package struct ClockReading: Hashable, Sendable {
    @usableFromInline package var now: Instant
    @usableFromInline package var wall: WallTime

    @inlinable package init(now: Instant, wall: WallTime) {
        self.now = now
        self.wall = wall
    }

    /// The wall-clock rendering of an instant, before or after this reading, rounded down.
    @usableFromInline package func wallTime(of instant: Instant) -> WallTime {
        let (whole, rest) = (instant - now).nanoseconds.quotientAndRemainder(dividingBy: 1_000)
        return WallTime(microseconds: wall.microseconds + (rest < 0 ? whole - 1 : whole))
    }
}
