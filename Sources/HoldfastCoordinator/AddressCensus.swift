// How many connections each address has (rule 31, `connections_per_address`). Whoever has one address of IPv6 has
// 2^64 of them, so those count together. Looked at when a connection comes and when it goes, by all loops.

package import HoldfastModel

/// The connections of every address there is one of.
package final class AddressCensus: Sendable {
    private let counts = Locked<[String: Int]>([:])

    package init() {}

    /// Counts one more from there; false, and nothing is counted, where there are as many as may be.
    package func enter(_ peer: PeerAddress, atMost limit: Int?) -> Bool {
        counts.withLock { counts in
            let count = counts[peer.network, default: 0]
            if let limit, count >= limit { return false }
            counts[peer.network] = count + 1
            return true
        }
    }

    package func leave(_ peer: PeerAddress) {
        counts.withLock { counts in
            guard let count = counts[peer.network] else { return }
            counts[peer.network] = count > 1 ? count - 1 : nil
            // A crowd that left must not keep its table.
            if counts.isEmpty { counts = [:] }
        }
    }

    package func count(of peer: PeerAddress) -> Int {
        counts.withLock { $0[peer.network, default: 0] }
    }
}
