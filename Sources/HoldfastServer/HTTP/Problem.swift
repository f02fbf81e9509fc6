// Errors of the native API (RFC 9457): the protocol's code, message and whatever stands beside them, with the status
// that HTTP §1 gives each code.

import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

/// Renders refusals as problems.
enum Problem {
    static func reply(_ refusal: Refusal) -> HTTPReply { reply(status(of: refusal), refusal) }

    static func reply(_ status: HTTPStatus, _ refusal: Refusal) -> HTTPReply {
        var reply = HTTPReply(status, type: HTTPReply.problem)
        ReplyWriter.writeProblem(
            refusal,
            status: Int(status.number),
            title: status.phrase,
            into: &reply.body
        )
        switch status {
        case .tooManyRequests, .unavailable: return reply.with("Retry-After", refusal.secondsToWait)
        default: return reply
        }
    }

    static func status(of refusal: Refusal) -> HTTPStatus {
        switch refusal.code {
        case .badRequest, .unknownOperation: .badRequest
        case .lineTooLong: .contentTooLarge
        case .unauthenticated: .unauthorized
        case .forbidden, .notStealable: .forbidden
        case .notFound: .notFound
        case .conflict, .timedOut, .capacityMismatch, .notAcquired: .conflict
        case .lost: .gone
        case .limitExceeded: .tooManyRequests
        case .draining, .moved, .unavailable: .unavailable
        case .internal: .internalError
        }
    }
}

extension Refusal {
    /// When to come again, in whole seconds, of which there is at least one.
    var secondsToWait: String {
        let wait = (retryAfter ?? .zero).nanoseconds
        return String(max(1, (wait + 999_999_999) / 1_000_000_000))
    }
}
