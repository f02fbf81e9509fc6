// A file that only grows and is its owner's alone: what was written down is not changed afterwards. Each call of the
// kernel appends whole lines, so that a line of this process is never torn by one of another. When somebody moved the
// file away, opening it anew begins the next one.

import Glibc

/// A file that lines are added to.
package final class AppendFile: Sendable {
    package let path: String
    private let descriptor: FileDescriptor

    /// Opens the file, and makes it where there is none.
    package init(_ path: String) throws(SecretFileError) {
        self.path = path
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let number = open(path, flags, 0o600)
        guard number >= 0 else {
            throw SecretFileError("\(SystemError(call: "open \(path)", number: errno))")
        }
        descriptor = FileDescriptor(owning: number)
        try SecretFile.requireSecrecy(of: descriptor, at: path)
    }

    /// Adds it, with what the kernel says where that fails.
    package func append(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor.number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError.last("write \(path)") }
            rest = rest.dropFirst(count)
        }
    }
}
