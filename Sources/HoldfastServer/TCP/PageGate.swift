// How many pages one connection may have on their way. A page (`list`, `history`) is a short request with an answer
// of up to some megabytes, and what other loops answer, or a disk holds back, is not yet counted by `outbound`: a
// thousand of them in flight would be more memory than a machine has. Past the gate the connection is not read until
// those are out.

import HoldfastCoordinator
import HoldfastModel

/// Counts the pages that a connection asked for and was not told yet.
struct PageGate: Sendable {
    private var lastNumber: UInt64?
    private var count = 0

    static let underWayMax = 4

    /// The request of this number asks for a page; `front` is the next whose reply is told.
    mutating func note(_ number: UInt64, front: UInt64) {
        // All before it are told: they are counted together, because that needs no look at any reply.
        if let last = lastNumber, last < front { count = 0 }
        count += 1
        lastNumber = number
    }

    /// Whether no further request may be read.
    @inline(__always)
    func isShut(front: UInt64) -> Bool {
        guard count >= PageGate.underWayMax, let lastNumber else { return false }
        return lastNumber >= front
    }
}

extension LineClient {
    /// The request of this number, which is not answered yet, asks for a page.
    func notePage(_ number: UInt64) {
        state.value.pages.note(number, front: state.value.ring.firstNumber)
    }
}

extension Operation {
    /// Its answer may be large though nothing large was asked.
    var isPage: Bool {
        switch self {
        case .list, .history: true
        default: false
        }
    }
}
