// The opaque name of a ticket (rule 3): 96 random bits, and the way to it: slot, the resource's
// place in the slot's table and the ticket's place in the resource. Routing by itself means no
// second index has to be kept for a million tickets; the random bits mean nobody can guess or
// outlive one.

/// The id of a ticket; 21 bytes, written as 28 characters of base64url.
@usableFromInline package struct TicketID: Hashable, Sendable {
    @usableFromInline package let secretHigh: UInt64
    @usableFromInline package let secretLow: UInt32
    @usableFromInline package let slot: Slot
    @usableFromInline package let resourceIndex: UInt32
    @usableFromInline package let ticketIndex: UInt32

    @usableFromInline package static let characterCount = 28

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
    @usableFromInline package init?(text: Span<UInt8>) {
        guard text.count == TicketID.characterCount else { return nil }
        guard let first = Base64URL.bits(ofSeven: text.eightBytes(at: 0) & TicketID.seven),
            let second = Base64URL.bits(ofSeven: text.eightBytes(at: 7) & TicketID.seven),
            let third = Base64URL.bits(ofSeven: text.eightBytes(at: 14) & TicketID.seven),
            let fourth = Base64URL.bits(ofSeven: text.eightBytes(at: 20) >> 8)
        else { return nil }
        secretHigh = first << 22 | second >> 20
        secretLow = UInt32(truncatingIfNeeded: second << 12 | third >> 30)
        slot = Slot(number: UInt8(truncatingIfNeeded: third >> 22))
        resourceIndex = UInt32(truncatingIfNeeded: third << 10 | fourth >> 32)
        ticketIndex = UInt32(truncatingIfNeeded: fourth)
    }

    /// The lower seven bytes: 168 bits are four times seven characters of six.
    private static let seven: UInt64 = 0x00ff_ffff_ffff_ffff

    @usableFromInline package init?(_ text: String) {
        self.init(text: text.utf8Span.span)
    }

    /// The 28 characters as four words of seven, the first in the lowest byte.
    @inlinable
    package var characterGroups: (UInt64, UInt64, UInt64, UInt64) {
        let groups = bitGroups
        return (
            Base64URL.characters(ofSeven: groups.0), Base64URL.characters(ofSeven: groups.1),
            Base64URL.characters(ofSeven: groups.2), Base64URL.characters(ofSeven: groups.3)
        )
    }

    /// The 168 bits as four groups of 42.
    @inlinable
    var bitGroups: (UInt64, UInt64, UInt64, UInt64) {
        let (low, resource) = (UInt64(secretLow), UInt64(resourceIndex))
        return (
            secretHigh >> 22,
            secretHigh << 20 | low >> 12,
            low << 30 | UInt64(slot.number) << 22 | resource >> 10,
            resource << 32 | UInt64(ticketIndex)
        )
    }

    /// The 28 characters, one after another, without building a string.
    @inlinable
    package func withCharacters(_ body: (UInt8) -> Void) {
        let groups = bitGroups
        TicketID.withCharacters(of: groups.0, body)
        TicketID.withCharacters(of: groups.1, body)
        TicketID.withCharacters(of: groups.2, body)
        TicketID.withCharacters(of: groups.3, body)
    }

    /// Seven characters for the lower 42 bits.
    @inlinable
    static func withCharacters(of group: UInt64, _ body: (UInt8) -> Void) {
        var shift: UInt64 = 42
        while shift > 0 {
            shift -= 6
            body(Base64URL.character(of: UInt8(truncatingIfNeeded: group >> shift) & 63))
        }
    }

    @usableFromInline package var text: String {
        var characters: [UInt8] = []
        characters.reserveCapacity(TicketID.characterCount)
        withCharacters { characters.append($0) }
        return String(decoding: characters, as: UTF8.self)
    }
}

extension TicketID: CustomStringConvertible {
    @usableFromInline package var description: String { text }
}

/// The alphabet of RFC 4648 §5.
@usableFromInline package enum Base64URL {
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
