// While a server reads back what was stored (HTTP §3): it says that it lives and is not ready, and whatever asks for
// more waits until the server is.

import HoldfastCoordinator
import HoldfastJournal
import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Synchronization
import Testing

@testable import HoldfastServer

/// A journal that is long in the reading.
private final class LongJournal: ForgetfulJournal {
    private let state = Mutex(State())

    private struct State {
        var outcome: Result<Void, JournalError>?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    func load(
        _ slot: Slot,
        on reading: ClockReading,
        owners: OwnerSource
    ) async throws(JournalError) -> SlotContents {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.outcome == nil { state.waiting.append(continuation) }
                return state.outcome != nil
            }
            if isOver { continuation.resume() }
        }
        try state.withLock { $0.outcome }?.get()
        return SlotContents(slot: slot)
    }

    func append(_ batch: Batch) async throws(JournalError) -> JournalWish { .none }

    /// All is read, or cannot be.
    func end(_ outcome: Result<Void, JournalError> = .success(())) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.outcome = outcome
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// A server that reads, and HTTP clients of it.
private struct Starting {
    let journal = LongJournal()
    let server: VirtualServer

    init() {
        var http = HTTPSetting()
        http.atLockMounts.append(AtLockMount(.plone, segments: ["plone"]))
        server = VirtualServer(journal: journal, http: http)
    }

    func client(onLoop loop: Int = 0) -> HTTPTalker {
        HTTPTalker(MemoryTalker(server.connectHTTP(toLoop: loop)))
    }

    func end(_ outcome: Result<Void, JournalError> = .success(())) {
        journal.end(outcome)
        server.world.run()
    }
}

/// What waits for the start: of each API one request that wants a lock, and what is of no profile or no lock.
private let wishes =
    ProfileWish.all
    + [
        ("POST /v1/tickets", #"{"resource":"a"}"#, #"503 {"type":"#),
        ("GET /v1/events", "", #"503 {"type":"#), ("GET /metrics", "", #"503 {"type":"#),
        ("PATCH /doc", "", #"503 {"error":{"message":""#),
    ].map { ProfileWish(request: $0, body: $1, field: bearer("ann"), answer: $2) }

struct StartTests {
    @Test func `what asks nothing of the coordinator is answered at once`() async throws {
        let house = Starting()
        #expect(house.server.start == .underWay)
        for loop in 0..<2 {
            let client = house.client(onLoop: loop)
            #expect(try await client.ask("GET", "/healthz").short == "200 ok\n")
            let ready = try await client.ask("GET", "/readyz")
            let checks = #"{"ready":false,"checks":{"recovered":false,"accepting":false}}"#
            #expect(ready.short == "503 " + checks)
            #expect(ready["Retry-After"] == "1")
            #expect(try await client.ask("GET", "/version").json["protocol"]?.integer == 1)
            #expect(try await client.ask("GET", "/openapi.json").status == 200)
            #expect(try await client.ask("GET", "/").status == 302)
            for asset in DashboardAsset.all {
                #expect(try await client.ask("GET", "/ui/" + asset.name).status == 200)
            }
            #expect(try await client.ask("GET", "/v1/nothing").status == 404)
            #expect(try await client.ask("PUT", "/v1/tickets").status == 405)
            #expect(try await client.ask("OPTIONS", "/v1/tickets").status == 204)
        }
        house.end()
        #expect(house.server.start == .done(0))
        let checks = #"{"ready":true,"checks":{"recovered":true,"accepting":true}}"#
        #expect(try await house.client().ask("GET", "/readyz").short == "200 " + checks)
    }

    @Test func `what asks for more waits until the server is ready, and so does what is behind it`()
        async throws
    {
        let house = Starting()
        let clients = [house.client(onLoop: 0), house.client(onLoop: 1)]
        for (index, client) in clients.enumerated() {
            client.post(request("POST", "/v1/tickets", #"{"resource":"r\#(index)"}"#))
            client.post(request("GET", "/healthz"))
            #expect(await client.response() == nil)
        }
        // However long it takes.
        house.server.world.advance(by: .seconds(600))
        for client in clients { #expect(await client.response() == nil) }
        house.end()
        for client in clients {
            #expect(await client.response()?.status == 201)
            #expect(await client.response()?.short == "200 ok\n")
        }
    }

    @Test func `a client of the line protocol is let in when the server is ready`() async throws {
        let house = Starting()
        let client = MemoryTalker(house.server.connect())
        client.post(#"{"op":"queue","resource":"a"}"#)
        #expect(await client.line() == nil)
        house.end()
        #expect(await client.next().contains(#""state":"acquired""#))
    }

    @Test(arguments: wishes.indices)
    func `who waits for a server that stops first is told so as its API would`(
        index: Int
    ) async throws {
        let wish = wishes[index]
        let house = Starting()
        let client = house.client(onLoop: index)
        client.post(request(wish.words[0], wish.words[1], wish.body, fields: [wish.field]))
        #expect(await client.response() == nil)
        house.server.stop()
        let answer = try #require(await client.response())
        #expect(answer.short.hasPrefix(wish.answer), "\(answer.short)")
        // MangaDB has no word for why.
        let saysWhy = answer.body.contains("the server is stopping")
        #expect(saysWhy == (answer.status == 503), "\(answer.short)")
        #expect(answer["Connection"] == "close")
        #expect((answer["Retry-After"] != nil) == (answer.status == 503))
        client.talker.finishWriting()
        #expect(await client.isOver())
        #expect(!house.server.isOver)
        house.end()
        #expect(house.server.isOver)
    }

    @Test func `who waits for a server that cannot read what was stored is told so`() async throws {
        let house = Starting()
        let (client, idle) = (house.client(), house.client(onLoop: 1))
        client.post(request("POST", "/v1/tickets", #"{"resource":"a"}"#))
        #expect(try await idle.ask("GET", "/healthz").status == 200)
        house.end(.failure(.failed("no such disk")))
        let answer = try #require(await client.response())
        #expect(answer.status == 503)
        #expect(answer.json["code"]?.string == "unavailable")
        for client in [client, idle] {
            client.talker.finishWriting()
            #expect(await client.isOver())
        }
        #expect(house.server.start == .failed(.failed("no such disk")))
        #expect(house.server.isOver)
    }

    @Test func `who leaves before the server is ready leaves nothing behind`() async throws {
        let house = Starting()
        var openCount: Int {
            house.server.coordinator.setting.census.connections.load(ordering: .relaxed)
        }
        for (path, vanishes) in [
            ("/v1/locks", true), ("/v1/locks", false), ("/v1/tickets", true),
            ("/v1/tickets", false),
        ] {
            let client = house.client()
            client.post(request("POST", path, #"{"resource":"a","lease":60}"#))
            house.server.world.run()
            #expect(openCount == 1)
            if vanishes { client.talker.vanish() } else { client.talker.finishWriting() }
            house.server.world.run()
            if !vanishes { #expect(await client.response()?.status == 409) }
            house.server.world.advance(by: .seconds(5))
            // Its place is another's, however long it takes until the server is ready.
            #expect(openCount == 0)
        }
        house.end()
        house.server.world.advance(by: .seconds(5))
        let line = MemoryTalker(house.server.connect())
        #expect(await line.ask(#"{"op":"resources"}"#).contains(#""resources":[]"#))
    }
}
