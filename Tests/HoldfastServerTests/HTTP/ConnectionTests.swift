// The connection below the routes: what comes in, in which order it is answered, and how it ends.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastServer
import HoldfastSimulation
import HoldfastWire
import Testing

@Suite struct HTTPConnectionTests {
    @Test(arguments: Place.allCases)
    func `requests of one connection are answered in their order`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.http()
            client.post(
                request("GET", "/healthz") + request("GET", "/version") + request("GET", "/nothing")
                    + request("HEAD", "/healthz") + request("OPTIONS", "*")
            )
            let first = await client.response()
            #expect(first?.short == "200 ok\n")
            #expect(first?["Content-Length"] == "3")
            #expect(first?["Connection"] == nil)
            #expect(await client.response()?.json["protocol"]?.integer == 1)
            #expect(await client.response()?.json["code"]?.string == "not_found")
            let head = await client.response(toHead: true)
            #expect(head?["Content-Length"] == "3")
            #expect(await client.response()?.status == 204)
        }
    }

    @Test(arguments: Place.allCases)
    func `a client that asks for it is closed behind its response`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.http()
            client.post(request("GET", "/healthz", fields: ["Connection: close"]))
            #expect(await client.response()?["Connection"] == "close")
            client.talker.finishWriting()
            #expect(await client.isOver())

            let old = try await house.http()
            old.post("GET /healthz HTTP/1.0\r\n\r\n")
            #expect(await old.response()?["Connection"] == "close")
            old.talker.finishWriting()
            #expect(await old.isOver())

            let kept = try await house.http()
            for _ in 0..<2 {
                kept.post("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(await kept.response()?["Connection"] == "keep-alive")
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `what is no request is refused with a whole response and closed`(place: Place) async throws
    {
        let cases = [
            ("GET / HTTP/1.1\nHost: a\n\n", 400),
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
            (request("POST", "/v1/tickets", fields: ["Transfer-Encoding: gzip"]), 501),
            (request("POST", "/v1/tickets", fields: ["Content-Length: 65537"]), 413),
            ("GET /\(String(repeating: "x", count: 9_000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
            (request("GET", "/", fields: Array(repeating: "X: 1", count: 100)), 431),
            (request("GET", "/", fields: ["Expect: magic"]), 417),
        ]
        try await place.with { house in
            for (text, status) in cases {
                let client = try await house.http()
                client.post(text + request("GET", "/healthz"))
                let response = await client.response()
                #expect(response?.status == status)
                #expect(response?["Content-Type"] == "application/problem+json")
                #expect(response?["Connection"] == "close")
                #expect(response?.json["status"]?.integer == Int64(status))
                client.talker.finishWriting()
                #expect(await client.isOver())
            }
        }
    }

    @Test func `a client that waits for the word gets it before it sends the body`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            client.post(
                "POST /v1/tickets HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                    + "Content-Length: 16\r\n\r\n"
            )
            #expect(await client.response()?.status == 100)
            client.post(#"{"resource":"a"}"#)
            #expect(await client.response()?.status == 201)
        }
    }

    @Test func `a request that drips in is refused ten seconds after its first byte`() async throws
    {
        try await Place.inMemory { house in
            let client = try await house.http()
            await house.pass(.seconds(5))
            client.post("GET / HT")
            await house.pass(.seconds(9))
            client.post("TP/1.1\r\nHost: ")
            #expect(await client.response() == nil)
            await house.pass(.seconds(2))
            let response = await client.response()
            #expect(response?.status == 408)
            #expect(response?["Connection"] == "close")
        }
    }

    @Test func `a body that never comes is refused, too, and one behind a pipelined request`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.http()
            client.post(
                request("GET", "/healthz")
                    + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
            )
            #expect(await client.response()?.status == 200)
            await house.pass(.seconds(12))
            #expect(await client.response()?.status == 408)
        }
    }

    @Test func `a connection on which nothing is asked is closed without a word`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            #expect(try await client.ask("GET", "/healthz").status == 200)
            await house.pass(.seconds(70))
            #expect(try await client.ask("GET", "/healthz").status == 200)
            await house.pass(.seconds(80))
            #expect(await client.isOver())
            await house.pass(.seconds(3))
            let line = try await house.connect()
            #expect(await line.ask(#"{"op":"stats"}"#).contains(#""connections":1,"#))
        }
    }

    @Test(arguments: Place.allCases)
    func `the end of input does not take the answers from a client`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.http()
            client.post(request("GET", "/healthz") + request("GET", "/version") + "GET / HT")
            client.talker.finishWriting()
            #expect(await client.response()?.status == 200)
            #expect(await client.response()?.status == 200)
            #expect(await client.isOver())
        }
    }

    @Test(arguments: Place.allCases)
    func `a server that stops completes what is under way and closes`(place: Place) async throws {
        try await place.with { house in
            let holder = try await house.http()
            let held = try await holder.ask("POST", "/v1/tickets", #"{"resource":"a"}"#)
            #expect(held.status == 201)
            let waiter = try await house.http()
            waiter.post(request("POST", "/v1/locks?wait=300", #"{"resource":"a"}"#))
            waiter.talker.letServerRead()
            try await house.until {
                let list = try? await holder.ask("GET", "/v1/resources/a")
                return list?.json["queueLength"]?.integer == 1
            }
            house.stop()
            let answer = await waiter.response()
            #expect(answer?.status == 503)
            #expect(answer?.json["code"]?.string == "draining")
            #expect(answer?["Retry-After"] != nil)
            #expect(answer?["Connection"] == "close")
            #expect(await holder.isOver())
        }
    }

    @Test func `a request that drips in holds up a stop for a second`() async throws {
        try await Place.inMemory { house in
            let slow = try await house.http()
            slow.post("POST /v1/tickets HTTP/1.1\r\nHost: localhost\r\n")
            house.world.run()
            house.stop()
            await house.pass(.milliseconds(900))
            #expect(await slow.response() == nil)
            slow.post("X-More: 1\r\n")
            await house.pass(.milliseconds(100))
            let answer = await slow.response()
            #expect(answer?.status == 503)
            #expect(answer?.json["code"]?.string == "draining")
            #expect(await slow.isOver())
        }
    }

    @Test func `a client that keeps its connection open holds up no stop`() async throws {
        try await Place.inMemory { house in
            let idle = try await house.http()
            #expect(try await idle.ask("GET", "/healthz").status == 200)
            house.stop()
            await house.pass(.milliseconds(1_500))
            #expect(house.server.isOver)
        }
    }

    @Test func `a client that vanishes leaves the queue`() async throws {
        try await Place.inMemory { house in
            let holder = try await house.http()
            _ = try await holder.ask("POST", "/v1/tickets", #"{"resource":"a"}"#)
            for vanishes in [true, false] {
                let waiter = try await house.http()
                waiter.post(request("POST", "/v1/locks", #"{"resource":"a"}"#))
                #expect(await waiter.response() == nil)
                let queued = try await holder.ask("GET", "/v1/resources/a")
                #expect(queued.json["queueLength"]?.integer == 1)
                if vanishes {
                    waiter.talker.vanish()
                    house.world.run()
                } else {
                    waiter.talker.finishWriting()
                    #expect(await waiter.response()?.json["code"]?.string == "timed_out")
                    #expect(await waiter.isOver())
                }
                let left = try await holder.ask("GET", "/v1/resources/a")
                #expect(left.json["queueLength"]?.integer == 0)
                // Nor does its place stay taken, or a stop wait for it.
                await house.pass(.seconds(3))
                let stats = try await holder.ask("GET", "/metrics")
                #expect(stats.body.contains("\nholdfast_connections 1\n"))
            }
        }
    }

    @Test func `what came before the end of the input is answered, also behind a wait`()
        async throws
    {
        try await Place.inMemory { house in
            let holder = try await house.http()
            _ = try await holder.ask("POST", "/v1/tickets", #"{"resource":"a"}"#)
            let waiter = try await house.http()
            waiter.post(
                request("POST", "/v1/locks", #"{"resource":"a"}"#)
                    + request("GET", "/healthz")
                    + request("POST", "/v1/locks", #"{"resource":"a"}"#)
                    + request("POST", "/v1/tickets", #"{"resource":"b"}"#)
            )
            #expect(await waiter.response() == nil)
            waiter.talker.finishWriting()
            for status in [409, 200, 409, 201] {
                let answer = await waiter.response()
                #expect(answer?.status == status)
                #expect((answer?["Connection"] == "close") == (status == 201))
            }
            #expect(await waiter.isOver())
        }
    }

    @Test(arguments: [HTTPLimits.bytesBehindMax - 1, HTTPLimits.bytesBehindMax])
    func `a wait ends when so much comes behind it that nobody would see its client go`(
        count: Int
    ) async throws {
        try await Place.inMemory { house in
            let holder = try await house.http()
            _ = try await holder.ask("POST", "/v1/tickets", #"{"resource":"a"}"#)
            let waiter = try await house.http()
            waiter.post(request("POST", "/v1/locks", #"{"resource":"a"}"#))
            #expect(await waiter.response() == nil)
            let behind = request("GET", "/healthz")
            let whole = String(repeating: behind, count: count / behind.utf8.count)
            waiter.post(whole + behind.prefix(count - whole.utf8.count))
            let answer = await waiter.response()
            let isTooMuch = count == HTTPLimits.bytesBehindMax
            #expect(answer?.status == (isTooMuch ? 400 : nil))
            let list = try await holder.ask("GET", "/v1/resources/a")
            #expect(list.json["queueLength"]?.integer == (isTooMuch ? 0 : 1))
            guard isTooMuch else { return }
            #expect(answer?.json["message"]?.string?.contains("65536 bytes") == true)
            #expect(await waiter.response()?.status == 200)
        }
    }

    @Test func `what comes behind a stream of events ends it in good order`() async throws {
        try await Place.inMemory { house in
            let watcher = try await house.http()
            watcher.post(request("GET", "/v1/events"))
            #expect(await watcher.response()?.status == 200)
            _ = await watcher.piece()
            let behind = request("GET", "/healthz")
            let count = HTTPLimits.bytesBehindMax / behind.utf8.count + 1
            watcher.post(String(repeating: behind, count: count))
            #expect(await watcher.piece() == nil)
            #expect(await watcher.isOver())
        }
    }

    @Test func `too many connections are told so`() async throws {
        try await Place.inMemory {
            $0.limits.connections = 1
        } body: { house in
            let first = try await house.http()
            #expect(try await first.ask("GET", "/healthz").status == 200)
            let second = try await house.http()
            let response = await second.response()
            #expect(response?.status == 429)
            #expect(response?.json["limit"]?.string == "connections")
            #expect(await second.isOver())
        }
    }

    @Test func `a client that reads nothing is closed and holds nobody up`() async throws {
        try await Place.inMemory { house in
            let client = house.server.connectHTTP(replyCapacity: 64)
            client.post(
                bytes: Array((request("GET", "/version") + request("GET", "/version")).utf8)
            )
            house.world.run()
            let other = try await house.http()
            #expect(try await other.ask("GET", "/healthz").status == 200)
            await house.pass(.seconds(15))
            let stats = try await other.ask("GET", "/metrics")
            #expect(stats.body.contains("\nholdfast_connections 1\n"))
        }
    }
}
