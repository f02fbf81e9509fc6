// The two replies that a lock and its release get, each written in one go: room for the longest is reserved once, then
// the bytes are put down one behind the other. The general writer asks for room at every word, which for these two
// made a sixth of what a cycle costs. Whatever is not quite so plain is written the general way, to the same bytes.

package import HoldfastModel

extension ReplyWriter {
    /// Appends the reply if it is one of the two; false, and nothing is changed, where it is not.
    static func writePlain(_ answer: Answer, to id: RequestID, into buffer: inout [UInt8]) -> Bool {
        switch answer {
        case .ticket(let answer): writePlain(answer, to: id, into: &buffer)
        case .released(let answer): writePlain(answer, to: id, into: &buffer)
        default: false
        }
    }

    private static func writePlain(
        _ answer: TicketAnswer,
        to id: RequestID,
        into buffer: inout [UInt8]
    ) -> Bool {
        guard case .acquired(let grant) = answer.standing, grant.waited == nil,
            !answer.isExisting, grant.remaining.nanoseconds >= 0
        else { return false }
        let told = ToldGrant(ticket: answer.ticket, fence: grant.fence, lease: answer.lease)
        let remaining = grant.remaining
        return writePlainly(told, remaining: remaining, of: answer.resource, to: id, into: &buffer)
    }

    private static func writePlain(
        _ answer: ReleaseAnswer,
        to id: RequestID,
        into buffer: inout [UInt8]
    ) -> Bool {
        guard case .released = answer.ended, !answer.already else { return false }
        return writePlainly(released: answer.ticket, to: id, into: &buffer)
    }

    /// Appends the reply to a request that was granted at once; false, and nothing is changed, where it is not plain.
    package static func writePlainly(
        _ grant: ToldGrant,
        of path: ResourcePath,
        to id: RequestID,
        into buffer: inout [UInt8]
    ) -> Bool {
        writePlainly(grant, remaining: grant.lease, of: path, to: id, into: &buffer)
    }

    private static func writePlainly(
        _ grant: ToldGrant,
        remaining: Interval,
        of path: ResourcePath,
        to id: RequestID,
        into buffer: inout [UInt8]
    ) -> Bool {
        guard id.isPlain, path.needsNoEscape else { return false }
        let bytes = path.text.utf8Span.span
        write(grant, remaining: remaining, of: bytes, to: id, into: &buffer)
        return true
    }

    /// The same for the release of a held ticket.
    package static func writePlainly(
        released ticket: TicketID,
        to id: RequestID,
        into buffer: inout [UInt8]
    ) -> Bool {
        guard id.isPlain else { return false }
        ReservedRoom.append(to: &buffer, atMost: fixedByteCountMax) { room in
            room.begin(id)
            room.put(ticket)
            room.putReleased()
            room.put("}\n")
        }
        return true
    }

    /// Appends the reply to a request that was granted at once.
    ///
    /// The path is bytes that need no escape.
    package static func write(
        _ grant: ToldGrant,
        of path: Span<UInt8>,
        to id: RequestID,
        into buffer: inout [UInt8]
    ) {
        write(grant, remaining: grant.lease, of: path, to: id, into: &buffer)
    }

    private static func write(
        _ grant: ToldGrant,
        remaining: Interval,
        of path: Span<UInt8>,
        to id: RequestID,
        into buffer: inout [UInt8]
    ) {
        let fixed = fixedByteCountMax
        ReservedRoom.append(to: &buffer, atMost: fixed + path.count) { room in
            room.begin(id)
            room.put(grant, remaining: remaining, of: path)
            room.put("}\n")
        }
    }

    /// Appends the same as a body of HTTP.
    ///
    /// The path is bytes that need no escape.
    package static func writeBody(
        _ grant: ToldGrant,
        of path: Span<UInt8>,
        into buffer: inout [UInt8]
    ) {
        ReservedRoom.append(to: &buffer, atMost: fixedByteCountMax + path.count) { room in
            room.put("{\"ticket\":\"")
            room.put(grant, remaining: grant.lease, of: path)
            room.put("}")
        }
    }

    /// Appends nothing but the text of the ticket.
    package static func write(_ ticket: TicketID, into buffer: inout [UInt8]) {
        ReservedRoom.append(to: &buffer, atMost: fixedByteCountMax) { $0.put(ticket) }
    }

    /// Appends a body of HTTP for the release of a held ticket, whose text stands in the request.
    package static func writeReleasedBody(_ ticket: Span<UInt8>, into buffer: inout [UInt8]) {
        ReservedRoom.append(to: &buffer, atMost: fixedByteCountMax) { room in
            room.put("{\"ticket\":\"")
            room.put(ticket)
            room.putReleased()
            room.put("}")
        }
    }

