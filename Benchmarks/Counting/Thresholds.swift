// The counts that are checked in, so that a change that costs an allocation or a system call shows as a
// failing check, and the decision to pay it as a diff.

import FoundationEssentials

/// The stored counts of every shape, and the file they are stored in.
struct Thresholds: Codable {
    var shapes: [String: Counts]
    /// Live bytes of the server per held lock.
    var bytesPerHeldLock: Double?

    static let path =
        #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast().joined(separator: "/") + "/thresholds.json"

    static func stored() throws -> Thresholds {
        guard let data = FileManager.default.contents(atPath: path) else {
            return Thresholds(shapes: [:])
        }
        return try JSONDecoder().decode(Thresholds.self, from: data)
    }

    func store() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try (encoder.encode(self) + [0x0A]).write(to: URL(filePath: Thresholds.path))
    }
}
