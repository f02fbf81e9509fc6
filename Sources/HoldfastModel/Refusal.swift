// Every error is an answer (PROTOCOL §6): a code a client can match, a message a person can act on,
// and what belongs to the code beside it.

/// The codes of PROTOCOL §6; the raw values are the protocol's words.
package enum ErrorCode: String, Hashable, Sendable, CaseIterable {
    case badRequest = "bad_request"
    case unknownOperation = "unknown_op"
    case lineTooLong = "line_too_long"
    case unauthenticated
    case forbidden
    case notFound = "not_found"
    case conflict
    case notAcquired = "not_acquired"
    case lost
    case timedOut = "timed_out"
    case notStealable = "not_stealable"
    case capacityMismatch = "capacity_mismatch"
    case limitExceeded = "limit_exceeded"
    case draining
    case moved
    case unavailable
    case `internal`

    /// The same request may succeed later without anyone changing it.
    package var isRetryable: Bool {
        switch self {
        case .conflict, .timedOut, .notAcquired, .capacityMismatch, .limitExceeded, .draining,
            .moved, .unavailable:
            true
        case .badRequest, .unknownOperation, .lineTooLong, .unauthenticated, .forbidden, .notFound,
            .lost, .notStealable, .internal:
            false
        }
    }
}

/// The verbs of rule 29.
package enum Right: String, Hashable, Sendable, CaseIterable {
    case lock
    case read
    case steal
    case admin
}

/// Why an operation was not done.
package struct Refusal: Error, Sendable {
    package var code: ErrorCode
    package var message: String
    /// Where in the line, for `bad_request`.
    package var offset: Int?
    package var field: String?
    package var limit: LimitName?
    package var right: Right?
    package var loss: Loss?
    package var held: Held?
    package var moved: Moved?
    /// The same may succeed after this time, where that is known.
    package var retryAfter: Interval?

    package init(
        _ code: ErrorCode,
        _ message: String,
        offset: Int? = nil,
        field: String? = nil,
        limit: LimitName? = nil,
        right: Right? = nil,
        loss: Loss? = nil,
        held: Held? = nil
    ) {
        self.code = code
        self.message = message
        self.offset = offset
        self.field = field
        self.limit = limit
        self.right = right
        self.loss = loss
        self.held = held
    }

    /// How a ticket ended: `ended`, `by`, `endReason`.
    package struct Loss: Hashable, Sendable {
        package var ended: Ending
        package var by: String?
        package var reason: String?
        /// Told to an `acquire` that waited, for whoever counts answers.
        package var endsAcquire = false
        package init(ended: Ending, by: String? = nil, reason: String? = nil) {
            self.ended = ended
            self.by = by
            self.reason = reason
        }
    }

    /// Who is in the way: `holder` (the longest holding, without its ticket id), `holders`,
    /// `queueLength`, `closedFor`.
    package struct Held: Sendable {
        package var holder: TicketView?
        package var holderCount: Int
        package var queueLength: Int
        package var closedFor: Interval?
        package init(
            holder: TicketView?,
            holderCount: Int,
            queueLength: Int,
            closedFor: Interval?
        ) {
            self.holder = holder
            self.holderCount = holderCount
            self.queueLength = queueLength
            self.closedFor = closedFor
        }
    }

    package struct Moved: Hashable, Sendable {
        package var node: String
        package var address: String
        package init(node: String, address: String) {
            self.node = node
            self.address = address
        }
    }
}

/// What several modules refuse is said with one sentence: which of them it was would tell whether a resource exists.
extension Refusal {
    /// Rule 29: names the right, and nothing about the resource.
    package static func missing(_ right: Right) -> Refusal {
        Refusal(.forbidden, "this needs the right '\(right.rawValue)' here", right: right)
    }

    package static let unknownTicket = Refusal(
        .notFound,
        "no such ticket: it was never made here, or it ended and is no longer remembered"
    )
}
