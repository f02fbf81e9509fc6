// The kernel's world, shared by all clients of a process: one loop with one thread, started with the first
// request of the first client and never stopped, so that no call can come too late for it. Rejected: a
// thread per client, because programs make clients freely.

import HoldfastModel
import HoldfastSystem

extension ClientEnvironment {
    /// The world of this process.
    static func kernel() throws(HoldfastError) -> ClientEnvironment {
        throw .unreachable("this build has no event loop")
    }
}
