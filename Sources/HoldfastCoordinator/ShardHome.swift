// What a shard and its resources have in common: the loop they run on, the desk on it, and the
// mailbox through which other loops reach it.

import HoldfastJournal
package import HoldfastModel

/// The loop of a shard, and what is shared on it.
@safe package final class ShardHome: Sendable {
    package let loop: any Loop
    let executor: UnownedSerialExecutor
    let desk: LoopBound<Desk>
    let mailbox: Mailbox
    let alarm: any Alarm

    init(
        loop: any Loop,
        firstFence: Fence,
        historyMax: Int,
        undurableMax: Int,
        keepsRecords: Bool,
        draft: BatchDraft,
        checksInvariants: Bool,
        mutation: Mutation?
    ) {
        self.loop = loop
        // Safe: the home keeps the loop alive as long as anybody can ask for its executor.
        unsafe executor = loop.asUnownedSerialExecutor()
        alarm = loop.makeAlarm()
        mailbox = Mailbox(loop: loop)
        desk = LoopBound(
            Desk(
                clock: ExpiryClock(alarm: alarm),
                firstFence: firstFence,
                historyMax: historyMax,
                undurableMax: undurableMax,
                keepsRecords: keepsRecords,
                draft: draft,
                checksInvariants: checksInvariants,
                mutation: mutation
            ),
            on: loop
        )
    }

    /// Hands requests over from another loop, all with one wake-up.
    package func handOver(_ requests: [RoutedRequest]) { mailbox.post(.requests(requests)) }

    package func handOver(_ letter: PlainLetter) { mailbox.post(.plain(letter)) }

    /// The client of these waits is gone, or will send no more.
    package func endWaits(of connection: ConnectionID, at places: [WaitPlace]) {
        WaitEnds(at: self, places: places).handOver(for: connection)
    }
}
