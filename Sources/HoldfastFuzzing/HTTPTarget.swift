// Bytes as an HTTP client may send them, through the reader. However they are split, the same requests and the same
// refusal come out; what was taken is held to RFC 9112 here in the dumbest way, and written again plainly it reads the
// same, so nothing in it was ambiguous.

import HoldfastHTTPCodec

/// HTTP/1.1 up to the request.
package struct HTTPTarget: FuzzTarget {
    package let name = "http"

    /// The default, and one that inputs reach.
    private let limits = [HTTPLimits(), HTTPTarget.narrow]

    private static let narrow = {
        var limits = HTTPLimits()
        (limits.headBytes, limits.requestLineBytes, limits.fieldCount) = (90, 30, 4)
        (limits.bodyBytes, limits.chunkLineBytes) = (12, 6)
        return limits
    }()

    package init() {}

    package func run(_ bytes: [UInt8]) throws(Finding) {
        for limits in limits {
            let whole = read(bytes, by: { bytes.count }, limits)
            try demand(read(bytes, by: { 1 }, limits) == whole, "byte by byte: \(whole)")
            var chance = Chance(seed: bytes)
            let split = read(bytes, by: { 1 + chance.pick(9) }, limits)
            try demand(split == whole, "in splits \(split), not \(whole)")
            for case .request(let request) in whole { try check(request) }
        }
    }

    private func read(
        _ bytes: [UInt8],
        by count: () -> Int,
        _ limits: HTTPLimits
    ) -> [Found] {
        var reader = RequestReader(limits: limits)
        var found: [Found] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + max(1, count()))
            reader.feed(bytes.span.extracting(start..<end))
            start = end
            reading: while true {
                switch reader.next() {
                case .needsBytes: break reading
                case .needsContinue: continue
                case .request: found.append(.request(FoundRequest(reader.request)))
                case .refused(let flaw):
                    precondition(reader.waitingByteCount == 0, "bytes are kept behind a flaw")
                    return found + [.refused(flaw)]
                }
            }
        }
        return found + (reader.hasBegun ? [.unfinished] : [])
    }

    private enum Found: Equatable {
        case request(FoundRequest)
        case refused(RequestFlaw)
        case unfinished
    }

    private func check(_ request: FoundRequest) throws(Finding) {
        let lines = request.head.split(separator: 0x0a, omittingEmptySubsequences: false)
        try demand(lines.dropLast().allSatisfy { $0.last == 0x0d }, "a line without CR LF")
        for line in lines {
            let isPlain = line.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
            try demand(isPlain, "a control character in a head")
        }
        let names = request.fields.map { String(decoding: $0.name, as: UTF8.self).lowercased() }
        try demand(names.count { $0 == "content-length" } <= 1, "two lengths")
        try demand(names.count { $0 == "host" } <= 1, "two hosts")
        let isChunked = names.contains("transfer-encoding")
        try demand(!isChunked || !names.contains("content-length"), "a length and chunks")
        try checkSame(request, isChunked: isChunked)
    }

    /// The same head with a plain body reads the same.
    private func checkSame(_ request: FoundRequest, isChunked: Bool) throws(Finding) {
        var bytes = request.line
        for field in request.fields {
            let name = String(decoding: field.name, as: UTF8.self).lowercased()
            if name == "transfer-encoding" || name == "content-length" { continue }
            bytes += [0x0d, 0x0a] + field.name + [0x3a, 0x20] + field.value
        }
        if !request.body.isEmpty {
            bytes += Array("\r\nContent-Length: \(request.body.count)".utf8)
        }
        bytes += [0x0d, 0x0a, 0x0d, 0x0a] + request.body
        guard case .request(let again)? = read(bytes, by: { bytes.count }, HTTPLimits()).first
        else {
            throw Finding("refused when written again: \(String(decoding: bytes, as: UTF8.self))")
        }
        let isSame =
            again.line == request.line && again.body == request.body && again.host == request.host
            && again.isKeptAlive == request.isKeptAlive
        try demand(isSame, "written again it differs")
    }
}

/// A request, taken out of the reader that goes on.
private struct FoundRequest: Equatable {
    var head: [UInt8]
    var line: [UInt8]
    var host: [UInt8]
    var fields: [Field] = []
    var body: [UInt8]
    var isKeptAlive: Bool
    /// What routes make of it must not trap.
    var segments: [String?]
    var query: [QueryItem]?
    var credentials: Credentials?

    struct Field: Equatable {
        var name: [UInt8]
        var value: [UInt8]
    }

    init(_ request: Request) {
        func bytes(_ range: ByteRange) -> [UInt8] { Array(request.bytes[range.indices]) }
        head = request.bytes
        let start = Int(request.methodRange.start)
        line = Array(request.bytes[start...].prefix { $0 != 0x0d })
        host = bytes(request.host)
        fields = request.fields.map { Field(name: bytes($0.name), value: bytes($0.value)) }
        body = request.body
        isKeptAlive = request.isKeptAlive
        segments = request.segments.map { request.decoded($0) }
        query = request.queryItems
        credentials = request.credentials
        _ = request.cookie("a")
    }
}
