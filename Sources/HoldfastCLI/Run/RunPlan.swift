// What `run` does when: a state machine without a clock, a socket or a process. Every decision of the
// command is made here, so that every one can be tested in virtual time.
//
//     lease   ├──────── trusted ───────────────────────┤ end, by this client's clock (rules 5 and 13)
//     command ├──────── runs ──────────┤ SIGTERM ──────┤ SIGKILL
//                                      └── margin ─────┘
//
// Each input looks at the clock first: after a pause of this process (Ctrl-Z, a suspended machine) the
// lease may be over, and that must be known before anything else is believed.

import Glibc
package import HoldfastModel

package struct RunPlan: Sendable {
    package struct Settings: Sendable {
        package var resource: String
        package var lease: Interval
        package var lost: LostPolicy
        package var conflictExitCode: ExitCode
        /// When waiting is over, whatever the server says.
        package var waitUntil: Instant

        package init(
            resource: String,
            lease: Interval,
            lost: LostPolicy = .term,
            conflictExitCode: ExitCode = .notAcquired,
            waitUntil: Instant = .never
        ) {
            self.resource = resource
            self.lease = lease
            self.lost = lost
            self.conflictExitCode = conflictExitCode
            self.waitUntil = waitUntil
        }
    }

    package enum Phase: Equatable, Sendable {
        /// No lock yet. Leaves for `starting` when granted, `cancelling` by a signal, `over` when refused.
        case waiting
        /// Granted, but so long ago that the lease may be over (this process stood still meanwhile). Leaves
        /// for `starting` when the server confirms it, for `waiting` when it is lost.
        case verifying
        /// Giving up the place in the queue; leaves for `over` when that is done or takes too long.
        case cancelling(ExitCode, until: Instant)
        /// Holds the lock; leaves for `running` when the command runs, `releasing` when it cannot.
        case starting
        /// Leaves for `releasing` when the command ends, `stopping` when the lease is in danger.
        case running
        /// Continued after a stop; the command still stands. Leaves for `running` when the server has
        /// answered or did not in time, for `stopping` or `killed` when the lease is in danger or over.
        case confirming(until: Instant)
        /// The command was asked to end; leaves for `lingering` when it does, `killed` at the end.
        case stopping
        /// The command ended, perhaps not all of its group; leaves for `over` with the last of them.
        case lingering(probeAt: Instant)
        /// The group was killed; leaves when the command's end is seen.
        case killed
        /// Leaves for `over` when the lock was given back or that takes too long.
        case releasing(ExitCode, until: Instant)
        case over
    }

    package internal(set) var phase = Phase.waiting
    package let settings: Settings

    var orders: [RunOrder] = []
    var trustedUntil = Instant.never
    var losing: Losing?
    /// The lock is known to be gone, and the group has until then.
    var graceAfterLoss: Instant?
    var saidUnprotected = false

    struct Losing {
        var end: Instant
        var margin: Interval
    }

    package static let cancelPatience = Interval.seconds(2)
    package static let releasePatience = Interval.seconds(5)
    package static let confirmPatience = Interval.seconds(1)
    package static let probeInterval = Interval.milliseconds(50)
    package static let marginMax = Interval.seconds(10)

    package init(settings: Settings) { self.settings = settings }

    // MARK: What happens

    /// Takes one input; the answer is what to do now.
    package mutating func handle(_ input: RunInput, at now: Instant) -> [RunOrder] {
        // What the server has confirmed counts before the clock is looked at: it was true all the time.
        if case .trusted(let until) = input { trustedUntil = until }
        lookAtClock(now)
        switch input {
        case .queued(let place): if phase == .waiting { orders.append(.show(place)) }
        case .granted(let until): granted(trustedUntil: until, at: now)
        case .notGranted(let code, let text): notGranted(code, text)
        case .missed: missed()
        case .trusted, .timePassed: break
        case .losing(let grace, let by, let reason): losing(grace, by, reason, at: now)
        case .kept: kept()
        case .lost(let how): lost(how, at: now)
        case .confirmed: confirmed()
        case .released: released(nil)
        case .notReleased(let text): released(text)
        case .started: phase = .running
        case .notStarted(let code, let text): notStarted(code, text, at: now)
        case .exited(let code): exited(code, at: now)
        case .stopped: stopped()
        case .groupEnded: if case .lingering = phase { endAfterLoss(at: now) }
        case .signal(let number): signal(number, at: now)
        case .continued: continued(at: now)
        }
        lookAtClock(now)
        return takeOrders()
    }

    /// When something is due next: then, and after every pause, `timePassed` must be told.
    package var nextDeadline: Instant {
        switch phase {
        case .waiting, .verifying: settings.waitUntil
        case .cancelling(_, let until), .releasing(_, let until): until
        case .starting, .over, .killed: .never
        case .running where settings.lost == .ignore: saidUnprotected ? .never : end
        case .running: termAt
        case .confirming(let until): min(until, end)
        case .stopping: end
        case .lingering(let probeAt): min(probeAt, end)
        }
    }

    private mutating func takeOrders() -> [RunOrder] {
        defer { orders = [] }
        return orders
    }

    // MARK: Ends

    mutating func say(_ text: String) { orders.append(.say(text)) }

    mutating func finish(_ code: ExitCode) {
        orders.append(.exit(code))
        phase = .over
    }
}
