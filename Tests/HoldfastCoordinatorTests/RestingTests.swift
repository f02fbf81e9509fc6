// Locks that are held for long go to rest, and nobody who asks can tell.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import Testing

struct RestingTests {
    private let world = VirtualWorld()

    /// A server with `count` locks that one client holds, and the client's tickets.
    private func house(holding count: Int) -> (VirtualServer, VirtualClient, [String]) {
        let server = VirtualServer(world: world, loopCount: 1)
        let client = server.connect()
        let tickets = (0..<count).map { number in
            let answer =
                client.send(#"{"op":"queue","resource":"r/\#(number)","lease":3600}"#).first ?? ""
            return String(answer.firstMatch(of: /"ticket":"([^"]*)"/)?.output.1 ?? "")
        }
        return (server, client, tickets)
    }

    private func resting(_ server: VirtualServer) -> Int {
        server.leftovers().reduce(0) { $0 + $1.resting }
    }

    @Test func `held locks rest after a moment, and all is there when somebody asks`() {
        let (server, client, tickets) = house(holding: 50)
        #expect(resting(server) == 0)
        world.advance(by: .seconds(3))
        #expect(resting(server) == 50)
        let list = client.send(#"{"op":"list","resource":"r/7"}"#).first ?? ""
        #expect(list.contains(tickets[7]))
        #expect(list.contains(#""remaining":3597"#))
        #expect(resting(server) == 49)
        let renewed = client.send(#"{"op":"renew","ticket":"\#(tickets[8])"}"#).first ?? ""
        #expect(renewed.contains(#""remaining":3600"#))
        #expect(resting(server) == 48)
        world.advance(by: .seconds(3))
        #expect(resting(server) == 50)
        let all = client.send(#"{"op":"resources","prefix":"r","limit":1000}"#).first ?? ""
        #expect(all.matches(of: /"resource":"r/).count == 50)
        #expect(resting(server) == 50, "a look at all of them wakes none")
    }

    @Test func `a lock that rests ends when its lease does, and wakes for who waits`() {
        let (server, client, _) = house(holding: 3)
        client.send(#"{"op":"queue","resource":"short","lease":5}"#)
        world.advance(by: .seconds(2))
        #expect(resting(server) == 4)
        let waiter = server.connect()
        waiter.send(#"{"op":"lock","resource":"short","wait":60}"#)
        #expect(resting(server) == 3)
        world.advance(by: .seconds(3))
        #expect(waiter.lines().contains { $0.contains(#""fence":"#) })
    }

    @Test func `a crowd goes to rest, and what stays awake is not in its way`() {
        let (server, _, _) = house(holding: 3_000)
        let other = server.connect()
        for number in stride(from: 0, to: 3_000, by: 30) {
            other.send(#"{"op":"queue","resource":"r/\#(number)","pollWithin":3600}"#)
        }
        world.advance(by: .seconds(30))
        #expect(resting(server) == 2_900)
    }

    @Test func `the look for what may rest ends when all does, and begins with the next step`() {
        let (server, client, _) = house(holding: 5)
        #expect(server.leftovers()[0].looksForRest)
        world.advance(by: .seconds(5))
        #expect(!server.leftovers()[0].looksForRest)
        client.send(#"{"op":"queue","resource":"one more"}"#)
        #expect(server.leftovers()[0].looksForRest)
    }

    @Test func `what comes behind the hand, while it goes round, goes to rest as well`() {
        // More than one go of the hand looks at; all but one can never rest.
        let (server, client, tickets) = house(holding: 1_100)
        let other = server.connect()
        for number in 0..<1_100 where number != 600 {
            other.send(#"{"op":"queue","resource":"r/\#(number)","pollWithin":3600}"#)
        }
        world.advance(by: .seconds(30))
        #expect(resting(server) == 1 && !server.leftovers()[0].looksForRest)
        client.send(#"{"op":"renew","ticket":"\#(tickets[0])"}"#)
        world.advance(by: .milliseconds(600))
        #expect(server.leftovers()[0].looksForRest)
        client.send(#"{"op":"queue","resource":"one more","lease":3600}"#)
        world.advance(by: .seconds(30))
        #expect(resting(server) == 2)
    }
}
