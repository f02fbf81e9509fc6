// Signals are the whole process's: each test has a process of its own.

import Glibc
import HoldfastModel
import HoldfastSystem
import Testing

struct SignalsTests {
    @Test func `a signal that comes while a task waits is handed to it`() async {
        await #expect(processExitsWith: .success) {
            try await onLoop { loop in
                let signals = try Signals([.terminate, .hangUp], on: loop)
                let first = await withTaskGroup { group in
                    group.addTask { await signals.next() }
                    await nextTurn(of: loop)
                    await nextTurn(of: loop)
                    kill(getpid(), SIGTERM)
                    return await group.next() ?? nil
                }
                #expect(first == .terminate)
                signals.close()
            }
        }
    }

    @Test func `signals that come while nobody waits are kept in order`() async {
        await #expect(processExitsWith: .success) {
            try await onLoop { loop in
                let signals = try Signals([.terminate, .interrupt, .hangUp], on: loop)
                for number in [SIGHUP, SIGTERM, SIGINT] { kill(getpid(), number) }
                var received: Set<Signal> = []
                for _ in 0..<3 { if let signal = await signals.next() { received.insert(signal) } }
                // Which of several pending signals a process is told first is the kernel's choice.
                #expect(received == [.hangUp, .terminate, .interrupt])
                signals.close()
            }
        }
    }

    @Test func `closing ends the wait and cancelling does, too`() async {
        await #expect(processExitsWith: .success) {
            try await onLoop { loop in
                let signals = try Signals([.user1], on: loop)
                for isClosing in [false, true] {
                    let signal = await withTaskGroup { group in
                        group.addTask { await signals.next() }
                        await nextTurn(of: loop)
                        await nextTurn(of: loop)
                        if isClosing { signals.close() } else { group.cancelAll() }
                        return await group.next() ?? .user1
                    }
                    #expect(signal == nil)
                }
            }
        }
    }

    @Test func `after closing a signal has its own effect again`() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            try await onLoop { loop in
                let signals = try Signals([.terminate], on: loop)
                kill(getpid(), SIGTERM)
                #expect(await signals.next() == .terminate)
                signals.close()
            }
            kill(getpid(), SIGTERM)
            // It may be delivered to another thread; this one only waits for the end.
            while true { pause() }
        }
    }

    @Test func `a closed pipe does not end a process that ignores broken pipes`() async {
        await #expect(processExitsWith: .success) {
            Signals.ignoreBrokenPipes()
            var ends: [Int32] = [-1, -1]
            #expect(pipe(&ends) == 0)
            close(ends[0])
            #expect(write(ends[1], &ends, 1) == -1)
        }
    }
}
