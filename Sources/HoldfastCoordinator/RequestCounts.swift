// How requests were answered, by operation and outcome: a table of plain numbers on each loop. What is counted is the
// answer, where the shard decides it: the request that is being performed is known there, so its operation is, too. An
// answer that comes later, in another's step, is that of somebody who waited.

package import HoldfastModel

/// Answers by operation and outcome.
package struct RequestCounts: Hashable, Sendable {
    /// A row for each operation; in it first what succeeded, then the codes of refusals.
    private var counts = Array(repeating: 0, count: Operation.Kind.allCases.count * rowCount)

    private static let rowCount = 1 + ErrorCode.allCases.count

    package init() {}

    /// Nil for the outcome is success.
    package subscript(kind: Operation.Kind, code: ErrorCode?) -> Int {
        counts[RequestCounts.index(kind, code)]
    }

    @inline(__always)
    mutating func count(_ answer: Answer, to kind: Operation.Kind) {
        if case .refused(let refusal) = answer {
            counts[RequestCounts.index(kind, refusal.code)] += 1
        } else {
            countSuccess(of: kind)
        }
    }

    @inline(__always)
    mutating func countSuccess(of kind: Operation.Kind) {
        counts[Int(kind.rawValue) * RequestCounts.rowCount] += 1
    }

    private static func index(_ kind: Operation.Kind, _ code: ErrorCode?) -> Int {
        let column = code.flatMap(ErrorCode.allCases.firstIndex).map { $0 + 1 } ?? 0
        return Int(kind.rawValue) * rowCount + column
    }

    mutating func add(_ other: RequestCounts) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }
}

extension Answer {
    /// What was asked by whom this answers after a wait: one of the two operations that wait.
    var kindOfWait: Operation.Kind {
        switch self {
        case .acquire: .acquire
        case .refused(let refusal) where refusal.loss?.endsAcquire == true: .acquire
        default: .lock
        }
    }
}
