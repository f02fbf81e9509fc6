// The short way through the lines that most are must come to what the general way comes to.

import HoldfastModel
import HoldfastWire
import Testing

@Suite struct PlainLineTests {
    private static let lines = [
        #"{"id":12,"op":"lock","resource":"a/b.c-d","lease":30,"wait":0}"#,
        #"{"id":7,"op":"queue","resource":"deploy/prod","lease":600,"notify":"none"}"#,
        #"{"op":"lock","resource":"x","key":"k-1","notify":"state"}"#,
        #"{"id":0,"op":"release","ticket":"AAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        #"{"id":3,"op":"renew","ticket":"AAAAAAAAAAAAAAAAAAAAAAAAAAAA","lease":5}"#,
        #"{"op":"acquire","wait":86400,"ticket":"no ticket at all"}"#,
        #"{"resource":"last/first","id":999999999999999,"op":"queue"}"#,
        #"{"id":1,"op":"lock","resource":"a","lease":86401}"#,
        #"{"id":1,"op":"lock","resource":"a","lease":0}"#,
        #"{"id":1,"op":"lock","resource":"a","id":2}"#,
        #"{"id":1,"op":"queue","resource":"a","wait":1}"#,
        #"{"id":1,"op":"release","ticket":"t","resource":"a"}"#,
        #"{"id":1,"op":"release","ticket":"t","notify":"none"}"#,
        #"{"id":01,"op":"queue","resource":"a"}"#,
        #"{"id":9999999999999999,"op":"queue","resource":"a"}"#,
        #"{"op":"queue","resource":""}"#, #"{"op":"queue","resource":"/a"}"#,
        #"{"op":"queue","resource":"a//b"}"#, #"{"op":"queue","resource":"a/../b"}"#,
        #"{"op":"queue","resource":"a/.b"}"#, #"{"op":"queue","resource":"a/"}"#,
        #"{"op":"queue","key":"","resource":"a"}"#, #"{"op":"ping"}"#, "{}", #"{"id":1}"#,
    ]

    /// Bytes that mean something to somebody.
    private static let bytes =
        Array("\"\\{}[]:,./-+eE019ntfx \t\u{7f}\u{0}\u{1f}é".utf8) + [0xff, 0xc2]

    private func told(_ line: DecodedLine) -> String {
        guard case .request(let request) = line else { return "\(line)" }
        let details: TicketDetails? =
            switch request.operation {
            case .queue(let ticket), .lock(let ticket, _), .steal(let ticket, _): ticket.details
            default: nil
            }
        return "\(line) \(details?.key ?? "-") \(details?.meta.count ?? 0)"
    }

    private func expectSame(_ bytes: [UInt8]) -> Bool {
        let decoder = RequestDecoder()
        let short = decoder.decode(.line, bytes.span)
        // Only what is a request can have come the short way.
        guard case .request = short else { return true }
        let general = decoder.decodeGenerally(.line, bytes.span)
        guard told(short) != told(general) else { return true }
        Issue.record("\(text(bytes)): \(told(short)), generally \(told(general))")
        return false
    }

    @Test(arguments: lines)
    func `a line means the same both ways, whatever becomes of one of its bytes`(_ line: String) {
        let line = Array(line.utf8)
        guard expectSame(line) else { return }
        for index in line.indices {
            var shorter = line
            shorter.remove(at: index)
            guard expectSame(shorter) else { return }
            for byte in PlainLineTests.bytes {
                var other = line
                other[index] = byte
                guard expectSame(other) else { return }
            }
        }
    }

