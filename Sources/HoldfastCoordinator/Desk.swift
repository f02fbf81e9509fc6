// The desk of a shard: what every step on the loop writes to, gathered over a turn. Records go into
// the open batch; what may be told only when that batch is durable waits behind it, in order (rule
// 26). It is a value in one loop-bound box, because a step must not `await` between deciding and
// recording.

import HoldfastCore
import HoldfastJournal
import HoldfastModel

/// What the steps of one loop share.
///
/// Not copyable, because a copy for one look would retain all that stands on it.
package struct Desk: ~Copyable, Sendable {
    /// Rule 18: one counter per slot.
    var fences: [FenceCounter]
    var effects = Effects()

    var clock: ExpiryClock
    var bindings = SessionBindings()
    var watches = WatchHub()
    var metrics = Metrics()
    /// The request that is being performed.
    private(set) var asked = (kind: Operation.Kind.stats, address: RequestAddress.none)
    /// Whether the answer to that request may be told at once, and the answer.
    private(set) var answersAtOnce = false
    var answerAtOnce: AnswerAtOnce?
    var history: HistoryBudget

    /// The records since the last batch was handed to the journal.
    var draft: BatchDraft
    private(set) var openBatch: UInt64 = 1
    private(set) var durableBatch: UInt64 = 0
    /// In the batch that the journal has and did not answer.
    private var handedOverCount = 0
    private let undurableMax: Int
    /// False with a journal that keeps none: then what resources decide may be told at the end of the turn.
    let keepsRecords: Bool
    private var roomWaiters: [CheckedContinuation<Void, Never>] = []
    private(set) var failure: JournalError?
    var outgoing = OutgoingTray()
    var gated = GatedClients()
    private var endedSessions: [(batch: UInt64, session: SessionID)] = []
    private var settledWaiters: [(batch: UInt64, continuation: CheckedContinuation<Void, Never>)] =
        []

    /// A deliberate bug, of which only debug builds know.
    private let mutation: Mutation?
    /// Tests and the simulator have every step checked.
    var checksInvariants: Bool

    init(
        clock: ExpiryClock,
        firstFence: Fence,
        historyMax: Int,
        undurableMax: Int,
        keepsRecords: Bool,
        draft: BatchDraft,
        checksInvariants: Bool,
        mutation: Mutation?
    ) {
        self.mutation = mutation
        self.draft = draft
        self.clock = clock
        self.undurableMax = undurableMax
        self.keepsRecords = keepsRecords
        effects.keepsRecords = keepsRecords
        history = HistoryBudget(limit: historyMax)
        self.checksInvariants = checksInvariants
        fences = Array(repeating: FenceCounter(last: firstFence), count: Slot.count)
    }

    /// Lets a resource that was read back begin again.
    mutating func restart(
        _ state: inout LockState,
        of resource: Resource,
        at reading: ClockReading
    ) {
        metrics.depths.change(from: 0, to: state.queueLength)
        state.restart(at: reading, fences: &fences[Int(resource.slot.number)], into: &effects)
        takeEffects(of: resource, state, loggedBefore: 0)
        for index in state.ticketIndices { noteOwing(index, of: resource, state) }
    }

    /// A ticket whose end nobody could hear, because no connection has its session since the start, stays known to it.
    private mutating func noteOwing(
        _ ticketIndex: UInt32,
        of resource: Resource,
        _ state: borrowing LockState
    ) {
        guard let session = state.sessionOwed(ofTicket: ticketIndex) else { return }
        let ticket = BoundTicket(handle: resource.handle, ticketIndex: ticketIndex)
        bindings.addOwing(ticket, to: session)
    }

    /// Lets one event happen to a resource and takes what it wants done; true when nothing is left to remember there.
    @discardableResult
    mutating func step(
        _ state: inout LockState,
        _ event: consuming Event,
        of resource: Resource,
        at reading: ClockReading
    ) -> Bool {
        effects.wantsNotices = watches.covers(resource.path)
        let loggedBefore = state.loggedCount
        state.step(
            event,
            at: reading,
            fences: &fences[Int(resource.slot.number)],
            into: &effects
        )
        takeEffects(of: resource, state, loggedBefore: loggedBefore)
        return state.isForgettable
    }

    /// Forgets what is finished there, where nothing else is left; true when that is so.
    mutating func forgetFinished(_ state: inout LockState, of resource: Resource) -> Bool {
        guard !state.hasLiveTickets else { return false }
        let loggedBefore = state.loggedCount
        state.forgetFinished(into: &effects)
        takeEffects(of: resource, state, loggedBefore: loggedBefore)
        return state.isForgettable
    }

    mutating func takeEffects(
        of resource: Resource,
        _ state: borrowing LockState,
        loggedBefore: Int
    ) {
        if checksInvariants { state.checkInvariants() }
        // Out of the desk for as long as they are looked at: else every one would be copied out of it first.
        var effects = Effects()
        swap(&effects, &self.effects)
        let isLarge = effects.outputs.count + effects.changes.count > Desk.keptEffectsMax
        metrics.measure(effects.changes, of: state)
        // From the end, so that each is moved on and none is copied.
        if effects.changes.count > 1 { effects.changes.reverse() }
        while let change = effects.changes.popLast() {
            note(change, of: resource)
            if change.kind == .ended, change.session != nil {
                noteOwing(change.ticketIndex, of: resource, state)
            }
        }
        if effects.records.count > 1 { effects.records.reverse() }
        while let record = effects.records.popLast() { file(record, of: resource) }
        let batch = lastBatch
        if effects.outputs.count > 1 {
            effects.outputs.reverse()
            answersAtOnce = false
        }
        while let output = effects.outputs.popLast() { dispatch(output, of: resource, batch) }
        if isLarge { effects = Effects(keepsRecords: keepsRecords) }
        swap(&effects, &self.effects)
        noteHistory(of: resource, before: loggedBefore, after: state.loggedCount)
        clock.arm(resource.handle, for: state.nextDeadline)
    }

    mutating func noteHistory(of resource: Resource, before: Int, after: Int) {
        if before != after { history.note(resource.handle, before: before, after: after) }
    }

    private mutating func file(_ record: consuming Record, of resource: Resource) {
        draft.append(
            record,
            at: resource.resourceIndex,
            of: resource.path,
            in: resource.slot
        )
    }

    /// Nothing is remembered of it: its place may be another's.
    mutating func fileForgotten(_ resource: Resource) {
        guard keepsRecords else { return }
        draft.append(
            .resourceForgotten(resource.slot, resourceIndex: resource.resourceIndex)
        )
    }

    mutating func file(_ record: SessionRecord) {
        draft.append(.session(record))
        if case .ended(let session) = record { endedSessions.append((openBatch, session)) }
    }

    private mutating func dispatch(
        _ output: consuming Output,
        of resource: Resource,
        _ batch: UInt64
    ) {
        switch consume output {
        case .answer(let address, let answer, let shown):
            note(answer, to: address)
            if answersAtOnce, address == asked.address {
                let receipt = Desk.receipt(of: shown, for: address.connection, from: resource)
                answerAtOnce = AnswerAtOnce(answer: answer, receipt: receipt)
            } else {
                outgoing.append(
                    Outgoing(
                        address.connection,
                        .answer(answer, to: address.request, shown),
                        resource
                    ),
                    after: batch
                )
            }
        case .event(let connection, let event, let ticketIndex, let shown):
            let content = Outgoing.Content.event(event, ticketIndex: ticketIndex, shown)
            outgoing.append(Outgoing(connection, content, resource), after: batch)
        case .waiting(let address, let ticketIndex):
            let content = Outgoing.Content.waiting(address.request, ticketIndex: ticketIndex)
            outgoing.append(Outgoing(address.connection, content, resource), after: batch)
        case .notice(let notice):
            let watchers = watches.watchers(of: resource.path)
            guard !watchers.isEmpty else { return }
            outgoing.append(Outgoing(.none, .notice(notice, to: watchers), nil), after: batch)
        }
    }

    @inline(__always)
    private static func receipt(
        of shown: Output.Shown?,
        for client: ConnectionID,
        from resource: Resource
    ) -> Receipt? {
        guard let shown else { return nil }
        return Receipt(
            client: client,
            resource: resource,
            ticketIndex: shown.ticketIndex,
            grant: shown.fence,
            endsWait: false
        )
    }

    /// Whatever is answered to it from now on is the answer to an operation of this kind.
    @inline(__always)
    mutating func begin(_ kind: Operation.Kind, from address: RequestAddress) {
        metrics.requests += 1
        asked = (kind, address)
    }

    @inline(__always)
    private mutating func note(_ answer: Answer, to address: RequestAddress) {
        let kind = address == asked.address ? asked.kind : answer.kindOfWait
        metrics.answers.count(answer, to: kind)
    }

    /// Lets the request that comes next be answered by the caller, if it has one answer that waits for nothing.
    ///
    /// Nothing waits to be told before it, and no journal keeps what is decided.
    mutating func beginAtOnce() {
        answersAtOnce = !keepsRecords && outgoing.isEmpty && failure == nil
    }

    mutating func endAtOnce() -> AnswerAtOnce? {
        answersAtOnce = false
        return answerAtOnce.take()
    }

    /// An answer that is no step of a resource: a refusal, a read.
    mutating func tell(_ answer: Answer, to address: RequestAddress) {
        note(answer, to: address)
        guard !answersAtOnce || address != asked.address else {
            answerAtOnce = AnswerAtOnce(answer: answer, receipt: nil)
            return
        }
        let content = Outgoing.Content.answer(answer, to: address.request, nil)
        outgoing.append(Outgoing(address.connection, content, nil), after: lastBatch)
    }

    /// What was answered to this request last, where that waits to be told.
    func lastAnswer(to address: RequestAddress) -> Answer? {
        if address == asked.address, let answerAtOnce { return answerAtOnce.answer }
        return outgoing.lastAnswer(to: address)
    }

    /// Where a client waits that was not told so yet.
    func untoldWaits(of client: ConnectionID) -> [WaitPlace] {
        outgoing.waits(of: client)
    }

    /// The number of the last batch that holds a record of anything that was decided so far.
    var lastBatch: UInt64 {
        if suffers(.tellsBeforeDurable) { return 0 }
        return draft.isEmpty ? openBatch - 1 : openBatch
    }

    private func suffers(_ mutation: Mutation) -> Bool {
        #if DEBUG
        return self.mutation == mutation
        #else
        return false
        #endif
    }

    /// Everything that was decided so far is durable.
    var isSettled: Bool { failure != nil || durableBatch >= lastBatch }
}

