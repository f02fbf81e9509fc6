// A client of HTTP for tests, over pipes or sockets: it sends what it is given, byte by byte as it stands, and reads
// responses by their framing alone, so that what is wrong with the framing shows.

import HoldfastWire
import Testing

/// A response as it came.
struct HTTPResponse {
    var status: Int
    var fields: [(name: String, value: String)]
    var body: String

    subscript(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }

    /// Status and body, for tables.
    var short: String { body.isEmpty ? "\(status)" : "\(status) \(body)" }
}

/// A connection that speaks HTTP.
final class HTTPTalker {
    let talker: any Talker
    private var waiting: [UInt8] = []

    init(_ talker: any Talker) { self.talker = talker }

    func post(_ text: String) { talker.post(bytes: Array(text.utf8)) }

    /// Sends a request and reads its response.
    func ask(
        _ method: String,
        _ target: String,
        _ body: String? = nil,
        fields: [String] = []
    ) async throws -> HTTPResponse {
        post(request(method, target, body, fields: fields))
        return try #require(await response(toHead: method == "HEAD"), "no response came")
    }

    /// The next response; nil when none comes.
    func response(toHead: Bool = false) async -> HTTPResponse? {
        guard var response = await head() else { return nil }
        if toHead || response.status == 204 || response.status < 200 { return response }
        if response["Transfer-Encoding"] == "chunked" { return response }
        let count = response["Content-Length"].flatMap(Int.init) ?? 0
        while waiting.count < count {
            guard await receive() else { return nil }
        }
        response.body = String(decoding: waiting[..<count], as: UTF8.self)
        waiting.removeFirst(count)
        return response
    }

    /// The next piece of a response in chunks; nil at its end, or when none comes.
    func piece() async -> String? {
        guard let line = await line(), let count = Int(line, radix: 16) else { return nil }
        while waiting.count < count + 2 {
            guard await receive() else { return nil }
        }
        defer { waiting.removeFirst(count + 2) }
        return count == 0 ? nil : String(decoding: waiting[..<count], as: UTF8.self)
    }

    /// Whether the server closed, and said nothing more before.
    func isOver() async -> Bool {
        guard waiting.isEmpty else { return false }
        return await talker.isOver()
    }

    private func head() async -> HTTPResponse? {
        guard let first = await line() else { return nil }
        let words = first.split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            return nil
        }
        var response = HTTPResponse(status: status, fields: [], body: "")
        while let line = await line(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            response.fields.append((String(parts[0]), String(parts[1].dropFirst())))
        }
        return response
    }

    private func line() async -> String? {
        while true {
            if let end = waiting.firstIndex(of: 0x0a) {
                defer { waiting.removeFirst(end + 1) }
                guard end > 0, waiting[end - 1] == 0x0d else { return nil }
                return String(decoding: waiting[..<(end - 1)], as: UTF8.self)
            }
            guard await receive() else { return nil }
        }
    }

    private func receive() async -> Bool {
        guard let bytes = await talker.more() else { return false }
        waiting += bytes
        return true
    }
}

/// The text of a request with a Host and, where there is a body, its length.
func request(
    _ method: String,
    _ target: String,
    _ body: String? = nil,
    fields: [String] = []
) -> String {
    var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields
    if let body { lines.append("Content-Length: \(body.utf8.count)") }
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
}

extension House {
    func http() async throws -> HTTPTalker { HTTPTalker(try await connectHTTP()) }
}

/// A field that says who asks, where nothing has to be proved.
func bearer(_ name: String) -> String { "Authorization: Bearer \(name)" }
