// What lies in a journal's directory, by name.

import HoldfastModel

/// The files of a journal.
struct JournalDirectory: Sendable {
    /// Lowest number first.
    private(set) var segments: [UInt64] = []
    private(set) var snapshots: [UInt64] = []
    /// Not complete when their writer ended; nobody reads them.
    private(set) var unfinished: [String] = []

    init(listing names: [String]) {
        for name in names {
            if let file = JournalFileName(name) {
                switch file.kind {
                case .segment: segments.append(file.number)
                case .snapshot: snapshots.append(file.number)
                }
            } else if name.hasSuffix(JournalFileName.unfinishedSuffix),
                JournalFileName(String(name.dropLast(JournalFileName.unfinishedSuffix.count)))
                    != nil
            {
                unfinished.append(name)
            }
        }
        segments.sort()
        snapshots.sort()
    }

    static func read(_ disk: any Disk) async throws(JournalError) -> JournalDirectory {
        let names = try await attempt("list", "the directory") { () async throws(DiskError) in
            try await disk.list()
        }
        return JournalDirectory(listing: names)
    }

    /// The files that are not needed once a snapshot stands.
    func olderThan(_ number: UInt64) -> [JournalFileName] {
        segments.filter { $0 < number }.map { JournalFileName(.segment, $0) }
            + snapshots.filter { $0 < number }.map { JournalFileName(.snapshot, $0) }
    }
}
