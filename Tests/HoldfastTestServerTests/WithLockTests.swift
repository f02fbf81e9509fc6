// Locks over real sockets: who holds one, who waits, who loses it, and what is left behind.

import HoldfastClient
import HoldfastTestServer
import Synchronization
import Testing

struct WithLockTests {
    struct Mistake: Error {}

    /// Who is inside, and with which fences they came.
    private final class Ledger: Sendable {
        private let state = Mutex((holders: 0, fences: [Int]()))

        var fences: [Int] { state.withLock { $0.fences } }

        func enter(with fence: Int) -> Int {
            state.withLock { state in
                state.fences.append(fence)
                state.holders += 1
                return state.holders
            }
        }

        func leave() -> Int {
            state.withLock { state in
                state.holders -= 1
                return state.holders
            }
        }
    }

    @Test func `fifty tasks hold one lock one after another, with rising fences`() async throws {
        try await Stage.with { stage in
            let ledger = Ledger()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    let client = number.isMultiple(of: 2) ? stage.client : stage.other
                    group.addTask {
                        try await client.withLock("demo", lease: .unhurried) { lock in
                            #expect(ledger.enter(with: lock.fence) == 1)
                            await Task.yield()
                            #expect(ledger.leave() == 0)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let all = ledger.fences
            #expect(all.count == 50)
            #expect(zip(all, all.dropFirst()).allSatisfy { $0 < $1 })
            #expect(try await stage.client.list("demo").holderCount == 0)
        }
    }

    @Test func `the value of the body is the value of the lock`() async throws {
        try await Stage.with { stage in
            let value = try await stage.client.withLock("demo", lease: .unhurried, reason: "to see")
            { lock in
                let view = try await stage.client.status(lock.ticket)
                #expect(view.fence == lock.fence)
                #expect(lock.resource == "demo")
                return view.reason
            }
            #expect(value == "to see")
        }
    }

    @Test func `a body that throws gives the lock back`() async throws {
        try await Stage.with { stage in
            await #expect(throws: Mistake.self) {
                try await stage.client.withLock("demo", lease: .unhurried) { _ in throw Mistake() }
            }
            let isFree = try await isFree("demo", for: stage.other)
            #expect(isFree)
        }
    }

    @Test func `a stolen lock cancels the body and says who took it`() async throws {
        try await Stage.with { stage in
            let isHeld = Moment()
            async let outcome: HoldfastError? = {
                do {
                    try await stage.client.withLock(
                        "demo",
                        lease: .unhurried,
                        options: LockOptions(isStealable: true)
                    ) { lock in
                        isHeld.come()
                        await Moment.cancellation()
                        #expect(Task.isCancelled)
                        #expect(!lock.isHeld)
                        #expect(lock.remaining == .zero)
                        #expect(throws: HoldfastError.self) { try lock.ensureHeld() }
                    }
                    return nil
                } catch {
                    return error as? HoldfastError
                }
            }()
            await isHeld.wait()
            let stolen = try await stage.other.steal("demo", reason: "the deploy is stuck")
            #expect(stolen.grant != nil)
            let expected = LockLoss(.stolen, by: "anonymous", reason: "the deploy is stuck")
            #expect(await outcome == .lockLost(expected))
        }
    }

    @Test func `a steal with a grace lets the holder finish`() async throws {
        try await Stage.with { stage in
            let events = try await stage.client.events()
            let lock = try await stage.client.lock(
                "demo",
                lease: .unhurried,
                options: LockOptions(isStealable: true)
            )
            async let thief = stage.other.steal(
                "demo",
                reason: "mine now",
                grace: .seconds(60)
            )
            var iterator = events.makeAsyncIterator()
            while let event = await iterator.next() {
                guard case .losing(let ticket, _, let grace, let by, let reason) = event else {
                    continue
                }
                #expect(ticket == lock.ticket)
                #expect(grace == .seconds(60))
                #expect((by, reason) == ("anonymous", "mine now"))
                break
            }
            #expect(lock.isHeld)
            let outcome = try await lock.release()
            #expect(outcome == ReleaseOutcome(cause: .released))
            let ticket = try await thief.ticket
            #expect(try await stage.other.keep(ticket).isHeld)
        }
    }

    @Test func `a waiter that is cancelled leaves no ticket`() async throws {
        try await Stage.with { stage in
            let lock = try await stage.client.lock("demo", lease: .unhurried)
            await withTaskGroup(of: HoldfastError?.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        do throws(HoldfastError) {
                            _ = try await stage.other.lock("demo", lease: .unhurried)
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                try? await stage.waitForQueue(of: "demo", 10)
                group.cancelAll()
                for await error in group { #expect(error == .cancelled) }
            }
            let resource = try await stage.client.list("demo")
            #expect(resource.queueLength == 0)
            #expect(resource.holderCount == 1)
            try await lock.release()
        }
    }

    @Test func `a task that is cancelled while it works still gives the lock back`() async throws {
        try await Stage.with { stage in
            let isHeld = Moment()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    try? await stage.client.withLock("demo", lease: .unhurried) { _ in
                        isHeld.come()
                        await Moment.cancellation()
                    }
                }
                await isHeld.wait()
                group.cancelAll()
            }
            let isFree = try await isFree("demo", for: stage.other)
            #expect(isFree)
        }
    }

    @Test func `a lock that is taken is a conflict, or not granted in time`() async throws {
        try await Stage.with { stage in
            let lock = try await stage.client.lock(
                "demo",
                lease: .unhurried,
                options: LockOptions(holder: "ci-7")
            )
            do throws(HoldfastError) {
                _ = try await stage.other.lock("demo", lease: .unhurried, wait: .zero)
                Issue.record("granted twice")
            } catch .conflict(let contention) {
                #expect(contention.holder?.holder == "ci-7")
                #expect(contention.holderCount == 1)
            } catch {
                Issue.record(error)
            }
            do throws(HoldfastError) {
                _ = try await stage.other.lock("demo", lease: .unhurried, wait: .milliseconds(1))
                Issue.record("granted twice")
            } catch .timedOut {
                #expect(try await stage.client.list("demo").queueLength == 0)
            } catch {
                Issue.record(error)
            }
            try await lock.release()
        }
    }

    @Test func `a lock is renewed while it is held`() async throws {
        try await Stage.with { stage in
            let events = try await stage.other.watch(.resource("demo"))
            let lock = try await stage.client.lock("demo", lease: .seconds(30))
            for await case .happened(let notice) in events where notice.event == "renewed" {
                break
            }
            #expect(lock.isHeld)
            try await lock.release()
        }
    }

    @Test func `a handle that nobody has any more gives its lock back`() async throws {
        try await Stage.with { stage in
            _ = try await stage.client.lock("demo", lease: .unhurried)
            // Granted as soon as the release arrives; for ever waits if it never does.
            #expect(try await stage.other.lock("demo", lease: .unhurried).isHeld)
        }
    }

    @Test func `releasing twice is releasing once`() async throws {
        try await Stage.with { stage in
            let lock = try await stage.client.lock("demo", lease: .unhurried)
            #expect(try await lock.release() == ReleaseOutcome(cause: .released))
            #expect(try await lock.release().wasAlreadyReleased)
            #expect(!lock.isHeld)
            #expect(throws: HoldfastError.lockLost(LockLoss(.released))) { try lock.ensureHeld() }
            await #expect(throws: HoldfastError.lockLost(LockLoss(.released))) {
                try await lock.renew()
            }
        }
    }

