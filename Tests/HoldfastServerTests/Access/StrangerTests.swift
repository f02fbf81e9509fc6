// Where names must be proved, somebody who does not is soon gone, and costs little until then.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import Testing

@testable import HoldfastServer

struct StrangerTests {
    private func server() throws -> VirtualServer {
        let line = #"{"name":"ann","token":"\#(hashText(of: "ann"))"}"#
        let table = try AccessTable(parsing: line)
        return VirtualServer(
            authority: TokenAuthority(table, owners: OwnerDirectory(), digest: plainDigest)
        )
    }

    private let goodbye = #"{"event":"goodbye","reason":"unauthenticated"}"#
    private let hello = #"{"op":"hello","version":1,"token":"ann"}"#

    @Test func `whoever says nothing, or half a hello, is sent away in time`() throws {
        let server = try server()
        let (silent, dripping) = (server.connect(), server.connect())
        for byte in hello.utf8.prefix(9) {
            dripping.post(bytes: [byte])
            server.world.advance(by: .seconds(1))
        }
        #expect(silent.lines() == [] && dripping.lines() == [])
        server.world.advance(by: .seconds(2))
        for client in [silent, dripping] {
            #expect(client.lines() == [goodbye])
            server.world.advance(by: .seconds(2))
            #expect(client.isAtEnd)
        }
    }

    @Test func `whoever has said hello stays, however long it says nothing more`() throws {
        let server = try server()
        let ann = server.connect()
        server.world.advance(by: .seconds(9))
        #expect(ann.send(hello).first?.contains(#""ok":true"#) == true)
        server.world.advance(by: .seconds(3_600))
        #expect(ann.send(#"{"op":"ping"}"#).first?.contains(#""ok":true"#) == true)
    }

    @Test func `where nobody has to prove a name, nobody is hurried`() throws {
        let server = VirtualServer()
        let client = server.connect()
        server.world.advance(by: .seconds(3_600))
        #expect(client.send(#"{"op":"ping"}"#).first?.contains(#""ok":true"#) == true)
    }

    @Test func `a hello without a token is nobody's, costs no pause, and another may follow`()
        throws
    {
        let server = try server()
        let client = server.connect()
        for more in ["", #","token":null"#, #","session":{}"#] {
            let answer = client.send(#"{"op":"hello","version":1\#(more)}"#).first ?? ""
            #expect(answer.contains(#""code":"unauthenticated""#), "\(answer)")
        }
        #expect(client.send(hello).first?.contains(#""principal":"ann""#) == true)

        let other = server.connect()
        for _ in 0..<LinePatience.refusalsMax { other.post(#"{"op":"hello","version":1}"#) }
        #expect(other.lines().count == LinePatience.refusalsMax)
        #expect(other.send(#"{"op":"hello","version":1}"#) == [goodbye])
        let late = server.connect()
        late.send(#"{"op":"hello","version":1}"#)
        server.world.advance(by: LinePatience.length + .seconds(1))
        #expect(late.lines() == [goodbye])
    }

    /// Redis, CVE-2025-21605: answers to nobody filled the memory.
    @Test func `CVE-2025-21605: answers to somebody unknown are few, however much it asks`() throws
    {
        let server = try server()
        let client = server.connect()
        for number in 1...LinePatience.refusalsMax {
            let refused = client.send(#"{"id":\#(number),"op":"ping"}"#)
            #expect(refused.first?.contains(#""id":\#(number),"ok":false"#) == true)
        }
        #expect(client.send(#"{"op":"ping"}"#) == [goodbye])

        let late = server.connect()
        for _ in 0..<LinePatience.refusalsMax { late.post("x") }
        #expect(late.lines().count == LinePatience.refusalsMax)
        #expect(late.send(hello).first?.contains(#""ok":true"#) == true)

        let flood = server.connect()
        flood.post(
            bytes: Array(repeating: Array(#"{"op":"ping"}"#.utf8) + [0x0a], count: 50_000).flatMap {
                $0
            }
        )
        server.world.advance(by: .seconds(1))
        #expect(flood.lines().count == LinePatience.refusalsMax + 1)
    }
}
