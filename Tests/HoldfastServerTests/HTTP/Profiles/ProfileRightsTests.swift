// What somebody may do through the APIs of other systems whose rights are not all there are. Those systems know one
// right, to lock, which is our `lock`: it must be enough for all that they do with a lock of one's own. What names are
// proved with stands where each API has its credential.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Testing

@testable import HoldfastServer

private let people = """
    {"role":"locker","rights":["lock:**"]}
    {"role":"reader","rights":["read:**"]}
    {"role":"stranger","rights":["lock:elsewhere/**"]}
    {"role":"owner","rights":["lock:**","read:**","steal:**","admin:**"]}
    {"role":"application","rights":["lock:**","read:**","steal:**","admin:**"]}
    {"role":"everything","rights":["lock:o/**","read:o/**","admin:o/**"]}
    {"name":"ann","token":"\(hashText(of: "ann"))","roles":["locker"]}
    {"name":"bob","token":"\(hashText(of: "bob"))","roles":["locker"]}
    {"name":"rea","token":"\(hashText(of: "rea"))","roles":["reader"]}
    {"name":"str","token":"\(hashText(of: "str"))","roles":["stranger"]}
    {"name":"own","token":"\(hashText(of: "own"))","roles":["owner"]}
    {"name":"eve","token":"\(hashText(of: "eve"))","roles":["everything"]}
    {"name":"app","token":"\(hashText(of: "app"))","kind":"application","roles":["application"]}
    """

/// A server on which names are proved.
private struct ProvedHouse {
    let client: HTTPTalker
    private let server: VirtualServer
    private var names: [String: String] = [:]

    init(_ people: String = people) throws {
        let table = try AccessTable(parsing: people)
        let authority = TokenAuthority(table, owners: OwnerDirectory(), digest: plainDigest)
        server = VirtualServer(authority: authority)
        client = HTTPTalker(MemoryTalker(server.connectHTTP()))
    }

    /// Status and body; `{id}` is what the last answer called so.
    mutating func ask(
        _ method: String,
        _ target: String,
        _ body: String?,
        as field: String
    ) async throws -> HTTPResponse {
        let named = names.reduce(target) { $0.replacing($1.key, with: $1.value) }
        client.post(request(method, named, body, fields: field.isEmpty ? [] : [field]))
        // Whoever guesses is let wait.
        server.world.advance(by: .seconds(1))
        let answer = try #require(await client.response(), "no response came")
        if let id = (answer.json["id"] ?? answer.json["ticket"])?.string { names["{id}"] = id }
        return answer
    }
}

/// A request, who makes it, and how the answer begins.
private typealias Step = (
    method: String, target: String, body: String?, who: String, answer: String
)

private let volume = #"{"route":"volume","id":"1"}"#
private let gadget = #"{"type":"gadget","subject":{"courseId":"c","gadgetId":"g"}}"#
private let other = #"{"type":"gadget","subject":{"courseId":"c","gadgetId":"h"}}"#
private let lease = #"{"repository":"o/a","resource":"r","leaseDurationSeconds":60}"#
private let ticket = "/sfp/api/locks/o%2Fa/r/{id}"
private let insufficient = #"403 {"error":403,"message":"Insufficient permissions"}"#
private let needsRole =
    #"403 {"statusCode":403,"message":"Forbidden - Requires role: owner, application"}"#

private let onlyOwner =
    #"403 {"statusCode":403,"message":"Forbidden - Only the owner of a ticket may acquire it"}"#

