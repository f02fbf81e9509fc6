// The disk seam over a simulated platter, as one process sees it: it dies with the process.

package import HoldfastModel
import Synchronization

/// A process's way to a platter.
package final class SimulatedDisk: Disk {
    fileprivate let platter: SimulatedPlatter
    fileprivate let life: Int
    private let loop: any Loop
    private let isLockedHere = Mutex(false)

    /// How long a slow call takes.
    package static let slowness = Interval.milliseconds(700)

    init(platter: SimulatedPlatter, life: Int, loop: any Loop) {
        self.platter = platter
        self.life = life
        self.loop = loop
    }

    package func lock() async throws(DiskError) {
        try await change("lock") { state throws(DiskError) in
            if state.isLocked { throw .inUse("lock: somebody else has it") }
            state.isLocked = true
        }
        isLockedHere.withLock { $0 = true }
    }

    package func unlock() async {
        let isLocked = isLockedHere.withLock { isLocked in
            defer { isLocked = false }
            return isLocked
        }
        guard isLocked else { return }
        platter.with { state in
            if state.life == life { state.isLocked = false }
        }
    }

    package func list() async throws(DiskError) -> [String] {
        try await change("list") { state in
            state.names.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    package func open(
        _ name: String,
        creating: Bool
    ) async throws(DiskError) -> any DiskFile {
        let node = try await change("open") { state throws(DiskError) -> Int in
            if let node = state.names[name] { return node }
            guard creating else { throw .missing(name) }
            let node = state.make(SimulatedPlatter.Node())
            state.changeNames { $0[name] = node }
            return node
        }
        return SimulatedFile(disk: self, node: node)
    }

    package func rename(_ name: String, to newName: String) async throws(DiskError) {
        try await change("rename") { state throws(DiskError) in
            guard let node = state.names[name] else { throw .missing(name) }
            state.changeNames { names in
                names[name] = nil
                names[newName] = node
            }
        }
    }

    package func remove(_ name: String) async throws(DiskError) {
        try await change("remove") { state throws(DiskError) in
            guard state.names[name] != nil else { throw .missing(name) }
            state.changeNames { $0[name] = nil }
        }
    }

    package func syncDirectory() async throws(DiskError) {
        try await change("sync of the directory") { state in state.syncNames() }
    }

    // MARK: Calls

    /// One call that a fault may befall; where it fails, `onFailure` does what happens all the same.
    fileprivate func change<Result: Sendable>(
        _ call: String,
        onFailure: (inout SimulatedPlatter.State) -> Void = { _ in },
        _ body: (inout SimulatedPlatter.State) throws(DiskError) -> Result
    ) async throws(DiskError) -> Result {
        let (fault, delay) = platter.with { state in
            let fault = state.begin(call)
            return (fault, fault == .slow ? SimulatedDisk.slowness : state.delay(of: call))
        }
        if let delay { await wait(for: delay) }
        let result = platter.with { state -> Swift.Result<Result, DiskError> in
            if let error = self.error(call, fault, &state) {
                if state.life == life, state.hasPower || fault == .powerLoss { onFailure(&state) }
                return .failure(error)
            }
            do throws(DiskError) { return .success(try body(&state)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func wait(for delay: Interval) async {
        platter.with { state in
            state.note("slow")
            state.waitingCount += 1
        }
        let alarm = loop.makeAlarm()
        alarm.set(for: loop.reading.now + delay)
        _ = await alarm.rings()
        platter.with { state in
            if state.life == life { state.waitingCount -= 1 }
        }
    }

    private func error(
        _ call: String,
        _ fault: SimulatedPlatter.Fault?,
        _ state: inout SimulatedPlatter.State
    ) -> DiskError? {
        guard state.life == life, state.hasPower else { return .failed("\(call): no power") }
        switch fault {
        case nil, .slow, .flip: return nil
        case .error:
            state.note("error of \(call)")
            return .failed("\(call): input/output error")
        case .full:
            state.note("full at \(call)")
            return .full
        case .powerLoss:
            state.note("power loss at \(call)")
            state.hasPower = false
            return .failed("\(call): no power")
        }
    }

    /// Whether the call just made was to flip a bit.
    fileprivate var isFlipping: Bool { platter.with { $0.fault == .flip } }
}

/// An open file of a simulated platter.
final class SimulatedFile: DiskFile {
    private let disk: SimulatedDisk
    private let node: Int

    init(disk: SimulatedDisk, node: Int) {
        self.disk = disk
        self.node = node
    }

    func size() async throws(DiskError) -> Int {
        try await disk.change("size") { [node] in $0.nodes[node]?.current.count ?? 0 }
    }

    func read(at offset: Int, count: Int) async throws(DiskError) -> [UInt8] {
        var bytes = try await disk.change("read") { [node] state -> [UInt8] in
            let bytes = state.nodes[node]?.current ?? []
            let start = min(offset, bytes.count)
            return Array(bytes[start..<min(start + count, bytes.count)])
        }
        if disk.isFlipping, !bytes.isEmpty {
            bytes[bytes.count / 2] ^= 0x10
            disk.platter.with { $0.note("flip") }
        }
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) async throws(DiskError) {
        try await disk.change("write") { [node] state in
            // Any part may have been written.
            let part = Array(bytes[..<(bytes.count / 2)])
            state.nodes[node]?.change(.write(part, at: offset))
        } _: { [node] state throws(DiskError) in
            try state.grow(node, to: offset + bytes.count)
            state.nodes[node]?.change(.write(bytes, at: offset))
        }
    }

    func reserve(_ size: Int) async throws(DiskError) {
        try await disk.change("reserve") { [node] state throws(DiskError) in
            try state.grow(node, to: size)
            if size > state.nodes[node]?.current.count ?? 0 {
                state.nodes[node]?.change(.resize(size))
            }
        }
    }

    func truncate(to size: Int) async throws(DiskError) {
        try await disk.change("truncate") { [node] in $0.nodes[node]?.change(.resize(size)) }
    }

    func sync() async throws(DiskError) {
        try await disk.change("sync") { [node] state in
            if state.hasPower { state.nodes[node]?.failSync() }
        } _: { [node] state in
            state.nodes[node]?.sync()
        }
    }

    func close() async {}
}

extension SimulatedPlatter.State {
    fileprivate mutating func grow(_ node: Int, to size: Int) throws(DiskError) {
        let more = size - (nodes[node]?.current.count ?? 0)
        guard more > 0, usedByteCount + more > budget else { return }
        note("budget spent")
        throw .full
    }
}
