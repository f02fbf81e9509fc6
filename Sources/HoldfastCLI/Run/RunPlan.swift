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

    package private(set) var phase = Phase.waiting
    package let settings: Settings

    private var orders: [RunOrder] = []
    private var trustedUntil = Instant.never
    private var losing: Losing?
    /// The lock is known to be gone, and the group has until then.
    private var graceAfterLoss: Instant?
    private var saidUnprotected = false

    private struct Losing {
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
        case .trusted, .timePassed: break
        case .losing(let grace, let by, let reason): losing(grace, by, reason, at: now)
        case .kept: kept()
        case .lost(let how): lost(how, at: now)
        case .confirmed: if case .confirming = phase { resume() }
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
        case .waiting: settings.waitUntil
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

    // MARK: The lease by this client's clock

    /// A quarter of the lease, at most ten seconds, is the command's time to end in good order.
    private var margin: Interval {
        min(RunPlan.marginMax, Interval(nanoseconds: settings.lease.nanoseconds / 4))
    }

    /// From here on the lock must be taken for lost.
    private var end: Instant {
        min(trustedUntil, losing?.end ?? .never, graceAfterLoss ?? .never)
    }

    /// From here on the command must be told to end.
    private var termAt: Instant {
        guard let losing else { return trustedUntil.back(by: margin) }
        return min(
            losing.end.back(by: losing.margin),
            trustedUntil.back(by: min(margin, losing.margin))
        )
    }

    private mutating func lookAtClock(_ now: Instant) {
        guard now >= nextDeadline else { return }
        switch phase {
        case .waiting: giveUpWaiting(at: now)
        case .cancelling(let code, _): finish(code)
        case .releasing:
            released("no answer; it stays locked until its lease ends")
        case .running where settings.lost == .ignore:
            warnUnprotected("the server has not confirmed the lock of \(settings.resource) in time")
        case .running: now >= end ? kill("the lease may be over") : askToEnd(at: now)
        case .confirming: confirmingTimedOut(at: now)
        case .stopping: kill("the command did not end in time")
        case .lingering: now >= end ? killStragglers(at: now) : probe(at: now)
        case .starting, .over, .killed: break
        }
    }

    private mutating func confirmingTimedOut(at now: Instant) {
        if settings.lost == .ignore { return resume() }
        if now >= end { return kill("the lease ended while this was stopped") }
        now >= termAt ? askToEnd(at: now) : resume()
    }

    // MARK: Waiting

    private mutating func giveUpWaiting(at now: Instant) {
        say("\(settings.resource) was not acquired in time: no answer from the server")
        orders.append(.cancel)
        phase = .cancelling(settings.conflictExitCode, until: now + RunPlan.cancelPatience)
    }

    private mutating func granted(trustedUntil until: Instant, at now: Instant) {
        guard phase == .waiting else { return }
        trustedUntil = until
        phase = .starting
        orders.append(.start)
    }

    private mutating func notGranted(_ code: ExitCode, _ text: String) {
        switch phase {
        case .waiting:
            say(text)
            finish(code == .notAcquired ? settings.conflictExitCode : code)
        case .cancelling(let code, _): finish(code)
        case .starting, .running, .confirming, .stopping, .lingering, .killed, .releasing, .over:
            break
        }
    }

    // MARK: The lock

    private mutating func losing(
        _ grace: Interval,
        _ by: String,
        _ reason: String?,
        at now: Instant
    ) {
        let isNew = losing == nil
        let quarter = Interval(nanoseconds: grace.nanoseconds / 4)
        losing = Losing(end: now + grace, margin: min(margin, quarter))
        guard isNew, isCommandAlive else { return }
        let why = reason.map { " (\($0))" } ?? ""
        say("\(settings.resource) is being taken by \(by)\(why): \(grace.text) left to finish")
    }

    private mutating func kept() {
        guard losing != nil else { return }
        losing = nil
        if isCommandAlive { say("\(settings.resource) is not taken after all") }
    }

    private mutating func lost(_ how: String, at now: Instant) {
        guard isCommandAlive, graceAfterLoss == nil else { return }
        let text = "\(settings.resource) was lost: \(how)"
        if settings.lost == .ignore { return warnUnprotected(text) }
        say(text)
        graceAfterLoss = min(end, now + margin)
        if case .confirming = phase { return kill("it was lost while this was stopped") }
        if phase == .running { askToEnd(at: now) }
    }

    /// Whether there is a command that a loss concerns.
    private var isCommandAlive: Bool {
        switch phase {
        case .starting, .running, .confirming, .stopping, .lingering: true
        case .waiting, .cancelling, .killed, .releasing, .over: false
        }
    }

    private mutating func warnUnprotected(_ text: String) {
        guard !saidUnprotected else { return }
        saidUnprotected = true
        say("warning: \(text); the command goes on without it (--lost ignore)")
    }

    private mutating func askToEnd(at now: Instant) {
        if graceAfterLoss == nil {
            let reason =
                losing == nil ? "the server has not confirmed the lock" : "the lock is being taken"
            say("\(settings.resource): \(reason); it may be lost in \((end - now).text)")
        }
        say("ending the command with SIGTERM")
        // A stopped process sees SIGTERM only when it goes on.
        orders += [.signalGroup(SIGTERM), .signalGroup(SIGCONT)]
        phase = .stopping
    }

    private mutating func kill(_ why: String) {
        say("\(settings.resource): \(why); ending the command with SIGKILL")
        orders.append(.signalGroup(SIGKILL))
        phase = .killed
    }

    private mutating func probe(at now: Instant) {
        orders.append(.probeGroup)
        phase = .lingering(probeAt: now + RunPlan.probeInterval)
    }

    private mutating func killStragglers(at now: Instant) {
        orders.append(.signalGroup(SIGKILL))
        endAfterLoss(at: now)
    }

    /// The command is gone; a lock that may still be held is given back.
    private mutating func endAfterLoss(at now: Instant) {
        guard graceAfterLoss == nil, now < end else { return finish(.lockLost) }
        orders.append(.release)
        phase = .releasing(.lockLost, until: now + RunPlan.confirmPatience)
    }

    // MARK: The command

    private mutating func notStarted(_ code: ExitCode, _ text: String, at now: Instant) {
        say(text)
        release(then: code, at: now)
    }

    private mutating func exited(_ code: ExitCode, at now: Instant) {
        switch phase {
        case .starting, .running, .confirming: release(then: code, at: now)
        case .stopping: probe(at: now)
        case .killed: endAfterLoss(at: now)
        case .waiting, .cancelling, .lingering, .releasing, .over: break
        }
    }

    private mutating func stopped() {
        switch phase {
        case .starting, .running: orders.append(.stopSelf)
        // It is on its way out: standing still would only cost it the time it has.
        case .stopping, .lingering: orders.append(.signalGroup(SIGCONT))
        case .waiting, .cancelling, .confirming, .killed, .releasing, .over: break
        }
    }

    /// The lease is looked at before the command moves again: the clock was, now the server is asked.
    private mutating func continued(at now: Instant) {
        guard phase == .running || phase == .starting else { return }
        orders.append(.confirm)
        phase = .confirming(until: now + RunPlan.confirmPatience)
    }

    private mutating func resume() {
        phase = .running
        orders.append(.resumeCommand)
    }

    private mutating func release(then code: ExitCode, at now: Instant) {
        orders.append(.release)
        phase = .releasing(code, until: now + RunPlan.releasePatience)
    }

    private mutating func released(_ trouble: String?) {
        guard case .releasing(let code, _) = phase else { return }
        if let trouble, code != .lockLost {
            say("\(settings.resource) could not be released: \(trouble)")
        }
        finish(code)
    }

    // MARK: Signals

    private mutating func signal(_ number: Int32, at now: Instant) {
        switch phase {
        case .waiting where RunPlan.ends(number):
            orders.append(.cancel)
            phase = .cancelling(.signal(number), until: now + RunPlan.cancelPatience)
        case .cancelling where RunPlan.ends(number), .releasing where RunPlan.ends(number):
            finish(.signal(number))
        // The command stays where it is until the lease was looked at.
        case .confirming where number == SIGCONT: break
        case .starting, .running, .confirming, .stopping, .lingering, .killed:
            orders.append(.signalGroup(number))
        case .waiting, .cancelling, .releasing, .over: break
        }
    }

    private static func ends(_ number: Int32) -> Bool {
        [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(number)
    }

    // MARK: Ends

    private mutating func say(_ text: String) { orders.append(.say(text)) }

    private mutating func finish(_ code: ExitCode) {
        orders.append(.exit(code))
        phase = .over
    }
}

extension Instant {
    /// Earlier by this much; never stays never.
    fileprivate func back(by interval: Interval) -> Instant {
        self == .never ? .never : Instant(nanoseconds: nanoseconds - interval.nanoseconds)
    }
}
