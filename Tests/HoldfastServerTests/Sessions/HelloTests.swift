// `hello`: who somebody is, and when it may be said.

import HoldfastModel
import HoldfastWire
import Testing

struct HelloTests {
    @Test(arguments: Place.allCases)
    func `hello tells what the server is and allows`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(
                #"{"id":1,"op":"hello","version":1,"client":"test/1","token":"ann"}"#
            )
            let node = reply.text("node")
            #expect(node != "")
            #expect(
                reply.hasPrefix(
                    #"{"id":1,"ok":true,"server":"holdfast/0.1.0","protocol":1,"node":"\#(node)","principal":"ann","#
                        + #""rights":["lock:**","read:**","steal:**","admin:**"],"limits":{"#
                )
            )
            #expect(reply.json["session"] == nil)
            // Descriptors bound the connections of a process.
            let limits = (reply.json["limits"]?.members ?? []).map {
                $0.name == "connections" ? "connections" : "\($0.name) \($0.value)"
            }
            #expect(
                limits == [
                    "line 65536", "connections", "connections_per_principal 16384",
                    "in_flight 1024", "waits 16384", "queue 250000",
                    "tickets_per_principal 100000", "resources 4000000", "sessions 65536",
                    "watches 64", "outbound 4194304", "meta 1024", "retained 64", "history 64",
                    "lease 86400",
                ]
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 4: without a name everybody is anonymous`(place: Place) async throws {
        try await place.with { house in
            let (one, other) = (try await house.connect(), try await house.connect())
            let hello = await one.ask(#"{"op":"hello","version":1}"#)
            #expect(hello.text("principal") == "anonymous")
            let held = await one.ask(#"{"op":"queue","resource":"a"}"#)
            let renewal = await other.ask(#"{"op":"renew","ticket":"\#(held.ticket)"}"#)
            #expect(renewal.state == "acquired")
        }
    }

    @Test(arguments: Place.allCases)
    func `hello is said once, and first`(place: Place) async throws {
        try await place.with { house in
            let (one, other) = (try await house.connect(), try await house.connect())
            let line = #"{"id":1,"op":"hello","version":1}"#
            let refused =
                #"{"id":1,"ok":false,"error":{"code":"bad_request","message":"M","retryable":false}}"#
            #expect(await one.ask(line).code == "ok")
            #expect(shape(await one.ask(line)) == refused)
            #expect(await other.ask(#"{"op":"ping"}"#).code == "ok")
            #expect(shape(await other.ask(line)) == refused)
            // Neither harms the connection.
            #expect(await other.ask(#"{"op":"ping"}"#).code == "ok")
        }
    }

    @Test(arguments: Place.allCases)
    func `a version that is not spoken is refused, and another hello may follow`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            for version in ["2", "0", #""1""#] {
                let reply = await client.ask(#"{"id":1,"op":"hello","version":\#(version)}"#)
                #expect(
                    shape(reply)
                        == #"{"id":1,"ok":false,"error":{"code":"bad_request","message":"M","retryable":false},"field":"version"}"#
                )
            }
            #expect(await client.ask(#"{"op":"hello"}"#).text("field") == "version")
            #expect(await client.ask(#"{"op":"hello","version":1}"#).code == "ok")
        }
    }

    @Test(arguments: Place.allCases)
    func `a token that cannot be a name is unauthenticated`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            func hello(_ count: Int) async -> String {
                let token = String(repeating: "t", count: count)
                return await client.ask(#"{"id":1,"op":"hello","version":1,"token":"\#(token)"}"#)
            }
            #expect(
                shape(await hello(257))
                    == #"{"id":1,"ok":false,"error":{"code":"unauthenticated","message":"M","retryable":false}}"#
            )
            #expect(await hello(16_385).text("field") == "token")
            #expect(await hello(256).code == "ok")
        }
    }

    @Test(arguments: Place.allCases)
    func `a hello that failed leaves the connection who it was`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let failed = await client.ask(
                #"{"op":"hello","version":1,"token":"bob","resume":{"session":"AAAAAAAAAAA","secret":"x"}}"#
            )
            #expect(failed.code == "not_found")
            let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let view = await client.ask(#"{"op":"status","ticket":"\#(held.ticket)"}"#)
            #expect(view.text("owner") == "anonymous")
        }
    }

    @Test(arguments: Place.allCases)
    func `the objects inside hello are read as strictly as the rest`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let wrong: [(fields: String, field: String)] = [
                (#""session":1"#, "session"), (#""session":{"grace":0.099}"#, "session.grace"),
                (#""session":{"grace":300.001}"#, "session.grace"),
                (#""session":{"grace":"1"}"#, "session.grace"),
                (#""resume":{"secret":"x"}"#, "resume.session"),
                (#""resume":{"session":"x"}"#, "resume.secret"),
                (#""resume":"x""#, "resume"), (#""client":1"#, "client"), (#""token":1"#, "token"),
            ]
            for (fields, field) in wrong {
                let reply = await client.ask(#"{"op":"hello","version":1,\#(fields)}"#)
                #expect(reply.code == "bad_request", "\(fields)")
                #expect(reply.text("field") == field, "\(fields)")
            }
            let fine = await client.ask(
                #"{"op":"hello","version":1,"session":{"grace":0.1,"x":1}}"#
            )
            #expect(fine.json["session"]?["grace"]?.double == 0.1)
            #expect(fine.json["ignored"]?.description == #"["session.x"]"#)
        }
    }
}
