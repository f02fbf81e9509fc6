// What /metrics shows after things whose count and length are known: in memory, where time passes only when told to.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Testing

@testable import HoldfastServer

/// One scrape, line by line.
private struct Scrape {
    let lines: [String]

    init(_ client: HTTPTalker) async throws {
        let response = try await client.ask("GET", "/metrics")
        #expect(response.status == 200)
        lines = response.body.split(separator: "\n").map(String.init)
    }

    /// What stands behind this name and its labels; nil where it is not shown.
    subscript(_ series: String) -> String? {
        lines.first { $0.hasPrefix(series + " ") }.map { String($0.dropFirst(series.count + 1)) }
    }

    /// Without the nanoseconds that only keep the order of the history.
    func seconds(_ series: String) -> Double? {
        self[series].flatMap { Double($0) }.map { ($0 * 1_000_000).rounded() / 1_000_000 }
    }

    func count(_ op: String, _ outcome: String) -> String? {
        self["holdfast_requests_total{op=\"\(op)\",outcome=\"\(outcome)\"}"]
    }
}

extension HTTPTalker {
    fileprivate func queue(_ resource: String, as owner: String) async throws -> String {
        let body = #"{"resource":"\#(resource)","lease":3600}"#
        let answer = try await ask("POST", "/v1/tickets", body, fields: [bearer(owner)])
        return try #require(answer.json["ticket"]?.string)
    }

    fileprivate func release(_ ticket: String, as owner: String) async throws {
        let answer = try await ask("DELETE", "/v1/tickets/\(ticket)", fields: [bearer(owner)])
        #expect(answer.status == 200)
    }
}

