// The lines that nearly all traffic consists of, recognised in one pass: an object without space, whose members are
// `id`, `op` and those few that every lock, poll, renewal and release has, each once, as whole numbers and as strings
// of ASCII without escapes. Keys are told from each other by the eight bytes that they begin with. Whatever is the
// least bit different is left to the general way, which comes to the same operation where it comes to one: a test and
// the fuzzer hold both to it. What this buys is two thirds of what decoding costs.

package import HoldfastModel

/// What stands in a plain line.
///
/// Small, because it is handed on by value: an optional for each member made it three times as large.
package struct PlainLine {
    private(set) var seen: Members = []
    private var givenNumber: UInt64 = 0
    private var givenName = OperationName.ping
    private var givenNotify = Notify.state
    private var resourcePlace = Place.none
    private var ticketPlace = Place.none
    private var keyPlace = Place.none
    private var givenLease = 0
    private var givenWait = 0
    private var offset = 1

    /// Which members were there.
    struct Members: OptionSet {
        let rawValue: UInt8

        static let id = Members(rawValue: 1)
        static let op = Members(rawValue: 2)
        static let resource = Members(rawValue: 4)
        static let ticket = Members(rawValue: 8)
        static let lease = Members(rawValue: 16)
        static let wait = Members(rawValue: 32)
        static let notify = Members(rawValue: 64)
        static let key = Members(rawValue: 128)
    }

    /// Where a text stands.
    private struct Place {
        var start: UInt32
        var end: UInt32

        static let none = Place(start: 0, end: 0)

        @inline(__always) var range: Range<Int> { Int(start)..<Int(end) }
    }

    var name: OperationName? { seen.contains(.op) ? givenName : nil }
    var resource: Range<Int>? { seen.contains(.resource) ? resourcePlace.range : nil }
    var ticket: Range<Int>? { seen.contains(.ticket) ? ticketPlace.range : nil }
    var key: Range<Int>? { seen.contains(.key) ? keyPlace.range : nil }
    var lease: Int? { seen.contains(.lease) ? givenLease : nil }
    var wait: Int? { seen.contains(.wait) ? givenWait : nil }
    var notify: Notify? { seen.contains(.notify) ? givenNotify : nil }

    /// Nil for a line that is not plain.
    @inline(__always)
    init?(_ bytes: Span<UInt8>) {
        self.init(beginning: bytes)
        guard byteCount == bytes.count else { return nil }
    }

    /// The same of bytes that only begin with it.
    @inline(__always)
    init?(beginning bytes: Span<UInt8>) {
        guard bytes.count >= 8, bytes[0] == 0x7b else { return nil }
        repeat {
            guard readMember(bytes), offset < bytes.count else { return nil }
            offset &+= 1
        } while bytes[offset &- 1] == 0x2c
        guard bytes[offset &- 1] == 0x7d else { return nil }
    }

    /// As long as it is, without an end of the line.
    package var byteCount: Int { offset }

    /// False where the member is not plain, or was there already.
    @inline(__always)
    private mutating func readMember(_ bytes: Span<UInt8>) -> Bool {
        let key = word(bytes)
        if key & 0xff_ffff_ffff == 0x3a_2264_6922 {  // "id":
            offset &+= 5
            guard notes(.id), let read = readNumber(bytes) else { return false }
            givenNumber = UInt64(read)
        } else if key & 0xffff_ffff_ffff == 0x223a_2270_6f22 {  // "op":"
            offset &+= 6
            guard notes(.op), let read = readName(bytes) else { return false }
            givenName = read
        } else if key == 0x6372_756f_7365_7222 {  // "resourc
            offset &+= 8
            guard notes(.resource), word(bytes) & 0xffff_ffff == 0x223a_2265 else { return false }
            offset &+= 4
            guard let read = readText(bytes) else { return false }
            resourcePlace = read
        } else if key == 0x2274_656b_6369_7422 {  // "ticket"
            offset &+= 8
            guard notes(.ticket), word(bytes) & 0xffff == 0x223a else { return false }
            offset &+= 2
            guard let read = readText(bytes) else { return false }
            ticketPlace = read
        } else if key == 0x3a22_6573_6165_6c22 {  // "lease":
            offset &+= 8
            guard notes(.lease), let read = readNumber(bytes) else { return false }
            givenLease = read
        } else if key & 0xff_ffff_ffff_ffff == 0x3a_2274_6961_7722 {  // "wait":
            offset &+= 7
            guard notes(.wait), let read = readNumber(bytes) else { return false }
            givenWait = read
        } else if key == 0x2279_6669_746f_6e22 {  // "notify"
            offset &+= 8
            guard notes(.notify), word(bytes) & 0xffff == 0x223a else { return false }
            offset &+= 2
            guard let read = readNotify(bytes) else { return false }
            givenNotify = read
        } else if key & 0xff_ffff_ffff_ffff == 0x22_3a22_7965_6b22 {  // "key":"
            offset &+= 7
            guard notes(.key), let read = readText(bytes) else { return false }
            keyPlace = read
        } else {
            return false
        }
        return true
    }

    /// False where it was there already.
    @inline(__always)
    private mutating func notes(_ member: Members) -> Bool {
        guard !seen.contains(member) else { return false }
        seen.insert(member)
        return true
    }

    @inline(__always)
    private mutating func readNotify(_ bytes: Span<UInt8>) -> Notify? {
        let word = word(bytes)
        if word & 0xff_ffff_ffff == 0x22_656e_6f6e {  // none"
            offset &+= 5
            return Notify.none
        }
        guard word & 0xffff_ffff_ffff == 0x2265_7461_7473 else { return nil }  // state"
        offset &+= 6
        return .state
    }

    /// The next eight bytes, the first in the lowest; zeros where the line is over.
    @inline(__always)
    private func word(_ bytes: Span<UInt8>) -> UInt64 { EightBytes.padded(bytes, at: offset) }

    /// Up to 15 digits, which every JSON reader keeps exactly.
    @inline(__always)
    private mutating func readNumber(_ bytes: Span<UInt8>) -> Int? {
        let word = word(bytes)
        let count = EightBytes(word: word).digitCount
        guard count < 8 else { return readLongNumber(bytes) }
        guard count > 0, count == 1 || word & 0xff != 0x30 else { return nil }
        offset &+= count
        return Int(EightBytes(word: word).number(ofDigits: count))
    }

    @inline(never)
    private mutating func readLongNumber(_ bytes: Span<UInt8>) -> Int? {
        var value = 0
        let start = offset
        while offset < bytes.count {
            let digit = bytes[offset] &- 0x30
            guard digit < 10 else { break }
            value = value &* 10 &+ Int(digit)
            offset &+= 1
        }
        let count = offset &- start
        guard count > 0, count <= 15, count == 1 || bytes[start] != 0x30 else { return nil }
        return value
    }

    @inline(__always)
    private mutating func readName(_ bytes: Span<UInt8>) -> OperationName? {
        let word = word(bytes)
        if word & 0xff_ffff_ffff == 0x22_6b63_6f6c { return passed(.lock, 5) }
        if word == 0x2265_7361_656c_6572 { return passed(.release, 8) }
        if word & 0xffff_ffff_ffff == 0x2277_656e_6572 { return passed(.renew, 6) }
        if word & 0xffff_ffff_ffff == 0x2265_7565_7571 { return passed(.queue, 6) }
        if word == 0x2265_7269_7571_6361 { return passed(.acquire, 8) }
        return nil
    }

    @inline(__always)
    private mutating func passed(_ name: OperationName, _ count: Int) -> OperationName {
        offset &+= count
        return name
    }

    /// Where the text stands whose opening quote was passed; its closing one is passed, too.
    @inline(__always)
    private mutating func readText(_ bytes: Span<UInt8>) -> Place? {
        let start = offset
        var count = 8
        while count == 8 {
            count = EightBytes(word: word(bytes)).plainCount
            offset &+= count
        }
        guard offset < bytes.count, bytes[offset] == 0x22 else { return nil }
        offset &+= 1
        // A line is never as long as the largest of these numbers.
        return Place(
            start: UInt32(truncatingIfNeeded: start),
            end: UInt32(truncatingIfNeeded: offset &- 1)
        )
    }
}

