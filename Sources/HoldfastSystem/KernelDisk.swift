// The disk seam over the kernel: one directory, held open, and names relative to it, so that nobody who moves or
// exchanges the directory can lead the journal elsewhere. Calls block the thread they are made on, which is the
// journal's. Files are the owner's alone, because a journal keeps the secrets of sessions.

import Glibc
package import HoldfastModel

/// A directory of the file system.
package final class KernelDisk: Disk, Sendable {
    /// What the directory may be used for.
    package enum Access: Hashable, Sendable {
        case readWrite
        /// Never writes, creates or locks anything.
        case readOnly
    }

    private let directory: FileDescriptor
    private let access: Access
    /// Open and locked while this disk has the directory to itself.
    private let lockFile = Locked<Int32?>(nil)

    package static let lockName = "lock"
    private static let fileMode: mode_t = 0o600
    private static let directoryMode: mode_t = 0o700

    /// Opens the directory; to write, it is created where only its last name is missing.
    package init(at path: String, access: Access = .readWrite) throws(DiskError) {
        if access == .readWrite {
            if mkdir(path, Self.directoryMode) == 0 {
                try Self.syncParent(of: path)
            } else if errno != EEXIST {
                throw .last("mkdir \(path)")
            }
        }
        let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .last("open \(path)") }
        directory = FileDescriptor(owning: number)
        self.access = access
        if access == .readWrite { try requireSolitude(of: path) }
    }

    /// A new directory has its name for good when the one above is synced.
    private static func syncParent(of path: String) throws(DiskError) {
        let number = Glibc.open(path + "/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // Who may add names to a directory and not read it cannot sync it either.
        guard number >= 0 || errno != EACCES else { return }
        guard number >= 0 else { throw .last("open \(path)/..") }
        defer { Glibc.close(number) }
        guard fsync(number) == 0 else { throw .last("fsync \(path)/..") }
    }

    // A journal has one owner: files that another user added, root too, would lock that owner out at the next start,
    // and whoever owns the directory can exchange every file in it. Reading needs no more than permission.
    // Whoever may write in the directory can exchange them as well, and so everybody's locks.
    private func requireSolitude(of path: String) throws(DiskError) {
        var status = stat()
        guard fstat(directory.number, &status) == 0 else { throw .last("fstat \(path)") }
        let (owner, user) = (status.st_uid, geteuid())
        guard owner == user else {
            throw .denied(
                "\(path) belongs to user \(owner), and this is user \(user): start as that user, or "
                    + "make it this user's while no server runs: chown -R \(user) \(path)"
            )
        }
        guard status.st_mode & 0o022 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw .denied(
                "others than its owner may write in \(path) (mode 0\(mode)), and so change everybody's "
                    + "locks: close it with 'chmod go-w \(path)'"
            )
        }
    }

    deinit { letGo() }

    // MARK: Lock

    package func lock() async throws(DiskError) {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let number = openat(directory.number, Self.lockName, flags, Self.fileMode)
        guard number >= 0 else { throw .last("open \(Self.lockName)") }
        guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            Glibc.close(number)
            throw error == EWOULDBLOCK
                ? .inUse("the file \(Self.lockName) is locked") : DiskError(error, "flock")
        }
        lockFile.withLock { $0 = number }
    }

    package func unlock() async { letGo() }

    private func letGo() {
        let number = lockFile.withLock { number in
            defer { number = nil }
            return number
        }
        guard let number else { return }
        // A process that is just being started holds a copy of every descriptor until its program runs: closing ours
        // would leave the lock with the copy.
        flock(number, LOCK_UN)
        Glibc.close(number)
    }

    // MARK: Names

    package func list() async throws(DiskError) -> [String] {
        // A descriptor of its own: reading moves it, and `closedir` closes it.
        let number = openat(directory.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .last("open of the directory") }
        guard let stream = fdopendir(number) else {
            Glibc.close(number)
            throw .last("fdopendir")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw .last("readdir") }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package func open(_ name: String, creating: Bool) async throws(DiskError) -> any DiskFile {
        let mode = access == .readWrite ? O_RDWR : O_RDONLY
        let flags = mode | O_CLOEXEC | O_NOFOLLOW | (creating ? O_CREAT : 0)
        let number = openat(directory.number, name, flags, Self.fileMode)
        guard number >= 0 else { throw .last("open \(name)") }
        let descriptor = FileDescriptor(owning: number)
        if access == .readWrite { try closeToOthers(descriptor, name) }
        return KernelFile(descriptor)
    }

    /// Whoever brought back a backup may have left it open.
    private func closeToOthers(
        _ descriptor: borrowing FileDescriptor,
        _ name: String
    ) throws(DiskError) {
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else { throw .last("fstat \(name)") }
        guard status.st_mode & 0o077 != 0 else { return }
        guard fchmod(descriptor.number, Self.fileMode) == 0 else { throw .last("fchmod \(name)") }
    }

    package func rename(_ name: String, to newName: String) async throws(DiskError) {
        guard renameat(directory.number, name, directory.number, newName) == 0 else {
            throw .last("rename \(name)")
        }
    }

    package func remove(_ name: String) async throws(DiskError) {
        guard unlinkat(directory.number, name, 0) == 0 else { throw .last("unlink \(name)") }
    }

    package func syncDirectory() async throws(DiskError) {
        guard fsync(directory.number) == 0 else { throw .last("fsync of the directory") }
    }
}

extension DiskError {
    /// The error of the call that just failed on this thread.
    static func last(_ call: String) -> DiskError { DiskError(errno, call) }

    init(_ number: Int32, _ call: String) {
        let text = SystemError(call: call, number: number).description
        switch number {
        case ENOSPC, EDQUOT: self = .full
        case EACCES, EPERM, EROFS: self = .denied(text)
        case ENOENT: self = .missing(text)
        default: self = .failed(text)
        }
    }
}
