// Rule 5: a session is a client's presence; what is bound to it lives and ends with it.

import HoldfastModel
import HoldfastWire
import Testing

/// What `hello` told of a session.
struct SessionName {
    var id: String
    var secret: String

    init(_ hello: String) {
        id = hello.json["session"]?["id"]?.string ?? "(no session)"
        secret = hello.json["session"]?["secret"]?.string ?? "(no secret)"
    }

    /// The line that takes the session up again.
    func resume(_ fields: String = "") -> String {
        #"{"id":"r","op":"hello","version":1,"resume":{"session":"\#(id)","secret":"\#(secret)"}\#(fields)}"#
    }
}

struct SessionTests {
    @Test(arguments: Place.allCases)
    func `hello opens a session with a grace and a secret`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(#"{"op":"hello","version":1,"session":{}}"#)
            #expect(
                shape(reply).hasSuffix(
                    #","session":{"id":"S","secret":"S","grace":10,"resumed":false}}"#
                )
            )
            #expect(SessionName(reply).secret.utf8.count >= 24)
            #expect(await client.ask(#"{"op":"stats"}"#).number("sessions") == 1)
        }
    }

    @Test(arguments: Place.allCases)
    func `when the grace is over the tickets of the session end, held ones too`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (client, other) = (try await house.connect(), try await house.connect())
            _ = await client.ask(#"{"op":"hello","version":1,"session":{"grace":0.2}}"#)
            var waiters: [any Talker] = []
            for loop in 0..<loopCount {
                let path = path("a", onLoop: loop)
                _ = await client.ask(#"{"op":"queue","resource":"\#(path)"}"#)
                let waiter = try await house.connect()
                #expect(
                    await waiter.ask(#"{"op":"queue","resource":"\#(path)"}"#).state == "queued"
                )
                waiters.append(waiter)
            }
            client.vanish()
            await house.pass(.milliseconds(200))
            for waiter in waiters {
                #expect(await waiter.next().text("event") == "acquired")
            }
            let history = await other.ask(
                #"{"op":"history","resource":"\#(path("a", onLoop: 0))"}"#
            )
            #expect(history.contains(#""event":"session_ended","number":1"#))
            #expect(await other.ask(#"{"op":"stats"}"#).number("sessions") == 0)
        }
    }

    @Test func `the grace runs from the end of the connection, not a moment less`()
        async throws
    {
        try await Place.inMemory { house in
            let (client, other) = (try await house.connect(), try await house.connect())
            _ = await client.ask(#"{"op":"hello","version":1,"session":{"grace":2}}"#)
            _ = await client.ask(#"{"op":"queue","resource":"a","lease":3600}"#)
            await house.pass(.seconds(100))
            client.vanish()
            await house.pass(.milliseconds(1_999))
            let list = await other.ask(#"{"op":"list","resource":"a"}"#)
            #expect(list.number("holderCount") == 1)
            await house.pass(.milliseconds(1))
            #expect(await other.ask(#"{"op":"queue","resource":"a"}"#).state == "acquired")
        }
    }

    @Test(arguments: Place.allCases)
    func `a session that is taken up in time keeps its tickets`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let hello = await client.ask(#"{"op":"hello","version":1,"session":{"grace":30}}"#)
            let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
            client.vanish()
            // On another loop than before, in memory.
            let again = try await house.connect()
            let reply = await again.ask(SessionName(hello).resume())
            #expect(
                shape(reply).hasSuffix(
                    #","session":{"id":"S","secret":"S","grace":30,"resumed":true}}"#
                )
            )
            #expect(SessionName(reply).id == SessionName(hello).id)
            #expect(SessionName(reply).secret == SessionName(hello).secret)
            let renewal = await again.ask(#"{"op":"renew","ticket":"\#(held.ticket)"}"#)
            #expect(renewal.fence == held.fence)
            let bound = await again.ask(#"{"op":"queue","resource":"b"}"#)
            let view = await again.ask(#"{"op":"status","ticket":"\#(bound.ticket)"}"#)
            #expect(view.text("bind") == "session")
        }
    }

    @Test(arguments: Place.allCases)
    func `a resume that may not be answers not_found, whatever is wrong`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let hello = await client.ask(
                #"{"op":"hello","version":1,"token":"ann","session":{}}"#
            )
            let session = SessionName(hello)
            var (secret, unknown) = (session, session)
            secret.secret = String(session.secret.reversed())
            unknown.id = "AAAAAAAAAAA"
            var nonsense = session
            nonsense.id = "nonsense"
            let other = try await house.connect()
            let ann = #","token":"ann""#
            let lines = [
                secret.resume(ann), unknown.resume(ann), nonsense.resume(ann),
                session.resume(#","token":"bob""#), session.resume(),
            ]
            var replies: Set<String> = []
            for line in lines { replies.insert(await other.ask(line)) }
            #expect(replies.count == 1)
            #expect(
                shape(replies.first ?? "")
                    == #"{"id":"r","ok":false,"error":{"code":"not_found","message":"M","retryable":false}}"#
            )
            #expect(await other.ask(session.resume(ann)).code == "ok")
        }
    }

    @Test(arguments: Place.allCases)
    func `the last resume wins, and the older connection is told and closed`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (older, newer) = (try await house.connect(), try await house.connect())
            let hello = await older.ask(#"{"op":"hello","version":1,"session":{}}"#)
            let held = await older.ask(#"{"op":"queue","resource":"a"}"#)
            #expect(await newer.ask(SessionName(hello).resume()).code == "ok")
            #expect(await older.next() == #"{"event":"goodbye","reason":"resumed_elsewhere"}"#)
            #expect(await older.isOver())
            let renewal = await newer.ask(#"{"op":"renew","ticket":"\#(held.ticket)"}"#)
            #expect(renewal.state == "acquired")
        }
    }

    @Test func `the end of the older connection does not start the grace`() async throws {
        try await Place.inMemory { house in
            let (older, newer) = (try await house.connect(), try await house.connect())
            let hello = await older.ask(#"{"op":"hello","version":1,"session":{"grace":1}}"#)
            let held = await older.ask(#"{"op":"queue","resource":"a","lease":3600}"#)
            _ = await newer.ask(SessionName(hello).resume())
            older.vanish()
            await house.pass(.seconds(60))
            let renewal = await newer.ask(#"{"op":"renew","ticket":"\#(held.ticket)"}"#)
            #expect(renewal.state == "acquired")
        }
    }

    @Test(arguments: Place.allCases)
    func `bye ends the session and its tickets at once, on every loop`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (client, other) = (try await house.connect(), try await house.connect())
            let hello = await client.ask(#"{"op":"hello","version":1,"session":{}}"#)
            let paths = (0..<loopCount).map { path("a", onLoop: $0) }
            for path in paths {
                _ = await client.ask(
                    #"{"op":"queue","resource":"\#(path)","notify":"none"}"#
                )
            }
            #expect(await client.ask(#"{"id":1,"op":"bye"}"#) == #"{"id":1,"ok":true}"#)
            for path in paths {
                let reply = await other.ask(#"{"op":"queue","resource":"\#(path)"}"#)
                #expect(reply.state == "acquired")
            }
            #expect(await other.ask(SessionName(hello).resume()).code == "bad_request")
            let late = try await house.connect()
            #expect(await late.ask(SessionName(hello).resume()).code == "not_found")
            // The connection goes on without a session.
            let bound = await client.ask(#"{"op":"queue","resource":"b","bind":"session"}"#)
            #expect(bound.text("field") == "bind")
        }
    }

    @Test(arguments: Place.allCases)
    func `a holder hears that its session ended, and by bye nothing else is left of it`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"hello","version":1,"session":{}}"#)
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            client.post(#"{"id":1,"op":"bye"}"#)
            let lines = await client.next(2)
            #expect(lines.contains(#"{"id":1,"ok":true}"#))
            #expect(
                lines.map(shape).contains(
                    #"{"event":"lost","ticket":"T","resource":"a","ended":"session_ended"}"#
                )
            )
            #expect(await client.ask(#"{"op":"stats"}"#).number("sessions") == 0)
        }
    }

    @Test func `a ticket of its own outlives the session`() async throws {
        try await Place.inMemory { house in
            let (client, other) = (try await house.connect(), try await house.connect())
            _ = await client.ask(#"{"op":"hello","version":1,"session":{"grace":1}}"#)
            _ = await client.ask(#"{"op":"queue","resource":"a","bind":"ticket"}"#)
            client.vanish()
            await house.pass(.seconds(10))
            let list = await other.ask(#"{"op":"list","resource":"a"}"#)
            #expect(list.number("holderCount") == 1)
        }
    }

    @Test func `rule 15: the end of a session closes what it held for the lock delay`()
        async throws
    {
        try await Place.inMemory { house in
            let (client, other) = (try await house.connect(), try await house.connect())
            _ = await client.ask(#"{"op":"hello","version":1,"session":{"grace":1}}"#)
            _ = await client.ask(#"{"op":"queue","resource":"a","lockDelay":5}"#)
            client.vanish()
            await house.pass(.seconds(1))
            let refused = await other.ask(#"{"op":"queue","resource":"a","maxWait":0}"#)
            #expect(refused.code == "conflict")
            #expect(refused.number("closedFor") == 5)
            await house.pass(.seconds(5))
            #expect(await other.ask(#"{"op":"queue","resource":"a"}"#).state == "acquired")
        }
    }
}
