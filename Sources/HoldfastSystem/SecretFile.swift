// Files that hold what nobody else may read. A key that others could have read is no secret any more, so such a file is
// refused, with the command that mends it, and not merely warned about.

import Glibc

package enum SecretFile {
    private static let bytesMax = 16 << 20

    /// The text of a file; one that holds secrets must be its owner's alone.
    package static func read(
        _ path: String,
        isSecret: Bool = true
    ) throws(SecretFileError) -> String {
        // Else whoever puts a pipe there holds up the server until somebody writes into it.
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else {
            throw SecretFileError("\(SystemError(call: "open \(path)", number: errno))")
        }
        let descriptor = FileDescriptor(owning: number)
        let status = try status(of: descriptor, at: path)
        if isSecret, isExposed(status) { throw .exposed(path) }
        // What is no secret is still believed.
        if isWritable(status) { throw .writable(path) }
        return try text(of: descriptor, at: path)
    }

    /// What to tell of a file that others than its owner may read or write; nil where there is nothing to tell.
    package static func warning(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, isExposed(status) else {
            return nil
        }
        return "\(SecretFileError.exposed(path))"
    }

    /// Others than its owner may read or write it.
    ///
    /// One of root's that this process reads by its group is none: it is how a system gives keys to its services.
    static func isExposed(_ status: stat) -> Bool {
        let isOfSystem = status.st_uid == 0 && geteuid() != 0
        return status.st_mode & (isOfSystem ? 0o037 : 0o077) != 0
    }

    /// Others than its owner may write it.
    static func isWritable(_ status: stat) -> Bool { status.st_mode & 0o022 != 0 }

    /// Refuses what is no file, or not its owner's alone.
    static func requireSecrecy(
        of descriptor: borrowing FileDescriptor,
        at path: String
    ) throws(SecretFileError) {
        if isExposed(try status(of: descriptor, at: path)) { throw .exposed(path) }
    }

    /// Refuses what is no file.
    private static func status(
        of descriptor: borrowing FileDescriptor,
        at path: String
    ) throws(SecretFileError) -> stat {
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else {
            throw SecretFileError("\(SystemError(call: "fstat \(path)", number: errno))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SecretFileError("\(path) is no file")
        }
        return status
    }

    private static func text(
        of descriptor: borrowing FileDescriptor,
        at path: String
    ) throws(SecretFileError) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= bytesMax {
            let count = Glibc.read(descriptor.number, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw SecretFileError("\(SystemError(call: "read \(path)", number: errno))")
            }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        guard bytes.count <= bytesMax else {
            throw SecretFileError("\(path) is longer than \(bytesMax) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SecretFileError("\(path) is not UTF-8")
        }
        return text
    }
}

/// A file that cannot be used, and what to do about it.
package struct SecretFileError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    static func writable(_ path: String) -> SecretFileError {
        SecretFileError(
            "\(path) can be written by others than its owner, and whoever does so decides who gets in: "
                + "chmod go-w \(path)"
        )
    }

    static func exposed(_ path: String) -> SecretFileError {
        SecretFileError(
            "\(path) can be read or written by others than its owner: chmod 600 \(path)"
        )
    }
}
