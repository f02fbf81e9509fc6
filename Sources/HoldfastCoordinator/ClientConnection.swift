// A client as the coordinator sees it: somebody on some loop who takes answers and events. The TCP
// server puts a line writer behind it, an HTTP gateway a response, a test a list.

import HoldfastCore
package import HoldfastModel

/// Takes what a client is told.
///
/// Called on the client's loop, at the end of a turn.
package protocol ClientConnection: AnyObject, Sendable {
    /// Nothing can be told any more, though the client is still on its way out.
    var isGone: Bool { get }

    /// The one answer to a request. The receipt goes back where it is never written.
    func take(_ answer: Answer, to request: UInt64, _ receipt: Receipt?)

    /// The same for an answer of the short way; a grant comes with its receipt.
    func take(_ reply: PlainReply, to request: UInt64, _ receipt: Receipt?)

    /// The request waits on this ticket; its answer comes later.
    func takeWait(_ request: UInt64, on wait: WaitPlace)

    func take(_ event: TicketEvent, _ receipt: Receipt?)

    /// A notice for a watch of this client; the client numbers it.
    func take(_ notice: Notice, for watch: UInt64)

    /// The server is about to close this client of its own accord.
    func takeGoodbye(_ reason: Goodbye)

    /// What was written behind the gates of these batches may leave: they are durable.
    func openGates(upTo batch: UInt64)

    /// Rule 28: what stands behind gates never is durable: whoever asked for it is refused.
    func shutGates(_ refusal: Refusal)
}

extension ClientConnection {
    // Whoever has no gates.

    package func openGates(upTo batch: UInt64) {}

    package func shutGates(_ refusal: Refusal) {}
}

/// Where a request waits: what to tell if its client goes away.
package struct WaitPlace: Sendable {
    package let resource: Resource
    package let ticketIndex: UInt32

    package init(resource: Resource, ticketIndex: UInt32) {
        self.resource = resource
        self.ticketIndex = ticketIndex
    }
}

/// The waits of one client at one shard that end because it is gone or will send no more.
package struct WaitEnds: Sendable {
    package let home: ShardHome
    package var places: [WaitPlace]
    /// Also those of which the client was not told yet, because the disk has not taken them.
    package var withUntold: Bool

    package init(at home: ShardHome, places: [WaitPlace] = [], withUntold: Bool = false) {
        self.home = home
        self.places = places
        self.withUntold = withUntold
    }

    /// Tells the shard from another loop, or later.
    package func handOver(for connection: ConnectionID) {
        home.mailbox.post(.connectionEnded(connection, self))
    }
}

/// The clients of one loop.
package final class Roster: Sendable {
    package let loop: any Loop
    private let clients: LoopBound<Clients>

    private struct Clients {
        var byID: [ConnectionID: any ClientConnection] = [:]
        var nextSerial: UInt64 = 0
    }

    package init(loop: any Loop) {
        self.loop = loop
        clients = LoopBound(Clients(), on: loop)
    }

    /// A name that no connection of this process had before.
    package func nextID() -> ConnectionID {
        defer { clients.value.nextSerial += 1 }
        return ConnectionID(serial: clients.value.nextSerial, loop: loop.index)
    }

    package func add(_ client: any ClientConnection, as id: ConnectionID) {
        clients.value.byID[id] = client
    }

    package func remove(_ id: ConnectionID) {
        clients.value.byID[id] = nil
        // 10,000 connections that left must not keep their table.
        if clients.value.byID.isEmpty { clients.value.byID = [:] }
    }

    package func client(_ id: ConnectionID) -> (any ClientConnection)? {
        clients.value.byID[id]
    }

    /// In the order in which they came: that of a dictionary differs from run to run.
    package var all: [any ClientConnection] {
        clients.value.byID.sorted { $0.key.bits < $1.key.bits }.map(\.value)
    }

    package var count: Int { clients.value.byID.count }
}
