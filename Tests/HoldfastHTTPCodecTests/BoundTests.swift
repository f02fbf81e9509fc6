// Every bound of a request one below it, at it and one above it.

import HoldfastHTTPCodec
import Testing

@Suite struct BoundTests {
    private func outcome(_ text: String, _ limits: HTTPLimits = HTTPLimits()) -> String {
        let bytes = Array(text.utf8)
        let whole = read([bytes], limits)
        #expect(read(bytes.map { [$0] }, limits) == whole)
        let word = whole.last ?? "nothing"
        return word.hasPrefix("refused") ? word : "taken"
    }

    @Test(arguments: [(-1, "taken"), (0, "taken"), (1, "refused 431 headTooLarge")])
    func `a head may have so many bytes`(more: Int, expected: String) {
        let rest = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".utf8.count
        let value = String(repeating: "x", count: 16_384 - rest + more)
        #expect(outcome("GET / HTTP/1.1\r\nHost: a\r\nX: \(value)\r\n\r\n") == expected)
    }

    @Test(arguments: [(-1, "taken"), (0, "taken"), (1, "refused 414 requestLineTooLong")])
    func `a request line may have so many bytes`(more: Int, expected: String) {
        let path = String(repeating: "x", count: 8_192 - "GET / HTTP/1.1".utf8.count + more)
        #expect(outcome("GET /\(path) HTTP/1.1\r\nHost: a\r\n\r\n") == expected)
    }

    @Test(arguments: [(99, "taken"), (100, "taken"), (101, "refused 431 tooManyFields")])
    func `a head may have so many fields`(count: Int, expected: String) {
        let fields = String(repeating: "X: 1\r\n", count: count - 1)
        #expect(outcome("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n") == expected)
    }

    @Test(arguments: [(99, "taken"), (100, "taken"), (101, "refused 431 tooManyFields")])
    func `a body may have so many trailers`(count: Int, expected: String) {
        let fields = String(repeating: "X: 1\r\n", count: count)
        #expect(outcome(post("Transfer-Encoding: chunked", body: "0\r\n\(fields)\r\n")) == expected)
    }

    @Test(arguments: [(-1, "taken"), (0, "taken"), (1, "refused 413 bodyTooLarge")])
    func `a body may have so many bytes, in chunks or not`(more: Int, expected: String) {
        var limits = HTTPLimits()
        limits.bodyBytes = 40
        let body = String(repeating: "x", count: 40 + more)
        #expect(outcome(post("Content-Length: \(body.utf8.count)", body: body), limits) == expected)
        let first = "14\r\n\(String(repeating: "x", count: 20))\r\n"
        let second = String(20 + more, radix: 16) + "\r\n" + body.dropFirst(20) + "\r\n0\r\n\r\n"
        let chunked = post("Transfer-Encoding: chunked", body: first + second)
        #expect(outcome(chunked, limits) == expected)
    }

    @Test(arguments: [(-1, "taken"), (0, "taken"), (1, "refused 400 chunkSize")])
    func `the line before a chunk may have so many bytes`(more: Int, expected: String) {
        let line = "1;" + String(repeating: "x", count: 254 + more)
        let body = line + "\r\na\r\n0\r\n\r\n"
        #expect(outcome(post("Transfer-Encoding: chunked", body: body)) == expected)
    }

    @Test(arguments: [(-1, "taken"), (0, "taken"), (1, "refused 431 headTooLarge")])
    func `trailers may have so many bytes`(more: Int, expected: String) {
        var limits = HTTPLimits()
        limits.headBytes = 200
        // The empty line behind them does not count.
        let trailer = "T: " + String(repeating: "x", count: 200 - 3 + more)
        let body = "0\r\n\(trailer)\r\n\r\n"
        #expect(outcome(post("Transfer-Encoding: chunked", body: body), limits) == expected)
    }

    @Test(arguments: [(23, "taken"), (24, "taken"), (25, "refused 501 methodTooLong")])
    func `a method may have so many letters`(count: Int, expected: String) {
        let method = String(repeating: "M", count: count)
        #expect(outcome("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n") == expected)
    }

    @Test func `a head that never ends is refused as soon as it is too large`() {
        var reader = RequestReader()
        reader.feed(Array("GET / HTTP/1.1\r\n".utf8).span)
        let field = Array("X: 1234567890\r\n".utf8)
        var steps = 0
        while reader.next() == .needsBytes {
            reader.feed(field.span)
            steps += 1
            let count = reader.waitingByteCount
            #expect(count <= 16_384 + field.count)
            guard steps < 2_000 else { break }
        }
        let step = reader.next()
        #expect(step == .refused(.tooManyFields))
    }
}
