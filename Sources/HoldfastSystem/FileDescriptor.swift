// A descriptor has one owner and is closed once: a number closed twice closes somebody else's file.
// So the owner cannot be copied, and dropping it closes.

import Glibc

/// An open file of the kernel; closed when its owner lets go of it.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The number to hand to the kernel; not to be kept longer than the owner.
    package let number: Int32

    /// Takes over an open descriptor.
    package init(owning number: Int32) {
        precondition(number >= 0, "a descriptor that was never opened has no owner")
        self.number = number
    }

    // EINTR from close means closed on Linux: asking again could close another thread's new file.
    deinit { _ = Glibc.close(number) }
}
