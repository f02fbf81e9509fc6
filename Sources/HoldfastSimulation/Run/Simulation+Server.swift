// Lives and deaths of the server, and what must be the same after one.

import HoldfastCoordinator
import HoldfastModel

extension Simulation {
    /// Starts a server; where a fault of the disk keeps it from starting, the operator mends that and tries again.
    func startServer(isWatched: Bool = true) {
        for _ in 0..<10 {
            let faultsBefore = seriousDiskFaultCount
            let server = launch()
            if case .done = server.start {
                oracle.serverIsReady()
                if isWatched { watcher = Watcher(on: stage) }
                _ = world.settle()
                return
            }
            stage.note("-- it did not start: \(server.start)")
            guard seriousDiskFaultCount > faultsBefore else { break }
            oracle.count("starts refused by a fault")
            killServer()
            platter.relent()
        }
        oracle.fail("starts", "the server did not start: \(stage.server?.start ?? .underWay)")
    }

    /// A new server that has started, or could not.
    func launch() -> ServerProcess {
        let server = ServerProcess(
            in: world,
            loopCount: scenario.loopCount,
            limits: scenario.limits,
            retain: scenario.retain,
            store: scenario.files.map { .files(platter, $0) } ?? .journal(journal),
            mutation: scenario.mutation
        )
        stage.server = server
        stage.note("-- server starts")
        oracle.serverStarts()
        _ = world.settle()
        while case .underWay = server.start { world.run(for: .milliseconds(1)) }
        return server
    }

    func killServer(losingPower losesPower: Bool = false) {
        stage.note(losesPower ? "-- the power goes" : "-- server is killed")
        oracle.diedAt = world.now
        journal.crash()
        if losesPower || !platter.hasPower {
            platter.crash(&world.random)
        } else {
            platter.kill()
        }
        stage.server?.kill()
        isServerStopping = false
        stage.server = nil
        watcher = nil
        for client in clients where !client.isPaused { client.connection?.receive() }
    }

    /// A new server on the journal of the old one; what was told must be there.
    func comeBack() {
        startServer()
        guard let watcher, oracle.violations.isEmpty else { return }
        watcher.compareWithBefore()
    }

    /// A server that stopped, by itself or because it was asked, comes back.
    func bringBackIfOver() {
        guard let server = stage.server, server.isOver,
            isServerStopping || server.journalFailure != nil
        else { return }
        killServer()
        comeBack()
    }
}
