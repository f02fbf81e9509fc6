// A line from the server, told apart: a reply has an id, an event has a name, anything else means that
// whoever is there does not speak the protocol.

import HoldfastWire

/// One line of the server.
enum Incoming: Sendable {
    case reply(UInt64, Reply)
    case event(Reply)
    case nonsense(String)

    init(_ piece: LinePiece, _ bytes: Span<UInt8>) {
        switch piece {
        case .line: self = Incoming.line(bytes)
        case .tooLong: self = .nonsense("a line without end")
        case .unfinished: self = .nonsense("half a line")
        }
    }

    private static func line(_ bytes: Span<UInt8>) -> Incoming {
        do {
            let reply = Reply(try JSONValue(parsing: bytes), text: String(copying: bytes))
            if let id = reply.integer("id"), id >= 0 { return .reply(UInt64(id), reply) }
            if reply.text("event") != nil { return .event(reply) }
            // Only what is not even a request is answered without an id (PROTOCOL §2).
            return .nonsense(reply.refusal?.description ?? "a line without id")
        } catch {
            return .nonsense("not JSON at byte \(error.offset)")
        }
    }
}

extension String {
    /// The line as it came; what is no UTF-8 was refused before.
    fileprivate init(copying bytes: Span<UInt8>) {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in bytes.indices { copy.append(bytes[index]) }
        self.init(decoding: copy, as: UTF8.self)
    }
}
