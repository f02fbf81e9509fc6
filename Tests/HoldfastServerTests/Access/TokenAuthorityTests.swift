// Tokens of a file, and the file read again: what was taken away is gone at once.

import HoldfastCoordinator
import HoldfastCore
import HoldfastModel
import HoldfastSimulation
import Testing

@testable import HoldfastServer

struct TokenAuthorityTests {
    private let owners = OwnerDirectory()

    private func table(_ names: String..., rights: String = "lock:**") throws -> AccessTable {
        let lines = names.map {
            #"{"name":"\#($0)","display":"The \#($0)","token":"\#(hashText(of: $0))","roles":["r"]}"#
        }
        let role = #"{"role":"r","rights":["\#(rights)","read:**"]}"#
        return try AccessTable(parsing: (lines + [role]).joined(separator: "\n"))
    }

    private func authority(_ table: AccessTable) -> TokenAuthority {
        TokenAuthority(table, owners: owners, digest: plainDigest)
    }

    @Test func `a token is its owner, and nothing else is anybody`() throws {
        let authority = authority(try table("ann", "bob"))
        let ann = try authority.principal(token: "ann")
        #expect(ann.owner.name == "ann")
        #expect(ann.rightsShown == ["lock:**", "read:**"])
        #expect(authority.displayName(of: ann.owner) == "The ann")
        for token in ["", "Ann", "ann "] {
            #expect(throws: Refusal.self) { try authority.principal(token: token) }
        }
        let nobody = try authority.principal(token: nil)
        #expect(!nobody.isProved)
        #expect(authority.rights(of: nobody, on: try #require(ResourcePath("a"))) == [])
    }

    @Test func `a certificate is whom it names, where the file knows the name`() throws {
        let authority = authority(try table("ann", "bob"))
        #expect(try authority.principal(token: nil, certified: "ann").owner.name == "ann")
        #expect(try authority.principal(token: nil, certified: "ann").isProved)
        #expect(try authority.principal(token: "bob", certified: "ann").owner.name == "bob")
        #expect(try !authority.principal(token: nil, certified: "eve").isProved)
        #expect(throws: Refusal.self) { try authority.principal(token: "x", certified: "ann") }
    }

    @Test func `a reload takes rights and people away at once, and their sessions end`() throws {
        let authority = authority(try table("ann", "bob"))
        let server = VirtualServer(authority: authority)
        let clients = ["ann", "bob"].map { name in
            let client = server.connect()
            client.send(#"{"op":"hello","version":1,"token":"\#(name)","session":{}}"#)
            client.send(#"{"op":"queue","resource":"\#(name)"}"#)
            return client
        }
        let gone = authority.exchange(for: try table("bob", rights: "lock:b/**"))
        #expect(gone == ["ann"])
        server.dismissRefused(gone: gone)
        #expect(
            clients[0].send(#"{"op":"ping"}"#).last?.contains(#""code":"unauthenticated""#) == true
        )
        let list = clients[1].send(#"{"op":"list","resource":"ann"}"#).last ?? ""
        #expect(list.contains(#""ended":"session_ended""#))
        let refused = clients[1].send(#"{"op":"queue","resource":"other"}"#).first
        #expect(refused?.contains(#""right":"lock""#) == true)
        #expect(
            clients[1].send(#"{"op":"queue","resource":"b/x"}"#).first?.contains("acquired") == true
        )
    }

    @Test func `a limit of one principal stands in place of the server's`() throws {
        let table = try AccessTable(
            parsing: """
                {"name":"ann","token":"\(hashText(of: "ann"))","roles":["r"],"limits":{"tickets_per_principal":1,"connections_per_principal":1}}
                {"role":"r","rights":["lock:**"]}
                """
        )
        let server = VirtualServer(authority: authority(table))
        let (first, second) = (server.connect(), server.connect())
        let hello = #"{"op":"hello","version":1,"token":"ann"}"#
        #expect(first.send(hello).first?.contains(#""ok":true"#) == true)
        #expect(
            second.send(hello).first?.contains(#""limit":"connections_per_principal""#) == true
        )
        first.send(#"{"op":"queue","resource":"a"}"#)
        let more = first.send(#"{"op":"queue","resource":"b"}"#).first
        #expect(more?.contains(#""limit":"tickets_per_principal""#) == true)
    }
}
