// Rules 29 and 30 at the seam: an authority that allows little, and what the coordinator makes of it. The reply names
// the missing right, and nothing about the resource.

import HoldfastCoordinator
import HoldfastCore
import HoldfastModel
import HoldfastSimulation
import Testing

/// Everybody must have a name; rights are written in it: "ann lock read".
private final class NamedAuthority: Authority {
    private let owners = OwnerDirectory()

    var provesByToken: Bool { true }

    func principal(token: String?) throws(Refusal) -> Principal {
        guard let token else { return .nobody(owners) }
        var limits = PrincipalLimits()
        if token.contains("calm") { limits.priority = 3 }
        return Principal(owner: owners.owner(named: token), rightsShown: [], limits: limits)
    }

    func rights(of principal: Principal, on path: ResourcePath) -> Caller.Rights {
        var rights: Caller.Rights = []
        let words = principal.owner.name.split(separator: " ")
        if words.contains("lock") { rights.insert(.lock) }
        if words.contains("read") { rights.insert(.read) }
        if words.contains("steal") { rights.insert(.steal) }
        if words.contains("admin") { rights.insert(.admin) }
        return rights
    }

    func rightsOnEverything(of principal: Principal) -> Caller.Rights {
        // The rights of this authority are the same everywhere.
        ResourcePath("a").map { rights(of: principal, on: $0) } ?? []
    }
}

struct RightsTests {
    private let server = VirtualServer(authority: NamedAuthority())

    private func client(_ name: String) -> VirtualClient {
        let client = server.connect()
        client.send(#"{"op":"hello","version":1,"token":"\#(name)"}"#)
        return client
    }

    private func missing(_ right: String) -> String {
        #"{"ok":false,"error":{"code":"forbidden","message":"this needs the right '\#(right)' here","retryable":false},"right":"\#(right)"}"#
    }

    @Test func `who must prove a name and said none is unauthenticated`() {
        let client = server.connect()
        for line in [#"{"op":"queue","resource":"a"}"#, #"{"op":"stats"}"#, #"{"op":"ping"}"#] {
            let reply = client.send(line)
            #expect(reply.first?.contains(#""code":"unauthenticated""#) == true)
        }
        // It may still say hello.
        let hello = client.send(#"{"op":"hello","version":1,"token":"ann lock"}"#)
        #expect(hello.first?.contains(#""ok":true"#) == true)
        #expect(client.send(#"{"op":"queue","resource":"a"}"#).first?.contains("acquired") == true)
    }

    @Test(arguments: [
        #"{"op":"queue","resource":"a"}"#, #"{"op":"lock","resource":"a"}"#,
        #"{"op":"steal","resource":"a","reason":"r"}"#,
    ])
    func `rule 29: taking a ticket needs lock`(line: String) {
        #expect(client("ann read").send(line) == [missing("lock")])
    }

    @Test(arguments: ["queue", "lock", "steal"])
    func `rule 7: nobody asks more urgently than its roles may`(op: String) {
        let calm = client("ann lock steal calm")
        func line(_ priority: Int) -> String {
            #"{"op":"\#(op)","resource":"a\#(priority)","reason":"r","priority":\#(priority)}"#
        }
        #expect(calm.send(line(3)).first?.contains("acquired") == true)
        let refusal =
            #"{"ok":false,"error":{"code":"forbidden","message":"priority 4 is above 3, "#
            + #"the highest that your roles may ask for","retryable":false},"field":"priority"}"#
        #expect(calm.send(line(4)) == [refusal])
        #expect(client("bob lock steal").send(line(9)).first?.contains("acquired") == true)
    }

    @Test func `rule 29: stealing needs steal, insisting needs admin`() {
        let holder = client("ann lock")
        holder.send(#"{"op":"queue","resource":"a","stealable":true}"#)
        let line = #"{"op":"steal","resource":"a","reason":"r"}"#
        #expect(client("bob lock").send(line) == [missing("steal")])
        #expect(client("bob lock steal").send(line).first?.contains("acquired") == true)
        let forced = client("bob lock steal").send(
            #"{"op":"steal","resource":"b","reason":"r","force":true}"#
        )
        #expect(forced.first?.contains(#""right":"admin""#) == true)
    }

    @Test(arguments: [
        #"{"op":"list","resource":"a"}"#, #"{"op":"history","resource":"a"}"#,
        #"{"op":"check","resource":"a","fence":1}"#,
    ])
    func `rule 29: looking needs read, whether there is something or not`(line: String) {
        #expect(client("bob lock").send(line) == [missing("read")])
        client("ann lock").send(#"{"op":"queue","resource":"a"}"#)
        #expect(client("bob lock").send(line) == [missing("read")])
        #expect(client("bob read").send(line).first?.contains(#""ok":true"#) == true)
    }

    @Test func `rule 29: clear needs admin`() {
        #expect(
            client("bob lock read").send(#"{"op":"clear","resource":"a"}"#) == [missing("admin")]
        )
    }

    @Test func `rule 29: drain needs admin, and refused it drains nothing`() {
        #expect(client("bob lock read steal").send(#"{"op":"drain"}"#) == [missing("admin")])
        let queue = #"{"op":"queue","resource":"a"}"#
        #expect(client("ann lock").send(queue).first?.contains(#""ok":true"#) == true)
        #expect(
            client("root admin").send(#"{"op":"drain"}"#) == [#"{"ok":true,"draining":true}"#]
        )
        #expect(client("ann lock").send(queue).first?.contains(#""draining""#) == true)
    }

    @Test func `rule 29: the list of resources shows what may be read`() {
        client("ann lock").send(#"{"op":"queue","resource":"a"}"#)
        let line = #"{"op":"resources"}"#
        #expect(client("bob lock").send(line) == [#"{"ok":true,"resources":[]}"#])
        #expect(client("bob read").send(line).first?.contains(#""resource":"a""#) == true)
    }

    @Test func `rule 30: the ticket of another is his, admin may release it`() {
        let held = client("ann lock").send(#"{"op":"queue","resource":"a"}"#).first ?? ""
        let start = held.range(ofText: #""ticket":""#)
        let ticket = String(held[start...].prefix(TicketID.characterCount))
        let status = #"{"op":"status","ticket":"\#(ticket)"}"#
        #expect(client("bob lock").send(status).first?.contains(#""right":"read""#) == true)
        let view = client("bob read").send(status).first ?? ""
        #expect(view.contains(#""owner":"ann lock""#))
        // The id is for its owner and for administrators.
        #expect(!view.contains(ticket))
        #expect(client("bob read admin").send(status).first?.contains(ticket) == true)
        let release = #"{"op":"release","ticket":"\#(ticket)"}"#
        #expect(client("bob lock").send(release).first?.contains(#""right":"admin""#) == true)
        #expect(client("bob admin").send(release).first?.contains("cleared") == true)
    }
}

extension String {
    /// Where the text after the first occurrence of this one begins.
    fileprivate func range(ofText text: String) -> String.Index {
        indices.first { self[$0...].hasPrefix(text) }.map { index($0, offsetBy: text.count) }
            ?? endIndex
    }
}
