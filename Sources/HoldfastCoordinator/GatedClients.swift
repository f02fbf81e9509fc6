// Clients with lines in their outbound buffers that may not leave before a batch is durable (rule 26). What the short
// way decides is rendered at once, behind a gate in the buffer of its client. Here stands which gates a batch opens:
// one place for each client and batch, where a list of what is to be told needs one for each reply, and a way to the
// client for each.

import HoldfastModel

/// Clients in the order of the batches that they wait for.
struct GatedClients: Sendable {
    private var waiting: [Waiting] = []
    private var first = 0

    private struct Waiting: Sendable {
        var client: ConnectionID
        var batch: UInt64
    }

    var isEmpty: Bool { first == waiting.count }
    var count: Int { waiting.count - first }

    mutating func add(_ client: ConnectionID, behind batch: UInt64) {
        precondition(isEmpty || waiting[waiting.count - 1].batch <= batch, "an earlier batch")
        waiting.append(Waiting(client: client, batch: batch))
    }

    /// The next whose batch this is, or was before it.
    mutating func take(upTo batch: UInt64) -> ConnectionID? {
        guard !isEmpty, waiting[first].batch <= batch else { return nil }
        defer { passFirst() }
        return waiting[first].client
    }

    private mutating func passFirst() {
        first += 1
        if isEmpty {
            waiting.removeAll(keepingCapacity: waiting.count <= GatedClients.keptMax)
            first = 0
        } else if first >= GatedClients.keptMax, first * 2 >= waiting.count {
            waiting.removeFirst(first)
            first = 0
        }
    }

    private static let keptMax = 1_024
}

extension Desk {
    /// Behind which batch a reply may be handed to its client now.
    ///
    /// 0 where it waits for none, nil where it has to be told in the order of what waits. `canWait`: the client was
    /// told all that stands before the reply, and keeps it until the batch is durable.
    @inline(__always)
    func gate(canWait: Bool) -> UInt64? {
        guard failure == nil else { return nil }
        // An event or a notice that was decided before is told before.
        guard !outgoing.hasUnasked else { return nil }
        guard keepsRecords else { return 0 }
        guard canWait else { return nil }
        let batch = lastBatch
        return batch > durableBatch ? batch : 0
    }

    /// The client has lines behind that gate.
    mutating func add(_ client: ConnectionID, behind batch: UInt64) {
        gated.add(client, behind: batch)
    }

    var gatedCount: Int { gated.count }

    /// The next client with a gate to open, and up to which batch; once the journal failed, to shut for good.
    mutating func takeGated() -> (client: ConnectionID, batch: UInt64)? {
        let upTo = failure == nil ? durableBatch : .max
        return gated.take(upTo: upTo).map { ($0, durableBatch) }
    }
}
