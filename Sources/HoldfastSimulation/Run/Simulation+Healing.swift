// What must come after the chaos, in every seed: the world is healed, a restart changes nothing, everybody is served,
// everybody leaves and nothing is left, and what is left of nothing still knows its fences.

import HoldfastCoordinator
import HoldfastModel

extension Simulation {
    /// Ends every fault; what is held and queued then is the same after a restart.
    func heal() {
        stage.isHealed = true
        stage.note("-- healed")
        journal.delayMillisecondsMax = 0
        platter.heal()
        if journal.failure != nil {
            // Nothing was written since.
            journal.failure = nil
            isServerStopping = false
        }
        world.run(for: .seconds(1))
        bringBack()
        for client in clients {
            client.isPaused = false
            client.connection?.receive()
        }
        restartAndCompare()
        // A connection that broke in silence is noticed after 20 s (rule 5).
        world.run(for: .seconds(25))
        judgeQuiet()
    }

    /// A server that was told to stop, or whose journal failed, comes to its end and is followed by another.
    private func bringBack() {
        for _ in 0..<100 where isEnding {
            world.run(for: .milliseconds(100))
            bringBackIfOver()
        }
        oracle.expect("stops", !isEnding) { "the server does not come to its end" }
    }

    private var isEnding: Bool { isServerStopping || stage.server?.journalFailure != nil }

    /// In a quiet world the new server shows exactly what the old one showed.
    ///
    /// No time passes meanwhile, and nobody comes in: every running duration is at its beginning.
    func restartAndCompare() {
        for _ in 0..<200 where !isQuiet { world.run(for: .milliseconds(50)) }
        judgeQuiet()
        guard let before = watcher?.pictures(), oracle.violations.isEmpty else { return }
        stage.isClosed = true
        defer { stage.isClosed = false }
        killServer(losingPower: scenario.has(.powerLoss))
        comeBack()
        guard oracle.violations.isEmpty, let after = watcher?.pictures() else { return }
        oracle.count("compared pictures", before.count)
        for (old, new) in zip(before, after) { judgePictures(old, new) }
    }

    private func judgePictures(_ old: [String], _ new: [String]) {
        let missing = firstMissing(of: old, in: new)
        oracle.expect("same-picture", missing == nil) {
            let like = new.first { $0.prefix(40) == missing?.prefix(40) }
            return "the server showed \(missing ?? ""), after a restart \(like ?? "nothing of it")"
        }
        // Renewals leave no record, and so make room for what they had pushed out of the history.
        guard old.first != Watcher.historyTitle else { return }
        oracle.expect("same-picture", old.count == new.count) {
            "the server shows more after a restart: \(new.last ?? "")"
        }
    }

    /// The first line that does not come in its turn, but for what is older than a full history reaches.
    private func firstMissing(of old: [String], in new: [String]) -> String? {
        var rest = new[...]
        for (index, line) in old.enumerated() {
            if let place = rest.firstIndex(of: line) {
                rest = rest[(place + 1)...]
                continue
            }
            let isPushedOut =
                old[0] == Watcher.historyTitle && new.count > scenario.limits.history
                && !old[index...].contains(where: rest.contains)
            return isPushedOut ? nil : line
        }
        return nil
    }

    /// Everybody gives back what it holds and asks for no more: in bounded time nobody waits.
    func serveEverybody() {
        let waiting = oracle.resources.keys.sorted().reduce(0) { sum, path in
            sum + (oracle.resources[path].map { $0.waiting.count + $0.holders.count } ?? 0)
        }
        let end = world.now + .seconds(40 + waiting * 10)
        while world.now < end, !isServed {
            for client in clients {
                if client.connection == nil { client.connect() }
                for ticket in client.tickets where ticket.isHeld && !ticket.isOver {
                    client.letGo(ticket.text)
                }
            }
            world.run(for: .milliseconds(500))
        }
        for path in oracle.resources.keys.sorted() {
            let waiting = oracle.resources[path]?.waiting.map(\.label) ?? []
            oracle.expect("served", waiting.isEmpty, path) { "never served: \(waiting)" }
        }
        world.run(for: .seconds(5))
        judgeReplies()
        for client in sdkClients {
            oracle.expect("sdk-comes-back", client.isDone) { "s\(client.number) still waits" }
        }
    }

    private var isServed: Bool {
        oracle.resources.values.allSatisfy { $0.waiting.isEmpty && $0.holders.isEmpty }
    }

    /// On connections that stayed open everything was answered: nothing is left to wait for.
    private func judgeReplies() {
        for client in clients {
            guard let connection = client.connection, !connection.hasFinished else { continue }
            let open = connection.pending.filter { $0.sentAt + .seconds(5) < world.now }
            oracle.expect("answered", open.isEmpty) {
                "\(client.name): never answered: \(open.map(\.op))"
            }
        }
    }

    // MARK: The end

    /// Everybody goes, and what is remembered is forgotten in its time.
    func leave() {
        for client in clients {
            oracle.endTrust(ofClient: client.number)
            client.connection?.finish()
            client.connection = nil
        }
        for client in sdkClients { client.close() }
        world.run(for: .seconds(5))
        watcher?.close()
        watcher = nil
        world.run(for: scenario.retain + .seconds(20))
        judgeLeftovers()
    }

    private func judgeLeftovers() {
        for leftovers in stage.server?.leftovers() ?? [] {
            oracle.expect("nothing-left", leftovers == Leftovers()) { "left: \(leftovers)" }
        }
    }

    /// Rule 18: the next server finds nothing, on a wall clock that went back, and still repeats no fence.
    func beginAgain() {
        killServer()
        world.clock.jumpWall(by: -Int64(1 + world.random.below(86_400)) * 1_000_000)
        startServer(isWatched: false)
        judgeLeftovers()
        watcher = Watcher(on: stage)
        guard let watcher, oracle.violations.isEmpty else { return }
        for index in 0..<scenario.resourceCount { watcher.take("r/\(index)") }
        world.run(for: .seconds(1))
        watcher.close()
        self.watcher = nil
        world.run(for: scenario.retain + .seconds(20))
        judgeLeftovers()
    }
}
