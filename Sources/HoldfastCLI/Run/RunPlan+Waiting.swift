// Before the command runs: granted, granted too late, missed, not granted.

import HoldfastModel

extension RunPlan {
    mutating func giveUpWaiting(at now: Instant) {
        say("\(settings.resource) was not acquired in time: no answer from the server")
        orders.append(.cancel)
        phase = .cancelling(settings.conflictExitCode, until: now + RunPlan.cancelPatience)
    }

    mutating func granted(trustedUntil until: Instant, at now: Instant) {
        // It crossed the cancel: nobody wants it any more.
        if case .cancelling = phase { return orders.append(.release) }
        guard phase == .waiting else { return }
        trustedUntil = until
        guard now < termAt else {
            orders.append(.confirm)
            phase = .verifying
            return
        }
        phase = .starting
        orders.append(.start)
    }

    /// Whoever waits for ever goes on waiting; a bound to the wait holds for all attempts together.
    mutating func missed() {
        switch phase {
        case .waiting, .verifying:
            trustedUntil = .never
            orders.append(.askAgain)
            phase = .waiting
        case .cancelling(let code, _): finish(code)
        case .starting, .running, .confirming, .stopping, .lingering, .killed, .releasing, .over:
            break
        }
    }

    mutating func confirmed() {
        switch phase {
        case .verifying:
            phase = .starting
            orders.append(.start)
        case .confirming: resume()
        case .waiting, .cancelling, .starting, .running, .stopping, .lingering, .killed,
            .releasing, .over:
            break
        }
    }

    mutating func notGranted(_ code: ExitCode, _ text: String) {
        switch phase {
        case .waiting:
            say(text)
            finish(code == .notAcquired ? settings.conflictExitCode : code)
        case .cancelling(let code, _): finish(code)
        case .verifying, .starting, .running, .confirming, .stopping, .lingering, .killed,
            .releasing, .over:
            break
        }
    }
}
