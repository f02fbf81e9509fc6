// One clock a shard: the earliest deadline of every resource and session on the loop, and one alarm
// for the first of them. A deadline that moves later is left alone and re-armed when it comes too
// early; so a lease that is renewed or released before its end costs the clock nothing.

import HoldfastModel

/// The deadlines of one shard.
struct ExpiryClock: Sendable {
    private var resources = DeadlineHeap()
    private var sessions = DeadlineHeap()
    private let alarm: any Alarm
    private var alarmAt = Instant.never
    /// When resources are looked through for such as may rest.
    private var round = Instant.never

    init(alarm: any Alarm) { self.alarm = alarm }

    /// Makes sure that the resource is looked at no later than its deadline.
    mutating func arm(_ handle: UInt32, for deadline: Instant) {
        guard deadline < resources.deadline(of: handle) ?? .never else { return }
        resources.set(handle, to: deadline)
        moveAlarm(to: deadline)
    }

    mutating func disarm(_ handle: UInt32) { resources.remove(handle) }

    mutating func arm(session handle: UInt32, for deadline: Instant) {
        sessions.set(handle, to: deadline)
        moveAlarm(to: deadline)
    }

    mutating func disarm(session handle: UInt32) { sessions.remove(handle) }

    mutating func arm(round at: Instant) {
        round = at
        moveAlarm(to: at)
    }

    /// Whether it is time, once.
    mutating func takeRound(at now: Instant) -> Bool {
        guard round <= now else { return false }
        round = .never
        return true
    }

    /// Of resources and sessions that something is due for.
    var count: Int { resources.count + sessions.count }

    /// Takes out the first resource that is due.
    mutating func takeDueResource(at now: Instant) -> UInt32? { resources.takeDue(at: now) }

    mutating func takeDueSession(at now: Instant) -> UInt32? { sessions.takeDue(at: now) }

    /// Sets the alarm for what is next, at the earliest at `floor`.
    mutating func rearm(notBefore floor: Instant) {
        let first = min(
            resources.first?.deadline ?? .never,
            sessions.first?.deadline ?? .never
        )
        alarmAt = max(min(first, round), floor)
        alarm.set(for: alarmAt)
    }

    private mutating func moveAlarm(to deadline: Instant) {
        guard deadline < alarmAt else { return }
        alarmAt = deadline
        alarm.set(for: deadline)
    }
}

extension DeadlineHeap {
    fileprivate mutating func takeDue(at now: Instant) -> UInt32? {
        guard let first, first.deadline <= now else { return nil }
        remove(first.handle)
        return first.handle
    }
}
