// The composition root over the kernel: loops on threads, sockets, the coordinator, one listener a
// loop. The root group has a child per loop and one that waits for the stop; when the stop comes,
// goodbyes are said and the group ends by itself.

import HoldfastCoordinator
package import HoldfastJournal
package import HoldfastModel
package import HoldfastSystem

/// A server in this process.
package final class Server: Sendable {
    package let configuration: Configuration
    package let node: String
    private let loops: [EventLoop]
    private let coordinator: Coordinator
    private let service: LineService
    private let doors: TLSDoors?
    private let failure = JournalFailure()
    private let access: AccessKeeper
    private let audit: AuditTrail
    private let memory: MemoryWatch
    private let journalThread: JournalThread?
    /// The addresses it listens at, with the ports that were chosen.
    package let addresses: [String]
    /// The same for HTTP.
    package let httpAddresses: [String]

    /// Descriptors that are not for connections: listeners, pollers, files (PROTOCOL §8).
    private static let descriptorReserve = 64

    /// Binds its sockets; from then on clients can connect, and `run` serves them.
    ///
    /// `journal` stands in for the one that the configuration names.
    package init(
        _ configuration: Configuration,
        journal: (any Journal)? = nil
    ) throws(StartError) {
        self.configuration = configuration
        try configuration.checkExposure()
        let audit = try AuditTrail(configuration.auditFile, tell: configuration.tell)
        self.audit = audit
        do throws(TLSFlaw) {
            doors = try configuration.tls.map { (setting) throws(TLSFlaw) in
                try TLSDoors(setting, tell: configuration.tell) { peer, failure in
                    audit.saw(strangerFrom: peer, because: failure, at: WallClock.now)
                }
            }
        } catch {
            throw .tls(error)
        }
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
                try EventLoop(
                    index: LoopIndex(number: UInt8($0)),
                    pollsBeforeSleep: configuration.pollsBeforeSleep
                )
            }
        } catch {
            throw .system("\(error)")
        }
        journalThread =
            try journal == nil
            ? JournalThread(
                configuration.data,
                pollsBeforeSleep: configuration.pollsBeforeSleep
            ) : nil
        memory = MemoryWatch(MemoryLimit.all(), tell: configuration.tell)
        let owners = OwnerDirectory()
        access = try AccessKeeper(
            configuration.access,
            owners: owners,
            goesByCertificates: configuration.tls?.clientAuthority != nil
        )
        var foundation = Coordinator.Foundation(
            node: node,
            limits: limits,
            retain: configuration.retain,
            loops: loops,
            journal: journal ?? journalThread?.journal ?? MemoryJournal(),
            authority: access.authority,
            owners: owners,
            firstFence: firstFence,
            random: { RandomBuffer.system() }
        )
        foundation.checksInvariants = configuration.checksInvariants
        foundation.witness = audit
        foundation.onJournalFailure = { [failure] in failure.take($0) }
        coordinator = Coordinator(on: foundation)
        let (sockets, httpSockets): ([[any StreamListener]], [[any StreamListener]])
        let options = configuration.socketOptions
        (sockets, addresses) = try Server.listen(
            at: configuration.listen,
            on: loops,
            options,
            behind: doors?.lineDoor
        )
        (httpSockets, httpAddresses) = try Server.listen(
            at: configuration.httpListen,
            on: loops,
            options,
            behind: doors?.httpDoor
        )
        service = LineService(
            coordinator: coordinator,
            sockets: sockets,
            http: HTTPService(
                configuration.effectiveHTTP,
                coordinator: coordinator,
                memory: { [memory] in memory.figures }
            ),
            httpSockets: httpSockets,
            drainTimeout: configuration.drainTimeout
        )
        failure.stops(service)
    }

    /// Reads again who may do what.
    ///
    /// Whoever is not on the list any more is refused at once, and its sessions end.
    package func reloadAccess() async throws(StartError) {
        var line = AuditLine(ofReload: .access, at: WallClock.now)
        let gone: [String]
        do throws(StartError) {
            gone = try access.reload()
        } catch {
            (line.outcome, line.reason) = ("failed", "\(error)")
            audit.note(line)
            throw error
        }
        (line.outcome, line.gone) = ("done", gone.sorted())
        audit.note(line)
        await service.dismissRefused(gone: gone)
    }

    /// Goes on with a new audit file, where the one that was open has been moved away.
    package func reopenAudit() throws(StartError) { try audit.reopen() }

    private static func listen(
        at listen: [ListenAddress],
        on loops: [EventLoop],
        _ options: SocketOptions,
        behind door: TLSDoor?
    ) throws(StartError) -> ([[any StreamListener]], [String]) {
        var sockets = [[any StreamListener]](repeating: [], count: loops.count)
        var addresses: [String] = []
        for address in listen {
            do {
                let bound = try SocketListener.bind(to: address, on: loops, options: options)
                for (index, socket) in bound.enumerated() {
                    sockets[index].append(
                        door.map { TLSListener(socket, on: loops[index], behind: $0) } ?? socket
                    )
                }
                addresses.append(bound[0].address)
            } catch {
                throw .system("\(error)")
            }
        }
        return (sockets, addresses)
    }

    /// Reads back what the journal kept, says to `ready` what came back, and serves until the task is cancelled or
    /// `stop` was called; then every connection was told goodbye.
    package func run(
        ready: @escaping @Sendable (Recovered) -> Void = { _ in }
    ) async throws(StartError) {
        do {
            for loop in loops { try loop.start() }
            try journalThread?.start()
        } catch {
            throw .system("\(error)")
        }
        defer {
            for loop in loops { loop.stop() }
            for loop in loops { loop.join() }
            journalThread?.stop()
        }
        let flaw: JournalError? = await withDiscardingTaskGroup { group in
            // Whatever was decided is in the journal's hands: it makes that durable before it ends.
            defer { group.cancelAll() }
            return await self.serve(ready) { () async throws(JournalError) in
                // What is read back may be the first crowd.
                ProcessMemory.prepareForCrowds()
                let notes = try await self.journalThread?.open() ?? []
                group.addTask { await self.keepJournal() }
                let count = try await self.coordinator.recover()
                return Recovered(ticketCount: count, notes: notes)
            }
        }
        if let flaw { throw .recovery(configuration.data.name, flaw) }
        if let error = failure.error { throw .journal(error) }
    }

    private func keepJournal() async {
        await journalThread?.run { [failure] in failure.take($0) }
    }

    /// Gives what kept it from serving.
    private func serve(
        _ ready: @Sendable (Recovered) -> Void,
        after recover: () async throws(JournalError) -> Recovered
    ) async -> JournalError? {
        let (coordinator, first) = (coordinator, loops[0])
        var outcome: Result<Recovered, JournalError>?
        await withDiscardingTaskGroup { group in
            await service.run {
                do throws(JournalError) { outcome = .success(try await recover()) } catch {
                    outcome = .failure(error)
                    return false
                }
                return true
            } ready: {
                group.addTask(executorPreference: first) { await coordinator.keepMemory(on: first) }
                group.addTask(executorPreference: first) { [memory] in
                    await memory.watch(for: coordinator, on: first)
                }
                if case .success(let recovered)? = outcome { ready(recovered) }
            }
            group.cancelAll()
        }
        guard case .failure(let flaw)? = outcome else { return nil }
        return flaw
    }

    /// What a start found in the journal.
    package struct Recovered: Hashable, Sendable {
        /// Of live tickets.
        package var ticketCount: Int
        /// What an operator should know: a torn end that was dropped, a snapshot that was passed over.
        package var notes: [String]
    }

    /// Connections that come from now on are shown the certificate that lies in these files now; those that are here
    /// keep the one they began with.
    ///
    /// Any thread; gives what an operator should know. Nothing changes where a file has a flaw, or where the server
    /// did not start with TLS.
    package func exchangeCertificate(_ setting: TLSSetting) throws(TLSFlaw) -> [String] {
        guard let doors else {
            throw .failed("the server was started without a certificate: start it again")
        }
        var line = AuditLine(ofReload: .certificate, at: WallClock.now)
        defer { audit.note(line) }
        do throws(TLSFlaw) {
            let notes = try doors.exchange(setting)
            line.outcome = "done"
            return notes
        } catch {
            (line.outcome, line.reason) = ("failed", "\(error)")
            throw error
        }
    }

    /// Any thread: stops accepting, answers waits with `draining`, says goodbye; `run` returns when
    /// that is done or the drain timeout is over.
    package func stop() { service.stop() }
}

