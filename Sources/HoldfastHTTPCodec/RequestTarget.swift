// The target of a request: a path that begins with a slash, a whole URL as proxies send it, or `*` for OPTIONS. It is
// taken apart here and decoded nowhere: routes decode a segment once, so that `%2F` within one stays within it.

/// Where the parts of a target stand.
struct RequestTarget: Sendable {
    var path: ByteRange
    var query: ByteRange?
    /// Of a whole URL.
    var host: ByteRange?

    init(
        _ range: ByteRange,
        _ bytes: Span<UInt8>,
        _ method: HTTPMethod
    ) throws(RequestFlaw) {
        for index in range.indices
        where bytes[index] < 0x21 || bytes[index] > 0x7e || bytes[index] == 0x23 {
            throw .target
        }
        let start = Int(range.start)
        if bytes[start] == 0x2a, range.count == 1 {
            guard method == .options else { throw .target }
            path = range
            return
        }
        var end = start
        if bytes[start] == 0x2f {
            while end < Int(range.end), bytes[end] != 0x3f { end += 1 }
            path = ByteRange(start, end)
        } else {
            guard let host = RequestTarget.host(range, bytes) else { throw .target }
            self.host = host
            end = Int(host.end)
            while end < Int(range.end), bytes[end] != 0x3f { end += 1 }
            path = ByteRange(Int(host.end), end)
            // Without a path it means the root (RFC 9110 §4.2.3), and the byte before the host is a slash.
            if path.isEmpty { path = ByteRange(Int(host.start) - 1, Int(host.start)) }
        }
        guard end < Int(range.end) else { return }
        query = ByteRange(end + 1, Int(range.end))
    }

    /// The authority of an http URL.
    private static func host(_ range: ByteRange, _ bytes: Span<UInt8>) -> ByteRange? {
        for scheme in ["http://", "https://"] {
            let count = scheme.utf8.count
            guard range.count > count,
                bytes.isWord(scheme, in: ByteRange(Int(range.start), Int(range.start) + count))
            else { continue }
            let start = Int(range.start) + count
            var end = start
            while end < Int(range.end), bytes[end] != 0x2f, bytes[end] != 0x3f { end += 1 }
            let host = ByteRange(start, end)
            return HeadFacts.isHost(bytes.extracting(host.indices)) ? host : nil
        }
        return nil
    }
}
