// Short files that the kernel makes when they are read: what it knows of this process, and the bounds of a group.

import Glibc

/// Text of the kernel's.
enum KernelText {
    /// No such file is longer by far.
    private static let bytesMax = 65_536

    /// Nil where there is no such file.
    static func read(_ path: String) -> String? {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        let file = FileDescriptor(owning: number)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < bytesMax {
            let count = Glibc.read(file.number, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The number in a file that holds nothing else; nil also for "max".
    static func number(_ path: String) -> Int? {
        read(path).flatMap { Int($0.split(whereSeparator: \.isWhitespace).first ?? "") }
    }

    /// The numbers of lines of a name and a number.
    static func table(_ path: String) -> [Substring: Int] {
        var table: [Substring: Int] = [:]
        for line in (read(path) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let number = Int(words[1]) else { continue }
            table[words[0]] = number
        }
        return table
    }
}
