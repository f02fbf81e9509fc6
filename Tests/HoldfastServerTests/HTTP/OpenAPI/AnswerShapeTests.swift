// What the server really answers, held against the OpenAPI document: a story that meets every operation of the native
// API and beside it, good and bad. The profiles are held against it by their own tables.

import HoldfastHTTPCodec
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
    ("POST /v1/steal", #"{"resource":"a"}"#, 400),
    ("POST /v1/steal", #"{"resource":"a","reason":"s"}"#, 403),
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
    }
}
