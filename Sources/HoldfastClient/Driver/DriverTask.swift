// The one task of this package that no scope of its caller contains. A client made with a plain
// initializer has nobody who waits for it, and its connection must be served between two calls. The task
// is pinned to the client's loop, there is one per client, and `HoldfastClient.close()` waits for it.
// `HoldfastClient.withClient` and `run()` need none: there the caller's scope drives.

import HoldfastModel

/// The task that drives a client outside of any scope.
struct DriverTask: Sendable {
    private let task: Task<Void, Never>

    init(driving driver: ClientDriver) {
        task = Task(executorPreference: driver.loop) { await driver.run() }
    }

    func value() async { await task.value }
}
