// The part of the routing table that a request has to look at: the patterns that begin as its path does, and of these
// the ones with as many segments. Most requests compare two or three of them, and not all that there are.

import HoldfastHTTPCodec

/// The patterns that begin with the same segment, or with any.
final class PatternGroup: Sendable {
    let first: [UInt8]
    /// By the number of segments of a path, and behind the longest those of longer ones; the highest rank first.
    private let byCount: [[PathPattern]]
    /// The segments that are known to fit when a path is looked up here.
    private let start: Int

    /// `first` is the segment with which all of them begin; nil where that differs.
    init(_ first: [UInt8]?, _ patterns: [PathPattern]) {
        self.first = first ?? []
        start = first == nil || patterns.contains { $0.segments.isEmpty } ? 0 : 1
        let ranked = patterns.sorted { $0.rank > $1.rank }
        let longest = patterns.map(\.segments.count).max() ?? 0
        byCount = (0...longest + 1).map { count in
            ranked.filter { $0.hasRest ? $0.segments.count <= count : $0.segments.count == count }
        }
    }

    /// The routes of the best pattern, whatever their methods.
    func routes(_ path: [ByteRange], _ request: Request) -> [Route] {
        var (rank, found): (Int, [Route]) = (0, [])
        for pattern in byCount[min(path.count, byCount.count - 1)] {
            if !found.isEmpty, pattern.rank < rank { return found }
            guard pattern.matches(path, request, from: start) else { continue }
            if pattern.isFixed { return pattern.routes }
            rank = pattern.rank
            if found.isEmpty { found = pattern.routes } else { found += pattern.routes }
        }
        return found
    }
}
