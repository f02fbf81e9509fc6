// What tests leave on disk, in one place: a directory of its own for each, and the shell for what only commands make.

import Glibc

/// A fresh directory; whoever made it removes it.
package struct Scratch: Sendable {
    package let path: String

    package struct Failure: Error {}

    package init() throws {
        // The kernel's call writes a name of its own over the last six letters.
        var template = Array(("/tmp/holdfast-test-" + String(repeating: "X", count: 6)).utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else { throw Failure() }
        path = made
    }

    /// Lets a body use a directory that is gone after it.
    package static func with(_ body: (String) async throws -> Void) async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        try await body(scratch.path)
    }

    /// Removes it with the files in it, whatever a test made of its permissions.
    package func remove() {
        chmod(path, 0o700)
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                        String(cString: $0)
                    }
                }
                unlink("\(path)/\(name)")
            }
            closedir(directory)
        }
        rmdir(path)
    }

    /// Runs a script; it fails where one of its commands does.
    package static func shell(_ script: String) throws {
        var pid = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = [
            strdup("sh"), strdup("-ec"), strdup(script), nil,
        ]
        defer { for argument in arguments { free(argument) } }
        guard posix_spawn(&pid, "/bin/sh", nil, nil, &arguments, environ) == 0 else {
            throw Failure()
        }
        var status: Int32 = 0
        guard waitpid(pid, &status, 0) == pid, status == 0 else { throw Failure() }
    }
}
