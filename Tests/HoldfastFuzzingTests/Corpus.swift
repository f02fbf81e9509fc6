// The inputs that fuzzers begin with and that tests replay, read from the folder beside this file.

import FoundationEssentials
import HoldfastFuzzing
import Testing

/// One input of the corpus.
struct CorpusInput: Sendable, CustomTestStringConvertible {
    var target: String
    var name: String
    var bytes: [UInt8]

    var testDescription: String { "\(target)/\(name)" }

    /// Every input of every target, in the order of their names.
    static let all = FuzzTargets.all.flatMap { inputs(of: $0.name) }

    static func inputs(of target: String) -> [CorpusInput] {
        let folder = top + "/" + target
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { name in
            FileManager.default.contents(atPath: folder + "/" + name).map {
                CorpusInput(target: target, name: name, bytes: [UInt8]($0))
            }
        }
    }

    private static let top =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/") + "/Corpus"
}
