// Whom an HTTP connection counts for: rule 31's `connections_per_principal`, over HTTP as over TCP.

import HoldfastModel
import HoldfastServer
import HoldfastWire
import Testing

struct VisitorTests {
    private func ask(_ client: HTTPTalker, as name: String) async throws -> HTTPResponse {
        try await client.ask("GET", "/v1/resources", fields: [bearer(name)])
    }

    @Test(arguments: Place.allCases)
    func `connections of one principal have a limit over HTTP, too`(place: Place) async throws {
        try await place.with {
            $0.limits.connectionsPerPrincipal = 2
        } body: { house in
            let clients = [
                try await house.http(), try await house.http(), try await house.http(),
            ]
            #expect(try await ask(clients[0], as: "bob").status == 200)
            #expect(try await ask(clients[1], as: "bob").status == 200)
            #expect(try await ask(clients[0], as: "bob").status == 200)
            let refused = try await ask(clients[2], as: "bob")
            #expect(refused.status == 429)
            #expect(refused["Retry-After"] == "1")
            #expect(refused.json["limit"]?.string == "connections_per_principal")
            #expect(try await ask(clients[2], as: "carol").status == 200)
            // Whoever asks as another no longer counts for the one before.
            #expect(try await ask(clients[1], as: "carol").status == 200)
            #expect(try await ask(clients[2], as: "bob").status == 200)
        }
    }

    @Test(arguments: Place.allCases)
    func `a connection that ended counts for nobody`(place: Place) async throws {
        try await place.with {
            $0.limits.connectionsPerPrincipal = 1
        } body: { house in
            let (first, second) = (try await house.http(), try await house.http())
            #expect(try await ask(first, as: "bob").status == 200)
            #expect(try await ask(second, as: "bob").status == 429)
            first.talker.finishWriting()
            #expect(await first.isOver())
            try await house.until { (try? await ask(second, as: "bob").status) == 200 }
        }
    }

    @Test func `connections over TCP and HTTP count together`() async throws {
        try await Place.inMemory {
            $0.limits.connectionsPerPrincipal = 1
        } body: { house in
            let (line, client) = (try await house.connect(), try await house.http())
            #expect(
                await line.ask(#"{"op":"hello","version":1,"token":"bob"}"#).contains(#""ok":true"#)
            )
            #expect(try await ask(client, as: "bob").status == 429)
        }
    }

    @Test(arguments: [
        ["SID: bob", "SID: ann"], ["Cookie: refreshToken=bob", "Cookie: refreshToken=ann"],
        ["Cookie: refreshToken=bob; refreshToken=bob"], [bearer("bob"), bearer("ann")],
    ])
    func `who says twice who it is says nothing`(fields: [String]) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let asked: (String, String, String?) =
                switch fields[0].prefix(3) {
                case "SID": ("GET", "/locks?subject.courseId=c", nil)
                case "Coo": ("POST", "/admin/lock", #"{"route":"r","id":"1"}"#)
                default: ("GET", "/v1/resources", nil)
                }
            let once = try await client.ask(asked.0, asked.1, asked.2, fields: [fields[0]])
            let twice = try await client.ask(asked.0, asked.1, asked.2, fields: fields)
            #expect(twice.status == (fields[0].hasPrefix("Coo") ? 404 : 401), "\(twice.short)")
            #expect(once.status == 200 || fields.count == 1)
        }
    }

    @Test func `each profile says in its own way that there are too many connections`() async throws
    {
        try await Place.inMemory {
            $0.limits.connectionsPerPrincipal = 1
        } body: { house in
            let (holder, client) = (try await house.http(), try await house.http())
            #expect(try await ask(holder, as: "bob").status == 200)
            let lock = #"{"route":"r","id":"1"}"#
            let cookie = "Cookie: refreshToken=bob"
            let manga = try await client.ask("POST", "/admin/lock", lock, fields: [cookie])
            #expect(manga.short == #"500 {"data":"Internal server error","code":500}"#)
            let versal = try await client.ask(
                "GET",
                "/locks?subject.courseId=c",
                fields: ["SID: bob"]
            )
            #expect(versal.status == 503)
            #expect(versal.json["error"]?.integer == 503)
            let terraform = try await client.ask(
                "LOCK",
                "/terraform/x",
                #"{"ID":"1"}"#,
                fields: [bearer("bob")]
            )
            #expect(terraform.status == 503)
        }
    }
}
