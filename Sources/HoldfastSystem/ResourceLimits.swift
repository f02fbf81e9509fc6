// How many descriptors the kernel lets this process have: what bounds the connections.

import Glibc

/// The process's limits.
package enum ResourceLimits {
    /// How many descriptors may be open; the hard limit is how far a process may raise it itself.
    package struct Descriptors: Hashable, Sendable {
        package var soft: Int
        package var hard: Int

        package init(soft: Int, hard: Int) {
            self.soft = soft
            self.hard = hard
        }
    }

    package static func descriptors() throws(SystemError) -> Descriptors {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw SystemError.last("getrlimit")
        }
        return Descriptors(
            soft: Int(clamping: limit.rlim_cur),
            hard: Int(clamping: limit.rlim_max)
        )
    }

    package static func set(_ descriptors: Descriptors) throws(SystemError) {
        var limit = rlimit(
            rlim_cur: rlim_t(descriptors.soft),
            rlim_max: rlim_t(descriptors.hard)
        )
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw SystemError.last("setrlimit")
        }
    }

    /// Raises the limit as far as the process may; answers what it is then.
    package static func raiseDescriptors() throws(SystemError) -> Int {
        var limits = try descriptors()
        guard limits.soft < limits.hard else { return limits.soft }
        limits.soft = limits.hard
        try set(limits)
        return limits.soft
    }
}
