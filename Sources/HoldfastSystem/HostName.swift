// What this machine calls itself: the default name of a node and of a holder.

import Glibc

/// The name of this machine.
package enum HostName {
    /// As set by its administrator; "localhost" where there is none.
    package static var current: String {
        var name: [CChar] = Array(repeating: 0, count: 256)
        // One byte less, so that a longer name still ends.
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return bytes.isEmpty ? "localhost" : String(decoding: bytes, as: UTF8.self)
    }
}
