// What is shown while a lock is waited for: on a terminal one line that is always true, elsewhere a line
// at the start and a few more, so that a log of an hour's wait has a page and not a book.

package import HoldfastModel

/// The progress of one wait.
package struct WaitingText: Sendable {
    private let resource: String
    private let since: Instant
    private var place: QueuePlace?
    private var saidAt: Instant?
    private var said: QueuePlace?

    /// The least time between two lines of a log.
    package static let pause = Interval.seconds(10)

    package init(resource: String, since: Instant) {
        self.resource = harmless(resource)
        self.since = since
    }

    package mutating func moved(to place: QueuePlace) { self.place = place }

    /// The line of a terminal, nil before there is a place: "waiting for a/b: 2nd of 5, 1 m 12 s".
    package func status(at now: Instant) -> String? {
        let seconds = Interval.seconds(Int((now - since).nanoseconds / 1_000_000_000))
        return place.map { "waiting for \(resource): \(WaitingText.words($0)), \(seconds.text)" }
    }

    /// A line for a log, or nil if there is nothing new or the last one is too fresh.
    package mutating func logLine(at now: Instant) -> String? {
        guard let place, place != said else { return nil }
        if let saidAt, now - saidAt < WaitingText.pause { return nil }
        saidAt = now
        said = place
        return "waiting for \(resource): \(WaitingText.words(place))"
    }

    private static func words(_ place: QueuePlace) -> String {
        "\(ordinal(place.position)) of \(place.queueLength)"
    }

    private static func ordinal(_ number: Int) -> String {
        let suffix =
            switch (number % 100, number % 10) {
            case (11...13, _): "th"
            case (_, 1): "st"
            case (_, 2): "nd"
            case (_, 3): "rd"
            default: "th"
            }
        return "\(number)\(suffix)"
    }
}
