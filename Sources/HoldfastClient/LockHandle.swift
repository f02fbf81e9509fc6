// A lock in its holder's hand: what it is worth at this moment, and how to give it back.

package import HoldfastModel

/// A lock that is held, and renewed by itself until it is released.
///
/// Ask it between two steps of the work, and hand ``fence`` to whatever the lock protects: see
/// <doc:WhatAClientMayTrust>. When the last reference is dropped the lock is released.
public final class LockHandle: Sendable {
    /// The ticket that holds the resource.
    public let ticket: Ticket
    /// What is held; empty where a kept ticket's resource was not told.
    public let resource: String
    /// Larger than every fence granted before on this resource.
    ///
    /// What is protected must refuse a fence lower than the highest it has seen; then even a holder that
    /// was paused for an hour does no harm.
    public let fence: Int

    private let state: HoldState
    private let client: HoldfastClient
    private let driver: ClientDriver

    init(_ state: HoldState, of client: HoldfastClient, driver: ClientDriver) {
        self.state = state
        self.client = client
        self.driver = driver
        ticket = Ticket(state.lock.ticket)
        resource = state.lock.resource
        fence = state.lock.fence
    }

    deinit {
        if state.isHeld { driver.forget(state.lock.hold) }
    }

    /// Until when the lock may be trusted, on the client's own clock: the earlier of rules 5 and 13.
    package var safeUntil: Instant { state.safeUntil }

    /// The loop whose clock `safeUntil` is read on.
    package var loop: any Loop { driver.loop }

    /// For how long the lock may still be trusted if nothing more is heard of the server; zero when it may
    /// not, because it was lost or released or the time is over.
    public var remaining: Duration {
        guard state.isHeld else { return .zero }
        return Duration(max(.zero, state.safeUntil - driver.loop.reading.now))
    }

    /// Whether the lock may be trusted at this moment.
    public var isHeld: Bool { remaining > .zero }

    /// How it was lost, if it was.
    public var loss: LockLoss? { state.loss }

    /// Throws ``HoldfastError/lockLost(_:)`` unless the lock may be trusted at this moment.
    ///
    /// Call it before a step that must not happen without the lock; it reads the clock and asks nobody.
    public func ensureHeld() throws(HoldfastError) {
        if let loss = state.loss { throw .lockLost(loss) }
        guard state.isHeld else { throw .lockLost(LockLoss(.released)) }
        guard isHeld else { throw .lockLost(LockLoss(.unconfirmed)) }
    }

    /// Waits until the lock is lost and says how; nil when it was released, or the waiting task cancelled.
    public func waitUntilLost() async -> LockLoss? { await state.loss() }

    /// Renews at once, and with another lease if one is given: a longer one becomes the lock's own, a
    /// shorter one counts once.
    ///
    /// - Returns: For how long the lock may be trusted now.
    @discardableResult
    public func renew(lease: Duration? = nil) async throws(HoldfastError) -> Duration {
        let result = await driver.renew(state.lock.hold, lease: lease.map { Interval($0) })
        guard let result else { throw .lockLost(state.loss ?? LockLoss(.released)) }
        _ = try HoldfastClient.read(try result.get(), of: .renew(ticket.text)) { $0.grant }
        return remaining
    }

    /// Gives the lock back.
    ///
    /// Done also in a cancelled task; a second release does nothing.
    ///
    /// - Throws: ``HoldfastError/lockLost(_:)`` where it was lost before; otherwise why nobody knows whether
    /// the server heard of it. The lock ends with its lease or session then.
    @discardableResult
    public func release(reason: String? = nil) async throws(HoldfastError) -> ReleaseOutcome {
        guard let result = await driver.release(state.lock.hold, reason: reason) else {
            if let loss = state.loss { throw .lockLost(loss) }
            return ReleaseOutcome(cause: .released, wasAlreadyReleased: true)
        }
        return try HoldfastClient.read(try result.get(), of: .release(ticket.text)) {
            $0.releaseOutcome
        }
    }
}
