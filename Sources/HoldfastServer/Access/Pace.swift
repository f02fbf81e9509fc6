// How fast a principal may ask (rule 31, `requests_per_second`). Its tokens lie with its owner, so that it has them
// once over all connections, loops and transports. A refusal costs the server, too: a connection that got one is not
// read again for a moment, and what it sends meanwhile stays in the kernel, where it slows down its sender.
//
// What keeps and ends locks has a reserve of its own and is refused last: whoever asks for too much shall not lose what
// it holds, nor keep others waiting for what it wants to give back.

import HoldfastCoordinator
import HoldfastModel

/// The pace of one connection's requests.
struct Pace: Sendable {
    private let loop: any Loop
    /// What applies to whoever has no limit of its own; nil: none.
    private let rate: Int?
    private let provesNames: Bool
    private let wasRefused: LoopBound<Bool>

    init(of setting: Setting, on loop: any Loop) {
        self.loop = loop
        provesNames = setting.authority.provesNames
        rate = setting.requestsPerSecond
        wasRefused = LoopBound(false, on: loop)
    }

    /// Whether anybody may be refused at all.
    var isBound: Bool { rate != nil || provesNames }

    /// What applies to this principal.
    ///
    /// Whoever has not said who it is shares its name with all who have not: its connection is bounded, not the name
    /// (`LinePatience`).
    func rate(of principal: Principal) -> Int? {
        guard !provesNames || principal.isProved else { return nil }
        return principal.limits.requests ?? rate
    }

    /// Takes a token for a request; where there is none, what to answer.
    func refusal(of principal: Principal, keeps: Bool) -> Refusal? {
        guard let rate = rate(of: principal),
            let wait = principal.owner.requests.take(at: loop.reading.now, rate: rate, keeps: keeps)
        else { return nil }
        noteRefusal()
        var refusal = Refusal.exceeded(
            .requestsPerSecond,
            "\(principal.owner.name) asked more than \(rate) times in a second"
        )
        refusal.retryAfter = wait
        return refusal
    }

    /// Something else was wrong with a request: it costs as much as one that is right.
    func noteFlaw(of principal: Principal) {
        guard let rate = rate(of: principal) else { return }
        let now = loop.reading.now
        if principal.owner.requests.take(at: now, rate: rate, keeps: false) != nil { noteRefusal() }
    }

    private func noteRefusal() { wasRefused.value = true }

    /// Something was refused since the last pause.
    var wantsPause: Bool { wasRefused.value }

    /// Waits for a moment where something was refused since the last time.
    func pauseAfterRefusal() async {
        guard wantsPause else { return }
        wasRefused.value = false
        let alarm = loop.makeAlarm()
        alarm.set(for: loop.reading.now + Pace.pause)
        _ = await alarm.rings()
    }

    static let pause = Interval.milliseconds(20)
}

extension Setting {
    /// Of a principal that has no limit of its own; nil: none.
    var requestsPerSecond: Int? {
        limits.requestsPerSecond
            ?? (authority.provesNames ? Limits.requestsPerSecondDefault : nil)
    }
}

extension Operation.Kind {
    /// It keeps what somebody has, or gives it back.
    var keeps: Bool {
        switch self {
        case .renew, .release, .ping, .bye, .unwatch, .hello: true
        case .queue, .lock, .steal, .exchange, .acquire, .status, .check, .list, .resources,
            .history, .clear, .watch, .drain, .stats, .unreadable:
            false
        }
    }
}
