// The table of sfp server's lock API, from its OpenAPI document and HTTP §2.1.

import HoldfastModel
import HoldfastServer
import HoldfastWire
import Testing

private let ann = ["Authorization: Bearer ann"]
private let bob = ["Authorization: Bearer bob"]
private let locks = "/sfp/api/locks"
private let one = locks + "/org%2Fapp/uat"

private func ask(_ lease: String = "60") -> String {
    #"{"repository":"org/app","resource":"uat","leaseDurationSeconds":\#(lease)}"#
}

private func ticket(_ status: String, _ more: String = "", by owner: String) -> String {
    let lease = status == "acquired" ? #","leaseStart":"*""# : ""
    return
        #"{"id":"*","repository":"org/app","resource":"uat","ticketId":"*","status":"\#(status)""#
        + more + lease + #","leaseDurationSeconds":60,"createdAt":"*","updatedAt":"*","#
        + #""requestedBy":"\#(owner)"}"#
}

private let ended =
    #"{"id":"*","repository":"org/app","resource":"uat","ticketId":"*","status":"released","#
    + #""leaseStart":"*","leaseDurationSeconds":60,"createdAt":"*","updatedAt":"*","#
    + #""requestedBy":"ann"}"#
private let unknown = #"404 {"statusCode":404,"message":"Lock not found"}"#
private let position = #","queuePosition":1"#

