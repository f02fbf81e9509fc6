// Walking the members of an object in a line that was already checked, without a tree of it: for nested
// objects, and for the rare second looks (which keys were not read, where one came twice).

/// The members of one object, from the place of its opening bracket.
struct ObjectWalk {
    var offset: Int
    var depth = 1

    /// Calls `body` with each name and the place of its value.
    func forEachMember<Failure>(
        _ bytes: Span<UInt8>,
        _ body: (JSONText, Int) throws(Failure) -> Void
    ) throws(Failure) {
        var reader = JSONReader(offset: offset, depth: depth)
        guard (try? reader.beginObject(bytes)) != nil else { return }
        while let name = try? reader.nextMember(bytes), (try? reader.peek(bytes)) != nil {
            try body(name, reader.offset)
            guard (try? reader.skipValue(bytes)) != nil else { return }
        }
    }
}

/// The names to echo as `ignored`: each once, and bounded, because a line may be made of nothing else.
struct IgnoredNames {
    private(set) var names: [String] = []
    private var byteCount = 0
    private var isFull = false

    static let byteCountMax = 1_024
    static let countMax = 64
    /// Stands for all the names that were too many.
    static let more = "…"

    /// Adds the keys of the line that the operation does not read.
    mutating func collect(from bytes: Span<UInt8>, notIn known: FieldSet) {
        ObjectWalk(offset: 0, depth: 0).forEachMember(bytes) { name, _ in
            if let field = FieldName(name, in: bytes), known.contains(field) { return }
            add("", name, bytes)
        }
    }

    /// `prefix` ends with a dot where the name stands in a nested object.
    mutating func add(_ prefix: String, _ name: JSONText, _ bytes: Span<UInt8>) {
        guard !isFull else { return }
        // However it is escaped it is the same name.
        let added = prefix.utf8.count + name.byteCount(in: bytes)
        guard added <= IgnoredNames.byteCountMax else { return fill() }
        let text = prefix + name.text(in: bytes)
        if names.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { return }
        guard names.count < IgnoredNames.countMax,
            byteCount + added <= IgnoredNames.byteCountMax
        else { return fill() }
        names.append(text)
        byteCount += added
    }

    private mutating func fill() {
        isFull = true
        names.append(IgnoredNames.more)
    }
}
