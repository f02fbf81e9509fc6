// Where a shard finds its resources: by path, by the place a ticket id names, and by handle. One
// array of references and two arrays of 32-bit handles; `[String: Resource]` was measured at 212
// bytes an entry and never shrinks. Open addressing with linear probing and backward-shift
// deletion: no tombstones, so a table that was full once is as good as new.
//
// A resource where nothing happens rests as bytes: it has its handle and its places, and is an actor again when it is
// asked for. Who asks never sees the difference.

import HoldfastCore
import HoldfastModel

/// The resources of one shard.
///
/// Not copyable, because a copy for one look would retain all its arrays.
struct ResourceTable: ~Copyable {
    private enum Place {
        case free
        case awake(Resource)
        case resting(RestingResource)
    }

    private let home: ShardHome
    private let bounds: LockState.Bounds
    /// By handle.
    private var resources: [Place] = []
    private var freeHandles: [UInt32] = []
    /// Open addressing by hash of the path; `vacant` or a handle.
    private var buckets: [UInt32] = []
    /// Of each bucket that is taken, what else is in the hash: whoever looks passes by most that are not meant without
    /// going to where they stand.
    private var tags: [UInt8] = []
    private(set) var count = 0
    private(set) var restingCount = 0
    private let key = TableKey()
    /// By slot: the handle at each resource index, `vacant` where it is free.
    private var places = [[UInt32]](repeating: [], count: Slot.count)
    private var freePlaces = [[UInt32]](repeating: [], count: Slot.count)

    private static let vacant = UInt32.max
    private static let bucketCountMin = 64

    init(home: ShardHome, bounds: LockState.Bounds) {
        self.home = home
        self.bounds = bounds
    }

    /// O(1).
    mutating func resource(at path: ResourcePath) -> Resource? {
        resource(told: path.text.utf8Span.span)
    }

    /// The same by the bytes of a text that may be no path.
    mutating func resource(told path: Span<UInt8>) -> Resource? {
        guard let handle = handle(told: path) else { return nil }
        return resource(handle: handle)
    }

    private func handle(told path: Span<UInt8>) -> UInt32? {
        guard !buckets.isEmpty else { return nil }
        let hash = key.hash(of: path)
        var bucket = home(of: hash)
        while buckets[bucket] != ResourceTable.vacant {
            let handle = buckets[bucket]
            if tags[bucket] == tag(of: hash), isTold(path, of: handle) { return handle }
            bucket = (bucket + 1) & (buckets.count - 1)
        }
        return nil
    }

    private func isTold(_ path: Span<UInt8>, of handle: UInt32) -> Bool {
        switch resources[Int(handle)] {
        case .awake(let resource): resource.path.isTold(by: path)
        case .resting(let resting): resting.hasPath(path)
        case .free: false
        }
    }

    /// O(1): what a ticket id names.
    mutating func resource(slot: Slot, index: UInt32) -> Resource? {
        guard let handle = handle(slot: slot, index: index) else { return nil }
        return resource(handle: handle)
    }

    private func handle(slot: Slot, index: UInt32) -> UInt32? {
        let places = places[Int(slot.number)]
        guard Int(index) < places.count, places[Int(index)] != ResourceTable.vacant else {
            return nil
        }
        return places[Int(index)]
    }

    /// Its path, without waking it.
    func path(slot: Slot, index: UInt32) -> ResourcePath? {
        guard let handle = handle(slot: slot, index: index) else { return nil }
        return path(handle: handle)
    }

    private func path(handle: UInt32) -> ResourcePath? {
        switch resources[Int(handle)] {
        case .awake(let resource): resource.path
        case .resting(let resting): resting.path
        case .free: nil
        }
    }

    @inline(__always)
    mutating func resource(handle: UInt32) -> Resource? {
        guard Int(handle) < resources.count else { return nil }
        if case .awake(let resource) = resources[Int(handle)] { return resource }
        return wake(handle)
    }

    /// Adds a resource that is not here yet.
    mutating func add(_ path: ResourcePath) -> Resource {
        let slot = Slot(of: path)
        let row = Int(slot.number)
        let index = freePlaces[row].popLast() ?? UInt32(places[row].count)
        return restore(path, slot: slot, index: index)
    }

