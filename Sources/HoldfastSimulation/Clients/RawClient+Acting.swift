// What a raw client does when it is its turn: one thing, or several in one breath.

import HoldfastModel

extension RawClient {
    func act() {
        guard !isPaused else { return }
        guard let connection else { return connect() }
        connection.receive()
        guard !connection.hasFinished, !connection.isResuming else { return }
        for _ in 0...(chance(20) ? below(5) : 0) { perform(below(100)) }
    }

    private func perform(_ dice: Int) {
        switch dice {
        case ..<24: ask("queue")
        case ..<34: ask("lock")
        case ..<37 where stage.has(.steal): steal()
        case ..<46: poll()
        case ..<58: renew()
        case ..<76: release()
        case ..<80: retry()
        case ..<83: onTicket("status")
        case ..<85: check()
        case ..<88: look()
        case ..<90: watch()
        case ..<94: send("ping")
        case 94 where stage.has(.clear) && chance(30): clear()
        case 95 where stage.has(.drain) && chance(30): drain()
        case 96 where stage.has(.garbage): garbage()
        case 97 where chance(30): bye()
        case 98 where stage.has(.halfClose): halfClose()
        case 99 where stage.has(.clientCrash): crash()
        default: break
        }
    }

    var anyResource: String { "r/\(below(stage.scenario.resourceCount))" }

    // MARK: Asking

    private func ask(_ op: String) {
        var asked = newRequest(op)
        if chance(50) {
            asked.key = "k-\(asked.label)"
            asked.fields += ",\"key\":\"k-\(asked.label)\""
        }
        if chance(3) {
            asked.isIfMine = true
            asked.fields += ",\"ifMine\":\"return\""
        }
        if op == "lock", chance(50) {
            let wait = zeroOr(3_000)
            asked.wait = wait
            asked.fields += ",\"wait\":\(wait.seconds)"
        }
        dispatch(asked)
    }

    private func dispatch(_ asked: Asked) {
        if asked.key != nil { keyed = keyed.suffix(7) + [asked] }
        oracle.asked[asked.label] = asked
        if asked.isSteal { oracle.steals.append(asked) }
        send(asked.op, asked.fields, asked: asked, waits: asked.op == "lock")
    }

    /// A request for a ticket with all its fields; the oracle gets to know the same.
    private func newRequest(_ op: String) -> Asked {
        var asked = Asked(
            label: stage.newLabel(client: number),
            client: number,
            resource: anyResource
        )
        asked.op = op
        asked.at = now
        asked.principal = connection?.isNamed == true ? name : "anonymous"
        asked.lease = .milliseconds(100 + below(stage.scenario.leaseMillisecondsMax))
        asked.fields = "\"resource\":\"\(asked.resource)\",\"holder\":\"\(asked.label)\""
        asked.fields += ",\"lease\":\(asked.lease.seconds)"
        switch below(100) - stage.scenario.permitPercent {
        case 0..<stage.scenario.sharedPercent:
            asked.mode = .shared
            asked.fields += ",\"mode\":\"shared\""
        case ..<0:
            let of = chance(90) ? 3 : 2
            let count = 1 + below(of)
            asked.mode = .permit(count: count, of: of)
            asked.fields += ",\"mode\":\"permit\",\"permits\":\(count),\"of\":\(of)"
        default: break
        }
        if op != "steal", chance(25) {
            asked.priority = below(10)
            asked.fields += ",\"priority\":\(asked.priority)"
        }
        addTerms(to: &asked)
        return asked
    }

    private func addTerms(to asked: inout Asked) {
        if chance(15) {
            let maxWait = zeroOr(2_000)
            asked.maxWait = maxWait
            asked.fields += ",\"maxWait\":\(maxWait.seconds)"
        }
        if chance(40) {
            let pollWithin = Interval.milliseconds(300 + below(5_700))
            asked.pollWithin = pollWithin
            asked.fields += ",\"pollWithin\":\(pollWithin.seconds)"
        }
        if chance(50) {
            asked.isStealable = true
            asked.fields += ",\"stealable\":true"
        }
        if chance(15) {
            asked.lockDelay = .milliseconds(below(2_000))
            asked.fields += ",\"lockDelay\":\(asked.lockDelay.seconds)"
        }
        let hasSession = connection?.carriesSession ?? false
        asked.isBound = hasSession
        asked.sessionEpoch = sessionEpoch
        // Before the answer to `hello` nobody knows what the default is.
        if chance(30) || connection?.pending.contains(where: { $0.op == "hello" }) == true {
            asked.isBound = false
            asked.fields += ",\"bind\":\"ticket\""
        } else if chance(5) {
            asked.isBound = true
            asked.fields += ",\"bind\":\"session\""
        }
        switch below(8) {
        case 0:
            asked.isQuiet = true
            asked.fields += ",\"notify\":\"none\""
        case 1, 2:
            asked.isFollowed = true
            asked.fields += ",\"notify\":\"position\""
        default: break
        }
    }

    /// Often none at all: what may not wait is another branch.
    private func zeroOr(_ milliseconds: Int) -> Interval {
        chance(20) ? .zero : .milliseconds(below(milliseconds))
    }

    private func seconds(_ range: ClosedRange<Int>) -> Double {
        Double(stage.world.random.milliseconds(range)) / 1_000
    }

    private func steal() {
        stage.inject(.steal)
        var asked = newRequest("steal")
        asked.isSteal = true
        asked.fields += ",\"reason\":\"because\""
        if chance(50) {
            asked.grace = .milliseconds(below(1_500))
            asked.fields += ",\"grace\":\(asked.grace.seconds)"
        }
        if chance(40) {
            asked.isForced = true
            asked.fields += ",\"force\":true"
        }
        dispatch(asked)
    }

