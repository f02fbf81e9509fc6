// Whose a path is at which there is nothing: a client that asks some API for what it has not reads the errors of that
// API all the same.

import HoldfastHTTPCodec

/// The paths that are one API's, whether anything is at them or not.
struct Territory: Sendable {
    private let first: [[UInt8]]
    let form: RefusalForm

    /// What lies below this path; below the root only saves and what ends with `@lock`, because all else may be
    /// anybody's.
    init(below segments: [String], _ form: RefusalForm) {
        first = segments.map { Array($0.utf8) }
        self.form = form
    }

    /// Where there are several, the deepest is meant.
    var depth: Int { first.count }

    func covers(_ path: [ByteRange], of request: Request) -> Bool {
        guard !first.isEmpty else {
            return request.method == .patch
                || path.last { !$0.isEmpty }.map { request.reads(Territory.lock, at: $0) } ?? false
        }
        guard path.count >= first.count else { return false }
        return zip(first, path).allSatisfy { request.reads($0, at: $1) }
    }

    private static let lock = Array("@lock".utf8)
}
