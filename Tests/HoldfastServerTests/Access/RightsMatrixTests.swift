// Rule 29 as a table: each operation with each right alone, over TCP and over HTTP, on a resource where the right holds
// and on one where it does not.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Testing

@testable import HoldfastServer

/// One operation, and the rights of which one alone lets it pass.
private struct Asked: Sendable, CustomTestStringConvertible {
    var line: String
    /// Method, target and body of the same over HTTP.
    var http: (String, String, String?)?
    var rights: Set<String>

    var testDescription: String { line }
}

private let operations = [
    Asked(
        line: #"{"op":"queue","resource":"PATH"}"#,
        http: ("POST", "/v1/tickets", #"{"resource":"PATH"}"#),
        rights: ["lock"]
    ),
    Asked(
        line: #"{"op":"lock","resource":"PATH","wait":0}"#,
        http: ("POST", "/v1/locks?wait=0", #"{"resource":"PATH"}"#),
        rights: ["lock"]
    ),
    Asked(
        line: #"{"op":"list","resource":"PATH"}"#,
        http: ("GET", "/v1/resources/PATH", nil),
        rights: ["read"]
    ),
    Asked(
        line: #"{"op":"history","resource":"PATH"}"#,
        http: ("GET", "/v1/history/PATH", nil),
        rights: ["read"]
    ),
    Asked(
        line: #"{"op":"check","resource":"PATH","fence":1}"#,
        http: nil,
        rights: ["read"]
    ),
    Asked(
        line: #"{"op":"watch","resource":"PATH"}"#,
        http: nil,
        rights: ["read"]
    ),
    Asked(
        line: #"{"op":"clear","resource":"PATH"}"#,
        http: ("DELETE", "/v1/resources/PATH", nil),
        rights: ["admin"]
    ),
]

private let verbs = ["lock", "read", "steal", "admin"]

/// A token for each right alone, which is its name, on all below `a`; and for more people with more of them.
///
/// The role "anywhere" may lock everything.
private func server(
    with people: [String: [String]] = [:],
    on pattern: String = "a/**"
) throws -> VirtualServer {
    let roles =
        [#"{"role":"anywhere","rights":["lock:**"]}"#]
        + verbs.map { #"{"role":"\#($0)","rights":["\#($0):\#(pattern)"]}"# }
    var rights = people
    for verb in verbs { rights[verb] = [verb] }
    let lines =
        roles
        + rights.map { name, roles in
            #"{"name":"\#(name)","token":"\#(hashText(of: name))","roles":\#(roles)}"#
        }
    let owners = OwnerDirectory()
    let table = try AccessTable(parsing: lines.joined(separator: "\n"))
    return VirtualServer(authority: TokenAuthority(table, owners: owners, digest: plainDigest))
}

struct RightsMatrixTests {
    @Test(arguments: operations, verbs)
    fileprivate func `rule 29: one right lets one thing pass, where it holds`(
        asked: Asked,
        verb: String
    ) async throws {
        let server = try server()
        for path in ["a/b", "b/b"] {
            let isAllowed = path == "a/b" && asked.rights.contains(verb)
            let client = server.connect()
            client.send(#"{"op":"hello","version":1,"token":"\#(verb)"}"#)
            let reply = client.send(asked.line.replacing("PATH", with: path)).first ?? ""
            #expect(reply.contains(#""code":"forbidden""#) != isAllowed, "\(path): \(reply)")
            guard let (method, target, body) = asked.http else { continue }
            let talker = HTTPTalker(MemoryTalker(server.connectHTTP()))
            let answer = try await talker.ask(
                method,
                target.replacing("PATH", with: path),
                body?.replacing("PATH", with: path),
                fields: ["Authorization: Bearer \(verb)"]
            )
            #expect((answer.status == 403) != isAllowed, "\(path): \(answer.short)")
        }
    }

    /// What may be done to somebody else's held ticket with one right alone.
    @Test(arguments: verbs)
    func `rule 30: another's ticket is kept and given back by its owner alone`(
        verb: String
    )
        async throws
    {
        let allowed = ["status": ["read"], "release": ["admin"], "acquire": [], "renew": []]
        for (name, rights) in allowed {
            for overHTTP in [false, true] {
                let server = try server(with: ["holder": ["lock"]])
                let ticket = try held(in: server, by: "holder")
                let code: String?
                if overHTTP {
                    code = try await ask(name, of: ticket, on: server, as: verb)
                } else {
                    let client = server.connect()
                    client.send(#"{"op":"hello","version":1,"token":"\#(verb)"}"#)
                    let reply = client.send(#"{"op":"\#(name)","ticket":"\#(ticket)"}"#).first
                    code = reply.flatMap { try? JSONValue(parsing: $0) }?["error"]?["code"]?.string
                }
                let isAllowed = rights.contains(verb)
                #expect(code == (isAllowed ? nil : "forbidden"), "\(name), HTTP: \(overHTTP)")
            }
        }
    }

    @Test(arguments: ["status", "acquire", "renew", "release"])
    func `rule 29: with lock everything on one's own tickets passes`(name: String) async throws {
        let server = try server()
        let client = server.connect()
        client.send(#"{"op":"hello","version":1,"token":"lock"}"#)
        let first = client.send(#"{"op":"queue","resource":"a/b"}"#).first?.ticket ?? ""
        let reply = client.send(#"{"op":"\#(name)","ticket":"\#(first)"}"#).first
        #expect(reply?.contains(#""ok":true"#) == true)
        let second = client.send(#"{"op":"queue","resource":"a/c"}"#).first?.ticket ?? ""
        #expect(try await ask(name, of: second, on: server, as: "lock") == nil)
    }

    @Test(arguments: [
        (["lock"], "forbidden"), (["steal"], "forbidden"), (["lock", "read"], "forbidden"),
        (["lock", "steal"], nil), (["lock", "admin"], "forbidden"),
        (["lock", "steal", "admin"], nil),
    ])
    func `rule 29: a steal needs steal beside lock, over both transports`(
        rights: [String],
        code: String?
    ) async throws {
        for overHTTP in [false, true] {
            let server = try server(with: ["holder": ["lock"], "thief": rights])
            _ = try held(in: server, by: "holder")
            let fields = #""resource":"a/b","reason":"r","force":\#(rights.contains("admin"))"#
            let found: JSONValue?
            if overHTTP {
                let talker = HTTPTalker(MemoryTalker(server.connectHTTP()))
                found = try await talker.ask(
                    "POST",
                    "/v1/steal",
                    "{\(fields)}",
                    fields: ["Authorization: Bearer thief"]
                ).json["code"]
            } else {
                let client = server.connect()
                client.send(#"{"op":"hello","version":1,"token":"thief"}"#)
                let reply = client.send(#"{"op":"steal",\#(fields)}"#).first ?? ""
                found = try JSONValue(parsing: reply)["error"]?["code"]
            }
            #expect(found?.string == code, "HTTP: \(overHTTP)")
        }
    }

    /// A stealable ticket on `a/b`.
    private func held(in server: VirtualServer, by name: String) throws -> String {
        let client = server.connect()
        client.send(#"{"op":"hello","version":1,"token":"\#(name)"}"#)
        let reply = client.send(#"{"op":"queue","resource":"a/b","stealable":true}"#).first
        return try #require(reply).ticket
    }

    /// The code of the refusal over HTTP.
    private func ask(
        _ name: String,
        of ticket: String,
        on server: VirtualServer,
        as principal: String
    ) async throws -> String? {
        let path = "/v1/tickets/\(ticket)"
        let (method, target) =
            switch name {
            case "status": ("GET", path)
            case "release": ("DELETE", path)
            case "acquire": ("POST", path + "/acquire?wait=0")
            default: ("POST", path + "/" + name)
            }
        let talker = HTTPTalker(MemoryTalker(server.connectHTTP()))
        let fields = ["Authorization: Bearer \(principal)"]
        return try await talker.ask(method, target, fields: fields).json["code"]?.string
    }

    /// Routes of which HTTP alone has the form, and the right that each needs.
    @Test(arguments: verbs)
    func `rule 29: events and checks over HTTP need read where they look`(verb: String) async throws
    {
        let server = try server(with: ["holder": ["lock"]])
        let ticket = try held(in: server, by: "holder")
        for (target, isAllowed) in [
            ("/v1/check?resource=a/b&fence=1", verb == "read"),
            ("/v1/check?ticket=\(ticket)", verb == "read"),
            ("/v1/check?resource=b/b&fence=1", false),
        ] {
            let talker = HTTPTalker(MemoryTalker(server.connectHTTP()))
            let answer = try await talker.ask(
                "GET",
                target,
                fields: ["Authorization: Bearer \(verb)"]
            )
            // A fence that is not current is 403 as well, and told with the one that is.
            #expect((answer.json["valid"] != nil) == isAllowed, "\(target): \(answer.short)")
        }
        for target in ["/v1/events", "/v1/events?prefix=a"] {
            let talker = HTTPTalker(MemoryTalker(server.connectHTTP()))
            let answer = try await talker.ask(
                "GET",
                target,
                fields: ["Authorization: Bearer \(verb)"]
            )
            #expect(answer.status == (verb == "read" ? 200 : 403), "\(target): \(answer.short)")
        }
    }

    @Test(arguments: verbs)
    func `rule 29: resources are shown to whoever may read them, over both transports`(
        verb: String
    ) async throws {
        let server = try server(with: ["holder": ["lock"]])
        _ = try held(in: server, by: "holder")
        let client = server.connect()
        client.send(#"{"op":"hello","version":1,"token":"\#(verb)"}"#)
        let reply = client.send(#"{"op":"resources"}"#).first ?? ""
        #expect(reply.contains(#""ok":true"#))
        #expect(reply.contains("a/b") == (verb == "read"), "\(reply)")
        let talker = HTTPTalker(MemoryTalker(server.connectHTTP()))
        let fields = ["Authorization: Bearer \(verb)"]
        let answer = try await talker.ask("GET", "/v1/resources", fields: fields)
        #expect(answer.status == 200)
        #expect(answer.body.contains("a/b") == (verb == "read"), "\(answer.short)")
    }

    @Test(arguments: verbs)
    func `rule 29: what concerns the client alone needs no right`(verb: String) throws {
        let server = try server()
        let client = server.connect()
        client.send(#"{"op":"hello","version":1,"token":"\#(verb)","session":{}}"#)
        for line in [#"{"op":"ping"}"#, #"{"op":"bye"}"#] {
            #expect(client.send(line).first?.contains(#""ok":true"#) == true, "\(line)")
        }
        #expect(client.send(#"{"op":"unwatch","watch":1}"#).first?.contains("not_found") == true)
    }

    @Test func `rule 29: with a right on everything the whole server answers`() throws {
        let server = try server(on: "**")
        for verb in verbs {
            let client = server.connect()
            client.send(#"{"op":"hello","version":1,"token":"\#(verb)"}"#)
            for (line, right) in [
                (#"{"op":"stats"}"#, "read"), (#"{"op":"drain"}"#, "admin"),
                (#"{"op":"drain","off":true}"#, "admin"),
            ] {
                let reply = client.send(line).first ?? ""
                #expect(reply.contains(#""ok":true"#) == (verb == right), "\(verb): \(reply)")
            }
        }
    }

    @Test func `rule 29: a drain needs a right on everything`() throws {
        let server = try server()
        for verb in verbs {
            let client = server.connect()
            client.send(#"{"op":"hello","version":1,"token":"\#(verb)"}"#)
            let reply = client.send(#"{"op":"drain"}"#).first ?? ""
            #expect(reply.contains(#""code":"forbidden""#), "\(verb)")
        }
    }

    @Test func `rule 29: whoever may read a part is told the numbers of that part alone`() throws {
        let server = try server(with: ["holder": ["anywhere"]])
        let holder = server.connect()
        holder.send(#"{"op":"hello","version":1,"token":"holder"}"#)
        for resource in ["a/b", "a/b", "a/c", "elsewhere"] {
            let reply = holder.send(#"{"op":"queue","resource":"\#(resource)"}"#).first ?? ""
            #expect(reply.contains(#""ok":true"#), "\(reply)")
        }
        for verb in verbs {
            let client = server.connect()
            client.send(#"{"op":"hello","version":1,"token":"\#(verb)"}"#)
            let reply = client.send(#"{"op":"stats"}"#).first ?? ""
            let part = #""uptime":0,"resources":2,"held":2,"waiting":1}"#
            #expect(reply.hasSuffix(part) == (verb == "read"), "\(verb): \(reply)")
            #expect(reply.contains(#""code":"forbidden""#) == (verb != "read"), "\(verb)")
        }
    }

    @Test func `rule 29: a watch of everything tells only of what may be read`() throws {
        let server = try server()
        let (reader, holder) = (server.connect(), server.connect())
        reader.send(#"{"op":"hello","version":1,"token":"read"}"#)
        #expect(reader.send(#"{"op":"watch"}"#).first?.contains(#""ok":true"#) == true)
        holder.send(#"{"op":"hello","version":1,"token":"lock"}"#)
        holder.send(#"{"op":"queue","resource":"a/b"}"#)
        #expect(reader.lines().contains { $0.contains(#""resource":"a/b""#) })
        let other = server.connect()
        other.send(#"{"op":"hello","version":1,"token":"steal"}"#)
        #expect(
            other.send(#"{"op":"watch"}"#).first?.contains(#""code":"forbidden""#) == true
        )
    }

    @Test func `whoever shows no token, or a wrong one, is nobody over HTTP`() async throws {
        let server = try server()
        let talker = HTTPTalker(MemoryTalker(server.connectHTTP()))
        for fields in [[], ["Authorization: Bearer x"], ["Authorization: Basic eDo="]] {
            talker.post(request("GET", "/v1/resources", fields: fields))
            server.world.advance(by: .seconds(2))
            let answer = try #require(await talker.response())
            #expect(answer.status == 401)
            #expect(answer["WWW-Authenticate"] != nil)
        }
        for path in ["/healthz", "/readyz", "/version", "/openapi.json"] {
            #expect(try await talker.ask("GET", path).status == 200)
        }
        #expect(try await talker.ask("GET", "/metrics").status == 401)
    }

    @Test func `a guess is answered late, and each further one later`() throws {
        let server = try server()
        let client = server.connect()
        let before = server.world.reading.now
        client.post(#"{"op":"hello","version":1,"token":"x"}"#)
        client.post(#"{"op":"hello","version":1,"token":"y"}"#)
        #expect(client.lines() == [])
        server.world.advance(by: .milliseconds(250))
        #expect(client.lines().count == 1)
        server.world.advance(by: .milliseconds(499))
        #expect(client.lines() == [])
        server.world.advance(by: .milliseconds(1))
        #expect(client.lines().first?.contains(#""code":"unauthenticated""#) == true)
        #expect(server.world.reading.now - before == .milliseconds(750))
        client.post(#"{"op":"hello","version":1,"token":"lock"}"#)
        #expect(client.lines().first?.contains(#""rights":["lock:a/**"]"#) == true)
    }
}
