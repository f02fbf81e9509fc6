// A file that only grows keeps its lines whole, and to itself.

import Glibc
import HoldfastSystem
import TestSupport
import Testing

struct AppendFileTests {
    private func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
        let number = open(path, O_WRONLY | O_CREAT, mode)
        #expect(number >= 0 && Glibc.write(number, text, text.utf8.count) == text.utf8.count)
        fchmod(number, mode)
        close(number)
    }

    @Test func `a line that was cut off is ended before the next`() async throws {
        try await Scratch.with { folder in
            let path = folder + "/lines"
            for (before, after) in [("", ""), ("one\n", "one\n"), ("one\ntw", "one\ntw\n")] {
                unlink(path)
                try write(before, to: path)
                let file = try AppendFile(path)
                try file.append(Array("next\n".utf8))
                try file.append(Array("last\n".utf8))
                #expect(try SecretFile.read(path) == after + "next\nlast\n")
            }
        }
    }

    @Test func `what is believed though it is no secret may be written by its owner alone`()
        async throws
    {
        try await Scratch.with { folder in
            let path = folder + "/key.pub"
            for (mode, isRefused) in [(0o644 as mode_t, false), (0o664, true), (0o646, true)] {
                unlink(path)
                try write("key", to: path, mode: mode)
                guard isRefused else {
                    #expect(try SecretFile.read(path, isSecret: false) == "key")
                    continue
                }
                let error = #expect(throws: SecretFileError.self) {
                    try SecretFile.read(path, isSecret: false)
                }
                #expect(error?.description.contains("chmod go-w \(path)") == true)
            }
        }
    }

    @Test func `a pipe in the place of a file holds nobody up`() async throws {
        try await Scratch.with { folder in
            let path = folder + "/pipe"
            try #require(mkfifo(path, 0o600) == 0)
            for isSecret in [true, false] {
                let error = #expect(throws: SecretFileError.self) {
                    try SecretFile.read(path, isSecret: isSecret)
                }
                #expect(error?.description == "\(path) is no file")
            }
            let flaw = #expect(throws: TLSFlaw.self) {
                try TLSContext(server: TLSFiles(certificate: path, key: path), protocols: ["a"])
            }
            #expect(flaw?.description.contains("it is no file") == true)
        }
    }

    @Test func `what others may read or write is refused with what mends it`() async throws {
        try await Scratch.with { folder in
            let path = folder + "/lines"
            for mode: mode_t in [0o640, 0o604, 0o620, 0o602] {
                unlink(path)
                try write("", to: path, mode: mode)
                let error = #expect(throws: SecretFileError.self) { try AppendFile(path) }
                #expect(error?.description.contains("chmod 600 \(path)") == true)
                #expect(SecretFile.warning(of: path)?.contains("chmod 600 \(path)") == true)
            }
            unlink(path)
            _ = try AppendFile(path)
            #expect(SecretFile.warning(of: path) == nil)
            #expect(SecretFile.warning(of: folder) == nil)
        }
    }
}
