// Tables of requests that are taken and of bytes that are refused, each read whole, byte by byte and at every split:
// how the bytes come must change nothing.

import HoldfastHTTPCodec
import Testing

/// Bytes and what a reader makes of them.
struct Reading: Sendable, CustomTestStringConvertible {
    var bytes: String
    var told: [String]

    init(_ bytes: String, _ told: String...) {
        self.bytes = bytes
        self.told = told
    }

    var testDescription: String { told.joined(separator: ", ") }
}

private let taken = [
    Reading("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / @a"),
    Reading("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / @a"),
    Reading(
        "GET /a%2Fb?x=1&y HTTP/1.1\r\nhost:a:7421\r\nX: \t 1 \t\r\n\r\n",
        "GET /a%2Fb ?x=1&y @a:7421 X=1"
    ),
    Reading("GET /? HTTP/1.1\r\nHost: [::1]:80\r\nE:\r\n\r\n", "GET / ? @[::1]:80 E="),
    Reading("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * @a"),
    Reading("GET http://b/x?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x ?y @b"),
    Reading("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", "GET / @b"),
    Reading("GET https://b:1?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET / ?y @b:1"),
    Reading("LOCK /terraform/x HTTP/1.1\r\nHost: a\r\n\r\n", "LOCK /terraform/x @a"),
    Reading("GET / HTTP/1.0\r\n\r\n", "GET / @ 1.0 close"),
    Reading(
        "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
        "GET / @ Connection=Keep-Alive 1.0"
    ),
    Reading(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n",
        "GET / @a Connection=x, CLOSE close"
    ),
    Reading("GET / HTTP/1.9\r\nHost: a\r\n\r\n", "GET / @a"),
    Reading(post("Content-Length: 3", body: "abc"), "POST / @a Content-Length=3 [abc]"),
    Reading(post("Content-Length:0"), "POST / @a Content-Length=0"),
    Reading(
        post("Content-Length: 1", body: "a") + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / @a Content-Length=1 [a]",
        "GET /2 @a"
    ),
    Reading(
        post(
            "transfer-encoding: Chunked",
            body: "3\r\nabc\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\n\r\n"
        ),
        "POST / @a transfer-encoding=Chunked [abc0123456789]"
    ),
    Reading(
        post("Transfer-Encoding: chunked", body: "1\r\na\r\n0\r\nT: 1\r\nContent-Length: 9\r\n\r\n")
            + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / @a Transfer-Encoding=chunked [a]",
        "GET /2 @a"
    ),
    Reading(
        "DELETE /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
        "DELETE /x @a Content-Length=2 [{}]"
    ),
    Reading("GET / HTTP/1.1\r\nHost: a\r\n", "unfinished"),
    Reading(post("Content-Length: 3", body: "ab"), "unfinished"),
    Reading("", ""),
]

