// A path of the routing table, and whether a request's path is one of it. Segments are compared as bytes where they
// stand in the head: what is fixed holds no character that anybody has to encode, and to make texts of the segments of
// every request for every pattern was a fifth of what a request costs.

import HoldfastHTTPCodec

/// The routes of one path, one for each of its methods.
final class PathPattern: Sendable {
    let segments: [Route.Segment]
    let routes: [Route]
    /// Fixed segments count more than parameters, those more than a rest.
    let rank: Int
    /// It leads to paths with more segments than it has.
    let hasRest: Bool
    /// No other of its rank leads to a path of its own.
    let isFixed: Bool

    private init(_ segments: [Route.Segment], _ routes: [Route]) {
        self.segments = segments
        self.routes = routes
        isFixed = segments.allSatisfy { if case .fixed = $0 { true } else { false } }
        hasRest = segments.contains(.rest) || segments.contains(.anything)
        rank = segments.reduce(0) { rank, segment in
            switch segment {
            case .fixed: rank + 100
            case .parameter: rank + 10
            case .rest, .anything: rank
            }
        }
    }

    /// In the order of the routes.
    static func patterns(of routes: [Route]) -> [PathPattern] {
        var order: [[Route.Segment]] = []
        let grouped = Dictionary(grouping: routes, by: \.segments)
        for route in routes where !order.contains(route.segments) { order.append(route.segments) }
        return order.map { PathPattern($0, grouped[$0] ?? []) }
    }

    /// The first segment where it is fixed, empty for the root itself; nil where any will do.
    var first: [UInt8]? {
        switch segments.first {
        case .fixed(let text)?: text
        case .parameter?, .rest?, .anything?: nil
        case nil: []
        }
    }

    /// Whether the path is one of these; the segments before `start` are known to fit.
    func matches(_ path: [ByteRange], _ request: Request, from start: Int) -> Bool {
        let surplus = path.count - segments.count
        guard hasRest ? surplus >= 0 : surplus == 0 else { return false }
        var index = start
        for segment in segments.dropFirst(start) {
            switch segment {
            case .fixed(let text):
                guard request.reads(text, at: path[index]) else { return false }
                index += 1
            case .parameter:
                guard !path[index].isEmpty else { return false }
                index += 1
            case .rest:
                index += surplus + 1
                guard !path[index - 1].isEmpty else { return false }
            case .anything:
                return true
            }
        }
        return true
    }
}

extension Route {
    /// The decoded texts that stand for the parameters of a path that matches; nil where one cannot be decoded.
    func parameters(_ path: [ByteRange], _ request: Request) -> [String]? {
        var parameters: [String] = []
        var index = 0
        for segment in segments {
            switch segment {
            case .fixed: index += 1
            case .parameter:
                guard let text = request.decoded(path[index]) else { return nil }
                parameters.append(text)
                index += 1
            case .rest:
                var texts: [String] = []
                for range in path[index...].prefix(path.count - segments.count + 1) {
                    guard let text = request.decoded(range) else { return nil }
                    texts.append(text)
                }
                parameters.append(texts.joined(separator: "/"))
                index += texts.count
            case .anything:
                return parameters
            }
        }
        return parameters
    }
}