    /// Rule 23: the same request with the same key finds out what became of it.
    private func retry() {
        guard let asked = whatToRetry() else { return }
        // What was bound to a session by default must be asked for as it was understood then.
        guard let connection, asked.isNamed == connection.isNamed,
            asked.isBound == connection.carriesSession
        else { return }
        if asked.sessionEpoch != sessionEpoch { oracle.boundElsewhere.insert(asked.label) }
        send(asked.op, asked.fields, asked: asked, waits: asked.op == "lock")
    }

    /// What was never answered, or now and then what was.
    private func whatToRetry() -> Asked? {
        if !unanswered.isEmpty {
            oracle.count("retried after a lost reply")
            return unanswered.remove(at: below(unanswered.count))
        }
        guard !keyed.isEmpty, chance(50) else { return nil }
        oracle.count("retried for no reason")
        var asked = keyed[below(keyed.count)]
        asked.isNamed = asked.principal != "anonymous"
        return asked
    }

    // MARK: Tickets

    /// Mostly one's own live ticket, now and then a finished one or another's.
    private func anyTicket(held: Bool? = nil) -> String? {
        if chance(3) {
            let others = oracle.textByLabel.keys.sorted()
            return others.isEmpty ? nil : oracle.textByLabel[others[below(others.count)]]
        }
        let live = tickets.filter { !$0.isOver && (held == nil || $0.isHeld == held) }
        if !live.isEmpty, chance(92) { return live[below(live.count)].text }
        return tickets.isEmpty ? nil : tickets[below(tickets.count)].text
    }

    private func onTicket(_ op: String, _ fields: String = "", held: Bool? = nil) {
        guard let text = anyTicket(held: held) else { return }
        send(op, "\"ticket\":\"\(text)\"\(fields)", ticket: text)
    }

    private func poll() {
        guard let text = anyTicket(held: false) else { return }
        let wait = chance(40) ? ",\"wait\":\(seconds(0...2_000))" : ""
        send("acquire", "\"ticket\":\"\(text)\"\(wait)", ticket: text, waits: !wait.isEmpty)
    }

    private func renew() {
        onTicket("renew", chance(20) ? ",\"lease\":\(seconds(100...4_000))" : "", held: true)
    }

    private func release() {
        guard let text = anyTicket(held: chance(80)) else { return }
        letGo(text)
    }

    func letGo(_ text: String) {
        if let index = index(of: text) {
            oracle.letsGo(tickets[index].label)
            tickets[index].isOver = true
            tickets[index].isLetGo = true
        }
        send("release", "\"ticket\":\"\(text)\"", ticket: text)
    }

    // MARK: Looking

    private func check() {
        if chance(50) { return onTicket("check") }
        let fence = tickets.last.flatMap { oracle.tickets[$0.text]?.fence } ?? 1
        send("check", "\"resource\":\"\(anyResource)\",\"fence\":\(Int(fence))")
    }

    private func look() {
        switch below(4) {
        case 0: send("list", "\"resource\":\"\(anyResource)\",\"limit\":\(1 + below(5))")
        case 1: send("history", "\"resource\":\"\(anyResource)\"")
        case 2:
            send("resources", chance(50) ? "\"prefix\":\"r\",\"limit\":2" : "\"sort\":\"queue\"")
        default: send("stats")
        }
    }

    private func watch() {
        if let watch = connection?.sequences.keys.min(), chance(30) {
            return send("unwatch", "\"watch\":\(watch)")
        }
        send("watch", chance(50) ? "\"resource\":\"\(anyResource)\"" : "\"prefix\":\"r\"")
    }

    // MARK: Trouble

    private func clear() {
        stage.inject(.clear)
        let resource = anyResource
        oracle.lastClear[resource] = now
        send("clear", "\"resource\":\"\(resource)\",\"reason\":\"because\"")
    }

    private func drain() {
        stage.inject(.drain)
        send("drain")
        stage.world.after(.milliseconds(200 + below(600))) { [self] in send("drain", "\"off\":true")
        }
    }

    private func bye() {
        forgetSession()
        send("bye")
    }

    private func halfClose() {
        stage.inject(.halfClose, name)
        connection?.finish()
    }

    private func garbage() {
        stage.inject(.garbage, name)
        let texts = [
            "{\"op\":", "[]", "{\"op\":\"fly\"}", "{\"op\":\"queue\"}", "\u{1}\u{2}", "nonsense",
            "{\"op\":\"renew\",\"ticket\":5}", "{\"op\":\"hello\",\"version\":9}",
            "{\"op\":\"queue\",\"resource\":\"r/0\",\"lease\":100000}",
            "{\"op\":\"queue\",\"resource\":\"r/0\",\"meta\":{\"a\":\"\(filling(1_100))\"}}",
        ]
        let text =
            chance(10)
            ? "{\"op\":\"ping\",\"reason\":\"\(filling(stage.scenario.limits.lineBytes))\"}"
            : texts[below(texts.count)]
        connection?.pending.append(
            RawConnection.Pending(
                id: 0,
                op: "garbage",
                sentAt: now,
                ticket: nil,
                asked: nil,
                waits: false
            )
        )
        stage.note("\(name) > \(text.prefix(60))")
        connection?.write(Array((text + "\n").utf8))
    }

    private func filling(_ count: Int) -> String { String(repeating: "x", count: count) }
}
