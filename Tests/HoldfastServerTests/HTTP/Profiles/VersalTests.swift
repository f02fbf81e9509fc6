// The table of Versal's lock API, from its document and HTTP §2.5.

import HoldfastModel
import HoldfastWire
import Testing

private let ann = ["SID: ann"]
private let bob = ["SID: bob"]

private func gadget(_ id: String, course: String = "c1") -> String {
    #"{"type":"gadget","subject":{"courseId":"\#(course)","gadgetId":"\#(id)"}}"#
}

private func lock(_ id: String, by owner: String, course: String = "c1") -> String {
    #"{"id":"*","type":"gadget","subject":{"courseId":"\#(course)","gadgetId":"\#(id)"},"#
        + #""ownerId":"\#(owner)","expiresIn":900000}"#
}

private let invalid = #"401 {"error":401,"message":"Invalid credentials"}"#

private let stories = [
    ProfileStory(
        "a gadget is locked, listed and unlocked",
        ProfileStep("GET", "/locks?subject.courseId=c1", nil, ann, gives: "200 []"),
        ProfileStep("POST", "/locks", gadget("g1"), ann, gives: "201 " + lock("g1", by: "ann")),
        ProfileStep("POST", "/locks", gadget("g1"), ann, gives: "201 " + lock("g1", by: "ann")),
        ProfileStep(
            "POST",
            "/locks",
            gadget("g1"),
            bob,
            gives: #"403 {"error":403,"message":"Resource locked"}"#
        ),
        ProfileStep(
            "GET",
            "/locks?subject.courseId=c1",
            nil,
            bob,
            gives: "200 [" + lock("g1", by: "ann") + "]"
        ),
        ProfileStep("GET", "/locks?subject.courseId=c2", nil, bob, gives: "200 []"),
        ProfileStep(
            "DELETE",
            "/locks/{id}",
            nil,
            bob,
            gives: #"403 {"error":403,"message":"Insufficient permissions"}"#
        ),
        ProfileStep("DELETE", "/locks/{id}", nil, ann, gives: "200 {}"),
        ProfileStep("GET", "/locks?subject.courseId=c1", nil, ann, gives: "200 []")
    ),
    ProfileStory(
        "a second lock lets the first one go",
        ProfileStep("POST", "/locks", gadget("g1"), ann, gives: "201 " + lock("g1", by: "ann")),
        ProfileStep("POST", "/locks", gadget("g2"), ann, gives: "201 " + lock("g2", by: "ann")),
        ProfileStep("POST", "/locks", gadget("g1"), bob, gives: "201 " + lock("g1", by: "bob")),
        ProfileStep(
            "POST",
            "/locks",
            gadget("g1"),
            ann,
            gives: #"403 {"error":403,"message":"Resource locked"}"#
        ),
        ProfileStep(
            "GET",
            "/locks?subject.courseId=c1",
            nil,
            ann,
            gives: "200 [" + lock("g1", by: "bob") + "," + lock("g2", by: "ann") + "]"
        )
    ),
    ProfileStory(
        "whoever says nothing is nobody",
        ProfileStep("POST", "/locks", gadget("g1"), [], gives: invalid),
        ProfileStep("GET", "/locks?subject.courseId=c1", nil, ["SID:"], gives: invalid),
        ProfileStep("DELETE", "/locks/1", nil, ["Authorization: Bearer ann"], gives: invalid)
    ),
    ProfileStory(
        "what is not there is not found",
        ProfileStep(
            "DELETE",
            "/locks/123",
            nil,
            ann,
            gives: #"404 {"error":404,"message":"Lock '123' not found"}"#
        ),
        ProfileStep(
            "DELETE",
            "/locks/x",
            nil,
            ann,
            gives: #"404 {"error":404,"message":"Lock 'x' not found"}"#
        )
    ),
]

@Suite struct VersalTests {
    @Test(arguments: stories)
    func `the story is told as Versal tells it`(story: ProfileStory) async throws {
        try await story.play(mask: masking("id"))
    }

    @Test(arguments: [
        ("POST", "/locks", ""), ("POST", "/locks", "{}"), ("POST", "/locks", "[1"),
        ("POST", "/locks", #"{"type":"course","subject":{"courseId":"a","gadgetId":"b"}}"#),
        ("POST", "/locks", #"{"type":"gadget","subject":{"courseId":"a"}}"#),
        ("POST", "/locks", #"{"type":"gadget","subject":{"courseId":1,"gadgetId":"b"}}"#),
        ("POST", "/locks", gadget("a/b")), ("POST", "/locks", gadget("..")),
        ("GET", "/locks", ""), ("GET", "/locks?subject.courseId=", ""),
        ("GET", "/locks?courseId=a", ""), ("GET", "/locks?subject.courseId=a/b", ""),
        ("GET", "/locks?subject.courseId=..", ""),
    ])
    func `what is malformed is a bad request`(
        method: String,
        target: String,
        body: String
    ) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let response = try await client.ask(method, target, body, fields: ann)
            #expect(response.status == 400)
            #expect(response.json["error"]?.integer == 400)
        }
    }

    @Test func `the id is a number that stays the same and fits into 64 bits`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let first = try await client.ask("POST", "/locks", gadget("g1"), fields: ann)
            await house.pass(.seconds(60))
            let again = try await client.ask("POST", "/locks", gadget("g1"), fields: ann)
            #expect(first.json["id"] == again.json["id"])
            #expect(again.json["id"]?.string.flatMap(Int64.init) != nil)
            #expect(again.json["expiresIn"]?.integer == 900_000)
        }
    }
}
