// What waits to be told, in order, gathered by the batch that it waits for: when a batch is durable, all that waited
// for it is handed out as it is, without a look at every one of a thousand answers and without moving what waits
// behind it.

import HoldfastCore
import HoldfastJournal
import HoldfastModel

/// Outgoings behind one another, with the batch of each.
struct OutgoingTray: Sendable {
    /// Of earlier batches, oldest first; none is empty.
    private var earlier: [Part] = []
    /// Of the latest batch that anything was appended with.
    private var current = Part(batch: 0)
    /// How many of all nobody asked for.
    private var unaskedCount = 0
    /// Empty, with room: an array that grows anew costs five allocations.
    private var spares: [[Outgoing]] = []

    private struct Part: Sendable {
        var batch: UInt64
        var all: [Outgoing] = []
    }

    // Always inlined: else a look would copy all of it.
    @inline(__always) var isEmpty: Bool { current.all.isEmpty && earlier.isEmpty }
    var count: Int { earlier.reduce(current.all.count) { $0 + $1.all.count } }

    /// Adds what may be told when the batch is durable, which is none before that of the one before.
    @inline(__always)
    mutating func append(_ outgoing: consuming Outgoing, after batch: UInt64) {
        if batch != current.batch { turn(to: batch) }
        if outgoing.isUnasked { unaskedCount += 1 }
        current.all.append(outgoing)
    }

    // Always inlined, as above.
    @inline(__always) var hasUnasked: Bool { unaskedCount > 0 }

    private mutating func turn(to batch: UInt64) {
        precondition(batch > current.batch || isEmpty, "told after what comes later")
        if current.all.isEmpty {
            current.batch = batch
        } else {
            earlier.append(current)
            current = Part(batch: batch, all: spares.popLast() ?? [])
        }
    }

    /// The next that may be told, some of them; none are left when none come.
    mutating func take(upTo durable: UInt64) -> [Outgoing] {
        let taken = takeNext(upTo: durable)
        if hasUnasked { unaskedCount -= taken.count(where: \.isUnasked) }
        return taken
    }

    private mutating func takeNext(upTo durable: UInt64) -> [Outgoing] {
        if let first = earlier.first {
            return first.batch <= durable ? earlier.removeFirst().all : []
        }
        guard current.batch <= durable else { return [] }
        var taken: [Outgoing] = []
        swap(&taken, &current.all)
        return taken
    }

    /// Rule 28: all that is left, as it is told where what is not durable never will be.
    mutating func takeAll(upTo durable: UInt64, failing failure: JournalError) -> [Outgoing] {
        defer { self = OutgoingTray() }
        return (earlier + [current]).flatMap { part in
            part.batch <= durable ? part.all : part.all.compactMap { $0.after(failure) }
        }
    }

    /// Takes the memory of what was told back for what comes next.
    mutating func reuse(_ told: consuming [Outgoing]) {
        guard told.capacity <= OutgoingTray.keptCapacityMax else { return }
        if current.all.capacity == 0 {
            current.all = told
        } else if spares.count < OutgoingTray.sparesMax {
            spares.append(told)
        }
    }

    private static let keptCapacityMax = 4_096
    private static let sparesMax = 2

    // MARK: Looks

    /// The last answer to this request.
    func lastAnswer(to address: RequestAddress) -> Answer? {
        for part in [current] + earlier.reversed() {
            for outgoing in part.all.reversed() where outgoing.client == address.connection {
                if case .answer(let answer, address.request, _) = outgoing.content { return answer }
            }
        }
        return nil
    }

    /// Where a client waits that was not told so yet.
    func waits(of client: ConnectionID) -> [WaitPlace] {
        (earlier + [current]).flatMap { part in
            part.all.compactMap { $0.client == client ? $0.waitPlace : nil }
        }
    }
}
