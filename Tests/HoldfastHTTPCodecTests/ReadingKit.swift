// What a reader made of some bytes, as text that tests compare: one line for each request and one for a refusal.

import HoldfastHTTPCodec

/// Feeds the chunks one after another and says what came out of them.
func read(_ chunks: [[UInt8]], _ limits: HTTPLimits = HTTPLimits()) -> [String] {
    var reader = RequestReader(limits: limits)
    var told: [String] = []
    for chunk in chunks {
        reader.feed(chunk.span)
        told += steps(of: &reader)
        if told.last?.hasPrefix("refused") == true { return told }
    }
    if reader.hasBegun { told.append("unfinished") }
    return told
}

/// The same for bytes that come at once.
func read(_ text: String, _ limits: HTTPLimits = HTTPLimits()) -> [String] {
    read([Array(text.utf8)], limits)
}

private func steps(of reader: inout RequestReader) -> [String] {
    var told: [String] = []
    while true {
        switch reader.next() {
        case .needsBytes: return told
        case .needsContinue: told.append("continue")
        case .request: told.append(describe(reader.request))
        case .refused(let flaw): return told + ["refused \(flaw.status.number) \(flaw)"]
        }
    }
}

/// Method, path, query, fields, body, and what becomes of the connection.
func describe(_ request: Request) -> String {
    func text(_ range: ByteRange) -> String { request.text(in: range) ?? "(not UTF-8)" }
    var words = [text(request.methodRange), text(request.path)]
    if let query = request.query { words.append("?\(text(query))") }
    words.append("@\(text(request.host))")
    for field in request.fields where !["host", "Host"].contains(text(field.name)) {
        words.append("\(text(field.name))=\(text(field.value))")
    }
    if !request.body.isEmpty { words.append("[\(String(decoding: request.body, as: UTF8.self))]") }
    if request.minorVersion == 0 { words.append("1.0") }
    if !request.isKeptAlive { words.append("close") }
    return words.joined(separator: " ")
}

/// A head with a Host and these further lines, and what follows it.
func post(_ lines: String..., body: String = "") -> String {
    let head = ["POST / HTTP/1.1", "Host: a"] + lines
    return head.joined(separator: "\r\n") + "\r\n\r\n" + body
}
