// What a target stands for when it is decoded: once, and never more than once.

import HoldfastHTTPCodec
import Testing

/// The request that a client makes with this target and these lines.
func request(_ target: String, _ lines: String...) throws -> Request {
    var reader = RequestReader()
    let head = ["GET \(target) HTTP/1.1", "Host: a"] + lines
    reader.feed(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8).span)
    let (step, request) = (reader.next(), reader.request)
    try #require(step == .request)
    return request
}

@Suite struct TargetTests {
    private func segments(_ target: String) throws -> [String] {
        let request = try request(target)
        return request.segments.map { request.decoded($0) ?? "(none)" }
    }

    @Test(arguments: [
        ("/", [""]),
        ("/a", ["a"]),
        ("/a/b%2Fc", ["a", "b/c"]),
        ("/org%2fapp/x", ["org/app", "x"]),
        ("/%252F", ["%2F"]),
        ("/a/", ["a", ""]),
        ("//a", ["", "a"]),
        ("/a+b", ["a+b"]),
        ("/%C3%A9", ["é"]),
        ("/@lock?x=/y", ["@lock"]),
        ("/%", ["(none)"]),
        ("/%4", ["(none)"]),
        ("/%4g", ["(none)"]),
        ("/%ff", ["(none)"]),
        ("/%00", ["(none)"]),
        ("/%2e%2e/a", ["..", "a"]),
    ])
    func `a segment is decoded once`(target: String, expected: [String]) throws {
        #expect(try segments(target) == expected)
    }

    @Test func `the server as a whole has no segments`() throws {
        var reader = RequestReader()
        reader.feed(Array("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n".utf8).span)
        let (step, request) = (reader.next(), reader.request)
        try #require(step == .request)
        #expect(request.segments == [])
    }

    @Test(arguments: [
        ("/", []),
        ("/?", []),
        ("/?a", [QueryItem(name: "a", value: "")]),
        (
            "/?a=1&b=%26+%2B",
            [QueryItem(name: "a", value: "1"), QueryItem(name: "b", value: "& +")]
        ),
        ("/?&&a=b=c&", [QueryItem(name: "a", value: "b=c")]),
        ("/?=x", [QueryItem(name: "", value: "x")]),
        ("/?a=%", nil),
        ("/?%ff=1", nil),
    ])
    func `a query is names and values`(target: String, expected: [QueryItem]?) throws {
        #expect(try request(target).queryItems == expected)
    }
}
