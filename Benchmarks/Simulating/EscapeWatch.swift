// Nothing of the product may leave the seeded loops: a job on the global pool would run on another thread, at a
// time that no seed decides. The runtime asks this hook before it enqueues one there; it only counts, and drops
// the job.

import Glibc
import Synchronization

/// Sees every job that goes to the global pool.
enum EscapeWatch {
    /// From threads that play no seed; others count at their seat.
    static let strayCount = Atomic<Int>(0)

    private static let names = [
        "swift_task_enqueueGlobal_hook", "swift_task_enqueueGlobalWithDelay_hook",
        "swift_task_enqueueGlobalWithDeadline_hook", "swift_task_enqueueMainExecutor_hook",
    ]

    /// For the rest of the process.
    static func install() {
        // The hooks take their arguments in the registers in which C takes them, up to the sixth.
        let hook: @convention(c) () -> Void = {
            guard let seat = Seat.current else {
                EscapeWatch.strayCount.wrappingAdd(1, ordering: .relaxed)
                return
            }
            seat.pointee.escapedCount += 1
        }
        for name in names {
            guard let place = dlsym(UnsafeMutableRawPointer(bitPattern: 0), name) else { continue }
            place.assumingMemoryBound(to: (@convention(c) () -> Void).self).pointee = hook
        }
    }
}
