// The numbers that stand for the words of the rules. They are part of the format: a number once given keeps its meaning
// for ever, whatever order the cases are declared in.

import HoldfastModel

/// What an entry is about; the byte after its slot.
enum EntryTag: UInt8, Sendable, CaseIterable {
    case made = 0x01
    case granted = 0x02
    case ended = 0x03
    case leaseLengthened = 0x04
    case losing = 0x05
    case kept = 0x06
    case closed = 0x07
    case opened = 0x08
    case forgotten = 0x09
    case counted = 0x0a
    case claimed = 0x0b
    case logged = 0x0c
    case resourceForgotten = 0x10
    case sessionOpened = 0x20
    case sessionEnded = 0x21

    /// Set in the byte beside the tag where the path follows.
    static let pathBit: UInt8 = 0x80
}

/// Which fields a ticket was made with.
struct MakingFlags: OptionSet, Sendable {
    let rawValue: UInt64

    static let grant = MakingFlags(rawValue: 1 << 0)
    static let session = MakingFlags(rawValue: 1 << 1)
    static let steal = MakingFlags(rawValue: 1 << 2)
    static let force = MakingFlags(rawValue: 1 << 3)
    static let maxWait = MakingFlags(rawValue: 1 << 4)
    static let details = MakingFlags(rawValue: 1 << 5)
    static let key = MakingFlags(rawValue: 1 << 6)
    static let holder = MakingFlags(rawValue: 1 << 7)
    static let reason = MakingFlags(rawValue: 1 << 8)
    static let meta = MakingFlags(rawValue: 1 << 9)
    static let stealable = MakingFlags(rawValue: 1 << 10)
    static let bindsTicket = MakingFlags(rawValue: 1 << 11)
    static let bindsSession = MakingFlags(rawValue: 1 << 12)
    static let returnsMine = MakingFlags(rawValue: 1 << 13)
    static let notifiesNone = MakingFlags(rawValue: 1 << 14)
    static let notifiesPosition = MakingFlags(rawValue: 1 << 15)
    static let shared = MakingFlags(rawValue: 1 << 16)
    static let permit = MakingFlags(rawValue: 1 << 17)
    static let priority = MakingFlags(rawValue: 1 << 18)
    static let lockDelay = MakingFlags(rawValue: 1 << 19)
    static let pollWithin = MakingFlags(rawValue: 1 << 20)

    static let known = MakingFlags(rawValue: 1 << 21 - 1)
}

/// Which fields an ending, or a line of the history, has.
struct FieldFlags: OptionSet, Sendable {
    let rawValue: UInt8

    static let session = FieldFlags(rawValue: 1 << 0)
    static let by = FieldFlags(rawValue: 1 << 1)
    static let reason = FieldFlags(rawValue: 1 << 2)
    static let wasHeld = FieldFlags(rawValue: 1 << 3)
    static let holder = FieldFlags(rawValue: 1 << 4)
    static let fence = FieldFlags(rawValue: 1 << 5)

    static let ofEnding: FieldFlags = [.session, .by, .reason, .wasHeld]
    static let ofHistory: FieldFlags = [.by, .reason, .holder, .fence]
}

/// A word with a number.
protocol CodedWord: Equatable {
    /// In the order of their numbers.
    static var byCode: [Self] { get }
    var code: UInt8 { get }
}

extension Ending: CodedWord {
    static let byCode: [Ending] = [
        .released, .cancelled, .expired, .timedOut, .abandoned, .sessionEnded, .stolen, .cleared,
    ]
    var code: UInt8 {
        switch self {
        case .released: 0
        case .cancelled: 1
        case .expired: 2
        case .timedOut: 3
        case .abandoned: 4
        case .sessionEnded: 5
        case .stolen: 6
        case .cleared: 7
        }
    }
}

extension Notice.Kind: CodedWord {
    static let byCode: [Notice.Kind] = [
        .queued, .acquired, .renewed, .released, .cancelled, .expired, .timedOut, .abandoned,
        .sessionEnded, .stolen, .losing, .kept, .cleared,
    ]
    var code: UInt8 {
        switch self {
        case .queued: 0
        case .acquired: 1
        case .renewed: 2
        case .released: 3
        case .cancelled: 4
        case .expired: 5
        case .timedOut: 6
        case .abandoned: 7
        case .sessionEnded: 8
        case .stolen: 9
        case .losing: 10
        case .kept: 11
        case .cleared: 12
        }
    }
}

extension ByteReader {
    /// A word by its number.
    mutating func word<Word: CodedWord>(
        _ type: Word.Type,
        _ bytes: Span<UInt8>
    ) throws(CodecFlaw) -> Word {
        let start = offset
        let code = Int(try byte(bytes))
        guard code < Word.byCode.count else {
            throw CodecFlaw("there is no word of number \(code)", at: start)
        }
        return Word.byCode[code]
    }
}
