// The themes of the exhaustive walk. Durations are chosen so that deadlines of different kinds never fall
// together: which of two endings of one instant comes first is not a rule.

import HoldfastCore
import HoldfastModel
import Testing

/// A theme: who takes part, what may happen, under which bounds.
struct Alphabet: CustomTestStringConvertible, Sendable {
    var name: String
    var clients: [Client]
    var letters: [Letter]
    var bounds = LockState.Bounds()
    /// How deep it is walked in a debug build.
    var depth = 4

    var testDescription: String { name }

    func duel() throws -> Duel {
        let canCrash = letters.contains {
            if case .crash = $0 { true } else { false }
        }
        return try Duel(bounds: bounds, clients: clients, canCrash: canCrash)
    }
}

extension Alphabet {
    /// The bounds of most themes: what is finished is forgotten soon, so that forgetting takes part.
    private static var shortMemory: LockState.Bounds {
        var bounds = LockState.Bounds()
        bounds.retain = Interval.milliseconds(2_290)
        return bounds
    }

    private static func request(
        _ mode: Mode = .exclusive,
        lease: Int = 1_000,
        key: String? = nil,
        reason: String? = nil,
        _ change: (inout TicketRequest) -> Void = { _ in }
    ) -> TicketRequest {
        guard let path = ResourcePath("duel") else { preconditionFailure("a valid path") }
        var request = TicketRequest(resource: path, lease: .milliseconds(lease), mode: mode)
        if key != nil || reason != nil {
            request.details = TicketDetails(key: key, holder: "host", reason: reason)
        }
        change(&request)
        return request
    }

    private static let three = [
        Client("A", number: 1), Client("B", number: 2), Client("C", number: 3),
    ]

    static let leases = Alphabet(
        name: "exclusive, shared and leases",
        clients: three,
        letters: [
            .ask(0, .queue, request()),
            .ask(1, .queue, request()),
            .ask(1, .queue, request(.shared, lease: 1_500)),
            .ask(2, .queue, request(.shared)),
            .release(0, .newest),
            .release(1, .oldest),
            .renew(0, .oldest, lease: .milliseconds(1_700)),
            .renew(2, .newest, lease: .milliseconds(300)),
            .pass(.milliseconds(600)),
            .late(.milliseconds(1_100)),
        ],
        bounds: shortMemory
    )

    static let permits = Alphabet(
        name: "permits and priorities",
        clients: three,
        letters: [
            .ask(0, .queue, request(.permit(count: 1, of: 3))),
            .ask(1, .queue, request(.permit(count: 2, of: 3), lease: 3_000)),
            .ask(2, .queue, request(.permit(count: 1, of: 3)) { $0.priority = 5 }),
            .ask(2, .queue, request(.permit(count: 1, of: 2)) { $0.maxWait = .zero }),
            .ask(1, .queue, request(.exclusive) { $0.priority = 9 }),
            .ask(2, .queue, request(.permit(count: 3, of: 3)) { $0.maxWait = .zero }),
            .release(0, .oldest),
            .release(1, .newest),
            .pass(.milliseconds(1_100)),
        ],
        bounds: shortMemory
    )

    static let steals = Alphabet(
        name: "steal, grace and renewal",
        clients: three,
        letters: [
            .ask(0, .queue, request { $0.stealable = true }),
            .ask(1, .queue, request(.shared, lease: 1_300) { $0.stealable = true }),
            .ask(2, .queue, request(lease: 5_000) { $0.priority = 9 }),
            .ask(1, .steal(Steal()), request(.shared, reason: "mine")),
            .ask(2, .steal(Steal(grace: .milliseconds(370))), request(reason: "mine")),
            .ask(
                0,
                .steal(Steal(grace: .milliseconds(770))),
                request(reason: "mine") { $0.maxWait = .milliseconds(230) }
            ),
            .ask(1, .steal(Steal(force: true)), request(reason: "now")),
            .renew(0, .oldest, lease: nil),
            .pass(.milliseconds(500)),
        ],
        bounds: shortMemory
    )

