// The table of Plone's `@lock`, from its document and HTTP §2.4.

import HoldfastModel
import HoldfastWire
import Testing

@testable import HoldfastServer

private let ann = ["Authorization: Basic YW5uOng="]
private let bob = ["Authorization: Basic Ym9iOng="]
private let mounts = [AtLockMount(.plone, segments: ["plone"])]
private let lock = "/plone/doc/@lock"
private let unlocked = #"200 {"locked":false,"stealable":true}"#
private let resourceIsLocked =
    #"403 {"error":{"type":"Forbidden","message":"Resource is locked."}}"#

private func info(
    _ owner: String,
    stealable: Bool = true,
    timeout: String = "600",
    token: Bool = true
) -> String {
    #"200 {"created":"*","creator":"\#(owner)","creator_name":"\#(owner)","#
        + #""creator_url":"http://localhost/plone/author/\#(owner)","locked":true,"#
        + #""name":"plone.locking.stealable","stealable":\#(stealable),"time":"*","#
        + #""timeout":\#(timeout)"# + (token ? #","token":"*"}"# : "}")
}

private let stories = [
    ProfileStory(
        "a document is locked, refreshed and unlocked",
        ProfileStep("GET", lock, nil, ann, gives: unlocked),
        ProfileStep("PATCH", lock, nil, ann, gives: unlocked),
        ProfileStep("POST", lock, nil, ann, gives: info("ann")),
        ProfileStep("POST", lock, nil, ann, gives: info("ann")),
        ProfileStep("PATCH", lock, nil, ann, gives: info("ann")),
        ProfileStep("GET", lock, nil, ann, gives: info("ann")),
        ProfileStep("DELETE", lock, nil, ann, gives: unlocked),
        ProfileStep("DELETE", lock, nil, ann, gives: unlocked)
    ),
    ProfileStory(
        "whoever meets the lock of another is shown it",
        ProfileStep("POST", lock, nil, ann, gives: info("ann")),
        ProfileStep("POST", lock, nil, bob, gives: info("ann", token: false)),
        ProfileStep("GET", lock, nil, bob, gives: info("ann", token: false)),
        ProfileStep("PATCH", lock, nil, bob, gives: info("ann", token: false)),
        ProfileStep("DELETE", lock, nil, bob, gives: info("ann", token: false)),
        ProfileStep("DELETE", lock, #"{"force":true}"#, bob, gives: unlocked),
        ProfileStep("GET", lock, nil, ann, gives: unlocked)
    ),
    ProfileStory(
        "stealable is told as it is for whoever asks",
        ProfileStep(
            "POST",
            lock,
            #"{"stealable":false,"timeout":3600}"#,
            ann,
            gives: info("ann", timeout: "3600")
        ),
        ProfileStep(
            "DELETE",
            lock,
            #"{"force":true}"#,
            bob,
            gives: info("ann", stealable: false, timeout: "3600", token: false)
        ),
        ProfileStep("DELETE", lock, #"{"force":true}"#, ann, gives: unlocked)
    ),
    ProfileStory(
        "a document is saved with the token, and the lock stays",
        ProfileStep("PATCH", "/plone/doc", "{}", ann, gives: "204"),
        ProfileStep("POST", lock, nil, ann, gives: info("ann")),
        ProfileStep("PATCH", "/plone/doc", "{}", ann, gives: resourceIsLocked),
        ProfileStep("PATCH", "/plone/doc", "{}", ann + ["Lock-Token: x"], gives: resourceIsLocked),
        ProfileStep("PATCH", "/plone/doc", "{}", ann + ["Lock-Token: {token}"], gives: "204"),
        ProfileStep("GET", lock, nil, ann, gives: info("ann")),
        ProfileStep("PATCH", "/plone/doc", "{}", bob + ["Lock-Token: {token}"], gives: "204")
    ),
    ProfileStory(
        "the root of the mount is a document, too",
        ProfileStep("POST", "/plone/@lock", nil, ann, gives: info("ann")),
        ProfileStep("PATCH", "/plone", "{}", bob, gives: resourceIsLocked),
        ProfileStep("DELETE", "/plone/@lock", nil, ann, gives: unlocked),
        ProfileStep("PATCH", "/plone", "{}", bob, gives: "204")
    ),
]

@Suite struct PloneTests {
    @Test(arguments: stories)
    func `the story is told as Plone tells it`(story: ProfileStory) async throws {
        try await story.play(mounts: mounts, mask: masking("created", "time", "token"))
    }

    @Test func `a refresh keeps the token, and the lock is as if it were new`() async throws {
        func choose(_ configuration: inout Configuration) {
            configuration.http.atLockMounts = mounts
        }
        try await Place.inMemory(choose) { house in
            let client = try await house.http()
            let first = try await client.ask("POST", lock, #"{"timeout":100}"#, fields: ann)
            await house.pass(.seconds(60))
            let second = try await client.ask("PATCH", lock, fields: ann)
            #expect(first.json["token"] == second.json["token"])
            let (before, after) = (first.json["time"]?.double, second.json["time"]?.double)
            #expect(try #require(after) - (try #require(before)) == 60)
            #expect(second.json["created"]?.string?.hasSuffix("+00:00") == true)
            await house.pass(.seconds(60))
            #expect(try await client.ask("GET", lock, fields: ann).json["locked"]?.bool == true)
            await house.pass(.seconds(60))
            #expect(try await client.ask("GET", lock, fields: ann).short == unlocked)
        }
    }

    @Test func `links begin with the address that the operator gave`() async throws {
        func choose(_ configuration: inout Configuration) {
            configuration.http.atLockMounts = [AtLockMount(.plone, segments: ["sites", "one"])]
            configuration.http.publicURL = "https://cms.example.com"
            configuration.http.showsLockTokens = true
        }
        try await Place.inMemory(choose) { house in
            let client = try await house.http()
            let path = "/sites/one/doc/@lock"
            let mine = try await client.ask("POST", path, fields: ["Authorization: Bearer a/b"])
            #expect(
                mine.json["creator_url"]?.string
                    == "https://cms.example.com/sites/one/author/a%2Fb"
            )
            // Plone shows the token to every reader; here only where the operator says so.
            let theirs = try await client.ask("GET", path, fields: bob)
            #expect(theirs.json["token"] == mine.json["token"])
            let refused = try await client.ask("POST", path, fields: bob)
            #expect(refused.json["token"] == mine.json["token"])
            #expect(refused.json["creator"]?.string == "a/b")
        }
    }
}
