// The configuration in the units of the rules, with the bounds of the client itself.

import HoldfastModel

/// What the machine was told.
struct ClientSettings: Sendable {
    var name: String?
    var token: String?
    /// Nil: no session.
    var grace: Interval?
    var patience: Interval
    var responseTimeout: Interval
    var keepAlive: Interval
    var backoffFirst: Interval
    var backoffLongest: Interval

    /// PROTOCOL §8, `line`; the server's own bound comes with `hello`.
    static let lineBytesDefault = 65_536
    /// No reply of a sane server is longer.
    static let replyBytesMax = 64 * 1_048_576
    /// How long `close` waits for the answer to `bye`.
    static let farewellMax = Interval.seconds(2)
    /// The part of a session's grace that passes between signs of life (rule 5).
    static let gracePart: Int64 = 3

    /// How often to show that the client is there.
    func probeInterval(grace: Interval?) -> Interval {
        guard let grace else { return keepAlive }
        return min(keepAlive, Interval(nanoseconds: grace.nanoseconds / ClientSettings.gracePart))
    }

    /// How long the server may leave a request unanswered: short enough that there is time to come back
    /// on another connection before the session's trust ends.
    func silenceMax(grace: Interval?) -> Interval {
        guard let grace else { return responseTimeout }
        return min(
            responseTimeout,
            Interval(nanoseconds: grace.nanoseconds / ClientSettings.gracePart)
        )
    }
}
