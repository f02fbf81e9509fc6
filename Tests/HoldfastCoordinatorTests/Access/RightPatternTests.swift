// Rule 29: a right is a verb on a pattern of paths.

import HoldfastCoordinator
import HoldfastCore
import HoldfastModel
import Testing

struct RightPatternTests {
    @Test(arguments: [
        ("lock:ci/**", "ci/a", true), ("lock:ci/**", "ci/a/b", true), ("lock:ci/**", "ci", false),
        ("lock:ci/**", "cia/a", false), ("lock:ci/*", "ci/a", true), ("lock:ci/*", "ci/a/b", false),
        ("lock:ci/*", "ci", false), ("lock:ci/a", "ci/a", true), ("lock:ci/a", "ci/ab", false),
        ("lock:ci/a", "ci/a/b", false), ("lock:**", "a", true), ("lock:**", "a/b/c", true),
        ("lock:*", "a", true), ("lock:*", "a/b", false), ("lock:a:b/**", "a:b/c", true),
        // One letter in two spellings is two paths.
        ("lock:caf\u{e9}", "cafe\u{301}", false),
    ])
    func `rule 29: a star is one segment, two are all below`(
        pattern: String,
        path: String,
        isCovered: Bool
    ) throws {
        let pattern = try #require(RightPattern(pattern))
        #expect(pattern.covers(try #require(ResourcePath(path))) == isCovered)
    }

    @Test(arguments: [
        "", "lock", "lock:", "write:a", "lock:/a", "lock:a/", "lock:a//b", "lock:a/../b",
        "lock:*/a", "lock:a/*/b", "lock:a*", "lock:a/b*", "lock:***", "lock:**/*", "LOCK:a",
    ])
    func `what is no right is refused, also a star where none can be`(text: String) {
        #expect(RightPattern(text) == nil)
    }

    @Test func `rights on everything are those of two stars alone`() throws {
        let patterns = try ["lock:**", "read:a/**", "steal:*", "admin:**"].map {
            try #require(RightPattern($0))
        }
        #expect(patterns.rightsOnEverything == [.lock, .admin])
        #expect(patterns.rights(on: try #require(ResourcePath("a/b"))) == [.lock, .read, .admin])
        #expect(patterns.contains(.steal))
    }
}
