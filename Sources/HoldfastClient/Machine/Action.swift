// What the machine wants done: everything it cannot do itself, in the order in which it must be done.

import HoldfastModel

/// An order of the machine to whoever drives it.
enum Action: Sendable {
    /// Try to reach the server; answer with `connected` or `connectFailed`.
    case connect
    /// Drop the connection, or the attempt.
    case disconnect
    /// A caller's request was answered, or never will be.
    case settle(CallID, Result<Settled, HoldfastError>)
    /// A kept lock may be trusted until then, sessions aside.
    case trust(HoldID, until: Instant)
    /// Locks bound to the session may be trusted until then.
    case trustSession(until: Instant)
    /// A kept lock is lost; it is kept no more.
    case lose(HoldID, LockLoss)
    /// Something happened to a ticket of this client.
    case tell(LockEvent)
    /// Something happened on a watch.
    case tellWatch(WatchID, WatchEvent)
    /// Nothing more will come.
    case finish
}

/// What a caller gets.
enum Settled: Sendable {
    case reply(Reply)
    case held(HeldLock)
}
