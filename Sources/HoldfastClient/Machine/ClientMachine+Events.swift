// What the server says unasked (PROTOCOL §5), and the watches that some of it belongs to.

import HoldfastModel

extension ClientMachine {
    mutating func takeEvent(_ event: Reply, at now: Instant) {
        if let number = event.integer("watch") { return takeWatched(event, number) }
        if event.text("event") == "goodbye" { return takeGoodbye(event, at: now) }
        if event.text("event") == "queued" { takeQueued(event, at: now) }
        guard let told = event.lockEvent else { return }
        actions.append(.tell(told))
        switch told {
        case .losing(let ticket, _, let grace, _, _):
            self.losing(ticket.text, for: Interval(grace), at: now)
        case .kept(let ticket, _):
            self.losing(ticket.text, for: nil, at: now)
        case .lost(let ticket, _, let loss):
            for id in holdsByTicket[ticket.text, default: []].sorted(by: { $0.number < $1.number })
            {
                lose(id, loss)
            }
        case .queued, .acquired, .position, .gap:
            break
        }
    }

    /// A waiting `lock` has its ticket; if its caller has left meanwhile it is given back.
    private mutating func takeQueued(_ event: Reply, at now: Instant) {
        guard let wireID = event.integer("request"), wireID >= 0, let ticket = event.text("ticket"),
            let id = matcher.call(of: UInt64(wireID)), let call = calls[id]
        else { return }
        calls[id]?.ticket = ticket
        if call.isAbandoned, call.ticket == nil { cleanUp(ticket: ticket, of: id, at: now) }
    }

    private mutating func takeGoodbye(_ event: Reply, at now: Instant) {
        let reason = event.text("reason") ?? "no reason"
        if reason == "resumed_elsewhere" { resumedElsewhere(at: now) }
        breakConnection("the server said goodbye: \(reason)", at: now)
    }

    private mutating func resumedElsewhere(at now: Instant) {
        // It was this client, on a connection that is gone: a server that was held up reads two in any order.
        guard strayResumeCount == 0 else {
            strayResumeCount -= 1
            return
        }
        // Taking it back would throw the other one out, and so for ever.
        endSession(LockLoss(.sessionTaken), at: now)
    }

    // MARK: Watches

    /// Begins to watch; the answer settles the call.
    mutating func watch(_ topic: WatchTopic, at now: Instant) -> (WatchID, CallID) {
        let watch = WatchID(number: nextNumber())
        watches[watch] = Watch(topic: topic)
        return (watch, submit(ClientMachine.request(topic), for: .watch(watch), at: now))
    }

    /// Nobody looks any more.
    mutating func unwatch(_ id: WatchID, at now: Instant) {
        guard let watch = watches.removeValue(forKey: id), let number = watch.number else { return }
        watchesByNumber[number] = nil
        unwatch(number: number, at: now)
    }

    private mutating func unwatch(number: Int, at now: Instant) {
        guard isReady else { return }
        let field = Request.Field(name: "watch", value: .number(number))
        _ = submit(Request("unwatch", [field]), for: .unwatch, at: now)
    }

    /// Watches belong to a connection: on a new one they begin again, and what happened between is a gap.
    mutating func rewatch(_ id: WatchID, at now: Instant) {
        guard let watch = watches[id], watch.wasInForce else { return }
        actions.append(.tellWatch(id, .gap(missed: nil)))
        _ = submit(ClientMachine.request(watch.topic), for: .watch(id), at: now)
    }

    mutating func watching(_ id: WatchID, _ reply: Reply, call: CallID, at now: Instant) {
        guard reply.refusal == nil, let number = reply.integer("watch") else {
            watches[id] = nil
            return settle(call, .success(.reply(reply)))
        }
        guard watches[id] != nil else {
            // The caller left before it began.
            settle(call, .success(.reply(reply)))
            return unwatch(number: number, at: now)
        }
        watches[id]?.number = number
        watches[id]?.wasInForce = true
        watchesByNumber[number] = id
        settle(call, .success(.reply(reply)))
    }

    private mutating func takeWatched(_ event: Reply, _ number: Int) {
        guard let id = watchesByNumber[number] else { return }
        if event.text("event") == "gap" {
            actions.append(.tellWatch(id, .gap(missed: event.integer("missed"))))
        } else if let notice = event.notice {
            actions.append(.tellWatch(id, .happened(notice)))
        }
    }

    private static func request(_ topic: WatchTopic) -> Request {
        switch topic {
        case .resource(let path):
            Request("watch", [Request.Field(name: "resource", value: .text(path))])
        case .prefix(let path):
            Request("watch", [Request.Field(name: "prefix", value: .text(path))])
        case .everything:
            Request("watch")
        }
    }
}
