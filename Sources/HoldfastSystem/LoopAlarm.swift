// A deadline in a loop's heap and the task that waits for it. A deadline that is reached while nobody
// waits is remembered: the next `rings` returns at once, unless the deadline was moved meanwhile.

import HoldfastModel

/// An alarm of an event loop.
final class LoopAlarm: Alarm, @unchecked Sendable {
    /// Its number among the loop's alarms while it is armed; they keep it.
    var handle: UInt32?

    private let loop: EventLoop
    private let handler: (() -> Void)?
    private var waiter = WaitPlace<Bool>()
    private var hasRung = false

    /// With a handler, that is called instead of waking a task.
    init(of loop: EventLoop, handler: (() -> Void)? = nil) {
        self.loop = loop
        self.handler = handler
    }

    func set(for deadline: Instant) {
        loop.requireCurrent()
        hasRung = false
        loop.alarms.set(self, for: deadline)
    }

    func rings() async -> Bool {
        loop.requireCurrent()
        guard !Task.isCancelled else { return false }
        if hasRung {
            hasRung = false
            return true
        }
        let number = waiter.nextNumber()
        return await parked {
            waiter.park($0)
        } onCancel: {
            loop.post { self.waiter.wake(number: number, false) }
        }
    }

    /// The deadline was reached; the loop no longer keeps it.
    func ring() {
        if let handler { return handler() }
        hasRung = !waiter.wake(true)
    }
}
