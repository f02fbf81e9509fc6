// The rules of one resource as a value: it has no clock, no chance and no I/O, so a test can copy it, walk
// every order of events through it, and a simulator can run years of it in a second.

package import HoldfastModel

/// One resource: its holders, its queue and what it still remembers.
package struct LockState: Sendable {
    package let path: ResourcePath

    package init(path: ResourcePath, slot: Slot, resourceIndex: UInt32, bounds: Bounds) {
        self.path = path
    }

    /// What the operator set, of what the rules need.
    package struct Bounds: Hashable, Sendable {
        package var retain = Interval.seconds(60)
        package var retained = 64
        package var history = 64
        package var queue = 250_000
        package init() {}
    }

    /// The one function through which anything changes. `fences` is the slot's counter (rule 18).
    package mutating func step(
        _ event: Event,
        at reading: ClockReading,
        fences: inout FenceCounter,
        into effects: inout Effects
    ) {
        preconditionFailure("skeleton")
    }

    /// When `timePassed` must come at the latest; `.never` where nothing is due.
    package var nextDeadline: Instant { .never }

    /// Nothing is held, waits, or is remembered: the resource may be forgotten.
    package var isForgettable: Bool { true }

    package var holderCount: Int { 0 }
    package var queueLength: Int { 0 }
    /// A live ticket, or closed by a lock delay: `resources` shows it.
    package var isShown: Bool { false }
}

/// The counter that a slot's fences come from (rule 18): never per resource, so that a forgotten resource
/// restarts none.
package struct FenceCounter: Hashable, Sendable {
    package private(set) var last: Fence

    package init(last: Fence) { self.last = last }

    package mutating func next() -> Fence {
        last.number += 1
        return last
    }
}

extension LockState {
    package func list(_ page: ListPage, for caller: Caller, at reading: ClockReading) -> ListAnswer
    {
        preconditionFailure("skeleton")
    }
    package func summary(at reading: ClockReading) -> ResourceSummary {
        preconditionFailure("skeleton")
    }
    /// Newest first.
    package func history(limit: Int, at reading: ClockReading) -> [Notice] {
        preconditionFailure("skeleton")
    }
    package func check(_ fence: Fence) -> CheckAnswer {
        preconditionFailure("skeleton")
    }
    /// Whether `request` would be answered with a ticket that is already here (`key`, `ifMine`): asked before
    /// a limit or a drain refuses a new one.
    package func finds(_ request: TicketRequest, of owner: Owner) -> Bool {
        preconditionFailure("skeleton")
    }
    /// The session that a remembered ticket is bound to.
    package func session(ofTicket ticketIndex: UInt32) -> SessionID? {
        preconditionFailure("skeleton")
    }
    /// Traps where the state contradicts itself; called after every step in debug builds and simulation.
    package func checkInvariants() {}
}
