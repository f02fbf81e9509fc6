// What becomes of the command: not started, ended, stopped, continued, signalled.

import Glibc
import HoldfastModel

extension RunPlan {
    mutating func notStarted(_ code: ExitCode, _ text: String, at now: Instant) {
        say(text)
        release(then: code, at: now)
    }

    mutating func exited(_ code: ExitCode, at now: Instant) {
        switch phase {
        case .starting, .running, .confirming: release(then: code, at: now)
        case .stopping: probe(at: now)
        case .killed: endAfterLoss(at: now)
        case .waiting, .verifying, .cancelling, .lingering, .releasing, .over: break
        }
    }

    mutating func stopped() {
        switch phase {
        case .starting, .running: orders.append(.stopSelf)
        // It is on its way out: standing still would only cost it the time it has.
        case .stopping, .lingering: orders.append(.signalGroup(SIGCONT))
        case .waiting, .verifying, .cancelling, .confirming, .killed, .releasing, .over: break
        }
    }

    /// The lease is looked at before the command moves again: the clock was, now the server is asked.
    mutating func continued(at now: Instant) {
        guard phase == .running || phase == .starting else { return }
        orders.append(.confirm)
        phase = .confirming(until: now + RunPlan.confirmPatience)
    }

    mutating func resume() {
        phase = .running
        orders.append(.resumeCommand)
    }

    mutating func release(then code: ExitCode, at now: Instant) {
        orders.append(.release)
        phase = .releasing(code, until: now + RunPlan.releasePatience)
    }

    mutating func released(_ trouble: String?) {
        switch phase {
        case .cancelling(let code, _): finish(code)
        case .releasing(let code, _):
            if let trouble, code != .lockLost {
                say("\(settings.resource) could not be released: \(trouble)")
            }
            finish(code)
        case .waiting, .verifying, .starting, .running, .confirming, .stopping, .lingering,
            .killed, .over:
            break
        }
    }

    // MARK: Signals

    mutating func signal(_ number: Int32, at now: Instant) {
        switch phase {
        case .waiting where number == SIGTSTP: orders.append(.stopSelf)
        case .waiting where RunPlan.ends(number), .verifying where RunPlan.ends(number):
            orders.append(.cancel)
            phase = .cancelling(.signal(number), until: now + RunPlan.cancelPatience)
        case .cancelling where RunPlan.ends(number), .releasing where RunPlan.ends(number):
            finish(.signal(number))
        // The command stays where it is until the lease was looked at.
        case .confirming where number == SIGCONT: break
        case .starting, .running, .confirming, .stopping, .lingering, .killed:
            orders.append(.signalGroup(number))
        case .waiting, .verifying, .cancelling, .releasing, .over: break
        }
    }

    static func ends(_ number: Int32) -> Bool {
        [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(number)
    }
}