private let refused = [
    // The lines of the head.
    Reading("GET / HTTP/1.1\nHost: a\n\n", "refused 400 bareLineFeed"),
    Reading("GET / HTTP/1.1\r\nHost: a\n\r\n", "refused 400 bareLineFeed"),
    Reading("GET / HTTP/1.1\rHost: a\r\n\r\n", "refused 400 bareCarriageReturn"),
    Reading("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", "refused 400 bareCarriageReturn"),
    Reading("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", "refused 400 controlCharacter"),
    Reading("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7f}b\r\n\r\n", "refused 400 controlCharacter"),
    Reading("\u{16}\u{3}\u{1}\u{2}", "refused 400 controlCharacter"),
    Reading("GET /\r\n\r\n", "refused 400 requestLine"),
    Reading("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400 requestLine"),
    Reading("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "refused 400 requestLine"),
    Reading(" GET / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400 requestLine"),
    Reading("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400 requestLine"),
    Reading("GET / http/1.1\r\nHost: a\r\n\r\n", "refused 400 requestLine"),
    Reading("GET / HTTP/1.10\r\nHost: a\r\n\r\n", "refused 400 requestLine"),
    Reading("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400 requestLine"),
    Reading("GET x HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400 target"),
    Reading("GET * HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400 target"),
    Reading("GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400 target"),
    Reading("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400 target"),
    Reading("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400 target"),
    Reading("GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400 target"),
    Reading("GET / HTTP/2.0\r\nHost: a\r\n\r\n", "refused 505 version"),
    Reading("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "refused 505 version"),
    Reading("GET / HTTP/0.9\r\n\r\n", "refused 505 version"),
    Reading("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", "refused 400 foldedField"),
    Reading("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", "refused 400 foldedField"),
    Reading("GET / HTTP/1.1\r\nHost : a\r\n\r\n", "refused 400 fieldName"),
    Reading("GET / HTTP/1.1\r\nHost\r\n\r\n", "refused 400 fieldName"),
    Reading("GET / HTTP/1.1\r\n: a\r\n\r\n", "refused 400 fieldName"),
    Reading("GET / HTTP/1.1\r\nHost: a\r\nX\u{e9}: a\r\n\r\n", "refused 400 fieldName"),
    // What the fields say together.
    Reading("GET / HTTP/1.1\r\nX: 1\r\n\r\n", "refused 400 hostMissing"),
    Reading("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", "refused 400 hostRepeated"),
    Reading("GET / HTTP/1.1\r\nHost:\r\n\r\n", "refused 400 hostInvalid"),
    Reading("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "refused 400 hostInvalid"),
    Reading("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "refused 400 hostInvalid"),
    Reading("GET / HTTP/1.1\r\nHost: a:80x\r\n\r\n", "refused 400 hostInvalid"),
    Reading("GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n", "refused 400 hostInvalid"),
    Reading("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "refused 400 hostInvalid"),
    Reading(post("Content-Length: +1", body: "a"), "refused 400 lengthInvalid"),
    Reading(post("Content-Length: -1", body: "a"), "refused 400 lengthInvalid"),
    Reading(post("Content-Length: 01", body: "a"), "refused 400 lengthInvalid"),
    Reading(post("Content-Length: 00"), "refused 400 lengthInvalid"),
    Reading(post("Content-Length:  1", body: "a"), "refused 400 lengthInvalid"),
    Reading(post("Content-Length: 1 ", body: "a"), "refused 400 lengthInvalid"),
    Reading(post("Content-Length: 1, 1", body: "a"), "refused 400 lengthInvalid"),
    Reading(post("Content-Length: 0x1", body: "a"), "refused 400 lengthInvalid"),
    Reading(post("Content-Length:"), "refused 400 lengthInvalid"),
    Reading(post("Content-Length: "), "refused 400 lengthInvalid"),
    Reading(
        post("Content-Length: 1", "content-length: 1", body: "a"),
        "refused 400 lengthRepeated"
    ),
    Reading(
        post("Content-Length: 1", "Transfer-Encoding: chunked", body: "0\r\n\r\n"),
        "refused 400 lengthWithChunked"
    ),
    Reading(
        post("Transfer-Encoding: chunked", "Content-Length: 0", body: "0\r\n\r\n"),
        "refused 400 lengthWithChunked"
    ),
    Reading(
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "refused 400 chunkedBeforeHTTP11"
    ),
    Reading(post("Transfer-Encoding: chunked, chunked"), "refused 400 codingInvalid"),
    Reading(
        post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        "refused 400 codingInvalid"
    ),
    Reading(post("Transfer-Encoding:"), "refused 400 codingInvalid"),
    Reading(post("Transfer-Encoding: gzip, chunked"), "refused 501 codingUnknown"),
    Reading(post("Transfer-Encoding: identity"), "refused 501 codingUnknown"),
    Reading(post("Transfer-Encoding: xchunked"), "refused 501 codingUnknown"),
    Reading(post("Expect: 200-ok"), "refused 417 expectation"),
    // The body.
    Reading(post("Transfer-Encoding: chunked", body: "x\r\n"), "refused 400 chunkSize"),
    Reading(post("Transfer-Encoding: chunked", body: "\r\n"), "refused 400 chunkSize"),
    Reading(post("Transfer-Encoding: chunked", body: "0x1\r\na\r\n"), "refused 400 chunkSize"),
    Reading(post("Transfer-Encoding: chunked", body: "+1\r\na\r\n"), "refused 400 chunkSize"),
    Reading(post("Transfer-Encoding: chunked", body: "-1\r\na\r\n"), "refused 400 chunkSize"),
    Reading(post("Transfer-Encoding: chunked", body: " 1\r\na\r\n"), "refused 400 chunkSize"),
    Reading(post("Transfer-Encoding: chunked", body: "1 \r\na\r\n"), "refused 400 chunkSize"),
    Reading(post("Transfer-Encoding: chunked", body: "1\na\r\n"), "refused 400 chunkSize"),
    Reading(post("Transfer-Encoding: chunked", body: "1\ra\r\n"), "refused 400 chunkSize"),
    Reading(
        post("Transfer-Encoding: chunked", body: "00000000000000001\r\na\r\n"),
        "refused 400 chunkSize"
    ),
    Reading(
        post("Transfer-Encoding: chunked", body: "FFFFFFFFFFFFFFFF\r\na\r\n"),
        "refused 413 bodyTooLarge"
    ),
    Reading(post("Transfer-Encoding: chunked", body: "1\r\nab"), "refused 400 chunkEnd"),
    Reading(post("Transfer-Encoding: chunked", body: "1\r\na\n0\r\n\r\n"), "refused 400 chunkEnd"),
    Reading(post("Transfer-Encoding: chunked", body: "1\r\na\rx"), "refused 400 chunkEnd"),
    Reading(
        post("Transfer-Encoding: chunked", body: "0\r\nT : 1\r\n\r\n"),
        "refused 400 fieldName"
    ),
    Reading(
        post("Transfer-Encoding: chunked", body: "0\r\n T: 1\r\n\r\n"),
        "refused 400 foldedField"
    ),
    Reading(
        post("Transfer-Encoding: chunked", body: "0\r\nT: 1\n\r\n"),
        "refused 400 bareLineFeed"
    ),
    Reading(
        post("Transfer-Encoding: chunked", body: "0\r\n\rx"),
        "refused 400 bareCarriageReturn"
    ),
    // Bounds.
    Reading(post("Content-Length: 65537"), "refused 413 bodyTooLarge"),
    Reading(post("Content-Length: 99999999999999999999999"), "refused 413 bodyTooLarge"),
    Reading("ABCDEFGHIJKLMNOPQRSTUVWXY / HTTP/1.1\r\n", "refused 501 methodTooLong"),
]

@Suite struct RequestReaderTests {
    @Test(arguments: taken + refused)
    func `however the bytes come the same requests come out`(reading: Reading) {
        let bytes = Array(reading.bytes.utf8)
        let expected = reading.told.filter { !$0.isEmpty }
        #expect(read([bytes]) == expected)
        #expect(read(bytes.map { [$0] }) == expected)
        for split in 0...bytes.count {
            #expect(read([Array(bytes[..<split]), Array(bytes[split...])]) == expected)
        }
    }

    @Test func `every flaw has a row in the table`() {
        let rows = Set(
            refused.compactMap { $0.told.last?.split(separator: " ").last.map(String.init) }
        )
        let byBounds = ["requestLineTooLong", "headTooLarge", "tooManyFields"]
        for flaw in RequestFlaw.allCases where !byBounds.contains("\(flaw)") {
            #expect(rows.contains("\(flaw)"))
        }
    }

    @Test func `a client that waits for the word is told once, and not when it did not wait`() {
        let head = post("Expect: 100-Continue", "Content-Length: 2")
        let request = "POST / @a Expect=100-Continue Content-Length=2 [ab]"
        #expect(read([Array(head.utf8), [0x61], [0x62]]) == ["continue", request])
        #expect(read(head + "ab") == [request])
        #expect(read([Array((head + "a").utf8), [0x62]]) == [request])
        #expect(read(post("Expect: 100-continue")) == ["POST / @a Expect=100-continue"])
        #expect(
            read(post("Expect: 100-continue", "Content-Length: 65537")) == [
                "refused 413 bodyTooLarge"
            ]
        )
        let old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
        #expect(read(old) == ["unfinished"])
    }

    @Test func `nothing is read behind a flaw`() {
        var reader = RequestReader()
        reader.feed(Array("GET\r\n\r\n".utf8).span)
        let first = reader.next()
        reader.feed(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8).span)
        let (second, count, hasBegun) = (reader.next(), reader.waitingByteCount, reader.hasBegun)
        #expect(first == .refused(.requestLine))
        #expect(second == .refused(.requestLine))
        #expect(count == 0)
        #expect(!hasBegun)
    }

    @Test func `values are found by their names whatever the case, the first one first`() {
        var reader = RequestReader()
        let text = "GET / HTTP/1.1\r\nHost: a\r\nCOOKIE: x=1\r\ncookie: y=2\r\nX: \u{e9}\r\n\r\n"
        reader.feed(Array(text.utf8).span)
        let (step, request) = (reader.next(), reader.request)
        #expect(step == .request)
        #expect(request.text(of: "cookie") == "x=1")
        #expect(request.count(of: "cookie") == 2)
        #expect(request.text(of: "x") == "\u{e9}")
        #expect(request.value(of: "accept") == nil)
    }
}
