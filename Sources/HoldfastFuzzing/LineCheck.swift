// What must be true of every line, whatever it is (PROTOCOL §§1, 2, 6).

import HoldfastModel
import HoldfastWire

/// One line, decoded and held to the protocol.
struct LineCheck {
    private let decoder: RequestDecoder
    private let bytes: [UInt8]

    init(_ decoder: RequestDecoder, _ bytes: [UInt8]) {
        self.decoder = decoder
        self.bytes = bytes
    }

    func run(as kind: LinePiece) throws(Finding) {
        let tree = try? JSONValue(parsing: bytes.span)
        if let tree { try checkRewriting(tree) }
        let isObject = tree?.members != nil
        switch decoder.decode(kind, bytes.span) {
        case .request(let request):
            try demand(kind == .line && isObject, "a request was made of what is no line")
            try checkGeneralWay(to: request)
            try checkAnswer(to: request.id) { ReplyWriter.write(.done, to: $0, into: &$1) }
            guard let tree else { return }
            try checkSameRequest(request, in: tree)
        case .refused(let line):
            let refusal = line.refusal
            try demand(isExpected(refusal, of: kind, isObject), "refused for \(refusal)")
            try demand((0...bytes.count).contains(refusal.offset ?? 0), "an offset outside")
            try checkAnswer(to: line.id) {
                ReplyWriter.write(refusal, to: $0, ignored: line.ignored, into: &$1)
            }
        }
    }

    /// The codes that a line can have before anybody looks at what it asks for.
    private func isExpected(_ refusal: Refusal, of kind: LinePiece, _ isObject: Bool) -> Bool {
        switch (kind, refusal.code) {
        case (.tooLong, .lineTooLong): refusal.limit == .line
        case (.unfinished, .badRequest): refusal.offset == bytes.count
        case (.line, .unknownOperation): isObject
        case (.line, .badRequest):
            // A flaw of the whole line has an offset and no field; then the tree is refused, too.
            isObject != (refusal.offset != nil && refusal.field == nil)
        case (_, _): false
        }
    }

    /// The answer is one line of JSON that carries the `id` as it came.
    private func checkAnswer(
        to id: RequestID,
        _ write: (RequestID, inout [UInt8]) -> Void
    ) throws(Finding) {
        var line: [UInt8] = []
        write(id, &line)
        try demand(line.last == 0x0a && !line.dropLast().contains(0x0a), "not one line")
        guard let answer = try? JSONValue(parsing: line.span) else {
            throw Finding("no JSON: \(String(decoding: line, as: UTF8.self))")
        }
        let echoed: RequestID? =
            switch answer["id"] {
            case .integer(let number)?: .number(UInt64(number))
            case .string(let text)?: .text(text)
            case nil: .absent
            default: nil
            }
        try demand(isSame(echoed, id), "the id \(id) came back as \(String(describing: echoed))")
        guard answer["ok"]?.bool == false else { return }
        let code = answer["error"]?["code"]?.string.flatMap(ErrorCode.init)
        try demand(code != nil, "an error that PROTOCOL §6 does not list")
    }

    private func isSame(_ one: RequestID?, _ other: RequestID) -> Bool {
        guard case .text(let left)? = one, case .text(let right) = other else {
            return one == other
        }
        return left.utf8.elementsEqual(right.utf8)
    }

    /// A value written compactly is the same value.
    private func checkRewriting(_ tree: JSONValue) throws(Finding) {
        let again = try? JSONValue(parsing: tree.description)
        try demand(again?.description == tree.description, "written again it differs: \(tree)")
    }

    /// The short way through a plain line comes to what the general one comes to.
    private func checkGeneralWay(to request: DecodedRequest) throws(Finding) {
        guard case .request(let other) = decoder.decodeGenerally(.line, bytes.span) else {
            throw Finding("a request in the short way alone")
        }
        try demand(other.operation.isSame(as: request.operation), "not the same: \(other)")
        try demand(other.id == request.id, "not the same id: \(other)")
        try demand(other.ignored == request.ignored, "not the same fields ignored: \(other)")
    }

    /// Neither white space, nor escapes, nor the order of the fields changes what is asked.
    private func checkSameRequest(
        _ request: DecodedRequest,
        in tree: JSONValue
    ) throws(Finding) {
        let compact = try decoded(tree)
        try demand(compact.operation.isSame(as: request.operation), "not the same: \(compact)")
        try demand(compact.id == request.id, "not the same id: \(compact)")
        try demand(compact.ignored == request.ignored, "not the same fields ignored: \(compact)")
        let turned = try decoded(.object((tree.members ?? []).reversed()))
        try demand(turned.operation.isSame(as: request.operation), "order matters: \(turned)")
    }

    private func decoded(_ tree: JSONValue) throws(Finding) -> DecodedRequest {
        let line = tree.description
        guard case .request(let request) = decoder.decode(.line, line.utf8Span.span) else {
            throw Finding("refused when written again: \(line)")
        }
        return request
    }
}
