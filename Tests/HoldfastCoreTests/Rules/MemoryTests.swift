// What a resource shows and remembers: views, lists, history, notices, and that it forgets in the end.

import HoldfastModel
import Testing

@testable import HoldfastCore

struct MemoryTests {
    @Test func `list shows holders, queue and the finished, each by page`() {
        var bench = Bench()
        for number in 1...3 { bench.queue("S\(number)", by: .ann) { $0.mode = .shared } }
        for number in 1...5 { bench.queue("W\(number)", by: .bob) }
        bench.release("S1", by: .ann)
        bench.release("W1", by: .bob)
        let page = ListPage(limit: 2, after: 1)
        let caller = bench.caller(.root)
        let list = bench.state.list(page, for: caller, at: bench.reading)
        #expect(list.holders.map(\.ticket) == [bench.id("S2"), bench.id("S3")])
        #expect(list.holderCount == 2)
        #expect(list.queue.map(\.ticket) == [bench.id("W3"), bench.id("W4")])
        #expect(list.queueLength == 4)
        #expect(list.recent.map(\.ticket) == [bench.id("W1"), bench.id("S1")])
        #expect(list.fence.number == 1_003)
        #expect(list.mode == .shared)
        #expect(list.closedFor == nil)
    }

    @Test func `an unknown resource is empty and free`() {
        var bench = Bench()
        let caller = bench.caller(.ann)
        let list = bench.state.list(ListPage(), for: caller, at: bench.reading)
        #expect(list.mode == nil)
        #expect(list.fence == .none)
        #expect(list.holders.isEmpty && list.queue.isEmpty && list.recent.isEmpty)
        #expect(!bench.state.isShown)
        #expect(bench.state.isForgettable)
        #expect(bench.state.nextDeadline == .never)
    }

