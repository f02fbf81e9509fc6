// Golden responses: what is written is compared byte by byte.

import HoldfastHTTPCodec
import Testing

private let date = HTTPDate(secondsSince1970: 784_111_777)

private func written(_ body: (inout [UInt8]) -> Void) -> String {
    var bytes: [UInt8] = []
    body(&bytes)
    return String(decoding: bytes, as: UTF8.self)
}

private let dateLine = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
private let noSniffLine = "X-Content-Type-Options: nosniff\r\n"
private let safeLines = noSniffLine + "Cache-Control: no-store\r\n"

@Suite struct ResponseWriterTests {
    @Test func `a response has a date, its type, its fields and its length`() {
        let text = written {
            ResponseWriter.write(
                .created,
                ResponseFrame(date: date),
                type: "application/json",
                fields: [ResponseField("Location", "/v1/tickets/x")],
                body: Array("{}".utf8),
                into: &$0
            )
        }
        #expect(
            text == "HTTP/1.1 201 Created\r\n" + dateLine
                + "Content-Type: application/json\r\n" + safeLines
                + "Location: /v1/tickets/x\r\nContent-Length: 2\r\n\r\n{}"
        )
    }

    @Test(arguments: [0, 2, 9, 10, 99, 100, 101, 999, 1_000, 12_345])
    func `what is written in one go has the same bytes`(length: Int) {
        let (body, before) = ([UInt8](repeating: 0x7b, count: length), Array("before".utf8))
        for fields in [[], [ResponseField("Location", "/v1/tickets/x")]] {
            for status in [HTTPStatus.ok, .created] {
                let general = written {
                    $0 = before
                    let (frame, type) = (ResponseFrame(date: date), "application/json")
                    ResponseWriter.write(
                        status,
                        frame,
                        type: type,
                        fields: fields,
                        body: body,
                        into: &$0
                    )
                }
                let plain = written {
                    $0 = before
                    ResponseWriter.writePlainly(status, at: date, into: &$0) { buffer in
                        for field in fields {
                            buffer += Array("\(field.name): \(field.value)\r\n".utf8)
                        }
                    } body: {
                        $0 += body
                    }
                }
                #expect(plain == general)
            }
        }
    }

    @Test func `the answer to HEAD tells the length and has no body`() {
        let frame = ResponseFrame(date: date, isHead: true)
        let text = written {
            ResponseWriter.write(.ok, frame, type: "a/b", body: [1, 2, 3], into: &$0)
        }
        #expect(text.hasSuffix("Content-Type: a/b\r\n" + safeLines + "Content-Length: 3\r\n\r\n"))
    }

    @Test func `no content has no length`() {
        let text = written {
            ResponseWriter.write(.noContent, ResponseFrame(date: date), body: [1], into: &$0)
        }
        #expect(text == "HTTP/1.1 204 No Content\r\n" + dateLine + safeLines + "\r\n")
    }

    @Test func `what may be kept says so itself`() {
        let field = ResponseField("Cache-Control", "no-cache")
        let text = written {
            ResponseWriter.write(
                .notModified,
                ResponseFrame(date: date),
                fields: [field],
                into: &$0
            )
        }
        #expect(
            text == "HTTP/1.1 304 Not Modified\r\n" + dateLine + noSniffLine
                + "Cache-Control: no-cache\r\n\r\n"
        )
    }

    @Test func `a client is told whether the connection goes on where it could think otherwise`() {
        func head(_ frame: ResponseFrame) -> String {
            written { ResponseWriter.write(.ok, frame, into: &$0) }
        }
        #expect(!head(ResponseFrame(date: date)).contains("Connection"))
        #expect(head(ResponseFrame(date: date, closes: true)).contains("Connection: close\r\n"))
        let old = ResponseFrame(date: date, isOld: true)
        #expect(head(old).contains("Connection: keep-alive\r\n"))
        let ending = ResponseFrame(date: date, closes: true, isOld: true)
        #expect(head(ending).contains("Connection: close\r\n"))
    }

    @Test func `no value ends its field`() {
        let field = ResponseField("X-Y", "a\r\nSet-Cookie: b\0\u{7f}é")
        let text = written {
            ResponseWriter.write(.ok, ResponseFrame(date: date), fields: [field], into: &$0)
        }
        #expect(text.contains("X-Y: a  Set-Cookie: b  é\r\n"))
    }

    @Test func `a stream is sent in chunks and ended`() {
        let frame = ResponseFrame(date: date)
        let text = written {
            ResponseWriter.beginStream(.ok, frame, type: "text/event-stream", into: &$0)
            ResponseWriter.piece(frame, into: &$0) { $0 += Array("abc".utf8) }
            ResponseWriter.piece(frame, into: &$0) { _ in }
            ResponseWriter.piece(frame, into: &$0) { $0 += [UInt8](repeating: 0x78, count: 300) }
            ResponseWriter.endStream(frame, into: &$0)
        }
        let head =
            "HTTP/1.1 200 OK\r\n" + dateLine
            + "Content-Type: text/event-stream\r\n" + safeLines
            + "Transfer-Encoding: chunked\r\n\r\n"
        let long = String(repeating: "x", count: 300)
        #expect(text == head + "00000003\r\nabc\r\n0000012c\r\n\(long)\r\n0\r\n\r\n")
    }

    @Test func `HTTP of long ago gets a stream as it is`() {
        let frame = ResponseFrame(date: date, closes: true, isOld: true)
        let text = written {
            ResponseWriter.beginStream(.ok, frame, type: "a/b", into: &$0)
            ResponseWriter.piece(frame, into: &$0) { $0 += Array("abc".utf8) }
            ResponseWriter.endStream(frame, into: &$0)
        }
        #expect(text.hasSuffix("Connection: close\r\n\r\nabc"))
        #expect(!text.contains("chunked"))
    }

    @Test func `the word to go on is a response of its own`() {
        let text = written { ResponseWriter.writeContinue(into: &$0) }
        #expect(text == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test func `events are named lines`() {
        let text = written {
            EventStreamWriter.begin(retryMilliseconds: 1_000, id: nil, into: &$0)
            EventStreamWriter.begin(
                retryMilliseconds: 5,
                id: "1-1",
                comment: "a\nb",
                into: &$0
            )
            EventStreamWriter.write(
                event: "acquired",
                id: "1-2",
                data: Array("{}".utf8),
                into: &$0
            )
            EventStreamWriter.write(event: "gap\n", id: nil, data: [0x31], into: &$0)
            EventStreamWriter.keepAlive(into: &$0)
        }
        #expect(
            text == "retry: 1000\n\nretry: 5\nid: 1-1\n: a b\n\n"
                + "event: acquired\nid: 1-2\ndata: {}\n\nevent: gap \ndata: 1\n\n:\n\n"
        )
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_790_000_000, "Mon, 21 Sep 2026 14:13:20 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func `a date is written as HTTP wants it`(seconds: Int64, expected: String) {
        let text = HTTPDate(secondsSince1970: seconds).text
        #expect(String(decoding: text, as: UTF8.self) == expected)
    }

    @Test func `every status that is used has a phrase`() {
        for flaw in RequestFlaw.allCases { #expect(flaw.status.phrase != "Status") }
    }
}
