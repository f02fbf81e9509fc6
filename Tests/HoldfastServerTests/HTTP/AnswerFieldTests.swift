// What every answer says beside its own: that no browser guesses its type, and that no cache keeps it, but for the
// files of the dashboard, of which a cache asks each time whether they are still those.

import HoldfastModel
import Testing

@testable import HoldfastServer

struct AnswerFieldTests {
    @Test(arguments: Place.allCases)
    func `every answer is of the type it says and kept by nobody`(place: Place) async throws {
        let requests: [(method: String, target: String, body: String?, status: Int)] = [
            ("GET", "/healthz", nil, 200), ("HEAD", "/version", nil, 200),
            ("GET", "/metrics", nil, 200),
            ("GET", "/openapi.json", nil, 200), ("GET", "/", nil, 302), ("GET", "/ui", nil, 302),
            ("GET", "/v1/resources", nil, 200), ("POST", "/v1/tickets", #"{"resource":"a"}"#, 201),
            ("POST", "/v1/tickets", "{", 400), ("GET", "/v1/nothing", nil, 404),
            ("PUT", "/v1/tickets", nil, 405), ("OPTIONS", "/v1/tickets", nil, 204),
            ("POST", "/admin/lock", nil, 404), ("POST", "/locks", nil, 401),
            ("POST", "/sfp/api/locks", nil, 400), ("GET", "/doc/@lock", nil, 200),
            ("PATCH", "/doc", nil, 204), ("LOCK", "/terraform/t", #"{"ID":"1"}"#, 200),
            ("HEAD", "/v1/events", nil, 200), ("GET", "/ui/none.js", nil, 404),
        ]
        try await place.with { house in
            let client = try await house.http()
            for (method, target, body, status) in requests {
                let answer = try await client.ask(method, target, body)
                #expect(answer.status == status, "\(method) \(target)")
                #expect(answer["X-Content-Type-Options"] == "nosniff", "\(method) \(target)")
                #expect(answer["Cache-Control"] == "no-store", "\(method) \(target)")
            }
            for asset in DashboardAsset.all {
                let answer = try await client.ask("GET", "/ui/" + asset.name)
                let names = answer.fields.map(\.name)
                #expect(names.count { $0 == "Cache-Control" } == 1)
                #expect(names.count { $0 == "X-Content-Type-Options" } == 1)
                #expect(answer["Cache-Control"] == "no-cache")
            }
            client.post("GET / HTTP/1.1\nHost: a\n\n")
            let flaw = try #require(await client.response())
            #expect(flaw["X-Content-Type-Options"] == "nosniff")
            #expect(flaw["Cache-Control"] == "no-store")
        }
    }

    @Test func `whoever is turned away at the door is told no less`() async throws {
        try await Place.inMemory {
            $0.limits.connections = 1
        } body: { house in
            _ = try await house.http().ask("GET", "/healthz")
            let stream = try await house.http()
            let answer = try #require(await stream.response())
            #expect(answer.status == 429)
            #expect(answer["Cache-Control"] == "no-store")
        }
    }
}
