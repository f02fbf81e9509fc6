// The connection: reached, greeted, broken, reached again (rules 5 and 27).

import HoldfastModel
import HoldfastWire

extension ClientMachine {
    mutating func startConnecting(at now: Instant) {
        if unreachableSince == nil { unreachableSince = now }
        link = .connecting
        actions.append(.connect)
    }

    /// The driver has a connection.
    mutating func connected(at now: Instant) {
        guard link == .connecting else { return actions.append(.disconnect) }
        framer = LineFramer(limit: ClientSettings.replyBytesMax)
        matcher = ReplyMatcher()
        outbound = []
        lastReceivedAt = now
        link = .greeting
        greet(at: now)
    }

    /// Says `hello`: with the session that is to go on, or with the wish for one.
    mutating func greet(at now: Instant) {
        typealias Field = Request.Field
        var request = Request("hello", [Field(name: "version", value: .number(1))])
        if let name = settings.name { request["client"] = .text(name) }
        if let token = settings.token { request["token"] = .text(token) }
        if let session {
            request["resume"] = .object([
                Field(name: "session", value: .text(session.id)),
                Field(name: "secret", value: .text(session.secret)),
            ])
        } else if let grace = settings.grace {
            request["session"] = .object([Field(name: "grace", value: .seconds(grace))])
        }
        _ = submit(request, for: .greeting(isResume: session != nil), at: now)
    }

    /// The driver could not reach the server.
    mutating func connectFailed(_ why: String, at now: Instant) {
        guard link == .connecting else { return }
        pause(.unreachable(why), at: now)
        tendCalls(at: now, afterFailure: true)
    }

    /// The connection ended, or has to: everything on it is cut off.
    mutating func disconnected(_ why: String, at now: Instant) {
        switch link {
        case .greeting, .ready: break
        case .leaving: return finish()
        case .idle, .connecting, .pausing, .over: return
        }
        let wasGreeting = link == .greeting
        pause(.unreachable(why), at: now)
        cutOff(at: now)
        tendCalls(at: now, afterFailure: wasGreeting)
    }

    /// Ends the connection from this side.
    mutating func breakConnection(_ why: String, at now: Instant) {
        actions.append(.disconnect)
        disconnected(why, at: now)
    }

    private mutating func pause(_ error: HoldfastError, at now: Instant) {
        if unreachableSince == nil { unreachableSince = now }
        trouble = error
        link = .pausing(until: now + backoff.pause(using: &random))
        outbound = []
    }

    /// Decides for every call what the end of the connection means to it.
    private mutating func cutOff(at now: Instant) {
        matcher = ReplyMatcher()
        watchesByNumber = [:]
        for id in watches.keys { watches[id]?.number = nil }
        for id in holds.keys { holds[id]?.upkeep = nil }
        for id in calls.keys.sorted() where calls[id] != nil { cutOff(id) }
    }

    private mutating func cutOff(_ id: CallID) {
        guard let call = calls[id], call.isOnWire || call.isAbandoned else { return }
        calls[id]?.isOnWire = false
        switch call.purpose {
        case .greeting(let isResume):
            if isResume { strayResumeCount += 1 }
            calls[id] = nil
        case .keepAlive, .upkeep, .unwatch, .farewell:
            calls[id] = nil
        case .cleanup(let other):
            // The caller has waited long enough for order; the release itself goes on.
            if let other, let cancelled = calls[other] {
                tellCaller(other, of: cancelled, .failure(.cancelled))
            }
            calls[id]?.purpose = .cleanup(of: nil)
        case .watch:
            break
        case .caller, .lock:
            if call.isAbandoned {
                tellCaller(id, of: call, .failure(.cancelled))
                // Without a session the server cancels by itself what waited on the connection; a ticket
                // that is known is released by a call of its own.
                if session == nil || call.ticket != nil { calls[id] = nil }
            } else if call.isSettled {
                calls[id] = nil
            } else if !call.request.isRepeatable {
                settle(id, .failure(.outcomeUnknown(trouble.description)))
            }
        }
    }

    // MARK: Greeting