extension PlainLine {
    package var id: RequestID { seen.contains(.id) ? .number(givenNumber) : .absent }
}

/// What a plain line asks, where that can be done without an operation that carries it.
package enum PlainAsk: Sendable {
    /// The path is bytes that may be no path.
    case queue(path: Range<Int>, lease: Interval, notify: Notify)
    case lock(path: Range<Int>, lease: Interval, notify: Notify, wait: Interval?)
    /// The text is that of the ticket, as any reply would write it.
    case release(TicketID, text: Range<Int>)
}

extension RequestDecoder {
    /// Nil for a line that is not plain.
    package func plainLine(_ bytes: Span<UInt8>) -> PlainLine? { PlainLine(bytes) }

    /// The plain line with which the bytes begin, if it has its end there: to look for that first takes half as long as
    /// to read the line.
    package func plainLine(beginning bytes: Span<UInt8>) -> PlainLine? {
        guard let line = PlainLine(beginning: bytes), line.byteCount < bytes.count,
            bytes[line.byteCount] == 0x0a
        else { return nil }
        return line
    }

    /// Nil where it takes an operation.
    package func plainAsk(_ line: borrowing PlainLine, _ bytes: Span<UInt8>) -> PlainAsk? {
        guard let name = line.name else { return nil }
        return plainAsk(line, as: name, bytes)
    }

