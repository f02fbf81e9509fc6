// Locks that the client keeps: renewed, watched, given back.

import HoldfastModel

extension HoldfastClient {
    /// Runs `body` while holding a lock, and gives the lock back when `body` ends, however it ends.
    ///
    /// The lock is renewed by itself. When it is lost, the task that runs `body` is cancelled, and once
    /// `body` has ended ``HoldfastError/lockLost(_:)`` is thrown in place of its result. A lock counts as
    /// lost, too, when the server stays silent until ``LockHandle/remaining`` reaches zero: from then on
    /// somebody else may have it.
    ///
    /// ```swift
    /// try await client.withLock("deploy/prod", lease: .seconds(30), wait: .seconds(10)) { lock in
    ///     try await deploy(fence: lock.fence)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - resource: The path of what is to be protected, 1 to 512 bytes, like "deploy/prod".
    ///   - lease: How long the lock stays when this process is not heard of; it is renewed every third of it.
    ///   - wait: How long to wait for it: nil for ever, zero not at all.
    ///   - mode: Who may hold it at the same time.
    ///   - priority: 0 to 9; higher ones are granted first.
    ///   - reason: Why, for people who look at the lock.
    ///   - options: What else the request says.
    ///   - body: What to do while the lock is held. It runs in a child task of the caller's.
    /// - Returns: What `body` returns.
    /// - Throws: ``HoldfastError``, or what `body` throws.
    public func withLock<Value: Sendable>(
        _ resource: String,
        lease: Duration = .seconds(30),
        wait: Duration? = nil,
        mode: LockMode = .exclusive,
        priority: Int = 0,
        reason: String? = nil,
        options: LockOptions = LockOptions(),
        body: @escaping @Sendable (LockHandle) async throws -> Value
    ) async throws -> Value {
        let lock = try await lock(
            resource,
            lease: lease,
            wait: wait,
            mode: mode,
            priority: priority,
            reason: reason,
            options: options
        )
        return try await lock.use(body)
    }

    /// Waits for a lock and keeps it until the handle is released, or nobody has the handle any more.
    ///
    /// Prefer ``withLock(_:lease:wait:mode:priority:reason:options:body:)``, which cannot forget the release
    /// and stops the work when the lock is lost. Cancelling the calling task while it waits gives the ticket
    /// back and throws ``HoldfastError/cancelled``.
    public func lock(
        _ resource: String,
        lease: Duration = .seconds(30),
        wait: Duration? = nil,
        mode: LockMode = .exclusive,
        priority: Int = 0,
        reason: String? = nil,
        options: LockOptions = LockOptions()
    ) async throws(HoldfastError) -> LockHandle {
        var request = try Request(
            "lock",
            resource: resource,
            lease: lease,
            mode: mode,
            priority: priority,
            reason: reason,
            options: options
        )
        if let wait { request["wait"] = .seconds(Interval(wait)) }
        return try await hold(request, isBound: isBound(options.binding))
    }

    /// Keeps a ticket that was made elsewhere: by ``queue(_:lease:maxWait:mode:priority:reason:options:)``,
    /// by a steal, or by an earlier process.
    ///
    /// Cancelling the calling task while it waits gives the ticket back.
    ///
    /// - Parameters:
    ///   - ticket: The ticket.
    ///   - wait: How long to wait if it is still queued: nil for ever, zero not at all.
    ///   - binding: What its life is tied to; nil: the session, if the client has one.
    /// - Throws: ``HoldfastError/refused(_:)`` with `not_acquired` where it is still queued after `wait`.
    public func keep(
        _ ticket: Ticket,
        wait: Duration? = nil,
        binding: TicketBinding? = nil
    ) async throws(HoldfastError) -> LockHandle {
        var request = Request.acquire(ticket.text)
        request["wait"] = wait.map { .seconds(Interval($0)) } ?? .seconds(.day)
        return try await hold(request, isBound: isBound(binding))
    }

    private func isBound(_ binding: TicketBinding?) -> Bool {
        switch binding {
        case .ticket: false
        case .session: true
        case nil: configuration.sessionGrace != nil
        }
    }

    private func hold(
        _ request: Request,
        isBound: Bool
    ) async throws(HoldfastError) -> LockHandle {
        let driver = try driver()
        switch try await driver.perform(request, for: .lock(isBound: isBound)).get() {
        case .held(let state):
            return LockHandle(state, of: self, driver: driver)
        case .reply(let reply):
            if let error = HoldfastError(refusedBy: reply) { throw error }
            throw .refused(
                ServerRefusal(
                    code: .notAcquired,
                    message: reply.text("message") ?? "still queued",
                    isRetryable: true
                )
            )
        }
    }
}
