// The HTTP backend of Terraform and OpenTofu, from HTTP §2.6: what the two send, and what they expect.

import HoldfastModel
import HoldfastServer
import HoldfastWire
import Testing

private func info(_ id: String, _ who: String = "ann@host") -> String {
    #"{"ID":"\#(id)","Operation":"OperationTypeApply","Info":"","Who":"\#(who)","#
        + #""Version":"1.9.0","Created":"2026-11-21T01:25:00Z","Path":""}"#
}

/// Basic authentication of `ann:x` and `bob:x`.
private let ann = ["Authorization: Basic YW5uOng="]
private let bob = ["Authorization: Basic Ym9iOng="]
private let state = "/terraform/prod"

private let stories = [
    ProfileStory(
        "a state is locked and unlocked",
        ProfileStep("LOCK", state, info("1"), ann, gives: "200"),
        ProfileStep("LOCK", state, info("1"), ann, gives: "200"),
        ProfileStep("LOCK", state, info("2", "bob@host"), bob, gives: "423 " + info("1")),
        ProfileStep("LOCK", state, info("3"), ann, gives: "423 " + info("1")),
        ProfileStep("UNLOCK", state, info("2", "bob@host"), bob, gives: "409 " + info("1")),
        ProfileStep("UNLOCK", state, info("1"), ann, gives: "200"),
        ProfileStep("UNLOCK", state, info("1"), ann, gives: "200"),
        ProfileStep("LOCK", state, info("1"), ann, gives: "200"),
        ProfileStep("LOCK", "/terraform/test", info("9"), ann, gives: "200")
    ),
    ProfileStory(
        "POST does what the methods do",
        ProfileStep("POST", state + "/lock", info("1"), ann, gives: "200"),
        ProfileStep("LOCK", state, info("2"), bob, gives: "423 " + info("1")),
        ProfileStep("POST", state + "/unlock", info("1"), ann, gives: "200"),
        ProfileStep("LOCK", state, info("2"), bob, gives: "200")
    ),
    ProfileStory(
        "without a body the lock is broken by whoever may",
        ProfileStep("LOCK", state, info("1"), ann, gives: "200"),
        ProfileStep("UNLOCK", state, nil, ann, gives: "200"),
        ProfileStep("UNLOCK", state, "", ann, gives: "200"),
        ProfileStep("LOCK", state, info("2"), bob, gives: "200"),
        ProfileStep("UNLOCK", state, nil, ann, gives: "200"),
        ProfileStep("LOCK", state, info("3"), ann, gives: "200")
    ),
]

@Suite struct TerraformTests {
    @Test(arguments: stories)
    func `the story is told as the backend expects it`(story: ProfileStory) async throws {
        try await story.play()
    }

    @Test(arguments: [
        ("LOCK", "", 400), ("LOCK", "{", 400), ("LOCK", "{}", 400), ("LOCK", #"{"ID":1}"#, 400),
        ("UNLOCK", "{", 400), ("UNLOCK", "{}", 400), ("GET", "", 405),
    ])
    func `what is no LockInfo is refused`(method: String, body: String, status: Int) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let response = try await client.ask(method, state, body, fields: ann)
            #expect(response.status == status)
        }
    }

    @Test(arguments: [(4_095, 200), (4_096, 200), (4_097, 413)])
    func `a LockInfo has its bound and comes back byte for byte`(
        count: Int,
        status: Int
    ) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let frame = #"{ "ID":"1", "Info":"" }"#
            let padding = String(repeating: "x", count: count - frame.utf8.count)
            let body = #"{ "ID":"1", "Info":"\#(padding)" }"#
            #expect(try await client.ask("LOCK", state, body, fields: ann).status == status)
            guard status == 200 else { return }
            let other = try await client.ask("LOCK", state, info("2"), fields: bob)
            #expect(other.short == "423 " + body)
        }
    }

    @Test func `whoever locks with the same ID again is told the same ticket and fence`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.http()
            let first = try await client.ask("LOCK", state, info("1"), fields: ann)
            let again = try await client.ask("LOCK", state, info("1"), fields: ann)
            let other = try await client.ask("LOCK", state, info("2"), fields: bob)
            for name in ["Holdfast-Ticket", "Holdfast-Fence"] {
                #expect(first[name] != nil)
                #expect(again[name] == first[name])
            }
            #expect(other["Holdfast-Ticket"] == nil)
            #expect(other["Holdfast-Fence"] == first["Holdfast-Fence"])
        }
    }

    @Test func `what one has one has, though the server takes no new tickets`() async throws {
        try await Place.inMemory {
            $0.limits.ticketsPerPrincipal = 1
        } body: { house in
            let client = try await house.http()
            let first = try await client.ask("LOCK", state, info("1"), fields: ann)
            func again() async throws {
                let again = try await client.ask("LOCK", state, info("1"), fields: ann)
                #expect(again.short == "200")
                #expect(again["Holdfast-Ticket"] == first["Holdfast-Ticket"])
                let other = try await client.ask("LOCK", state, info("2"), fields: ann)
                #expect(other.status == 503)
                let free = try await client.ask("LOCK", "/terraform/free", info("1"), fields: ann)
                #expect(free.status == 503)
            }
            try await again()
            _ = await (try await house.connect()).ask(#"{"op":"drain"}"#)
            try await again()
        }
    }

    @Test func `a lock that came another way is told as far as it says`() async throws {
        try await Place.inMemory { house in
            let line = try await house.connect()
            _ = await line.ask(#"{"op":"queue","resource":"terraform/prod","reason":"by hand"}"#)
            let client = try await house.http()
            let response = try await client.ask("LOCK", state, info("1"), fields: ann)
            #expect(response.status == 423)
            #expect(response.json["Info"]?.string == "by hand")
            #expect(response.json["Who"]?.string == "anonymous")
        }
    }
}
