// All APIs stand in the same queues: a lock taken through one of them is seen through all the others.

import HoldfastServer
import HoldfastWire
import Testing

/// A way to take a lock of the resource `courses/c1/gadgets/g1`, and what it answers where another has it.
private struct Door: Sendable, CustomTestStringConvertible {
    var name: String
    var method: String
    var target: String
    var body: String
    var field: @Sendable (String) -> String
    var taken: Int
    var refused: Int

    var testDescription: String { name }
}

private let doors: [@Sendable () -> Door] = [
    {
        Door(
            name: "native",
            method: "POST",
            target: "/v1/tickets",
            body: #"{"resource":"courses/c1/gadgets/g1","maxWait":0}"#,
            field: { "Authorization: Bearer \($0)" },
            taken: 201,
            refused: 409
        )
    },
    {
        Door(
            name: "MangaDB",
            method: "POST",
            target: "/admin/lock",
            body: #"{"route":"courses/c1/gadgets","id":"g1"}"#,
            field: { "Cookie: refreshToken=\($0)" },
            taken: 200,
            refused: 409
        )
    },
    {
        Door(
            name: "Versal",
            method: "POST",
            target: "/locks",
            body: #"{"type":"gadget","subject":{"courseId":"c1","gadgetId":"g1"}}"#,
            field: { "SID: \($0)" },
            taken: 201,
            refused: 403
        )
    },
    {
        Door(
            name: "Nick",
            method: "POST",
            target: "/courses/c1/gadgets/g1/@lock",
            body: "",
            field: { "Authorization: Bearer \($0)" },
            taken: 200,
            refused: 401
        )
    },
]

@Suite struct ContentionTests {
    @Test(arguments: 0..<4, 0..<4)
    func `what one API took the others refuse`(first: Int, second: Int) async throws {
        let (one, other) = (doors[first](), doors[second]())
        try await Place.inMemory { house in
            let client = try await house.http()
            let taken = try await client.ask(
                one.method,
                one.target,
                one.body,
                fields: [one.field("ann")]
            )
            #expect(taken.status == one.taken)
            let refused = try await client.ask(
                other.method,
                other.target,
                other.body,
                fields: [other.field("bob")]
            )
            #expect(refused.status == other.refused)
            let line = try await house.connect()
            let answer = await line.ask(
                #"{"op":"queue","resource":"courses/c1/gadgets/g1","maxWait":0}"#
            )
            #expect(answer.contains(#""code":"conflict""#))
        }
    }

    @Test func `a ticket that waits over TCP stands before a lock of sfp server`() async throws {
        try await Place.inMemory { house in
            let line = try await house.connect()
            for _ in 0..<2 { _ = await line.ask(#"{"op":"queue","resource":"org/app/uat"}"#) }
            let client = try await house.http()
            let body = #"{"repository":"org/app","resource":"uat","leaseDurationSeconds":60}"#
            let response = try await client.ask("POST", "/sfp/api/locks", body)
            #expect(response.json["queuePosition"]?.integer == 2)
        }
    }
}

/// What a profile answers to whoever has the resource already, but in a mode that its API knows nothing of.
private typealias Again = (request: String, body: String, field: String, answer: String)

private let again: [Again] = [
    (
        "POST /admin/lock", #"{"route":"courses/c1/gadgets","id":"g1"}"#,
        "Cookie: refreshToken=ann",
        #"409 {"data":"Conflict","code":409}"#
    ),
    (
        "POST /locks", #"{"type":"gadget","subject":{"courseId":"c1","gadgetId":"g1"}}"#,
        "SID: ann",
        #"403 {"error":403,"message":"Resource locked"}"#
    ),
    (
        "POST /courses/c1/gadgets/g1/@lock", "", bearer("ann"),
        #"401 {"error":{"message":"This document is already locked by another user.","#
    ),
    (
        "PATCH /courses/c1/gadgets/g1/@lock", "", bearer("ann"),
        #"401 {"error":{"message":"This document is already locked by another user.","#
    ),
    ("LOCK /terraform/t", #"{"ID":"1"}"#, bearer("ann"), #"423 {"ID":"#),
    ("POST /plone/@lock", "", bearer("ann"), #"200 {"created":"#),
]

extension ContentionTests {
    @Test(
        arguments: again.indices,
        [#""mode":"shared""#, #""mode":"permit","of":3"#, #""maxWait":60"#]
    )
    func `what one has in another mode, or waits for, is locked and not waited for again`(
        index: Int,
        mode: String
    ) async throws {
        let (request, body, field, expected) = again[index]
        try await Place.inMemory {
            $0.http.atLockMounts.append(AtLockMount(.plone, segments: ["plone"]))
        } body: { house in
            let words = request.split(separator: " ").map(String.init)
            let path =
                words[1].hasPrefix("/terraform")
                ? "terraform/t" : words[1].hasPrefix("/plone") ? "plone" : "courses/c1/gadgets/g1"
            let (ann, bob) = (try await house.connect(), try await house.connect())
            _ = await ann.ask(#"{"op":"hello","version":1,"token":"ann"}"#)
            if mode.contains("maxWait") {
                _ = await bob.ask(#"{"op":"queue","resource":"\#(path)"}"#)
            }
            let line = await ann.ask(#"{"op":"queue","resource":"\#(path)","# + mode + "}")
            let ticket = try JSONValue(parsing: line)["ticket"]?.string
            let client = try await house.http()
            let before = try await client.ask("GET", "/v1/resources/\(path)")
            let answer = try await client.ask(words[0], words[1], body, fields: [field])
            #expect(answer.short.hasPrefix(expected), "\(request): \(answer.short)")
            #expect(answer.json["token"] == nil)
            #expect(answer["Holdfast-Ticket"] == nil)
            let after = try await client.ask("GET", "/v1/resources/\(path)")
            #expect(after.json["queueLength"] == before.json["queueLength"])
            #expect(after.json["holderCount"] == before.json["holderCount"])
            let status = await ann.ask(#"{"op":"status","ticket":"\#(ticket ?? "")"}"#)
            #expect(status.contains(#""ended""#) == false)
        }
    }
}
