// Which request a reply answers. Replies come in the order of the requests, except those of operations
// that wait, which come when they are done (PROTOCOL §2); the id says which, the order is checked. How
// long the oldest request that does not wait is unanswered tells a frozen server.

import HoldfastModel

/// The requests of one connection that are not answered yet.
struct ReplyMatcher: Sendable {
    struct Sent: Hashable, Sendable {
        var call: CallID
        var sentAt: Instant
    }

    /// What a reply cannot be.
    enum Fault: Error, Hashable, Sendable {
        /// Nothing was asked under this id.
        case unknownID(UInt64)
        /// A request sent earlier is still unanswered.
        case outOfOrder(UInt64)
    }

    private struct Entry: Sendable {
        var request: Sent
        var waits: Bool
    }

    private var sent: [UInt64: Entry] = [:]
    /// The ids of requests that do not wait, in the order sent; `head` is the oldest unanswered.
    private var inOrder: [UInt64] = []
    private var head = 0

    var isEmpty: Bool { sent.isEmpty }

    mutating func sent(id: UInt64, call: CallID, waits: Bool, at now: Instant) {
        sent[id] = Entry(request: Sent(call: call, sentAt: now), waits: waits)
        if !waits { inOrder.append(id) }
    }

    /// The request that this reply answers; it is then forgotten.
    mutating func answered(id: UInt64) throws(Fault) -> Sent {
        guard let entry = sent[id] else { throw .unknownID(id) }
        if !entry.waits {
            guard inOrder[head] == id else { throw .outOfOrder(id) }
            head += 1
            dropAnswered()
        }
        sent[id] = nil
        return entry.request
    }

    /// The unanswered request with this id.
    func call(of id: UInt64) -> CallID? { sent[id]?.request.call }

    /// Since when the oldest request that does not wait is unanswered.
    var unansweredSince: Instant? {
        head < inOrder.count ? sent[inOrder[head]]?.request.sentAt : nil
    }

    /// Amortised: the array moves only when half of it is spent.
    private mutating func dropAnswered() {
        guard head > 32, head * 2 > inOrder.count else { return }
        inOrder.removeSubrange(..<head)
        head = 0
    }
}
