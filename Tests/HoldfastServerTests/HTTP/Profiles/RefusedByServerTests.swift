// What the server cannot do now, whoever asks (HTTP §2): MangaDB has one word for it with status 500, the others have
// 503 in the envelope of their API, with when to come again.

import HoldfastCoordinator
import HoldfastJournal
import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Testing

@testable import HoldfastServer

private let wishes = ProfileWish.all

/// Why the server cannot.
enum Shortage: String, CaseIterable, Sendable {
    case draining
    case tickets
    case resources
    case connections
}

struct RefusedByServerTests {
    @Test(arguments: wishes.indices, Shortage.allCases)
    func `a server that drains or has enough says so as each API would`(
        index: Int,
        shortage: Shortage
    ) async throws {
        let wish = wishes[index]
        try await Place.inMemory {
            $0.http.atLockMounts.append(AtLockMount(.plone, segments: ["plone"]))
            switch shortage {
            case .draining: break
            case .tickets: $0.limits.ticketsPerPrincipal = 1
            case .resources: $0.limits.resources = 1
            case .connections: $0.limits.connectionsPerPrincipal = 1
            }
        } body: { house in
            let line = try await house.connect()
            _ = await line.ask(#"{"op":"hello","version":1,"token":"ann"}"#)
            _ = await line.ask(#"{"op":"queue","resource":"other"}"#)
            if shortage == .draining { _ = await line.ask(#"{"op":"drain"}"#) }
            let client = try await house.http()
            let words = wish.words
            let answer = try await client.ask(words[0], words[1], wish.body, fields: [wish.field])
            #expect(answer.short.hasPrefix(wish.answer), "\(wish.request): \(answer.short)")
            #expect(answer["Retry-After"] == (answer.status == 503 ? "1" : nil), "\(wish.request)")
        }
    }

    @Test(arguments: wishes.indices)
    func `whoever asks too often is told so as each API would`(index: Int) async throws {
        let wish = wishes[index]
        let table = try AccessTable(
            parsing: """
                {"role":"all","rights":["lock:**","read:**"]}
                {"name":"ann","token":"\(hashText(of: "ann"))","roles":["all"],"limits":{"requests_per_second":1}}
                """
        )
        var http = HTTPSetting()
        http.atLockMounts.append(AtLockMount(.plone, segments: ["plone"]))
        let server = VirtualServer(
            authority: TokenAuthority(table, owners: OwnerDirectory(), digest: plainDigest),
            http: http
        )
        let client = HTTPTalker(MemoryTalker(server.connectHTTP()))
        #expect(try await client.ask("GET", "/v1/rights", fields: [bearer("ann")]).status == 200)
        let words = wish.words
        client.post(request(words[0], words[1], wish.body, fields: [wish.field]))
        // Whoever is refused is let wait.
        server.world.advance(by: .seconds(1))
        let answer = try #require(await client.response())
        #expect(answer.short.hasPrefix(wish.answer), "\(wish.request): \(answer.short)")
        #expect((answer["Retry-After"] != nil) == (answer.status == 503), "\(wish.request)")
    }

    @Test func `a lock whose removal cannot be stored is an internal error of MangaDB`()
        async throws
    {
        let journal = FailingJournal(after: 1, .failed("no such disk"))
        try await Place.memory.with(journal: journal) { house in
            let client = try await house.http()
            let ann = ["Cookie: refreshToken=ann"]
            let made = try await client.ask("POST", "/admin/lock", ProfileWish.volume, fields: ann)
            #expect(made.status == 200)
            let kept = try await client.ask(
                "DELETE",
                "/admin/remove-lock",
                ProfileWish.volume,
                fields: ann
            )
            #expect(kept.short == ProfileWish.mangadb)
        }
    }
}
