// Where a shard finds its resources: by path, by the place a ticket id names, and by handle. One
// array of references and two arrays of 32-bit handles; `[String: Resource]` was measured at 212
// bytes an entry and never shrinks. Open addressing with linear probing and backward-shift
// deletion: no tombstones, so a table that was full once is as good as new.

import HoldfastModel

/// The resources of one shard.
///
/// Not copyable, because a copy for one look would retain all its arrays.
struct ResourceTable: ~Copyable {
    /// By handle; nil where a handle is free.
    private var resources: [Resource?] = []
    private var freeHandles: [UInt32] = []
    /// Open addressing by hash of the path; `vacant` or a handle.
    private var buckets: [UInt32] = []
    private(set) var count = 0
    private let key = TableKey()
    /// By slot: the handle at each resource index, `vacant` where it is free.
    private var places = [[UInt32]](repeating: [], count: Slot.count)
    private var freePlaces = [[UInt32]](repeating: [], count: Slot.count)

    private static let vacant = UInt32.max
    private static let bucketCountMin = 64

    /// O(1).
    func resource(at path: ResourcePath) -> Resource? {
        guard !buckets.isEmpty else { return nil }
        var bucket = home(of: path)
        while buckets[bucket] != ResourceTable.vacant {
            if let resource = resources[Int(buckets[bucket])], resource.path == path {
                return resource
            }
            bucket = (bucket + 1) & (buckets.count - 1)
        }
        return nil
    }

    /// O(1): what a ticket id names.
    func resource(slot: Slot, index: UInt32) -> Resource? {
        let places = places[Int(slot.number)]
        guard Int(index) < places.count, places[Int(index)] != ResourceTable.vacant else {
            return nil
        }
        return resources[Int(places[Int(index)])]
    }

    func resource(handle: UInt32) -> Resource? {
        Int(handle) < resources.count ? resources[Int(handle)] : nil
    }

    /// Adds a resource that is not here yet.
    mutating func add(
        slot: Slot,
        make: (_ handle: UInt32, _ resourceIndex: UInt32) -> Resource
    ) -> Resource {
        let row = Int(slot.number)
        let index = freePlaces[row].popLast() ?? UInt32(places[row].count)
        return restore(slot: slot, index: index) { make($0, index) }
    }

    /// Puts a resource where its tickets' ids say; until `relinkPlaces` none may be added to the slot.
    mutating func restore(
        slot: Slot,
        index: UInt32,
        make: (_ handle: UInt32) -> Resource
    ) -> Resource {
        let handle = freeHandles.popLast() ?? UInt32(resources.count)
        if Int(handle) == resources.count { resources.append(nil) }
        let row = Int(slot.number)
        while places[row].count <= index { places[row].append(ResourceTable.vacant) }
        let resource = make(handle)
        resources[Int(handle)] = resource
        places[row][Int(index)] = handle
        count += 1
        if count * 4 > buckets.count * 3 {
            rehash(bucketCount: max(buckets.count * 2, ResourceTable.bucketCountMin))
        } else {
            insert(handle, at: home(of: resource.path))
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
        var bucket = home(of: resource.path)
        while buckets[bucket] != resource.handle { bucket = (bucket + 1) & (buckets.count - 1) }
        closeGap(at: bucket)
        places[Int(resource.slot.number)][Int(resource.resourceIndex)] = ResourceTable.vacant
        resources[Int(resource.handle)] = nil
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

    /// By their places.
    func resources(in slot: Slot) -> [Resource] {
        places[Int(slot.number)].compactMap {
            $0 == ResourceTable.vacant ? nil : resources[Int($0)]
        }
    }

    /// Walks the handles in slices, so that a question about a million resources can let others be
    /// served.
    func slice(from handle: Int, count: Int) -> ArraySlice<Resource?> {
        resources[min(handle, resources.count)..<min(handle + count, resources.count)]
    }

    var handleCount: Int { resources.count }
}

// MARK: - Buckets

extension ResourceTable {
    private func home(of path: ResourcePath) -> Int {
        Int(truncatingIfNeeded: path.hash(keyedBy: key)) & (buckets.count - 1)
    }

    private mutating func insert(_ handle: UInt32, at home: Int) {
        var bucket = home
        while buckets[bucket] != ResourceTable.vacant {
            bucket = (bucket + 1) & (buckets.count - 1)
        }
        buckets[bucket] = handle
    }

    private mutating func rehash(bucketCount: Int) {
        buckets = Array(repeating: ResourceTable.vacant, count: bucketCount)
        for case let resource? in resources {
            insert(resource.handle, at: home(of: resource.path))
        }
    }

    /// Moves back what stands behind the gap because its own place was taken.
    private mutating func closeGap(at start: Int) {
        let mask = buckets.count - 1
        var gap = start
        var next = (gap + 1) & mask
        while buckets[next] != ResourceTable.vacant {
            if let resource = resources[Int(buckets[next])] {
                let distance = (next - home(of: resource.path)) & mask
                if distance >= (next - gap) & mask {
                    buckets[gap] = buckets[next]
                    gap = next
                }
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
        } else if buckets.count > ResourceTable.bucketCountMin, count * 8 < buckets.count {
            rehash(bucketCount: buckets.count / 2)
        }
    }
}