    @Test func `a summary tells the longest wait of any priority`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.lease = .s(100) }
        bench.queue("old", by: .bob)
        bench.pass(5)
        bench.queue("high", by: .cid) { $0.priority = 9 }
        bench.pass(2)
        let summary = bench.state.summary(at: bench.reading)
        #expect(summary.oldestWait == .s(7))
        #expect(summary.queueLength == 2)
        #expect(summary.holder?.owner.name == "ann")
        #expect(summary.holder?.age == .s(7))
        #expect(summary.holder?.ticket == nil)
    }

    @Test func `a view tells times on the wall clock`() {
        var bench = Bench()
        let start = bench.reading.wall.microseconds
        bench.queue("A", by: .ann)
        bench.pass(10)
        bench.renew("A", by: .ann)
        let view = bench.view("A")
        #expect(view?.createdAt.microseconds == start)
        #expect(view?.acquiredAt?.microseconds == start)
        #expect(view?.renewedAt?.microseconds == start + 10_000_000)
        #expect(view?.expiresAt?.microseconds == start + 40_000_000)
        #expect(view?.endedAt == nil)
        bench.pass(30)
        #expect(bench.view("A")?.endedAt?.microseconds == start + 40_000_000)
        #expect(bench.view("A")?.expiresAt == nil)
        #expect(bench.view("A")?.fence?.number == 1_001)
    }

    // MARK: History

    @Test func `history is newest first, and a grant at once is one entry`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob)
        bench.renew("A", by: .ann)
        bench.renew("A", by: .ann)
        bench.release("A", by: .ann, reason: "done")
        let history = bench.state.history(limit: 64, at: bench.reading)
        #expect(history.map(\.kind) == [.acquired, .released, .renewed, .queued, .acquired])
        #expect(history.map(\.number) == [2, 1, 1, 2, 1])
        #expect(history[1].reason == "done")
        #expect(bench.state.history(limit: 2, at: bench.reading).count == 2)
    }

    @Test func `what forgotten tickets did is still told`() {
        var bench = Bench { $0.retain = .s(1) }
        bench.queue("A", by: .ann)
        bench.release("A", by: .ann)
        bench.queue("B", by: .bob)
        bench.pass(5)
        #expect(bench.standing("A") == "unknown")
        let history = bench.state.history(limit: 64, at: bench.reading)
        #expect(history.map(\.kind) == [.acquired, .released, .acquired])
        #expect(bench.state.loggedCount == 2)
        bench.state.dropLog()
        #expect(bench.state.history(limit: 64, at: bench.reading).map(\.kind) == [.acquired])
    }

    @Test(arguments: [1, 5, 64])
    func `history has no more entries than its bound, and they are the newest`(_ bound: Int) {
        var bench = Bench {
            $0.history = bound
            $0.retained = 3
        }
        var kinds: [Notice.Kind] = []
        for _ in 0..<40 {
            bench.queue("A", by: .ann)
            kinds += bench.notices
            bench.release("A", by: .ann)
            kinds += bench.notices
        }
        let history = bench.state.history(limit: 100, at: bench.reading)
        #expect(history.map(\.kind) == kinds.suffix(bound).reversed())
        #expect(bench.state.loggedCount <= bound)
    }

    @Test func `history among many holders and waiters is the newest of all`() {
        var bench = Bench()
        bench.checksEveryStep = false
        var notices: [(Notice.Kind, UInt64)] = []
        func note() {
            for case .notice(let notice) in bench.effects.outputs {
                notices.append((notice.kind, notice.number))
            }
        }
        for number in 0..<200 {
            bench.queue("H\(number)", by: .ann) { $0.mode = .shared }
            note()
        }
        for number in 0..<50 {
            bench.queue("W\(number)", by: .bob) { $0.priority = UInt8(number % 3) }
            note()
        }
        for number in [7, 3, 150, 7] {
            notices.removeAll { $0.0 == .renewed && $0.1 == UInt64(number + 1) }
            bench.renew("H\(number)", by: .ann)
            note()
        }
        bench.state.checkInvariants()
        let history = bench.state.history(limit: 64, at: bench.reading)
        let expected = notices.suffix(64).reversed()
        #expect(history.map(\.kind) == expected.map(\.0))
        #expect(history.map(\.number) == expected.map(\.1))
    }

    // MARK: Notices

    @Test func `watchers are told only where there are any`() {
        var bench = Bench()
        bench.wantsNotices = false
        bench.queue("A", by: .ann)
        bench.renew("A", by: .ann)
        bench.release("A", by: .ann)
        #expect(bench.notices.isEmpty)
        bench.wantsNotices = true
        bench.queue("B", by: .ann)
        #expect(bench.notices == [.acquired])
        bench.queue("C", by: .bob)
        #expect(bench.notices == [.queued])
        bench.renew("B", by: .ann)
        #expect(bench.notices == [.renewed])
        bench.release("B", by: .ann)
        #expect(bench.notices == [.released, .acquired])
    }

    // MARK: Forgetting

    @Test func `a resource that everybody left is forgotten after its retention`() {
        var bench = Bench()
        let key = TicketDetails(key: "k", reason: "r")
        bench.queue("A", by: .ann) { $0.details = key }
        bench.lock("B", by: .bob) { $0.notify = .position }
        bench.steal("S", by: .root, grace: 5, force: true)
        bench.pass(5)
        bench.release("S", by: .root)
        bench.release("B", by: .bob)
        #expect(!bench.state.isForgettable)
        bench.pass(60.001)
        #expect(bench.state.isForgettable)
        #expect(bench.state.nextDeadline == .never)
        #expect(!bench.state.isShown)
    }

    @Test func `a held ticket is 152 bytes and needs nothing beside it`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        #expect(MemoryLayout<Ticket>.stride <= 152)
        #expect(MemoryLayout<LockState>.size <= 128)
        #expect(!bench.state.extras.isPresent)
        bench.renew("A", by: .ann)
        bench.acquire("A", by: .ann)
        bench.status("A", by: .ann)
        #expect(!bench.state.extras.isPresent)
        bench.release("A", by: .ann)
        #expect(!bench.state.extras.isPresent)
    }

    @Test func `a resource has no more tickets than places, and more when one is forgotten`() {
        var bench = Bench {
            $0.places = 3
            $0.retained = 1
        }
        for number in 1...3 { bench.queue("S\(number)", by: .ann) { $0.mode = .shared } }
        let reply = bench.queue("S4", by: .ann) { $0.mode = .shared }
        #expect(reply.refusal?.code == .limitExceeded)
        #expect(reply.refusal?.limit == .queue)
        #expect(bench.state.holderCount == 3)

        // The first to end is remembered in its place, until the second ends.
        bench.release("S1", by: .ann)
        #expect(bench.queue("S5", by: .ann) { $0.mode = .shared }.refusal != nil)
        bench.release("S2", by: .ann)
        #expect(bench.queue("S6", by: .ann) { $0.mode = .shared }.refusal == nil)
        bench.restart()
        #expect(bench.state.holderCount == 2)
    }
}
