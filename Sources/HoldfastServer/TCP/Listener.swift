// One loop's part of the server: an actor whose body is that loop's own task group. Its children
// are the shard, the accept loops and one task per connection, all pinned to the loop. The groups
// do not throw: the error of one connection is that connection's.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire
import Synchronization

/// Accepts connections on one loop and runs them there.
actor Listener {
    let coordinator: Coordinator
    private let shard: Shard
    let roster: Roster
    private let sockets: [any StreamListener]
    private let http: HTTPService?
    private let httpSockets: [any StreamListener]
    private let flusher: Flusher
    private let patience: LinePatience
    private let drainTimeout: Interval
    private let stopped: Bell
    nonisolated let loop: any Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        index: Int,
        coordinator: Coordinator,
        sockets: [any StreamListener],
        http: HTTPService?,
        httpSockets: [any StreamListener],
        drainTimeout: Interval
    ) {
        self.coordinator = coordinator
        self.sockets = sockets
        self.http = http
        self.httpSockets = httpSockets
        self.drainTimeout = drainTimeout
        shard = coordinator.map.shards[index]
        roster = coordinator.rosters[index]
        loop = shard.home.loop
        flusher = Flusher(shard: shard)
        let authority = coordinator.setting.authority
        patience = LinePatience(loop: loop) { name in
            (try? authority.principal(token: nil, certified: name))?.isProved ?? false
        }
        stopped = Bell(on: loop)
    }

    /// Whether somebody may come before the shards are there.
    nonisolated var speaksHTTP: Bool { http != nil && !httpSockets.isEmpty }

    /// What must live as long as any connection of any loop: a connection here may ask a shard there.
    func keepShard() async {
        await withDiscardingTaskGroup { group in
            group.addTask(executorPreference: loop) { [shard] in await shard.run() }
            if !speaksHTTP { keepClients(&group) }
            if coordinator.setting.authority.provesNames {
                group.addTask(executorPreference: loop) { [patience] in await patience.watch() }
            }
            if coordinator.setting.authority.proofsEnd {
                group.addTask(executorPreference: loop) { await self.watchProofs() }
            }
            if let http, speaksHTTP, loop.index.number == 0 {
                group.addTask(executorPreference: loop) { [hub = http.hub] in
                    await hub.keepWatch()
                }
            }
        }
    }

    /// What connections need before there is a shard to ask.
    func keepConnections() async {
        await withDiscardingTaskGroup { group in
            keepClients(&group)
            guard let http else { return }
            group.addTask(executorPreference: loop) { [patience = http.patience(on: loop.index)] in
                await patience.watch()
            }
        }
    }

    private func keepClients(_ group: inout DiscardingTaskGroup) {
        group.addTask(executorPreference: loop) { [flusher] in await flusher.watchStalled() }
        group.addTask(executorPreference: loop) { await self.endDrain() }
    }

    /// Accepts and serves until the task is cancelled or the listener stopped; returns when the last
    /// of its connections has ended.
    func serve() async {
        await withDiscardingTaskGroup { group in
            for socket in sockets {
                group.addTask(executorPreference: loop) { await self.accept(from: socket) }
            }
        }
    }

    /// The same for HTTP.
    func serveHTTP() async {
        await withDiscardingTaskGroup { group in
            for socket in httpSockets {
                group.addTask(executorPreference: loop) { await self.acceptHTTP(from: socket) }
            }
        }
    }

    /// One accept loop; its group ends when the last of its connections has ended.
    private func accept(from socket: any StreamListener) async {
        await withDiscardingTaskGroup { group in
            while let stream = await socket.accept() {
                guard let connection = admit(stream) else { continue }
                group.addTask(executorPreference: loop) { await connection.run() }
            }
        }
    }

    private func acceptHTTP(from socket: any StreamListener) async {
        await withDiscardingTaskGroup { group in
            while let stream = await socket.accept() {
                guard let connection = http?.admit(stream, on: loop, roster, flusher) else {
                    continue
                }
                group.addTask(executorPreference: loop) { await connection.run() }
            }
        }
    }

    /// A connection for the stream, or a refusal written to it.
    private func admit(_ stream: any ByteStream) -> Connection? {
        let setting = coordinator.setting
        guard let principal = try? setting.authority.principal(token: nil) else {
            stream.close()
            return nil
        }
        if let refusal = setting.census.enter(stream, atMost: setting.limits) {
            turnAway(stream, refusal)
            return nil
        }
        let ownerCount = principal.owner.connections.wrappingAdd(1, ordering: .relaxed).newValue
        if let refusal = setting.limits.refusal(connectionsOfOwner: ownerCount) {
            setting.census.leave(stream)
            principal.owner.connections.wrappingSubtract(1, ordering: .relaxed)
            turnAway(stream, refusal)
            return nil
        }
        let client = LineClient(
            id: roster.nextID(),
            stream: stream,
            loop: loop,
            limits: setting.limits,
            flusher: flusher
        )
        roster.add(client, as: client.id)
        setting.witness?.connectionBegan(client.id, from: stream.peer)
        if setting.authority.provesNames { patience.begin(client) }
        return Connection(
            client: client,
            principal: principal,
            coordinator: coordinator,
            patience: patience
        )
    }

    /// Says why, as far as it fits into the socket at once, and closes.
    private func turnAway(_ stream: any ByteStream, _ refusal: Refusal) {
        var lines: [UInt8] = []
        ReplyWriter.write(refusal, to: .absent, into: &lines)
        EventWriter.write(.goodbye(.connections), into: &lines)
        _ = try? stream.write(lines.span)
        stream.finishWriting()
        stream.close()
    }

    /// Takes no more connections and says goodbye to those that are here (rule 27: no ticket ends).
    func stop(_ reason: StopReason) {
        for socket in sockets + httpSockets { socket.close() }
        for case let client as any FlushedClient in roster.all { client.stop(reason) }
        stopped.ring()
    }

    /// What is still here when the time for goodbyes is over is closed.
    private func endDrain() async {
        guard await stopped.rings() else { return }
        let alarm = loop.makeAlarm()
        alarm.set(for: loop.reading.now + drainTimeout)
        guard await alarm.rings() else { return }
        for case let client as any FlushedClient in roster.all { client.close() }
    }
}

extension Limits {
    fileprivate func refusal(connectionsOfOwner count: Int) -> Refusal? {
        guard count > connectionsPerPrincipal else { return nil }
        return .exceeded(
            .connectionsPerPrincipal,
            "this principal has \(connectionsPerPrincipal.counted("connection")) already"
        )
    }
}
