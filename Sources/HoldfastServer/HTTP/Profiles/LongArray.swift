// Answers that list what may be tens of thousands, as APIs without pages ask for: sorted and written in slices, so that
// the loop serves others in between. Rejected: to send them piece by piece, because an error could not be told any more
// once the first piece was on its way.

import HoldfastHTTPCodec
import HoldfastWire

/// An array of JSON that grows while others are served.
struct LongArray {
    private(set) var body: [UInt8] = [0x5b]

    /// What is compared or written between two looks at what else is to do.
    static let sliceCount = 512

    mutating func add(_ write: (inout JSONWriter) -> Void) {
        if body.count > 1 { body.append(0x2c) }
        JSONWriter.append(to: &body, write)
    }

    mutating func add<Element>(
        _ elements: [Element],
        pause: () async -> Void,
        write: (Element, inout JSONWriter) -> Void
    ) async {
        for (index, element) in elements.enumerated() {
            if index % Self.sliceCount == Self.sliceCount - 1 { await pause() }
            add { write(element, &$0) }
        }
    }

    /// The answer with all of them; nothing may be added to it any more.
    mutating func reply() -> HTTPReply {
        body.append(0x5d)
        return HTTPReply(.ok, type: HTTPReply.json, body: body)
    }
}

extension Array {
    /// Sorted by merging slices; those that are equal stay in their order.
    func sorted(
        slice: Int = LongArray.sliceCount,
        pause: () async -> Void,
        by precedes: (Element, Element) -> Bool
    ) async -> [Element] {
        var runs: [[Element]] = []
        for start in stride(from: 0, to: count, by: slice) {
            if start > 0 { await pause() }
            runs.append(self[start..<Swift.min(start + slice, count)].sorted(by: precedes))
        }
        while runs.count > 1 {
            var merged: [[Element]] = []
            for first in stride(from: 0, to: runs.count, by: 2) {
                guard first + 1 < runs.count else {
                    merged.append(runs[first])
                    continue
                }
                let pair = (runs[first], runs[first + 1])
                merged.append(await merge(pair.0, pair.1, slice, pause, precedes))
            }
            runs = merged
        }
        return runs.first ?? []
    }
}

private func merge<Element>(
    _ left: [Element],
    _ right: [Element],
    _ slice: Int,
    _ pause: () async -> Void,
    _ precedes: (Element, Element) -> Bool
) async -> [Element] {
    var merged: [Element] = []
    merged.reserveCapacity(left.count + right.count)
    var (one, other) = (left.startIndex, right.startIndex)
    while one < left.endIndex, other < right.endIndex {
        if precedes(right[other], left[one]) {
            merged.append(right[other])
            other += 1
        } else {
            merged.append(left[one])
            one += 1
        }
        if merged.count.isMultiple(of: slice) { await pause() }
    }
    return merged + left[one...] + right[other...]
}
