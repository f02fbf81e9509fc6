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

    /// What the kernel has given in real pages: one short file of the kernel's.
    package static var residentBytes: Int {
        residentPages() * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Gives freed memory back to the kernel; false when there was none to give.
    @discardableResult
    package static func giveBack() -> Bool { holdfast_give_back_memory() == 1 }

    /// The second number of /proc/self/statm; 0 where there is no /proc.
    private static func residentPages() -> Int {
        let number = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return 0 }
        let file = FileDescriptor(owning: number)
        var bytes: [UInt8] = Array(repeating: 0, count: 256)
        let count = read(file.number, &bytes, bytes.count)
        guard count > 0 else { return 0 }
        let fields = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
    }
}

extension ProcessMemory {
    /// Keeps what is in it from core files and from other programs of the same user, for as long as the process lives.
    package static func hide() throws(SystemError) {
        guard holdfast_hide_memory() == 0 else { throw SystemError.last("prctl") }
    }
}
