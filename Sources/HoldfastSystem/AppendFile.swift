// A file that only grows and is its owner's alone: what was written down is not changed afterwards. Each call of the
// kernel appends whole lines, so that a line of this process is never torn by one of another. When somebody moved the
// file away, opening it anew begins the next one. A line that a full disk or a crash cut off is ended before the next.

import Glibc
import HoldfastModel

/// A file that lines are added to.
package final class AppendFile: Sendable {
    package let path: String
    private let descriptor: FileDescriptor
    /// What is last in the file is a part of a line.
    private let isTorn: Locked<Bool>

    /// Opens the file, and makes it where there is none.
    package init(_ path: String) throws(SecretFileError) {
        self.path = path
        let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let number = open(path, flags, 0o600)
        guard number >= 0 else {
            throw SecretFileError("\(SystemError(call: "open \(path)", number: errno))")
        }
        descriptor = FileDescriptor(owning: number)
        isTorn = Locked(AppendFile.endsInLine(number))
        try SecretFile.requireSecrecy(of: descriptor, at: path)
    }

    private static func endsInLine(_ number: CInt) -> Bool {
        var last: UInt8 = 0
        let end = lseek(number, 0, SEEK_END)
        return end > 0 && pread(number, &last, 1, end - 1) == 1 && last != 0x0a
    }

    /// Adds whole lines, with what the kernel says where that fails.
    package func append(_ bytes: [UInt8]) throws(SystemError) {
        let flaw: SystemError? = isTorn.withLock { isTorn in
            do throws(SystemError) {
                if isTorn {
                    _ = try write([0x0a])
                    isTorn = false
                }
                var rest = bytes[...]
                while !rest.isEmpty {
                    rest = rest.dropFirst(try write(rest))
                    isTorn = !rest.isEmpty
                }
                return nil
            } catch {
                return error
            }
        }
        if let flaw { throw flaw }
    }

    private func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        while true {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor.number, $0.baseAddress, $0.count)
            }
            if count > 0 { return count }
            guard count < 0, errno == EINTR else { throw SystemError.last("write \(path)") }
        }
    }
}
