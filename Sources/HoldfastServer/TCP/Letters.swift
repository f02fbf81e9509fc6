// The requests of one read that are other shards', in the order in which they came: they leave together, when all of
// the read was looked at, and wake each loop once.

import HoldfastCoordinator
import HoldfastModel

/// Letters for other shards that are still being written.
struct Letters {
    private var byShard: [[Letter]] = []
    private(set) var isEmpty = true

    /// What came one after another is in one, as long as it is of the same kind.
    private enum Letter {
        case requests([RoutedRequest])
        case plain(PlainLetter)
    }

    mutating func add(_ request: RoutedRequest, to loop: LoopIndex) {
        let place = place(of: loop)
        guard case .requests(var requests)? = byShard[place].last else {
            return byShard[place].append(.requests([request]))
        }
        // Out of its place while it grows: else all of it would be copied.
        byShard[place].removeLast()
        requests.append(request)
        byShard[place].append(.requests(requests))
    }

    /// Lets `body` add to a plain letter.
    mutating func add(
        to loop: LoopIndex,
        from principal: Principal,
        on connection: ConnectionID,
        _ body: (inout PlainLetter) -> Void
    ) {
        let place = place(of: loop)
        guard case .plain(var letter)? = byShard[place].last else {
            var letter = PlainLetter(from: principal, on: connection)
            body(&letter)
            return byShard[place].append(.plain(letter))
        }
        byShard[place].removeLast()
        body(&letter)
        byShard[place].append(.plain(letter))
    }

    private mutating func place(of loop: LoopIndex) -> Int {
        isEmpty = false
        while byShard.count <= loop.number { byShard.append([]) }
        return Int(loop.number)
    }

    mutating func handOver(to shards: [Shard]) {
        guard !isEmpty else { return }
        isEmpty = true
        for index in byShard.indices where !byShard[index].isEmpty {
            for letter in byShard[index] {
                switch letter {
                case .requests(let requests): shards[index].home.handOver(requests)
                case .plain(let letter): shards[index].home.handOver(letter)
                }
            }
            byShard[index].removeAll(keepingCapacity: true)
        }
    }
}
