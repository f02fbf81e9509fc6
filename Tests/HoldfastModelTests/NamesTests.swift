// The small identifiers: sessions, connections, owners, fences.

import HoldfastModel
import Testing

struct NamesTests {
    @Test(arguments: [0, 1, 0xff, 0x100, 1 << 59, 1 << 60, 1 << 63, .max, 0x0123_4567_89ab_cdef])
    func `a session id survives its text of eleven characters`(bits: UInt64) {
        let id = SessionID(bits: bits)
        #expect(id.text.utf8.count == 11)
        #expect(SessionID(id.text) == id)
    }

    @Test func `every bit of a session id shows in its text`() {
        let texts = (0..<64).map { SessionID(bits: 1 << UInt64($0)).text }
        #expect(Set(texts).count == 64)
    }

    @Test(
        arguments: [
            "", "A", "AAAAAAAAAA", "AAAAAAAAAAAA", "QAAAAAAAAAA", "_AAAAAAAAAA", "AAAAA=AAAAA",
            "AAAAAAAAAA ", "AAAAAAAAAé",
        ]
    )
    func `a text that names no session is refused`(text: String) {
        #expect(SessionID(text) == nil)
    }

    @Test func `the largest first character of a session id is P`() {
        #expect(SessionID("P__________") == SessionID(bits: .max))
    }

    @Test func `a session id routes by its slot`() {
        let id = SessionID(slot: Slot(number: 200), random: .max)
        #expect(id.slot == Slot(number: 200))
        #expect(SessionID(slot: Slot(number: 200), random: 0).bits == 200)
    }

    @Test func `a connection id names its loop`() {
        let id = ConnectionID(serial: 77, loop: LoopIndex(number: 3))
        #expect(id.loop == LoopIndex(number: 3))
        #expect(id != ConnectionID(serial: 77, loop: LoopIndex(number: 2)))
        #expect(id != ConnectionID(serial: 78, loop: LoopIndex(number: 3)))
        #expect(id != .none)
    }

    @Test func `two objects of one name are the same owner`() {
        let (one, other) = (Owner(name: "ci"), Owner(name: "ci"))
        #expect(one == other)
        #expect(Set([one, other, Owner(name: "cd")]).count == 2)
    }

    @Test func `owners are compared by bytes, never by canonical equivalence`() {
        let (composed, decomposed) = (Owner(name: "caf\u{e9}"), Owner(name: "cafe\u{301}"))
        #expect(composed.name == decomposed.name)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test func `rule 18 fences are ordered by their number`() {
        #expect(Fence.none < Fence(number: 1))
        #expect(Fence(number: 9) < Fence(number: 10))
        #expect(!(Fence(number: 10) < Fence(number: 10)))
    }
}
