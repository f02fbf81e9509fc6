// A raw client's connection: bytes into lines, lines to whom they answer. Replies come in the order of the
// requests, but for those that wait; every request on a connection that stays open is answered once (PROTOCOL §2).

import HoldfastModel

/// One connection of a raw client.
final class RawConnection: @unchecked Sendable {
    let link: Link
    private weak var client: RawClient?
    private var received: [UInt8] = []
    private var unsent: [UInt8] = []
    var pending: [Pending] = []
    var isNamed = false
    var isResuming: Bool { pending.first?.op == "hello" && pending[0].mayFail }
    var carriesSession = false
    /// What `hello` spoke of here.
    var sessionName: SessionName?
    let openedAt: Instant
    /// When it heard of its session.
    var greetedAt: Instant?
    /// By watch.
    var sequences: [Int: Int] = [:]
    var hasFinished = false
    /// The server said goodbye: it tells nothing more here.
    var isSentAway = false
    /// Asked for one after another, each while another was on its way.
    private var pageCount = 0
    /// Of tickets whose end was told here.
    var toldEnds: Set<String> = []

    /// A request that waits for its reply.
    struct Pending {
        var id: Int
        var op: String
        var sentAt: Instant
        var ticket: String?
        var asked: Asked?
        var waits: Bool
        var mayFail = true
        /// The ticket that it waits on, as the event `queued` told.
        var told: String?
    }

    init(_ link: Link, of client: RawClient) {
        self.link = link
        self.client = client
        openedAt = client.now
        link.toClient.whenReadable = { [weak self] in self?.receive() }
    }

    /// A server that has four pages of a connection on their way does not read it until they are out; and what comes
    /// after a `bye`, the end of input, too, it reads when the end of the session is durable.
    func noteSending(_ op: String) {
        let isPage: (String) -> Bool = { $0 == "list" || $0 == "history" }
        if !pending.contains(where: { isPage($0.op) }) { pageCount = 0 }
        if isPage(op) { pageCount += 1 }
        if op == "bye" || pageCount >= 4 { link.toServer.mayBePutOff = true }
    }

    func write(_ bytes: [UInt8]) {
        unsent += bytes
        flush()
    }

    private func flush() {
        guard !link.toServer.isReset, !hasFinished else { return }
        let count = link.toServer.write(unsent)
        unsent.removeFirst(count)
        if !unsent.isEmpty { link.toServer.onWritable { [weak self] in self?.flush() } }
    }

    /// Both ends are there, and everything that was sent was read.
    var isDrained: Bool {
        !hasFinished && !isSentAway && unsent.isEmpty
            && !link.toServer.isReset && !link.toServer.isSwallowing
            && link.toServer.isDrained && link.toClient.isDrained && link.toServer.overAt == nil
    }

    func finish() {
        hasFinished = true
        link.toServer.finish()
    }

    func receive() {
        guard let client, client.connection === self, !client.isPaused else { return }
        if link.toClient.isReset { return client.broke(self) }
        received += link.toClient.read(atMost: .max)
        while let end = received.firstIndex(of: 0x0a) {
            let line = received[..<end]
            client.took(line, on: self)
            guard client.connection === self else { return }
            received.removeFirst(line.count + 1)
        }
        if link.toClient.isAtEnd {
            link.toServer.finish()
            client.broke(self)
        }
    }
}
