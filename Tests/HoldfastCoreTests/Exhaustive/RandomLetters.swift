// Letters drawn at random: five clients, every kind of request, durations that never fall together.

import HoldfastCore
import HoldfastModel

/// Draws what happens next in a long walk.
struct RandomLetters {
    var generator: SplitMix64
    let path: ResourcePath
    /// Permits or shared locks: both on one resource mostly refuse each other.
    private let sharesByPermit: Bool

    init(seed: UInt64, path: ResourcePath) {
        generator = SplitMix64(seed: seed)
        self.path = path
        sharesByPermit = seed.isMultiple(of: 2)
    }

    /// Two with sessions, two of one owner, one on its own.
    static let clients = [
        Client("A", number: 1), Client("a", owner: "A", number: 2),
        Client("B", number: 3, hasSession: true), Client("C", number: 4, hasSession: true),
        Client("D", number: 5),
    ]

    private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

    mutating func next() -> Letter {
        let client = pick(RandomLetters.clients.count)
        switch pick(40) {
        case 0..<9: return .ask(client, .queue, request())
        case 9..<12: return .ask(client, .lock(wait: wait()), request())
        case 12..<14: return .ask(client, .steal(steal()), request(isSteal: true))
        case 14..<17: return .poll(client, which(), wait: pick(2) == 0 ? nil : interval(4_000))
        case 17..<19: return .renew(client, which(), lease: pick(2) == 0 ? nil : interval(4_000))
        case 19..<24: return .release(client, which())
        case 24: return .status(client, which())
        case 25: return .check(client, which())
        case 26: return .meddle(client, with: pick(5), meddling())
        case 27:
            switch pick(8) {
            case 0: return .clear(client)
            case 1: return .withdraw(client)
            default: return .release(client, .oldest)
            }
        case 28..<30: return .hangUp(client, unread: pick(2) == 0)
        case 30..<32: return .resume(client)
        case 32: return .endSession(client)
        case 33: return pick(2) == 0 ? .crash : .passDutifully(interval(6_000))
        default: return .passDutifully(interval(1_000))
        }
    }

    private mutating func interval(_ milliseconds: Int) -> Interval {
        generator.interval(upTo: milliseconds)
    }

    private mutating func wait() -> Interval? { pick(3) == 0 ? nil : interval(4_000) }

    private mutating func steal() -> Steal {
        Steal(grace: pick(3) == 0 ? .zero : interval(2_000), force: pick(3) == 0)
    }

    private mutating func which() -> Letter.Which {
        switch pick(4) {
        case 0: .oldest
        case 1: .remembered(pick(6))
        default: .newest
        }
    }

    private mutating func meddling() -> Letter.Meddling {
        [.poll, .renew, .release, .status, .check][pick(5)]
    }

    private mutating func mode() -> Mode {
        switch pick(6) {
        case 0..<2: .exclusive
        case 2: sharesByPermit ? .shared : .permit(count: 1, of: 4)
        default: sharesByPermit ? .permit(count: UInt32(1 + pick(3)), of: 4) : .shared
        }
    }

    private mutating func request(isSteal: Bool = false) -> TicketRequest {
        let hasKey = !isSteal && pick(6) == 0
        if hasKey { return keyed() }
        var request = TicketRequest(resource: path, lease: interval(4_000), mode: mode())
        if pick(4) == 0 { request.maxWait = pick(3) == 0 ? .zero : interval(3_000) }
        if pick(3) == 0 { request.priority = UInt8(pick(10)) }
        if pick(8) == 0 { request.ifMine = .return }
        if pick(3) == 0 { request.binding = .ticket }
        if pick(2) == 0 { request.stealable = true }
        if pick(4) == 0 { request.lockDelay = .milliseconds(1 + pick(2_000)) }
        if pick(2) == 0 { request.pollWithin = .milliseconds(1 + pick(5_000)) }
        if pick(5) == 0 { request.notify = .none }
        if isSteal { request.details = TicketDetails(reason: "mine") }
        return request
    }

    /// Requests of one key are the same, mostly.
    private mutating func keyed() -> TicketRequest {
        let isOther = pick(5) == 0
        return TicketRequest(
            resource: path,
            lease: isOther ? .milliseconds(1_900) : .milliseconds(2_100),
            binding: .ticket,
            notify: pick(3) == 0 ? .none : .state,
            details: TicketDetails(key: ["k", "l"][pick(2)], holder: "host")
        )
    }
}
