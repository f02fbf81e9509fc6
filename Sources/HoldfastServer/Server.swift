// The composition root over the kernel: loops on threads, sockets, the coordinator, one listener a
// loop. The root group has a child per loop and one that waits for the stop; when the stop comes,
// goodbyes are said and the group ends by itself.

import HoldfastCoordinator
package import HoldfastJournal
package import HoldfastModel
import HoldfastSystem

/// A server in this process.
package final class Server: Sendable {
    package let configuration: Configuration
    package let node: String
    private let loops: [EventLoop]
    private let coordinator: Coordinator
    private let service: LineService
    private let failure = JournalFailure()
    /// The addresses it listens at, with the ports that were chosen.
    package let addresses: [String]

    /// Descriptors that are not for connections: listeners, pollers, files (PROTOCOL §8).
    private static let descriptorReserve = 64

    /// Binds its sockets; from then on clients can connect, and `run` serves them.
    package init(
        _ configuration: Configuration,
        journal: any Journal = MemoryJournal()
    ) throws(StartError) {
        self.configuration = configuration
        try configuration.checkExposure()
        node = configuration.node ?? HostName.current
        var limits = configuration.limits
        do {
            let descriptors = try ResourceLimits.raiseDescriptors()
            limits.connections = min(limits.connections, descriptors - Server.descriptorReserve)
        } catch {
            throw .system("\(error)")
        }
        let firstFence = try configuration.fenceAtStart(wall: WallClock.now)
        do {
            loops = try (0..<configuration.effectiveLoopCount).map {
                try EventLoop(index: LoopIndex(number: UInt8($0)))
            }
        } catch {
            throw .system("\(error)")
        }
        let owners = OwnerDirectory()
        var foundation = Coordinator.Foundation(
            node: node,
            limits: limits,
            retain: configuration.retain,
            loops: loops,
            journal: journal,
            authority: OpenAuthority(owners: owners),
            owners: owners,
            firstFence: firstFence,
            random: { RandomBuffer.system() }
        )
        foundation.checksInvariants = configuration.checksInvariants
        foundation.onJournalFailure = { [failure] in failure.take($0) }
        coordinator = Coordinator(on: foundation)
        let sockets: [[any StreamListener]]
        (sockets, addresses) = try Server.listen(configuration, on: loops)
        service = LineService(
            coordinator: coordinator,
            sockets: sockets,
            drainTimeout: configuration.drainTimeout
        )
        failure.stops(service)
    }

    private static func listen(
        _ configuration: Configuration,
        on loops: [EventLoop]
    ) throws(StartError) -> ([[any StreamListener]], [String]) {
        var sockets = [[any StreamListener]](repeating: [], count: loops.count)
        var addresses: [String] = []
        for address in configuration.listen {
            do {
                let bound = try SocketListener.bind(to: address, on: loops)
                for (index, socket) in bound.enumerated() { sockets[index].append(socket) }
                addresses.append(bound[0].address)
            } catch {
                throw .system("\(error)")
            }
        }
        return (sockets, addresses)
    }

    /// Reads back what the journal kept, tells `ready` how many tickets live, and serves until the task is
    /// cancelled or `stop` was called; then every connection was told goodbye.
    package func run(ready: @Sendable (Int) -> Void = { _ in }) async throws(StartError) {
        do {
            for loop in loops { try loop.start() }
        } catch {
            throw .system("\(error)")
        }
        defer {
            for loop in loops { loop.stop() }
            for loop in loops { loop.join() }
        }
        do {
            ready(try await coordinator.recover())
        } catch {
            throw .journal(error)
        }
        let coordinator = coordinator
        let first = loops[0]
        await withDiscardingTaskGroup { group in
            group.addTask(executorPreference: first) { await coordinator.keepMemory(on: first) }
            await service.run()
            group.cancelAll()
        }
        if let error = failure.error { throw .journal(error) }
    }

    /// Any thread: stops accepting, answers waits with `draining`, says goodbye; `run` returns when
    /// that is done or the drain timeout is over.
    package func stop() { service.stop() }
}

/// Why a server did not start.
package enum StartError: Error, Hashable, Sendable, CustomStringConvertible {
    case system(String)
    case exposed(String)
    case clock(WallTime)
    /// What was decided cannot be stored, or what was stored cannot be read (rule 28).
    case journal(JournalError)

    package var description: String {
        switch self {
        case .system(let message):
            message
        case .exposed(let address):
            "will not listen at \(address): beyond this machine without authentication and TLS "
                + "anybody could take or end any lock; add --insecure if the network is yours"
        case .clock:
            "the wall clock is before 2025, so fences could repeat earlier ones: set the clock, or give "
                + "--first-fence N above every fence granted before"
        case .journal(let error):
            "the journal failed: \(error)"
        }
    }
}