// MARK: - The journal's side

extension Desk {
    var hasOpenBatch: Bool { !draft.isEmpty && failure == nil }
    var openCount: Int { draft.count }

    /// Closes the open batch; later records go into the next.
    ///
    /// Nil where nothing was decided.
    mutating func closeBatch(for loop: LoopIndex) -> Batch? {
        guard hasOpenBatch else { return nil }
        defer { openBatch += 1 }
        handedOverCount = draft.count
        return draft.close(number: openBatch, loop: loop)
    }

    /// Gives the sessions whose end is durable now: only then do their tickets end.
    ///
    /// After a crash in between a session that is gone takes its tickets with it; one that came back without them could
    /// be resumed and trusted.
    mutating func accepted(_ batch: UInt64) -> [SessionID] {
        durableBatch = batch
        handedOverCount = 0
        letIn()
        defer { endedSessions.removeAll { $0.batch <= batch } }
        let ready = settledWaiters.filter { $0.batch <= durableBatch }
        settledWaiters.removeAll { $0.batch <= durableBatch }
        for waiter in ready { waiter.continuation.resume() }
        return endedSessions.filter { $0.batch <= batch }.map(\.session)
    }

    /// The journal refused: nothing that waits for it is ever told; its requests are answered
    /// `unavailable`.
    mutating func fail(_ error: JournalError) {
        failure = error
        for waiter in settledWaiters { waiter.continuation.resume() }
        settledWaiters = []
        letIn()
    }

