// What a raw client makes of what it is told, and what the oracle hears of it.

import HoldfastModel

extension RawClient {
    func took(_ bytes: ArraySlice<UInt8>, on connection: RawConnection) {
        if stage.isTracing {
            stage.note("\(name) < \(String(decoding: bytes, as: UTF8.self))")
        }
        guard let line = JSONLine.read(bytes) else {
            return oracle.fail("readable", "not JSON: \(String(decoding: bytes, as: UTF8.self))")
        }
        if let event = line.text("event") { return tookEvent(event, line, on: connection) }
        guard let pending = take(line, on: connection) else { return }
        if carriesSession(pending, connection), let session {
            oracle.trustsSession(of: number, until: pending.sentAt + session.grace)
        }
        if let error = line["error"] {
            refused(error.text("code") ?? "none", error, line, pending, connection)
        } else {
            answered(line, pending, connection)
        }
    }

    private func carriesSession(
        _ pending: RawConnection.Pending,
        _ connection: RawConnection
    )
        -> Bool
    {
        connection.carriesSession && pending.op != "hello" && pending.op != "bye"
    }

    /// Half a line before the end of input is answered, too; no request is.
    private static func tellsOfHalfALine(_ line: JSONLine) -> Bool {
        line["error"]?.text("message") == "the input ended before the line did"
    }

    /// The request that this line answers.
    private func take(_ line: JSONLine, on connection: RawConnection) -> RawConnection.Pending? {
        let id = line.number("id").map { Int($0) }
        if id == nil, let limit = line.text("limit"), limit.hasPrefix("connections") {
            // It answers nothing that was asked here.
            oracle.count("limit \(limit)")
            return nil
        }
        if connection.hasFinished, id == nil, RawClient.tellsOfHalfALine(line) { return nil }
        let index = connection.pending.firstIndex { id == nil ? $0.op == "garbage" : $0.id == id }
        guard let index else {
            oracle.fail("one-reply", "\(name): a reply to nothing: \(line)")
            return nil
        }
        let pending = connection.pending.remove(at: index)
        if !pending.waits {
            let earlier = connection.pending[..<index].first { !$0.waits }
            oracle.expect("replies-in-order", earlier == nil) {
                "\(name): \(pending.op) answered before \(earlier?.op ?? "")"
            }
        }
        return pending
    }

    // MARK: Replies

    private func answered(
        _ line: JSONLine,
        _ pending: RawConnection.Pending,
        _ connection: RawConnection
    ) {
        switch pending.op {
        case "hello": greeted(line, pending, connection)
        case "bye":
            if connection.carriesSession, let name = connection.sessionName {
                oracle.sessionSaidBye(name)
            }
            connection.carriesSession = false
        case "queue", "lock", "steal":
            // What `ifMine` found may be a ticket whose own reply is still to come.
            let isFound = pending.asked?.isIfMine == true && line.flag("existing")
            if let text = line.text("ticket"), let asked = pending.asked,
                !isFound || oracle.tickets[text] != nil
            {
                learned(text, asked)
                standing(text, line, pending)
            }
        case "acquire", "renew":
            guard let text = pending.ticket else { return }
            oracle.judgeOwner(of: text, client: number)
            standing(text, line, pending)
        case "release":
            if let text = pending.ticket {
                over(text, line.text("ended") ?? "released", on: connection)
            }
        case "watch":
            if let watch = line.number("watch") { connection.sequences[Int(watch)] = 0 }
        default: break
        }
    }

    private func greeted(
        _ line: JSONLine,
        _ pending: RawConnection.Pending,
        _ connection: RawConnection
    ) {
        guard let told = line["session"], let id = told.text("id"), let secret = told.text("secret")
        else { return }
        let grace = Interval(seconds: told.number("grace") ?? 0)
        if let name = connection.sessionName {
            oracle.sessionOpened(name, grace: grace, over: connection.link)
        }
        if told.flag("resumed") { resumed() }
        connection.greetedAt = now
        session = RawSession(id: id, secret: secret, grace: grace)
        connection.carriesSession = true
        oracle.trustsSession(of: number, until: pending.sentAt + grace)
    }

    /// The server tells of everything bound to the session here.
    private func resumed() {
        oracle.count("session resumed")
        for index in tickets.indices {
            guard let own = oracle.asked[tickets[index].label], own.isBound,
                own.sessionEpoch == sessionEpoch, !oracle.boundElsewhere.contains(own.label)
            else { continue }
            tickets[index].isHeardHere = true
            tickets[index].position = nil
        }
    }

    private func learned(_ text: String, _ asked: Asked) {
        oracle.named(text, asked.label)
        let label = oracle.tickets[text]?.label ?? asked.label
        if index(of: text) == nil { tickets.append(RawTicket(text: text, label: label)) }
        if let index = index(of: text) { tickets[index].isHeardHere = true }
    }

    /// The ticket lived when the request was read.
    private func lives(_ text: String, of index: Int, sentAt: Instant) {
        let label = tickets[index].label
        oracle.heardAt[label] = max(oracle.heardAt[label] ?? .zero, sentAt)
        oracle.saidAlive(text, askedAt: sentAt)
    }

