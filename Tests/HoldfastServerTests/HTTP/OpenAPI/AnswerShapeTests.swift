// What the server really answers, held against the shapes of the OpenAPI document: one story that meets every route,
// good and bad, and a few values that no document allows.

import HoldfastHTTPCodec
import HoldfastWire
import Testing

@testable import HoldfastServer

@Suite struct AnswerShapeTests {
    /// A request and the route that answers it.
    struct Step {
        var method: String
        var target: String
        var route: String
        var body: String?
        var fields: [String] = []
        var status: Int
    }

    /// `$1` is the ticket that the first step made, `$sfp` the one of sfp.
    static let steps = [
        Step(
            method: "POST",
            target: "/v1/tickets",
            route: "/v1/tickets",
            body: #"{"resource":"a","meta":{"x":"y"},"reason":"r","holder":"h","extra":1}"#,
            status: 201
        ),
        Step(
            method: "POST",
            target: "/v1/tickets",
            route: "/v1/tickets",
            body: #"{"resource":"a"}"#,
            status: 202
        ),
        Step(
            method: "POST",
            target: "/v1/tickets",
            route: "/v1/tickets",
            body: #"{"resource":"a","ifMine":"return"}"#,
            status: 200
        ),
        Step(
            method: "POST",
            target: "/v1/tickets",
            route: "/v1/tickets",
            body: #"{"resource":"a","maxWait":0}"#,
            status: 409
        ),
        Step(
            method: "POST",
            target: "/v1/tickets",
            route: "/v1/tickets",
            body: #"{"resource":1}"#,
            status: 400
        ),
        Step(
            method: "POST",
            target: "/v1/tickets",
            route: "/v1/tickets",
            body: #"{"resource":"p","mode":"permit","of":3,"permits":2}"#,
            status: 201
        ),
        Step(
            method: "POST",
            target: "/v1/locks?wait=0",
            route: "/v1/locks",
            body: #"{"resource":"b"}"#,
            status: 201
        ),
        Step(
            method: "POST",
            target: "/v1/locks?wait=0",
            route: "/v1/locks",
            body: #"{"resource":"b"}"#,
            status: 409
        ),
        Step(
            method: "GET",
            target: "/v1/tickets/$1",
            route: "/v1/tickets/{ticket}",
            status: 200
        ),
        Step(
            method: "GET",
            target: "/v1/tickets/none",
            route: "/v1/tickets/{ticket}",
            status: 404
        ),
        Step(
            method: "POST",
            target: "/v1/tickets/$1/acquire",
            route: "/v1/tickets/{ticket}/acquire",
            status: 200
        ),
        Step(
            method: "POST",
            target: "/v1/tickets/$1/renew",
            route: "/v1/tickets/{ticket}/renew",
            status: 200
        ),
        Step(
            method: "GET",
            target: "/v1/resources/a",
            route: "/v1/resources/{path}",
            status: 200
        ),
        Step(
            method: "GET",
            target: "/v1/resources/p",
            route: "/v1/resources/{path}",
            status: 200
        ),
        Step(
            method: "GET",
            target: "/v1/resources?limit=1",
            route: "/v1/resources",
            status: 200
        ),
        Step(
            method: "GET",
            target: "/v1/resources?sort=wait",
            route: "/v1/resources",
            status: 200
        ),
        Step(
            method: "GET",
            target: "/v1/check?resource=a&fence=1",
            route: "/v1/check",
            status: 403
        ),
        Step(method: "GET", target: "/v1/check?ticket=$1", route: "/v1/check", status: 200),
        Step(
            method: "POST",
            target: "/v1/steal",
            route: "/v1/steal",
            body: #"{"resource":"a"}"#,
            status: 400
        ),
        Step(
            method: "POST",
            target: "/v1/steal",
            route: "/v1/steal",
            body: #"{"resource":"a","reason":"s"}"#,
            status: 403
        ),
        Step(
            method: "POST",
            target: "/v1/steal",
            route: "/v1/steal",
            body: #"{"resource":"a","reason":"s","force":true}"#,
            status: 201
        ),
        Step(
            method: "POST",
            target: "/v1/tickets/$1/renew",
            route: "/v1/tickets/{ticket}/renew",
            status: 410
        ),
        Step(
            method: "DELETE",
            target: "/v1/tickets/$1",
            route: "/v1/tickets/{ticket}",
            status: 410
        ),
        Step(
            method: "DELETE",
            target: "/v1/resources/a",
            route: "/v1/resources/{path}",
            body: #"{"reason":"r"}"#,
            status: 200
        ),
        Step(
            method: "GET",
            target: "/v1/history/a",
            route: "/v1/history/{path}",
            status: 200
        ),
        Step(method: "GET", target: "/readyz", route: "/readyz", status: 200),
        Step(method: "GET", target: "/version", route: "/version", status: 200),
        Step(method: "GET", target: "/openapi.json", route: "/openapi.json", status: 200),
        Step(
            method: "POST",
            target: "/sfp/api/locks",
            route: "/sfp/api/locks",
            body: #"{"repository":"org/app","resource":"r","leaseDurationSeconds":9}"#,
            status: 201
        ),
        Step(
            method: "POST",
            target: "/sfp/api/locks",
            route: "/sfp/api/locks",
            body: "{}",
            status: 400
        ),
        Step(
            method: "GET",
            target: "/sfp/api/locks/org%2Fapp/r",
            route: "/sfp/api/locks/{repository}/{resource}",
            status: 200
        ),
        Step(
            method: "DELETE",
            target: "/sfp/api/locks/org%2Fapp/r",
            route: "/sfp/api/locks/{repository}/{resource}",
            status: 200
        ),
        Step(
            method: "POST",
            target: "/admin/lock",
            route: "/admin/lock",
            body: #"{"route":"x","id":1}"#,
            fields: ["Cookie: refreshToken=ann"],
            status: 200
        ),
        Step(
            method: "DELETE",
            target: "/admin/remove-lock",
            route: "/admin/remove-lock",
            body: #"{"route":"x","id":2}"#,
            fields: ["Cookie: refreshToken=ann"],
            status: 404
        ),
        Step(
            method: "POST",
            target: "/locks",
            route: "/locks",
            body: #"{"type":"gadget","subject":{"courseId":"c","gadgetId":"g"}}"#,
            fields: ["SID: ann"],
            status: 201
        ),
        Step(
            method: "GET",
            target: "/locks?subject.courseId=c",
            route: "/locks",
            fields: ["SID: ann"],
            status: 200
        ),
        Step(
            method: "DELETE",
            target: "/locks/1",
            route: "/locks/{lockId}",
            fields: ["SID: ann"],
            status: 404
        ),
        Step(
            method: "POST",
            target: "/terraform/t/lock",
            route: "/terraform/{name}/lock",
            body: #"{"ID":"1"}"#,
            status: 200
        ),
        Step(
            method: "POST",
            target: "/terraform/t/lock",
            route: "/terraform/{name}/lock",
            body: #"{"ID":"2"}"#,
            status: 423
        ),
        Step(
            method: "POST",
            target: "/terraform/t/unlock",
            route: "/terraform/{name}/unlock",
            body: #"{"ID":"2"}"#,
            status: 409
        ),
    ]

