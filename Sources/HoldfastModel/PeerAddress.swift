// Where a connection comes from, without the port: what is counted per address.

/// The address at the other end, as far as it tells one client from another.
package struct PeerAddress: Hashable, Sendable {
    /// An address of IPv4, or the first half of one of IPv6.
    package let network: String
    /// It is this machine's own.
    package let isLocal: Bool

    /// Reads what a stream calls its peer: "10.0.0.7:53412" or "[2001:db8::1]:53412".
    package init(of peer: String) {
        let host: Substring
        if peer.utf8.first == 0x5b {
            host = peer.dropFirst().prefix { $0 != "]" }
        } else {
            host = peer.lastIndex(of: ":").map { peer[..<$0] } ?? peer[...]
        }
        guard host.contains(":") else {
            network = String(host)
            // What has no address (a pipe) is on this machine.
            isLocal = host.hasPrefix("127.") || !host.contains(".")
            return
        }
        network = PeerAddress.firstHalf(of: host) + "::/64"
        isLocal = host == "::1"
    }

    /// Four of the eight groups; `::` stands for as many zeros as are missing.
    private static func firstHalf(of host: Substring) -> String {
        let groups = host.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let gap = groups.dropFirst().dropLast().firstIndex(of: "") ?? leadingGap(groups)
        else {
            return groups.prefix(4).joined(separator: ":")
        }
        let front = groups[..<gap].filter { !$0.isEmpty }
        let back = groups[gap...].filter { !$0.isEmpty }
        let zeros = Array(repeating: "0", count: max(0, 8 - front.count - back.count))
        return (front + zeros + back).prefix(4).joined(separator: ":")
    }

    private static func leadingGap(_ groups: [String]) -> Int? {
        groups.first == "" ? 0 : groups.last == "" ? groups.count - 1 : nil
    }
}
