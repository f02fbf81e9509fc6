// A turn in pieces, for a seeded world: one post, one job, the alarms, the hooks. Between two pieces of one loop
// any number of pieces of another may run, as threads do it. Within a loop the order is that of the kernel's loop
// (EventLoop+Turn): what was posted before the turn, jobs until none is left, alarms due when the turn began,
// their jobs, hooks. A turn may be cut short before its alarms, as one that lasted too long is.

import HoldfastModel
import Synchronization

extension VirtualLoop {
    /// Whether there is anything to run now.
    var isRunnable: Bool {
        let now = reading.now
        return state.withLock { state in
            if case .over = state.turn {
                return !state.posts.isEmpty || !state.jobs.isEmpty || !state.yielded.isEmpty
                    || state.earliest <= now
            }
            return true
        }
    }

    /// Runs the next piece of the turn, or begins a new one; false when there is nothing to do.
    func runPiece(cuttingTurn: Bool) -> Bool {
        asCurrent {
            switch state.withLock({ $0.turn }) {
            case .over:
                guard isRunnable else { return false }
                let now = reading.now
                state.withLock { $0.turn = .begun(at: now) }
                runPosts()
            case .begun(let began):
                if cuttingTurn { return endTurn() }
                if runOne() { return true }
                state.withLock { $0.turn = .rung }
                if !ringAlarms(dueAt: began) { return endTurn() }
            case .rung:
                if !runOne() { return endTurn() }
            }
            return true
        }
    }

    /// What these post is for the next turn.
    private func runPosts() {
        let posts = state.withLock { state in
            defer { state.posts = [] }
            return state.posts
        }
        takenOut.store(posts.count, ordering: .relaxed)
        for post in posts { countingDown { post() } }
    }

    private func runOne() -> Bool {
        let job = state.withLock { state in
            state.jobs.isEmpty ? nil : state.jobs.removeFirst()
        }
        guard let job else { return resumeYielded() }
        run(job)
        return true
    }

    private func endTurn() -> Bool {
        for hook in state.withLock({ $0.hooks }) { hook() }
        state.withLock { $0.turn = .over }
        return true
    }
}
