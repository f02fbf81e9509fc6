// What becomes of the lock while the command runs: taken by others, kept after all, lost; and how the
// command is made to end for it.

import Glibc
import HoldfastModel

extension RunPlan {
    mutating func losing(
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

    mutating func kept() {
        guard losing != nil else { return }
        losing = nil
        if isCommandAlive { say("\(settings.resource) is not taken after all") }
    }

    mutating func lost(_ how: String, at now: Instant) {
        if phase == .verifying { return missed() }
        guard isCommandAlive, graceAfterLoss == nil else { return }
        let text = "\(settings.resource) was lost: \(how)"
        if settings.lost == .ignore { return warnUnprotected(text) }
        say(text)
        graceAfterLoss = min(end, now + margin)
        if case .confirming = phase { return kill("it was lost while this was stopped") }
        if phase == .running { askToEnd(at: now) }
    }

    /// Whether there is a command that a loss concerns.
    var isCommandAlive: Bool {
        switch phase {
        case .starting, .running, .confirming, .stopping, .lingering: true
        case .waiting, .verifying, .cancelling, .killed, .releasing, .over: false
        }
    }

    mutating func warnUnprotected(_ text: String) {
        guard !saidUnprotected else { return }
        saidUnprotected = true
        say("warning: \(text); the command goes on without it (--lost ignore)")
    }

    mutating func askToEnd(at now: Instant) {
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

    mutating func kill(_ why: String) {
        say("\(settings.resource): \(why); ending the command with SIGKILL")
        orders.append(.signalGroup(SIGKILL))
        phase = .killed
    }

    mutating func probe(at now: Instant) {
        orders.append(.probeGroup)
        phase = .lingering(probeAt: now + RunPlan.probeInterval)
    }

    mutating func killStragglers(at now: Instant) {
        orders.append(.signalGroup(SIGKILL))
        endAfterLoss(at: now)
    }

    /// The command is gone; a lock that may still be held is given back.
    mutating func endAfterLoss(at now: Instant) {
        guard graceAfterLoss == nil, now < end else { return finish(.lockLost) }
        orders.append(.release)
        phase = .releasing(.lockLost, until: now + RunPlan.confirmPatience)
    }
}
