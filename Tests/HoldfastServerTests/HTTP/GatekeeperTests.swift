// Who may knock (HTTP §4): names that point here by somebody else's doing, and pages of other origins.

import HoldfastServer
import Testing

@Suite struct GatekeeperTests {
    @Test(arguments: [
        ("localhost", 200), ("localhost:7421", 200), ("127.0.0.1:7421", 200), ("[::1]:7421", 200),
        ("holdfast", 200), ("locks.example.org", 200), ("LOCKS.example.org:80", 200),
        ("evil.example.com", 421), ("127.0.0.1.evil.example.com", 421), ("1.2.3.256", 421),
        ("1.2.3", 421), ("a.b", 421),
    ])
    func `a name with a dot must be known`(host: String, status: Int) async throws {
        try await Place.inMemory {
            $0.http.hosts = ["locks.example.org"]
        } body: { house in
            let client = try await house.http()
            client.post("GET /healthz HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            #expect(await client.response()?.status == status)
        }
    }

    /// A browser leaves it out of an origin; a proxy may write it into the host.
    @Test(arguments: [
        ("localhost:80", "http://localhost", 201), ("localhost:443", "https://localhost", 201),
        ("localhost:443", "https://localhost:443", 201), ("localhost:80", "https://localhost", 403),
        ("localhost:8080", "http://localhost", 403),
    ])
    func `the port that a scheme has anyway makes no other origin`(
        host: String,
        origin: String,
        status: Int
    ) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let body = #"{"resource":"a","maxWait":9}"#
            client.post(
                "POST /v1/tickets HTTP/1.1\r\nHost: \(host)\r\nOrigin: \(origin)\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                    + body
            )
            #expect(await client.response()?.status == status)
        }
    }

    @Test(arguments: [
        ([], 201),
        (["Sec-Fetch-Site: same-origin"], 201),
        (["Sec-Fetch-Site: none"], 201),
        (["Sec-Fetch-Site: cross-site"], 403),
        (["Sec-Fetch-Site: same-site"], 403),
        (["Origin: http://localhost"], 201),
        (["Origin: https://LOCALHOST"], 201),
        (["Origin: http://localhost:1"], 403),
        (["Origin: http://evil.example.com"], 403),
        (["Origin: null"], 403),
        (["Origin: https://ui.example.net"], 201),
        (["Sec-Fetch-Site: cross-site", "Origin: https://ui.example.net"], 201),
        (["Sec-Fetch-Site: same-origin", "Origin: http://evil.example.com"], 403),
        (["Authorization: Bearer me", "Origin: http://evil.example.com"], 403),
        (["Origin: http://localhost", "Origin: http://evil.example.com"], 403),
        (["Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"], 403),
    ])
    func `a page of another origin changes nothing`(fields: [String], status: Int) async throws {
        try await Place.inMemory {
            $0.http.origins = ["https://ui.example.net"]
        } body: { house in
            let client = try await house.http()
            let body = #"{"resource":"a"}"#
            let response = try await client.ask("POST", "/v1/tickets", body, fields: fields)
            #expect(response.status == status)
            let read = try await client.ask("GET", "/v1/resources/a", fields: fields)
            #expect(read.status == 200)
        }
    }
}