private let stories = [
    ProfileStory(
        "a free resource is acquired at once",
        ProfileStep("POST", locks, ask(), ann, gives: "201 " + ticket("acquired", by: "ann")),
        ProfileStep(
            "GET",
            one + "/{ticket}",
            nil,
            ann,
            gives: "200 " + ticket("acquired", by: "ann")
        ),
        ProfileStep(
            "POST",
            one + "/{ticket}/acquire",
            nil,
            ann,
            gives: #"200 {"acquired":true,"message":"Lock acquired"}"#
        ),
        ProfileStep(
            "POST",
            one + "/{ticket}/acquire",
            "{}",
            ann,
            gives: #"200 {"acquired":true,"message":"Lock acquired"}"#
        ),
        ProfileStep("DELETE", one + "/{ticket}", nil, ann, gives: "200 " + ended),
        ProfileStep("DELETE", one + "/{ticket}", nil, ann, gives: "200 " + ended),
        ProfileStep(
            "POST",
            one + "/{ticket}/acquire",
            nil,
            ann,
            gives: #"200 {"acquired":false,"message":"Lock ended: released"}"#
        )
    ),
    ProfileStory(
        "a locked resource queues",
        ProfileStep("POST", locks, ask(), ann, gives: "201 " + ticket("acquired", by: "ann")),
        ProfileStep(
            "POST",
            locks,
            ask(),
            bob,
            gives: "201 " + ticket("queued", position, by: "bob")
        ),
        ProfileStep(
            "POST",
            one + "/{ticket}/acquire",
            nil,
            bob,
            gives: #"200 {"acquired":false,"message":"Lock is queued: number 1 of 1"}"#
        ),
        ProfileStep(
            "GET",
            one,
            nil,
            ann,
            gives: "200 [" + ticket("acquired", by: "ann") + ","
                + ticket("queued", position, by: "bob") + "]"
        ),
        ProfileStep("DELETE", one, nil, ann, gives: #"200 {"cleared":2}"#),
        ProfileStep("DELETE", one, nil, ann, gives: #"200 {"cleared":0}"#)
    ),
    ProfileStory(
        "what is not there is nothing",
        ProfileStep("GET", one, nil, ann, gives: "200 []"),
        ProfileStep("GET", one + "/AAAAAAAAAAAAAAAAAAAAAAAAAAAA", nil, ann, gives: unknown),
        ProfileStep("DELETE", one + "/nonsense", nil, ann, gives: unknown),
        ProfileStep("POST", one + "/nonsense/acquire", nil, ann, gives: unknown),
        ProfileStep("POST", locks, ask(), ann, gives: "201 " + ticket("acquired", by: "ann")),
        ProfileStep("GET", locks + "/org%2Fapp/other/{ticket}", nil, ann, gives: unknown),
        ProfileStep("GET", locks + "/org/app%2Fuat/{ticket}", nil, ann, gives: unknown),
        ProfileStep("DELETE", locks + "/org/app%2Fuat/{ticket}", nil, ann, gives: unknown)
    ),
]

private let masked = masking("id", "ticketId", "leaseStart", "createdAt", "updatedAt")

@Suite struct SFPTests {
    @Test(arguments: stories)
    func `the story is told as sfp server tells it`(story: ProfileStory) async throws {
        try await story.play(mask: masked)
    }

    @Test(arguments: [
        "", "{", "[]", "{}", #"{"repository":"a","resource":"b"}"#,
        #"{"repository":"a","resource":"b","leaseDurationSeconds":"60"}"#,
        #"{"repository":"a","resource":"b","leaseDurationSeconds":0}"#,
        #"{"repository":"a","resource":"b","leaseDurationSeconds":86401}"#,
        #"{"repository":"","resource":"b","leaseDurationSeconds":60}"#,
        #"{"repository":"..","resource":"b","leaseDurationSeconds":60}"#,
        #"{"repository":1,"resource":"b","leaseDurationSeconds":60}"#,
    ])
    func `what cannot be queued is a bad request`(body: String) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let response = try await client.ask("POST", locks, body, fields: ann)
            #expect(response.status == 400)
            #expect(response["Content-Type"] == "application/json")
            #expect(response.json["statusCode"]?.integer == 400)
            #expect(response.json["message"]?.string?.isEmpty == false)
        }
    }

    @Test func `the next in the queue is granted by itself, and an expired ticket is released`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.http()
            _ = try await client.ask("POST", locks, ask(), fields: ann)
            let queued = try await client.ask("POST", locks, ask(), fields: bob)
            #expect(queued["Holdfast-Position"] == "1")
            let ticket = try #require(queued["Holdfast-Ticket"])
            await house.pass(.seconds(61))
            let granted = try await client.ask("GET", one + "/" + ticket, fields: bob)
            #expect(granted.json["status"]?.string == "acquired")
            #expect(granted["Holdfast-Fence"] != nil)
            let list = try await client.ask("GET", one, fields: ann)
            #expect(list.json[0]?["requestedBy"]?.string == "bob")
            #expect(list.json[1]?["status"]?.string == "released")
        }
    }

    @Test(arguments: ["zzz", "org/app/uat/", "", "org"])
    func `a ticket that came another way may call anything its repository`(
        name: String
    ) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let body = #"{"resource":"org/app/uat","meta":{"repository":"\#(name)"}}"#
            _ = try await client.ask("POST", "/v1/tickets", body, fields: ann)
            let list = try await client.ask("GET", one, fields: ann)
            let repository = list.json[0]?["repository"]?.string
            let resource = list.json[0]?["resource"]?.string
            #expect(repository == (name == "org" ? "org" : "org/app"))
            let shown = [repository, resource].compactMap(\.self).joined(separator: "/")
            #expect(shown == "org/app/uat")
        }
    }

    @Test func `a queue of several pages is shown once, in its order`() async throws {
        // To look at all of a long queue after each step takes longer than the rest of this.
        try await Place.inMemory {
            $0.checksInvariants = false
        } body: { house in
            let line = try await house.connect()
            let count = ListPage.limitMax + 150
            for _ in 0...count { line.post(#"{"op":"queue","resource":"org/app/uat"}"#) }
            for _ in 0...count { _ = await line.line() }
            let client = try await house.http()
            let list = try await client.ask("GET", one, fields: ann)
            let positions = (list.json.elements ?? []).compactMap { $0["queuePosition"]?.integer }
                .map(Int.init)
            #expect(positions == Array(1...count))
        }
    }

    @Test func `a draining server says so in the envelope`() async throws {
        try await Place.inMemory { house in
            let line = try await house.connect()
            _ = await line.ask(#"{"op":"drain"}"#)
            let client = try await house.http()
            let response = try await client.ask("POST", locks, ask(), fields: ann)
            #expect(response.status == 503)
            #expect(response.json["statusCode"]?.integer == 503)
            #expect(response["Retry-After"] == "1")
        }
    }
}
