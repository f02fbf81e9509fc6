// A client that speaks the line protocol by itself, badly on purpose: it pipelines, retries, forgets, crashes,
// sends nonsense. What it trusts is exactly what rules 5 and 13 allow, and the oracle is told of it.

import HoldfastModel

/// One raw client; one owner.
final class RawClient: @unchecked Sendable {
    let number: Int
    let stage: Stage
    var connection: RawConnection?
    var session: RawSession?
    /// By label, in the order in which they were asked for.
    var tickets: [RawTicket] = []
    /// Requests with a key that were never answered.
    var unanswered: [Asked] = []
    /// The latest requests with a key.
    var keyed: [Asked] = []
    var isPaused = false
    var nextRequest = 1
    /// Counts the sessions this client gave up.
    var sessionEpoch = 0

    init(_ number: Int, on stage: Stage) {
        self.number = number
        self.stage = stage
    }

    var oracle: Oracle { stage.oracle }
    var now: Instant { stage.world.now }
    var name: String { "c\(number)" }

    func below(_ bound: Int) -> Int { stage.world.random.below(bound) }
    func chance(_ percent: Int) -> Bool { stage.world.random.chance(percent) }

    /// A session as its client knows it.
    struct RawSession {
        var id: String
        var secret: String
        var grace: Interval
    }

    /// A ticket as its owner knows it.
    struct RawTicket {
        var text: String
        var label: String
        var isHeld = false
        var isOver = false
        /// The sending time of the last answered request of this connection that named it.
        var namedAt: Instant?
        /// The server tells this connection of it.
        var isHeardHere = false
        /// It was given back, or that was tried.
        var isLetGo = false
        /// As it was told last.
        var position: Int?
    }

    // MARK: Connection

    func connect() {
        guard let link = stage.connect() else { return }
        stage.note("\(name) connects")
        let connection = RawConnection(link, of: self)
        self.connection = connection
        for index in tickets.indices {
            tickets[index].namedAt = nil
            tickets[index].isHeardHere = false
        }
        // Who says no name is `anonymous`; one client alone may be that, too.
        if number > 0 || chance(70) { greet() }
    }

    private func greet() {
        if stage.has(.garbage), chance(5) {
            let nobody = String(repeating: "x", count: 300)
            return send("hello", "\"version\":1,\"token\":\"\(nobody)\"")
        }
        var fields = "\"version\":1,\"token\":\"\(name)\""
        if let session, chance(90) {
            if let link = connection?.link {
                oracle.sessionMayResume(sessionName, over: link)
            }
            fields += ",\"resume\":{\"session\":\"\(session.id)\",\"secret\":\"\(session.secret)\"}"
        } else if chance(60) {
            forgetSession()
            let grace = Double(100 + below(3_000)) / 1_000
            fields += ",\"session\":{\"grace\":\(grace)}"
        }
        send("hello", fields)
    }

    /// The session of the moment, for the oracle.
    var sessionName: SessionName { SessionName(client: number, epoch: sessionEpoch) }

    func forgetSession() {
        session = nil
        sessionEpoch += 1
        oracle.sessionEpochs[number] = sessionEpoch
        oracle.endTrust(ofClient: number, onlyBound: true)
    }

    /// Everything this process knew is gone; its owner comes back as a stranger to its own tickets.
    func crash() {
        stage.inject(.clientCrash, name)
        oracle.endTrust(ofClient: number)
        if let link = connection?.link, chance(50) {
            // What comes to a process that is gone is answered with a reset.
            link.toServer.finish()
            stage.world.after(.seconds(1)) { link.reset() }
        } else {
            connection?.link.reset()
        }
        connection = nil
        forgetSession()
        tickets = []
        unanswered = []
        keyed = []
    }

    func broke(_ broken: RawConnection) {
        guard connection === broken else { return }
        stage.note("\(name) lost its connection")
        for pending in broken.pending {
            guard var asked = pending.asked, asked.key != nil else { continue }
            asked.isNamed = broken.isNamed
            unanswered.append(asked)
        }
        connection = nil
    }

    // MARK: Sending

    func send(
        _ op: String,
        _ fields: String = "",
        ticket: String? = nil,
        asked: Asked? = nil,
        waits: Bool = false
    ) {
        guard let connection else { return }
        let id = nextRequest
        nextRequest += 1
        let line = "{\"id\":\(id),\"op\":\"\(op)\"\(fields.isEmpty ? "" : ",")\(fields)}"
        oracle.count("op \(op)")
        if op == "hello" {
            connection.isNamed = true
            connection.sessionName = sessionName
        }
        connection.noteSending(op)
        noteNaming(op, ticket: ticket, asked: asked, over: connection.link.toServer)
        connection.pending.append(
            RawConnection.Pending(
                id: id,
                op: op,
                sentAt: now,
                ticket: ticket,
                asked: asked,
                waits: waits
            )
        )
        stage.note("\(name) > \(line)")
        connection.write(Array((line + "\n").utf8))
    }

    /// Which tickets the server tells of on this connection from now on.
    private func noteNaming(_ op: String, ticket: String?, asked: Asked?, over link: Direction) {
        guard ["queue", "lock", "steal", "acquire"].contains(op) else { return }
        if let asked, asked.isIfMine {
            oracle.mayFind(ticketsOf: number, on: asked.resource, over: link)
        }
        if let label = asked?.label ?? ticket.flatMap({ oracle.tickets[$0]?.label }) {
            oracle.names(label, over: link, waits: op == "lock")
        }
    }

    func index(of text: String) -> Int? { tickets.firstIndex { $0.text == text } }
}