    mutating func greeted(_ reply: Reply, isResume: Bool, sentAt: Instant, at now: Instant) {
        guard let failure = reply.refusal else {
            return begin(with: reply, sentAt: sentAt, at: now)
        }
        if isResume, failure.code == .notFound {
            endSession(LockLoss(.sessionEnded), at: now)
            return greet(at: now)
        }
        let error = HoldfastError.refused(failure)
        actions.append(.disconnect)
        cutOff(at: now)
        pause(error, at: now)
        guard !failure.isRetryable else { return tendCalls(at: now, afterFailure: true) }
        // Waiting does not help: whoever waits is told, and only what is kept goes on trying.
        for id in calls.keys.sorted() { settle(id, .failure(error)) }
        if holds.isEmpty, watches.isEmpty { link = .idle }
    }

    private mutating func begin(with reply: Reply, sentAt: Instant, at now: Instant) {
        if let granted = reply.session {
            let trust = SessionTrust(grace: granted.grace, sentAt: sentAt)
            if let old = session, old.id != granted.id {
                endSession(LockLoss(.sessionEnded), at: now)
            }
            session = Session(id: granted.id, secret: granted.secret, trust: trust)
            actions.append(.trustSession(until: trust.deadline))
        } else if session != nil {
            endSession(LockLoss(.sessionEnded), at: now)
        }
        if let line = reply.lineLimit { lineBytesMax = line }
        link = .ready
        unreachableSince = nil
        backoff.succeeded()
        resumeWork(at: now)
    }

    /// Takes everything up again on the new connection, in the order in which it was begun.
    private mutating func resumeWork(at now: Instant) {
        for id in watches.keys.sorted(by: { $0.number < $1.number }) { rewatch(id, at: now) }
        for id in holds.keys.sorted(by: { $0.number < $1.number }) { inquire(id, at: now) }
        for id in calls.keys.sorted() { send(id, at: now) }
        tendCalls(at: now, afterFailure: false)
    }

    // MARK: Sessions

    /// The session is no more, and what was bound to it neither.
    mutating func endSession(_ loss: LockLoss, at now: Instant) {
        session = nil
        strayResumeCount = 0
        for id in holds.keys.sorted(by: { $0.number < $1.number })
        where holds[id]?.isBound == true {
            lose(id, loss)
        }
        askAnew(at: now)
        for (id, call) in calls where call.isAbandoned && call.isSettled { calls[id] = nil }
    }

    /// What asks for a lock of the session asks for another one on the next: its key stands for a ticket that the old
    /// session takes along, whenever the server sees it end, and that the new one does not keep (rules 5, 23).
    private mutating func askAnew(at now: Instant) {
        for id in calls.keys.sorted() {
            guard let call = calls[id], case .lock(isBound: true) = call.purpose, call.wasSent,
                call.request.makesTicket, !call.isSettled, !call.isAbandoned
            else { continue }
            if let ticket = call.ticket { cleanUp(ticket: ticket, of: nil, at: now) }
            let key = makeKey()
            calls[id]?.ticket = nil
            calls[id]?.request["key"] = .text(key)
        }
    }

    // MARK: Leaving

    /// Ends everything: the session, its tickets, and what is held without one.
    mutating func close(at now: Instant) {
        let couldTalk = isReady
        switch link {
        case .leaving, .over: return
        case .idle, .connecting, .greeting, .ready, .pausing: link = .leaving(since: now)
        }
        if couldTalk {
            for hold in holds.values.filter({ !$0.isBound }).sorted(by: { $0.ticket < $1.ticket }) {
                farewell(.release(hold.ticket), for: .cleanup(of: nil), at: now)
            }
            farewell(.bye, for: .farewell, at: now)
        }
        for id in holds.keys.sorted(by: { $0.number < $1.number }) { lose(id, LockLoss(.closed)) }
        for id in calls.keys.sorted() {
            guard let call = calls[id], call.isAwaited else { continue }
            tellCaller(id, of: call, .failure(.closed))
        }
        if !couldTalk { finish() }
    }

    private mutating func farewell(_ request: Request, for purpose: Call.Purpose, at now: Instant) {
        let id = CallID(number: nextNumber())
        calls[id] = Call(request, for: purpose, at: now)
        send(id, at: now)
    }

    /// Nothing more happens after this.
    mutating func finish() {
        guard link != .over else { return }
        link = .over
        session = nil
        for id in calls.keys.sorted() { settle(id, .failure(.closed)) }
        actions.append(.disconnect)
        actions.append(.finish)
    }
}
