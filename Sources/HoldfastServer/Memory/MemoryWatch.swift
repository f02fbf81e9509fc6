// Looks at the memory of the process where somebody bounded it, and says to the whole server when it is short: then
// nothing new is taken (tickets, sessions, watches, at last connections), who does not read what waits for it is let
// go, and all that keeps or ends a lock goes on. Where nothing bounds the process nobody looks.

package import HoldfastCoordinator
import HoldfastModel
import HoldfastSystem

/// What is known of the memory of a process that has a limit.
final class MemoryWatch: Sendable {
    private let looks: Locked<[Look]>
    private let tell: @Sendable (String) -> Void

    fileprivate struct Look: Sendable {
        var limit: MemoryLimit
        var rule: MemoryRule
        var usedBytes = 0
    }

    init(_ limits: [MemoryLimit], tell: @escaping @Sendable (String) -> Void) {
        looks = Locked(
            limits.map { Look(limit: $0, rule: MemoryRule(limitBytes: $0.bytes)) }
        )
        self.tell = tell
    }

    /// Looks until the task is cancelled.
    ///
    /// On the loop.
    func watch(for coordinator: Coordinator, on loop: any Loop) async {
        guard !looks.withLock(\.isEmpty) else { return }
        let alarm = loop.makeAlarm()
        repeat {
            alarm.set(for: loop.reading.now + look(for: coordinator))
        } while await alarm.rings()
    }

    /// Gives when to look again.
    private func look(for coordinator: Coordinator) -> Interval {
        let census = coordinator.setting.census
        let before = census.memoryLevel
        // What was freed counts until the allocator gives it back.
        if before != .enough { ProcessMemory.giveBack() }
        let (level, pause, news) = lookAtAll()
        guard level != before else { return pause }
        census.memoryLevel = level
        tell("\(level.text): \(news)")
        return pause
    }

    /// The worst of all limits, and the words on the last that changed.
    private func lookAtAll() -> (MemoryLevel, Interval, String) {
        looks.withLock { looks in
            var (level, pause, news) = (MemoryLevel.enough, MemoryRule.pauseMax, "")
            for index in looks.indices {
                let rule = looks[index].rule
                let used = looks[index].limit.usedBytes(exactAbove: rule.lowBytes)
                // What cannot be read now keeps its level.
                looks[index].usedBytes = used ?? looks[index].usedBytes
                if looks[index].rule.look(usedBytes: looks[index].usedBytes) {
                    news = "\(looks[index])"
                }
                level = max(level, looks[index].rule.level)
                pause = min(pause, looks[index].rule.pause(usedBytes: looks[index].usedBytes))
            }
            return (level, pause, news)
        }
    }

    /// For whoever measures: the limit that is nearest.
    var figures: MemoryFigures {
        looks.withLock { looks in
            let nearest = looks.max { one, other in
                Double(one.usedBytes) / Double(max(1, one.limit.bytes))
                    < Double(other.usedBytes) / Double(max(1, other.limit.bytes))
            }
            return MemoryFigures(
                residentBytes: ProcessMemory.residentBytes,
                limitBytes: nearest?.limit.bytes,
                usedBytes: nearest?.usedBytes,
                level: looks.map(\.rule.level).max() ?? .enough
            )
        }
    }
}

extension MemoryWatch.Look: CustomStringConvertible {
    var description: String { "\(usedBytes >> 20) MiB of \(limit) are in use" }
}

extension MemoryLevel {
    fileprivate var text: String {
        switch self {
        case .enough: "there is memory again"
        case .short: "memory is short, no ticket, session or watch is taken until there is more"
        case .scarce: "memory is scarce, no connection is taken until there is more"
        }
    }
}

/// The memory of the process at one moment.
package struct MemoryFigures: Hashable, Sendable {
    package var residentBytes: Int
    /// Nil where nobody set one.
    package var limitBytes: Int?
    package var usedBytes: Int?
    package var level = MemoryLevel.enough

    package init(
        residentBytes: Int,
        limitBytes: Int? = nil,
        usedBytes: Int? = nil,
        level: MemoryLevel = .enough
    ) {
        self.residentBytes = residentBytes
        self.limitBytes = limitBytes
        self.usedBytes = usedBytes
        self.level = level
    }
}