    /// To what a plain reply is one: its first member is the number, or it has none.
    package static func id(ofPlain line: Span<UInt8>) -> RequestID {
        let key: StaticString = "{\"id\":"
        guard line.count > key.utf8CodeUnitCount else { return .absent }
        for index in 0..<key.utf8CodeUnitCount where unsafe line[index] != key.utf8Start[index] {
            return .absent
        }
        var number: UInt64 = 0
        for index in key.utf8CodeUnitCount..<line.count {
            let digit = line[index] &- 0x30
            guard digit < 10 else { break }
            number = number &* 10 &+ UInt64(digit)
        }
        return .number(number)
    }

    /// Appends the reply to the release of a held ticket, whose text stands in the request.
    package static func writeReleased(
        _ ticket: Span<UInt8>,
        to id: RequestID,
        into buffer: inout [UInt8]
    ) {
        ReservedRoom.append(to: &buffer, atMost: fixedByteCountMax) { room in
            room.begin(id)
            room.put(ticket)
            room.putReleased()
            room.put("}\n")
        }
    }

    /// The words come to 104 bytes, a ticket to 28, an id and a fence to 24 each, two durations to 32 each.
    private static let fixedByteCountMax = 256
}

/// What a reply tells of a ticket that was granted as it was made.
package struct ToldGrant: Sendable {
    let ticket: TicketID
    let fence: Fence
    let lease: Interval

    package init(ticket: TicketID, fence: Fence, lease: Interval) {
        self.ticket = ticket
        self.fence = fence
        self.lease = lease
    }
}

extension RequestID {
    fileprivate var isPlain: Bool {
        switch self {
        case .absent, .number: true
        case .text: false
        }
    }
}

extension ResourcePath {
    /// A path has no control characters.
    fileprivate var needsNoEscape: Bool {
        let bytes = text.utf8Span.span
        guard bytes.count >= 8 else {
            for index in bytes.indices where bytes[index] == 0x22 || bytes[index] == 0x5c {
                return false
            }
            return true
        }
        var index = 0
        while index < bytes.count {
            let count = EightBytes(word: EightBytes.padded(bytes, at: index)).plainCount
            index &+= count
            // What is not ASCII is left to the general way, too.
            guard count == 8 || index >= bytes.count else { return false }
        }
        return true
    }
}

extension ReservedRoom {
    fileprivate mutating func begin(_ id: RequestID) {
        if case .number(let number) = id {
            put("{\"id\":")
            put(number)
            put(",\"ok\":true,\"ticket\":\"")
        } else {
            put("{\"ok\":true,\"ticket\":\"")
        }
    }

    /// From the ticket to the last member.
    @inline(__always)
    fileprivate mutating func put(_ grant: ToldGrant, remaining: Interval, of path: Span<UInt8>) {
        put(grant.ticket)
        put("\",\"resource\":\"")
        put(path)
        put("\",\"state\":\"acquired\",\"fence\":")
        put(grant.fence.number)
        put(",\"lease\":")
        put(seconds: grant.lease)
        put(",\"remaining\":")
        put(seconds: remaining.roundedDown)
    }

    @inline(__always)
    fileprivate mutating func putReleased() {
        put("\",\"state\":\"released\",\"ended\":\"released\"")
    }

    fileprivate mutating func put(_ ticket: TicketID) {
        let groups = ticket.characterGroups
        put(fixed: groups.0, byteCount: 7)
        put(fixed: groups.1, byteCount: 7)
        put(fixed: groups.2, byteCount: 7)
        put(fixed: groups.3, byteCount: 7)
    }

    fileprivate mutating func put(_ number: UInt64) {
        let (upper, lower) = number.quotientAndRemainder(dividingBy: 100_000_000)
        let digits = EightDigits(lower)
        guard upper > 0 else { return put(digits.characters, from: digits.zerosInFront) }
        put(upper)
        put(digits.characters, from: 0)
    }

    /// Of eight characters those that are left without the first ones.
    @inline(__always)
    private mutating func put(_ characters: UInt64, from first: Int) {
        put(fixed: characters >> UInt64(8 &* first), byteCount: 8 &- first)
    }

    /// As `appendSeconds` writes it, of what is not negative.
    fileprivate mutating func put(seconds interval: Interval) {
        let (whole, fraction) = interval.nanoseconds.magnitude
            .quotientAndRemainder(dividingBy: 1_000_000_000)
        put(whole)
        guard fraction > 0 else { return }
        put(byte: 0x2e)
        var (rest, digit): (UInt64, UInt64) = (fraction, 100_000_000)
        while rest > 0 {
            put(byte: UInt8(truncatingIfNeeded: 0x30 + rest / digit))
            rest %= digit
            digit /= 10
        }
    }
}
