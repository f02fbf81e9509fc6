// What `run` can learn, and what it can do: the two ends of RunPlan.

package import HoldfastModel

/// One thing that happened, as facts.
package enum RunInput: Equatable, Sendable {
    // From the lock.
    /// Waiting, at this place.
    case queued(QueuePlace)
    /// The lock is held; `trusted` follows from the same answer.
    case granted(trustedUntil: Instant)
    /// It was granted and lost again while nobody looked, or its place in the queue was.
    case missed
    /// There is no lock and will be none.
    case notGranted(ExitCode, String)
    /// The lock may be trusted until then (rules 5 and 13).
    case trusted(until: Instant)
    /// Somebody takes it when `grace` is over.
    case losing(grace: Interval, by: String, reason: String?)
    case kept
    /// It is gone, and how.
    case lost(String)
    /// The server answered since `confirm` was ordered.
    case confirmed
    case released
    /// It may be held until its lease ends.
    case notReleased(String)

    // From the command.
    case started
    case notStarted(ExitCode, String)
    case exited(ExitCode)
    case stopped
    /// No process of its group is left.
    case groupEnded

    // From this process.
    case signal(Int32)
    /// It had stopped itself and runs again.
    case continued
    /// Nothing but time.
    case timePassed
}

/// One thing to do, in the order given.
package enum RunOrder: Equatable, Sendable {
    /// Give up waiting and give back what was asked for.
    case cancel
    /// Wait for the lock once more: the one that was granted is gone.
    case askAgain
    case start
    /// To the command's process group.
    case signalGroup(Int32)
    /// Take the terminal back and stop until continued.
    case stopSelf
    /// Ask the server where the lease stands.
    case confirm
    /// Give the terminal to the command and let it go on.
    case resumeCommand
    /// Look whether the command's group still has processes.
    case probeGroup
    case release
    case show(QueuePlace)
    case say(String)
    case exit(ExitCode)
}
