// Keys out of the bytes that a terminal sends: characters, and escape sequences for the others.

package enum Key: Hashable, Sendable {
    case character(Character)
    case enter
    case backspace
    case escape
    case up
    case down
    case pageUp
    case pageDown
    case home
    case end

    /// The keys in what one read brought; a sequence comes in one piece, what is unknown is skipped.
    package static func keys(in bytes: [UInt8]) -> [Key] {
        var keys: [Key] = []
        var rest = bytes[...]
        while let first = rest.popFirst() {
            switch first {
            case 0x1b: keys += [sequence(&rest)].compactMap(\.self)
            case 0x0d, 0x0a: keys.append(.enter)
            case 0x7f, 0x08: keys.append(.backspace)
            case 0x20...0x7e: keys.append(.character(Character(UnicodeScalar(first))))
            case 0xc2...0xf4: keys += character(first, &rest).map { [.character($0)] } ?? []
            default: break
            }
        }
        return keys
    }

    private static func sequence(_ rest: inout ArraySlice<UInt8>) -> Key? {
        guard let second = rest.first, second == 0x5b || second == 0x4f else { return .escape }
        rest.removeFirst()
        let parameters = rest.prefix { (0x30...0x3b).contains($0) }
        rest = rest.dropFirst(parameters.count)
        switch (rest.popFirst(), parameters.first) {
        case (0x41, _): return .up
        case (0x42, _): return .down
        case (0x48, _), (0x7e, 0x31), (0x7e, 0x37): return .home
        case (0x46, _), (0x7e, 0x34), (0x7e, 0x38): return .end
        case (0x7e, 0x35): return .pageUp
        case (0x7e, 0x36): return .pageDown
        default: return nil
        }
    }

    private static func character(_ first: UInt8, _ rest: inout ArraySlice<UInt8>) -> Character? {
        let length = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3
        let bytes = [first] + rest.prefix(length)
        rest = rest.dropFirst(length)
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return text.first
    }
}
