// What is refused before a route is asked, or because there is none: each path in the form of the API that it belongs
// to (HTTP §2), all others as problems.

import HoldfastModel
import HoldfastServer
import Testing

/// What refuses: a request, and its status.
private typealias Refused = (method: String, target: String, fields: [String], status: Int)

private let evil = ["Origin: http://evil.example.com"]
private let tooLarge = ["Content-Length: 65537"]

/// An API by one of its paths, a method that this path has not, the path of nothing, and how it refuses.
private struct Speaker: Sendable, CustomTestStringConvertible {
    var name: String
    var method: String
    var path: String
    var foreign: String
    var allow: String
    var nothing: String
    var type = "application/json"
    var body: @Sendable (Int, String) -> String

    var testDescription: String { name }
}

private let versal: @Sendable (Int, String) -> String = { #"{"error":\#($0),"message":"\#($1)"# }
private let sfp: @Sendable (Int, String) -> String = {
    #"{"statusCode":\#($0),"message":"\#($1)"#
}
/// It has a word for each status, and no other.
private let mangadb: @Sendable (Int, String) -> String = { status, _ in
    let words = [
        403: "Forbidden", 404: "Not found", 405: "Method not allowed", 413: "Content too large",
        421: "Misdirected request",
    ]
    return #"{"data":"\#(words[status] ?? "")","code":\#(status)}"#
}
private let nick: @Sendable (Int, String) -> String = { #"{"error":{"message":"\#($1)"# }
private let plone: @Sendable (Int, String) -> String = { status, message in
    let types = [
        403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 413: "Content Too Large",
        421: "Misdirected Request",
    ]
    return #"{"error":{"type":"\#(types[status] ?? "")","message":"\#(message)"#
}

private let speakers = [
    Speaker(
        name: "sfp",
        method: "POST",
        path: "/sfp/api/locks",
        foreign: "PUT",
        allow: "POST, OPTIONS",
        nothing: "/sfp/api/nothing",
        body: sfp
    ),
    Speaker(
        name: "MangaDB",
        method: "POST",
        path: "/admin/lock",
        foreign: "GET",
        allow: "POST, OPTIONS",
        nothing: "/admin/lock/",
        body: mangadb
    ),
    Speaker(
        name: "Versal",
        method: "POST",
        path: "/locks",
        foreign: "PATCH",
        allow: "GET, HEAD, POST, OPTIONS",
        nothing: "/locks/",
        body: versal
    ),
    Speaker(
        name: "Terraform",
        method: "LOCK",
        path: "/terraform/t",
        foreign: "DELETE",
        allow: "OPTIONS, LOCK, UNLOCK",
        nothing: "/terraform/t/",
        type: "text/plain; charset=utf-8",
        body: { $1 }
    ),
    Speaker(
        name: "Nick",
        method: "POST",
        path: "/doc/@lock",
        foreign: "PUT",
        allow: "GET, HEAD, POST, PATCH, DELETE, OPTIONS",
        nothing: "/doc/@lock/",
        body: nick
    ),
    Speaker(
        name: "Plone",
        method: "POST",
        path: "/plone/doc/@lock",
        foreign: "PUT",
        allow: "GET, HEAD, POST, PATCH, DELETE, OPTIONS",
        nothing: "/plone/doc/@lock/",
        body: plone
    ),
    Speaker(
        name: "native",
        method: "POST",
        path: "/v1/tickets",
        foreign: "PATCH",
        allow: "POST, OPTIONS",
        nothing: "/v1/tickets/",
        type: "application/problem+json",
        body: { _, _ in #"{"type":"# }
    ),
]

struct RefusalFormTests {
    private func withBothMounts(_ body: (MemoryHouse) async throws -> Void) async throws {
        try await Place.inMemory {
            $0.http.atLockMounts = [
                AtLockMount(.nick), AtLockMount(.plone, segments: ["plone"]),
            ]
        } body: {
            try await body($0)
        }
    }

    @Test(arguments: speakers)
    fileprivate func `a path refuses as its API does`(speaker: Speaker) async throws {
        try await withBothMounts { house in
            let refused: [(Refused, message: String)] = [
                ((speaker.foreign, speaker.path, [], 405), "this path takes \(speaker.allow)"),
                ((speaker.method, speaker.nothing, [], 404), "there is nothing at this path"),
                ((speaker.method, speaker.path, evil, 403), "a page of another origin"),
                ((speaker.method, speaker.path, tooLarge, 413), "the body is too large"),
            ]
            for (request, message) in refused {
                let client = try await house.http()
                let answer = try await client.ask(
                    request.method,
                    request.target,
                    fields: request.fields
                )
                #expect(answer.status == request.status, "\(request): \(answer.short)")
                #expect(answer["Content-Type"] == speaker.type, "\(request)")
                let start = speaker.body(request.status, message)
                #expect(answer.body.hasPrefix(start), "\(request): \(answer.body)")
                #expect(answer["Allow"] == (request.status == 405 ? speaker.allow : nil))
            }
            let client = try await house.http()
            client.post(
                "\(speaker.method) \(speaker.path) HTTP/1.1\r\nHost: evil.example.com\r\n\r\n"
            )
            let answer = try #require(await client.response())
            #expect(answer.status == 421)
            let start = speaker.body(421, "this server does not go by that name")
            #expect(answer.body.hasPrefix(start), "\(answer.body)")
        }
    }

    @Test(arguments: speakers)
    fileprivate func `a slow sender is told in the form of the path`(speaker: Speaker) async throws
    {
        try await withBothMounts { house in
            let client = try await house.http()
            client.post("\(speaker.method) \(speaker.path) HTTP/1.1\r\n")
            client.post("Host: localhost\r\nContent-Length: 9\r\n\r\n{")
            await house.pass(.seconds(12))
            let answer = try #require(await client.response())
            #expect(answer.status == 408)
            #expect(answer["Content-Type"] == speaker.type)
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\nHost: a\n\n", "GET /admin/lock\r\n", "\u{1}",
        "POST /admin/lock HTTP/3.0\r\n",
        "GET /\(String(repeating: "x", count: 9_000)) HTTP/1.1\r\nHost: a\r\n\r\n",
    ])
    func `what has no path is refused as a problem`(text: String) async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            client.post(text)
            let answer = try #require(await client.response())
            #expect(answer["Content-Type"] == "application/problem+json", "\(answer.short)")
        }
    }

    @Test(arguments: [
        ("GET", "/sfp/api/locks/%ff/r", #"400 {"statusCode":400,"message":"the path is"#),
        ("DELETE", "/locks/%ff", #"400 {"error":400,"message":"the path is"#),
        ("LOCK", "/terraform/%ff", "400 the path is not percent-encoded UTF-8 without NUL\n"),
        ("GET", "/%ff/@lock", #"400 {"error":{"message":"the path is"#),
        ("GET", "/plone/%ff/@lock", #"400 {"error":{"type":"Bad Request","message":"the path is"#),
        ("GET", "/v1/tickets/%ff", #"400 {"type":"#),
    ])
    func `a path that cannot be decoded is refused as its API does`(
        method: String,
        target: String,
        answer: String
    ) async throws {
        try await withBothMounts { house in
            let refused = try await house.http().ask(method, target)
            #expect(refused.short.hasPrefix(answer), "\(refused.short)")
        }
    }

    @Test(arguments: [
        ("GET", "/healthz/", 404), ("GET", "/version/", 404), ("GET", "/openapi.json/", 404),
        ("POST", "/v1/tickets/", 404), ("GET", "/v1/tickets/", 404),
        ("DELETE", "/v1/tickets/", 404),
        ("GET", "/v1/resources/", 404), ("GET", "/v1/resources/a/", 404),
        ("DELETE", "/v1/resources/a/", 404), ("GET", "/v1/history/", 404),
        ("GET", "/v1/check/", 403),
        ("DELETE", "/admin/remove-lock/", 404), ("POST", "/locks/", 404),
        ("DELETE", "/locks/", 404),
        ("GET", "/locks/?subject.courseId=c", 404), ("POST", "/sfp/api/locks/", 404),
        ("GET", "/sfp/api/locks/o/r/", 404), ("GET", "/sfp/api/locks//r", 404),
        ("LOCK", "/terraform/", 404), ("POST", "/terraform/t/lock/", 404), ("GET", "/@lock/", 404),
        ("PATCH", "/doc/", 404), ("GET", "/doc/", 404), ("GET", "/plone/", 404),
        ("GET", "/plone/doc/@lock/", 404), ("GET", "//", 404), ("GET", "/ui/app.js/", 404),
        ("GET", "/ui", 302), ("HEAD", "/ui", 302), ("GET", "/", 302), ("GET", "/ui/", 200),
    ])
    func `a slash at the end names something else, and nothing is there`(
        method: String,
        target: String,
        status: Int
    ) async throws {
        try await withBothMounts { house in
            let client = try await house.http()
            let answer = try await client.ask(method, target)
            #expect(answer.status == status, "\(answer.short)")
            if status == 302 { #expect(answer["Location"] == "/ui/") }
        }
    }
}