    static let sessions = Alphabet(
        name: "sessions, lost connections and lock delays",
        clients: [
            Client("A", number: 1, hasSession: true), Client("B", number: 2, hasSession: true),
            Client("C", number: 3),
        ],
        letters: [
            .ask(0, .queue, request { $0.lockDelay = .milliseconds(930) }),
            .ask(1, .lock(wait: nil), request(lease: 1_300)),
            .ask(1, .queue, request(.shared)),
            .ask(2, .queue, request()),
            .hangUp(0, unread: true),
            .hangUp(1, unread: false),
            .resume(0),
            .resume(1),
            .endSession(0),
            .clear(2),
            .pass(.milliseconds(600)),
        ]
    )

    static let keys = Alphabet(
        name: "keys, ifMine and maxWait",
        clients: [
            Client("A", number: 1), Client("a", owner: "A", number: 2), Client("B", number: 3),
        ],
        letters: [
            .ask(0, .queue, request(key: "k")),
            .ask(1, .lock(wait: .milliseconds(1_930)), request(key: "k") { $0.notify = .none }),
            .ask(1, .queue, request(.shared, key: "k")),
            .ask(2, .queue, request(key: "k") { $0.maxWait = .milliseconds(930) }),
            .ask(0, .queue, request { $0.ifMine = .return }),
            .ask(2, .queue, request { $0.maxWait = .zero }),
            .release(0, .newest),
            .release(2, .newest),
            .pass(.milliseconds(700)),
        ],
        bounds: shortMemory
    )

    static let waits = Alphabet(
        name: "waits",
        clients: three,
        letters: [
            .ask(0, .queue, request()),
            .ask(1, .lock(wait: .milliseconds(1_170)), request()),
            .ask(2, .lock(wait: nil), request(.shared) { $0.notify = .none }),
            .poll(1, .newest, wait: .milliseconds(730)),
            .release(0, .newest),
            .release(1, .newest),
            .hangUp(1, unread: false),
            .clear(0),
            .pass(.milliseconds(600)),
        ],
        bounds: shortMemory
    )

    static let liveness = Alphabet(
        name: "waiter liveness and unseen grants",
        clients: three,
        letters: [
            .ask(0, .queue, request()),
            .ask(1, .queue, request { $0.pollWithin = .milliseconds(830) }),
            .ask(
                2,
                .queue,
                request(.shared, lease: 2_000) {
                    $0.pollWithin = .milliseconds(830)
                    $0.notify = .none
                    $0.lockDelay = .milliseconds(930)
                }
            ),
            .hangUp(0, unread: true),
            .hangUp(1, unread: true),
            .poll(1, .newest, wait: nil),
            .poll(2, .newest, wait: .milliseconds(410)),
            .status(2, .newest),
            .release(0, .newest),
            .pass(.milliseconds(600)),
        ],
        bounds: shortMemory
    )

    static let bounds = Alphabet(
        name: "bounds, meddlers and hurried turns",
        clients: three,
        letters: [
            .ask(0, .queue, request(.shared)),
            .ask(1, .queue, request(.shared) { $0.priority = 2 }),
            .ask(2, .queue, request()),
            .meddle(0, with: 2, .release),
            .meddle(1, with: 0, .renew),
            .meddle(2, with: 0, .status),
            .check(0, .oldest),
            .release(0, .newest),
            .release(1, .newest),
            .passHurried(.milliseconds(1_100), limit: 1),
        ],
        bounds: {
            var bounds = shortMemory
            bounds.queue = 1
            bounds.retained = 2
            return bounds
        }()
    )

    static let restarts = Alphabet(
        name: "restarts",
        clients: [
            Client("A", number: 1, hasSession: true), Client("B", number: 2),
            Client("C", number: 3),
        ],
        letters: [
            .ask(
                0,
                .queue,
                request(key: "k") {
                    $0.stealable = true
                    $0.lockDelay = .milliseconds(930)
                }
            ),
            .ask(1, .queue, request(.shared) { $0.maxWait = .milliseconds(830) }),
            .ask(2, .steal(Steal(grace: .milliseconds(370))), request(.shared, reason: "mine")),
            .renew(0, .newest, lease: .milliseconds(1_700)),
            .release(0, .newest),
            .release(2, .newest),
            .resume(0),
            .crash,
            .pass(.milliseconds(600)),
        ],
        bounds: shortMemory
    )

    static let all = [restarts, leases, permits, steals, sessions, keys, waits, liveness, bounds]
}
