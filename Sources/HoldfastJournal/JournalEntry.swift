// One line of a journal: a fact about a resource, or about a session. It names its slot, because a slot is what is read
// back, moved and snapshotted as a whole.

package import HoldfastCore
package import HoldfastModel

/// Something that must survive.
package enum JournalEntry: Sendable {
    case resource(ResourceEntry)
    /// Nothing is remembered of the resource at this place: another may stand there.
    case resourceForgotten(Slot, resourceIndex: UInt32)
    case session(SessionRecord)

    package var slot: Slot {
        switch self {
        case .resource(let entry): entry.slot
        case .resourceForgotten(let slot, _): slot
        case .session(let record): record.id.slot
        }
    }
}

/// A record of one resource; the place is part of its tickets' ids, so it must be the same again.
package struct ResourceEntry: Sendable {
    package var slot: Slot
    package var resourceIndex: UInt32
    package var path: ResourcePath
    package var record: Record

    package init(slot: Slot, resourceIndex: UInt32, path: ResourcePath, record: Record) {
        self.slot = slot
        self.resourceIndex = resourceIndex
        self.path = path
        self.record = record
    }
}

/// A fact about a session (rule 5).
package enum SessionRecord: Sendable {
    case opened(OpenedSession)
    case ended(SessionID)

    package var id: SessionID {
        switch self {
        case .opened(let session): session.id
        case .ended(let id): id
        }
    }
}

/// What has to be known to let a client resume its session.
package struct OpenedSession: Sendable {
    package var id: SessionID
    /// Random and kept raw: files that hold it are for the server's eyes only.
    package var secret: String
    package var owner: Owner
    package var grace: Interval

    package init(id: SessionID, secret: String, owner: Owner, grace: Interval) {
        self.id = id
        self.secret = secret
        self.owner = owner
        self.grace = grace
    }
}
