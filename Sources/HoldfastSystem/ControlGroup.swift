// The memory of a control group, which is what a container or a service of systemd may have: a group's limit holds for
// all below it, so each above this process is looked at. Both versions of the kernel's interface, because both are in
// use. Pages of files do not count: the kernel takes them back before it ends anybody.

/// A group of processes that has a limit of memory.
package struct ControlGroup: Hashable, Sendable {
    /// Where the kernel shows it.
    package let folder: String
    let version: Version

    enum Version: Hashable, Sendable {
        case one
        case two
    }

    /// The groups that this process is in, as a file like /proc/self/cgroup names them below `root`.
    package static func own(
        in list: String = "/proc/self/cgroup",
        below root: String = "/sys/fs/cgroup"
    ) -> [ControlGroup] {
        (KernelText.read(list) ?? "").split(separator: "\n").flatMap { line -> [ControlGroup] in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [] }
            if parts[1].isEmpty { return chain(parts[2], below: root, .two) }
            guard parts[1].split(separator: ",").contains("memory") else { return [] }
            return chain(parts[2], below: root + "/memory", .one)
        }
    }

    /// The group and all above it.
    ///
    /// In a container the path may be the one outside: then none of its folders is there, and the root is the
    /// container's own group.
    private static func chain(
        _ path: Substring,
        below root: String,
        _ version: Version
    ) -> [ControlGroup] {
        var groups = [ControlGroup(folder: root, version: version)]
        var folder = root
        for part in path.split(separator: "/") {
            folder += "/" + part
            groups.append(ControlGroup(folder: folder, version: version))
        }
        return groups
    }

    /// Nil where it has none.
    package var limitBytes: Int? {
        let name = version == .two ? "memory.max" : "memory.limit_in_bytes"
        guard let limit = KernelText.number(folder + "/" + name),
            limit < ControlGroup.noLimit
        else { return nil }
        return limit
    }

    /// What counts against the limit and cannot be taken back; nil where the kernel does not say.
    package var usedBytes: Int? {
        let name = version == .two ? "memory.current" : "memory.usage_in_bytes"
        guard let all = KernelText.number(folder + "/" + name) else { return nil }
        let table = KernelText.table(folder + "/memory.stat")
        let (files, shared) =
            version == .two
            ? (table["file"], table["shmem"]) : (table["total_cache"], table["total_shmem"])
        return max(0, all - max(0, (files ?? 0) - (shared ?? 0)))
    }

    /// The first version says a number near the largest.
    private static let noLimit = 1 << 60
}
