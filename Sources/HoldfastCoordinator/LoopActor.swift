// A call from one actor of a loop into another as what it is at run time: a function call. An `await` between them
// never leaves the thread either, but costs about a thousand instructions, for the frames of the callers and the look
// at the task's executor; a request makes several. `assumeIsolated` was rejected: it allocates twice to make sure that
// its closure does not escape.

import HoldfastModel

/// An actor that is pinned to a loop for all its life.
protocol LoopActor: Actor {
    nonisolated var loop: any Loop { get }
}

extension LoopActor {
    /// Lets `body` run on this actor now.
    ///
    /// The caller is on the actor's loop, which is looked at in debug builds. `body` gets what it needs in `argument`
    /// and captures nothing, so that nothing is allocated. Not for other modules: it must be inlined to cost nothing.
    @inline(__always)
    nonisolated func onSameLoop<Argument, Result>(
        _ argument: Argument,
        _ body: @escaping (isolated Self, Argument) -> Result
    ) -> Result {
        assert(loop.isCurrent, "called from another loop")
        // Safe: isolation is nothing but a promise about where the caller runs, and the line above is that promise.
        let plain = unsafe unsafeBitCast(body, to: ((Self, Argument) -> Result).self)
        return plain(self, argument)
    }
}
