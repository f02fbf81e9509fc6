// One object per name, and no memory for names that nobody uses.

import HoldfastCoordinator
import HoldfastModel
import Synchronization
import Testing

struct OwnerDirectoryTests {
    @Test func `a name is one owner`() {
        let directory = OwnerDirectory()
        #expect(directory.owner(named: "ci") === directory.owner(named: "ci"))
        #expect(directory.owner(named: "ci") !== directory.owner(named: "cd"))
    }

    @Test func `names that look alike but differ in bytes are two owners`() {
        let directory = OwnerDirectory()
        #expect(directory.owner(named: "caf\u{e9}") !== directory.owner(named: "cafe\u{301}"))
        #expect(directory.count == 2)
    }

    @Test func `made-up names do not pile up, those in use stay`() {
        let directory = OwnerDirectory()
        let used = directory.owner(named: "used")
        used.liveTickets.add(1, ordering: .relaxed)
        for number in 0..<100_000 { _ = directory.owner(named: "name \(number)") }
        #expect(directory.count < 2_048)
        #expect(directory.owner(named: "used") === used)
    }

    @Test func `a crowd that left leaves no names behind`() {
        let directory = OwnerDirectory()
        let crowd = (0..<5_000).map { number in
            let owner = directory.owner(named: "name \(number)")
            owner.liveTickets.add(1, ordering: .relaxed)
            return owner
        }
        for owner in crowd.dropFirst() { owner.liveTickets.subtract(1, ordering: .relaxed) }
        #expect(directory.count == 5_000)
        directory.sweep()
        #expect(directory.count == 1)
    }
}