    @Test func `a number means the same both ways, however many digits it has`() {
        var numbers = ["", "-1", "01", "00", "1.0", "1e3", "1:", "1/", "0", "9"]
        var digits = ""
        for digit in "1234567890987654321" {
            digits.append(digit)
            numbers += [digits, digits + "0", "0" + digits, digits + ":", digits + "/"]
        }
        for number in numbers {
            for line in [
                "{\"id\":\(number),\"op\":\"queue\",\"resource\":\"a\"}",
                "{\"op\":\"queue\",\"resource\":\"a\",\"lease\":\(number)}",
            ] {
                #expect(expectSame(Array(line.utf8)), "\(line)")
            }
        }
        let plain = Array(#"{"id":1234567,"op":"queue","resource":"a"}"#.utf8)
        guard case .request(let request) = RequestDecoder().decode(.line, plain.span) else {
            return #expect(Bool(false), "a plain line is a request")
        }
        #expect(request.id == .number(1_234_567))
    }

    @Test(arguments: lines)
    func `a plain line is found where bytes begin with it`(_ line: String) {
        let decoder = RequestDecoder()
        let isPlain = decoder.plainLine(Array(line.utf8).span) != nil
        for rest in ["\n", "\n{", "\n\n", "\n" + line + "\n"] {
            let found = decoder.plainLine(beginning: Array((line + rest).utf8).span)
            #expect((found != nil) == isPlain)
            #expect(found.map(\.byteCount) == (isPlain ? line.utf8.count : nil))
        }
        // Without its end, or with another, nobody knows yet.
        for rest in ["", "\r\n", " \n", "}\n", line] {
            #expect(decoder.plainLine(beginning: Array((line + rest).utf8).span) == nil)
        }
    }

    /// What HTTP asks, where the operation stands in the path.
    @Test(arguments: [
        #"{"resource":"a/b.c-d","lease":30}"#, #"{"lease":7,"resource":"x","notify":"none"}"#,
        #"{"resource":"deploy/prod","wait":5}"#, #"{"resource":"x","key":"k"}"#, #"{"id":1}"#,
        #"{"resource":"x","op":"lock"}"#, "{}",
    ])
    func `an object means the same both ways, whatever becomes of one of its bytes`(_ text: String)
    {
        let object = Array(text.utf8)
        for name in [OperationName.queue, .lock] {
            expectSame(object, as: name)
            for index in object.indices {
                var shorter = object
                shorter.remove(at: index)
                expectSame(shorter, as: name)
                for byte in PlainLineTests.bytes {
                    var other = object
                    other[index] = byte
                    expectSame(other, as: name)
                }
            }
        }
    }

    private func expectSame(_ object: [UInt8], as name: OperationName) {
        let decoder = RequestDecoder()
        let plain: (Range<Int>, Interval, Notify, Interval?)
        switch decoder.plainAsk(of: object.span, as: name) {
        case .queue(let path, let lease, let notify): plain = (path, lease, notify, nil)
        case .lock(let path, let lease, let notify, let wait): plain = (path, lease, notify, wait)
        case .release, nil: return
        }
        let told = Array(object[plain.0])
        guard case .request(let request) = decoder.decode(object.span, as: name) else {
            #expect(ResourcePath(String(decoding: told, as: UTF8.self)) == nil, "\(text(object))")
            return
        }
        let general: TicketRequest
        var wait: Interval?
        switch request.operation {
        case .queue(let ticket): general = ticket
        case .lock(let ticket, let given): (general, wait) = (ticket, given)
        default: return #expect(Bool(false), "\(text(object)) asks \(request.operation)")
        }
        #expect(Array(general.resource.text.utf8) == told, "\(text(object))")
        #expect(general.lease == plain.1 && general.notify == plain.2 && wait == plain.3)
        #expect(request.ignored.isEmpty && general.details == nil, "\(text(object))")
    }

    @Test func `a path of 512 bytes is taken, one of 513 is not`() {
        for (count, isPath) in [(512, true), (513, false)] {
            let path = String(repeating: "p", count: count)
            let line = #"{"op":"queue","resource":"\#(path)"}"#
            #expect((request(line) != nil) == isPath)
            #expect(expectSame(Array(line.utf8)))
        }
    }

    @Test func `a lease outside the server's bounds is refused both ways`() {
        var limits = Limits()
        limits.leaseMin = .seconds(10)
        #expect(refused(#"{"op":"queue","resource":"a","lease":9}"#, limits: limits) != nil)
        #expect(request(#"{"op":"queue","resource":"a","lease":10}"#, limits: limits) != nil)
    }
}
