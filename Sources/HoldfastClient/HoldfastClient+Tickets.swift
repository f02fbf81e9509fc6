// One operation of the protocol each, for those who keep their tickets themselves: across processes, in
// a database, in a workflow. Nothing is renewed here.

import HoldfastModel

extension HoldfastClient {
    /// Takes a ticket and answers at once: it holds the resource, or waits in its queue.
    ///
    /// Poll it with ``acquire(_:wait:)``, or hand it to ``keep(_:wait:binding:)``. A ticket that is not bound
    /// to the session must be heard of every 90 s while it waits.
    public func queue(
        _ resource: String,
        lease: Duration = .seconds(30),
        maxWait: Duration? = nil,
        mode: LockMode = .exclusive,
        priority: Int = 0,
        reason: String? = nil,
        options: LockOptions = LockOptions()
    ) async throws(HoldfastError) -> TicketReport {
        var request = try Request(
            "queue",
            resource: resource,
            lease: lease,
            mode: mode,
            priority: priority,
            reason: reason,
            options: options
        )
        if let maxWait { request["maxWait"] = .seconds(Interval(maxWait)) }
        return try await ask(request) { $0.report() }
    }

    /// Takes the resource from its holders, which must be stealable unless an administrator uses `force`.
    ///
    /// - Parameters:
    ///   - resource: What to take.
    ///   - reason: Why; it is told to the victims and kept in the history.
    ///   - grace: How long the victims may finish what they do; at most 300 s.
    ///   - force: Take it also from those who do not agree; needs the right `admin`.
    ///   - lease: The lease of the new ticket.
    ///   - mode: The mode of the new ticket.
    ///   - options: What else the request says.
    public func steal(
        _ resource: String,
        reason: String,
        grace: Duration = .zero,
        force: Bool = false,
        lease: Duration = .seconds(30),
        mode: LockMode = .exclusive,
        options: LockOptions = LockOptions()
    ) async throws(HoldfastError) -> TicketReport {
        var request = try Request(
            "steal",
            resource: resource,
            lease: lease,
            mode: mode,
            priority: 0,
            reason: reason,
            options: options
        )
        if grace > .zero { request["grace"] = .seconds(Interval(grace)) }
        if force { request["force"] = .flag(true) }
        return try await ask(request) { $0.report() }
    }

    /// Asks whether a ticket was granted, and waits up to `wait` for it.
    public func acquire(
        _ ticket: Ticket,
        wait: Duration? = nil
    ) async throws(HoldfastError) -> TicketReport {
        var request = Request.acquire(ticket.text)
        if let wait { request["wait"] = .seconds(Interval(wait)) }
        return try await ask(request) { $0.report(of: ticket) }
    }

    /// Moves the end of a held ticket's lease to now plus its duration; never nearer.
    public func renew(
        _ ticket: Ticket,
        lease: Duration? = nil
    ) async throws(HoldfastError) -> LockGrant {
        var request = Request.renew(ticket.text)
        if let lease { request["lease"] = .seconds(Interval(lease)) }
        return try await ask(request) { $0.grant.map { LockGrant($0) } }
    }

    /// Gives a ticket back, held or queued.
    ///
    /// Releasing one's own ticket twice succeeds twice.
    @discardableResult
    public func release(
        _ ticket: Ticket,
        reason: String? = nil
    ) async throws(HoldfastError) -> ReleaseOutcome {
        var request = Request.release(ticket.text)
        if let reason { request["reason"] = .text(reason) }
        return try await ask(request) { $0.releaseOutcome }
    }

    /// Everything the server knows of a ticket, also of a finished one for a while.
    public func status(_ ticket: Ticket) async throws(HoldfastError) -> TicketSnapshot {
        let field = Request.Field(name: "ticket", value: .text(ticket.text))
        return try await ask(Request("status", [field])) { $0.snapshot }
    }

    /// Whether a fence belongs to a present holder of the resource: what a guard asks before it lets
    /// somebody through.
    public func check(
        _ resource: String,
        fence: Int
    ) async throws(HoldfastError) -> FenceCheck {
        let request = Request(
            "check",
            [try .resource(resource), Request.Field(name: "fence", value: .number(fence))]
        )
        return try await ask(request) { $0.check }
    }

    /// Whether a ticket holds its resource at present.
    public func check(_ ticket: Ticket) async throws(HoldfastError) -> FenceCheck {
        let field = Request.Field(name: "ticket", value: .text(ticket.text))
        return try await ask(Request("check", [field])) { $0.check }
    }
}
