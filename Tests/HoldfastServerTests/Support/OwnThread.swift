// The few threads that all tests of the process share must stay free: a body that computes for seconds, or blocks in
// recv, runs on a thread of its own.

import HoldfastModel
import HoldfastSystem

/// Runs a body on an event loop's thread, and ends the loop.
func onOwnThread(_ body: (EventLoop) async throws -> Void) async throws {
    let thread = try EventLoop(index: LoopIndex(number: 0))
    try thread.start()
    defer { thread.stop() }
    try await withTaskExecutorPreference(thread) { try await body(thread) }
}
