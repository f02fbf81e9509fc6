// What the server cannot do now, whoever asks (HTTP §2): MangaDB has one word for it with status 500, the others have
// 503 in the envelope of their API, with when to come again.

import HoldfastJournal
import HoldfastWire
import Testing

/// A request that wants a lock, or gives it back, and the answer of a server that cannot.
private typealias Case = (request: String, body: String, field: String, answer: String)

private let volume = #"{"route":"volume","id":"1"}"#
private let mangadb = #"500 {"data":"Internal server error","code":500}"#

private let wishes: [Case] = [
    ("POST /admin/lock", volume, "Cookie: refreshToken=ann", mangadb),
    (
        "POST /locks", #"{"type":"gadget","subject":{"courseId":"c","gadgetId":"g"}}"#, "SID: ann",
        #"503 {"error":503,"message":""#
    ),
    (
        "POST /sfp/api/locks", #"{"repository":"a","resource":"b","leaseDurationSeconds":60}"#,
        bearer("ann"), #"503 {"statusCode":503,"message":""#
    ),
    ("POST /doc/@lock", "", bearer("ann"), #"503 {"error":{"message":""#),
    ("PATCH /doc/@lock", "", bearer("ann"), #"503 {"error":{"message":""#),
    ("LOCK /terraform/t", #"{"ID":"1"}"#, bearer("ann"), "503 the server takes no new tickets"),
]

struct RefusedByServerTests {
    @Test(arguments: wishes.indices)
    func `a server that drains says so as each API would`(index: Int) async throws {
        let wish = wishes[index]
        try await Place.inMemory { house in
            let line = try await house.connect()
            _ = await line.ask(#"{"op":"drain"}"#)
            let client = try await house.http()
            let words = wish.request.split(separator: " ").map(String.init)
            let answer = try await client.ask(words[0], words[1], wish.body, fields: [wish.field])
            #expect(answer.short.hasPrefix(wish.answer), "\(wish.request): \(answer.short)")
            #expect(answer["Retry-After"] == (answer.status == 503 ? "1" : nil), "\(wish.request)")
        }
    }

    @Test func `a lock whose removal cannot be stored is an internal error of MangaDB`()
        async throws
    {
        let journal = FailingJournal(after: 1, .failed("no such disk"))
        try await Place.memory.with(journal: journal) { house in
            let client = try await house.http()
            let ann = ["Cookie: refreshToken=ann"]
            let made = try await client.ask("POST", "/admin/lock", volume, fields: ann)
            #expect(made.status == 200)
            let kept = try await client.ask("DELETE", "/admin/remove-lock", volume, fields: ann)
            #expect(kept.short == mangadb)
        }
    }
}
