// The faultless watcher: a connection without delay that watches everything. What it reads are the server's own
// notices in the order in which things happened on each resource; the oracle rebuilds queues and holders from
// them.

import HoldfastModel

/// Watches everything, and lists resources when asked.
final class Watcher: @unchecked Sendable {
    private let stage: Stage
    private let link: Link
    private var received: [UInt8] = []
    private var answers: [JSONLine] = []
    private var lastSequence = 0
    /// What was told since a server started whose resources were not compared yet.
    private var withheld: [JSONLine]?

    /// Connects to a server that has just become ready, before anybody else does.
    init?(on stage: Stage) {
        guard let server = stage.server else { return nil }
        self.stage = stage
        link = Link(in: stage.world, LinkConditions())
        server.listeners[0].take(link)
        link.toClient.whenReadable = { [weak self] in self?.receive() }
        send("{\"op\":\"hello\",\"version\":1,\"token\":\"watcher\"}")
        send("{\"op\":\"watch\"}")
    }

    func close() { link.toServer.finish() }

    private func send(_ line: String) { _ = link.toServer.write(Array((line + "\n").utf8)) }

    // MARK: Asking

    /// Holds how every resource stands after a restart against what was known before.
    ///
    /// On a slow disk things happen while it is asked: they are in what the oracle compares, and it hears nothing of
    /// them before that.
    func compareWithBefore() {
        withheld = []
        let lists = ask(paths.map { "\"op\":\"list\",\"resource\":\"\($0)\",\"limit\":1000" })
        let events = withheld ?? []
        withheld = nil
        for list in lists { stage.oracle.compare(list) }
        if lists.isEmpty {
            for event in events { stage.oracle.saw(event) }
        } else {
            for _ in events { stage.oracle.count("compared after an event") }
        }
    }

    /// Everything that is shown of every resource, but for what goes on by itself or begins again at a start.
    ///
    /// One line for the resource, and one for each ticket and each event of its history.
    func pictures() -> [[String]] {
        ask(
            paths.flatMap { path in
                // Which history goes when there is too much in all is not the same after a restart.
                (stage.scenario.limits.historyTotal < 1_000 ? ["list"] : ["list", "history"]).map {
                    op in
                    "\"op\":\"\(op)\",\"resource\":\"\(path)\",\"limit\":1000"
                }
            }
        ).map(picture)
    }

    static let historyTitle = "history"

    private func picture(of answer: JSONLine) -> [String] {
        let lists = ["holders", "queue", "recent", "history"]
        // A renewal that lengthens nothing leaves no record (rule 14).
        let lines = lists.flatMap(answer.list).filter { $0.text("event") != "renewed" }
        var going: Set = ["id", "remaining", "expiresAt", "closedFor", "renewedAt"]
        // Files keep times of the wall clock, to the microsecond; they are for people alone (rule 10).
        if stage.scenario.files != nil {
            going.formUnion(["createdAt", "acquiredAt", "endedAt", "at"])
        }
        let title =
            answer["history"] == nil
            ? answer.text(without: going.union(lists)) : Watcher.historyTitle
        return [title] + lines.map { $0.text(without: going) }
    }

    /// Takes the resource for a moment.
    func take(_ path: String) {
        var asked = Asked(label: stage.newLabel(client: 999), client: 999, resource: path)
        asked.lease = .milliseconds(500)
        stage.oracle.asked[asked.label] = asked
        send(
            "{\"op\":\"queue\",\"resource\":\"\(path)\",\"lease\":0.5,\"holder\":\"\(asked.label)\"}"
        )
    }

    private var paths: [String] { (0..<stage.scenario.resourceCount).map { "r/\($0)" } }

    /// The answers, in the order of the requests, of one moment: where something was told meanwhile, a view may be
    /// older than what came before it, and all is asked again.
    private func ask(_ requests: [String]) -> [JSONLine] {
        for _ in 0..<20 {
            let before = lastSequence
            let views = askOnce(requests)
            if lastSequence == before { return views }
            stage.oracle.count("asked again")
        }
        return []
    }

    private func askOnce(_ requests: [String]) -> [JSONLine] {
        answers = []
        for (id, request) in requests.enumerated() { send("{\"id\":\(id),\(request)}") }
        _ = stage.world.settle()
        // A read waits for the batch that holds what it shows.
        for _ in 0..<2_000 where answers.count < requests.count {
            stage.world.run(for: .milliseconds(1))
        }
        return answers
    }

    // MARK: Hearing

    private func receive() {
        received += link.toClient.read(atMost: .max)
        var start = received.startIndex
        while let end = received[start...].firstIndex(of: 0x0a) {
            if let line = JSONLine.read(received[start..<end]) { took(line) }
            start = end + 1
        }
        received.removeFirst(start)
    }

    private func took(_ line: JSONLine) {
        guard line["watch"] != nil, line["ok"] == nil else {
            guard line["id"] != nil else { return }
            answers.append(line)
            if line["recent"] != nil { stage.note("== \(Watcher.text(ofList: line))") }
            return
        }
        if line.text("event") == "gap" {
            return stage.oracle.fail("watch-sequence", "the faultless watcher missed something")
        }
        lastSequence += 1
        stage.oracle.expect("watch-sequence", line.number("seq") == Double(lastSequence)) {
            "the faultless watcher got \(line.number("seq") ?? 0) for \(lastSequence)"
        }
        if stage.isTracing { stage.note("== \(Watcher.text(of: line))") }
        if withheld == nil {
            stage.oracle.saw(line)
        } else {
            withheld?.append(line)
        }
    }

    private static func text(ofList list: JSONLine) -> String {
        func text(_ name: String) -> String {
            list.list(name).map {
                "\($0.text("holder") ?? "?") #\(Int($0.number("number") ?? 0)) \($0.text("ended") ?? "")"
            }.joined(separator: ", ")
        }
        return "list \(list.text("resource") ?? "?") holders [\(text("holders"))] queue "
            + "[\(text("queue"))] recent [\(text("recent"))]"
    }

    private static func text(of line: JSONLine) -> String {
        let number = Int(line.number("number") ?? 0)
        let fence = line.number("fence").map { " fence \(Int($0))" } ?? ""
        let who = "\(line.text("holder") ?? "?") #\(number)"
        return "\(line.text("resource") ?? "?") \(line.text("event") ?? "?") \(who)\(fence)"
    }
}
