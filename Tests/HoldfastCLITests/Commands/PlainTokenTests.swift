// A token that leaves this machine without TLS can be read on the way, and whoever forgot `--tls` is told so.

import HoldfastModel
import Testing

@testable import HoldfastCLI

struct PlainTokenTests {
    @Test(arguments: [
        ("127.0.0.1", false), ("127.9.9.9", false), ("::1", false), ("localhost", false),
        ("10.0.0.1", true), ("locks.example.com", true), ("2001:db8::1", true),
    ])
    func `a token that leaves this machine in plain text is told of`(host: String, isTold: Bool) {
        let warning = World.warning(ofPlainTextTo: ServerAddress(host: host, port: 1))
        #expect((warning?.contains("--tls") == true) == isTold)
        #expect((warning == nil) != isTold)
    }
}
