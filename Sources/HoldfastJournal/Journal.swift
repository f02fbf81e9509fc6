// The seam to whatever makes records last: memory today, a file or an etcd later. A batch is what
// one shard's loop turn (or several, while the last batch was under way) decided; it is accepted as
// a whole, in order.

package import HoldfastCore
package import HoldfastModel

/// Makes batches durable, in the order given.
package protocol Journal: Sendable {
    /// Returns when the batch will survive whatever this journal survives. One call at a time per
    /// shard; after an error the shard grants nothing more.
    func append(_ batch: Batch) async throws(JournalError)
}

/// The records of one or more turns of one loop.
package struct Batch: Sendable {
    package var loop: LoopIndex
    package var number: UInt64
    /// Turns the instants inside the records into times that outlive this process.
    package var reading: ClockReading
    package var entries: [Entry]

    package struct Entry: Sendable {
        package var slot: Slot
        package var resourceIndex: UInt32
        package var path: ResourcePath
        package var record: Record
        package init(slot: Slot, resourceIndex: UInt32, path: ResourcePath, record: Record) {
            self.slot = slot
            self.resourceIndex = resourceIndex
            self.path = path
            self.record = record
        }
    }

    package init(loop: LoopIndex, number: UInt64, reading: ClockReading, entries: [Entry]) {
        self.loop = loop
        self.number = number
        self.reading = reading
        self.entries = entries
    }
}

/// Why a batch was not made durable.
package enum JournalError: Error, Hashable, Sendable {
    case storageFull
    case failed(String)
}
