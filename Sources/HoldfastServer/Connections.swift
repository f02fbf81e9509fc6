// The door of every transport: how many connections there may be, in all and from one address (rule 31). What comes
// in is counted before anything is read from it, and again when it leaves.

import HoldfastCoordinator
import HoldfastModel
import Synchronization

extension Census {
    /// Counts a connection; where it is one too many it is not counted, and this says of what.
    func enter(_ stream: any ByteStream, atMost limits: Limits) -> Refusal? {
        if memoryLevel == .scarce, let refusal = refusalForMemory { return refusal }
        let count = connections.wrappingAdd(1, ordering: .relaxed).newValue
        guard count <= limits.connections else {
            connections.wrappingSubtract(1, ordering: .relaxed)
            let message = "the server has \(limits.connections.counted("connection")) already"
            return .exceeded(.connections, message)
        }
        let peer = PeerAddress(of: stream.peer)
        let limit = limits.connections(ofAddressOnThisMachine: peer.isLocal)
        guard addresses.enter(peer, atMost: limit) else {
            connections.wrappingSubtract(1, ordering: .relaxed)
            let message = "\(peer.network) has \((limit ?? 0).counted("connection")) already"
            return .exceeded(.connectionsPerAddress, message)
        }
        return nil
    }

    /// A connection that was counted is over.
    func leave(_ stream: any ByteStream) {
        connections.wrappingSubtract(1, ordering: .relaxed)
        addresses.leave(PeerAddress(of: stream.peer))
    }
}
