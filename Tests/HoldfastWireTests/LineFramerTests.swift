// The framer against every way the bytes can be cut.

import HoldfastWire
import Testing

/// What a framer showed, as text.
private struct Shown: Equatable {
    var piece: LinePiece
    var text: String
    init(_ piece: LinePiece, _ text: String) {
        self.piece = piece
        self.text = text
    }
}

/// Feeds the chunks and the end of input, and collects what is shown.
private func show(_ chunks: [[UInt8]], limit: Int = 20, ends: Bool = true) -> [Shown] {
    var framer = LineFramer(limit: limit)
    var shown: [Shown] = []
    func take(_ piece: LinePiece, _ bytes: Span<UInt8>) -> LineFlow {
        shown.append(Shown(piece, text(bytes.indices.map { bytes[$0] })))
        return .goOn
    }
    for chunk in chunks { framer.feed(chunk.span, take) }
    if ends { framer.finish(take) }
    return shown
}

private let inputs: [(String, [Shown])] = [
    ("", []),
    ("\n", []),
    ("\r\n\n\r\n", []),
    ("a\n", [Shown(.line, "a")]),
    ("a\r\nb\n\nc\r\n", [Shown(.line, "a"), Shown(.line, "b"), Shown(.line, "c")]),
    ("a\r\r\n", [Shown(.line, "a\r")]),
    ("\r\r\n", [Shown(.line, "\r")]),
    ("a\rb\n", [Shown(.line, "a\rb")]),
    ("one\ntwo", [Shown(.line, "one"), Shown(.unfinished, "two")]),
    ("one\n\r", [Shown(.line, "one"), Shown(.unfinished, "\r")]),
    ("12345678901234567890\nx\n", [Shown(.line, "12345678901234567890"), Shown(.line, "x")]),
    ("12345678901234567890\r\n", [Shown(.line, "12345678901234567890")]),
    ("12345678901234567890\r", [Shown(.unfinished, "12345678901234567890\r")]),
    (
        "a\n123456789012345678901\nb\n",
        [Shown(.line, "a"), Shown(.tooLong, "12345678901234567890")]
    ),
    ("123456789012345678901", [Shown(.tooLong, "12345678901234567890")]),
    ("12345678901234567890\rx\n", [Shown(.tooLong, "12345678901234567890")]),
    ("12345678901234567890\r\r\n", [Shown(.tooLong, "12345678901234567890")]),
]

@Suite struct LineFramerTests {
    @Test(arguments: inputs.indices)
    func `every split in three shows the same lines`(index: Int) {
        let (input, expected) = inputs[index]
        let bytes = Array(input.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let chunks = [bytes[..<first], bytes[first..<second], bytes[second...]]
                #expect(show(chunks.map(Array.init)) == expected)
            }
        }
    }

    @Test(arguments: inputs.indices)
    func `a byte at a time shows the same lines`(index: Int) {
        let (input, expected) = inputs[index]
        #expect(show(Array(input.utf8).map { [$0] }) == expected)
    }

    @Test(arguments: [(19, LinePiece.line), (20, .line), (21, .tooLong)])
    func `a line may have as many bytes as the limit`(count: Int, piece: LinePiece) {
        let line = [UInt8](repeating: 0x61, count: count)
        for end in [[0x0a], [0x0d, 0x0a]] as [[UInt8]] {
            let shown = show([line + end], ends: false)
            #expect(shown.map(\.piece) == [piece])
        }
    }

    @Test func `a line that never ends is refused as soon as it is too long`() {
        let shown = show([[UInt8](repeating: 0x61, count: 21)], ends: false)
        #expect(shown.map(\.piece) == [.tooLong])
    }

    @Test func `nothing is shown after a line that was too long`() {
        var framer = LineFramer(limit: 2)
        var pieces: [LinePiece] = []
        framer.feed(Array("abc\nd\n".utf8).span) { piece, _ in
            pieces.append(piece)
            return .goOn
        }
        framer.feed(Array("e\n".utf8).span) { piece, _ in
            pieces.append(piece)
            return .goOn
        }
        framer.finish { piece, _ in
            pieces.append(piece)
            return .goOn
        }
        #expect(pieces == [.tooLong])
        #expect(framer.state == .over)
    }

    @Test func `an endless line holds no more than the limit and two bytes`() {
        var framer = LineFramer(limit: 20)
        for _ in 0..<21 {
            framer.feed(([0x0d] as [UInt8]).span) { _, _ in .goOn }
            #expect(framer.keptByteCount <= 22)
        }
        framer.feed([UInt8](repeating: 0x61, count: 100_000).span) { _, _ in .goOn }
        #expect(framer.keptByteCount == 0)
    }

    @Test func `an idle framer holds nothing`() {
        var framer = LineFramer(limit: 20)
        framer.feed(Array("ab".utf8).span) { _, _ in .goOn }
        #expect(framer.keptByteCount == 2)
        framer.feed(Array("c\n".utf8).span) { _, _ in .goOn }
        #expect(framer.keptByteCount == 0)
    }

    @Test(arguments: 0...6, 0...18)
    func `pausing anywhere loses and repeats nothing`(pauseAfter: Int, split: Int) {
        let bytes = Array("a\nb\r\n\ncc\nd\ne\nrest".utf8)
        var framer = LineFramer(limit: 20)
        var shown: [String] = []
        var sinceResume = 0
        func take(_ piece: LinePiece, _ span: Span<UInt8>) -> LineFlow {
            shown.append(text(span.indices.map { span[$0] }))
            sinceResume += 1
            return sinceResume > pauseAfter ? .pause : .goOn
        }
        func drain() {
            while framer.state == .paused {
                sinceResume = 0
                framer.resume(take)
            }
        }
        let cut = min(split, bytes.count)
        framer.feed(Array(bytes[..<cut]).span, take)
        // Half of the cases go on before more comes, the others are fed while paused.
        if split.isMultiple(of: 2) { drain() }
        framer.feed(Array(bytes[cut...]).span, take)
        drain()
        framer.finish(take)
        #expect(shown == ["a", "b", "cc", "d", "e", "rest"])
        #expect(framer.keptByteCount == 0)
    }

    @Test func `the end of input while paused waits for the lines before it`() {
        var framer = LineFramer(limit: 20)
        var shown: [Shown] = []
        func take(_ piece: LinePiece, _ span: Span<UInt8>) -> LineFlow {
            shown.append(Shown(piece, text(span.indices.map { span[$0] })))
            return .pause
        }
        framer.feed(Array("a\nb\nc".utf8).span, take)
        #expect(shown == [Shown(.line, "a")])
        framer.finish(take)
        #expect(shown == [Shown(.line, "a"), Shown(.line, "b")])
        framer.finish(take)
        #expect(shown == [Shown(.line, "a"), Shown(.line, "b"), Shown(.unfinished, "c")])
        #expect(framer.state == .over)
    }
}
