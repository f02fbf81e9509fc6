// What came in: replies find their calls, and every answered request is proof of life (rule 5).

import HoldfastModel
import HoldfastWire

extension ClientMachine {
    /// The driver read something.
    mutating func received(_ bytes: Span<UInt8>, at now: Instant) {
        guard link == .greeting || isReady || isLeaving else { return }
        lastReceivedAt = now
        var lines: [Incoming] = []
        framer.feed(bytes) { piece, line in
            lines.append(Incoming(piece, line))
            return .goOn
        }
        for line in lines {
            guard link == .greeting || isReady || isLeaving else { return }
            take(line, at: now)
        }
    }

    private var isLeaving: Bool {
        if case .leaving = link { true } else { false }
    }

    private mutating func take(_ line: Incoming, at now: Instant) {
        switch line {
        case .event(let event): takeEvent(event, at: now)
        case .reply(let id, let reply): takeReply(id, reply, at: now)
        case .nonsense(let why):
            breakConnection("the server does not speak the protocol: \(why)", at: now)
        }
    }

    private mutating func takeReply(_ wireID: UInt64, _ reply: Reply, at now: Instant) {
        do {
            let sent = try matcher.answered(id: wireID)
            proveLife(sentAt: sent.sentAt)
            guard let call = calls[sent.call] else { return }
            calls[sent.call]?.isOnWire = false
            takeReply(reply, to: sent.call, call, sentAt: sent.sentAt, at: now)
        } catch {
            breakConnection("a reply that answers nothing: \(error)", at: now)
        }
    }

    /// Rule 5: the session is safe for its grace from the sending of the last answered request.
    private mutating func proveLife(sentAt: Instant) {
        guard isReady, var known = session else { return }
        known.trust.answered(sentAt: sentAt)
        guard known.trust != session?.trust else { return }
        session = known
        actions.append(.trustSession(until: known.trust.deadline))
    }

    private mutating func takeReply(
        _ reply: Reply,
        to id: CallID,
        _ call: Call,
        sentAt: Instant,
        at now: Instant
    ) {
        switch call.purpose {
        case .greeting(let isResume):
            calls[id] = nil
            greeted(reply, isResume: isResume, sentAt: sentAt, at: now)
        case .keepAlive, .unwatch:
            calls[id] = nil
        case .upkeep(let hold):
            calls[id] = nil
            upkept(hold, reply, call: id, sentAt: sentAt, at: now)
        case .cleanup(let other):
            settle(id, .failure(.cancelled))
            if let other, calls[other]?.isOnWire == false { calls[other] = nil }
        case .farewell:
            finish()
        case .watch(let watch):
            watching(watch, reply, call: id, at: now)
        case .caller:
            answered(id, call, reply, sentAt: sentAt, at: now)
        case .lock(let isBound):
            lockAnswered(id, call, reply, isBound: isBound, sentAt: sentAt, at: now)
        }
    }

    private mutating func answered(
        _ id: CallID,
        _ call: Call,
        _ reply: Reply,
        sentAt: Instant,
        at now: Instant
    ) {
        guard !call.isAbandoned else { return abandonedAnswered(id, call, reply, at: now) }
        guard !tryLater(id, call, reply, at: now) else { return }
        overheard(id, call.request, reply, sentAt: sentAt, at: now)
        settle(id, .success(.reply(reply)))
    }

    /// The caller left before this answer: what it made is given back.
    private mutating func abandonedAnswered(
        _ id: CallID,
        _ call: Call,
        _ reply: Reply,
        at now: Instant
    ) {
        guard reply.refusal == nil, let ticket = reply.text("ticket") ?? call.ticket,
            reply.text("state") != "released"
        else { return settle(id, .failure(.cancelled)) }
        // The release may be on its way already, sent when the ticket became known.
        guard call.ticket == nil || !isBeingCleanedUp(id) else { return }
        cleanUp(ticket: ticket, of: id, at: now)
    }

