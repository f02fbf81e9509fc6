// What the fuzzers begin with, and what they once found, stays right. Without a fuzzer at hand, some thousand damaged
// copies of the corpus go the same way.

import HoldfastFuzzing
import HoldfastModel
import TestSupport
import Testing

@Suite(.offThePool)
struct CorpusTests {
    @Test func `every target has a corpus`() {
        for target in FuzzTargets.all {
            #expect(CorpusInput.inputs(of: target.name).count > 10, "\(target.name)")
        }
    }

    @Test(arguments: CorpusInput.all)
    func `nothing is found in the corpus`(input: CorpusInput) throws {
        let target = try #require(FuzzTargets.all.first { $0.name == input.target })
        try target.run(input.bytes)
    }

    @Test(arguments: CorpusInput.all)
    func `nothing is found in damaged inputs`(input: CorpusInput) throws {
        let target = try #require(FuzzTargets.all.first { $0.name == input.target })
        var damage = Damage(seed: 1)
        for _ in 0..<25 { try target.run(damage.done(to: input.bytes)) }
    }
}

/// Changes bytes, the same way in every run.
struct Damage {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func done(to bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...pick(3) {
            let place = pick(bytes.count + 1)
            switch pick(5) {
            case 0: bytes.insert(spice(), at: place)
            case 1 where place < bytes.count: bytes[place] = spice()
            case 2 where place < bytes.count: bytes.remove(at: place)
            case 3 where place < bytes.count: bytes[place] ^= 1 << UInt8(pick(8))
            default:
                let end = min(bytes.count, place + pick(20))
                bytes.insert(contentsOf: bytes[place..<end], at: pick(bytes.count + 1))
            }
        }
        return bytes
    }

    private static let spices =
        Array("{}[]\",:\\/utrfn0123456789eE+-. \n\r\u{0}\u{7f}".utf8)
        + [0xff, 0xc0, 0xed, 0xa0, 0x80, 0xf4, 0xbf]

    private mutating func spice() -> UInt8 { Damage.spices[pick(Damage.spices.count)] }

    private mutating func pick(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
    }
}
