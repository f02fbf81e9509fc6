// The kernel's list of what became ready, and the bell that wakes a sleeper. Every descriptor is
// registered once in its life, for everything and edge-triggered: a connection costs one epoll_ctl, and
// the bell is never read, because each ring is an edge of its own.

import CSystem
import Glibc

/// epoll and an eventfd.
final class Poller {
    private let epoll: FileDescriptor
    private let bell: FileDescriptor
    private let events: UnsafeMutablePointer<holdfast_event>

    /// Stands for the bell among the tokens.
    private static let bellToken = UInt64.max

    init() throws(SystemError) {
        epoll = try Self.open("epoll_create1", holdfast_epoll_create())
        bell = try Self.open("eventfd", holdfast_eventfd_create())
        events = .allocate(capacity: Int(HOLDFAST_EVENTS_MAX))
        events.initialize(repeating: holdfast_event(), count: Int(HOLDFAST_EVENTS_MAX))
        guard holdfast_epoll_add(epoll.number, bell.number, Self.bellToken) == 0 else {
            throw SystemError.last("epoll_ctl")
        }
    }

    deinit { events.deallocate() }

    /// Wakes whoever sleeps in `wait`, or makes the next one return at once.
    ///
    /// Any thread.
    func wake() {
        // The counter is full after 2^64 rings; a ring that found it full has rung, too.
        _ = holdfast_eventfd_wake(bell.number)
    }

    func add(_ descriptor: Int32, token: UInt64) throws(SystemError) {
        guard holdfast_epoll_add(epoll.number, descriptor, token) == 0 else {
            throw SystemError.last("epoll_ctl")
        }
    }

    /// For a descriptor that outlives its registration.
    func remove(_ descriptor: Int32) { _ = holdfast_epoll_remove(epoll.number, descriptor) }

    /// Looks for what became ready, and how much; waits up to `milliseconds` for it, for ever with -1.
    func wait(milliseconds: Int32) -> Int {
        // EINTR counts as nothing ready: the loop works out its next sleep anew.
        max(0, Int(holdfast_epoll_wait(epoll.number, events, milliseconds)))
    }

    /// Shows what the latest `wait` found.
    func forEach(_ count: Int, _ body: (_ token: UInt64, _ readiness: Readiness) -> Void) {
        for event in UnsafeBufferPointer(start: events, count: count)
        where event.token != Self.bellToken {
            body(event.token, Readiness(rawValue: event.readiness))
        }
    }

    private static func open(
        _ call: String,
        _ number: Int32
    ) throws(SystemError) -> FileDescriptor {
        guard number >= 0 else { throw SystemError.last(call) }
        return FileDescriptor(owning: number)
    }
}

/// What a descriptor became ready for since it was last heard of.
struct Readiness: OptionSet {
    let rawValue: UInt32

    static let readable = Readiness(rawValue: HOLDFAST_READABLE)
    static let writable = Readiness(rawValue: HOLDFAST_WRITABLE)
    /// The peer finished or is gone, or there is an error to read: a short read is not the last.
    static let hangup = Readiness(rawValue: HOLDFAST_HANGUP)
}
