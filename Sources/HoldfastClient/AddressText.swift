// "host", "host:port", "[::1]:port": what people write for a server.

import HoldfastModel

extension ServerAddress {
    /// The port of PROTOCOL §1.
    static let defaultPort: UInt16 = 7420

    /// Nil where the text names no server.
    package init?(parsing text: String) {
        var host = Substring(text)
        var port = Substring()
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            guard rest != ":" else { return nil }
            port = rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard !port.isEmpty else { return nil }
        }
        guard !host.isEmpty else { return nil }
        guard port.isEmpty || port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        guard let number = port.isEmpty ? Self.defaultPort : UInt16(port) else { return nil }
        self.init(host: String(host), port: number)
    }
}
