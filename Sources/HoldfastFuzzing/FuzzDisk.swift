// A disk in memory without faults: the journal is written for one that takes its time and may fail, and a fuzzer wants
// neither.

import HoldfastModel

/// Files by name.
final class FuzzDisk: Disk {
    private let state: Locked<State>

    private struct State {
        var files: [String: [UInt8]]
        var isLocked = false
        var readBytesMax = 0
    }

    init(_ files: [String: [UInt8]]) { state = Locked(State(files: files)) }

    var files: [String: [UInt8]] { state.withLock { $0.files } }

    /// The most that one call asked for.
    var readBytesMax: Int { state.withLock { $0.readBytesMax } }

    func lock() async throws(DiskError) {
        try state.withLock { state throws(DiskError) in
            if state.isLocked { throw .inUse("lock") }
            state.isLocked = true
        }
    }

    func unlock() async { state.withLock { $0.isLocked = false } }

    func list() async throws(DiskError) -> [String] { files.keys.sorted() }

    func open(_ name: String, creating: Bool) async throws(DiskError) -> any DiskFile {
        try state.withLock { state throws(DiskError) in
            if state.files[name] == nil {
                guard creating else { throw .missing(name) }
                state.files[name] = []
            }
        }
        return FuzzFile(self, name)
    }

    func rename(_ name: String, to newName: String) async throws(DiskError) {
        try state.withLock { state throws(DiskError) in
            guard let bytes = state.files.removeValue(forKey: name) else { throw .missing(name) }
            state.files[newName] = bytes
        }
    }

    func remove(_ name: String) async throws(DiskError) {
        try state.withLock { state throws(DiskError) in
            guard state.files.removeValue(forKey: name) != nil else { throw .missing(name) }
        }
    }

    func syncDirectory() async throws(DiskError) {}

    fileprivate func read(_ name: String, at offset: Int, count: Int) -> [UInt8] {
        state.withLock { state in
            state.readBytesMax = max(state.readBytesMax, count)
            let bytes = state.files[name] ?? []
            let start = min(offset, bytes.count)
            return Array(bytes[start..<min(start + count, bytes.count)])
        }
    }

    fileprivate func change(_ name: String, _ body: (inout [UInt8]) -> Void) {
        state.withLock { body(&$0.files[name, default: []]) }
    }
}

private final class FuzzFile: DiskFile {
    private let disk: FuzzDisk
    private let name: String

    init(_ disk: FuzzDisk, _ name: String) {
        self.disk = disk
        self.name = name
    }

    func size() async throws(DiskError) -> Int { disk.files[name]?.count ?? 0 }

    func read(at offset: Int, count: Int) async throws(DiskError) -> [UInt8] {
        disk.read(name, at: offset, count: count)
    }

    func write(_ bytes: [UInt8], at offset: Int) async throws(DiskError) {
        disk.change(name) { old in
            let missing = offset + bytes.count - old.count
            if missing > 0 { old += [UInt8](repeating: 0, count: missing) }
            old.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
    }

    func reserve(_ size: Int) async throws(DiskError) {
        disk.change(name) { bytes in
            if size > bytes.count { bytes += [UInt8](repeating: 0, count: size - bytes.count) }
        }
    }

    func truncate(to size: Int) async throws(DiskError) {
        disk.change(name) { $0.removeLast(max(0, $0.count - size)) }
    }

    func sync() async throws(DiskError) {}
    func close() async {}
}
