// What one request, or one moment, can pile up for everybody else: as much as there is to say, and not as much for each
// who would hear it (rules 31 and 32).

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import Testing

@testable import HoldfastServer

struct PileTests {
    @Test func `a notice that waits for the disk waits once, however many watch`() {
        let journal = StoryJournal()
        let server = VirtualServer(loopCount: 1, journal: journal)
        let watchers = (0..<5).map { _ in server.connect() }
        for watcher in watchers {
            watcher.send(#"{"op":"watch"}"#)
            watcher.send(#"{"op":"watch","prefix":"a"}"#)
            watcher.send(#"{"op":"watch","resource":"a/x"}"#)
        }
        let ann = server.connect()
        journal.become(.holdsBack)
        let count = 20
        for _ in 0..<count { ann.post(#"{"op":"queue","resource":"a/x","notify":"none"}"#) }
        server.world.run()
        // A reply and a notice each.
        #expect(server.leftovers().map(\.outgoing) == [2 * count])
        journal.become(.goesOn)
        server.world.run()
        #expect(watchers.map { $0.lines().count } == Array(repeating: 3 * count, count: 5))
    }

    @Test func `who watches from another loop hears the same`() {
        let server = VirtualServer(loopCount: 3)
        let watchers = (0..<3).map { server.connect(toLoop: $0) }
        for watcher in watchers {
            watcher.send(#"{"op":"watch"}"#)
            watcher.send(#"{"op":"watch","resource":"a"}"#)
        }
        server.connect(toLoop: 1).send(#"{"op":"queue","resource":"a"}"#)
        for watcher in watchers {
            let lines = watcher.lines()
            #expect(lines.count == 2)
            #expect(lines.allSatisfy { $0.contains(#""event":"acquired""#) })
        }
    }

    @Test func `who is told far more than its bound in a moment is disconnected in it`() {
        var limits = Limits()
        limits.outboundBytes = 250
        limits.outboundRoomMin = 0
        let server = VirtualServer(loopCount: 1, limits: limits)
        let admin = server.connect()
        for (count, isLost) in [(20, false), (60, true)] {
            let slow = server.connect(replyCapacity: 256)
            for _ in 0..<count {
                let line = #"{"op":"queue","resource":"a","mode":"shared"}"#
                #expect(slow.send(line).last?.contains("acquired") == true)
            }
            let cleared = admin.send(#"{"op":"clear","resource":"a"}"#).last ?? ""
            #expect(cleared.contains(#""cleared":\#(count)"#))
            let stats = admin.send(#"{"op":"stats"}"#).last ?? ""
            #expect(stats.contains(#""connections":\#(isLost ? 1 : 2)"#), "\(count): \(stats)")
            slow.close()
        }
    }
}
