// The few words that the counting benchmark understands.

/// What to do with the counts, and how many cycles and locks to count.
struct CountOptions {
    enum Action {
        case show
        case check
        case update
    }

    var action = Action.show
    var cycles = 20_000
    var locks = 1_000_000

    init(_ arguments: some Sequence<String>) throws {
        var arguments = arguments.makeIterator()
        while let argument = arguments.next() {
            switch argument {
            case "--check": action = .check
            case "--update": action = .update
            case "--cycles": cycles = try Self.number(after: argument, in: arguments.next())
            case "--locks": locks = try Self.number(after: argument, in: arguments.next())
            default: throw UsageError(word: argument)
            }
        }
    }

    private static func number(after word: String, in text: String?) throws -> Int {
        guard let number = text.flatMap({ Int($0) }), number >= 1000 else {
            throw UsageError(word: word)
        }
        return number
    }
}

/// A word that means nothing here.
struct UsageError: Error, CustomStringConvertible {
    var word: String
    var description: String {
        "\(word)? usage: holdfast-count [--check|--update] [--cycles N] [--locks N], N from 1000"
    }
}
