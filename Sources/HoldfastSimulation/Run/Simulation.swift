// One seed from beginning to end: chaos, healing, everybody served, everybody gone, nothing left.
//
//     start ── steps with faults ── heal ── restart, compare ── drain until nobody waits ── close ── leftovers

import HoldfastCoordinator
package import HoldfastModel

/// What came of one seed.
package struct Outcome: Sendable {
    package var scenario: Scenario
    package var violations: [Violation]
    package var counts: [String: Int]
    package var virtualTime: Interval
    package var pieceCount: Int
    package var trace: [(at: Instant, text: String)]
}

/// Plays one scenario.
package final class Simulation: @unchecked Sendable {
    let stage: Stage
    var clients: [RawClient] = []
    var watcher: Watcher?
    var sdkClients: [SDKClient] = []
    /// Of seeds without a disk.
    let journal: PatientJournal
    let platter = SimulatedPlatter()
    var isServerStopping = false

    package init(_ scenario: Scenario, isTracing: Bool = false) {
        stage = Stage(scenario, isTracing: isTracing)
        journal = PatientJournal(SimulatedJournal(snapshotPeriod: 40), in: stage.world)
        clients = (0..<scenario.rawCount).map { RawClient($0, on: stage) }
    }

    var world: SeededWorld { stage.world }
    var oracle: Oracle { stage.oracle }
    var scenario: Scenario { stage.scenario }

    package func run() -> Outcome {
        let start = world.now
        world.cutsPerMille = world.random.below(20)
        if stage.has(.slowJournal) {
            stage.inject(.slowJournal)
            journal.delayMillisecondsMax = 1 + world.random.below(80)
        }
        slowDiskDown()
        startServer()
        sdkClients = (0..<scenario.sdkCount).map { SDKClient($0, on: stage) }
        for client in sdkClients { client.start() }
        for step in 0..<scenario.stepCount where oracle.violations.isEmpty {
            takeStep(step)
        }
        if oracle.violations.isEmpty { heal() }
        if oracle.violations.isEmpty { serveEverybody() }
        if oracle.violations.isEmpty { leave() }
        oracle.judgeOverlaps()
        countDiskFaults()
        let outcome = Outcome(
            scenario: scenario,
            violations: oracle.violations,
            counts: oracle.counts,
            virtualTime: world.now - start,
            pieceCount: world.pieceCount,
            trace: stage.trace
        )
        world.end()
        return outcome
    }

    // MARK: Chaos

    private func takeStep(_ step: Int) {
        let gap = world.random.below(scenario.gapMillisecondsMax * 1_000)
        let isLong = world.random.below(200) == 0
        world.run(for: Interval(nanoseconds: Int64(gap) * (isLong ? 20_000 : 1_000)))
        bringBackIfOver()
        if world.random.below(100) < 8 { strike() } else { world.random.pick(clients).act() }
        if step.isMultiple(of: 16) { judgeQuiet() }
    }

    private func judgeQuiet() {
        // A loop that woke late ends leases later; nothing waits for that here.
        guard stage.server != nil, !isServerStopping, !world.isHeldUp, world.settle(),
            journal.isIdle, platter.isIdle, stage.server?.journalFailure == nil
        else { return }
        oracle.judgeQuiet()
    }

    // MARK: Healing

    private func heal() {
        stage.isHealed = true
        stage.note("-- healed")
        journal.delayMillisecondsMax = 0
        journal.failure = nil
        platter.heal()
        world.run(for: .seconds(25))
        bringBackIfOver()
        for client in clients {
            client.isPaused = false
            client.connection?.receive()
        }
        world.run(for: .seconds(1))
        judgeQuiet()
        restartAndCompare()
    }

    /// Everybody gives back what it holds and asks for no more: in bounded time nobody waits.
    private func serveEverybody() {
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
    }

    private var isServed: Bool {
        oracle.resources.values.allSatisfy { $0.waiting.isEmpty && $0.holders.isEmpty }
    }

    // MARK: The end

    private func leave() {
        judgeReplies()
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
        guard let server = stage.server else { return }
        for leftovers in server.leftovers() {
            oracle.expect("nothing-left", leftovers == Leftovers()) { "left: \(leftovers)" }
        }
    }

    /// On connections that stayed open everything but waits was answered.
    private func judgeReplies() {
        for client in clients {
            guard let connection = client.connection, !connection.hasFinished else { continue }
            let open = connection.pending.filter {
                !$0.waits && $0.sentAt + .seconds(5) < world.now
            }
            oracle.expect("answered", open.isEmpty) {
                "\(client.name): never answered: \(open.map(\.op))"
            }
        }
    }
}