    private func isBeingCleanedUp(_ id: CallID) -> Bool {
        calls.values.contains { $0.purpose == .cleanup(of: id) }
    }

    /// A server that is about to stop, or cannot answer yet, is asked again while patience lasts.
    private mutating func tryLater(
        _ id: CallID,
        _ call: Call,
        _ reply: Reply,
        at now: Instant
    ) -> Bool {
        guard let refusal = reply.refusal, call.request.isRepeatable,
            refusal.code == .draining || refusal.code == .unavailable
        else { return false }
        let since = call.refusedSince ?? now
        guard since + settings.patience > now else { return false }
        calls[id]?.lastRefusal = reply
        pause(id, since: since, at: now)
        return true
    }

    /// Has a call sent again after a pause, for as long as patience lasts since the first answer that was of no use.
    private mutating func pause(_ id: CallID, since: Instant, at now: Instant) {
        var pauses = Backoff(first: settings.backoffFirst, longest: settings.backoffLongest)
        calls[id]?.refusedSince = since
        calls[id]?.notBefore = now + pauses.pause(using: &random)
        guard let next = calls[id] else { return }
        callsDueAt = min(callsDueAt, next.notBefore, patienceEnds(next))
    }

    private mutating func lockAnswered(
        _ id: CallID,
        _ call: Call,
        _ reply: Reply,
        isBound: Bool,
        sentAt: Instant,
        at now: Instant
    ) {
        guard !call.isAbandoned else { return abandonedAnswered(id, call, reply, at: now) }
        guard !tryLater(id, call, reply, at: now) else { return }
        guard !tryAfresh(id, call, reply, at: now) else { return }
        guard reply.refusal == nil, let ticket = reply.text("ticket") ?? call.ticket,
            let grant = reply.grant
        else { return settle(id, .success(.reply(reply))) }
        let trust = TrustClock(
            sentAt: sentAt,
            waited: grant.waited ?? .zero,
            remaining: grant.remaining
        )
        guard trust.deadline > now else {
            // The answer took longer than the lease it tells of: ask before trusting it (rule 13).
            let wasAsked = call.request.operation == "acquire"
            calls[id]?.request = .acquire(ticket)
            calls[id]?.ticket = ticket
            calls[id]?.waitUntil = nil
            // A server that was frozen lets a lease that is over stand for a while: that is no reason to ask and ask.
            guard wasAsked else { return send(id, at: now) }
            return pause(id, since: call.refusedSince ?? now, at: now)
        }
        keep(
            Hold(
                ticket: ticket,
                resource: reply.text("resource") ?? call.resource ?? "",
                fence: grant.fence,
                lease: reply.seconds("lease") ?? grant.remaining,
                isBound: isBound && session != nil,
                trust: trust,
                plan: RenewalPlan(
                    sentAt: sentAt + (grant.waited ?? .zero),
                    remaining: grant.remaining
                )
            ),
            for: id
        )
    }

    /// A waiting lock whose connection broke was ended by the server, and its key stands for that ticket: a
    /// new attempt takes a new key (rule 23).
    private mutating func tryAfresh(
        _ id: CallID,
        _ call: Call,
        _ reply: Reply,
        at now: Instant
    ) -> Bool {
        guard call.wasRepeated, call.request.operation == "lock",
            let refusal = reply.refusal, refusal.code == .lost || refusal.code == .timedOut,
            call.ticketEndedWithConnection(reply),
            (call.waitUntil ?? .never) > now
        else { return false }
        let key = makeKey()
        calls[id]?.request["key"] = .text(key)
        send(id, at: now)
        return true
    }
}

extension Call {
    /// Whether the ticket ended because nobody was there, and not because anybody wanted it to.
    fileprivate func ticketEndedWithConnection(_ reply: Reply) -> Bool {
        switch reply.text("ended").flatMap(LockLoss.Cause.init(rawValue:)) {
        case .cancelled, .sessionEnded, .abandoned: true
        default: false
        }
    }
}
