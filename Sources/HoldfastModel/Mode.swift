// How a ticket shares its resource (rule 6), and how tickets end (rule 2).

/// Who may hold the resource beside this ticket.
@usableFromInline package enum Mode: Hashable, Sendable {
    case exclusive
    case shared
    /// `count` of `of` permits of a semaphore.
    case permit(count: UInt32, of: UInt32)

    @usableFromInline package static let permitsMax = 1_000_000
}

/// Where a ticket stands.
@usableFromInline package enum TicketState: String, Hashable, Sendable {
    /// Waits for its turn; leaves for `acquired` or `released`.
    case queued
    /// Holds the resource until its lease ends; leaves for `released`.
    case acquired
    /// Is over; `Ending` says how.
    case released
}

/// How a finished ticket ended; the raw values are the protocol's words.
@usableFromInline package enum Ending: String, Hashable, Sendable, CaseIterable {
    /// By its owner, while held.
    case released
    /// By its owner, while queued.
    case cancelled
    /// Its lease ran out.
    case expired
    /// `maxWait`, or the `wait` of a `lock`, ran out.
    case timedOut = "timed_out"
    /// Its owner was not heard in time (rule 17).
    case abandoned
    /// The session it was bound to ended.
    case sessionEnded = "session_ended"
    /// Another ticket took the resource (rule 21).
    case stolen
    /// By `clear`, or released by an administrator.
    case cleared
}

/// Which events of a ticket its connection gets.
@usableFromInline package enum Notify: String, Hashable, Sendable {
    case none
    case state
    case position
}

/// What a ticket's life is tied to.
@usableFromInline package enum Binding: String, Hashable, Sendable {
    case ticket
    case session
}

/// What `queue` does when its owner already has a live ticket there (rule 25).
@usableFromInline package enum IfMine: String, Hashable, Sendable {
    case queue
    case `return`
}
