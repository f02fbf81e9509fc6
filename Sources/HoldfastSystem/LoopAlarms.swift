// The armed alarms of one loop: a heap of deadlines by handle, and who stands behind each handle. An
// alarm has a handle only while it is armed; a disarmed one costs its loop nothing.

import HoldfastModel

/// The alarms of a loop that wait for their deadlines.
struct LoopAlarms {
    private var deadlines = DeadlineHeap()
    private var alarms: [LoopAlarm?] = []
    private var free: [UInt32] = []
    /// Equal deadlines ring in the order in which they were set.
    private var setCount: UInt32 = 0

    var count: Int { deadlines.count }
    /// The earliest deadline; `.never` without one.
    var earliest: Instant { deadlines.first?.deadline ?? .never }

    /// Arms, moves or, with `.never`, disarms an alarm, in O(log n).
    mutating func set(_ alarm: LoopAlarm, for deadline: Instant) {
        guard deadline != .never else { return disarm(alarm) }
        setCount &+= 1
        deadlines.set(alarm.handle ?? makeHandle(of: alarm), to: deadline, tie: setCount)
    }

    /// Takes out the earliest alarm if its deadline is at or before `now`.
    mutating func popDue(at now: Instant) -> LoopAlarm? {
        guard let first = deadlines.first, first.deadline <= now,
            let alarm = alarms[Int(first.handle)]
        else { return nil }
        disarm(alarm)
        return alarm
    }

    mutating func removeAll() {
        for alarm in alarms { alarm?.handle = nil }
        self = LoopAlarms()
    }

    private mutating func makeHandle(of alarm: LoopAlarm) -> UInt32 {
        let handle = free.popLast() ?? UInt32(alarms.count)
        if handle == alarms.count { alarms.append(alarm) } else { alarms[Int(handle)] = alarm }
        alarm.handle = handle
        return handle
    }

    private mutating func disarm(_ alarm: LoopAlarm) {
        guard let handle = alarm.handle else { return }
        alarm.handle = nil
        alarms[Int(handle)] = nil
        free.append(handle)
        deadlines.remove(handle)
    }
}