    @Test func `a lock can be renewed by hand with a longer lease`() async throws {
        try await Stage.with { stage in
            let lock = try await stage.client.lock(
                "demo",
                lease: .seconds(300),
                options: LockOptions(binding: .ticket)
            )
            #expect(lock.remaining <= .seconds(300))
            #expect(try await lock.renew(lease: .seconds(500)) > .seconds(400))
            #expect(try await stage.other.status(lock.ticket).lease == .seconds(500))
        }
    }

    @Test func `readers share a lock, writers do not`() async throws {
        try await Stage.with { stage in
            let one = try await stage.client.lock("demo", lease: .unhurried, mode: .shared)
            let two = try await stage.other.lock(
                "demo",
                lease: .unhurried,
                wait: .zero,
                mode: .shared
            )
            #expect(one.isHeld && two.isHeld)
            await #expect(throws: HoldfastError.self) {
                try await stage.other.lock("demo", lease: .unhurried, wait: .zero)
            }
        }
    }

    @Test func `permits are counted`() async throws {
        try await Stage.with { stage in
            let two = try await stage.client.lock(
                "pool",
                lease: .unhurried,
                mode: .permit(count: 2, of: 3)
            )
            let one = try await stage.other.lock(
                "pool",
                lease: .unhurried,
                wait: .zero,
                mode: .permit(of: 3)
            )
            #expect(two.isHeld && one.isHeld)
            await #expect(throws: HoldfastError.self) {
                try await stage.other.lock(
                    "pool",
                    lease: .unhurried,
                    wait: .zero,
                    mode: .permit(of: 3)
                )
            }
        }
    }

    @Test(arguments: ["", "/a", "a//b", "a/../b", "a\u{7}"])
    func `a path that is none is refused before anything is sent`(path: String) async throws {
        let client = HoldfastClient("127.0.0.1:1")
        do throws(HoldfastError) {
            _ = try await client.lock(path, lease: .unhurried)
            Issue.record("granted")
        } catch .invalid {
            // Nothing was sent: nobody listens there, and the answer came all the same.
        } catch {
            Issue.record(error)
        }
        await client.close()
    }
}
