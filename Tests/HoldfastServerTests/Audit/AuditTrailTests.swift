// What is written down when locks are taken or ended over the heads of their holders, and what never is.

import Glibc
import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import HoldfastSystem
import HoldfastWire
import TestSupport
import Testing

@testable import HoldfastServer

struct AuditTrailTests {
    /// A server whose audit goes to a file, and what is in that.
    private struct Stage {
        let server: VirtualServer
        let trail: AuditTrail
        let path: String
        let told = Locked<[String]>([])

        init(_ folder: String) throws {
            path = folder + "/audit"
            let table = try AccessTable(
                parsing: """
                    {"name":"ann","token":"\(hashText(of: "ann-secret"))","roles":["all"]}
                    {"name":"bob","token":"\(hashText(of: "bob-secret"))","roles":["lock"]}
                    {"role":"lock","rights":["lock:**"]}
                    {"role":"all","rights":["lock:**","read:**","steal:**","admin:**"]}
                    """
            )
            trail = try AuditTrail(path) { [told] line in told.withLock { $0.append(line) } }
            server = VirtualServer(
                authority: TokenAuthority(table, owners: OwnerDirectory(), digest: plainDigest),
                witness: trail
            )
        }

        func client(_ name: String) -> VirtualClient {
            let client = server.connect()
            client.send(#"{"op":"hello","version":1,"token":"\#(name)-secret"}"#)
            return client
        }

        /// Without the time.
        func lines() throws -> [String] {
            try SecretFile.read(path).split(separator: "\n").map {
                String($0).replacing(/^{"at":"[^"]*",/, with: "{")
                    .replacing(/"fence":[0-9]+/, with: #""fence":F"#)
            }
        }
    }

    @Test func `a steal says who, from where, why, by force or not, and how it went`() async throws
    {
        try await Scratch.with { folder in
            let stage = try Stage(folder)
            let (ann, bob) = (stage.client("ann"), stage.client("bob"))
            bob.send(#"{"op":"queue","resource":"a"}"#)
            ann.send(#"{"op":"steal","resource":"a","reason":"mine"}"#)
            ann.send(#"{"op":"steal","resource":"a","reason":"stuck","force":true}"#)
            bob.send(#"{"op":"steal","resource":"a","reason":"please"}"#)
            let from = #""from":"virtual:2","resource":"a""#
            #expect(
                try stage.lines() == [
                    #"{"event":"steal","by":"ann",\#(from),"reason":"mine","outcome":"not_stealable"}"#,
                    #"{"event":"steal","by":"ann",\#(from),"force":true,"reason":"stuck","outcome":"acquired","fence":F}"#,
                    #"{"event":"steal","by":"bob",\#(from),"reason":"please","outcome":"forbidden"}"#,
                ]
            )
        }
    }

    @Test func `whoever asks over and over for what it may not do does not fill the disk`()
        async throws
    {
        try await Scratch.with { folder in
            let stage = try Stage(folder)
            let (ann, bob) = (stage.client("ann"), stage.client("bob"))
            let steal = #"{"op":"steal","resource":"a","reason":"please"}"#
            for _ in 0..<100 { bob.send(steal) }
            #expect(try stage.lines().count == RefusalCount.toldMax)
            // What others do, and what is done, is told.
            ann.send(#"{"op":"steal","resource":"a","reason":"mine"}"#)
            #expect(try stage.lines().count == RefusalCount.toldMax + 1)
            stage.server.world.advance(by: RefusalCount.window)
            bob.send(steal)
            let told = try stage.lines().last ?? ""
            #expect(told.contains(#""outcome":"forbidden""#) && told.contains(#""count":91"#))
        }
    }

    @Test func `a clear, a drain and a release by another are written down, one's own are not`()
        async throws
    {
        try await Scratch.with { folder in
            let stage = try Stage(folder)
            let (ann, bob) = (stage.client("ann"), stage.client("bob"))
            let own = bob.send(#"{"op":"queue","resource":"b"}"#).first?.ticket ?? ""
            bob.send(#"{"op":"release","ticket":"\#(own)"}"#)
            let other = bob.send(#"{"op":"queue","resource":"b"}"#).first?.ticket ?? ""
            bob.send(#"{"op":"queue","resource":"c"}"#)
            let held = ann.send(#"{"op":"queue","resource":"a"}"#).first?.ticket ?? ""
            bob.send(#"{"op":"release","ticket":"\#(held)","reason":"mine now"}"#)
            ann.send(#"{"op":"release","ticket":"\#(held)"}"#)
            ann.send(#"{"op":"release","ticket":"\#(other)","reason":"gone home"}"#)
            ann.send(#"{"op":"clear","resource":"c","reason":"new week"}"#)
            ann.send(#"{"op":"drain","reason":"update"}"#)
            ann.send(#"{"op":"drain","off":true}"#)
            bob.send(#"{"op":"drain"}"#)
            let from = #""from":"virtual:2""#
            #expect(
                try stage.lines() == [
                    #"{"event":"release","by":"bob",\#(from),"resource":"a","reason":"mine now","outcome":"forbidden"}"#,
                    #"{"event":"release","by":"ann",\#(from),"resource":"b","reason":"gone home","outcome":"done"}"#,
                    #"{"event":"clear","by":"ann",\#(from),"resource":"c","reason":"new week","outcome":"done","count":1}"#,
                    #"{"event":"drain","by":"ann",\#(from),"reason":"update","outcome":"done"}"#,
                    #"{"event":"drain","by":"ann",\#(from),"off":true,"outcome":"done"}"#,
                    #"{"event":"drain","by":"bob",\#(from),"outcome":"forbidden"}"#,
                ]
            )
        }
    }

    @Test func `whoever is not let in is told of, over both transports, without what it showed`()
        async throws
    {
        try await Scratch.with { folder in
            let stage = try Stage(folder)
            let stranger = stage.server.connect()
            stranger.post(#"{"op":"hello","version":1,"token":"nearly-right"}"#)
            let web = HTTPTalker(MemoryTalker(stage.server.connectHTTP()))
            web.post(request("GET", "/v1/resources", fields: [bearer("nearly-right")]))
            stage.server.world.advance(by: .seconds(1))
            #expect(stranger.lines().first?.contains("unauthenticated") == true)
            #expect(await web.response()?.status == 401)
            let line =
                #"{"event":"authentication_failed","from":"virtual:2","outcome":"unauthenticated"}"#
            #expect(try stage.lines() == [line, line])
            let told = stage.told.withLock { $0 }
            #expect(told.count == 2)
            #expect(told.allSatisfy { $0.contains("virtual:2") && !$0.contains("nearly") })
        }
    }

    @Test func `no secret is ever in it, and it is its owner's alone`() async throws {
        try await Scratch.with { folder in
            let stage = try Stage(folder)
            let (ann, bob) = (stage.client("ann"), stage.client("bob"))
            let ticket = bob.send(#"{"op":"queue","resource":"a"}"#).first?.ticket ?? ""
            ann.send(#"{"op":"steal","resource":"a","reason":"r","force":true}"#)
            let text = try SecretFile.read(stage.path)
            #expect(!text.contains("secret") && !text.contains(ticket) && !ticket.isEmpty)
            var status = stat()
            #expect(stat(stage.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func `a file that was moved away is followed by a new one when it is opened anew`()
        async throws
    {
        try await Scratch.with { folder in
            let stage = try Stage(folder)
            let ann = stage.client("ann")
            ann.send(#"{"op":"clear","resource":"a"}"#)
            #expect(rename(stage.path, stage.path + ".1") == 0)
            ann.send(#"{"op":"clear","resource":"b"}"#)
            try stage.trail.reopen()
            ann.send(#"{"op":"clear","resource":"c"}"#)
            let old = try SecretFile.read(stage.path + ".1")
            #expect(old.contains(#""resource":"a""#) && old.contains(#""resource":"b""#))
            #expect(try stage.lines().count == 1)
            #expect(try stage.lines().first?.contains(#""resource":"c""#) == true)
        }
    }

    @Test func `a file that others may read is refused with what mends it`() async throws {
        try await Scratch.with { folder in
            let path = folder + "/audit"
            close(creat(path, 0o600))
            chmod(path, 0o640)
            let text =
                "the audit file: \(path) can be read or written by others than its owner: "
                + "chmod 600 \(path)"
            #expect(throws: StartError.access(text)) { try AuditTrail(path) { _ in } }
            #expect(throws: StartError.self) { try AuditTrail("/dev/full") { _ in } }
        }
    }
}
