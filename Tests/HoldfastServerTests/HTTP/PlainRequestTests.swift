// A request that goes the short way is answered, and counted, as the same request that does not: with a question mark
// behind its path, which no plain request has.

import HoldfastModel
import HoldfastWire
import Testing

@Suite struct PlainRequestTests {
    /// `R` is the resource, `T` the ticket that was acquired last, `U` that of the stranger.
    private static let day: [(method: String, target: String, body: String?)] = [
        ("POST", "/v1/tickets", #"{"resource":"R"}"#),
        ("POST", "/v1/tickets", #"{"resource":"R","lease":7}"#),
        ("DELETE", "/v1/tickets/T", nil),
        ("DELETE", "/v1/tickets/T", nil),
        ("DELETE", "/v1/resources/R", nil),
        ("POST", "/v1/tickets", #"{"lease":12,"resource":"R","notify":"state"}"#),
        ("POST", "/v1/locks", #"{"resource":"R","wait":0}"#),
        ("DELETE", "/v1/tickets/T", #"{"reason":"why"}"#),
        ("POST", "/v1/locks", #"{"resource":"R","wait":3}"#),
        ("POST", "/v1/tickets/T/renew", #"{"lease":9}"#),
        ("DELETE", "/v1/tickets/T", nil),
        ("POST", "/v1/locks", #"{"resource":"R"}"#),
        ("DELETE", "/v1/tickets/T", ""),
        ("POST", "/v1/locks", #"{"resource":"R","wait":301}"#),
        ("DELETE", "/v1/tickets/U", nil),
        ("POST", "/v1/tickets", #"{"resource":"R/never/seen"}"#),
        ("DELETE", "/v1/tickets/AAAAAAAAAAAAAAAAAAAAAAAAAAAA", nil),
        ("DELETE", "/v1/tickets/short", nil),
        ("POST", "/v1/tickets", #"{"resource":"R","lease":0}"#),
        ("POST", "/v1/tickets", #"{"resource":"R/"}"#),
        ("POST", "/v1/tickets", #"{"id":4,"resource":"R"}"#),
        ("POST", "/v1/tickets", #"{"op":"lock","resource":"R"}"#),
        ("POST", "/v1/tickets", #"{"resource":"R","wait":1}"#),
        ("POST", "/v1/tickets", #"{"resource":"R","bind":"session"}"#),
        ("POST", "/v1/tickets", #"{"resource":"R","unheard":1}"#),
        ("POST", "/v1/tickets", nil),
        ("POST", "/v1/tickets/", #"{"resource":"R"}"#),
        ("GET", "/v1/resources/R", nil),
    ]

    @Test(arguments: Place.allCases)
    func `a plain request is answered as one with a question mark`(place: Place) async throws {
        try await place.with { house in
            for loop in 0..<loopCount {
                let short = try await answers(on: path("a", onLoop: loop), in: house) { $0 }
                let long = try await answers(on: path("b", onLoop: loop), in: house) { $0 + "?" }
                for (one, other) in zip(short, long) { #expect(one == other) }
                #expect(short.count == long.count)
                #expect(short.count { $0.hasPrefix("201 ") } == 6)
            }
        }
    }

    /// A field that says who asks, or that a browser asks, takes the general way; the words are the same.
    @Test(arguments: [
        ["Origin: http://localhost"], ["Sec-Fetch-Site: same-origin"], ["Connection: close"],
        [bearer("anonymous")], ["Accept: */*", "User-Agent: x"],
    ])
    func `a request with more fields is answered alike`(fields: [String]) async throws {
        try await Place.memory.with { house in
            let client = try await house.http()
            _ = try await client.ask("POST", "/v1/tickets", #"{"resource":"other"}"#)
            let made = try await client.ask(
                "POST",
                "/v1/tickets",
                #"{"resource":"deploy"}"#,
                fields: fields
            )
            #expect(made.status == 201)
            #expect(made.json["resource"]?.string == "deploy")
            #expect(made["Connection"] == (fields == ["Connection: close"] ? "close" : nil))
            #expect(await client.isOver() == (fields == ["Connection: close"]))
        }
    }

    @Test(arguments: ["Origin: http://evil.example.com", "Sec-Fetch-Site: cross-site"])
    func `a page of another origin finds no short way`(field: String) async throws {
        try await Place.memory.with { house in
            let client = try await house.http()
            _ = try await client.ask("POST", "/v1/tickets", #"{"resource":"other"}"#)
            let body = #"{"resource":"deploy"}"#
            let made = try await client.ask("POST", "/v1/tickets", body, fields: [field])
            #expect(made.status == 403)
        }
    }

    @Test func `a name that is not ours finds no short way`() async throws {
        try await Place.memory.with { house in
            let client = try await house.http()
            _ = try await client.ask("POST", "/v1/tickets", #"{"resource":"other"}"#)
            let body = #"{"resource":"deploy"}"#
            client.post(
                "POST /v1/tickets HTTP/1.1\r\nHost: evil.example.com\r\nContent-Length: "
                    + "\(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(await client.response()?.status == 421)
        }
    }

    @Test(arguments: Place.allCases)
    func `requests of one write are answered in their order`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.http()
            let paths = (0..<40).map { path("p\($0)", onLoop: $0 % loopCount) }
            let requests = paths.flatMap { path in
                // The second waits behind the first, which ends its wait, not at all.
                [0, 1].map { _ in
                    request("POST", "/v1/locks", #"{"resource":"\#(path)","wait":0}"#)
                }
            }
            client.post(requests.joined())
            for path in paths {
                let made = try #require(await client.response())
                #expect(made.json["resource"]?.string == path)
                #expect(await client.response()?.status == 409)
            }
        }
    }

    /// Status, fields and the shape of the body of all responses of a day.
    private func answers(
        on resource: String,
        in house: any House,
        _ change: (String) -> String
    ) async throws -> [String] {
        let (client, stranger) = (try await house.http(), try await house.http())
        let other = try await stranger.ask(
            "POST",
            "/v1/tickets",
            #"{"resource":"\#(resource)/other"}"#,
            fields: [bearer("stranger")]
        )
        var ticket = "none"
        var answers: [String] = []
        for (method, target, body) in Self.day {
            let names = [
                "/T": "/" + ticket, "/U": "/" + (other.json["ticket"]?.string ?? "none"),
            ]
            var target = target.replacing("/R", with: "/" + resource)
            for (name, value) in names where target.hasSuffix(name) || target.contains(name + "/") {
                target = target.replacing(name, with: value)
            }
            let asked = body?.replacing(#""R"#, with: "\"" + resource)
            let response = try await client.ask(method, change(target), asked)
            if response.json["state"]?.string == "acquired" {
                ticket = response.json["ticket"]?.string ?? ticket
            }
            // How long a body is depends on what is left of a lease, where that is told.
            let isTold = method == "GET" || response.body.contains(#""remaining""#)
            let varying: Set = isTold ? ["Date", "Content-Length"] : ["Date"]
            let fields = response.fields.filter { !varying.contains($0.name) }
                .map { "\($0.name): \($0.value)".replacing(/\/[^\/]{28}$/, with: "/T") }
            let told = shape(response.body).replacing(resource, with: "R")
            answers.append("\(response.status) \(fields) \(told)")
        }
        return answers
    }
}
