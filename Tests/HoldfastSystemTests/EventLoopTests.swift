// The loop itself: the order of a turn, hand-overs between threads, its life.

import Glibc
import HoldfastModel
import HoldfastSystem
import Synchronization
import Testing

struct EventLoopTests {
    @Test
    func `a turn runs what was posted, then jobs, then due alarms and their jobs, then hooks`()
        async throws
    {
        let lines = try await onLoop { loop in
            let diary = Diary()
            let alarm = loop.makeAlarm()
            let isWatched = Locked(false)
            return await withTaskGroup { group in
                group.addTask {
                    _ = await alarm.rings()
                    diary.note("alarm's job")
                    await loop.letOthersRun()
                    diary.note("alarm's second job")
                }
                await nextTurn(of: loop)
                loop.atEndOfTurn {
                    if isWatched.withLock({ $0 }) { diary.note("hook") }
                }
                await withCheckedContinuation { first in
                    loop.post {
                        isWatched.withLock { $0 = true }
                        diary.note("posted")
                        alarm.set(for: .zero)
                        first.resume()
                    }
                    loop.post { diary.note("posted later") }
                }
                diary.note("job")
                await loop.letOthersRun()
                diary.note("second job")
                await group.waitForAll()
                return await diary.lines(atLeast: 7).prefix(7)
            }
        }
        #expect(
            lines == [
                "posted", "posted later", "job", "second job", "alarm's job", "alarm's second job",
                "hook",
            ]
        )
    }

    @Test func `a turn that took long is among the loop's lags`() async throws {
        let (before, after) = try await onLoop { loop in
            await nextTurn(of: loop)
            let before = loop.lags
            let end = loop.reading.now + .milliseconds(11)
            while loop.reading.now < end {}
            await nextTurn(of: loop)
            return (before, loop.lags)
        }
        #expect(after.count > before.count)
        // At least as long as it spun, however much longer the machine made it.
        func long(_ lags: DurationHistogram) -> Int {
            zip(lags.bounds + [.day], lags.counts).filter { $0.0 > .milliseconds(10) }
                .reduce(0) { $0 + $1.1 }
        }
        #expect(long(after) > long(before))
        #expect(after.sum - before.sum > .milliseconds(10))
    }

    @Test func `what a hook posts is run without anything else happening`() async throws {
        let lines = try await onLoop { loop in
            let diary = Diary()
            let isFirst = Locked(true)
            loop.atEndOfTurn {
                guard
                    isFirst.withLock({ isFirst in
                        defer { isFirst = false }
                        return isFirst
                    })
                else { return }
                diary.note("hook")
                loop.post { diary.note("posted by the hook") }
            }
            return await diary.lines(atLeast: 2)
        }
        #expect(lines == ["hook", "posted by the hook"])
    }

    @Test func `work posted on the loop waits for the next turn`() async throws {
        let lines = try await onLoop { loop in
            let diary = Diary()
            await withCheckedContinuation { continuation in
                loop.post {
                    loop.post {
                        diary.note("posted in the turn")
                        continuation.resume()
                    }
                    diary.note("turn")
                    loop.atEndOfTurn { diary.note("hook") }
                }
            }
            return diary.all.prefix(3)
        }
        #expect(lines == ["turn", "hook", "posted in the turn"])
    }

    @Test func `a request that was there when a deadline passed is read before the alarm rings`()
        async throws
    {
        // Rule 11, on one loop: the bytes are in the kernel, the deadline is after that.
        let lines = try await onLoop { loop in
            let diary = Diary()
            let pair = try SocketPair(loop, loop)
            let alarm = loop.makeAlarm()
            return try await withThrowingTaskGroup { group in
                group.addTask {
                    while try pair.second.read({ _ in }) == .wouldBlock {
                        await pair.second.readable()
                    }
                    diary.note("request")
                }
                group.addTask {
                    _ = await alarm.rings()
                    diary.note("alarm")
                }
                await nextTurn(of: loop)
                await nextTurn(of: loop)
                try await pair.first.writeAll([1])
                alarm.set(for: loop.reading.now)
                try await group.waitForAll()
                pair.first.close()
                pair.second.close()
                return diary.all
            }
        }
        #expect(lines == ["request", "alarm"])
    }

    @Test func `what another loop handed over before a deadline is run before the alarm rings`()
        async throws
    {
        let lines = try await onLoops(2) { loops in
            let diary = Diary()
            let alarm = loops[0].makeAlarm()
            return await withTaskGroup { group in
                group.addTask {
                    _ = await alarm.rings()
                    diary.note("alarm")
                }
                await nextTurn(of: loops[0])
                let other = loops[1]
                let isHandedOver = Atomic<Bool>(false)
                other.post { [loop = loops[0]] in
                    loop.post { diary.note("hand-over") }
                    isHandedOver.store(true, ordering: .releasing)
                }
                // Within one job: the loop cannot take the hand-over before the alarm is set.
                while !isHandedOver.load(ordering: .acquiring) { sched_yield() }
                alarm.set(for: loops[0].reading.now)
                await group.waitForAll()
                return diary.all
            }
        }
        #expect(lines == ["hand-over", "alarm"])
    }

    @Test(arguments: [true, false])
    func `posts from many threads all arrive once and in each thread's order`(
        pollsBeforeSleep: Bool
    ) async throws {
        let senderCount = 4
        let postCount = 20_000
        let arrived = try await onLoops(
            senderCount + 1,
            pollsBeforeSleep: pollsBeforeSleep
        ) { loops in
            let receiver = loops[0]
            let arrived = LoopBound([[Int]](repeating: [], count: senderCount), on: receiver)
            let left = LoopBound(senderCount * postCount, on: receiver)
            await withCheckedContinuation { continuation in
                for (sender, loop) in loops.dropFirst().enumerated() {
                    loop.post {
                        for number in 0..<postCount {
                            receiver.post {
                                arrived.value[sender].append(number)
                                left.value -= 1
                                if left.value == 0 { continuation.resume() }
                            }
                        }
                    }
                }
            }
            return arrived.value
        }
        #expect(arrived == Array(repeating: Array(0..<postCount), count: senderCount))
    }

    @Test func `calls to an actor from tasks of many loops are all made, on its own loop`()
        async throws
    {
        let (sum, wasOnLoop) = try await onLoops(4) { loops in
            let pinned = Pinned(on: loops[0])
            await withTaskGroup { group in
                for loop in loops.dropFirst() {
                    group.addTask(executorPreference: loop) {
                        for _ in 0..<2_000 { await pinned.add(1) }
                    }
                }
            }
            return (await pinned.count, await pinned.isOnLoop)
        }
        #expect(sum == 6_000)
        #expect(wasOnLoop)
    }

    @Test func `a task that waits in a continuation goes on on its loop, not in the pool`()
        async throws
    {
        let isOnLoop = try await onLoops(2) { loops in
            var answers: [Bool] = [loops[0].isCurrent]
            for _ in 0..<100 {
                await withCheckedContinuation { continuation in
                    loops[1].post { continuation.resume() }
                }
                answers.append(loops[0].isCurrent)
            }
            return answers
        }
        #expect(isOnLoop.count == 101)
        #expect(isOnLoop.allSatisfy { $0 })
    }

    @Test func `a plain callback on the loop may assume the isolation of the loop's actors`()
        async throws
    {
        let count = try await onLoop { loop in
            let pinned = Pinned(on: loop)
            await withCheckedContinuation { continuation in
                loop.post {
                    pinned.assumeIsolated { $0.add(7) }
                    continuation.resume()
                }
            }
            return await pinned.count
        }
        #expect(count == 7)
    }

    @Test func `a loop that lets others run goes on after them in the same turn`() async throws {
        let lines = try await onLoop { loop in
            let diary = Diary()
            return await withTaskGroup { group in
                group.addTask {
                    diary.note("first begins")
                    await loop.letOthersRun()
                    diary.note("first goes on")
                }
                group.addTask {
                    diary.note("second")
                    loop.post { diary.note("next turn") }
                }
                await group.waitForAll()
                return await diary.lines(atLeast: 4)
            }
        }
        #expect(lines == ["first begins", "second", "first goes on", "next turn"])
    }

    @Test func `a task that never stops giving others their turn does not hold back the hooks`()
        async throws
    {
        // The loop never runs out of jobs; the turn must end all the same, and alarms must ring.
        let hasRung = try await onLoop(turnLength: .milliseconds(1)) { loop in
            let alarm = loop.makeAlarm()
            let isDone = LoopBound(false, on: loop)
            let hookCount = LoopBound(0, on: loop)
            loop.atEndOfTurn { hookCount.value += 1 }
            return await withTaskGroup { group in
                group.addTask {
                    while !isDone.value || hookCount.value == 0 { await loop.letOthersRun() }
                }
                alarm.set(for: loop.reading.now)
                let hasRung = await alarm.rings()
                isDone.value = true
                await group.waitForAll()
                return hasRung
            }
        }
        #expect(hasRung)
    }
}
