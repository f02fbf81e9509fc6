// The faultless watcher: a connection without delay that watches everything. What it reads are the server's own
// notices in the order in which things happened on each resource; the oracle rebuilds queues and holders from
// them.

import HoldfastModel

/// Watches everything, and lists resources when asked.
final class Watcher: @unchecked Sendable {
    private let stage: Stage
    private let link: Link
    private var received: [UInt8] = []
    private var lists: [JSONLine] = []
    private var isWatching = false
    private var lastSequence = 0

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

    /// How every resource stands now; the world is quiet.
    func list() -> [JSONLine] {
        lists = []
        for index in 0..<stage.scenario.resourceCount {
            send("{\"op\":\"list\",\"resource\":\"r/\(index)\",\"limit\":1000}")
        }
        // A read waits for the batch that holds what it shows.
        for _ in 0..<2_000 where lists.count < stage.scenario.resourceCount {
            stage.world.run(for: .milliseconds(1))
        }
        return lists
    }

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
            guard line["recent"] != nil else { return }
            lists.append(line)
            stage.note("== \(Watcher.text(ofList: line))")
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
        stage.oracle.saw(line)
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
