// The two ways in under TLS, one a protocol: whoever speaks plain text hears so in the words of the protocol that he
// tried to speak, and a browser that is led to the port of the lines is refused in the handshake.

import HoldfastModel
import HoldfastSystem
import HoldfastWire

/// The doors of a server that speaks TLS.
struct TLSDoors: Sendable {
    let lineDoor: TLSDoor
    let httpDoor: TLSDoor

    static let lines = TLSConnector.protocols
    static let http = ["http/1.1", "http/1.0"]

    /// `refused` hears of clients that did not prove who they are.
    init(
        _ setting: TLSSetting,
        tell: @escaping @Sendable (String) -> Void,
        refused: @escaping @Sendable (String, TLSFailure) -> Void
    ) throws(TLSFlaw) {
        let lines = try setting.context(for: Self.lines)
        for note in lines.notes { tell(note) }
        lineDoor = TLSDoor(
            lines,
            plainTextAnswer: Self.lineAnswer,
            tell: tell,
            refused: refused
        )
        httpDoor = TLSDoor(
            try setting.context(for: Self.http),
            plainTextAnswer: Self.httpAnswer,
            tell: tell,
            refused: refused
        )
    }

    /// Whoever connects from now on is shown what lies in these files now; gives what is to be known of them.
    ///
    /// Both or none: a flaw in one file leaves everything as it was.
    func exchange(_ setting: TLSSetting) throws(TLSFlaw) -> [String] {
        let lines = try setting.context(for: Self.lines)
        let http = try setting.context(for: Self.http)
        lineDoor.exchange(lines)
        httpDoor.exchange(http)
        return lines.notes
    }

    private static var lineAnswer: [UInt8] {
        var line: [UInt8] = []
        let refusal = Refusal(.badRequest, "TLS is spoken here: connect with --tls")
        ReplyWriter.write(refusal, to: .absent, into: &line)
        return line
    }

    private static var httpAnswer: [UInt8] {
        let body = "TLS is spoken here: ask for https://\n"
        return Array(
            ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n" + body).utf8
        )
    }
}
