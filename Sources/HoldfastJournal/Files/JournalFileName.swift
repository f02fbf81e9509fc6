// The names of a journal's files. Twelve digits, so that the order of the names is the order of the files.

/// A file of the journal, by its name.
struct JournalFileName: Hashable, Sendable {
    enum Kind: String, Sendable {
        case segment
        case snapshot
    }

    var kind: Kind
    var number: UInt64

    static let digitCount = 12
    /// Behind the name of a file that is not complete yet.
    static let unfinishedSuffix = ".tmp"

    init(_ kind: Kind, _ number: UInt64) {
        self.kind = kind
        self.number = number
    }

    /// Nil for a name that is not one of these.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])),
            parts[1].utf8.count == Self.digitCount,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = UInt64(parts[1])
        else { return nil }
        self.init(kind, number)
    }

    var text: String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, Self.digitCount - digits.utf8.count))
        return "\(kind.rawValue)-\(zeros)\(digits)"
    }

    var unfinishedText: String { text + Self.unfinishedSuffix }
}
