// What the kernel said no to. Calls of the network have answers of their own (StreamError, BindError,
// ConnectError); this one is for the rest, where all a caller can do is say it and stop.

import Glibc

/// A kernel call that failed, and why.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call, as the manual names it.
    package let call: String
    /// The kernel's error number.
    package let number: Int32

    package init(call: String, number: Int32) {
        self.call = call
        self.number = number
    }

    package var description: String { "\(call): \(Self.text(of: number))" }

    /// The kernel's sentence for an error number.
    package static func text(of number: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress else { return "error \(number)" }
            buffer.initialize(repeating: 0)
            guard strerror_r(number, base, buffer.count) == 0 else { return "error \(number)" }
            return String(cString: base)
        }
    }

    /// The error of the call that just failed on this thread.
    static func last(_ call: String) -> SystemError { SystemError(call: call, number: errno) }
}
