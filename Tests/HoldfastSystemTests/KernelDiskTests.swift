// The kernel's disk, in a directory of its own: every call of the seam, and the errors that a directory can give.

import Glibc
import HoldfastModel
import TestSupport
import Testing

@testable import HoldfastSystem

struct KernelDiskTests {
    private func permissions(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test func `what is written is read back, and files are their owner's alone`() async throws {
        try await Scratch.with { path in
            let disk = try KernelDisk(at: path)
            let file = try await disk.open("a", creating: true)
            try await file.write([1, 2, 3, 4], at: 2)
            try await file.sync()
            #expect(try await file.size() == 6)
            #expect(try await file.read(at: 0, count: 100) == [0, 0, 1, 2, 3, 4])
            #expect(try await file.read(at: 5, count: 1) == [4])
            #expect(try await file.read(at: 6, count: 1) == [])
            #expect(try await file.read(at: 99, count: 1) == [])
            try await file.truncate(to: 3)
            try await file.reserve(10)
            #expect(try await file.read(at: 0, count: 100) == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
            await file.close()
            try await disk.syncDirectory()
            #expect(permissions("\(path)/a") == 0o600)
        }
    }

    @Test func `names come sorted, move and go`() async throws {
        try await Scratch.with { path in
            let disk = try KernelDisk(at: path)
            for name in ["b", "c", "a"] { await (try disk.open(name, creating: true)).close() }
            #expect(try await disk.list() == ["a", "b", "c"])
            try await disk.rename("a", to: "c")
            try await disk.remove("b")
            #expect(try await disk.list() == ["c"])
            #expect(try await disk.list() == ["c"])
        }
    }

    @Test func `what is not there is missing`() async throws {
        try await Scratch.with { path in
            let disk = try KernelDisk(at: path)
            for attempt in 0..<3 {
                do throws(DiskError) {
                    switch attempt {
                    case 0: _ = try await disk.open("x", creating: false)
                    case 1: try await disk.remove("x")
                    default: try await disk.rename("x", to: "y")
                    }
                    Issue.record("attempt \(attempt) found something")
                } catch {
                    guard case .missing = error else {
                        Issue.record("\(error)")
                        continue
                    }
                }
            }
        }
    }

    @Test func `the directory is made where only its last name is missing`() async throws {
        try await Scratch.with { path in
            let inner = "\(path)/inner"
            _ = try KernelDisk(at: inner)
            #expect(permissions(inner) == 0o700)
            rmdir(inner)
            #expect(throws: DiskError.self) { try KernelDisk(at: "\(path)/x/y") }
            #expect(throws: DiskError.self) { try KernelDisk(at: inner, access: .readOnly) }
        }
    }

    @Test func `only one disk at a time locks a directory`() async throws {
        try await Scratch.with { path in
            let (first, second) = (try KernelDisk(at: path), try KernelDisk(at: path))
            try await first.lock()
            do throws(DiskError) {
                try await second.lock()
                Issue.record("locked twice")
            } catch {
                #expect(error == .inUse("the file lock is locked"))
            }
            await first.unlock()
            try await second.lock()
            await second.unlock()
        }
    }

    @Test func `a disk that was dropped has let go`() async throws {
        try await Scratch.with { path in
            var first: KernelDisk? = try KernelDisk(at: path)
            try await first?.lock()
            first = nil
            let second = try KernelDisk(at: path)
            try await second.lock()
            #expect(try await second.list() == [KernelDisk.lockName])
        }
    }

    @Test func `a lock that was let go of stays with no copy of its descriptor`() async throws {
        try await Scratch.with { path in
            let (first, second) = (try KernelDisk(at: path), try KernelDisk(at: path))
            try await first.lock()
            let copy = dup(try #require(descriptor(of: "\(path)/lock")))
            defer { close(copy) }
            await first.unlock()
            try await second.lock()
        }
    }

    /// The descriptor under which this process has a file open.
    private func descriptor(of path: String) -> Int32? {
        OpenDescriptors.all.first { number in
            var target = [CChar](repeating: 0, count: 256)
            let count = readlink("/proc/self/fd/\(number)", &target, target.count)
            return count > 0 && target.prefix(count).elementsEqual(path.utf8.map(CChar.init))
        }
    }

    @Test func `a disk for reading changes nothing`() async throws {
        try await Scratch.with { path in
            let disk = try KernelDisk(at: path)
            let file = try await disk.open("a", creating: true)
            try await file.write([1], at: 0)
            let reader = try KernelDisk(at: path, access: .readOnly)
            let same = try await reader.open("a", creating: false)
            #expect(try await same.read(at: 0, count: 9) == [1])
            await #expect(throws: DiskError.self) { try await same.write([2], at: 0) }
        }
    }

    @Test func `a file that others may use is closed to them, unless it is only read`() async throws
    {
        try await Scratch.with { path in
            let disk = try KernelDisk(at: path)
            _ = try await disk.open("a", creating: true)
            func mode() -> mode_t {
                var status = stat()
                return stat(path + "/a", &status) == 0 ? status.st_mode & 0o777 : 0
            }
            #expect(mode() == 0o600)
            chmod(path + "/a", 0o664)
            _ = try await KernelDisk(at: path, access: .readOnly).open("a", creating: false)
            #expect(mode() == 0o664)
            _ = try await disk.open("a", creating: false)
            #expect(mode() == 0o600)
        }
    }

    /// Needs a user to whom permissions apply.
    @Test(.enabled(if: geteuid() != 0))
    func `a directory that may not be written is denied`() async throws {
        try await Scratch.with { path in
            let disk = try KernelDisk(at: path)
            chmod(path, 0o500)
            do throws(DiskError) {
                try await disk.lock()
                Issue.record("locked")
            } catch {
                guard case .denied = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
    }

    /// Needs root, who alone can give a directory away; then root is the user whose directory it is not.
    @Test(.enabled(if: geteuid() == 0))
    func `a directory of another user is read, and not written, also by root`() async throws {
        try await Scratch.with { path in
            try #require(chown(path, 65_534, gid_t.max) == 0)
            let text =
                "\(path) belongs to user 65534, and this is user 0: start as that user, or make it "
                + "this user's while no server runs: chown -R 0 \(path)"
            #expect(throws: DiskError.denied(text)) { try KernelDisk(at: path) }
            #expect(try await KernelDisk(at: path, access: .readOnly).list() == [])
            try #require(chown(path, 0, gid_t.max) == 0)
            _ = try KernelDisk(at: path)
        }
    }

    @Test(arguments: [0o700, 0o750, 0o755, 0o720, 0o770, 0o702, 0o777])
    func `a directory that others may write is refused with what mends it`(mode: Int) async throws {
        try await Scratch.with { path in
            chmod(path, mode_t(mode))
            guard mode & 0o022 != 0 else {
                _ = try KernelDisk(at: path)
                return
            }
            let text =
                "others than its owner may write in \(path) (mode 0\(String(mode, radix: 8))), and so "
                + "change everybody's locks: close it with 'chmod go-w \(path)'"
            #expect(throws: DiskError.denied(text)) { try KernelDisk(at: path) }
            #expect(try await KernelDisk(at: path, access: .readOnly).list() == [])
        }
    }

    /// A user who is not root finds a directory that is root's everywhere.
    @Test(.enabled(if: geteuid() != 0))
    func `a directory of root is not written by another`() {
        #expect(throws: DiskError.self) { try KernelDisk(at: "/") }
    }

    @Test func `a kernel's number becomes an error that can be told apart`() {
        #expect(DiskError(ENOSPC, "x") == .full)
        #expect(DiskError(EDQUOT, "x") == .full)
        #expect(DiskError(EROFS, "x") == .denied("x: Read-only file system"))
        #expect(DiskError(ENOENT, "x") == .missing("x: No such file or directory"))
        #expect(DiskError(EIO, "x") == .failed("x: Input/output error"))
    }
}