    /// So many records wait for the disk that nobody may ask for another ticket (rule 31).
    ///
    /// What ends and keeps tickets goes on: there is never more of it than there are tickets.
    var isFull: Bool { failure == nil && draft.count + handedOverCount >= undurableMax }

    /// Whoever asks for a ticket while it is full waits here, and looks again.
    mutating func waitForRoom(_ continuation: CheckedContinuation<Void, Never>) {
        if isFull { roomWaiters.append(continuation) } else { continuation.resume() }
    }

    private mutating func letIn() {
        guard !isFull else { return }
        let waiters = roomWaiters
        roomWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    /// A read that shows many resources waits here until all of it is durable.
    mutating func waitUntilSettled(_ continuation: CheckedContinuation<Void, Never>) {
        if isSettled {
            continuation.resume()
        } else {
            settledWaiters.append((lastBatch, continuation))
        }
    }

    /// What may be told now, in order; asked until there is nothing.
    mutating func takeReleased() -> [Outgoing] {
        failure.map { outgoing.takeAll(upTo: durableBatch, failing: $0) }
            ?? outgoing.take(upTo: durableBatch)
    }

    mutating func reuse(_ told: consuming [Outgoing]) { outgoing.reuse(told) }

    /// The end of a session with thousands of tickets is seldom: its room is given back.
    private static let keptEffectsMax = 256
}

// MARK: - Coming back

extension Desk {
    /// What a record means for the counts.
    mutating func noteReplayed(_ record: borrowing Record, of resource: Resource) {
        if let change = Change(record) { note(change, of: resource) }
    }

    /// The same, whether it happened now or before a restart.
    private mutating func note(_ change: borrowing Change, of resource: Resource) {
        metrics.count(change)
        bindings.note(change, handle: resource.handle)
    }

    /// Rule 18: the slot's counter is the larger of what was recovered and where this start begins.
    mutating func raiseFence(of slot: Slot, to fence: Fence) {
        guard !suffers(.forgetsFences) else { return }
        let last = fences[Int(slot.number)].last
        fences[Int(slot.number)] = FenceCounter(last: max(last, fence))
    }
}
