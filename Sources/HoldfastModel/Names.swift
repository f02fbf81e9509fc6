// Small identifiers, each of its own type, so that two of them cannot be swapped.

package import Synchronization

/// A fencing number (rule 18): below 2^53, larger than every earlier one on its resource.
@usableFromInline package struct Fence: Hashable, Comparable, Sendable {
    @usableFromInline package var number: UInt64

    @inlinable package init(number: UInt64) { self.number = number }

    @inlinable package static var none: Fence { Fence(number: 0) }

    @inlinable package static func < (left: Fence, right: Fence) -> Bool {
        left.number < right.number
    }
}

/// The authenticated principal that a ticket belongs to (rule 4); one object per name and process.
///
/// A reference, because a million tickets share few owners. Two objects of one name are the same
/// owner: they are compared by name where they are not the same object.
package final class Owner: Sendable {
    package let name: String

    /// Live tickets of this owner on all loops, for the limit `tickets_per_principal`.
    package let liveTickets = Atomic<Int>(0)
    /// Open connections of this owner, for the limit `connections_per_principal`.
    package let connections = Atomic<Int>(0)
    /// What it may ask now, for the limit `requests_per_second`.
    package let requests = RateBucket()

    package init(name: String) { self.name = name }

    package static let anonymousName = "anonymous"
}

extension Owner: Hashable {
    @usableFromInline package static func == (left: Owner, right: Owner) -> Bool {
        left === right || left.name.utf8.elementsEqual(right.name.utf8)
    }
    @usableFromInline package func hash(into hasher: inout Hasher) {
        for byte in name.utf8 { hasher.combine(byte) }
    }
}

/// A session (rule 5); routes by its slot as a ticket does.
///
/// What keeps others out is its secret.
@usableFromInline package struct SessionID: Hashable, Sendable {
    @usableFromInline package let bits: UInt64

    @inlinable package init(bits: UInt64) { self.bits = bits }
    package init(slot: Slot, random: UInt64) {
        bits = random << 8 | UInt64(slot.number)
    }

    @usableFromInline package var slot: Slot { Slot(number: UInt8(truncatingIfNeeded: bits)) }

    /// Eleven characters of base64url.
    @usableFromInline package var text: String {
        var characters: [UInt8] = []
        for shift in stride(from: 60, through: 0, by: -6) {
            characters.append(
                Base64URL.character(of: UInt8(truncatingIfNeeded: bits >> UInt64(shift)) & 63)
            )
        }
        return String(decoding: characters, as: UTF8.self)
    }

    @usableFromInline package init?(_ text: String) {
        guard text.utf8.count == 11 else { return nil }
        var bits: UInt64 = 0
        for (index, character) in text.utf8.enumerated() {
            guard let value = Base64URL.value(of: character), index > 0 || value < 16 else {
                return nil
            }
            bits = bits << 6 | UInt64(value)
        }
        self.bits = bits
    }
}

/// One connection of this process, never used twice; the loop that serves it is in the low byte.
@usableFromInline package struct ConnectionID: Hashable, Sendable {
    @usableFromInline package let bits: UInt64

    @inlinable package init(bits: UInt64) { self.bits = bits }
    @inlinable package init(serial: UInt64, loop: LoopIndex) {
        bits = serial << 8 | UInt64(loop.number)
    }

    @inlinable package static var none: ConnectionID { ConnectionID(bits: .max) }

    @inlinable package var loop: LoopIndex {
        LoopIndex(number: UInt8(truncatingIfNeeded: bits))
    }
}

/// The place of an event loop among the loops of this process.
@usableFromInline package struct LoopIndex: Hashable, Sendable {
    @usableFromInline package let number: UInt8
    @inlinable package init(number: UInt8) { self.number = number }
}

/// Where a reply belongs: a request of a connection, counted from the connection's first.
@usableFromInline package struct RequestAddress: Hashable, Sendable {
    @usableFromInline package let connection: ConnectionID
    @usableFromInline package let request: UInt64

    @inlinable package init(connection: ConnectionID, request: UInt64) {
        self.connection = connection
        self.request = request
    }

    /// Nobody's.
    @usableFromInline package static let none = RequestAddress(connection: .none, request: 0)
}

/// The `id` that a client gave its request; echoed as it came.
@usableFromInline package enum RequestID: Hashable, Sendable {
    case absent
    case number(UInt64)
    case text(String)
}
