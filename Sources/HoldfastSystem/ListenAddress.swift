// Where to listen, as the operator writes it: "127.0.0.1:7420", "[::1]:0", "localhost:0".

import CSystem
import Glibc

/// A host and a port to listen at; port 0 is any that is free.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads HOST:PORT; an IPv6 host stands in brackets.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Self.port(text[text.index(after: colon)...])
        else { return nil }
        let host = text[..<colon]
        if host.first == "[" {
            guard host.last == "]" else { return nil }
            self.host = String(host.dropFirst().dropLast())
            guard SocketAddress(numericHost: self.host, port: 0)?.family == AF_INET6 else {
                return nil
            }
        } else {
            guard !host.isEmpty, !host.contains(":"), !host.contains("]") else { return nil }
            self.host = String(host)
        }
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this machine can reach it.
    ///
    /// A name other than "localhost" counts as reachable.
    package var isLoopback: Bool {
        host == "localhost" || SocketAddress(numericHost: host, port: port)?.isLoopback == true
    }

    /// The address to bind: of several the first of IPv4, "localhost" always this machine.
    package func resolve() throws(BindError) -> SocketAddress {
        let name = host == "localhost" ? "127.0.0.1" : host
        if let numeric = SocketAddress(numericHost: name, port: port) { return numeric }
        let found = NameResolver.addresses(of: name, port: port)
        guard let first = found.first(where: { $0.family == AF_INET }) ?? found.first else {
            throw BindError(address: description, reason: .unknownHost)
        }
        return first
    }

    /// Digits only: no sign, no blank.
    private static func port(_ text: Substring) -> UInt16? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? UInt16(text) : nil
    }
}
