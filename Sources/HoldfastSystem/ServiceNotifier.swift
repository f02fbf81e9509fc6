// What the service manager wants to know: ready, stopping, and a line for people. One datagram each to
// the socket that NOTIFY_SOCKET names; without the variable nobody asked, and nothing is sent.

import CSystem
import Glibc

/// Tells a service manager how the process is.
package struct ServiceNotifier: Sendable {
    private let path: String

    /// Nil when no manager listens, or at no address that this could send to.
    package init?(path: String?) {
        guard let path, let first = path.utf8.first, first == 47 || first == 64,
            (2...107).contains(path.utf8.count)
        else { return nil }
        self.path = path
    }

    /// From the environment of this process.
    package init?() { self.init(path: getenv("NOTIFY_SOCKET").map { String(cString: $0) }) }

    /// It serves now.
    package func ready(status: String) { send("READY=1\nSTATUS=\(Self.line(status))") }

    /// It is on its way out.
    package func stopping() { send("STOPPING=1") }

    /// What it does at the moment, for people.
    package func status(_ text: String) { send("STATUS=\(Self.line(text))") }

    /// A manager that is gone or busy must not hold up the service: what cannot be sent is not.
    private func send(_ message: String) {
        _ = holdfast_notify(path, message, message.utf8.count)
    }

    /// A status is one line; a line break would begin another field.
    private static func line(_ text: String) -> String {
        String(text.unicodeScalars.map { $0 == "\n" || $0 == "\r" ? " " : Character($0) })
    }
}
