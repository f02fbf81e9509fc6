// When there is so little memory that nothing new is taken, and when there is enough again. A level that was reached
// is left only below a lower mark, so that a server at the edge does not change its mind with every ticket. What lies
// above the marks is for what must go on: renewals, releases, the records of both, tables that grow.
//
//     used  0 ──────────── low ──── high ──────── top ───────── limit
//           takes all           no tickets,      no connections
//                               until below low  until below high

import HoldfastCoordinator
import HoldfastModel

/// Decides how short memory is, look by look.
struct MemoryRule: Hashable, Sendable {
    let limitBytes: Int
    private(set) var level = MemoryLevel.enough

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    private static let (lowPercent, highPercent, topPercent) = (65, 75, 85)

    /// Below this memory is enough again.
    var lowBytes: Int { limitBytes / 100 * MemoryRule.lowPercent }
    /// From here on it is short.
    var highBytes: Int { limitBytes / 100 * MemoryRule.highPercent }
    /// From here on it is scarce.
    var topBytes: Int { limitBytes / 100 * MemoryRule.topPercent }

    /// Takes what is in use now; true where that changes something.
    mutating func look(usedBytes: Int) -> Bool {
        let before = level
        let isShort = usedBytes >= (before >= .short ? lowBytes : highBytes)
        let isScarce = usedBytes >= (before == .scarce ? highBytes : topBytes)
        level = isScarce ? .scarce : isShort ? .short : .enough
        return level != before
    }

    /// When to look again: before the room up to the high mark can be used up.
    func pause(usedBytes: Int) -> Interval {
        guard level == .enough else { return MemoryRule.pauseWhileShort }
        let room = Int64(max(0, highBytes - usedBytes))
        let pause = Interval(nanoseconds: room * (1_000_000_000 / MemoryRule.growthPerSecond))
        return min(max(pause, MemoryRule.pauseMin), MemoryRule.pauseMax)
    }

    /// More than all loops together were seen to take.
    private static let growthPerSecond: Int64 = 1_000_000_000
    static let pauseMin = Interval.milliseconds(5)
    static let pauseMax = Interval.seconds(1)
    static let pauseWhileShort = Interval.milliseconds(100)
}
