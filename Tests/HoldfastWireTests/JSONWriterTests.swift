// How single values are written, and that what is written reads back.

import HoldfastModel
import HoldfastWire
import Testing

private func written(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    body(&writer)
    return text(writer.bytes)
}

@Suite struct JSONWriterTests {
    @Test func `commas stand between members and elements, nowhere else`() {
        let line = written { writer in
            writer.beginObject()
            writer.member("a", 1)
            writer.key("b")
            writer.beginArray()
            writer.beginArray()
            writer.endArray()
            writer.value(true)
            writer.beginObject()
            writer.endObject()
            writer.null()
            writer.endArray()
            writer.member("c", "x")
            writer.freeKey("d\"")
            writer.value(false)
            writer.endObject()
        }
        #expect(line == #"{"a":1,"b":[[],true,{},null],"c":"x","d\"":false}"#)
    }

    @Test func `members that are nil are left out`() {
        let line = written { writer in
            writer.beginObject()
            writer.member("a", nil as String?)
            writer.member("b", nil as Int?)
            writer.member("c", nil as Interval?)
            writer.member("d", nil as Fence?)
            writer.member("e", nil as WallTime?)
            writer.member("f", nil as TicketID?)
            writer.member("g", nil as ResourcePath?)
            writer.member("h", RequestID.absent)
            writer.member("i", 0)
            writer.endObject()
        }
        #expect(line == #"{"i":0}"#)
    }

    @Test(arguments: [
        (UInt64(0), "0"), (9, "9"), (10, "10"), (99_999_999, "99999999"),
        (100_000_000, "100000000"), (100_000_001, "100000001"),
        (1_763_683_200_000_041, "1763683200000041"),
        (9_999_999_999_999_999, "9999999999999999"), (10_000_000_000_000_000, "10000000000000000"),
        (.max, "18446744073709551615"),
    ])
    func `integers are written with the digits they need`(number: UInt64, expected: String) {
        #expect(written { $0.value(number) } == expected)
    }

