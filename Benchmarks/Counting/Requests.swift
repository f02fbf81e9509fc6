// The lines that the peers send, as bytes, made before or between the counted stretches.

/// Requests of PROTOCOL §3 in their shortest useful form.
enum Request {
    static func queue(_ resource: String, lease: Int = 30) -> [UInt8] {
        line(#"{"op":"queue","resource":"\#(resource)","lease":\#(lease),"notify":"none"}"#)
    }

    static func lock(_ resource: String) -> [UInt8] {
        line(#"{"op":"lock","resource":"\#(resource)","notify":"none"}"#)
    }

    static func list(_ resource: String) -> [UInt8] {
        line(#"{"op":"list","resource":"\#(resource)","limit":1}"#)
    }

    static func release(_ ticket: ArraySlice<UInt8>) -> [UInt8] {
        Array(#"{"op":"release","ticket":""#.utf8) + ticket + Array("\"}\n".utf8)
    }

    /// Without authentication the token's text is the principal's name.
    static func hello(as principal: String) -> [UInt8] {
        line(#"{"op":"hello","version":1,"token":"\#(principal)"}"#)
    }

    static func post(_ target: String, _ body: String) -> [UInt8] {
        let length = "Content-Length: \(body.utf8.count)"
        return Array("POST \(target) HTTP/1.1\r\nHost: localhost\r\n\(length)\r\n\r\n\(body)".utf8)
    }

    static func delete(_ ticket: ArraySlice<UInt8>) -> [UInt8] {
        Array("DELETE /v1/tickets/".utf8) + ticket
            + Array(" HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    }

    private static func line(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }
}
