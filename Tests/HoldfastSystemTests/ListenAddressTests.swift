// What an address to listen at may look like, and which of them only this machine can reach.

import HoldfastSystem
import Testing

struct ListenAddressTests {
    @Test(
        arguments: [
            ("127.0.0.1:7420", "127.0.0.1", 7420, true),
            ("127.9.9.9:1", "127.9.9.9", 1, true),
            ("[::1]:0", "::1", 0, true),
            ("[::ffff:127.0.0.1]:5", "::ffff:127.0.0.1", 5, true),
            ("localhost:0", "localhost", 0, true),
            ("0.0.0.0:7420", "0.0.0.0", 7420, false),
            ("[::]:65535", "::", 65_535, false),
            ("128.0.0.1:7420", "128.0.0.1", 7420, false),
            ("[::ffff:10.0.0.1]:5", "::ffff:10.0.0.1", 5, false),
            ("locks.example.org:7420", "locks.example.org", 7420, false),
        ] as [(String, String, UInt16, Bool)]
    )
    func `host and port are read and written back`(
        text: String,
        host: String,
        port: UInt16,
        isLoopback: Bool
    ) throws {
        let address = try #require(ListenAddress(text))
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.description == text)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", ":", "7420", ":7420", "localhost", "localhost:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:+1", "127.0.0.1: 1", "::1:7420", "[::1]", "[::1]7420", "[::1:7420", "::1]:7420",
        "[localhost]:1", "[127.0.0.1]:1", "[]:1", "a:b:1",
    ])
    func `what is not host and port is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func `a name that nobody has is refused with what to do`() throws {
        let address = ListenAddress(host: "no.such.host.invalid", port: 1)
        let error = #expect(throws: BindError.self) { _ = try address.resolve() }
        #expect(error?.reason == .unknownHost)
        #expect(error?.description.contains("no.such.host.invalid:1") == true)
    }

    @Test func `the name localhost is always this machine`() throws {
        #expect(try ListenAddress(host: "localhost", port: 9).resolve().text == "127.0.0.1:9")
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("fe80::1", "[fe80::1]:80"),
    ])
    func `an address in digits is shown with its port`(host: String, text: String) throws {
        var address = try #require(SocketAddress(numericHost: host, port: 1))
        address.port = 80
        #expect(address.text == text)
        #expect(address.host == host)
    }
}
