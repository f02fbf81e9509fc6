// What bounds the memory of this process: files as the kernel writes them for both versions of control groups, and the
// limits of the process itself.

import Glibc
import TestSupport
import Testing

@testable import HoldfastSystem

struct MemoryLimitTests {
    /// Lays out a folder as the kernel shows groups.
    private func withGroups(
        _ script: String,
        _ body: (String) throws -> Void
    ) async throws {
        try await Scratch.with { folder in
            try Scratch.shell("mkdir -p \(folder)/groups && cd \(folder)/groups\n" + script)
            defer { try? Scratch.shell("rm -rf \(folder)/groups") }
            try body(folder + "/groups")
        }
    }

    @Test func `a limit of any group above holds, and pages of files do not count`() async throws {
        try await withGroups(
            """
            mkdir -p sys/a/b
            echo 0::/a/b > list
            echo 100000000 > sys/a/memory.max
            echo 70000000 > sys/a/memory.current
            printf 'anon 1\\nfile 30000000\\nshmem 10000000\\n' > sys/a/memory.stat
            echo max > sys/a/b/memory.max
            """
        ) { folder in
            let groups = ControlGroup.own(in: folder + "/list", below: folder + "/sys")
            #expect(groups.map(\.folder) == ["", "/a", "/a/b"].map { folder + "/sys" + $0 })
            #expect(groups.map(\.limitBytes) == [nil, 100_000_000, nil])
            #expect(groups[1].usedBytes == 50_000_000)
            let limit = try #require(
                MemoryLimit.all(groups: groups).first { $0.source == .group(groups[1]) }
            )
            #expect(limit.usedBytes(exactAbove: 0) == 50_000_000)
            #expect("\(limit)" == "95 MiB (the limit of \(folder)/sys/a)")
        }
    }

    @Test func `the first version of groups is read, too, and what is no limit there`() async throws
    {
        try await withGroups(
            """
            mkdir -p sys/memory/a
            printf '5:cpu,memory:/a\\n4:cpuset:/a\\n0::/\\n' > list
            echo 9223372036854771712 > sys/memory/memory.limit_in_bytes
            echo 67108864 > sys/memory/a/memory.limit_in_bytes
            echo 7340032 > sys/memory/a/memory.usage_in_bytes
            printf 'cache 9\\ntotal_cache 1048576\\ntotal_shmem 0\\n' > sys/memory/a/memory.stat
            """
        ) { folder in
            let groups = ControlGroup.own(in: folder + "/list", below: folder + "/sys")
            #expect(groups.compactMap(\.limitBytes) == [67_108_864])
            #expect(groups.compactMap(\.usedBytes) == [6_291_456])
        }
    }

    @Test func `a container that is told the path outside finds its own group at the root`()
        async throws
    {
        try await withGroups(
            """
            mkdir sys
            echo 0::/outside/pod > list
            echo 1000000 > sys/memory.max
            """
        ) { folder in
            let groups = ControlGroup.own(in: folder + "/list", below: folder + "/sys")
            #expect(groups.compactMap(\.limitBytes) == [1_000_000])
        }
    }

    @Test func `where nothing is said nothing is bound`() async throws {
        try await withGroups("printf 'nonsense\\n0:\\n' > list") { folder in
            for list in ["/list", "/none"] {
                let groups = ControlGroup.own(in: folder + list, below: folder)
                #expect(groups.allSatisfy { $0.limitBytes == nil && $0.usedBytes == nil })
            }
        }
    }

    @Test(.disabled(if: isUnderThreadSanitizer))
    func `limits of the process are found, and what was freed counts for no use`() async {
        await #expect(processExitsWith: .success) {
            #expect(MemoryLimit.all(groups: []) == [])
            var wanted: [MemoryLimit] = []
            for (source, name) in [
                (MemoryLimit.Source.addressSpace, RLIMIT_AS), (.data, RLIMIT_DATA),
            ] {
                var limit = rlimit(rlim_cur: 1 << 40, rlim_max: 1 << 40)
                #expect(setrlimit(__rlimit_resource_t(name.rawValue), &limit) == 0)
                wanted.append(MemoryLimit(source, bytes: 1 << 40))
            }
            let limits = MemoryLimit.all(groups: [])
            #expect(limits == wanted)
            // Small blocks, as tickets are, and one behind them that keeps their addresses from being given back.
            var blocks = (0..<100_000).map { _ in [UInt8](repeating: 1, count: 400) }
            let full = limits.map { $0.usedBytes(exactAbove: 0) ?? 0 }
            let last = [UInt8](repeating: 1, count: 400)
            blocks = []
            #expect(blocks.isEmpty && last.count == 400)
            for (limit, full) in zip(limits, full) {
                #expect(full > 40_000_000)
                #expect(limit.usedBytes(exactAbove: 0) ?? full < full - 35_000_000)
                // Below the mark nobody asks the allocator.
                #expect(limit.usedBytes(exactAbove: 1 << 40) ?? 0 > full - 35_000_000)
            }
        }
    }
}
