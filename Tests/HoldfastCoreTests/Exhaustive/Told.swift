// What is told, in one form that the second model predicts and the core's outputs are brought into:
// tickets go by number, because the core chooses ids, and views keep what the documents promise.

import HoldfastCore
import HoldfastModel

/// One thing told to one listener.
enum Told: Hashable {
    case answer(RequestAddress, Said)
    /// A wait began; its answer comes later.
    case waiting(RequestAddress, ticket: UInt64)
    case event(ConnectionID, ticket: UInt64, Whispered)
    case notice(Notice.Kind, ticket: UInt64, owner: String, fence: Fence?, by: String?)
}

/// The answer to one request.
enum Said: Hashable {
    case refused(ErrorCode, Why)
    case ticket(UInt64, lease: Interval, Standing, isExisting: Bool)
    case polled(lease: Interval, Standing)
    case status(Seen, showsID: Bool)
    case renewed(RenewAnswer)
    case released(UInt64, Ending, already: Bool)
    case checked(CheckAnswer)
    case cleared(Int)
    /// Nothing a resource answers.
    case foreign(String)
}

/// What stands beside an error.
struct Why: Hashable {
    var loss: Refusal.Loss?
    var right: Right?
    var limit: LimitName?
    var held: Held?

    struct Held: Hashable {
        var holder: Seen?
        var holderCount: Int
        var queueLength: Int
        var closedFor: Interval?
    }
}

/// An event of a ticket.
enum Whispered: Hashable {
    case queued(request: UInt64, QueuePlace)
    case acquired(lease: Interval, Grant)
    case losing(grace: Interval, by: String, reason: String?)
    case kept
    case lost(Refusal.Loss)
}

/// A ticket's view.
struct Seen: Hashable {
    var number: UInt64
    var standing: Standing
    var mode: Mode
    var owner: String
    var priority: UInt8
    var lease: Interval
    var fence: Fence?
    var stealable: Bool
    var binding: Binding
    /// Only of those that another ended.
    var endedBy: String?
    var endReason: String?
    var holder: String?
    var createdAt: WallTime
    var acquiredAt: WallTime?
    var renewedAt: WallTime?
    var expiresAt: WallTime?
    var endedAt: WallTime?
}

/// A whole resource as `list` and `resources` show it.
struct Shown: Hashable {
    var mode: Mode?
    var holders: [Seen]
    var queue: [Seen]
    var recent: [Seen]
    var holderCount: Int
    var queueLength: Int
    var fence: Fence
    var closedFor: Interval?
    var oldestWait: Interval
    var isForgettable: Bool
    var isShown: Bool
}

extension Ending {
    /// Whether somebody else ended the ticket, so that the view must say who (rule 2).
    var isByAnother: Bool { self == .stolen || self == .cleared }
}
