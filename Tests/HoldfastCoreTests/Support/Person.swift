// The people of the tests: an owner, a connection, sometimes a session.

import HoldfastCore
import HoldfastModel

/// Who asks, and from where.
struct Person: Hashable {
    var owner: Owner
    var connection: ConnectionID
    var session: SessionID?
    var rights = Caller.Rights.lock.union(.read).union(.steal)

    static let ann = Person(owner: Owner(name: "ann"), connection: .numbered(1))
    static let bob = Person(owner: Owner(name: "bob"), connection: .numbered(2))
    static let cid = Person(owner: Owner(name: "cid"), connection: .numbered(3))
    static let root = Person(
        owner: Owner(name: "root"),
        connection: .numbered(9),
        rights: .all
    )

    /// The same owner on another connection.
    func elsewhere(_ number: UInt64 = 50) -> Person {
        var other = self
        other.connection = .numbered(number)
        return other
    }

    /// With a session on this connection.
    func inSession(_ number: UInt64 = 77) -> Person {
        var other = self
        other.session = SessionID(bits: number << 8)
        return other
    }

    func may(_ rights: Caller.Rights) -> Person {
        var other = self
        other.rights = rights
        return other
    }
}

extension ConnectionID {
    static func numbered(_ number: UInt64) -> ConnectionID {
        ConnectionID(serial: number, loop: LoopIndex(number: 0))
    }
}

extension Interval {
    static func s(_ seconds: Double) -> Interval { Interval(seconds: seconds) }
}
