// What the pages of other origins are told: nothing, unless the operator named theirs.

import HoldfastServer
import HoldfastWire
import Testing

private let friend = "https://ui.example.net"
private let stranger = "https://evil.example.com"

struct CrossOriginTests {
    private func answer(
        to origin: String?,
        allowing origins: [String],
        _ method: String = "GET",
        _ target: String = "/v1/resources",
        fields: [String] = []
    ) async throws -> HTTPResponse {
        var response: HTTPResponse?
        try await Place.inMemory {
            $0.http.origins = origins
        } body: { house in
            let all = fields + (origin.map { ["Origin: \($0)"] } ?? [])
            response = try await house.http().ask(method, target, fields: all)
        }
        return try #require(response)
    }

    @Test func `without a named origin no answer speaks of any`() async throws {
        let response = try await answer(to: friend, allowing: [])
        #expect(response.status == 200)
        #expect(!response.fields.contains { $0.name.hasPrefix("Access-Control") })
        #expect(response["Vary"] == nil)
    }

    @Test func `a page of a named origin may read answers, with credentials`() async throws {
        let response = try await answer(to: friend, allowing: [friend])
        #expect(response["Access-Control-Allow-Origin"] == friend)
        #expect(response["Access-Control-Allow-Credentials"] == "true")
        #expect(response["Access-Control-Expose-Headers"]?.contains("Holdfast-Ticket") == true)
        #expect(response["Vary"] == "Origin")
    }

    @Test(arguments: [stranger, "null", "https://ui.example.net:1", nil])
    func `a page of another is told nothing, and caches are`(origin: String?) async throws {
        let response = try await answer(to: origin, allowing: [friend])
        #expect(response.status == 200)
        #expect(response["Access-Control-Allow-Origin"] == nil)
        #expect(response["Access-Control-Allow-Credentials"] == nil)
        #expect(response["Vary"] == "Origin")
    }

    @Test func `an error can be read as well as an answer`() async throws {
        let response = try await answer(to: friend, allowing: [friend], "GET", "/nothing")
        #expect(response.status == 404)
        #expect(response["Access-Control-Allow-Origin"] == friend)
    }

    @Test func `a browser that asks first is told what it may send`() async throws {
        let asks = [
            "Access-Control-Request-Method: DELETE",
            "Access-Control-Request-Headers: authorization, content-type",
        ]
        let response = try await answer(
            to: friend,
            allowing: [friend],
            "OPTIONS",
            "/v1/tickets/x",
            fields: asks
        )
        #expect(response.status == 204)
        #expect(response["Access-Control-Allow-Methods"] == "GET, HEAD, DELETE, OPTIONS")
        #expect(response["Access-Control-Allow-Headers"] == "authorization, content-type")
        #expect(response["Access-Control-Max-Age"] == "600")
        let other = try await answer(
            to: stranger,
            allowing: [friend],
            "OPTIONS",
            "/v1/tickets/x",
            fields: asks
        )
        #expect(other.status == 204)
        #expect(!other.fields.contains { $0.name.hasPrefix("Access-Control") })
    }

    @Test func `an event stream can be read, too`() async throws {
        let response = try await answer(to: friend, allowing: [friend], "GET", "/v1/events")
        #expect(response["Content-Type"] == "text/event-stream")
        #expect(response["Access-Control-Allow-Origin"] == friend)
    }
}