private let mangadb: [Step] = [
    ("POST", "/admin/lock", volume, "ann", #"200 {"data":"Success","code":200}"#),
    ("POST", "/admin/lock", volume, "bob", #"409 {"data":"Conflict","code":409}"#),
    ("DELETE", "/admin/remove-lock", volume, "bob", #"403 {"data":"Forbidden","code":403}"#),
    ("DELETE", "/admin/remove-lock", volume, "own", #"403 {"data":"Forbidden","code":403}"#),
    ("DELETE", "/admin/remove-lock", volume, "ann", #"200 {"data":"Success","code":200}"#),
    ("DELETE", "/admin/remove-lock", volume, "ann", #"404 {"data":"Not found","code":404}"#),
    // The permission comes before the parameters.
    ("POST", "/admin/lock", "{}", "rea", #"403 {"data":"Forbidden","code":403}"#),
    ("DELETE", "/admin/remove-lock", "{}", "rea", #"403 {"data":"Forbidden","code":403}"#),
    ("POST", "/admin/lock", volume, "str", #"403 {"data":"Forbidden","code":403}"#),
    ("POST", "/admin/lock", volume, "nobody", #"404 {"data":"Not found","code":404}"#),
]

private let versal: [Step] = [
    ("POST", "/locks", gadget, "ann", "201"),
    // A second lock lets the first one go.
    ("POST", "/locks", other, "ann", "201"),
    ("POST", "/locks", gadget, "bob", "201"),
    ("POST", "/locks", other, "bob", #"403 {"error":403,"message":"Resource locked"}"#),
    ("GET", "/locks?subject.courseId=c", nil, "str", insufficient),
    ("GET", "/locks?subject.courseId=empty", nil, "str", insufficient),
    ("GET", "/locks?subject.courseId=empty", nil, "ann", "200 []"),
    ("GET", "/locks?subject.courseId=empty", nil, "rea", insufficient),
    ("GET", "/locks?subject.courseId=c", nil, "rea", insufficient),
    ("GET", "/locks?subject.courseId=c", nil, "ann", #"200 [{"id":"#),
    ("POST", "/locks", gadget, "rea", insufficient),
    ("POST", "/locks", gadget, "str", insufficient),
    ("POST", "/locks", gadget, "bob", "201"),
    ("DELETE", "/locks/{id}", nil, "ann", insufficient),
    ("DELETE", "/locks/{id}", nil, "str", insufficient),
    ("DELETE", "/locks/{id}", nil, "own", insufficient),
    ("DELETE", "/locks/{id}", nil, "nobody", #"401 {"error":401,"message":"Invalid credentials"}"#),
    ("DELETE", "/locks/{id}", nil, "bob", "200 {}"),
]

private let nick: [Step] = [
    ("POST", "/doc/@lock", nil, "ann", #"200 {"created""#),
    ("GET", "/doc/@lock", nil, "ann", #"200 {"created""#),
    ("GET", "/doc/@lock", nil, "bob", #"200 {"created""#),
    ("GET", "/doc/@lock", nil, "rea", #"200 {"created""#),
    ("GET", "/doc/@lock", nil, "str", #"403 {"error":{"message""#),
    ("POST", "/doc/@lock", nil, "bob", #"401 {"error":{"message":"This document is already"#),
    ("PATCH", "/doc/@lock", nil, "bob", #"401 {"error":{"message":"This document is already"#),
    ("PATCH", "/doc/@lock", nil, "ann", #"200 {"created""#),
    ("PATCH", "/doc", "{}", "ann", #"401 {"error":{"message":"You don’t have permission to save"#),
    ("DELETE", "/doc/@lock", nil, "bob", #"401 {"error":{"message":"You don’t have permission"#),
    // To unlock by force is to steal, which is a right of its own.
    ("DELETE", "/doc/@lock", #"{"force":true}"#, "bob", #"401 {"error":{"message":"You don’t"#),
    ("DELETE", "/doc/@lock", nil, "ann", #"200 {"locked":false,"stealable":true}"#),
    ("POST", "/doc/@lock", #"{"stealable":false}"#, "ann", "200"),
    // An administrator's right does not take what is not stealable.
    ("DELETE", "/doc/@lock", #"{"force":true}"#, "own", #"401 {"error":{"message":"You don’t"#),
    ("POST", "/doc/@lock", nil, "", #"401 {"error":{"message":"say who you are""#),
]

private let terraform: [Step] = [
    ("LOCK", "/terraform/t", #"{"ID":"1"}"#, "", "401"),
    ("LOCK", "/terraform/t", #"{"ID":"1"}"#, "str", "403"),
    ("LOCK", "/terraform/t", #"{"ID":"1"}"#, "ann", "200"),
    ("LOCK", "/terraform/t", #"{"ID":"2"}"#, "bob", #"423 {"ID":"1"}"#),
    ("UNLOCK", "/terraform/t", #"{"ID":"2"}"#, "bob", #"409 {"ID":"1"}"#),
    ("UNLOCK", "/terraform/t", #"{"ID":"1"}"#, "bob", "403"),
    ("UNLOCK", "/terraform/t", "", "bob", "403"),
    ("UNLOCK", "/terraform/t", "", "str", "403"),
    ("UNLOCK", "/terraform/t", #"{"ID":"1"}"#, "ann", "200"),
    ("LOCK", "/terraform/t", #"{"ID":"1"}"#, "ann", "200"),
    ("UNLOCK", "/terraform/t", "", "own", "200"),
    ("LOCK", "/terraform/t", #"{"ID":"2"}"#, "bob", "200"),
    ("UNLOCK", "/terraform/t", "", "bob", "200"),
]

private let sfp: [Step] = [
    ("POST", "/sfp/api/locks", lease, "", #"401 {"statusCode":401,"message":"Unauthorized"}"#),
    ("POST", "/sfp/api/locks", lease, "nobody", #"401 {"statusCode":401,"#),
    ("POST", "/sfp/api/locks", lease, "str", needsRole),
    ("POST", "/sfp/api/locks", lease, "rea", needsRole),
    ("POST", "/sfp/api/locks", lease, "ann", needsRole),
    // The role comes before what is asked.
    ("POST", "/sfp/api/locks", "{}", "ann", needsRole),
    ("POST", "/sfp/api/locks", "{}", "own", #"400 {"statusCode":400,"#),
    ("POST", "/sfp/api/locks", lease, "own", "201"),
    ("GET", ticket, nil, "str", needsRole),
    ("GET", ticket, nil, "ann", needsRole),
    ("GET", ticket, nil, "rea", needsRole),
    ("GET", ticket, nil, "app", "200"),
    ("POST", ticket + "/acquire", nil, "ann", needsRole),
    ("POST", ticket + "/acquire", nil, "rea", needsRole),
    ("POST", ticket + "/acquire", nil, "str", needsRole),
    // The role is there; the ticket is another's all the same.
    ("POST", ticket + "/acquire", nil, "app", onlyOwner),
    ("POST", ticket + "/acquire", nil, "own", #"200 {"acquired":true,"#),
    ("DELETE", ticket, nil, "ann", needsRole),
    ("DELETE", ticket, nil, "rea", needsRole),
    ("GET", "/sfp/api/locks/o%2Fa/r", nil, "ann", needsRole),
    ("GET", "/sfp/api/locks/o%2Fa/r", nil, "rea", needsRole),
    ("GET", "/sfp/api/locks/o%2Fa/r", nil, "app", "200 ["),
    ("DELETE", "/sfp/api/locks/o%2Fa/r", nil, "ann", needsRole),
    ("DELETE", ticket, nil, "app", "200"),
    ("POST", ticket + "/acquire", nil, "own", #"200 {"acquired":false,"message":"Lock ended: cl"#),
    ("POST", "/sfp/api/locks", lease, "own", "201"),
    ("DELETE", "/sfp/api/locks/o%2Fa/r", nil, "app", #"200 {"cleared":1}"#),
    // All the rights of the roles are as good as their names.
    ("POST", "/sfp/api/locks", lease, "eve", "201"),
    ("DELETE", ticket, nil, "eve", "200"),
    // A ticket that came another way is its owner's to give back.
    ("POST", "/v1/tickets", #"{"resource":"o/a/r"}"#, "ann", "201"),
    ("DELETE", ticket, nil, "bob", needsRole),
    ("DELETE", ticket, nil, "ann", "200"),
]

struct ProfileRightsTests {
    private func play(_ steps: [Step], as field: (String) -> String) async throws {
        var house = try ProvedHouse()
        for (index, step) in steps.enumerated() {
            let who = step.who.isEmpty ? "" : field(step.who)
            let answer = try await house.ask(step.method, step.target, step.body, as: who)
            #expect(
                answer.short.hasPrefix(step.answer),
                "\(index): \(step.method) \(step.target) as \(step.who): \(answer.short)"
            )
            #expect((answer.status == 401) == (answer["WWW-Authenticate"] != nil), "\(index)")
        }
    }

    @Test func `MangaDB: the right to lock is its manage-locks`() async throws {
        try await play(mangadb) { "Cookie: refreshToken=\($0)" }
    }

    @Test func `Versal: the right to lock a gadget is enough for it`() async throws {
        try await play(versal) { "SID: \($0)" }
    }

    @Test func `Nick: the right to lock a document is enough for its lock`() async throws {
        try await play(nick, as: bearer)
    }

    @Test func `Terraform: the right to lock a state is enough to unlock it`() async throws {
        try await play(terraform, as: bearer)
    }

    @Test func `sfp server: all but a ticket of one's own is for two roles`() async throws {
        try await play(sfp, as: bearer)
    }

    @Test func `sfp server: the name of a role lets in, its rights say what for`() async throws {
        var house = try ProvedHouse(
            """
            {"role":"application","rights":["lock:**","read:**"]}
            {"name":"app","token":"\(hashText(of: "app"))","roles":["application"]}
            {"name":"bot","token":"\(hashText(of: "bot"))","roles":["application"]}
            """
        )
        let app = bearer("app")
        let made = try await house.ask("POST", "/sfp/api/locks", lease, as: app)
        #expect(made.status == 201)
        #expect(try await house.ask("GET", ticket, nil, as: app).status == 200)
        // Nobody learns the ticket of another from a list.
        let list = try await house.ask("GET", "/sfp/api/locks/o%2Fa/r", nil, as: bearer("bot"))
        #expect(list.json[0]?["ticketId"]?.string == "1")
        let cleared = try await house.ask("DELETE", "/sfp/api/locks/o%2Fa/r", nil, as: app)
        #expect(cleared.short == needsRole)
        #expect(try await house.ask("DELETE", ticket, nil, as: app).status == 200)
    }

    @Test func `sfp server: whoever may look at a ticket sees its id`() async throws {
        var house = try ProvedHouse()
        let made = try await house.ask("POST", "/sfp/api/locks", lease, as: bearer("own"))
        let seen = try await house.ask("GET", ticket, nil, as: bearer("app"))
        #expect(seen.json["ticketId"] == made.json["ticketId"])
        let list = try await house.ask("GET", "/sfp/api/locks/o%2Fa/r", nil, as: bearer("app"))
        #expect(list.json[0]?["ticketId"] == made.json["ticketId"])
    }
}
