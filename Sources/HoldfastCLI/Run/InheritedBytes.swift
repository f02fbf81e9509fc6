// What a command gets of this process, byte for byte: names of files need not be text, and a text that was made of them
// is another name. So what a command was given is looked up where it came from, and only what is new is written anew.

import Glibc

/// The words and variables that this process was started with.
enum InheritedBytes {
    /// The bytes of the words of a command, which are the last ones of this process.
    static func arguments(_ words: [String]) -> [[CChar]] {
        var all: [[CChar]] = []
        for index in 0..<Int(CommandLine.argc) {
            guard let word = CommandLine.unsafeArgv[index] else { break }
            all.append(bytes(of: word))
        }
        return arguments(words, from: all)
    }

    static func arguments(_ words: [String], from all: [[CChar]]) -> [[CChar]] {
        let own = all.suffix(words.count)
        guard own.count == words.count else { return words.map { Array($0.utf8CString) } }
        return zip(words, own).map { word, bytes in
            text(of: bytes) == word ? bytes : Array(word.utf8CString)
        }
    }

    /// The same for variables, without an order.
    static func variables(_ variables: [String: String]) -> [[CChar]] {
        var all: [[CChar]] = []
        var next = environ
        while let entry = next.pointee {
            all.append(bytes(of: entry))
            next += 1
        }
        return InheritedBytes.variables(variables, from: all)
    }

    static func variables(_ variables: [String: String], from all: [[CChar]]) -> [[CChar]] {
        var rest = variables
        var entries: [[CChar]] = []
        for bytes in all {
            guard let (name, value) = text(of: bytes).atFirstEquals, let wanted = rest[name],
                wanted == value
            else { continue }
            rest[name] = nil
            entries.append(bytes)
        }
        return entries + rest.map { Array("\($0.key)=\($0.value)".utf8CString) }
    }

    private static func bytes(of text: UnsafePointer<CChar>) -> [CChar] {
        Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1))
    }

    /// As the standard library shows it.
    private static func text(of bytes: [CChar]) -> String {
        String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
