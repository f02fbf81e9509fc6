// Calls: made, sent, sent again, cancelled, settled.

import HoldfastModel

extension ClientMachine {
    /// Takes a request; its answer comes as `settle` with the id returned here.
    mutating func submit(
        _ request: Request,
        for purpose: Call.Purpose = .caller,
        at now: Instant
    ) -> CallID {
        let id = CallID(number: nextNumber())
        switch link {
        case .leaving, .over:
            actions.append(.settle(id, .failure(.closed)))
            return id
        case .idle, .connecting, .greeting, .ready, .pausing:
            break
        }
        var call = Call(request, for: purpose, at: now)
        if call.request.makesTicket, call.request["key"] == nil {
            call.request["key"] = .text(makeKey())
        }
        if case .seconds(let wait)? = request["wait"] { call.waitUntil = now + wait }
        // A lock that is taken up by its ticket: the answers do not repeat the name.
        if case .lock = purpose, case .text(let ticket)? = request["ticket"] {
            call.ticket = ticket
        }
        calls[id] = call
        send(id, at: now)
        if link == .idle { startConnecting(at: now) }
        if !isReady { callsDueAt = min(callsDueAt, patienceEnds(call)) }
        return id
    }

    /// A fresh idempotency key: 128 random bits.
    mutating func makeKey() -> String {
        let (high, low) = (random.next(), random.next())
        return "sdk-" + String(high, radix: 36) + "-" + String(low, radix: 36)
    }

    /// Writes the call's line, if the connection is ready for it.
    mutating func send(_ id: CallID, at now: Instant) {
        guard var call = calls[id], !call.isOnWire, call.notBefore <= now else { return }
        switch (link, call.purpose) {
        case (.ready, _), (.greeting, .greeting), (.leaving, .farewell), (.leaving, .cleanup): break
        default: return
        }
        var request = call.request
        if call.wasSent, let end = call.waitUntil, request["wait"] != .seconds(.zero) {
            // What is left of the wait. Never zero: that would be another request (`maxWait` 0).
            request["wait"] = .seconds(max(.milliseconds(1), end - now))
        }
        let wireID = nextNumber()
        let line = RequestLine.bytes(of: request, id: wireID)
        guard line.count <= lineBytesMax + 1 else {
            return settle(
                id,
                .failure(.invalid("a request has at most \(lineBytesMax) bytes, not \(line.count)"))
            )
        }
        outbound.append(contentsOf: line)
        matcher.sent(id: wireID, call: id, waits: request.waits, at: now)
        if !request.waits { lastProbeAt = now }
        call.isOnWire = true
        call.wasRepeated = call.wasSent
        call.wasSent = true
        calls[id] = call
    }

    /// Answers whoever waits and forgets the call.
    mutating func settle(_ id: CallID, _ result: Result<Settled, HoldfastError>) {
        guard let call = calls.removeValue(forKey: id) else { return }
        tellCaller(id, of: call, result)
    }

    /// The caller is told once; the call may live on, to clean up.
    mutating func tellCaller(
        _ id: CallID,
        of call: Call,
        _ result: Result<Settled, HoldfastError>
    ) {
        guard !call.isSettled else { return }
        calls[id]?.isSettled = true
        switch call.purpose {
        case .caller, .lock:
            actions.append(.settle(id, result))
        case .watch(let watch):
            if case .failure = result { watches[watch] = nil }
            actions.append(.settle(id, result))
        case .cleanup(let other?):
            guard let cancelled = calls[other] else { return }
            tellCaller(other, of: cancelled, .failure(.cancelled))
        case .cleanup(nil), .greeting, .keepAlive, .upkeep, .unwatch, .farewell:
            break
        }
    }

    // MARK: Cancellation

    /// The caller's task was cancelled: what the call made is given back before the caller is told.
    mutating func cancel(_ id: CallID, at now: Instant) {
        guard let call = calls[id], !call.isAbandoned, !call.isSettled else { return }
        guard call.wasSent, givesTicketBack(call) else {
            tellCaller(id, of: call, .failure(.cancelled))
            // A reply that is still to come needs its call.
            if !call.isOnWire { calls[id] = nil }
            return
        }
        calls[id]?.isAbandoned = true
        if call.isOnWire {
            if let ticket = call.ticket { cleanUp(ticket: ticket, of: id, at: now) }
        } else {
            tellCaller(id, of: call, .failure(.cancelled))
            if let ticket = call.ticket { cleanUp(ticket: ticket, of: nil, at: now) }
            // Otherwise the session may hold a ticket that only the key finds again.
            if call.ticket != nil || session == nil { calls[id] = nil }
        }
    }

    /// A poll of a ticket that the caller knows leaves it in the queue; what only this call knows does not.
    private func givesTicketBack(_ call: Call) -> Bool {
        if case .lock = call.purpose { return true }
        return call.request.makesTicket
    }

    /// Releases a ticket that nobody waits for.
    mutating func cleanUp(
        ticket: String,
        of call: CallID?,
        worth duration: Interval? = nil,
        at now: Instant
    ) {
        let id = submit(.release(ticket), for: .cleanup(of: call), at: now)
        if let duration {
            calls[id]?.worthUntil = now + duration
            callsDueAt = min(callsDueAt, now + duration)
        }
    }

    // MARK: Giving up

    /// When a call that is not on the wire has waited for long enough.
    func patienceEnds(_ call: Call) -> Instant {
        guard call.isAwaited else { return call.worthUntil }
        let start = call.refusedSince ?? max(call.madeAt, unreachableSince ?? call.madeAt)
        // With no patience at all the first failed attempt decides, not the clock.
        let end = settings.patience == .zero ? .never : start + settings.patience
        guard let waitUntil = call.waitUntil, call.request["wait"] != .seconds(.zero) else {
            return end
        }
        return min(end, waitUntil)
    }

    /// Fails the calls that waited for long enough, sends those whose pause is over.
    mutating func tendCalls(at now: Instant, afterFailure: Bool) {
        callsDueAt = .never
        for id in calls.keys.sorted() {
            guard let call = calls[id], !call.isOnWire else { continue }
            if call.refusedSince != nil, call.notBefore <= now { send(id, at: now) }
            guard calls[id]?.isOnWire == false else { continue }
            let end = patienceEnds(call)
            let hasFailed = afterFailure && settings.patience == .zero && call.isAwaited
            if hasFailed || end <= now {
                giveUp(id, call, at: now)
            } else {
                // One whose pause is over waits for the connection, not for the clock.
                let isPausing = call.refusedSince != nil && call.notBefore > now
                callsDueAt = min(callsDueAt, end, isPausing ? call.notBefore : .never)
            }
        }
    }

    private mutating func giveUp(_ id: CallID, _ call: Call, at now: Instant) {
        if let refusal = call.lastRefusal { return settle(id, .success(.reply(refusal))) }
        guard call.wasSent, call.request.hasEffect else { return settle(id, .failure(trouble)) }
        let error = HoldfastError.outcomeUnknown(trouble.description)
        // The ticket of a lock that nobody got to know is given back as soon as the session is.
        guard case .lock = call.purpose, session != nil else { return settle(id, .failure(error)) }
        tellCaller(id, of: call, .failure(error))
        calls[id]?.isAbandoned = true
        if let ticket = call.ticket { cleanUp(ticket: ticket, of: id, at: now) }
    }
}
