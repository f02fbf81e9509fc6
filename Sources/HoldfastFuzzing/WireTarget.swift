// Bytes as a client may send them, through framer, reader and decoder. However they are split, the same lines come
// out, and they are those that PROTOCOL §1 defines, found here in the dumbest way. Every line becomes a request or a
// refusal that can be sent, and Foundation reads it as we do. The inputs are plain protocol text: what chance decides
// (where a read ends) is drawn from the bytes themselves, so that a person can write and read a corpus.

import HoldfastModel
import HoldfastWire

/// The line protocol up to the request.
package struct WireTarget: FuzzTarget {
    package let name = "wire"

    /// The default, and one that inputs reach.
    private let limits = [65_536, 40]
    private let decoder = RequestDecoder()

    package init() {}

    package func run(_ bytes: [UInt8]) throws(Finding) {
        for limit in limits {
            let expected = FramedPiece.all(in: bytes, limit: limit)
            for reading in Reading.allCases {
                let framed = framed(bytes, reading, limit: limit)
                try demand(framed == expected, "\(reading), limit \(limit): \(framed)")
            }
        }
        for piece in FramedPiece.all(in: bytes, limit: limits[0]) {
            try LineCheck(decoder, piece.bytes).run(as: piece.kind)
            _ = try JSONComparison(of: piece.bytes).difference()
        }
        // A line end is white space inside of a text, too.
        if bytes.contains(0x0a) { _ = try JSONComparison(of: bytes).difference() }
    }

    /// How the bytes come.
    enum Reading: CaseIterable {
        case whole
        case byteByByte
        case inSplits
        /// The consumer takes one line, and goes on some reads later.
        case withPauses
    }

    private func framed(_ bytes: [UInt8], _ reading: Reading, limit: Int) -> [FramedPiece] {
        var framer = LineFramer(limit: limit)
        var chance = Chance(seed: bytes)
        var pieces: [FramedPiece] = []
        let pauses = reading == .withPauses
        func take(_ kind: LinePiece, _ bytes: Span<UInt8>) -> LineFlow {
            pieces.append(FramedPiece(kind: kind, bytes: bytes.indices.map { bytes[$0] }))
            return pauses ? .pause : .goOn
        }
        var start = 0
        while start < bytes.count {
            let count =
                switch reading {
                case .whole: bytes.count
                case .byteByByte: 1
                case .inSplits, .withPauses: chance.pick(9)
                }
            let end = min(bytes.count, start + count)
            framer.feed(bytes.span.extracting(start..<end), take)
            if pauses, chance.pick(2) == 0 { framer.resume(take) }
            precondition(pauses || framer.keptByteCount <= limit + 2, "more is kept than a line")
            start = end
        }
        repeat { framer.finish(take) } while framer.state == .paused
        return pieces
    }
}

/// A piece of the input as the framer shows it.
struct FramedPiece: Equatable {
    var kind: LinePiece
    var bytes: [UInt8]

    /// What PROTOCOL §1 says that these bytes are.
    static func all(in bytes: [UInt8], limit: Int) -> [FramedPiece] {
        var pieces: [FramedPiece] = []
        var parts = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        let rest = parts.removeLast()
        for part in parts {
            let line = part.last == 0x0d ? part.dropLast() : part
            guard line.count <= limit else { return pieces + [tooLong(line, limit)] }
            if !line.isEmpty { pieces.append(FramedPiece(kind: .line, bytes: Array(line))) }
        }
        // The byte above the limit may be the `\r` of a line end that never came.
        let mayBecomeLine = rest.count <= limit || rest.count == limit + 1 && rest.last == 0x0d
        guard mayBecomeLine else { return pieces + [tooLong(rest, limit)] }
        if !rest.isEmpty { pieces.append(FramedPiece(kind: .unfinished, bytes: Array(rest))) }
        return pieces
    }

    private static func tooLong(_ line: ArraySlice<UInt8>, _ limit: Int) -> FramedPiece {
        FramedPiece(kind: .tooLong, bytes: Array(line.prefix(limit)))
    }
}

/// Chance that the input decides.
struct Chance {
    private var state: UInt64

    init(seed bytes: [UInt8]) {
        state = bytes.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }

    /// A number from 0 to below `count`.
    mutating func pick(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
    }
}
