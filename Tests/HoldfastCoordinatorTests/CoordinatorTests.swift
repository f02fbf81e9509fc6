// The map of slots, the names of connections, and the first answer to who may do what.

import HoldfastCoordinator
import HoldfastCore
import HoldfastModel
import HoldfastSimulation
import Testing

struct CoordinatorTests {
    @Test(arguments: [1, 2, 3, 16])
    func `every slot has one shard, and shards share them evenly`(loopCount: Int) {
        let server = VirtualServer(loopCount: loopCount)
        let map = server.coordinator.map
        var counts = [Int](repeating: 0, count: loopCount)
        for number in 0..<Slot.count {
            let shard = map[Slot(number: UInt8(number))]
            counts[Int(shard.loop.index.number)] += 1
        }
        #expect(counts.reduce(0, +) == Slot.count)
        #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    }

    @Test func `a ticket leads to the shard of its resource`() throws {
        let server = VirtualServer(loopCount: 3)
        let map = server.coordinator.map
        for name in ["a", "b/c", "deploy/prod"] {
            let path = try #require(ResourcePath(name))
            let ticket = TicketID(
                secretHigh: 1,
                secretLow: 2,
                slot: Slot(of: path),
                resourceIndex: 0,
                ticketIndex: 0
            )
            let request = Operation.queue(TicketRequest(resource: path))
            let renewal = Operation.renew(TicketReference(ticket: ticket), lease: nil)
            #expect(map.shard(for: request) === map.shard(for: renewal))
        }
        #expect(map.shard(for: .ping) == nil)
        #expect(map.shard(for: .renew(TicketReference(ticket: nil), lease: nil)) != nil)
    }

    @Test func `without authentication a token is a name, and everybody may do everything`()
        throws
    {
        let authority = OpenAuthority(owners: OwnerDirectory())
        let ann = try authority.principal(token: "ann")
        #expect(ann.owner.name == "ann")
        #expect(ann.rightsShown == ["lock:**", "read:**", "steal:**", "admin:**"])
        #expect(try authority.principal(token: nil).owner.name == "anonymous")
        #expect(try authority.principal(token: "").owner.name == "anonymous")
        let path = try #require(ResourcePath("a"))
        #expect(authority.rights(of: ann, on: path) == .all)
        #expect(!authority.provesByToken)
    }

    @Test(arguments: [(256, true), (257, false)])
    func `a name has at most 256 bytes`(count: Int, isName: Bool) {
        let authority = OpenAuthority(owners: OwnerDirectory())
        let token = String(repeating: "t", count: count)
        #expect(((try? authority.principal(token: token)) != nil) == isName)
    }

    @Test func `rule 18: fences of a slot rise over its resources, also after they are forgotten`()
        throws
    {
        let server = VirtualServer(loopCount: 1)
        let client = server.connect()
        var fences: [String] = []
        for _ in 0..<5 {
            let reply = client.send(#"{"op":"queue","resource":"a","lease":1}"#).first ?? ""
            fences += reply.split(separator: #"""#).filter { $0.hasPrefix(":1") && $0.count > 10 }
                .map(String.init)
            server.world.advance(by: .seconds(120))
            #expect(client.lines().count == 1)
        }
        #expect(fences.count == 5)
        #expect(fences == fences.sorted())
        #expect(Set(fences).count == 5)
    }
}
