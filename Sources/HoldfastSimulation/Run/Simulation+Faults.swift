// What strikes during the chaos: one of the faults that this seed has on.

import HoldfastJournal
import HoldfastModel

extension Simulation {
    private static let striking: [Fault] =
        [
            .stall, .reset, .halfOpen, .clientPause, .serverPause, .wallJump, .serverCrash,
            .serverStop, .journalFailure,
        ] + ofDisk

    func strike() {
        let faults = Simulation.striking.filter(stage.has)
        guard !faults.isEmpty else { return }
        let fault = world.random.pick(faults)
        if !sdkClients.isEmpty, world.random.chance(40) {
            return strike(world.random.pick(sdkClients), fault)
        }
        let client = world.random.pick(clients)
        switch fault {
        case .stall:
            stage.inject(.stall, client.name)
            client.connection?.link.stall(for: .milliseconds(10 + world.random.below(3_000)))
        case .reset:
            stage.inject(.reset, client.name)
            client.connection?.link.reset()
        case .halfOpen where world.random.chance(30):
            stage.inject(.halfOpen, client.name)
            client.connection?.link.breakSilently()
            if world.random.chance(50) { client.connection.map { client.broke($0) } }
        case .clientPause where !client.isPaused:
            pause(client)
        case .serverPause where world.random.chance(30):
            guard let server = stage.server else { return }
            let length = Interval.milliseconds(1 + world.random.below(3_000))
            stage.inject(.serverPause, "\(length.seconds) s")
            oracle.serverPauses(for: length)
            world.pause(server.threads, for: length)
        case .wallJump:
            stage.inject(.wallJump)
            world.clock.jumpWall(by: Int64(world.random.below(7_200_000) - 3_600_000) * 1_000)
        case .serverCrash where world.random.chance(15):
            stage.inject(.serverCrash)
            killServer()
            world.run(for: .milliseconds(world.random.below(500)))
            comeBack()
        case .serverStop where world.random.chance(10) && !isServerStopping:
            stage.inject(.serverStop)
            isServerStopping = true
            oracle.stopsSince = world.now
            stage.server?.stop()
        case .journalFailure where world.random.chance(10) && !isServerStopping:
            stage.inject(.journalFailure)
            isServerStopping = true
            journal.failure = world.random.chance(50) ? .storageFull : .failed("injected")
        case let fault where scenario.files != nil && world.random.chance(30): strikeDisk(fault)
        default: break
        }
    }

    private func strike(_ client: SDKClient, _ fault: Fault) {
        switch fault {
        case .stall:
            stage.inject(.stall, "s\(client.number)")
            client.link?.stall(for: .milliseconds(10 + world.random.below(3_000)))
        case .reset:
            stage.inject(.reset, "s\(client.number)")
            client.link?.reset()
        case .halfOpen:
            stage.inject(.halfOpen, "s\(client.number)")
            client.link?.breakSilently()
        case .clientPause:
            stage.inject(.clientPause, "s\(client.number)")
            world.pause([client.loop], for: .milliseconds(1 + world.random.below(4_000)))
        default: break
        }
    }

    private func pause(_ client: RawClient) {
        stage.inject(.clientPause, client.name)
        client.isPaused = true
        world.after(.milliseconds(1 + world.random.below(4_000))) {
            client.isPaused = false
            client.connection?.receive()
        }
    }
}
