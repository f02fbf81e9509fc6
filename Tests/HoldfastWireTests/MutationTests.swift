// Whatever bytes come, nothing traps, and what comes out can be sent: thousands of lines, each a valid one
// with some damage, the same in every run.

import HoldfastModel
import HoldfastWire
import Testing

private let seeds = [
    #"{"id":1,"op":"queue","resource":"deploy/prod","lease":30.5,"mode":"permit","permits":2,"of":3}"#,
    #"{"id":"x","op":"lock","resource":"a","wait":1e1,"key":"k","meta":{"a":"b","c":"\u00e9\ud83d\ude00"}}"#,
    #"{"op":"steal","resource":"é","reason":"\n","grace":0,"force":true,"unknown":[{},[],null,-1.5e-3]}"#,
    #"{"op":"hello","version":1,"session":{"grace":10},"resume":{"session":"AAAAAAAAAAB","secret":"s"}}"#,
    #"{"id":9007199254740991,"op":"acquire","ticket":"AAAAAAAAAAEAAAACAwAAAAQAAAAF","wait":86400}"#,
    #"{"op":"resources","prefix":"a/b","limit":1000,"sort":"queue","x":{"y":{"z":[[[[1]]]]}}}"#,
]

private let spice =
    Array("{}[]\",:\\/utrfn0123456789eE+-. \u{7f}é\u{0}\n\r".utf8) + [0xff, 0xc0, 0xed]

private func damage(_ line: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var line = line
    for _ in 0...(random.next() % 3) {
        let place = Int(random.next() % UInt64(line.count + 1))
        let byte = spice[Int(random.next() % UInt64(spice.count))]
        switch random.next() % 6 {
        case 0: line.insert(byte, at: place)
        case 1: if place < line.count { line[place] = byte }
        case 2: if place < line.count { line.remove(at: place) }
        case 3: line.removeSubrange(place...)
        case 4: if place < line.count { line[place] ^= 1 << UInt8(random.next() % 8) }
        default:
            let end = min(line.count, place + Int(random.next() % 20))
            line.insert(contentsOf: line[place..<end], at: Int(random.next() % UInt64(place + 1)))
        }
    }
    return line
}

/// The line that answers what was decoded.
private func reply(to decoded: DecodedLine) -> [UInt8] {
    var bytes: [UInt8] = []
    switch decoded {
    case .request(let request):
        ReplyWriter.write(.done, to: request.id, ignored: request.ignored, into: &bytes)
    case .refused(let line):
        ReplyWriter.write(line.refusal, to: line.id, ignored: line.ignored, into: &bytes)
    }
    return bytes
}

@Suite struct MutationTests {
    @Test(arguments: seeds.indices)
    func `damaged lines are answered with a line of JSON`(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let decoder = RequestDecoder()
        var acceptedCount = 0
        for _ in 0..<700 {
            let line = damage(Array(seeds[seed].utf8), &random)
            for piece in [LinePiece.line, .unfinished, .tooLong] {
                let decoded = decoder.decode(piece, line.span)
                let bytes = reply(to: decoded)
                let answer = try JSONValue(parsing: bytes.span)
                #expect(bytes.last == 0x0a && !bytes.dropLast().contains(0x0a))
                if case .request = decoded {
                    acceptedCount += 1
                    #expect(piece == .line)
                    #expect((try? JSONValue(parsing: line.span))?.members != nil)
                } else {
                    #expect(answer["ok"]?.bool == false)
                }
            }
        }
        #expect(acceptedCount > 0 && acceptedCount < 700)
    }

    @Test func `a line is refused as JSON exactly where the tree is`() throws {
        var random = SeededRandom(seed: 99)
        let decoder = RequestDecoder()
        for _ in 0..<700 {
            let seed = seeds[Int(random.next() % UInt64(seeds.count))]
            let line = damage(Array(seed.utf8), &random)
            guard case .refused(let refused) = decoder.decode(.line, line.span) else { continue }
            let isTree = (try? JSONValue(parsing: line.span))?.members != nil
            // A flaw of the line has an offset and no field.
            let isLineFlaw = refused.refusal.offset != nil && refused.refusal.field == nil
            #expect(isTree != isLineFlaw, "\(text(line))")
        }
    }

    @Test func `random bytes are framed and answered`() {
        var random = SeededRandom(seed: 17)
        var framer = LineFramer(limit: 64)
        let decoder = RequestDecoder()
        var answerCount = 0
        for _ in 0..<4_000 {
            if framer.state == .over { framer = LineFramer(limit: 64) }
            let chunk = (0..<(random.next() % 12)).map { _ in
                spice[Int(random.next() % UInt64(spice.count))]
            }
            framer.feed(chunk.span) { piece, bytes in
                answerCount += reply(to: decoder.decode(piece, bytes)).isEmpty ? 0 : 1
                return .goOn
            }
            #expect(framer.keptByteCount <= 66)
        }
        #expect(answerCount > 200)
    }
}
