// Rules 14, 18, 26 and 27 through the whole server: it is killed, and the next one on the same journal shows what the
// first had acknowledged. Once from all that was appended, once from images that the journal asked for all the time.

import HoldfastModel
import HoldfastSimulation
import Testing

struct ComebackTests {
    /// A world in which one server follows another on the same journal.
    final class Succession {
        let world = VirtualWorld()
        let journal: SimulatedJournal
        private(set) var server: VirtualServer
        private let loopCount: Int

        init(_ way: Way, loopCount: Int = 2) {
            journal = SimulatedJournal(snapshotPeriod: way == .images ? 2 : nil)
            server = VirtualServer(world: world, loopCount: loopCount, journal: journal)
            self.loopCount = loopCount
        }

        func killAndStart(loopCount: Int? = nil) {
            server.kill()
            server = VirtualServer(
                world: world,
                loopCount: loopCount ?? self.loopCount,
                journal: journal,
                seed: 2
            )
        }

        /// One line on a connection of its own.
        func ask(_ line: String) -> String {
            let client = server.connect()
            defer { client.close() }
            return client.send(line).first ?? ""
        }

        /// What `list` and `history` show, without what counts down.
        func picture(_ resource: String) -> [String] {
            ["list", "history"].map {
                ask(#"{"op":"\#($0)","resource":"\#(resource)"}"#)
                    .replacing(/"(remaining|expiresAt)":("[^"]*"|[0-9.]+),?/, with: "")
            }
        }
    }

    enum Way: CaseIterable {
        case batches
        case images
    }

    private func field(_ name: String, of line: String) throws -> String {
        let pattern = try Regex("\"\(name)\":\"?([^\",}]*)")
        let match = try #require(line.firstMatch(of: pattern), "no \(name) in \(line)")
        return String(match.output[1].substring ?? "")
    }

    @Test(arguments: Way.allCases)
    func `rule 27: the same queue, holder, fence and history are there after a kill`(way: Way) {
        let house = Succession(way)
        for number in 1...4 {
            let client = house.server.connect()
            client.send(#"{"op":"hello","version":1,"token":"user\#(number)"}"#)
            client.send(
                #"{"op":"queue","resource":"a","holder":"h\#(number)","priority":\#(number % 2)}"#
            )
            client.send(#"{"op":"queue","resource":"b/\#(number)","key":"k","reason":"why"}"#)
        }
        _ = house.ask(#"{"op":"steal","resource":"b/2","force":true,"reason":"stuck"}"#)
        house.world.advance(by: .seconds(3))
        let before = ["a", "b/1", "b/2", "b/3"].map { house.picture($0) }
        house.killAndStart()
        #expect(house.server.start == .done(8))
        #expect(["a", "b/1", "b/2", "b/3"].map { house.picture($0) } == before)
    }

    @Test(arguments: Way.allCases)
    func `rule 14: a lease starts again in full, and then ends`(way: Way) throws {
        let house = Succession(way)
        let ticket = try field(
            "ticket",
            of: house.ask(#"{"op":"queue","resource":"a","lease":10}"#)
        )
        house.world.advance(by: .seconds(9))
        house.killAndStart()
        #expect(house.ask(#"{"op":"renew","ticket":"\#(ticket)"}"#).contains(#""remaining":10"#))
        house.world.advance(by: .milliseconds(9_999))
        #expect(house.ask(#"{"op":"check","ticket":"\#(ticket)"}"#).contains(#""valid":true"#))
        house.world.advance(by: .milliseconds(1))
        #expect(house.ask(#"{"op":"check","ticket":"\#(ticket)"}"#).contains(#""valid":false"#))
    }

    @Test(arguments: Way.allCases)
    func `rule 18: a forgotten resource repeats no fence after a kill`(way: Way) throws {
        let house = Succession(way)
        let first = house.ask(#"{"op":"queue","resource":"a"}"#)
        let ticket = try field("ticket", of: first)
        _ = house.ask(#"{"op":"release","ticket":"\#(ticket)"}"#)
        house.world.advance(by: .seconds(61))
        // A wall clock that went back must not matter.
        house.world.jumpWall(by: -86_400_000_000)
        house.killAndStart()
        let again = house.ask(#"{"op":"queue","resource":"a"}"#)
        let fences = try [first, again].map { try #require(UInt64(field("fence", of: $0))) }
        #expect(fences[0] < fences[1])
    }

    @Test(arguments: Way.allCases)
    func `rule 5: a session is resumed after a kill, and ends when nobody comes`(way: Way) throws {
        let house = Succession(way)
        let client = house.server.connect()
        let hello = try #require(
            client.send(#"{"op":"hello","version":1,"session":{"grace":10}}"#).first
        )
        client.send(#"{"op":"queue","resource":"a","lease":100}"#)
        let (id, secret) = try (field("id", of: hello), field("secret", of: hello))
        let resume =
            #"{"op":"hello","version":1,"resume":{"session":"\#(id)","secret":"\#(secret)"}}"#
        for _ in 1...2 {
            house.killAndStart()
            house.world.advance(by: .seconds(9))
            let again = house.server.connect()
            let lines = again.send(resume)
            #expect(lines.first?.contains(#""resumed":true"#) == true)
            #expect(lines.last?.contains(#""event":"acquired""#) == true)
        }
        house.killAndStart()
        house.world.advance(by: .milliseconds(9_999))
        #expect(house.ask(#"{"op":"list","resource":"a"}"#).contains(#""holderCount":1"#))
        house.world.advance(by: .milliseconds(1))
        #expect(house.ask(#"{"op":"list","resource":"a"}"#).contains(#""session_ended""#))
        #expect(house.ask(resume).contains(#""not_found""#))
    }

    /// One waiter of a session is cleared while no connection has the session: before the kill, or after the start.
    @Test(arguments: Way.allCases, [true, false])
    func `rule 20: a session that comes back after a kill hears what it lost`(
        way: Way,
        isLostBefore: Bool
    ) throws {
        let house = Succession(way)
        let client = house.server.connect()
        let hello = try #require(
            client.send(#"{"op":"hello","version":1,"session":{"grace":10}}"#).first
        )
        client.send(#"{"op":"queue","resource":"a","lease":100}"#)
        client.send(#"{"op":"queue","resource":"b","lease":100}"#)
        let (id, secret) = try (field("id", of: hello), field("secret", of: hello))
        let clear = #"{"op":"clear","resource":"a"}"#
        if isLostBefore {
            client.close()
            _ = house.ask(clear)
        }
        house.killAndStart()
        if !isLostBefore { _ = house.ask(clear) }
        let lines = house.server.connect().send(
            #"{"op":"hello","version":1,"resume":{"session":"\#(id)","secret":"\#(secret)"}}"#
        )
        #expect(lines.count { $0.contains(#""event":"lost""#) } == 1)
        #expect(lines.contains { $0.contains(#""ended":"cleared""#) })
        #expect(lines.contains { $0.contains(#""event":"acquired""#) && $0.contains(#""b""#) })
    }

    @Test(arguments: Way.allCases)
    func `the number of loops may change between two starts`(way: Way) {
        let house = Succession(way, loopCount: 3)
        for number in 0..<40 { _ = house.ask(#"{"op":"queue","resource":"r\#(number)"}"#) }
        let before = (0..<40).map { house.picture("r\($0)") }
        for loopCount in [1, 2, 5] {
            house.killAndStart(loopCount: loopCount)
            #expect(house.server.start == .done(40))
            #expect((0..<40).map { house.picture("r\($0)") } == before)
        }
    }

    @Test(arguments: Way.allCases)
    func `places are used again as before, and no id of a forgotten ticket finds another`(
        way: Way
    ) throws {
        let house = Succession(way, loopCount: 1)
        var old: [String] = []
        for number in 0..<30 {
            let reply = house.ask(#"{"op":"queue","resource":"r\#(number % 10)","maxWait":0}"#)
            guard reply.contains(#""ok":true"#) else { continue }
            let ticket = try field("ticket", of: reply)
            if number.isMultiple(of: 3) {
                _ = house.ask(#"{"op":"release","ticket":"\#(ticket)"}"#)
                old.append(ticket)
            }
            if number.isMultiple(of: 10) { house.world.advance(by: .seconds(20)) }
        }
        house.world.advance(by: .seconds(61))
        house.killAndStart()
        for number in 0..<10 { _ = house.ask(#"{"op":"queue","resource":"new\#(number)"}"#) }
        for ticket in old {
            #expect(house.ask(#"{"op":"status","ticket":"\#(ticket)"}"#).contains("not_found"))
        }
    }

    @Test(arguments: Way.allCases)
    func `after everybody left, the retention and a kill nothing is left`(way: Way) async throws {
        let house = Succession(way)
        let client = house.server.connect()
        client.send(#"{"op":"hello","version":1,"session":{"grace":1}}"#)
        for number in 0..<20 {
            client.send(#"{"op":"queue","resource":"r\#(number % 7)","lockDelay":2,"lease":1}"#)
        }
        client.vanish()
        house.killAndStart()
        house.world.advance(by: .seconds(200))
        #expect(house.ask(#"{"op":"resources"}"#).contains(#""resources":[]"#))
        house.killAndStart()
        #expect(house.server.start == .done(0))
        #expect(house.ask(#"{"op":"stats"}"#).contains(#""sessions":0,"resources":0"#))
    }
}
