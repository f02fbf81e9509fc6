// Everything an operation can end with besides its result. The cases are what a caller acts on
// differently: try again, give up, look whether it happened, stop working at once. One enum, so that
// `throws(HoldfastError)` makes every `switch` complete.

/// Why an operation of ``HoldfastClient`` did not do what was asked.
public enum HoldfastError: Error, Hashable, Sendable {
    /// The lock is no longer held; the loss says how. Work that it protected must stop.
    case lockLost(LockLoss)

    /// `wait` was zero and somebody else is there.
    case conflict(Contention)

    /// The time to wait was over before the lock was granted; the ticket has ended.
    case timedOut(Contention)

    /// The server understood and said no.
    case refused(ServerRefusal)

    /// The server could not be reached for as long as ``HoldfastClient/Configuration/patience`` allows;
    /// nothing was done.
    case unreachable(String)

    /// The request was sent, but no answer came: it may have been done or not. Repeat it with the same
    /// idempotency key, or ask for the state, to find out.
    case outcomeUnknown(String)

    /// The calling task was cancelled; a ticket it waited for is given back.
    ///
    /// Takes the place of `CancellationError`, which typed throws cannot mix with other errors.
    case cancelled

    /// The arguments cannot be a request: nothing was sent.
    case invalid(String)

    /// The client was closed.
    case closed
}

extension HoldfastError: CustomStringConvertible {
    /// One line for a log.
    public var description: String {
        switch self {
        case .lockLost(let loss): "lock lost: \(loss)"
        case .conflict(let contention): "held by somebody else: \(contention)"
        case .timedOut(let contention): "not granted in time: \(contention)"
        case .refused(let refusal): "refused: \(refusal)"
        case .unreachable(let why): "server not reachable: \(why)"
        case .outcomeUnknown(let why): "sent but not answered, the outcome is unknown: \(why)"
        case .cancelled: "cancelled"
        case .invalid(let what): "invalid request: \(what)"
        case .closed: "the client is closed"
        }
    }
}
