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
    /// In milliseconds, as they are written.
    var times: Times

    struct Times: Hashable {
        var createdAt: Int64?
        var acquiredAt: Int64?
        var renewedAt: Int64?
        var expiresAt: Int64?
        var endedAt: Int64?
    }
}

extension WallTime {
    var wholeMilliseconds: Int64 { microseconds / 1_000 }
}

/// A whole resource as `list` shows it.
struct Shown: Hashable {
    var mode: Mode?
    var holders: [Seen]
    var queue: [Seen]
    var recent: [Seen]
    var holderCount: Int
    var queueLength: Int
    var fence: Fence
    var closedFor: Interval?
    var isForgettable: Bool
    var isShown: Bool
}

/// A resource as `resources` shows it.
struct Summed: Hashable {
    var mode: Mode?
    var holderCount: Int
    var queueLength: Int
    var fence: Fence
    var oldestWait: Interval
    var holder: Seen?
    var closedFor: Interval?
}

extension Shown {
    /// One line for each thing shown.
    var lines: [String] {
        let counts = "\(holderCount) hold, \(queueLength) wait"
        let marks = "forgettable \(isForgettable), shown \(isShown)"
        let sums = "fence \(fence), closed for \(closedFor as Any)"
        let shared = ["mode \(mode as Any)", counts, sums, marks]
        return shared + holders.map { "holder \($0)" } + queue.map { "waiter \($0)" }
            + recent.map { "recent \($0)" }
    }
}

extension Ending {
    /// Whether somebody else ended the ticket, so that the view must say who (rule 2).
    var isByAnother: Bool { self == .stolen || self == .cleared }
}
