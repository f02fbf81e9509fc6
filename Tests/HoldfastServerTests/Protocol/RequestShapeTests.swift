// PROTOCOL §2: ids, fields that nobody knows, and what is wrong with the others.

import HoldfastModel
import HoldfastWire
import Testing

struct RequestShapeTests {
    @Test(arguments: Place.allCases)
    func `an id is echoed as it came, and left out where it was left out`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let longest = String(repeating: "i", count: 64)
            for id in ["0", "9007199254740991", #""""#, #""ä\n\"""#, #""\#(longest)""#] {
                let reply = await client.ask(#"{"id":\#(id),"op":"bye"}"#)
                #expect(reply == #"{"id":\#(id),"ok":true}"#)
            }
            #expect(await client.ask(#"{"op":"bye"}"#) == #"{"ok":true}"#)
            #expect(await client.ask(#"{"id":null,"op":"bye"}"#) == #"{"ok":true}"#)
            #expect(await client.ask(#"{"op":"bye","id":3}"#) == #"{"id":3,"ok":true}"#)
        }
    }

    @Test(arguments: Place.allCases)
    func `what is no id is bad_request and echoed by nobody`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let tooLong = String(repeating: "i", count: 65)
            for id in [
                "-1", "1.0", "1e2", "9007199254740992", "true", "[]", "{}", #""\#(tooLong)""#,
            ] {
                let reply = await client.ask(#"{"id":\#(id),"op":"ping"}"#)
                #expect(
                    shape(reply)
                        == #"{"ok":false,"error":{"code":"bad_request","message":"M","retryable":false},"field":"id"}"#,
                    "\(id)"
                )
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `an operation that nobody knows is unknown_op, one that is missing bad_request`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            #expect(
                shape(await client.ask(#"{"id":1,"op":"frobnicate","resource":"a"}"#))
                    == #"{"id":1,"ok":false,"error":{"code":"unknown_op","message":"M","retryable":false}}"#
            )
            for line in [#"{"id":1}"#, #"{"id":1,"op":null}"#, #"{"id":1,"op":5}"#] {
                #expect(
                    shape(await client.ask(line))
                        == #"{"id":1,"ok":false,"error":{"code":"bad_request","message":"M","retryable":false},"field":"op"}"#
                )
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 24: fields that the server does not know are named, also beside an error`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let one = await client.ask(
                #"{"id":1,"op":"queue","resource":"a","maxwait":1,"x":{"lease":1},"wait":5}"#
            )
            #expect(one.json["ignored"]?.description == #"["maxwait","x","wait"]"#)
            let two = await client.ask(#"{"op":"queue","resource":"a","maxWait":0,"y":1}"#)
            #expect(two.code == "conflict")
            #expect(two.json["ignored"]?.description == #"["y"]"#)
            let three = await client.ask(#"{"op":"queue","resource":"a","lease":"x","y":1}"#)
            #expect(three.code == "bad_request")
            #expect(three.json["ignored"]?.description == #"["y"]"#)
            let lock = await client.ask(#"{"op":"lock","resource":"b","z":1}"#)
            #expect(lock.json["ignored"]?.description == #"["z"]"#)
            let late = await client.ask(#"{"op":"hello","version":1,"z":1}"#)
            #expect(late.code == "bad_request")
            #expect(late.json["ignored"]?.description == #"["z"]"#)
        }
    }

    @Test(arguments: Place.allCases)
    func `null is the same as absent`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(
                #"{"op":"queue","resource":"a","lease":null,"mode":null,"meta":null,"x":null}"#
            )
            #expect(reply.number("lease") == 30)
            #expect(reply.json["ignored"]?.description == #"["x"]"#)
            let missing = await client.ask(#"{"op":"queue","resource":null}"#)
            #expect(missing.text("field") == "resource")
        }
    }

    /// A field of `queue` with a value that it must not have.
    private static let wrong: [(field: String, values: [String])] = [
        (
            "resource",
            ["1", #""""#, #""/a""#, #""a/""#, #""a//b""#, #"".""#, #""a/..""#, #""\u0007""#]
        ),
        ("lease", [#""30""#, "0.099", "86400.001", "-1", "true"]),
        ("mode", [#""x""#, "1"]),
        ("maxWait", ["-0.001", "86400.001", #""1""#]),
        ("priority", ["-1", "10", "1.5", #""1""#]),
        ("key", [#""""#, "1", #""\#(String(repeating: "k", count: 129))""#]),
        ("ifMine", [#""x""#]), ("bind", [#""x""#]), ("stealable", ["1", #""true""#]),
        ("lockDelay", ["-1", "60.001"]), ("pollWithin", ["0.099", "86400.001"]),
        ("holder", ["1", #""\#(String(repeating: "h", count: 257))""#]),
        ("reason", ["{}", #""\#(String(repeating: "r", count: 257))""#]),
        ("meta", ["1", #"{"k":1}"#, #"{"k":"\#(String(repeating: "m", count: 1_024))"}"#]),
        ("notify", [#""all""#, "true"]), ("permits", ["1"]), ("of", ["1"]),
    ]

    @Test(arguments: Place.allCases)
    func `a field of the wrong type or out of range is named`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            for (field, values) in Self.wrong {
                for value in values {
                    let resource = field == "resource" ? "" : #""resource":"a","#
                    let reply = await client.ask(
                        #"{"id":1,"op":"queue",\#(resource)"\#(field)":\#(value)}"#
                    )
                    #expect(reply.code == "bad_request", "\(field) \(value)")
                    #expect(reply.text("field") == field, "\(value)")
                }
            }
            let stats = await client.ask(#"{"op":"stats"}"#)
            #expect(stats.number("granted") == 0)
        }
    }

    @Test(arguments: Place.allCases)
    func `ranges include their ends`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let (key, text) = (
                String(repeating: "k", count: 128), String(repeating: "t", count: 256)
            )
            let lines = [
                #""lease":86400,"maxWait":86400,"priority":9,"lockDelay":60,"pollWithin":86400,"key":"\#(key)""#,
                #""lease":0.1,"maxWait":0,"priority":0,"lockDelay":0,"pollWithin":0.1,"notify":"none""#,
                #""mode":"permit","permits":1000000,"of":1000000,"holder":"\#(text)","reason":"\#(text)""#,
                #""meta":{"k":"\#(String(repeating: "m", count: 1_023))"}"#,
            ]
            for (number, fields) in lines.enumerated() {
                let reply = await client.ask(#"{"op":"queue","resource":"r\#(number)",\#(fields)}"#)
                #expect(reply.state == "acquired", "\(reply)")
            }
            let path = String(repeating: "p", count: 512)
            #expect(
                await client.ask(#"{"op":"queue","resource":"\#(path)"}"#).state == "acquired"
            )
            let longer = await client.ask(#"{"op":"queue","resource":"\#(path)p"}"#)
            #expect(longer.text("field") == "resource")
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 1: paths are compared as bytes`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let composed = await client.ask(#"{"op":"queue","resource":"caf\u00e9"}"#)
            let decomposed = await client.ask(#"{"op":"queue","resource":"cafe\u0301"}"#)
            #expect(composed.state == "acquired")
            #expect(decomposed.state == "acquired")
            let same = await client.ask(#"{"op":"queue","resource":"café"}"#)
            #expect(same.state == "queued")
        }
    }

    @Test(arguments: Place.allCases)
    func `durations are written as whole numbers where they are whole`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            for (asked, written) in [("3", "3"), ("4.0", "4"), ("2.5", "2.5"), ("1e1", "10")] {
                let reply = await client.ask(
                    #"{"op":"queue","resource":"a\#(written)","lease":\#(asked)}"#
                )
                #expect(reply.contains(#""lease":\#(written),"remaining":"#), "\(reply)")
            }
        }
    }
}
