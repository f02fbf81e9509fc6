// Lives and deaths of the server, and what must be the same after one.

import HoldfastCoordinator
import HoldfastModel

extension Simulation {
    func startServer() {
        let server = ServerProcess(
            in: world,
            loopCount: scenario.loopCount,
            limits: scenario.limits,
            retain: scenario.retain,
            journal: journal,
            mutation: scenario.mutation
        )
        stage.server = server
        stage.note("-- server starts")
        oracle.serverStarts()
        while case .underWay = server.start { world.run(for: .milliseconds(1)) }
        guard case .done = server.start else {
            return oracle.fail("starts", "the server did not start: \(server.start)")
        }
        watcher = Watcher(on: stage)
        _ = world.settle()
    }

    func killServer() {
        stage.note("-- server is killed")
        journal.crash()
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
        for list in watcher.list() { oracle.compare(list) }
    }

    /// A server that stopped, by itself or because it was asked, comes back.
    func bringBackIfOver() {
        guard isServerStopping, stage.server?.isOver == true else { return }
        killServer()
        comeBack()
    }

    /// In a quiet world the new server is exactly what the old one was.
    func restartAndCompare() {
        if stage.server != nil { killServer() }
        comeBack()
    }
}
