// The rules under any sequence of events: the bytes say who does what and how much time goes by. After every step the
// state holds its own invariants and those of a ledger that reads only records and answers; at every crash, and at the
// end, what the records rebuild is what stood before, and so is what the image of the state rebuilds.

/// One resource and five clients.
package struct CoreTarget: FuzzTarget {
    package let name = "core"

    /// Later bytes of a longer input are not read: what takes longer to go wrong is for the simulator.
    private static let stepsMax = 400

    package init() {}

    package func run(_ bytes: [UInt8]) throws(Finding) {
        var source = ByteSource(bytes)
        var day = CoreDay(bounds: &source)
        var stepCount = 0
        while !source.isAtEnd, stepCount < CoreTarget.stepsMax {
            try day.act(&source)
            stepCount += 1
        }
        try day.finish()
    }
}

/// Hands out the input piece by piece; zeros when it is used up.
struct ByteSource {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { index >= bytes.count }

    mutating func next() -> UInt8 {
        guard index < bytes.count else { return 0 }
        defer { index += 1 }
        return bytes[index]
    }

    /// A number from 0 to below `count`.
    mutating func pick(_ count: Int) -> Int { Int(next()) % count }

    mutating func flip() -> Bool { next() & 1 == 1 }
}
