// How much memory this process may have, and how much of that is in use. A process that gets none ends at once, because
// nothing in it can go on without; so whoever wants to go on has to look before.

import Glibc

/// A bound that somebody set for this process, and whose it is.
package struct MemoryLimit: Hashable, Sendable {
    package let source: Source
    package let bytes: Int

    package enum Source: Hashable, Sendable {
        /// Of the process, on all that it maps.
        case addressSpace
        /// Of the process, on what it maps to write to.
        case data
        case group(ControlGroup)
    }

    package init(_ source: Source, bytes: Int) {
        (self.source, self.bytes) = (source, bytes)
    }

    /// Those that hold for this process.
    package static func all(groups: [ControlGroup] = ControlGroup.own()) -> [MemoryLimit] {
        var limits: [MemoryLimit] = []
        for (source, resource) in [(Source.addressSpace, RLIMIT_AS), (.data, RLIMIT_DATA)] {
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0,
                limit.rlim_cur < 1 << 60
            else { continue }
            limits.append(MemoryLimit(source, bytes: Int(limit.rlim_cur)))
        }
        for group in groups {
            if let bytes = group.limitBytes {
                limits.append(MemoryLimit(.group(group), bytes: bytes))
            }
        }
        return limits
    }

    /// What counts against it now; nil where the kernel does not say.
    ///
    /// A limit of the process is on addresses, which the allocator keeps when they are free: past `exactAbove` it is
    /// asked for those, which takes longer.
    package func usedBytes(exactAbove bound: Int) -> Int? {
        switch source {
        case .group(let group): return group.usedBytes
        case .addressSpace: return mapped(field: 0, exactAbove: bound)
        case .data: return mapped(field: 5, exactAbove: bound)
        }
    }

    private func mapped(field: Int, exactAbove bound: Int) -> Int? {
        guard let bytes = ProcessMemory.mappedBytes(field: field) else { return nil }
        return bytes < bound ? bytes : max(0, bytes - ProcessMemory.current.keptBytes)
    }
}

extension MemoryLimit: CustomStringConvertible {
    package var description: String {
        let name =
            switch source {
            case .addressSpace: "its limit of address space"
            case .data: "its limit of data"
            case .group(let group): "the limit of \(group.folder)"
            }
        return "\(bytes >> 20) MiB (\(name))"
    }
}