/// Why a server did not start.
package enum StartError: Error, Hashable, Sendable, CustomStringConvertible {
    case system(String)
    case exposed(String)
    /// A file that says who may do what cannot be used.
    case access(String)
    /// TLS was asked for and cannot be spoken.
    case tls(TLSFlaw)
    case clock(WallTime)
    /// The directory of the data cannot be used.
    case data(String, DiskError)
    /// What was stored cannot be read, or is another's (rule 28).
    case recovery(String, JournalError)
    /// What was decided cannot be stored (rule 28).
    case journal(JournalError)

    package var description: String {
        switch self {
        case .system(let message), .access(let message):
            message
        case .exposed(let address):
            "will not listen at \(address): beyond this machine without authentication and TLS "
                + "anybody could take or end any lock; add --insecure if the network is yours"
        case .tls(let flaw):
            "\(flaw)"
        case .clock:
            "the wall clock is before 2025, so fences could repeat earlier ones: set the clock, or give "
                + "--first-fence N above every fence granted before"
        case .data(let directory, let error):
            "cannot keep data in \(directory): \(error); choose another place with --data DIR, or --data none "
                + "to keep nothing"
        case .recovery(let directory, let error):
            "cannot start from the data in \(directory): \(error)"
        case .journal(let error):
            "the journal failed: \(error)"
        }
    }
}
