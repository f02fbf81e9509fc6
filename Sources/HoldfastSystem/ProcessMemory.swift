// What memory this process has, and giving back what it does not need: the allocator keeps freed pages,
// and after a million released locks that is most of the process.

import CSystem
import Glibc

/// The memory of this process, in bytes.
package struct ProcessMemory: Hashable, Sendable {
    /// What the kernel has given in real pages.
    package var residentBytes: Int
    /// What the allocator has handed out.
    package var allocatedBytes: Int
    /// What was freed and the allocator keeps for later.
    package var keptBytes: Int

    /// Looks at the allocator and asks the kernel: microseconds to milliseconds, so not on every turn.
    package static var current: ProcessMemory {
        let allocator = holdfast_allocator_state()
        return ProcessMemory(
            residentBytes: residentBytes,
            allocatedBytes: allocator.in_use,
            keptBytes: allocator.kept
        )
    }

    /// What the kernel has given in real pages: one short file of the kernel's; 0 where there is no /proc.
    package static var residentBytes: Int { mappedBytes(field: 1) ?? 0 }

    /// Gives freed memory back to the kernel; false when there was none to give.
    @discardableResult
    package static func giveBack() -> Bool { holdfast_give_back_memory() == 1 }

    /// Lets what a crowd of small things leaves be given back; asked for once, before the crowd.
    package static func prepareForCrowds() { holdfast_merge_freed_memory() }

    /// A number of /proc/self/statm, where the kernel counts pages.
    static func mappedBytes(field: Int) -> Int? {
        let fields = (KernelText.read("/proc/self/statm") ?? "").split(separator: " ")
        guard field < fields.count, let pages = Int(fields[field]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

extension ProcessMemory {
    /// Keeps what is in it from core files and from other programs of the same user, for as long as the process lives.
    package static func hide() throws(SystemError) {
        guard holdfast_hide_memory() == 0 else { throw SystemError.last("prctl") }
    }
}
