// How late the oracle may hear of things. Virtual time stands still while anything can run, so a thing is heard in the
// instant in which it was decided, but for two delays: the journal, which takes its time for each batch, and a
// server process that was stopped.

import HoldfastModel

extension Oracle {
    /// What is overdue by this was forgotten: a loop that woke late waits 100 ms (rule 11).
    static let patience = Interval.milliseconds(300)

    /// The server process is stopped from now on.
    func serverPauses(for length: Interval) { pauses.append((now(), now() + length)) }

    /// When the server could see what happened then: while it is stopped it sees nothing.
    func seen(_ instant: Instant) -> Instant {
        var seen = instant
        for pause in pauses where pause.from <= seen + .milliseconds(1) && seen <= pause.until {
            seen = pause.until
        }
        return seen
    }

    /// Whether a thing heard then may have been decided long before.
    func mayBeOld(_ heardAt: Instant) -> Bool {
        pauses.contains { $0.from <= heardAt && heardAt <= $0.until + .milliseconds(400) }
    }

    /// A new server is ready: every running duration starts again (rule 14), and no connection is left.
    func serverIsReady() {
        readyAt = now()
        stoppedFor = stopsSince.map { diedAt - $0 } ?? .zero
        stopsSince = nil
        pauses = []
        namers = [:]
        lockers = [:]
        finders = []
        for name in sessions.keys { sessions[name]?.startAgain(at: now()) }
        for path in resources.keys {
            guard let closing = resources[path]?.closing, closing.until > diedAt + tellingMax
            else { continue }
            resources[path]?.closing?.until = now() + closing.delay
        }
    }
}
