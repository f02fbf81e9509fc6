// A resource is an actor that owns its lock's state and nothing else: it steps it and lets the desk
// of its shard take what the step wants. It runs on its shard's loop, so calling it from there is a
// plain call, and no `await` stands between deciding and recording.

import HoldfastCore
package import HoldfastModel

/// One resource, pinned to the loop of its shard.
package actor Resource: LoopActor {
    #if DEBUG
    private var state: LockState
    #else
    // Nothing reaches it but what runs on this actor, one after another: to have that checked at every step was a
    // fortieth of a request. Debug builds keep the check.
    @exclusivity(unchecked)
    private var uncheckedState: LockState
    private var state: LockState {
        @inline(__always) _read { yield unsafe uncheckedState }
        @inline(__always) _modify { yield unsafe &uncheckedState }
    }
    #endif
    package nonisolated let home: ShardHome
    nonisolated let handle: UInt32
    nonisolated let path: ResourcePath
    nonisolated let slot: Slot
    nonisolated let resourceIndex: UInt32

    /// Computed, not stored: a stored executor would cost every resource 16 bytes.
    package nonisolated var loop: any Loop { home.loop }
    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe home.executor }

    init(_ state: LockState, handle: UInt32, home: ShardHome) {
        path = state.path
        slot = state.slot
        resourceIndex = state.resourceIndex
        self.handle = handle
        self.home = home
        #if DEBUG
        self.state = state
        #else
        unsafe uncheckedState = state
        #endif
    }

    /// Lets one event happen; true when nothing is left to remember here.
    func step(_ event: consuming Event, at reading: ClockReading) -> Bool {
        home.desk.value.step(&state, event, of: self, at: reading)
    }

    /// The same for a caller on its loop, as `onSameLoop` does it, but without a generic argument: the event is moved.
    @inline(__always)
    nonisolated func stepOnSameLoop(
        _ event: consuming Event,
        at reading: ClockReading
    ) -> Bool {
        assert(loop.isCurrent, "called from another loop")
        let body: (isolated Resource, consuming Event, ClockReading) -> Bool = {
            $0.step($1, at: $2)
        }
        // Safe: isolation is nothing but a promise about where the caller runs, and the first line is that promise.
        let plain = unsafe unsafeBitCast(body, to: PlainStep.self)
        return plain(self, event, reading)
    }

    private typealias PlainStep = (Resource, consuming Event, ClockReading) -> Bool

    /// The short way: nil, and nothing happened, where the general one is to be gone.
    func takePlainly(
        _ terms: PlainTerms,
        _ secret: TicketSecret,
        for caller: PlainCaller,
        at reading: ClockReading
    ) -> PlainGrant? {
        home.desk.value.takePlainly(&state, terms, secret, for: caller, of: self, at: reading)
    }

    func releasePlainly(
        _ ticket: TicketID,
        by caller: PlainCaller,
        at reading: ClockReading
    ) -> Bool {
        home.desk.value.releasePlainly(&state, ticket, by: caller, of: self, at: reading)
    }

    /// True when nothing is left to remember here.
    func forgetFinished(_: Void) -> Bool { home.desk.value.forgetFinished(&state, of: self) }

    /// Takes in what happened before the restart, or says why it cannot have; then comes `restart`.
    func replay(_ record: Record) -> ReplayFlaw? {
        do throws(ReplayFlaw) { try state.replay(record) } catch { return error }
        return nil
    }

    func hasLiveTickets(_: Void) -> Bool { state.hasLiveTickets }

    /// Begins again; true when nothing is left to remember here.
    func restart(at reading: ClockReading) -> Bool {
        home.desk.value.restart(&state, of: self, at: reading)
        return state.isForgettable
    }

    func image(_: Void) -> [Record] { state.image() }

    func restingPhase(quietSince instant: Instant) -> RestingPhase {
        guard state.canRest else { return .never }
        return state.isQuiet(since: instant) ? .now : .later
    }

    /// What is to be kept of it; afterwards it is not used again.
    func rest(_: Void) -> (LockState.Keepsake, PackedNumbers) {
        var numbers = PackedNumbers()
        let keepsake = state.rest(in: &numbers)
        return (keepsake, numbers)
    }

    /// Rule 17: an answer or event could not be written; what was promised with it is taken back.
    func takeBack(_ receipt: Receipt, at reading: ClockReading) {
        let ticketIndex = receipt.ticketIndex
        if let grant = receipt.grant {
            let event = Event.undelivered(ticketIndex: ticketIndex, grant)
            home.desk.value.step(&state, event, of: self, at: reading)
            if receipt.endsWait { state.stopHearing(ticketIndex, grantedWith: grant) }
        }
        home.desk.value.step(&state, .untold(ticketIndex: ticketIndex), of: self, at: reading)
        guard let session = state.session(ofTicket: ticketIndex) else { return }
        let ticket = BoundTicket(handle: handle, ticketIndex: ticketIndex)
        home.desk.value.bindings.addOwing(ticket, to: session)
        // The session was taken up before this came back: its new client has not heard it either. A ticket that had
        // ended by then knows only the connection that it ended on.
        let hearers = [
            state.listener(ofTicket: ticketIndex), home.desk.value.bindings.carrier(of: session),
        ]
        guard let client = hearers.lazy.compactMap({ $0 }).first(where: { $0 != receipt.client })
        else { return }
        let resumed = Event.sessionResumed(session, client, tickets: [ticketIndex])
        home.desk.value.step(&state, resumed, of: self, at: reading)
    }

    func finds(_ request: TicketRequest, of owner: Owner) -> Bool {
        state.finds(request, of: owner)
    }

    func list(_ page: ListPage, for caller: Caller, at reading: ClockReading) -> ListAnswer {
        state.list(page, for: caller, at: reading)
    }

    func history(limit: Int, at reading: ClockReading) -> [Notice] {
        state.history(limit: limit, at: reading)
    }

    func check(_ fence: Fence) -> CheckAnswer { state.check(fence) }

    func summary(at reading: ClockReading) -> ResourceSummary? {
        state.isShown ? state.summary(at: reading) : nil
    }

    func isHeld(by owner: Owner) -> Bool { state.isHeld(by: owner) }

    func waiting(_: Void) -> [LockState.Waiting] { state.waiting }

    var isForgettable: Bool { state.isForgettable }

    /// What it keeps of forgotten tickets goes: there is too much of it, or the resource goes, too.
    func dropHistory() {
        let before = state.loggedCount
        state.dropLog()
        home.desk.value.noteHistory(of: self, before: before, after: state.loggedCount)
    }

    func checkInvariants() { state.checkInvariants() }
}

/// Whether a resource may be kept as bytes.
enum RestingPhase {
    /// It rests, or there is none.
    case passed
    /// There is more to it than one holder.
    case never
    /// Something happened there just now.
    case later
    case now
}
