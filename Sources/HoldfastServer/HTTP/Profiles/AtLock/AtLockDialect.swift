// What Nick and Plone do differently where both answer `@lock` (HTTP §2.3, §2.4): how a lock is shown, what somebody
// hears who is not its owner, and what a refresh and a save do to it.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

/// How one system answers.
protocol AtLockDialect: Sendable {
    /// The members of a lock, in their order.
    func write(_ lock: ShownLock, to writer: inout JSONWriter)
    func refusal(_ status: HTTPStatus, type: String, message: String) -> HTTPReply

    /// To whoever wants to lock or refresh what another holds.
    func heldByAnother(_ lock: ShownLock) -> HTTPReply
    /// To whoever wants to unlock what another holds.
    func mayNotUnlock(_ lock: ShownLock) -> HTTPReply
    /// To whoever saves without the token of the lock.
    func mayNotSave() -> HTTPReply

    /// A refresh of what nobody holds makes a lock.
    var refreshLocks: Bool { get }
    /// A refresh gives a new token, and its options hold from then on.
    var refreshChangesToken: Bool { get }
    /// A save with the token ends the lock.
    var saveUnlocks: Bool { get }
}

extension AtLockDialect {
    func reply(_ lock: ShownLock) -> HTTPReply {
        HTTPReply(.ok) { writer in
            writer.beginObject()
            write(lock, to: &writer)
            writer.endObject()
        }.telling(lock.isOwn ? lock.view.ticket : nil, lock.view.fence)
    }

    var form: RefusalForm {
        RefusalForm { status, refusal in
            self.refusal(status, type: status.phrase, message: refusal.message)
                .retryLater(refusal)
        }
    }

    var unlocked: HTTPReply {
        HTTPReply(.ok) { writer in
            writer.beginObject()
            writer.member("locked", false)
            writer.member("stealable", true)
            writer.endObject()
        }
    }
}

/// A lock as somebody in particular may see it.
struct ShownLock {
    var view: TicketView
    var isOwn: Bool
    /// What people call whoever has it.
    var creatorName: String
    /// Nil where it is not for this reader.
    var token: TicketID?
    /// Of this server, as its clients call it.
    var base: String
    /// Where the tree of contents begins.
    var prefix: String

    /// When it was taken, or last refreshed.
    var since: WallTime { view.renewedAt ?? view.acquiredAt ?? view.createdAt }
    var creator: String { view.owner.name }

    /// For whoever asked in vain, though it may be its own: one that was taken another way, in another mode, is no
    /// lock of this API's kind, and others may have it as well.
    func asAnothers(showingToken: Bool) -> ShownLock {
        var lock = self
        lock.isOwn = false
        if !showingToken { lock.token = nil }
        return lock
    }
}
