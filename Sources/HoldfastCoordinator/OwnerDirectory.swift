// One object per owner's name, so that counters of an owner are in one place for all loops. Names
// that nobody uses any more are forgotten when the directory has doubled, so that a client that
// makes up names cannot fill the memory.

package import HoldfastModel
import Synchronization

/// The owners this process knows.
package final class OwnerDirectory: Sendable {
    private let known = Locked(Known())

    private struct Known {
        var owners: Set<Owner> = []
        var sweepAt = OwnerDirectory.sweepCountMin
    }

    private static let sweepCountMin = 1_024

    package init() {}

    /// The owner of this name; the same object as long as it has a connection or a live ticket.
    package func owner(named name: String) -> Owner {
        known.withLock { known in
            let (_, owner) = known.owners.insert(Owner(name: name))
            if known.owners.count >= known.sweepAt {
                known.owners = known.owners.filter { $0.isInUse || $0 === owner }
                known.sweepAt = max(known.owners.count * 2, OwnerDirectory.sweepCountMin)
            }
            return owner
        }
    }

    /// Forgets whom nobody needs any more; called when a crowd has left.
    package func sweep() {
        known.withLock { known in
            known.owners = known.owners.filter(\.isInUse)
            known.sweepAt = max(known.owners.count * 2, OwnerDirectory.sweepCountMin)
        }
    }

    /// The same while tickets are read back, which are not counted yet: nobody is forgotten.
    func recoveredOwner(named name: String) -> Owner {
        known.withLock { known in
            let (_, owner) = known.owners.insert(Owner(name: name))
            known.sweepAt = max(known.sweepAt, known.owners.count * 2)
            return owner
        }
    }

    package var count: Int { known.withLock { $0.owners.count } }
}

extension Owner {
    fileprivate var isInUse: Bool {
        liveTickets.load(ordering: .relaxed) > 0 || connections.load(ordering: .relaxed) > 0
    }
}
