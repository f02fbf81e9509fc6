// How a loop begins and ends, what it leaves behind, and what it says when it was held up.

import Glibc
import HoldfastModel
import HoldfastSystem
import Testing

struct EventLoopLifeTests {
    @Test func `a loop finishes what was handed over before it ends`() async throws {
        let loop = try EventLoop(index: LoopIndex(number: 0))
        let diary = Diary()
        for number in 0..<100 { loop.post { diary.note("\(number)") } }
        try loop.start()
        loop.stop()
        loop.join()
        #expect(diary.all == (0..<100).map { "\($0)" })
    }

    @Test func `a post to a loop that has ended is dropped and stopping again does nothing`() throws
    {
        let loop = try EventLoop(index: LoopIndex(number: 0))
        try loop.start()
        loop.stop()
        loop.join()
        let diary = Diary()
        loop.post { diary.note("never") }
        loop.stop()
        loop.join()
        #expect(diary.all.isEmpty)
    }

    @Test func `a loop that was never started leaves nothing behind`() throws {
        weak var gone: EventLoop?
        do {
            let loop = try EventLoop(index: LoopIndex(number: 0))
            loop.atEndOfTurn {}
            gone = loop
        }
        #expect(gone == nil)
    }

    @Test func `a job for a loop that has ended stops the process instead of hanging for ever`()
        async
    {
        await #expect(processExitsWith: .failure) {
            let loop = try EventLoop(index: LoopIndex(number: 0))
            try loop.start()
            loop.stop()
            loop.join()
            await Pinned(on: loop).add(1)
        }
    }

    @Test func `touching a stream from outside its loop stops the process`() async {
        await #expect(processExitsWith: .failure) {
            let loop = try EventLoop(index: LoopIndex(number: 0))
            try SocketPair(loop, loop).first.close()
        }
    }

    @Test func `a job that holds the loop up is noticed before the alarms of its turn`()
        async throws
    {
        // Rule 11: no lease may end in a turn that comes late.
        let (end, heldUpUntil) = try await onLoop { loop in
            let alarm = loop.makeAlarm()
            let end = LoopBound(Instant.zero, on: loop)
            loop.post {
                let start = loop.reading.now
                while loop.reading.now - start <= .milliseconds(110) {}
                end.value = loop.reading.now
                alarm.set(for: .zero)
            }
            _ = await alarm.rings()
            return (end.value, loop.heldUpUntil)
        }
        #expect(heldUpUntil >= end + .milliseconds(100))
    }

    @Test func `a process that was stopped and continued ends no lease at once`() async {
        await #expect(processExitsWith: .success) {
            try await onLoops(2) { loops in
                let loop = loops[0]
                let isOver = Locked(false)
                let start = loop.reading.now
                await withTaskGroup { group in
                    group.addTask {
                        // Always something due soon, as with leases.
                        let alarm = loop.makeAlarm()
                        while !isOver.withLock({ $0 }) {
                            alarm.set(for: loop.reading.now + .milliseconds(10))
                            _ = await alarm.rings()
                        }
                    }
                    group.addTask(executorPreference: loops[1]) {
                        _ = system("kill -STOP $PPID; sleep 0.3; kill -CONT $PPID")
                        isOver.withLock { $0 = true }
                    }
                    await group.waitForAll()
                }
                await nextTurn(of: loop)
                #expect(loop.heldUpUntil >= start + .milliseconds(400))
            }
        }
    }

    @Test func `loops that come and go leave no descriptor and no thread`() async {
        await #expect(processExitsWith: .success) {
            func comeAndGo() async throws {
                try await onLoops(2) { loops in
                    let pair = try SocketPair(loops[0], loops[0])
                    async let bytes = pair.second.readAll(1)
                    try await pair.first.writeAll([1])
                    try #require(try await bytes == [1])
                    // Left open on purpose: the loop's end closes what its owner forgot.
                    await pair.first.writable()
                }
            }
            try await comeAndGo()
            let descriptors = openDescriptorCount()
            let threads = threadCount()
            for _ in 0..<200 { try await comeAndGo() }
            // The runtime has some of its own that come and go; ours would be hundreds.
            #expect(openDescriptorCount() <= descriptors + 8)
            #expect(threadCount() <= threads + 8)
        }
    }
}
