// The seam to files. Every call may fail, and says with which error; what was written lasts only once `sync` returned,
// and a name only once its directory was synced. Kernel files in the server, where the calls block the one thread that
// is the journal's; a simulated disk in the simulator, where they may take time or fail at will. Hence `async`.

/// One directory of files, used by one task at a time.
package protocol Disk: Sendable {
    /// Keeps every other process, and every other disk of this one, from locking the directory, until `unlock` or the
    /// end of this process, however it ends.
    func lock() async throws(DiskError)

    /// Lets go of the directory; without a lock this does nothing.
    func unlock() async

    /// The names in the directory, sorted by bytes.
    func list() async throws(DiskError) -> [String]

    /// Opens a file for reading and writing; creates it where it is missing and `creating` is set.
    func open(_ name: String, creating: Bool) async throws(DiskError) -> any DiskFile

    /// Gives `name` the new name, in place of a file that had it.
    func rename(_ name: String, to newName: String) async throws(DiskError)

    func remove(_ name: String) async throws(DiskError)

    /// Makes names last: what was created, renamed and removed.
    func syncDirectory() async throws(DiskError)
}

/// An open file.
package protocol DiskFile: AnyObject, Sendable {
    func size() async throws(DiskError) -> Int

    /// Reads up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(at offset: Int, count: Int) async throws(DiskError) -> [UInt8]

    /// Writes all of it; after an error any part may have been written.
    func write(_ bytes: [UInt8], at offset: Int) async throws(DiskError)

    /// Makes room up to `size`, so that later writes move no metadata; zeros are read there.
    func reserve(_ size: Int) async throws(DiskError)

    func truncate(to size: Int) async throws(DiskError)

    /// Makes everything written before last. After an error nothing is known of it, and asking again proves nothing.
    func sync() async throws(DiskError)

    func close() async
}

/// What a disk says no with.
package enum DiskError: Error, Hashable, Sendable {
    /// No such file or directory.
    case missing(String)
    case full
    /// Read-only, or not this user's.
    case denied(String)
    /// Somebody else has locked the directory.
    case inUse(String)
    /// Anything else, with the call and the kernel's words.
    case failed(String)
}

extension DiskError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .full: "the disk is full"
        case .inUse(let what): "in use by another server: \(what)"
        case .missing(let what), .denied(let what), .failed(let what): what
        }
    }
}
