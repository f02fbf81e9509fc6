// PROTOCOL §1: how bytes become lines, and what becomes of bytes that are none.

import HoldfastModel
import HoldfastServer
import HoldfastWire
import Testing

struct FramingTests {
    @Test(arguments: Place.allCases)
    func `a carriage return before the line end is dropped, empty lines are ignored`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            client.post(
                bytes: Array(
                    "\n\r\n{\"id\":1,\"op\":\"bye\"}\r\n\n{\"id\":2,\"op\":\"bye\"}\n".utf8
                )
            )
            #expect(await client.next(2) == [#"{"id":1,"ok":true}"#, #"{"id":2,"ok":true}"#])
        }
    }

    @Test(arguments: Place.allCases)
    func `a line may come a byte at a time`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            for byte in "{\"id\":1,\"op\":\"bye\"}\n".utf8 {
                client.post(bytes: [byte])
                client.letServerRead()
            }
            #expect(await client.next() == #"{"id":1,"ok":true}"#)
        }
    }

    @Test(arguments: Place.allCases)
    func `one segment may end anywhere in a line`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let bytes = Array(
                "{\"id\":1,\"op\":\"bye\"}\n{\"id\":2,\"op\":\"bye\"}\n{\"id\":3,\"op\":\"bye\"}\n"
                    .utf8
            )
            for cut in stride(from: 1, to: bytes.count, by: 7) {
                client.post(bytes: Array(bytes[..<cut]))
                client.letServerRead()
                client.post(bytes: Array(bytes[cut...]))
                #expect(await client.next(3).map { $0.number("id") } == [1, 2, 3])
            }
        }
    }

    /// A ping of exactly this many bytes.
    private func ping(byteCount: Int) -> String {
        let frame = #"{"id":1,"op":"ping","pad":""}"#
        let pad = String(repeating: "x", count: byteCount - frame.utf8.count)
        return #"{"id":1,"op":"ping","pad":"\#(pad)"}"#
    }

    @Test(arguments: Place.allCases)
    func `a line may be as long as the limit says, not counting its end`(
        place: Place
    ) async throws {
        try await place.with {
            $0.limits.lineBytes = 100
        } body: { house in
            let client = try await house.connect()
            for count in [99, 100] {
                #expect(await client.ask(ping(byteCount: count)).code == "ok")
                #expect(await client.ask(ping(byteCount: count) + "\r").code == "ok")
            }
            let reply = await client.ask(ping(byteCount: 101))
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":false,"error":{"code":"line_too_long","message":"M","retryable":false},"limit":"line"}"#
            )
            #expect(await client.next() == #"{"event":"goodbye","reason":"line_too_long"}"#)
            #expect(await client.isOver())
        }
    }

    @Test(arguments: Place.allCases)
    func `a line that never ends is refused before it ends`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            client.post(#"{"id":1,"op":"bye"}"#)
            client.post(bytes: Array(repeating: UInt8(ascii: "x"), count: 65_538))
            #expect(await client.next() == #"{"id":1,"ok":true}"#)
            #expect(await client.next().code == "line_too_long")
            #expect(await client.next().text("reason") == "line_too_long")
            #expect(await client.isOver())
        }
    }

    @Test(arguments: Place.allCases)
    func `what was asked before a line that is too long is still answered`(
        place: Place
    ) async throws {
        try await place.with {
            $0.limits.lineBytes = 100
        } body: { house in
            let client = try await house.connect()
            let lines = (0..<20).map {
                let path = path("a", onLoop: $0 % loopCount)
                return #"{"id":\#($0),"op":"queue","resource":"\#(path)"}"# + "\n"
            }
            let long = String(repeating: "x", count: 101)
            client.post(bytes: Array((lines.joined() + long + "\n").utf8))
            #expect(await client.next(20).map { $0.number("id") } == (0..<20).map(Double.init))
            #expect(await client.next().code == "line_too_long")
        }
    }

    @Test(arguments: Place.allCases)
    func `bytes after the last line end are no request`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            client.post(bytes: Array(#"{"id":4,"op":"bye"}"#.utf8))
            client.finishWriting()
            #expect(
                shape(await client.next())
                    == #"{"id":4,"ok":false,"error":{"code":"bad_request","message":"M","retryable":false},"offset":19}"#
            )
            #expect(await client.isOver())
        }
    }

    /// Lines that are no request, with the id that can still be read.
    private static let garbage: [(bytes: [UInt8], id: String?)] = [
        (Array("hello".utf8), nil),
        (Array("[1,2]".utf8), nil),
        (Array("12".utf8), nil),
        (Array(#"{"id":7,"op":"ping""#.utf8), "7"),
        (Array(#"{"id":7,"op":"ping"} x"#.utf8), "7"),
        (Array(#"{"id":7,"op":"ping",}"#.utf8), "7"),
        (Array(#"{"id":7,"op":"ping","n":1e400}"#.utf8), "7"),
        (Array(#"{"id":7,"op":"ping","n":-1e999}"#.utf8), "7"),
        (Array(#"{"id":7,"op":"ping","n":01}"#.utf8), "7"),
        (Array(#"{"id":"i","op":"ping","s":"\ud800"}"#.utf8), "\"i\""),
        (Array(#"{"id":7,"op":"ping","s":"\udc00\ud800"}"#.utf8), "7"),
        (Array(#"{"id":7,"op":"ping","s":"\x"}"#.utf8), "7"),
        (Array(#"{"id":7,"op":"ping","s":""#.utf8) + [0x01] + Array("\"}".utf8), "7"),
        (Array(#"{"id":7,"op":"ping","s":""#.utf8) + [0xff] + Array("\"}".utf8), "7"),
        (Array(#"{"id":7,"op":"ping","s":""#.utf8) + [0xc0, 0x80] + Array("\"}".utf8), "7"),
        (Array(#"{"id":7,"op":"ping","s":""#.utf8) + [0xed, 0xa0, 0x80] + Array("\"}".utf8), "7"),
        (Array(#"{"s":"\ud800","id":7,"op":"ping"}"#.utf8), nil),
        (Array(#"{"id":7,"op":"ping","op":"ping"}"#.utf8), "7"),
        (Array(#"{"id":7,"op":"queue","resource":"a","resource":"b"}"#.utf8), "7"),
        (Array(#"{"id":7,"id":8,"op":"ping"}"#.utf8), "7"),
        (Array(#"{"id":7,"op":"hello","version":1,"session":{"grace":1,"grace":1}}"#.utf8), "7"),
        (Array(#"{"id":7,"op":"queue","resource":"a","meta":{"k":"1","k":"1"}}"#.utf8), "7"),
    ]

    @Test(arguments: Place.allCases)
    func `a line that is no request is refused with its offset, and the next starts clean`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            for (bytes, id) in Self.garbage {
                client.post(bytes: bytes + [0x0a])
                let reply = await client.next()
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(reply.code == "bad_request", "\(text)")
                #expect(reply.json["id"]?.description == id, "\(text)")
                #expect((0...Double(bytes.count)).contains(reply.number("offset")), "\(text)")
                #expect(await client.ask(#"{"id":1,"op":"bye"}"#) == #"{"id":1,"ok":true}"#)
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `values nest sixteen deep and no deeper`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            func nested(_ depth: Int) -> String {
                let (open, close) = (
                    String(repeating: "[", count: depth - 1),
                    String(repeating: "]", count: depth - 1)
                )
                return #"{"id":1,"op":"bye","x":\#(open)\#(close)}"#
            }
            let fine = #"{"id":1,"ok":true,"ignored":["x"]}"#
            #expect(await client.ask(nested(15)) == fine)
            #expect(await client.ask(nested(16)) == fine)
            let reply = await client.ask(nested(17))
            #expect(reply.code == "bad_request")
            #expect(reply.number("offset") == 38)
        }
    }

    @Test(arguments: Place.allCases)
    func `a key that the operation does not read may come twice`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(
                #"{"op":"bye","x":1,"lease":1,"lease":2,"x":{"op":1,"op":2}}"#
            )
            #expect(reply == #"{"ok":true,"ignored":["x","lease"]}"#)
        }
    }
}
