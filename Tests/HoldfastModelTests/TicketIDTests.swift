// Rule 3: ids that route by themselves, as text and back, and what no id can look like.

import HoldfastModel
import Testing

struct TicketIDTests {
    private func id(
        _ high: UInt64,
        _ low: UInt32,
        _ slot: UInt8,
        _ resource: UInt32,
        _ ticket: UInt32
    )
        -> TicketID
    {
        TicketID(
            secretHigh: high,
            secretLow: low,
            slot: Slot(number: slot),
            resourceIndex: resource,
            ticketIndex: ticket
        )
    }

    private var samples: [TicketID] {
        [
            id(0, 0, 0, 0, 0),
            id(.max, .max, .max, .max, .max),
            id(0x0102_0304_0506_0708, 0x090a_0b0c, 0x0d, 0x0e0f_1011, 0x1213_1415),
            id(1 << 63, 1, 0x80, 1 << 31, 1),
            id(1, 1 << 31, 1, 1, 1 << 31),
        ]
    }

    @Test func `rule 3 a ticket id survives its text`() {
        for sample in samples {
            #expect(TicketID(sample.text) == sample)
            #expect(sample.description == sample.text)
        }
    }

    @Test func `rule 3 every single bit of an id shows in its text`() {
        var ids: [TicketID] = []
        for bit in UInt64(0)..<64 { ids.append(id(1 << bit, 0, 0, 0, 0)) }
        for bit in UInt8(0)..<8 { ids.append(id(0, 0, 1 << bit, 0, 0)) }
        for bit in UInt32(0)..<32 {
            ids.append(id(0, 1 << bit, 0, 0, 0))
            ids.append(id(0, 0, 0, 1 << bit, 0))
            ids.append(id(0, 0, 0, 0, 1 << bit))
        }
        #expect(Set(ids.map(\.text)).count == 168)
        for id in ids { #expect(TicketID(id.text) == id) }
    }

    @Test func `rule 3 an id is 16 to 40 characters of the protocol's alphabet`() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for sample in samples {
            #expect(sample.text.utf8.count == TicketID.characterCount)
            #expect((16...40).contains(sample.text.utf8.count))
            #expect(sample.text.allSatisfy { alphabet.contains($0) })
        }
    }

    @Test func `an id is written in the byte order that base64url names`() {
        #expect(samples[2].text == "AQIDBAUGBwgJCgsMDQ4PEBESExQV")
        #expect(samples[1].text == String(repeating: "_", count: 28))
    }

    @Test func `a text that no ticket can have is refused`() {
        let good = samples[2].text
        let start = String(good.dropLast())
        let ends = ["", "AA", "=", "+", "/", " ", "\u{0}", "é"]
        let wrong = ["", "A", "é" + String(good.dropFirst(2))] + ends.map { start + $0 }
        for text in wrong { #expect(TicketID(text) == nil, "\(text)") }
    }

    @Test func `an id read from bytes is the one read from text`() {
        let bytes = Array(samples[2].text.utf8)
        #expect(TicketID(text: bytes.span) == samples[2])
    }
}

struct Base64URLTests {
    @Test func `value and character undo each other for all 64 values`() {
        for value in UInt8(0)..<64 {
            #expect(Base64URL.value(of: Base64URL.character(of: value)) == value)
        }
    }

    @Test func `the alphabet is that of RFC 4648 section 5`() {
        let characters = (UInt8(0)..<64).map { Base64URL.character(of: $0) }
        #expect(
            String(decoding: characters, as: UTF8.self)
                == "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        )
    }

    @Test func `exactly 64 bytes have a value`() {
        #expect((UInt8.min...UInt8.max).count { Base64URL.value(of: $0) != nil } == 64)
    }
}
