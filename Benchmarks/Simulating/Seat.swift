// What a thread that plays seeds is at, for those who are called without knowing why: the hooks of the runtime, and
// the handler of a signal that ends the process. Both run on the thread that caused them, so a place that belongs to
// the thread tells which seed it was, however many are played at once.

import Glibc

/// The place of one thread.
enum Seat {
    struct State {
        var seed: UInt64 = 0
        var escapedCount = 0
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key, nil)
        precondition(status == 0, "no place for a thread: \(status)")
        return key
    }()

    /// Nil on a thread that plays nothing.
    static var current: UnsafeMutablePointer<State>? {
        pthread_getspecific(key)?.assumingMemoryBound(to: State.self)
    }

    /// Gives this thread a place while `body` runs.
    static func taken(_ body: () -> Void) {
        let place = UnsafeMutablePointer<State>.allocate(capacity: 1)
        place.initialize(to: State())
        pthread_setspecific(key, place)
        body()
        pthread_setspecific(key, nil)
        place.deallocate()
    }
}
