// What survives on a simulated machine. Everything written is seen at once by whoever reads, but lasts only from a
// sync on, and a name only from a sync of its directory: when the power goes, of what was not synced any part may
// have reached the platter, sector by sector. Faults are planned by the number of the call, so that a test can let
// each call of a script fail in every way, one run after another.

package import HoldfastModel
import Synchronization

/// The directory of a simulated machine, over crashes and restarts.
package final class SimulatedPlatter: Sendable {
    private let state = Mutex(State())

    /// What a call can be made to suffer.
    package enum Fault: String, Hashable, Sendable, CaseIterable {
        /// The call fails; a write may have been done in part.
        case error
        /// No space is left, whatever the budget says.
        case full
        /// The power goes during the call; every later one fails, until `crash`.
        case powerLoss
        /// One bit of what is read is another.
        case flip
        /// The call takes its time.
        case slow
    }

    package init() {}

    func with<Result>(_ body: (inout State) -> sending Result) -> sending Result {
        state.withLock { body(&$0) }
    }

    // MARK: The machine

    /// The directory as a new process sees it.
    package func mount(on loop: any Loop) -> SimulatedDisk {
        SimulatedDisk(platter: self, life: with { $0.life }, loop: loop)
    }

    /// The process is killed: what it wrote is there, synced or not; its lock is gone, and it can do nothing more.
    package func kill() {
        with { state in state.beginLife() }
    }

    /// The power goes and comes back: of what was not synced, chance decides what is there.
    package func crash(_ chance: inout some RandomNumberGenerator) {
        var copy = SeededGenerator(seed: chance.next())
        with { state in
            state.losePower(&copy)
            state.beginLife()
        }
    }

    // MARK: What is there

    /// The files as somebody who reads now sees them.
    package var files: [String: [UInt8]] {
        get {
            with { state in state.names.mapValues { state.nodes[$0]?.current ?? [] } }
        }
        set {
            with { state in
                state.names = [:]
                // In an order that is the same in every process: chance is drawn node by node.
                for name in newValue.keys.sorted() {
                    state.names[name] = state.make(Node(durable: newValue[name] ?? []))
                }
                state.durableNames = state.names
                state.nameChanges = []
            }
        }
    }
}

extension SimulatedPlatter {
    struct State {
        /// Goes up when a process ends: disks of an earlier life are dead.
        var life = 0
        var isLocked = false
        var hasPower = true
        var callCount = 0
        var plans: [Int: Fault] = [:]
        var ambushes: [Ambush] = []
        var sluggishness: Sluggishness?
        var budget = Int.max
        var faultCounts: [String: Int] = [:]
        /// What the call under way suffers.
        var fault: Fault?
        /// Calls that are slow just now.
        var waitingCount = 0

        var nodes: [Int: Node] = [:]
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        /// What the directory went through since it was last synced: its names after each change.
        var nameChanges: [[String: Int]] = []
        private var lastNode = 0

        mutating func beginLife() {
            life += 1
            isLocked = false
            hasPower = true
            waitingCount = 0
        }

        mutating func make(_ node: Node) -> Int {
            lastNode += 1
            nodes[lastNode] = node
            return lastNode
        }

        mutating func changeNames(_ change: (inout [String: Int]) -> Void) {
            change(&names)
            nameChanges.append(names)
        }

        mutating func syncNames() {
            durableNames = names
            nameChanges = []
        }

        mutating func note(_ fault: String) { faultCounts[fault, default: 0] += 1 }

        var usedByteCount: Int { names.values.reduce(0) { $0 + (nodes[$1]?.current.count ?? 0) } }

        mutating func losePower(_ chance: inout SeededGenerator) {
            let survived = Int(chance.next() % UInt64(nameChanges.count + 1))
            if survived < nameChanges.count { note("names lost") }
            names = survived == 0 ? durableNames : nameChanges[survived - 1]
            syncNames()
            for node in nodes.keys.sorted() where nodes[node]?.losePower(&chance) == true {
                note("data lost")
            }
            let used = Set(names.values)
            nodes = nodes.filter { used.contains($0.key) }
        }
    }

    /// One file.
    struct Node {
        enum Change {
            case write([UInt8], at: Int)
            case resize(Int)
        }

        /// What is read.
        private(set) var current: [UInt8]
        private var durable: [UInt8]
        private var changes: [Change] = []

        static let sectorBytes = 512

        init(durable: [UInt8] = []) {
            current = durable
            self.durable = durable
        }

        mutating func change(_ change: Change) {
            Node.apply(change, to: &current)
            changes.append(change)
        }

        mutating func sync() {
            for change in changes { Node.apply(change, to: &durable) }
            changes = []
        }

        /// A bit of the medium that is another from now on.
        mutating func flip(bit: Int, at offset: Int) {
            if offset < current.count { current[offset] ^= 1 << UInt8(bit) }
            if offset < durable.count { durable[offset] ^= 1 << UInt8(bit) }
        }

        /// As Linux does: the pages stay as they are and count as clean, whatever reached the disk.
        mutating func failSync() { changes = [] }

        mutating func losePower(_ chance: inout SeededGenerator) -> Bool {
            var isWhole = true
            for change in changes {
                let isLost = Node.applyPart(of: change, to: &durable, &chance)
                isWhole = isWhole && !isLost
            }
            changes = []
            current = durable
            return !isWhole
        }

        private static func apply(_ change: Change, to bytes: inout [UInt8]) {
            switch change {
            case .write(let new, let offset):
                if bytes.count < offset + new.count {
                    bytes += [UInt8](repeating: 0, count: offset + new.count - bytes.count)
                }
                bytes.replaceSubrange(offset..<offset + new.count, with: new)
            case .resize(let size) where size < bytes.count:
                bytes.removeLast(bytes.count - size)
            case .resize(let size):
                bytes += [UInt8](repeating: 0, count: size - bytes.count)
            }
        }

        /// True when something of it is missing.
        private static func applyPart(
            of change: Change,
            to bytes: inout [UInt8],
            _ chance: inout SeededGenerator
        ) -> Bool {
            let fate = chance.next() % 4
            if fate == 0 { return true }
            guard fate > 1, case .write(let new, let offset) = change else {
                apply(change, to: &bytes)
                return false
            }
            return fate == 2
                ? applyPrefix(of: new, at: offset, to: &bytes, &chance)
                : applySectors(of: new, at: offset, to: &bytes, &chance)
        }

        private static func applyPrefix(
            of new: [UInt8],
            at offset: Int,
            to bytes: inout [UInt8],
            _ chance: inout SeededGenerator
        ) -> Bool {
            let count = Int(chance.next() % UInt64(new.count + 1))
            apply(.write(Array(new[..<count]), at: offset), to: &bytes)
            return count < new.count
        }

        private static func applySectors(
            of new: [UInt8],
            at offset: Int,
            to bytes: inout [UInt8],
            _ chance: inout SeededGenerator
        ) -> Bool {
            var isMissing = false
            var start = offset
            while start < offset + new.count {
                let end = min((start / sectorBytes + 1) * sectorBytes, offset + new.count)
                if chance.next() & 1 == 0 {
                    apply(.write(Array(new[start - offset..<end - offset]), at: start), to: &bytes)
                } else {
                    isMissing = true
                }
                start = end
            }
            return isMissing
        }
    }
}