    /// The same of an object that does not say which operation it asks, as HTTP has them.
    package func plainAsk(of object: Span<UInt8>, as name: OperationName) -> PlainAsk? {
        guard let line = PlainLine(object), line.seen.isDisjoint(with: [.id, .op]) else {
            return nil
        }
        return plainAsk(line, as: name, object)
    }

    @inline(__always)
    private func plainAsk(
        _ line: borrowing PlainLine,
        as name: OperationName,
        _ bytes: Span<UInt8>
    ) -> PlainAsk? {
        switch name {
        case .queue:
            guard line.seen.isSubset(of: [.id, .op, .resource, .lease, .notify]),
                let path = line.resource, isLease(line.lease)
            else { return nil }
            return .queue(path: path, lease: lease(of: line), notify: line.notify ?? .state)
        case .lock:
            guard line.seen.isSubset(of: [.id, .op, .resource, .lease, .notify, .wait]),
                let path = line.resource, isLease(line.lease), isDuration(line.wait)
            else { return nil }
            let (lease, wait) = (lease(of: line), line.wait.map(Interval.seconds))
            return .lock(path: path, lease: lease, notify: line.notify ?? .state, wait: wait)
        case .release:
            guard line.seen.isSubset(of: [.id, .op, .ticket]), let text = line.ticket,
                let ticket = TicketID(text: bytes.extracting(text))
            else { return nil }
            return .release(ticket, text: text)
        default:
            return nil
        }
    }

    @inline(__always)
    private func lease(of line: borrowing PlainLine) -> Interval {
        line.lease.map(Interval.seconds) ?? TicketRequest.leaseDefault
    }

    /// What a plain line asks; nil leaves the line to the general way.
    func plainRequest(_ line: borrowing PlainLine, _ bytes: Span<UInt8>) -> DecodedRequest? {
        guard let operation = plainOperation(line, bytes) else { return nil }
        return DecodedRequest(id: line.id, operation: operation, ignored: [])
    }

    @inline(__always)
    private func plainOperation(_ line: borrowing PlainLine, _ bytes: Span<UInt8>) -> Operation? {
        switch line.name {
        case .lock:
            guard line.ticket == nil, isDuration(line.wait) else { return nil }
            let wait = line.wait.map(Interval.seconds)
            return plainTicketRequest(line, bytes).map { .lock($0, wait: wait) }
        case .queue:
            guard line.ticket == nil, line.wait == nil else { return nil }
            return plainTicketRequest(line, bytes).map(Operation.queue)
        case .release:
            guard line.lease == nil, line.wait == nil else { return nil }
            return plainTicket(line, bytes).map { .release($0, reason: nil) }
        case .renew:
            guard line.wait == nil, isLease(line.lease) else { return nil }
            let lease = line.lease.map(Interval.seconds)
            return plainTicket(line, bytes).map { .renew($0, lease: lease) }
        case .acquire:
            guard line.lease == nil, isDuration(line.wait) else { return nil }
            let wait = line.wait.map(Interval.seconds)
            return plainTicket(line, bytes).map { .acquire($0, wait: wait) }
        default:
            return nil
        }
    }

    @inline(__always)
    private func plainTicketRequest(
        _ line: borrowing PlainLine,
        _ bytes: Span<UInt8>
    ) -> TicketRequest? {
        guard let place = line.resource, isLease(line.lease),
            let path = ResourcePath(plainASCII: bytes.extracting(place))
        else { return nil }
        var request = TicketRequest(resource: path)
        if let lease = line.lease { request.lease = .seconds(lease) }
        if let notify = line.notify { request.notify = notify }
        guard let key = line.key else { return request }
        guard 1...TicketRequest.keyBytesMax ~= key.count else { return nil }
        let text = JSONText(start: key.lowerBound, end: key.upperBound, isPlain: true)
        request.details = TicketDetails(key: text.text(in: bytes))
        return request
    }

    @inline(__always)
    private func plainTicket(_ line: borrowing PlainLine, _ bytes: Span<UInt8>) -> TicketReference?
    {
        guard let place = line.ticket, line.resource == nil, line.key == nil, line.notify == nil
        else { return nil }
        return TicketReference(ticket: TicketID(text: bytes.extracting(place)))
    }

    @inline(__always)
    private func isDuration(_ seconds: Int?) -> Bool { seconds ?? 0 <= 86_400 }

    @inline(__always)
    private func isLease(_ seconds: Int?) -> Bool {
        guard let seconds else { return true }
        return seconds <= 86_400 && leases.contains(.seconds(seconds))
    }
}
