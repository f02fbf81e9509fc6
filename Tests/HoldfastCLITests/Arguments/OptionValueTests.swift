// The values of options, at their edges.

import HoldfastCLI
import HoldfastModel
import Testing

struct OptionValueTests {
    @Test(arguments: [
        ("30", 30_000_000_000), ("0.5", 500_000_000), (".5", 500_000_000), ("5.", 5_000_000_000),
        ("500ms", 500_000_000), ("0.25s", 250_000_000), ("5m", 300_000_000_000),
        ("1h", 3_600_000_000_000), ("0", 0), ("3155760000", 3_155_760_000_000_000_000),
    ])
    func `a duration is seconds unless it has a unit`(text: String, nanoseconds: Int64) throws {
        #expect(try Interval(argument: text).nanoseconds == nanoseconds)
    }

    @Test(arguments: ["", "s", ".", "-1", "+1", "1d", "1e3", "1 s", "1.2.3", "inf", "nan", "0x10"])
    func `what is no duration is refused`(text: String) {
        #expect(throws: ValueFlaw.self) { try Interval(argument: text) }
    }

    @Test(arguments: ["3155760001", "999999h", "99999999999999999999999999"])
    func `a duration of more than a century is refused`(text: String) {
        let flaw = #expect(throws: ValueFlaw.self) { try Interval(argument: text) }
        #expect(flaw?.problem == "'\(text)' is too long a time")
    }

    @Test func `modes are read as people write them`() throws {
        #expect(try Mode(argument: "shared") == .shared)
        #expect(try Mode(argument: "exclusive") == .exclusive)
        #expect(try Mode(argument: "2/5") == .permit(count: 2, of: 5))
        for text in ["", "Shared", "/", "1/", "/2", "1/2/3", "-1/2", "1/99999999999"] {
            #expect(throws: ValueFlaw.self) { try Mode(argument: text) }
        }
    }

    @Test(arguments: [
        ("db", "db", 7420), ("db:1", "db", 1), ("127.0.0.1:65535", "127.0.0.1", 65_535),
        ("[::1]:9", "::1", 9), ("[::1]", "::1", 7420), ("::1", "::1", 7420), ("db:", "db", 7420),
    ])
    func `an address has a host and perhaps a port`(text: String, host: String, port: UInt16) throws
    {
        #expect(try ServerAddress(argument: text) == ServerAddress(host: host, port: port))
    }

    @Test(arguments: ["", ":1", "db:65536", "db:x", "db:-1", "[]:1", "[::1]x"])
    func `what is no address is refused`(text: String) {
        #expect(throws: ValueFlaw.self) { try ServerAddress(argument: text) }
    }

    @Test func `whole numbers may be grouped and are not negative`() throws {
        #expect(try Int(argument: "1_000") == 1_000)
        #expect(try Int(argument: "65,536") == 65_536)
        for text in ["", "_", "-1", "1.5", "99999999999999999999", "x"] {
            #expect(throws: ValueFlaw.self) { try Int(argument: text) }
        }
    }
}
