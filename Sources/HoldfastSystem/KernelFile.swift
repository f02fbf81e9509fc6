// An open file of the kernel, read and written at places, never at a position that somebody else could move. A call
// that did a part is asked for the rest; one that a signal interrupted is made again. All but `fdatasync`: after an
// error the kernel has forgotten what was not written, and a second call would lie.

import Glibc
package import HoldfastModel

/// A file that is read and written by one task at a time.
package final class KernelFile: DiskFile, @unchecked Sendable {
    private var descriptor: FileDescriptor?

    package init(_ descriptor: consuming FileDescriptor) { self.descriptor = consume descriptor }

    private var number: Int32 {
        guard let number = descriptor?.number else { preconditionFailure("used after its end") }
        return number
    }

    package func size() async throws(DiskError) -> Int {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw .last("fstat") }
        return Int(status.st_size)
    }

    package func read(at offset: Int, count: Int) async throws(DiskError) -> [UInt8] {
        // The rest of the file may be much less than what was asked for.
        let count = min(count, max(0, try await size() - offset))
        var failure: DiskError?
        let number = number
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = buffer.baseAddress.map { UnsafeMutableRawPointer($0 + filled) }
                let result = pread(number, rest, count - filled, off_t(offset + filled))
                if result < 0, errno == EINTR { continue }
                if result < 0 { failure = .last("pread") }
                guard result > 0 else { return }
                filled += result
            }
        }
        if let failure { throw failure }
        return bytes
    }

    package func write(_ bytes: [UInt8], at offset: Int) async throws(DiskError) {
        let number = number
        let failure = bytes.withUnsafeBytes { buffer -> DiskError? in
            var done = 0
            while done < buffer.count {
                let rest = buffer.baseAddress.map { $0 + done }
                let result = pwrite(number, rest, buffer.count - done, off_t(offset + done))
                if result < 0, errno == EINTR { continue }
                if result < 0 { return .last("pwrite") }
                guard result > 0 else { return .failed("pwrite: nothing was written") }
                done += result
            }
            return nil
        }
        if let failure { throw failure }
    }

    package func reserve(_ size: Int) async throws(DiskError) {
        var result = posix_fallocate(number, 0, off_t(size))
        while result == EINTR { result = posix_fallocate(number, 0, off_t(size)) }
        // A file system that cannot reserve is slower, not worse.
        guard result == 0 || result == EOPNOTSUPP || result == EINVAL else {
            throw DiskError(result, "fallocate")
        }
    }

    package func truncate(to size: Int) async throws(DiskError) {
        var result = ftruncate(number, off_t(size))
        while result != 0, errno == EINTR { result = ftruncate(number, off_t(size)) }
        guard result == 0 else { throw .last("ftruncate") }
    }

    package func sync() async throws(DiskError) {
        guard fdatasync(number) == 0 else { throw .last("fdatasync") }
    }

    package func close() async { descriptor = nil }
}