struct MetricsTests {
    /// Whoever scrapes them has no token, which is what that flag is for.
    @Test(arguments: [(false, 401), (true, 200)])
    func `metrics that are open need no name`(isOpen: Bool, status: Int) async throws {
        let table = try AccessTable(parsing: #"{"role":"r","rights":["read:**"]}"#)
        let authority = TokenAuthority(table, owners: OwnerDirectory(), digest: plainDigest)
        var http = HTTPSetting()
        http.areMetricsOpen = isOpen
        let server = VirtualServer(authority: authority, http: http)
        let client = HTTPTalker(MemoryTalker(server.connectHTTP()))
        #expect(try await client.ask("GET", "/metrics").status == status)
    }

    @Test func `answers are counted by operation and outcome, over TCP and HTTP`()
        async throws
    {
        try await Place.inMemory { house in
            let (client, line) = (try await house.http(), try await house.connect())
            let ticket = try await client.queue("a", as: "one")
            _ = try await client.ask("POST", "/v1/tickets", #"{"resource":"a","maxWait":0}"#)
            _ = await line.ask(#"{"op":"queue","resource":"a","maxWait":0}"#)
            _ = await line.ask(#"{"op":"ping"}"#)
            _ = await line.ask("no JSON")
            _ = await line.ask(#"{"op":"unwatch","watch":7}"#)
            try await client.release(ticket, as: "one")
            let scrape = try await Scrape(client)
            #expect(scrape.count("queue", "ok") == "1")
            #expect(scrape.count("queue", "conflict") == "2")
            #expect(scrape.count("release", "ok") == "1")
            #expect(scrape.count("ping", "ok") == "1")
            #expect(scrape.count("unreadable", "bad_request") == "1")
            #expect(scrape.count("unwatch", "not_found") == "1")
            #expect(scrape.count("renew", "ok") == "0")
            #expect(scrape.count("renew", "lost") == nil)
            #expect(scrape[#"holdfast_http_responses_total{code="201"}"#] == "1")
            #expect(scrape[#"holdfast_http_responses_total{code="409"}"#] == "1")
        }
    }

    @Test func `what was waited for counts for the operation that waited`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let (first, second) = (try await house.connect(), try await house.connect())
            let ticket = try await client.queue("a", as: "one")
            first.post(#"{"op":"lock","resource":"a"}"#)
            _ = await first.line()
            second.post(#"{"op":"lock","resource":"a","wait":5,"notify":"none"}"#)
            second.letServerRead()
            await house.pass(.seconds(6))
            try await client.release(ticket, as: "one")
            let scrape = try await Scrape(client)
            #expect(scrape.count("lock", "ok") == "1")
            #expect(scrape.count("lock", "timed_out") == "1")
        }
    }

    @Test func `an acquire that waited and lost its ticket counts as one`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            _ = try await client.queue("a", as: "one")
            let waiter = try await client.queue("a", as: "two")
            let line = try await house.connect()
            _ = await line.ask(#"{"op":"hello","version":1,"token":"two"}"#)
            line.post(#"{"op":"acquire","ticket":"\#(waiter)","wait":60}"#)
            line.letServerRead()
            let lock = try await house.connect()
            lock.post(#"{"op":"lock","resource":"a","notify":"none"}"#)
            lock.letServerRead()
            _ = try await client.ask("DELETE", "/v1/resources/a")
            #expect(await line.line()?.contains(#""code":"lost""#) == true)
            let scrape = try await Scrape(client)
            #expect(scrape.count("acquire", "lost") == "1")
            #expect(scrape.count("lock", "lost") == "1")
        }
    }

    @Test func `waits and holds fall into the buckets of their length`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let holder = try await client.queue("a", as: "one")
            let waiter = try await client.queue("a", as: "two")
            _ = try await client.queue("a", as: "three")
            #expect(try await Scrape(client)["holdfast_queue_depth_max"] == "2")
            await house.pass(.seconds(10))
            try await client.release(holder, as: "one")
            await house.pass(.seconds(60))
            try await client.release(waiter, as: "two")
            let scrape = try await Scrape(client)
            #expect(scrape["holdfast_queue_depth_max"] == "0")
            #expect(scrape[#"holdfast_ticket_wait_seconds_bucket{le="0.001"}"#] == "1")
            #expect(scrape[#"holdfast_ticket_wait_seconds_bucket{le="5.0"}"#] == "1")
            #expect(scrape[#"holdfast_ticket_wait_seconds_bucket{le="30.0"}"#] == "2")
            #expect(scrape[#"holdfast_ticket_wait_seconds_bucket{le="120.0"}"#] == "3")
            #expect(scrape[#"holdfast_ticket_wait_seconds_bucket{le="+Inf"}"#] == "3")
            #expect(scrape.seconds("holdfast_ticket_wait_seconds_sum") == 80)
            #expect(scrape["holdfast_ticket_wait_seconds_count"] == "3")
            #expect(scrape[#"holdfast_ticket_hold_seconds_bucket{le="5.0"}"#] == "0")
            #expect(scrape[#"holdfast_ticket_hold_seconds_bucket{le="30.0"}"#] == "1")
            #expect(scrape.seconds("holdfast_ticket_hold_seconds_sum") == 70)
            #expect(scrape["holdfast_ticket_hold_seconds_count"] == "2")
        }
    }

    @Test func `each loop tells its lag, and no client names a label`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            for number in 0..<20 { _ = try await client.queue("r\(number)", as: "o\(number)") }
            _ = try await client.ask("GET", "/nothing/here")
            let scrape = try await Scrape(client)
            #expect(scrape[#"holdfast_loop_lag_seconds_bucket{loop="0",le="0.001"}"#] == "0")
            #expect(scrape[#"holdfast_loop_lag_seconds_sum{loop="0"}"#] == "0.0")
            #expect(scrape[#"holdfast_loop_lag_seconds_count{loop="1"}"#] == "0")
            #expect(scrape[#"holdfast_loop_lag_seconds_count{loop="2"}"#] == nil)
            let labels = Set(
                scrape.lines.filter { !$0.hasPrefix("#") }.compactMap { line in
                    line.split(separator: "{").dropFirst().first?.prefix { $0 != "=" }
                }.map(String.init)
            )
            #expect(labels == ["op", "code", "le", "loop", "version"])
            #expect(scrape.lines.count < 300)
        }
    }

    @Test
    func
        `every name is explained once, before its series`()
        async throws
    {
        try await Place.inMemory { house in
            let scrape = try await Scrape(try await house.http())
            var explained: Set<Substring> = []
            for line in scrape.lines {
                let words = line.split(separator: " ")
                switch words[1] {
                case "HELP": #expect(explained.insert(words[2]).inserted, "\(line)")
                case "TYPE": #expect(explained.contains(words[2]), "\(line)")
                default:
                    #expect(explained.contains { words[0].hasPrefix($0) }, "\(line)")
                }
            }
            #expect(scrape["process_resident_memory_bytes"] == nil)
        }
    }
}
