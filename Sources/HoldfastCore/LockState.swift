// The rules of one resource as a value: it has no clock, no chance and no I/O, so a test can copy
// it, walk every order of events through it, and a simulator can run years of it in a second.
//
// The state is an arena of tickets; the holders and the remembered ones are lists through it, the
// queue is a tree beside it (`Extras`). Every event goes through `step`, which ends with `settle`:
// whoever can be granted now is granted in the same step (rule 7).

package import HoldfastModel

/// One resource: its holders, its queue and what it still remembers.
package struct LockState: Sendable {
    package let path: ResourcePath
    let bounds: Bounds

    var tickets = TicketArena()
    /// In the order of grant.
    var holders = TicketList()
    /// Finished and still known, in the order they ended (rule 23).
    var remembered = TicketList()
    var permitsHeld: UInt32 = 0
    /// Of the last grant here; zero where none is remembered.
    var lastFence = Fence.none
    /// Of the last ticket made here.
    var lastNumber: UInt64 = 0
    /// Of the last thing that happened here, so that the history has one order.
    var lastStamp = Instant(nanoseconds: .min)
    var extras = ExtrasBox()
    // These are last because they fit into what the extras leave of a word.
    package let slot: Slot
    package let resourceIndex: UInt32

    package init(path: ResourcePath, slot: Slot, resourceIndex: UInt32, bounds: Bounds) {
        self.path = path
        self.slot = slot
        self.resourceIndex = resourceIndex
        self.bounds = bounds
    }

    /// Lets one event happen: the one function through which anything changes.
    ///
    /// `fences` is the slot's counter (rule 18).
    package mutating func step(
        _ event: consuming Event,
        at reading: ClockReading,
        fences: inout FenceCounter,
        into effects: inout Effects
    ) {
        switch consume event {
        case .request(let request, let purpose, let secret, let caller):
            var asked = Asked(consume request, purpose, secret, consume caller)
            ask(&asked, at: reading, &fences, &effects)
        case .acquire(let id, let wait, let caller):
            poll(id, wait, caller, at: reading, &effects)
        case .status(let id, let caller):
            show(id, caller, at: reading, &effects)
        case .renew(let id, let lease, let caller):
            renew(id, lease, caller, at: reading, &effects)
        case .release(let id, let reason, let caller):
            release(id, reason, caller, at: reading, &effects)
            if suffers(.losesWakeUps) { return }
        case .checkTicket(let id, let caller):
            check(id, caller, at: reading, &effects)
        case .clear(let reason, let caller):
            clear(reason, caller, at: reading, &effects)
        case .connectionEnded(let connection, let indices):
            endWaits(of: connection, on: indices, at: reading, &effects)
        case .sessionEnded(let session, let indices):
            endSession(session, indices, at: reading, &effects)
        case .withdrawn(let tickets, let reason):
            withdraw(tickets, reason: reason, at: reading, &effects)
        case .sessionResumed(let session, let connection, let indices):
            resume(session, connection, indices, at: reading, &effects)
        case .undelivered(let index, let fence):
            takeBackShowing(of: index, fence)
        case .untold(let index):
            noteUntold(index)
        case .timePassed(let limit):
            passTime(limit: limit, at: reading, &fences, &effects)
        }
        settle(at: reading, &fences, &effects)
        forgetSurplus(&effects)
        followPositions(at: reading, &effects)
        dropIfEmpty()
    }

    /// The same with effects of its own, for callers that step once.
    package mutating func step(
        _ event: consuming Event,
        at reading: ClockReading,
        fences: inout FenceCounter
    ) -> Effects {
        var effects = Effects()
        step(event, at: reading, fences: &fences, into: &effects)
        return effects
    }
}

extension LockState {
    /// What the operator set, of what the rules need; one object for all resources that share it.
    package struct Bounds: Hashable, Sendable {
        private final class Storage: Sendable {
            let values: Values
            init(_ values: Values) { self.values = values }
        }

        private struct Values: Hashable {
            var retain = Interval.seconds(60)
            var retained = 64
            var history = 64
            var queue = 250_000
            var claims = 1_000_000
            var places: UInt32 = 1 << 22
            var mutation: Mutation?
        }

        private static let standard = Storage(Values())

        private var storage = Bounds.standard

        package init() {}

        /// How long a finished ticket and its key are remembered.
        package var retain: Interval {
            get { storage.values.retain }
            set { change { $0.retain = newValue } }
        }
        /// How many finished tickets are remembered.
        package var retained: Int {
            get { storage.values.retained }
            set { change { $0.retained = newValue } }
        }
        package var history: Int {
            get { storage.values.history }
            set { change { $0.history = newValue } }
        }
        /// How many tickets may wait.
        package var queue: Int {
            get { storage.values.queue }
            set { change { $0.queue = newValue } }
        }

        /// How many claims its waiting stealers may have on holders.
        package var claims: Int {
            get { storage.values.claims }
            set { change { $0.claims = newValue } }
        }

        /// How many tickets one resource may have, live and remembered.
        ///
        /// Each has a place below it. More than the other limits let there be at once; a journal that says otherwise
        /// would take more memory than a server has.
        package var places: UInt32 {
            get { storage.values.places }
            set { change { $0.places = newValue } }
        }

        /// A deliberate bug, of which only debug builds know.
        package var mutation: Mutation? {
            get { storage.values.mutation }
            set { change { $0.mutation = newValue } }
        }

        private mutating func change(_ body: (inout Values) -> Void) {
            var values = storage.values
            body(&values)
            storage = Storage(values)
        }

        package static func == (left: Bounds, right: Bounds) -> Bool {
            left.storage.values == right.storage.values
        }
        package func hash(into hasher: inout Hasher) { hasher.combine(storage.values) }
    }
}

extension LockState {
    /// Whether this deliberate bug is switched on.
    @inline(__always) func suffers(_ mutation: Mutation) -> Bool {
        #if DEBUG
        return bounds.mutation == mutation
        #else
        return false
        #endif
    }
}

// MARK: - What it looks like from outside

extension LockState {
    package var holderCount: Int { Int(holders.count) }
    package var queueLength: Int { extras.value.order.count(under: extras.value.queue) }

    /// A live ticket, or closed by a lock delay: `resources` shows it.
    package var isShown: Bool { isHeld || queueLength > 0 || isClosed }

    /// Nothing is held, waits, or is remembered: the resource may be forgotten, and its history
    /// with it.
    package var isForgettable: Bool { tickets.count == 0 && !isClosed }

    var isHeld: Bool { !holders.isEmpty }
    var isClosed: Bool { extras.value.closedUntil != .never }

    /// Of the present holders: they never mix kinds.
    var heldMode: Mode? { isHeld ? tickets[holders.first].mode : nil }

    func closedFor(at now: Instant) -> Interval? {
        isClosed ? max(.zero, extras.value.closedUntil - now) : nil
    }
}

/// The counter that a slot's fences come from (rule 18): never per resource, so that a forgotten
/// resource restarts none.
package struct FenceCounter: Hashable, Sendable {
    package private(set) var last: Fence

    package init(last: Fence) { self.last = last }

    package mutating func next() -> Fence {
        last.number += 1
        return last
    }

    /// Never below a fence that was granted already, whatever the counter was restored to.
    mutating func next(above floor: Fence) -> Fence {
        last = max(last, floor)
        return next()
    }
}
