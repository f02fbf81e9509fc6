// Rule 11: a loop that woke late is recognised, and how long it holds back is bounded.

import HoldfastModel
import HoldfastSystem
import Testing

struct LateWatchTests {
    /// What the loop read from its clock, in milliseconds.
    enum Step: Sendable {
        case poll(at: Int, asked: Int)
        case look(at: Int)
    }

    static let table: [(steps: [Step], heldUpUntil: Int)] = [
        // The first reading has nothing to be late after.
        ([.poll(at: 5_000, asked: 0)], 0),
        ([.poll(at: 0, asked: 0), .poll(at: 99, asked: 0)], 0),
        ([.poll(at: 0, asked: 0), .poll(at: 100, asked: 0)], 0),
        ([.poll(at: 0, asked: 0), .poll(at: 101, asked: 0)], 201),
        // A sleep may take as long as it was asked to.
        ([.poll(at: 0, asked: 0), .poll(at: 1_100, asked: 1_000)], 0),
        ([.poll(at: 0, asked: 0), .poll(at: 1_101, asked: 1_000)], 1_201),
        // A wake-up before the timeout is never late.
        ([.poll(at: 0, asked: 0), .poll(at: 10, asked: 1_000)], 0),
        // Work and sleep count together.
        ([.poll(at: 0, asked: 0), .look(at: 60), .poll(at: 121, asked: 0)], 221),
        // A long job is noticed before the alarms of its own turn.
        ([.poll(at: 0, asked: 0), .look(at: 100)], 0),
        ([.poll(at: 0, asked: 0), .look(at: 101)], 201),
        // A poll in the middle of the turn begins a new span.
        ([.poll(at: 0, asked: 0), .poll(at: 80, asked: 0), .look(at: 160)], 0),
        // Punctual again: what was held up stays so until its time is over.
        ([.poll(at: 0, asked: 0), .poll(at: 500, asked: 0), .poll(at: 501, asked: 0)], 600),
        // Late again meanwhile: the later time counts.
        ([.poll(at: 0, asked: 0), .poll(at: 500, asked: 0), .poll(at: 650, asked: 0)], 750),
        // Nothing to come due, so nothing to be late for.
        ([.poll(at: 0, asked: 0), .poll(at: 9_000_000, asked: 86_400_000)], 0),
    ]

    @Test(arguments: table)
    func `a loop is held up for 100 ms after it was more than 100 ms late`(
        steps: [Step],
        heldUpUntil: Int
    ) {
        var watch = LateWatch()
        for step in steps {
            switch step {
            case .poll(let now, let asked):
                watch.polled(at: instant(now), afterAsking: .milliseconds(asked))
            case .look(let now):
                watch.looked(at: instant(now))
            }
        }
        #expect(watch.heldUpUntil == instant(heldUpUntil))
    }

    private func instant(_ milliseconds: Int) -> Instant {
        .zero + .milliseconds(milliseconds)
    }
}
