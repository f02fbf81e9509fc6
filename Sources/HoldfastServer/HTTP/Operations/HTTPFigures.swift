// What the HTTP side counts by itself: responses by status, and who is shown events.

import HoldfastHTTPCodec

/// Responses by status: plain numbers of one loop.
struct StatusCounts: Sendable {
    /// From 200 on.
    private var counts = Array(repeating: 0, count: 400)
    private static let first = 200

    mutating func count(_ status: HTTPStatus) {
        counts[Int(status.number) - StatusCounts.first] += 1
    }

    mutating func add(_ other: StatusCounts) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// Those that were answered with, lowest first.
    var all: [(status: HTTPStatus, count: Int)] {
        counts.enumerated().filter { $0.element > 0 }.map {
            (HTTPStatus(UInt16($0.offset + StatusCounts.first)), $0.element)
        }
    }
}

/// The HTTP side of a server at one moment.
struct HTTPFigures: Sendable {
    var statuses = StatusCounts()
    var streamCount = 0

    mutating func add(_ other: HTTPFigures) {
        statuses.add(other.statuses)
        streamCount += other.streamCount
    }
}
