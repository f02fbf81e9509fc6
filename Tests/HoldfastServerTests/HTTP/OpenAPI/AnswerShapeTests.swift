// What the server really answers, held against the OpenAPI document: a story that meets every operation of the native
// API and beside it, good and bad. The profiles are held against it by their own tables.

import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire
import Testing

@testable import HoldfastServer

/// `$1` is the ticket that the first request made.
private let story: [(request: String, body: String?, status: Int)] = [
    (
        "POST /v1/tickets",
        #"{"resource":"a","meta":{"x":"y"},"reason":"r","holder":"h","extra":1}"#,
        201
    ),
    ("POST /v1/tickets", #"{"resource":"a"}"#, 202),
    ("POST /v1/tickets", #"{"resource":"a","ifMine":"return"}"#, 200),
    ("POST /v1/tickets", #"{"resource":"a","maxWait":0}"#, 409),
    ("POST /v1/tickets", #"{"resource":1}"#, 400),
    ("POST /v1/tickets", #"{"resource":"p","mode":"permit","of":3,"permits":2}"#, 201),
    ("POST /v1/locks?wait=0", #"{"resource":"b"}"#, 201),
    ("POST /v1/locks?wait=0", #"{"resource":"b"}"#, 409),
    ("GET /v1/tickets/$1", nil, 200),
    ("GET /v1/tickets/none", nil, 404),
    ("POST /v1/tickets/$1/acquire", nil, 200),
    ("POST /v1/tickets/$1/renew", nil, 200),
    ("GET /v1/resources/a", nil, 200),
    ("GET /v1/resources/p", nil, 200),
    ("GET /v1/resources?limit=1", nil, 200),
    ("GET /v1/resources?sort=wait", nil, 200),
    ("GET /v1/check?resource=a&fence=1", nil, 403),
    ("GET /v1/check?ticket=$1", nil, 200),
    ("GET /v1/check", nil, 403),
    ("POST /v1/check?ticket=$1", "{", 200),
    ("PUT /v1/check?ticket=$1", "x", 200),
    ("PATCH /v1/check?ticket=none", nil, 403),
    ("DELETE /v1/check?ticket=$1", nil, 200), ("GET /v1/check/x?ticket=$1", nil, 403),
    ("POST /v1/check/x", "{", 403), ("PUT /v1/check/x", "x", 403), ("PATCH /v1/check/x", nil, 403),
    ("DELETE /v1/check/x", nil, 403), ("OPTIONS /v1/check/x", nil, 403),
    ("OPTIONS /v1/check?ticket=$1", nil, 200),
    ("POST /v1/steal", #"{"resource":"a"}"#, 400),
    ("POST /v1/steal", #"{"resource":"a","reason":"s"}"#, 403),
    ("POST /v1/steal", #"{"resource":"p","reason":"s","mode":"shared"}"#, 409),
    ("POST /v1/steal", #"{"resource":"a","reason":"s","force":true}"#, 201),
    ("POST /v1/tickets/$1/renew", nil, 410),
    ("DELETE /v1/tickets/$1", nil, 410),
    ("DELETE /v1/resources/a", #"{"reason":"r"}"#, 200),
    ("GET /v1/history/a", nil, 200),
    ("GET /v1/rights?resource=a&extra=1", nil, 200),
    ("GET /v1/rights", nil, 200),
    ("GET /v1/rights?resource=", nil, 400),
    ("GET /healthz", nil, 200),
    ("GET /readyz", nil, 200),
    ("GET /version", nil, 200),
    ("GET /metrics", nil, 200),
    ("GET /openapi.json", nil, 200),
]

/// Of any operation of the native API.
private let everyParameter = Set(
    OpenAPIDocument.native.flatMap(\.parameters).filter { $0.place == "query" }.map(\.name)
)

@Suite struct AnswerShapeTests {
    @Test func `every answer has the status, the type and the shape that are told of`() async throws
    {
        let told = try DocumentedAnswers()
        var met: Set<String> = []
        try await Place.memory.with { house in
            let client = try await house.http()
            var first = ""
            for step in story {
                let words = step.request.replacing("$1", with: first).split(separator: " ")
                let (method, target) = (String(words[0]), String(words[1]))
                let answer = try await client.ask(method, target, step.body)
                #expect(answer.status == step.status, "\(step.request): \(answer.short)")
                #expect(
                    told.flaws(of: answer, to: method, target) == [],
                    "\(step.request): \(answer.short)"
                )
                if first.isEmpty { first = try #require(answer.json["ticket"]?.string) }
                met.insert(try #require(told.operation(of: method, target), "\(step.request)"))
            }
        }
        // A stream of events does not end.
        let all = OpenAPIDocument.native + OpenAPIDocument.operational
        #expect(met == Set(all.map(\.id)).subtracting(["watch"]))
    }

    /// What stands against any request, whatever it asks for.
    @Test func `every native operation tells of what the server itself refuses`() async throws {
        let told = try DocumentedAnswers()
        for operation in OpenAPIDocument.native + OpenAPIDocument.operational {
            let path = operation.pattern.replacing(/\{[^}]*\}/, with: "x")
            let isOpen = !operation.needsCredential
            for status in [400, 401, 403, 421, 429, 503] where status == 421 || !isOpen {
                let answer = HTTPResponse(
                    status: status,
                    fields: [("Content-Type", "application/problem+json")],
                    body: Problem.body(status)
                )
                let flaws = told.flaws(of: answer, to: operation.method.rawValue, path)
                #expect(flaws == [], "\(operation.id): \(status)")
            }
        }
    }

    @Test func `what the server itself refuses has the shape that is told of`() async throws {
        let told = try DocumentedAnswers()
        let large = ["Content-Length: 65537"]
        let body = #"{"resource":"a","reason":"r"}"#
        let refused: [(method: String, target: String, body: String?, fields: [String], Int)] = [
            ("POST", "/v1/tickets", body, ["Origin: http://evil.example.com"], 403),
            ("DELETE", "/v1/resources/a", nil, ["Sec-Fetch-Site: cross-site"], 403),
            ("POST", "/v1/tickets", nil, large, 413), ("POST", "/v1/steal", nil, large, 413),
            ("POST", "/v1/tickets", body, [], 503), ("POST", "/v1/locks", body, [], 503),
            ("POST", "/v1/steal", body, [], 503), ("GET", "/readyz", nil, [], 503),
            ("GET", "/v1/events?resource=a&prefix=b", nil, [], 400),
            ("GET", "/metrics", nil, ["Authorization: Basic ?"], 401),
            ("GET", "/v1/check", nil, ["Authorization: Basic ?"], 401),
        ]
        try await Place.inMemory { house in
            _ = await (try await house.connect()).ask(#"{"op":"drain"}"#)
            for (method, target, body, fields, status) in refused {
                let client = try await house.http()
                let answer = try await client.ask(method, target, body, fields: fields)
                #expect(answer.status == status, "\(method) \(target): \(answer.short)")
                let flaws = told.flaws(of: answer, to: method, target)
                #expect(flaws == [], "\(method) \(target): \(answer.short)")
            }
        }
    }

    @Test(arguments: [
        (#"{"cleared":-1}"#, "$.cleared: below 0.0"),
        (#"{"cleared":"1"}"#, #"$.cleared: no ["integer"]"#),
        (#"{}"#, "$: no cleared"),
        (#"{"cleared":1,"more":2}"#, "$.more is not told of"),
    ])
    func `an answer of another shape is noticed`(body: String, flaw: String) throws {
        let told = try DocumentedAnswers()
        let answer = HTTPResponse(
            status: 200,
            fields: [("Content-Type", "application/json")],
            body: body
        )
        #expect(told.flaws(of: answer, to: "DELETE", "/v1/resources/a") == [flaw])
    }

    @Test func `an answer of another type is noticed, and a body where none is told of`() throws {
        let told = try DocumentedAnswers()
        let text = HTTPResponse(status: 200, fields: [("Content-Type", "text/html")], body: "x")
        let wrong = ["text/html and not application/json"]
        #expect(told.flaws(of: text, to: "GET", "/version") == wrong)
        let bodied = ["a body where none is told of"]
        #expect(told.flaws(of: text, to: "POST", "/terraform/t/lock") == bodied)
        #expect(told.flaws(of: text, to: "LOCK", "/terraform/t") == bodied)
    }

    @Test func `an answer of a status that is not told of is noticed`() throws {
        let told = try DocumentedAnswers()
        let answer = HTTPResponse(status: 418, fields: [], body: "")
        #expect(told.flaws(of: answer, to: "GET", "/v1/resources") == ["418 is not told of"])
    }

    /// `ignored` names what nobody reads: the document and the decoder cannot know different parameters.
    @Test func `every parameter that is told of is read, and no other`() async throws {
        let values = ["limit": "1", "sort": "queue", "wait": "0"]
        try await Place.memory.with { house in
            let client = try await house.http()
            let made = try await client.ask("POST", "/v1/tickets", #"{"resource":"a"}"#)
            let ticket = try #require(made.json["ticket"]?.string)
            // Fields of a body may stand in the query as well, and those of a `check` belong together.
            let plain = OpenAPIDocument.native.filter {
                $0.body == nil && $0.id != "watch" && !$0.id.hasPrefix("check")
            }
            for operation in plain {
                let path = operation.pattern.replacing("{ticket}", with: ticket)
                    .replacing("{path...}", with: "a")
                for parameter in operation.parameters {
                    let after = operation.id == "list" ? "1" : "a"
                    let value = values[parameter.name] ?? after
                    let target = "\(path)?\(parameter.name)=\(value)&unheard=1"
                    let answer = try await client.ask(operation.method.rawValue, target)
                    #expect(answer.status == 200, "\(target): \(answer.short)")
                    #expect(answer.json["ignored"]?.description == #"["unheard"]"#, "\(target)")
                }
                let told = Set(operation.parameters.map(\.name))
                for name in everyParameter.subtracting(told) {
                    let target = "\(path)?\(name)=1"
                    let answer = try await client.ask(operation.method.rawValue, target)
                    // What the path says is read, and may not be said again.
                    let isIgnored = answer.json["ignored"]?.description == "[\"\(name)\"]"
                    #expect(isIgnored || answer.json["field"]?.string == name, "\(target)")
                }
            }
        }
    }
}

extension Problem {
    fileprivate static func body(_ status: Int) -> String {
        let reply = reply(HTTPStatus(UInt16(status)), Refusal(.badRequest, "m"))
        return String(decoding: reply.body, as: UTF8.self)
    }
}
