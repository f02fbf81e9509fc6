// The table of Nick's `@lock`, from its document and HTTP §2.3.

import HoldfastModel
import HoldfastWire
import Testing

@testable import HoldfastServer

private let ann = ["Authorization: Bearer ann"]
private let bob = ["Authorization: Bearer bob"]
private let lock = "/folder/doc/@lock"
private let unlocked = #"200 {"locked":false,"stealable":true}"#

private func info(
    _ owner: String,
    stealable: Bool = true,
    timeout: String = "600",
    token: Bool = true
) -> String {
    #"200 {"created":"*","creator":"\#(owner)","creator_name":"\#(owner)","#
        + #""creator_url":"http://localhost/@users/\#(owner)","locked":true,"#
        + #""stealable":\#(stealable),"time":"*","timeout":\#(timeout)"#
        + (token ? #","token":"*"}"# : "}")
}

private func error(_ type: String, _ message: String) -> String {
    #"401 {"error":{"message":"\#(message)","type":"\#(type)"}}"#
}

private let alreadyLocked = error(
    "Already locked",
    "This document is already locked by another user."
)
private let notAllowed = error(
    "Not allowed",
    "You don’t have permission to unlock this document."
)
private let documentLocked = error(
    "Document locked",
    "You don’t have permission to save this document because it is locked by another user."
)

private let stories = [
    ProfileStory(
        "a document is locked, seen and unlocked",
        ProfileStep("GET", lock, nil, ann, gives: unlocked),
        ProfileStep("POST", lock, nil, ann, gives: info("ann")),
        ProfileStep("POST", lock, nil, ann, gives: info("ann")),
        ProfileStep("GET", lock, nil, ann, gives: info("ann")),
        ProfileStep("GET", lock, nil, bob, gives: info("ann", token: false)),
        ProfileStep("DELETE", lock, nil, ann, gives: unlocked),
        ProfileStep("DELETE", lock, nil, ann, gives: unlocked),
        ProfileStep("GET", lock, nil, bob, gives: unlocked)
    ),
    ProfileStory(
        "what another holds is already locked",
        ProfileStep("POST", lock, nil, ann, gives: info("ann")),
        ProfileStep("POST", lock, nil, bob, gives: alreadyLocked),
        ProfileStep("PATCH", lock, nil, bob, gives: alreadyLocked),
        ProfileStep("DELETE", lock, nil, bob, gives: notAllowed),
        ProfileStep("DELETE", lock, #"{"force":false}"#, bob, gives: notAllowed),
        ProfileStep("DELETE", lock, #"{"force":true}"#, bob, gives: unlocked),
        ProfileStep("POST", lock, nil, bob, gives: info("bob"))
    ),
    ProfileStory(
        "a lock that may not be stolen stays, and its owner may use force on it",
        ProfileStep(
            "POST",
            lock,
            #"{"stealable":false,"timeout":3600}"#,
            ann,
            gives: info("ann", stealable: false, timeout: "3600")
        ),
        ProfileStep("DELETE", lock, #"{"force":true}"#, bob, gives: notAllowed),
        ProfileStep("DELETE", lock, #"{"force":true}"#, ann, gives: unlocked)
    ),
    ProfileStory(
        "a refresh takes its options anew, and makes a lock where none is",
        ProfileStep(
            "PATCH",
            lock,
            #"{"stealable":false,"timeout":1.5}"#,
            ann,
            gives: info("ann", stealable: false, timeout: "1.5")
        ),
        ProfileStep("PATCH", lock, nil, ann, gives: info("ann")),
        ProfileStep("GET", lock, nil, bob, gives: info("ann", token: false))
    ),
    ProfileStory(
        "the root, and paths that are decoded once",
        ProfileStep("POST", "/@lock", nil, ann, gives: info("ann")),
        ProfileStep("GET", "/%40root/@lock", nil, bob, gives: info("ann", token: false)),
        ProfileStep("POST", "/a%20b/@lock", nil, ann, gives: info("ann")),
        ProfileStep("GET", "/a%20b/@lock", nil, bob, gives: info("ann", token: false)),
        ProfileStep("POST", "/a%2520b/@lock", nil, bob, gives: info("bob")),
        ProfileStep("DELETE", "/@lock", nil, ann, gives: unlocked)
    ),
    ProfileStory(
        "a document is saved with the token, which ends the lock",
        ProfileStep("PATCH", "/folder/doc", "{}", ann, gives: "204"),
        ProfileStep("POST", lock, nil, ann, gives: info("ann")),
        ProfileStep("PATCH", "/folder/doc", "{}", ann, gives: documentLocked),
        ProfileStep("PATCH", "/folder/doc", "{}", ann + ["Lock-Token: x"], gives: documentLocked),
        ProfileStep(
            "PATCH",
            "/folder/doc",
            "{}",
            bob + ["Lock-Token: {token}"],
            gives: "204"
        ),
        ProfileStep("GET", lock, nil, ann, gives: unlocked)
    ),
]

@Suite struct NickTests {
    @Test(arguments: stories)
    func `the story is told as Nick tells it`(story: ProfileStory) async throws {
        try await story.play(mask: masking("created", "time", "token"))
    }

    @Test func `a refresh gives another token, and the old one is worth nothing`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let first = try await client.ask("POST", lock, fields: ann)
            await house.pass(.seconds(60))
            let second = try await client.ask("PATCH", lock, fields: ann)
            let (old, new) = (first.json["token"]?.string, second.json["token"]?.string)
            #expect(old != new)
            #expect(first.json["created"] != second.json["created"])
            let stale = ann + ["Lock-Token: \(old ?? "")"]
            #expect(try await client.ask("PATCH", "/folder/doc", fields: stale).status == 401)
            let current = ann + ["Lock-Token: \(new ?? "")"]
            #expect(try await client.ask("PATCH", "/folder/doc", fields: current).status == 204)
        }
    }

    @Test func `times are ISO 8601 in UTC, and the lock ends when its timeout is over`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.http()
            let answer = try await client.ask("POST", lock, #"{"timeout":5}"#, fields: ann)
            for name in ["created", "time"] {
                let text = answer.json[name]?.string ?? ""
                #expect(text.count == "2016-10-21T19:00:00.000Z".count && text.hasSuffix("Z"))
            }
            await house.pass(.seconds(6))
            let after = try await client.ask("GET", lock, fields: ann)
            #expect(after.short == unlocked)
        }
    }

    @Test(arguments: [
        #"{"timeout":0}"#, #"{"timeout":-1}"#, #"{"timeout":"60"}"#, #"{"timeout":86401}"#,
        #"{"timeout":true}"#, #"{"timeout":null}"#, #"{"timeout":0.0001}"#, #"{"stealable":1}"#,
        "[]", "{", "timeout=5", #"{"timeout":5,"timeout":6}"#,
    ])
    func `what is malformed is a bad request`(body: String) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            for method in ["POST", "PATCH"] {
                let answer = try await client.ask(method, lock, body, fields: ann)
                #expect(answer.status == 400)
                #expect(answer.json["error"]?["type"]?.string == "Bad Request")
            }
            #expect(try await client.ask("GET", lock, fields: ann).short == unlocked)
        }
    }

    @Test func `a document is nothing that can be read, and its lock takes four methods`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.http()
            #expect(try await client.ask("GET", "/folder/doc").status == 404)
            #expect(try await client.ask("PUT", "/folder/doc").status == 404)
            let put = try await client.ask("PUT", lock)
            #expect(put.status == 405)
            #expect(put["Allow"] == "GET, HEAD, POST, PATCH, DELETE, OPTIONS")
            #expect(try await client.ask("GET", "/v1/nothing").status == 404)
        }
    }

    /// As many clients write it that encode a path.
    @Test func `an at sign may be encoded`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let encoded = "/folder/doc/%40lock"
            let taken = try await client.ask("POST", encoded, fields: ann)
            #expect(taken.status == 200)
            #expect(try await client.ask("PATCH", encoded, fields: ann).status == 200)
            #expect(try await client.ask("POST", lock, fields: bob).short == alreadyLocked)
            #expect(try await client.ask("DELETE", encoded, fields: ann).short == unlocked)
        }
    }

    /// A browser asks before it saves for a page of another origin.
    @Test func `a document says that it can be saved`() async throws {
        try await Place.inMemory {
            $0.http.origins = ["https://ui.example.net"]
        } body: { house in
            let client = try await house.http()
            let answer = try await client.ask(
                "OPTIONS",
                "/folder/doc",
                fields: [
                    "Origin: https://ui.example.net", "Access-Control-Request-Method: PATCH",
                    "Access-Control-Request-Headers: authorization, lock-token",
                ]
            )
            #expect(answer.status == 204)
            #expect(answer["Allow"] == "PATCH, OPTIONS")
            #expect(answer["Access-Control-Allow-Methods"] == "PATCH, OPTIONS")
        }
    }

    @Test func `a lock of another kind is a lock`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let ticket = #"{"resource":"folder/doc","mode":"shared","lease":30}"#
            _ = try await client.ask("POST", "/v1/tickets", ticket, fields: bob)
            #expect(try await client.ask("POST", lock, fields: ann).short == alreadyLocked)
            #expect(
                try await client.ask("DELETE", lock, #"{"force":true}"#, fields: ann).short
                    == notAllowed
            )
        }
    }
}