    @Test func `random integers are written as the standard library writes them`() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<2_000 {
            let number = random.next() >> (random.next() % 64)
            #expect(written { $0.value(number) } == String(number))
            let signed = Int(bitPattern: UInt(truncatingIfNeeded: random.next()))
            #expect(written { $0.value(signed) } == String(signed))
        }
        #expect(written { $0.value(Int.min) } == String(Int.min))
    }

    @Test(arguments: [
        (Int64(0), "0"), (1, "0.000000001"), (10, "0.00000001"), (100_000_000, "0.1"),
        (123_456_789, "0.123456789"), (120_000_000, "0.12"), (1_000_000_000, "1"),
        (1_500_000_000, "1.5"), (30_000_000_000, "30"), (29_999_000_000, "29.999"),
        (86_400_000_000_000, "86400"), (86_399_999_999_999, "86399.999999999"),
        (1_000_000_001, "1.000000001"), (10_010_010_010, "10.01001001"), (-500_000_000, "-0.5"),
    ])
    func `durations are the shortest seconds`(nanoseconds: Int64, expected: String) {
        #expect(written { $0.value(Interval(nanoseconds: nanoseconds)) } == expected)
    }

    @Test func `durations read back to the nanosecond`() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<2_000 {
            let nanoseconds = Int64(random.next() % 86_400_000_000_001)
            let text = written { $0.value(Interval(nanoseconds: nanoseconds)) }
            #expect(try JSONValue(parsing: text).interval?.nanoseconds == nanoseconds)
        }
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (999, "1970-01-01T00:00:00.000Z"),
        (1_000, "1970-01-01T00:00:00.001Z"), (951_782_399_999_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
        (951_868_800_000_000, "2000-03-01T00:00:00.000Z"),
        (1_763_683_200_123_999, "2025-11-21T00:00:00.123Z"),
        (1_767_225_599_999_000, "2025-12-31T23:59:59.999Z"),
        (1_767_225_600_000_000, "2026-01-01T00:00:00.000Z"),
        (4_107_542_399_000_000, "2100-02-28T23:59:59.000Z"),
        (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (-86_400_000_000, "1969-12-31T00:00:00.000Z"),
    ])
    func `times are RFC 3339 in UTC with milliseconds`(microseconds: Int64, expected: String) {
        let text = written { $0.value(WallTime(microseconds: microseconds)) }
        #expect(text == "\"\(expected)\"")
    }

    @Test func `days follow each other through the leap years`() {
        // Counted the plain way, one day after another, over more than one whole cycle of 400 years.
        var (year, month, day) = (1970, 1, 1)
        func padded(_ number: Int, _ count: Int) -> String {
            String(repeating: "0", count: count - String(number).count) + String(number)
        }
        for index in 0..<160_000 {
            let time = WallTime(microseconds: Int64(index) * 86_400_000_000)
            let expected =
                "\"\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T00:00:00.000Z\""
            guard written({ $0.value(time) }) == expected else {
                Issue.record("day \(index) is not \(expected)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test func `tickets are written as their text`() {
        #expect(written { $0.value(Sample.ticket) } == "\"\(Sample.ticketText)\"")
        #expect(Sample.ticket.text == Sample.ticketText)
        var random = SeededRandom(seed: 11)
        for _ in 0..<500 {
            let ticket = TicketID(
                secretHigh: random.next(),
                secretLow: UInt32(truncatingIfNeeded: random.next()),
                slot: Slot(number: UInt8(truncatingIfNeeded: random.next())),
                resourceIndex: UInt32(truncatingIfNeeded: random.next()),
                ticketIndex: UInt32(truncatingIfNeeded: random.next())
            )
            #expect(written { $0.value(ticket) } == "\"\(ticket.text)\"")
            #expect(TicketID(ticket.text) == ticket)
        }
    }

    @Test func `what must be escaped is escaped, and nothing else`() {
        #expect(written { $0.value("a\"b\\c/d") } == #""a\"b\\c/d""#)
        #expect(written { $0.value("\u{8}\t\n\u{c}\r") } == #""\b\t\n\f\r""#)
        #expect(written { $0.value("\u{0}\u{1}\u{b}\u{1f}") } == #""\u0000\u0001\u000b\u001f""#)
        #expect(written { $0.value("é€😀\u{7f}\u{2028}") } == "\"é€😀\u{7f}\u{2028}\"")
        #expect(written { $0.value("") } == "\"\"")
    }

    @Test func `every text reads back as it was`() throws {
        var random = SeededRandom(seed: 13)
        for _ in 0..<1_000 {
            var scalars = String.UnicodeScalarView()
            for _ in 0..<(random.next() % 40) {
                let bound: UInt64 = [0x20, 0x80, 0x800, 0x110000][Int(random.next() % 4)]
                guard let scalar = Unicode.Scalar(UInt32(random.next() % bound)) else { continue }
                scalars.append(scalar)
            }
            let original = String(scalars)
            let value = try JSONValue(parsing: written { $0.value(original) })
            #expect(value.string.map { Array($0.utf8) } == Array(original.utf8))
        }
    }

    @Test func `doubles read back as they were`() throws {
        for number in [
            0.1, -2.5, 1e300, Double.leastNonzeroMagnitude, 1e21, 123456.789, -0.0, 3, -7,
            9_007_199_254_740_994,
        ] {
            let text = written { $0.value(number) }
            #expect(try JSONValue(parsing: text).double == number)
        }
    }

    @Test func `a request is a line with its id and operation first`() {
        var bytes: [UInt8] = []
        RequestWriter.write(.queue, id: .number(7), into: &bytes) { writer in
            writer.member("resource", "a\"b")
            writer.member("lease", Interval.milliseconds(1_500))
        }
        RequestWriter.write(.ping, id: .absent, into: &bytes)
        #expect(
            text(bytes)
                == #"{"id":7,"op":"queue","resource":"a\"b","lease":1.5}"# + "\n"
                + #"{"op":"ping"}"# + "\n"
        )
    }
}
