// Which courses and gadgets there are (HTTP §2.5). The coordinator stores none, so an operator who wants unknown ones
// to be told from known ones lists them; without a list every one exists.

/// The courses and gadgets that may be locked.
package struct VersalCatalog: Hashable, Sendable {
    /// A course without a list of its own has every gadget.
    private var gadgets: [String: Set<String>] = [:]
    private var courses: Set<String> = []

    package init() {}

    /// Takes "course" or "course/gadget"; false for what is neither.
    package mutating func add(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { return false }
        courses.insert(parts[0])
        if parts.count == 2 { gadgets[parts[0], default: []].insert(parts[1]) }
        return true
    }

    func has(course: String) -> Bool { courses.isEmpty || courses.contains(course) }

    func has(gadget: String, in course: String) -> Bool {
        has(course: course) && gadgets[course]?.contains(gadget) ?? true
    }
}