    /// Puts a resource where its tickets' ids say; until `relinkPlaces` none may be added to the slot.
    mutating func restore(_ path: ResourcePath, slot: Slot, index: UInt32) -> Resource {
        let handle = freeHandles.popLast() ?? UInt32(resources.count)
        if Int(handle) == resources.count { resources.append(.free) }
        let row = Int(slot.number)
        while places[row].count <= index { places[row].append(ResourceTable.vacant) }
        let state = LockState(path: path, slot: slot, resourceIndex: index, bounds: bounds)
        let resource = Resource(state, handle: handle, home: home)
        resources[Int(handle)] = .awake(resource)
        places[row][Int(index)] = handle
        count += 1
        if count * 4 > buckets.count * 3 {
            rehash(bucketCount: max(buckets.count * 2, ResourceTable.bucketCountMin))
        } else {
            insert(handle, hash: resource.path.hash(keyedBy: key))
        }
        return resource
    }

    mutating func remove(_ resource: Resource) {
        removeRestored(resource)
        freePlaces[Int(resource.slot.number)].append(resource.resourceIndex)
        shrink(row: Int(resource.slot.number))
    }

    /// The same while a slot is read back, when free places are not listed yet.
    mutating func removeRestored(_ resource: Resource) {
        var bucket = home(of: resource.path.hash(keyedBy: key))
        while buckets[bucket] != resource.handle { bucket = (bucket + 1) & (buckets.count - 1) }
        closeGap(at: bucket)
        places[Int(resource.slot.number)][Int(resource.resourceIndex)] = ResourceTable.vacant
        resources[Int(resource.handle)] = .free
        freeHandles.append(resource.handle)
        count -= 1
    }

    /// The lowest free place of the slot is used first.
    mutating func relinkPlaces(of slot: Slot) {
        let row = Int(slot.number)
        freePlaces[row] = places[row].indices.reversed()
            .filter { places[row][$0] == ResourceTable.vacant }.map { UInt32($0) }
        shrink(row: row)
    }

    var handleCount: Int { resources.count }
}

// MARK: - Many at a time

extension ResourceTable {
    /// How the resources of a slot stand, by their places.
    func forEachImage(
        in slot: Slot,
        _ body: (ResourcePath, _ resourceIndex: UInt32, [Record]) -> Void
    ) {
        for (index, handle) in places[Int(slot.number)].enumerated()
        where handle != ResourceTable.vacant {
            switch resources[Int(handle)] {
            case .awake(let resource):
                body(resource.path, UInt32(index), resource.onSameLoop(()) { $0.image($1) })
            case .resting(let resting):
                let state = resting.state(bounds)
                body(state.path, UInt32(index), state.image())
            case .free:
                break
            }
        }
    }

    /// What is shown of a slice of the handles, so that a question about a million resources can let others be served.
    func summaries(
        _ slice: Range<Int>,
        at reading: ClockReading,
        heldBy owner: Owner? = nil,
        where isAskedFor: (ResourcePath) -> Bool
    ) -> [ResourceSummary] {
        slice.compactMap { handle in
            guard let path = path(handle: UInt32(handle)), isAskedFor(path) else { return nil }
            if let owner, !isHeld(UInt32(handle), by: owner) { return nil }
            switch resources[handle] {
            case .awake(let resource):
                return resource.onSameLoop(reading) { $0.summary(at: $1) }
            case .resting(let resting): return resting.state(bounds).summary(at: reading)
            case .free: return nil
            }
        }
    }

    /// Those of a slice of the handles that are more than one holder.
    func awake(from first: Int, count: Int) -> [Resource] {
        resources[first..<min(first + count, resources.count)].compactMap { place in
            if case .awake(let resource) = place { resource } else { nil }
        }
    }

    /// Whether this owner holds it first.
    private func isHeld(_ handle: UInt32, by owner: Owner) -> Bool {
        switch resources[Int(handle)] {
        case .awake(let resource): resource.onSameLoop(owner) { $0.isHeld(by: $1) }
        case .resting(let resting): resting.owner == owner
        case .free: false
        }
    }
}

