// Small words about the process: clocks, limits, memory, chance, names.

import Glibc
import HoldfastModel
import HoldfastSystem
import Testing

struct ProcessTests {
    @Test func `the boot clock never goes back`() {
        var last = BootClock.now
        for _ in 0..<1_000 {
            let now = BootClock.now
            #expect(now >= last)
            last = now
        }
    }

    @Test func `the wall clock is the kernel's`() {
        let before = Int64(time(nil))
        let seconds = WallClock.now.microseconds / 1_000_000
        // time() may lag behind by a tick.
        #expect((before...Int64(time(nil)) + 1).contains(seconds))
    }

    @Test func `used processor time grows with work`() {
        let before = ProcessClock.used
        var sum = 0
        while ProcessClock.used == before { sum &+= 1 }
        #expect(ProcessClock.used > before)
    }

    @Test func `descriptors are raised to the hard limit`() async {
        await #expect(processExitsWith: .success) {
            let hard = try ResourceLimits.descriptors().hard
            try ResourceLimits.set(.init(soft: 64, hard: hard))
            #expect(try ResourceLimits.descriptors().soft == 64)
            #expect(try ResourceLimits.raiseDescriptors() == hard)
            #expect(try ResourceLimits.descriptors() == .init(soft: hard, hard: hard))
        }
    }

    @Test(.disabled(if: isUnderThreadSanitizer))
    func `memory that is allocated shows and what is freed can be given back`() async {
        await #expect(processExitsWith: .success) {
            let before = ProcessMemory.current
            #expect(before.residentBytes > 0 && before.allocatedBytes > 0)
            // Small blocks, as tickets are: the allocator keeps those when they are freed.
            var blocks = (0..<100_000).map { _ in [UInt8](repeating: 1, count: 400) }
            let full = ProcessMemory.current
            #expect(full.allocatedBytes >= before.allocatedBytes + 40_000_000)
            #expect(full.residentBytes >= before.residentBytes + 30_000_000)
            blocks = []
            #expect(blocks.isEmpty)
            ProcessMemory.giveBack()
            let after = ProcessMemory.current
            #expect(after.residentBytes < full.residentBytes - 30_000_000)
        }
    }

    @Test func `the kernel's randomness fills every word anew`() {
        var random = RandomBuffer.system()
        let words = (0..<2_000).map { _ in random.next() }
        #expect(Set(words).count == words.count)
    }

    @Test func `this machine has a name`() {
        #expect(!HostName.current.isEmpty)
        #expect(!HostName.current.contains("\0"))
    }

    @Test func `a kernel error says call and reason`() {
        let error = SystemError(call: "open", number: ENOENT)
        #expect(error.description == "open: No such file or directory")
    }
}