    @Test func `every answer has the status, the type and the shape that are told of`() async throws
    {
        let document = try OpenAPITests.document(Set(HTTPProfile.allCases))
        try await Place.memory.with { house in
            let client = try await house.http()
            var first = ""
            for step in Self.steps {
                let answer = try await client.ask(
                    step.method,
                    step.target.replacing("$1", with: first),
                    step.body,
                    fields: step.fields
                )
                let what = "\(step.method) \(step.target): \(answer.short)"
                #expect(answer.status == step.status, "\(what)")
                if first.isEmpty { first = answer.json["ticket"]?.string ?? "" }
                let operation = document["paths"]?[step.route]?[step.method.lowercased()]
                let responses = try #require(operation?["responses"], "\(what)")
                let response = try #require(
                    responses["\(answer.status)"] ?? responses["default"],
                    "\(what)"
                )
                let type = answer["Content-Type"]?.split(separator: ";").first.map(String.init)
                guard let media = response["content"]?.members?.first else {
                    #expect(answer.body.isEmpty, "\(what)")
                    continue
                }
                #expect(type == media.name, "\(what)")
                let schema = try #require(media.value["schema"])
                let flaws = JSONShape(document: document, schema: schema).flaws(of: answer.json)
                #expect(flaws.isEmpty, "\(what)")
            }
        }
    }

    @Test(arguments: [
        (#"{"cleared":-1}"#, "$.cleared: below 0.0"),
        (#"{"cleared":"1"}"#, #"$.cleared: no ["integer"]"#),
        (#"{}"#, "$: no cleared"),
        (#"{"cleared":1,"more":2}"#, "$.more is not told of"),
    ])
    func `a value of another shape is told`(text: String, flaw: String) throws {
        let document = try OpenAPITests.document([])
        let schema = try #require(document["components"]?["schemas"]?["ClearAnswer"])
        let flaws = JSONShape(document: document, schema: schema).flaws(
            of: try JSONValue(parsing: text)
        )
        #expect(flaws == [flaw])
    }
}