// MARK: - Rest

extension ResourceTable {
    /// Lets a resource rest if nothing happened there since then.
    mutating func letRest(_ handle: Int, quietSince: Instant) -> RestingPhase {
        guard case .awake = resources[handle] else { return .passed }
        let phase = restingPhase(of: handle, quietSince: quietSince)
        guard phase == .now, var resource = takeOut(handle) else { return phase }
        // Whoever has it in hand would go on with another actor than the next who asks.
        guard isKnownUniquelyReferenced(&resource) else {
            resources[handle] = .awake(resource)
            return .later
        }
        let (keepsake, numbers) = resource.onSameLoop(()) { $0.rest($1) }
        let resting = RestingResource(path: resource.path, keepsake, numbers.bytes.span)
        resources[handle] = .resting(resting)
        restingCount += 1
        return .now
    }

    // The next two are functions of their own, so that nothing of them refers to the resource afterwards.

    @inline(never)
    private func restingPhase(of handle: Int, quietSince: Instant) -> RestingPhase {
        guard case .awake(let resource) = resources[handle] else { return .passed }
        return resource.onSameLoop(quietSince) { $0.restingPhase(quietSince: $1) }
    }

    @inline(never)
    private mutating func takeOut(_ handle: Int) -> Resource? {
        guard case .awake(let resource) = resources[handle] else { return nil }
        resources[handle] = .free
        return resource
    }

    @inline(never)
    private mutating func wake(_ handle: UInt32) -> Resource? {
        guard case .resting(let resting) = resources[Int(handle)] else { return nil }
        let state = resting.state(bounds)
        let resource = Resource(state, handle: handle, home: home)
        resources[Int(handle)] = .awake(resource)
        restingCount -= 1
        return resource
    }
}

// MARK: - Buckets

extension ResourceTable {
    @inline(__always)
    private func home(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (buckets.count - 1)
    }

    @inline(__always)
    private func tag(of hash: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: hash >> 56) }

    private func hash(at handle: UInt32) -> UInt64 {
        switch resources[Int(handle)] {
        case .awake(let resource): resource.path.hash(keyedBy: key)
        case .resting(let resting): resting.withPath(key.hash)
        case .free: preconditionFailure("a free handle stands in a bucket")
        }
    }

    private mutating func insert(_ handle: UInt32, hash: UInt64) {
        var bucket = home(of: hash)
        while buckets[bucket] != ResourceTable.vacant {
            bucket = (bucket + 1) & (buckets.count - 1)
        }
        buckets[bucket] = handle
        tags[bucket] = tag(of: hash)
    }

    private mutating func rehash(bucketCount: Int) {
        buckets = Array(repeating: ResourceTable.vacant, count: bucketCount)
        tags = Array(repeating: 0, count: bucketCount)
        for handle in resources.indices {
            if case .free = resources[handle] { continue }
            insert(UInt32(handle), hash: hash(at: UInt32(handle)))
        }
    }

    /// Moves back what stands behind the gap because its own place was taken.
    private mutating func closeGap(at start: Int) {
        let mask = buckets.count - 1
        var gap = start
        var next = (gap + 1) & mask
        while buckets[next] != ResourceTable.vacant {
            let distance = (next - home(of: hash(at: buckets[next]))) & mask
            if distance >= (next - gap) & mask {
                buckets[gap] = buckets[next]
                tags[gap] = tags[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        buckets[gap] = ResourceTable.vacant
    }

    /// Gives memory back once the table is nearly empty; a handle in use keeps the array as long as
    /// it is.
    private mutating func shrink(row: Int) {
        if freePlaces[row].count == places[row].count {
            places[row] = []
            freePlaces[row] = []
        }
        if count == 0 {
            resources = []
            freeHandles = []
            buckets = []
            tags = []
        } else if buckets.count > ResourceTable.bucketCountMin, count * 8 < buckets.count {
            rehash(bucketCount: buckets.count / 2)
        }
    }
}
