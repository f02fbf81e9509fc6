// A right is a verb on resources (rule 29): "lock:ci/**". The pattern is a path whose last segment may be `*` for one
// segment or `**` for all that lies below; `**` alone is everything. Paths are compared by their bytes.

package import HoldfastCore
package import HoldfastModel

/// What somebody may do to which resources.
package struct RightPattern: Hashable, Sendable {
    package let right: Right
    package let text: String
    private let extent: Extent
    /// Without the last segment where that is a star: "ci/" of "ci/**".
    private let stem: [UInt8]

    private enum Extent: Hashable, Sendable {
        case exactly
        case oneBelow
        case allBelow
    }

    /// Reads "verb:pattern"; nil where it is none.
    package init?(_ text: String) {
        guard let colon = text.utf8.firstIndex(of: 0x3a),
            let right = Right(rawValue: String(text[..<colon]))
        else { return nil }
        let pattern = text[text.utf8.index(after: colon)...]
        let segments = pattern.split(separator: "/", omittingEmptySubsequences: false)
        switch segments.last {
        case "**"?: extent = .allBelow
        case "*"?: extent = .oneBelow
        default: extent = .exactly
        }
        let fixed = extent == .exactly ? segments : Array(segments.dropLast())
        let path = fixed.joined(separator: "/")
        guard fixed.isEmpty || ResourcePath(path) != nil else { return nil }
        // A star anywhere else would be read as one by people and as a letter by us.
        guard !path.utf8.contains(0x2a) else { return nil }
        self.right = right
        self.text = text
        stem = Array(path.utf8) + (extent == .exactly || fixed.isEmpty ? [] : [0x2f])
    }

    package func covers(_ path: ResourcePath) -> Bool {
        let bytes = path.text.utf8Span.span
        guard bytes.count >= stem.count else { return false }
        for index in stem.indices where bytes[index] != stem[index] { return false }
        switch extent {
        case .exactly: return bytes.count == stem.count
        case .allBelow: return bytes.count > stem.count
        case .oneBelow:
            guard bytes.count > stem.count else { return false }
            for index in stem.count..<bytes.count where bytes[index] == 0x2f { return false }
            return true
        }
    }

    package var coversEverything: Bool { extent == .allBelow && stem.isEmpty }
}

extension [RightPattern] {
    package func rights(on path: ResourcePath) -> Caller.Rights {
        reduce(into: []) { rights, pattern in
            if pattern.covers(path) { rights.insert(Caller.Rights(pattern.right)) }
        }
    }

    package var rightsOnEverything: Caller.Rights {
        reduce(into: []) { rights, pattern in
            if pattern.coversEverything { rights.insert(Caller.Rights(pattern.right)) }
        }
    }

    /// Whether there is a resource at all on which it may.
    package func contains(_ right: Right) -> Bool { contains { $0.right == right } }
}

extension Caller.Rights {
    init(_ right: Right) {
        switch right {
        case .lock: self = .lock
        case .read: self = .read
        case .steal: self = .steal
        case .admin: self = .admin
        }
    }
}
