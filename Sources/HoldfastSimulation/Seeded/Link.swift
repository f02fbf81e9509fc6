// One connection of the simulated network: two directions, each with its own delay. Bytes are cut into pieces at
// random places, pieces of one direction keep their order, and what is on its way or unread counts against the
// window, so that a reader who stalls stalls the writer.
//
//     write ─┬─ piece ┄┄ delay ┄┄ arrived ── read
//            └─ piece ┄┄┄┄ delay ┄┄ arrived ──┘    (never before the piece in front)

package import HoldfastModel

/// How the network treats one connection.
package struct LinkConditions: Sendable {
    package var delayMilliseconds = 0...0
    /// Bytes on their way or unread, each direction.
    package var window = 1_048_576
    package var cutsBytes = false
    package init() {}
}

/// The two directions of a connection; `server` and `client` are its ends.
package final class Link: @unchecked Sendable {
    package let world: SeededWorld
    package let conditions: LinkConditions
    package let toServer: Direction
    package let toClient: Direction
    /// Since when the server has nothing to do with it any more.
    private(set) var goneAt: Instant?

    package init(in world: SeededWorld, _ conditions: LinkConditions) {
        self.world = world
        self.conditions = conditions
        toServer = Direction(world, conditions)
        toClient = Direction(world, conditions)
    }

    /// Both directions break, for whoever is at either end.
    package func reset() {
        noteGone()
        toServer.reset()
        toClient.reset()
    }

    /// The server closed its end, or learned that there is no other.
    func noteGone() { goneAt = goneAt ?? world.now }

    /// A side, or the way between, is gone without a word: nothing arrives any more, and after the user
    /// timeout (rule 5) whoever is left is told.
    package func breakSilently() {
        toServer.isSwallowing = true
        toClient.isSwallowing = true
        world.after(.seconds(20)) { [self] in reset() }
    }

    package func stall(for length: Interval) {
        toServer.hold(until: world.now + length)
        toClient.hold(until: world.now + length)
    }
}

/// The bytes that travel one way.
package final class Direction: @unchecked Sendable {
    private let world: SeededWorld
    private let conditions: LinkConditions
    private(set) var arrived: [UInt8] = []
    private var travelling = 0
    private var lastArrival = Instant.zero
    private var hasEnded = false
    package private(set) var isReset = false
    var isSwallowing = false
    /// Since when whoever reads here can know that no more comes; nil where it closed the connection itself.
    private(set) var overAt: Instant?
    /// Whoever reads here may put it off for other reasons than that nothing is here.
    var mayBePutOff = false
    /// Nothing is on its way, nothing is unread.
    var isDrained: Bool { travelling == 0 && arrived.isEmpty }
    /// Called when there is something to read, or the end.
    var whenReadable: @Sendable () -> Void = {}
    private var whenWritable: (@Sendable () -> Void)?

    init(_ world: SeededWorld, _ conditions: LinkConditions) {
        self.world = world
        self.conditions = conditions
    }

    /// The end of input was reached and everything read.
    var isAtEnd: Bool { hasEnded && arrived.isEmpty }
    /// Whether there is anything that a read would tell.
    var hasMore: Bool { !arrived.isEmpty || hasEnded || isReset }

    func hold(until instant: Instant) { lastArrival = max(lastArrival, instant) }

    /// How many of the bytes were taken.
    func write(_ bytes: [UInt8]) -> Int {
        let room = min(bytes.count, conditions.window - arrived.count - travelling)
        guard room > 0 else { return 0 }
        var sent = 0
        while sent < room {
            let rest = room - sent
            let length = conditions.cutsBytes ? 1 + world.random.below(min(rest, 300)) : rest
            send(Array(bytes[sent..<sent + length]))
            sent += length
        }
        return room
    }

    private func send(_ piece: [UInt8]) {
        travelling += piece.count
        atArrival { [self] in
            travelling -= piece.count
            guard !isReset, !isSwallowing else { return }
            arrived += piece
            whenReadable()
        }
    }

    private func atArrival(_ body: @escaping @Sendable () -> Void) {
        let delay = world.random.milliseconds(conditions.delayMilliseconds)
        lastArrival = max(lastArrival, world.now + .milliseconds(delay))
        world.after(lastArrival - world.now, body)
    }

    func finish() {
        atArrival { [self] in
            guard !isSwallowing else { return }
            hasEnded = true
            noteEnd()
            whenReadable()
        }
    }

    private func noteEnd() {
        if isAtEnd, overAt == nil, !isReset { overAt = world.now }
    }

    /// Breaks; `byReader` where the reader did so itself, for whom that is no news.
    func reset(byReader: Bool = false) {
        guard !isReset else { return }
        if !byReader, overAt == nil { overAt = world.now }
        isReset = true
        arrived = []
        whenReadable()
        takeWritable()?()
    }

    func read(atMost count: Int) -> [UInt8] {
        let taken = Array(arrived.prefix(count))
        arrived.removeFirst(taken.count)
        noteEnd()
        if !taken.isEmpty, let body = takeWritable() {
            world.after(.zero, body)
        }
        return taken
    }

    func onWritable(_ body: @escaping @Sendable () -> Void) {
        if isReset || arrived.count + travelling < conditions.window {
            body()
        } else {
            whenWritable = body
        }
    }

    private func takeWritable() -> (@Sendable () -> Void)? {
        defer { whenWritable = nil }
        return whenWritable
    }
}
