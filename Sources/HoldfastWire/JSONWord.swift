// The fixed words of replies and events: names of members with their quotes and colon, and the few strings
// that are values. They are packed into integers once and written from registers; writing each through
// String costs as much as the rest of a reply.

import HoldfastModel

/// At most 24 bytes, ready to be written, with a comma before them.
package struct JSONWord: Hashable, Sendable {
    private var low: UInt64 = 0
    private var middle: UInt64 = 0
    private var high: UInt64 = 0
    private(set) var count = 0

    static let byteCountMax = 24

    /// The name of a member.
    package init(name: String) {
        self.init(value: name)
        append(0x3a)
    }

    /// A string as a value; it may have nothing that must be escaped.
    package init(value: String) {
        append(0x2c)
        append(0x22)
        for byte in value.utf8 { append(byte) }
        append(0x22)
    }

    private mutating func append(_ byte: UInt8) {
        precondition(count < JSONWord.byteCountMax, "too long for a word")
        let shift = UInt64(count % 8 * 8)
        switch count / 8 {
        case 0: low |= UInt64(byte) << shift
        case 1: middle |= UInt64(byte) << shift
        default: high |= UInt64(byte) << shift
        }
        count += 1
    }

    @inline(__always)
    func write(withComma: Bool, to output: inout OutputSpan<UInt8>) {
        var rest = low
        var left = min(count, 8)
        if !withComma {
            rest >>= 8
            left -= 1
        }
        JSONWord.write(rest, byteCount: left, to: &output)
        if count > 8 { JSONWord.write(middle, byteCount: min(count - 8, 8), to: &output) }
        if count > 16 { JSONWord.write(high, byteCount: count - 16, to: &output) }
    }

    @inline(__always)
    private static func write(
        _ bytes: UInt64,
        byteCount: Int,
        to output: inout OutputSpan<UInt8>
    ) {
        var rest = bytes
        for _ in 0..<byteCount {
            output.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }
}

extension JSONWord: ExpressibleByStringLiteral {
    /// The name of a member.
    package init(stringLiteral name: String) { self.init(name: name) }
}

/// The names that every lock and release writes.
extension JSONWord {
    static let id: JSONWord = "id"
    static let ok: JSONWord = "ok"
    static let ticket: JSONWord = "ticket"
    static let resource: JSONWord = "resource"
    static let state: JSONWord = "state"
    static let fence: JSONWord = "fence"
    static let lease: JSONWord = "lease"
    static let remaining: JSONWord = "remaining"
    static let waited: JSONWord = "waited"
    static let position: JSONWord = "position"
    static let queueLength: JSONWord = "queueLength"
    static let ended: JSONWord = "ended"
    static let event: JSONWord = "event"
    static let watch: JSONWord = "watch"
    static let sequence: JSONWord = "seq"
    static let at: JSONWord = "at"
    static let number: JSONWord = "number"
    static let owner: JSONWord = "owner"
    static let holder: JSONWord = "holder"
    static let by: JSONWord = "by"
    static let reason: JSONWord = "reason"
}

/// The values that every lock and release writes.
extension TicketState {
    var word: JSONWord {
        switch self {
        case .queued: TicketState.queuedWord
        case .acquired: TicketState.acquiredWord
        case .released: TicketState.releasedWord
        }
    }

    private static let queuedWord = JSONWord(value: TicketState.queued.rawValue)
    private static let acquiredWord = JSONWord(value: TicketState.acquired.rawValue)
    private static let releasedWord = JSONWord(value: TicketState.released.rawValue)
}

extension Ending {
    var word: JSONWord { self == .released ? TicketState.released.word : JSONWord(value: rawValue) }
}

extension Notice.Kind {
    var word: JSONWord { JSONWord(value: rawValue) }
}
