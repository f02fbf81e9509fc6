// What a refusal means: to a script an exit code, to a person a sentence with what stands beside it.

import HoldfastModel
package import HoldfastWire

package enum RefusalText {
    /// The exit code of an error reply.
    package static func exitCode(of code: String?) -> ExitCode {
        switch code.flatMap(ErrorCode.init(rawValue:)) {
        case .conflict, .timedOut: .notAcquired
        case .unauthenticated, .forbidden: .notAllowed
        case .badRequest, .unknownOperation, .lineTooLong, .notFound, .notAcquired, .lost,
            .notStealable, .capacityMismatch, .limitExceeded, .draining, .moved, .unavailable,
            .internal, nil:
            .refused
        }
    }

    /// The server's sentence and, where somebody is in the way, who and how long already.
    package static func lines(of reply: JSONValue) -> [String] {
        let error = reply["error"]
        let message = FieldList.text(of: error?["message"])
        let code = FieldList.text(of: error?["code"])
        let detail = ["field", "limit", "right"].compactMap { reply[$0]?.string }.first
        let head = "\(message) (\(code)\(detail.map { ": " + harmless($0) } ?? ""))"
        return [head] + contention(in: reply) + loss(in: reply)
    }

    private static func contention(in reply: JSONValue) -> [String] {
        var lines: [String] = []
        if let holder = reply["holder"] {
            let who = FieldList.text(of: holder["holder"] ?? holder["owner"])
            let since = FieldList.time(holder["acquiredAt"])
            let remaining = holder["remaining"]?.interval.map { ", \($0.text) left" } ?? ""
            let reason = holder["reason"]?.string.map { " (\(harmless($0)))" } ?? ""
            lines.append("  held by \(who)\(reason) since \(since)\(remaining)")
        }
        if let queue = reply["queueLength"]?.integer, queue > 0 {
            lines.append("  \(queue) waiting")
        }
        if let closed = reply["closedFor"]?.interval {
            lines.append("  closed for \(closed.text) after a holder was lost")
        }
        return lines
    }

    private static func loss(in reply: JSONValue) -> [String] {
        guard let ended = reply["ended"]?.string else { return [] }
        let by = reply["by"]?.string.map { " by \(harmless($0))" } ?? ""
        let reason = reply["endReason"]?.string.map { " (\(harmless($0)))" } ?? ""
        return ["  it ended: \(harmless(ended))\(by)\(reason)"]
    }
}
