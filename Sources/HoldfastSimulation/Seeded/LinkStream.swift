// An end of a simulated connection, as the server and the SDK see it.

package import HoldfastModel

/// A byte stream over one link.
package final class LinkStream: ByteStream, @unchecked Sendable {
    package let peer: String
    private let link: Link
    private let incoming: Direction
    private let outgoing: Direction
    private let loop: any Loop
    private let bell: Bell
    private let isServer: Bool
    private var isClosed = false
    /// What the reader that waits can do without being woken.
    private var atOnce: (() -> Bool)?
    /// Sees what is written, or else read, here.
    var tap: ((_ bytes: [UInt8], _ isWritten: Bool) -> Void)?

    package init(_ link: Link, isServer: Bool, on loop: any Loop) {
        self.link = link
        self.loop = loop
        self.isServer = isServer
        peer = isServer ? "client" : "server"
        incoming = isServer ? link.toServer : link.toClient
        outgoing = isServer ? link.toClient : link.toServer
        bell = Bell(on: loop)
        incoming.whenReadable = { [weak self] in loop.post { self?.becameReadable() } }
    }

    private func becameReadable() {
        if let atOnce, loop.isIdle, atOnce(), !incoming.hasMore { return }
        wake()
    }

    private func wake() {
        atOnce = nil
        bell.ring()
    }

    package func read(
        _ body: (borrowing Span<UInt8>) -> Void
    ) throws(StreamError) -> ReadOutcome {
        if isClosed { throw .closed }
        if incoming.isReset { throw .reset }
        let max = link.conditions.cutsBytes ? 1 + link.world.random.below(2_000) : 65_536
        let bytes = incoming.read(atMost: max)
        guard bytes.isEmpty else {
            tap?(bytes, false)
            body(bytes.span)
            return .bytes(bytes.count)
        }
        return incoming.isAtEnd ? .endOfInput : .wouldBlock
    }

    package func readable() async { _ = await bell.rings() }

    package func readableOrWoken(unless atOnce: @escaping @Sendable () -> Bool) async {
        self.atOnce = atOnce
        await readable()
        self.atOnce = nil
    }

    package func wakeReader() { loop.post { self.wake() } }

    package func write(_ bytes: borrowing Span<UInt8>) throws(StreamError) -> Int {
        if isClosed { throw .closed }
        if outgoing.isReset { throw .reset }
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in bytes.indices { copy.append(bytes[index]) }
        let count = outgoing.write(copy)
        tap?(Array(copy[..<count]), true)
        return count
    }

    package func whenWritable(_ body: @escaping @Sendable () -> Void) {
        outgoing.onWritable { [loop] in loop.post(body) }
    }

    package func finishWriting() { outgoing.finish() }

    /// What was written still arrives; what was not read is lost, and the other end is told so.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        if isServer { link.noteGone() }
        outgoing.finish()
        incoming.reset(byReader: true)
        wakeReader()
    }
}

/// Where simulated connections come in, on one loop of a server.
package final class LinkListener: StreamListener, @unchecked Sendable {
    package let address = "simulated"
    private let loop: any Loop
    private let bell: Bell
    private var waiting: [LinkStream] = []
    private var links: [WeakLink] = []
    private(set) var isClosed = false

    private struct WeakLink { weak var link: Link? }

    package init(on loop: any Loop) {
        self.loop = loop
        bell = Bell(on: loop)
    }

    package func take(_ link: Link) {
        links.removeAll { $0.link == nil }
        links.append(WeakLink(link: link))
        waiting.append(LinkStream(link, isServer: true, on: loop))
        loop.post { [bell] in bell.ring() }
    }

    package func accept() async -> (any ByteStream)? {
        while !isClosed {
            if !waiting.isEmpty { return waiting.removeFirst() }
            guard await bell.rings() else { return nil }
        }
        return nil
    }

    package func close() {
        isClosed = true
        loop.post { [bell] in bell.ring() }
    }

    /// The process is gone: whoever was connected is told so.
    package func vanish() {
        isClosed = true
        for link in links { link.link?.reset() }
    }
}