    /// The reply says how the ticket stands.
    private func standing(_ text: String, _ line: JSONLine, _ pending: RawConnection.Pending) {
        guard let index = index(of: text), let connection else { return }
        tickets[index].namedAt = pending.sentAt
        oracle.judgePosition(line, oracle.asked[tickets[index].label]?.resource)
        tickets[index].position = line.number("position").map { Int($0) } ?? tickets[index].position
        if pending.op == "acquire" { tickets[index].isHeardHere = true }
        switch line.text("state") {
        case "queued": lives(text, of: index, sentAt: pending.sentAt)
        case "acquired":
            lives(text, of: index, sentAt: pending.sentAt)
            let waited = Interval(seconds: line.number("waited") ?? 0)
            holds(text, line, since: pending.sentAt + waited)
        default: over(text, line.text("ended") ?? "released", on: connection)
        }
    }

    private func holds(_ text: String, _ line: JSONLine, since: Instant) {
        guard let index = index(of: text), let remaining = line.number("remaining") else { return }
        let until = since + Interval(seconds: remaining)
        tickets[index].isHeld = true
        if let fence = line.number("fence") { oracle.sawFence(text, fence) }
        if let lease = line.number("lease") { oracle.toldLease(text, Interval(seconds: lease)) }
        if !line.flag("losing") { oracle.promised(text, until: until) }
        guard !tickets[index].isOver, let asked = oracle.asked[tickets[index].label] else { return }
        // What is bound to a session that this client gave up may end at any time.
        guard !asked.isBound || asked.sessionEpoch == sessionEpoch else { return }
        oracle.trusts(asked, until: until)
    }

    private func over(_ text: String, _ ending: String?, on connection: RawConnection) {
        connection.toldEnds.insert(text)
        if let ending { oracle.noteEnd(of: text, ending, heard: false) }
        guard let index = index(of: text) else { return }
        tickets[index].isOver = true
        oracle.endTrust(tickets[index].label)
    }

    // MARK: Refusals

    private func refused(
        _ code: String,
        _ error: JSONLine,
        _ line: JSONLine,
        _ pending: RawConnection.Pending,
        _ connection: RawConnection
    ) {
        oracle.count("error \(code)")
        oracle.count("refused \(pending.op) \(code)")
        if let limit = line.text("limit") { oracle.count("limit \(limit)") }
        oracle.expect("never-internal", code != "internal") { "\(pending.op): \(line)" }
        switch pending.op {
        case "hello":
            // Whoever went on now would be `anonymous`.
            if code == "not_found" { forgetSession() }
            connection.link.reset()
        case "acquire", "renew", "release", "status":
            guard let text = pending.ticket else { return }
            if code == "lost", let ended = line.text("ended") {
                over(text, ended, on: connection)
            } else if code == "not_found" {
                forget(text)
            }
        case "lock", "queue", "steal":
            if let text = pending.told ?? pending.asked.flatMap(oracle.onlyTicket) {
                if code == "lost", let ended = line.text("ended") {
                    over(text, ended, on: connection)
                } else if code == "timed_out" {
                    // At the end of input its ticket was cancelled (PROTOCOL §7).
                    over(text, nil, on: connection)
                }
            }
        default: break
        }
    }

    private func forget(_ text: String) {
        guard let index = index(of: text) else { return }
        oracle.endTrust(tickets[index].label)
        tickets.remove(at: index)
    }

    // MARK: Events

    private func tookEvent(_ event: String, _ line: JSONLine, on connection: RawConnection) {
        oracle.count("event \(event)")
        if let watch = line.number("watch").map({ Int($0) }) {
            return tookWatched(watch, event, line, on: connection)
        }
        switch event {
        case "goodbye":
            oracle.count("goodbye \(line.text("reason") ?? "")")
            connection.isSentAway = true
        case "queued":
            let id = line.number("request").map { Int($0) }
            if let text = line.text("ticket"),
                let index = connection.pending.firstIndex(where: { $0.id == id }),
                let asked = connection.pending[index].asked
            {
                connection.pending[index].told = text
                // What `ifMine` found may be a ticket whose own reply is still to come.
                if !asked.isIfMine || oracle.tickets[text] != nil { learned(text, asked) }
                noteStanding(line)
            }
        case "position": noteStanding(line)
        case "acquired":
            guard let text = line.text("ticket"), let index = index(of: text) else { return }
            tickets[index].isHeld = true
            if let fence = line.number("fence") { oracle.sawFence(text, fence) }
            let isNamedNow = connection.pending.contains { $0.ticket == text }
            // Rule 13: which request the server read last is known only where none is under way.
            if let waited = line.number("waited"), let namedAt = tickets[index].namedAt, !isNamedNow
            {
                oracle.count("trusted by waited")
                holds(text, line, since: namedAt + Interval(seconds: waited))
            }
        case "lost":
            if let text = line.text("ticket") {
                over(text, line.text("ended") ?? "?", on: connection)
            }
        default: break
        }
    }

    private func noteStanding(_ line: JSONLine) {
        oracle.judgePosition(line, nil)
        guard let index = line.text("ticket").flatMap(index) else { return }
        tickets[index].position = line.number("position").map { Int($0) }
    }

    private func tookWatched(
        _ watch: Int,
        _ event: String,
        _ line: JSONLine,
        on connection: RawConnection
    ) {
        guard let last = connection.sequences[watch] else {
            return oracle.fail("watch-sequence", "\(name): an event of no watch: \(line)")
        }
        if event == "gap" {
            connection.sequences[watch] = last + Int(line.number("missed") ?? 0)
            return
        }
        let sequence = Int(line.number("seq") ?? 0)
        oracle.expect("watch-sequence", sequence == last + 1, line.text("resource")) {
            "\(name): event \(sequence) of watch \(watch) after \(last)"
        }
        connection.sequences[watch] = sequence
    }
}
