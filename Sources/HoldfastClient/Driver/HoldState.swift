// What a lock handle and the driver share: until when the lock may be trusted, and how it ended. Read from
// any thread at any time, because the holder must be able to ask between two of its own steps.

import HoldfastModel
import Synchronization

/// The safe deadline of what is bound to the session (rule 5).
final class SessionDeadline: Sendable {
    private let nanoseconds = Atomic<Int64>(0)

    var instant: Instant { Instant(nanoseconds: nanoseconds.load(ordering: .acquiring)) }

    func set(_ instant: Instant) { nanoseconds.store(instant.nanoseconds, ordering: .releasing) }
}

/// One lock that is being kept, as its holder sees it.
final class HoldState: Sendable {
    /// How it stands with the holder's knowledge.
    ///
    /// `held`: leaves for `lost`, or for `over` when the holder gives it back.
    private enum Standing {
        case held
        case lost(LockLoss)
        case over
    }

    private struct State {
        var standing = Standing.held
        var waiters: [UInt64: CheckedContinuation<LockLoss?, Never>] = [:]
        var lastWaiter: UInt64 = 0
        /// Cancelled before they waited.
        var cancelled: Set<UInt64> = []
    }

    let lock: HeldLock
    private let session: SessionDeadline?
    private let ownDeadline: Atomic<Int64>
    private let state = Locked(State())

    init(_ lock: HeldLock, session: SessionDeadline?) {
        self.lock = lock
        self.session = session
        ownDeadline = Atomic(lock.safeUntil.nanoseconds)
    }

    /// The earlier of rules 5 and 13.
    var safeUntil: Instant {
        let own = Instant(nanoseconds: ownDeadline.load(ordering: .acquiring))
        return min(own, session?.instant ?? .never)
    }

    var loss: LockLoss? {
        state.withLock { state in
            if case .lost(let loss) = state.standing { loss } else { nil }
        }
    }

    var isHeld: Bool {
        state.withLock { state in
            if case .held = state.standing { true } else { false }
        }
    }

    func extend(until deadline: Instant) {
        ownDeadline.store(deadline.nanoseconds, ordering: .releasing)
    }

    /// The lock is gone.
    func lose(_ loss: LockLoss) { leave(for: .lost(loss), telling: loss) }

    /// The holder gives it back; not a loss.
    func end() { leave(for: .over, telling: nil) }

    private func leave(for next: Standing, telling loss: LockLoss?) {
        let waiters = state.withLock { state in
            guard case .held = state.standing else {
                return [CheckedContinuation<LockLoss?, Never>]()
            }
            state.standing = next
            defer { state.waiters = [:] }
            return state.waiters.sorted { $0.key < $1.key }.map(\.value)
        }
        for waiter in waiters { waiter.resume(returning: loss) }
    }

    /// Waits until the lock is lost; nil when it was given back, or the task was cancelled.
    func loss() async -> LockLoss? {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0, as: number) }
        } onCancel: {
            cancelWait(number)
        }
    }

    private func wait(_ waiter: CheckedContinuation<LockLoss?, Never>, as number: UInt64) {
        let answer: LockLoss?? = state.withLock { state in
            switch state.standing {
            case .lost(let loss): return .some(loss)
            case .over: return .some(nil)
            case .held: break
            }
            guard state.cancelled.remove(number) == nil else { return .some(nil) }
            state.waiters[number] = waiter
            return nil
        }
        if let answer { waiter.resume(returning: answer) }
    }

    private func cancelWait(_ number: UInt64) {
        let waiter: CheckedContinuation<LockLoss?, Never>? = state.withLock { state in
            if let waiter = state.waiters.removeValue(forKey: number) { return waiter }
            if case .held = state.standing { state.cancelled.insert(number) }
            return nil
        }
        waiter?.resume(returning: nil)
    }
}
