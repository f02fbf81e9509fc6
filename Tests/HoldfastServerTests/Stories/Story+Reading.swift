// How a story is read. Whatever is not understood is told with its line, because a line that was silently skipped
// would look like one that holds.

import HoldfastModel

extension Story {
    init(reading text: String) throws(StoryFlaw) {
        lines = []
        settings = StorySettings()
        var texts = text.split(separator: "\n", omittingEmptySubsequences: false)
        // The end of the last line is no line.
        if texts.last == "" { texts.removeLast() }
        guard texts.first?.hasPrefix("# ") == true else {
            throw StoryFlaw(line: 1, message: "a story opens with \"# \" and what it tells")
        }
        var hasBegun = false
        for (index, text) in texts.enumerated() {
            do throws(Misread) {
                let kind = try Self.kind(of: text, &settings)
                if kind == .setting, hasBegun {
                    throw Misread("settings come before anything happens")
                }
                if case .act = kind { hasBegun = true }
                if kind == .told, !hasBegun { throw Misread("nothing happened yet") }
                lines.append(Line(number: index + 1, text: String(text), kind: kind))
            } catch {
                throw StoryFlaw(line: index + 1, message: error.message)
            }
        }
    }

    /// What one line has against being read.
    struct Misread: Error {
        var message: String
        init(_ message: String) { self.message = message }
    }

    private static func kind(
        of text: Substring,
        _ settings: inout StorySettings
    ) throws(Misread) -> Kind {
        if text.isEmpty || text.hasPrefix("#") { return .remark }
        guard text.last != " " else { throw Misread("a space at the end") }
        if text.hasPrefix("-- ") { return .act(.pass(try Interval(reading: text.dropFirst(3)))) }
        let words = text.split(separator: " ", maxSplits: 1)
        let rest = words.count == 2 ? words[1] : ""
        switch words[0] {
        case "with":
            try settings.take(rest)
            return .setting
        case "the": return .act(try actOfTheWorld(rest))
        case let name: return try line(of: try Name(reading: name), rest)
        }
    }

    private static func line(of name: Name, _ rest: Substring) throws(Misread) -> Kind {
        for (sign, ending) in [(">", Ending.pause), (">>", .breath), (">|", .nothing)]
        where rest == sign || rest.hasPrefix(sign + " ") {
            return .act(.send(name, String(rest.dropFirst(sign.count + 1)), ending))
        }
        if rest.hasPrefix("< ") { return .told }
        switch rest {
        case "connects": return .act(.connect(name, reads: true))
        case "connects and reads nothing": return .act(.connect(name, reads: false))
        case "reads": return .act(.read(name))
        case "sends no more": return .act(.finish(name))
        case "vanishes": return .act(.vanish(name))
        case "closes": return .act(.close(name))
        default: throw Misread("a client does not \"\(rest)\"")
        }
    }

    private static func actOfTheWorld(_ rest: Substring) throws(Misread) -> Act {
        switch rest {
        case "server is killed": return .kill
        case "server stops": return .stop
        case "server starts": return .start
        case "disk holds back": return .disk(.holdsBack)
        case "disk goes on": return .disk(.goesOn)
        case "disk fails": return .disk(.fails)
        default: break
        }
        for (words, act) in Self.actsOfTime where rest.hasPrefix(words) {
            return act(try Interval(reading: rest.dropFirst(words.count)))
        }
        throw Misread("nothing here does \"the \(rest)\"")
    }

    private static let actsOfTime: [(String, @Sendable (Interval) -> Act)] = [
        ("process stands still for ", { .freeze($0) }),
        ("wall clock jumps ahead ", { .jumpWall($0) }),
        ("wall clock jumps back ", { .jumpWall(.zero - $0) }),
    ]
}

extension Story.Name {
    init(reading text: Substring) throws(Story.Misread) {
        let isName = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard isName, text.first != "-" else {
            throw Story.Misread("\"\(text)\" is no name of a client: small letters")
        }
        self.text = String(text)
    }
}

extension Interval {
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ms", 1e6), ("s", 1e9), ("min", 60e9), ("h", 3_600e9),
    ]

    /// Reads "250 ms", "1.5 s", "2 min" or "24 h".
    init(reading text: Substring) throws(Story.Misread) {
        let words = text.split(separator: " ")
        guard words.count == 2, let count = Double(words[0]), (0...1e6).contains(count),
            let unit = Self.units.first(where: { $0.name == words[1] })
        else { throw Story.Misread("\"\(text)\" is no time, as 250 ms, 1.5 s, 2 min or 1 h are") }
        self.init(nanoseconds: Int64((count * unit.nanoseconds).rounded()))
    }

    /// As it is read: whole milliseconds below a second, seconds above.
    var storyText: String {
        let (milliseconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        if milliseconds < 1_000, rest == 0 { return "\(milliseconds) ms" }
        if nanoseconds.isMultiple(of: 1_000_000_000) { return "\(nanoseconds / 1_000_000_000) s" }
        return "\(seconds) s"
    }
}
