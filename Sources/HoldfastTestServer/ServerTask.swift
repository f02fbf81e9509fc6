// The task of a test server that was started without a scope: a test's set-up returns before its test
// runs, so nothing there can wait for it. There is one per server, and `stop()` waits for it.

/// The task that serves between `start` and `stop`.
struct ServerTask: Sendable {
    private let task: Task<Void, Never>

    init(running server: HoldfastTestServer) {
        task = Task {
            // A loop that could not be started shows as a server that is not there.
            try? await server.run()
        }
    }

    func value() async { await task.value }
}
