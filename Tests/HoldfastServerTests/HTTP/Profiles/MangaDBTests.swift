// The table of MangaDB's lock API, from its document and HTTP §2.2.

import HoldfastModel
import HoldfastWire
import Testing

private let ann = ["Cookie: theme=dark; refreshToken=ann"]
private let bob = ["Cookie: refreshToken=bob"]
private let volume = #"{"route":"volume","id":"1234"}"#

private func reply(_ data: String, _ code: Int) -> String {
    #"\#(code) {"data":"\#(data)","code":\#(code)}"#
}

private let success = reply("Success", 200)
private let missing = reply("Missing parameters", 400)

private func lock(_ body: String?, _ fields: [String], gives expected: String) -> ProfileStep {
    ProfileStep("POST", "/admin/lock", body, fields, gives: expected)
}

private func remove(_ body: String?, _ fields: [String], gives expected: String) -> ProfileStep {
    ProfileStep("DELETE", "/admin/remove-lock", body, fields, gives: expected)
}

private let stories = [
    ProfileStory(
        "a lock is made, seen and removed",
        lock(volume, ann, gives: success),
        lock(volume, ann, gives: success),
        lock(volume, bob, gives: reply("Conflict", 409)),
        remove(volume, bob, gives: reply("Forbidden", 403)),
        remove(volume, ann, gives: success),
        remove(volume, ann, gives: reply("Not found", 404)),
        lock(volume, bob, gives: success)
    ),
    ProfileStory(
        "a number is an id, too, and the same one",
        lock(#"{"route":"volume","id":1234}"#, ann, gives: success),
        lock(volume, bob, gives: reply("Conflict", 409)),
        remove(#"{"route":"volume","id":1234}"#, ann, gives: success)
    ),
    ProfileStory(
        "the cookie comes first",
        lock(volume, [], gives: reply("Not found", 404)),
        lock("{", ["Cookie: other=ann"], gives: reply("Not found", 404)),
        lock(volume, ["Cookie: refreshToken="], gives: reply("Not found", 404)),
        lock(volume, ["Authorization: Bearer ann"], gives: reply("Not found", 404)),
        remove(volume, [], gives: reply("Not found", 404))
    ),
    ProfileStory(
        "parameters are needed",
        lock(nil, ann, gives: missing),
        lock("", ann, gives: missing),
        lock("{", ann, gives: missing),
        lock("[]", ann, gives: missing),
        lock("{}", ann, gives: missing),
        lock(#"{"route":"volume"}"#, ann, gives: missing),
        lock(#"{"id":"1"}"#, ann, gives: missing),
        lock(#"{"route":"","id":"1"}"#, ann, gives: missing),
        lock(#"{"route":"volume","id":""}"#, ann, gives: missing),
        lock(#"{"route":"volume","id":null}"#, ann, gives: missing),
        lock(#"{"route":"volume","id":true}"#, ann, gives: missing),
        lock(#"{"route":"volume","id":["1"]}"#, ann, gives: missing),
        lock(#"{"route":1,"id":"1"}"#, ann, gives: missing),
        lock(#"{"route":"..","id":"1"}"#, ann, gives: missing),
        remove(nil, ann, gives: missing),
        remove(#"{"route":"volume"}"#, ann, gives: missing)
    ),
]

@Suite struct MangaDBTests {
    @Test(arguments: stories)
    func `the story is told as MangaDB tells it`(story: ProfileStory) async throws {
        try await story.play()
    }

    @Test func `a lock lasts an hour from the last request of its owner`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            func post(_ who: [String]) async throws -> Int {
                try await client.ask("POST", "/admin/lock", volume, fields: who).status
            }
            #expect(try await post(ann) == 200)
            for _ in 0..<3 {
                await house.pass(.seconds(1_800))
                #expect(await client.response() == nil)
                let again = try await house.http()
                let renewed = try await again.ask("POST", "/admin/lock", volume, fields: ann)
                #expect(renewed["Holdfast-Ticket"] != nil)
            }
            await house.pass(.seconds(3_590))
            let late = try await house.http()
            #expect(try await late.ask("POST", "/admin/lock", volume, fields: bob).status == 409)
            await house.pass(.seconds(11))
            #expect(try await late.ask("POST", "/admin/lock", volume, fields: bob).status == 200)
        }
    }

    @Test func `a server that takes no new tickets has an internal error`() async throws {
        try await Place.inMemory { house in
            let line = try await house.connect()
            _ = await line.ask(#"{"op":"drain"}"#)
            let client = try await house.http()
            let response = try await client.ask("POST", "/admin/lock", volume, fields: ann)
            #expect(response.short == reply("Internal server error", 500))
        }
    }
}
