// What the server says when it says no (PROTOCOL §6): a code for the program, a message for the person.

/// A request that the server refused.
public struct ServerRefusal: Hashable, Sendable {
    /// The codes of the protocol; an unknown one is kept as it came.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The protocol's word.
        public var rawValue: String
        /// A code by the protocol's word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The request is wrong in itself; ``ServerRefusal/field`` names the field.
        public static let badRequest = Code(rawValue: "bad_request")
        /// The server does not know the operation.
        public static let unknownOperation = Code(rawValue: "unknown_op")
        /// The request has more bytes than the server reads in one line.
        public static let lineTooLong = Code(rawValue: "line_too_long")
        /// The token is missing or wrong.
        public static let unauthenticated = Code(rawValue: "unauthenticated")
        /// The principal lacks ``ServerRefusal/right``.
        public static let forbidden = Code(rawValue: "forbidden")
        /// There is no such ticket.
        public static let notFound = Code(rawValue: "not_found")
        /// Somebody else is there.
        public static let conflict = Code(rawValue: "conflict")
        /// The ticket is still queued.
        public static let notAcquired = Code(rawValue: "not_acquired")
        /// The ticket has ended.
        public static let lost = Code(rawValue: "lost")
        /// The time to wait is over.
        public static let timedOut = Code(rawValue: "timed_out")
        /// A holder did not agree to be stolen from.
        public static let notStealable = Code(rawValue: "not_stealable")
        /// The resource has another number of permits at present, or is used in another mode.
        public static let capacityMismatch = Code(rawValue: "capacity_mismatch")
        /// A bound of the server was reached; ``ServerRefusal/limit`` names it.
        public static let limitExceeded = Code(rawValue: "limit_exceeded")
        /// The server takes no new tickets.
        public static let draining = Code(rawValue: "draining")
        /// Another node answers for this resource.
        public static let moved = Code(rawValue: "moved")
        /// The server cannot answer at the moment.
        public static let unavailable = Code(rawValue: "unavailable")
        /// A mistake of the server.
        public static let `internal` = Code(rawValue: "internal")
    }

    /// What was wrong.
    public var code: Code
    /// The same for a person.
    public var message: String
    /// Whether the same request may succeed later without anyone changing it.
    public var isRetryable: Bool
    /// The field that was wrong.
    public var field: String?
    /// The limit that was reached.
    public var limit: String?
    /// The right that is missing.
    public var right: String?

    /// A refusal as the server wrote it.
    public init(
        code: Code,
        message: String,
        isRetryable: Bool = false,
        field: String? = nil,
        limit: String? = nil,
        right: String? = nil
    ) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
        self.field = field
        self.limit = limit
        self.right = right
    }
}

extension ServerRefusal: CustomStringConvertible {
    /// One line for a log.
    public var description: String {
        let detail = field ?? limit ?? right
        return "\(message) (\(code.rawValue)\(detail.map { ": " + $0 } ?? ""))"
    }
}
