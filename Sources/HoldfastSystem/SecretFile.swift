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
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else {
            throw SecretFileError("\(SystemError(call: "open \(path)", number: errno))")
        }
        let descriptor = FileDescriptor(owning: number)
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else {
            throw SecretFileError("\(SystemError(call: "fstat \(path)", number: errno))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SecretFileError("\(path) is no file")
        }
        guard !isSecret || status.st_mode & 0o077 == 0 else {
            throw SecretFileError(
                "\(path) can be read or written by others than its owner: chmod 600 \(path)"
            )
        }
        guard status.st_size <= bytesMax else {
            throw SecretFileError("\(path) is longer than \(bytesMax) bytes")
        }
        return try text(of: descriptor, at: path)
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
}
