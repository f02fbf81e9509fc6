// The opaque name of a ticket (rule 3): 96 random bits, and the way to it: slot, the resource's
// place in the slot's table and the ticket's place in the resource. Routing by itself means no
// second index has to be kept for a million tickets; the random bits mean nobody can guess or
// outlive one.

/// The id of a ticket; 21 bytes, written as 28 characters of base64url.
package struct TicketID: Hashable, Sendable {
    package let secretHigh: UInt64
    package let secretLow: UInt32
    package let slot: Slot
    package let resourceIndex: UInt32
    package let ticketIndex: UInt32

    package static let characterCount = 28
    private static let byteCount = 21

    @inlinable
    package init(
        secretHigh: UInt64,
        secretLow: UInt32,
        slot: Slot,
        resourceIndex: UInt32,
        ticketIndex: UInt32
    ) {
        self.secretHigh = secretHigh
        self.secretLow = secretLow
        self.slot = slot
        self.resourceIndex = resourceIndex
        self.ticketIndex = ticketIndex
    }

    /// Nil for a text that no ticket can have.
    package init?(text: Span<UInt8>) {
        guard text.count == TicketID.characterCount else { return nil }
        var bytes = [21 of UInt8](repeating: 0)
        for group in 0..<(TicketID.byteCount / 3) {
            var bits: UInt32 = 0
            for offset in 0..<4 {
                guard let value = Base64URL.value(of: text[group * 4 + offset]) else { return nil }
                bits = bits << 6 | UInt32(value)
            }
            bytes[group * 3] = UInt8(truncatingIfNeeded: bits >> 16)
            bytes[group * 3 + 1] = UInt8(truncatingIfNeeded: bits >> 8)
            bytes[group * 3 + 2] = UInt8(truncatingIfNeeded: bits)
        }
        func integer(at start: Int, byteCount: Int) -> UInt64 {
            (start..<start + byteCount).reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
        }
        secretHigh = integer(at: 0, byteCount: 8)
        secretLow = UInt32(truncatingIfNeeded: integer(at: 8, byteCount: 4))
        slot = Slot(number: bytes[12])
        resourceIndex = UInt32(truncatingIfNeeded: integer(at: 13, byteCount: 4))
        ticketIndex = UInt32(truncatingIfNeeded: integer(at: 17, byteCount: 4))
    }

    package init?(_ text: String) {
        self.init(text: text.utf8Span.span)
    }

    /// The 28 characters, one after another, without building a string.
    @inlinable
    package func withCharacters(_ body: (UInt8) -> Void) {
        var bytes = [21 of UInt8](repeating: 0)
        for offset in 0..<8 {
            bytes[offset] = UInt8(truncatingIfNeeded: secretHigh >> UInt64(56 - offset * 8))
        }
        for offset in 0..<4 {
            let shift = UInt32(24 - offset * 8)
            bytes[8 + offset] = UInt8(truncatingIfNeeded: secretLow >> shift)
            bytes[13 + offset] = UInt8(truncatingIfNeeded: resourceIndex >> shift)
            bytes[17 + offset] = UInt8(truncatingIfNeeded: ticketIndex >> shift)
        }
        bytes[12] = slot.number
        for group in 0..<7 {
            let bits =
                UInt32(bytes[group * 3]) << 16 | UInt32(bytes[group * 3 + 1]) << 8
                | UInt32(bytes[group * 3 + 2])
            for offset in 0..<4 {
                body(
                    Base64URL.character(
                        of: UInt8(truncatingIfNeeded: bits >> UInt32(18 - offset * 6)) & 63
                    )
                )
            }
        }
    }

    package var text: String {
        var characters: [UInt8] = []
        characters.reserveCapacity(TicketID.characterCount)
        withCharacters { characters.append($0) }
        return String(decoding: characters, as: UTF8.self)
    }
}

extension TicketID: CustomStringConvertible {
    package var description: String { text }
}

/// The alphabet of RFC 4648 §5.
package enum Base64URL {
    @inlinable
    package static func character(of value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: value + 0x41
        case 26..<52: value - 26 + 0x61
        case 52..<62: value - 52 + 0x30
        case 62: 0x2d
        default: 0x5f
        }
    }

    @inlinable
    package static func value(of character: UInt8) -> UInt8? {
        switch character {
        case 0x41...0x5a: character - 0x41
        case 0x61...0x7a: character - 0x61 + 26
        case 0x30...0x39: character - 0x30 + 52
        case 0x2d: 62
        case 0x5f: 63
        default: nil
        }
    }
}
