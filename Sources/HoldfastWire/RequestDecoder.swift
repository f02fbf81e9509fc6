// From a line to an operation (PROTOCOL §§1–3). Two passes: the first checks the line and finds the fields,
// the second reads those of the operation. What is wrong becomes a refusal that can be sent as it is.

package import HoldfastModel

/// What a line turned out to be.
package enum DecodedLine: Sendable {
    case request(DecodedRequest)
    indirect case refused(RefusedLine)
}

/// A request as the coordinator takes it.
package struct DecodedRequest: Sendable {
    package var id: RequestID
    package var operation: Operation
    /// Fields that the operation does not read, by name, each once.
    package var ignored: [String]
}

/// A line that is no request, and what to answer.
package struct RefusedLine: Sendable {
    package var id: RequestID
    package var refusal: Refusal
    package var ignored: [String]
}

/// Decodes the lines of one server; it has no state of its own.
package struct RequestDecoder: Sendable {
    package let limits: Limits

    package static let idBytesMax = 64
    /// The greatest integer that every JSON reader keeps exactly, 2^53 − 1.
    package static let integerMax: Int64 = 1 << 53 - 1
    package static let tokenBytesMax = 4_096

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Decodes what a `LineFramer` shows.
    ///
    /// After `tooLong` the caller sends the refusal and closes the connection.
    package func decode(_ piece: LinePiece, _ bytes: Span<UInt8>) -> DecodedLine {
        var scan = LineScan()
        let flaw = check(bytes, &scan)
        switch piece {
        case .line:
            if let flaw { return refuse(scan, flaw) }
            return decode(scan, bytes)
        case .unfinished:
            return refuse(scan, JSONFlaw(.endOfInput, at: bytes.count))
        case .tooLong:
            let message = "a line may have at most \(limits.lineBytes) bytes"
            return refuse(scan, Refusal(.lineTooLong, message, limit: .line))
        }
    }

    private func check(_ bytes: Span<UInt8>, _ scan: inout LineScan) -> JSONFlaw? {
        do {
            try scan.scan(bytes)
            return nil
        } catch {
            return error
        }
    }

    private func decode(_ scan: LineScan, _ bytes: Span<UInt8>) -> DecodedLine {
        if scan.idIsWrong { return refuse(scan, FieldFlaw("id", RequestDecoder.idRule)) }
        let always = FieldSet([.id, .op])
        if let flaw = repeatedKey(in: scan, of: always, bytes) { return refuse(scan, flaw) }
        guard let word = scan.operation else {
            let isThere = scan.offset(of: .op) != nil
            let flaw = isThere ? FieldFlaw("op", "op must be a string") : .missing(.op)
            return refuse(scan, flaw)
        }
        guard let name = OperationName(word, in: bytes) else {
            return refuse(scan, Refusal(.unknownOperation, "this server knows no such operation"))
        }
        let known = name.fields
        if let flaw = repeatedKey(in: scan, of: known, bytes) { return refuse(scan, flaw) }
        var ignored = IgnoredNames()
        if scan.hasUnknown || scan.fields.containsOther(than: known) {
            ignored.collect(from: bytes, notIn: known)
        }
        do {
            let fields = FieldReader(scan: scan, limits: limits)
            let operation = try operation(name, fields, bytes, &ignored)
            let request = DecodedRequest(
                id: scan.id,
                operation: operation,
                ignored: ignored.names
            )
            return .request(request)
        } catch {
            return refuse(scan, error, ignored.names)
        }
    }

    /// Walks the line again, only when something did come twice, to say where.
    private func repeatedKey(
        in scan: LineScan,
        of known: FieldSet,
        _ bytes: Span<UInt8>
    ) -> FieldFlaw? {
        let repeated = scan.repeated.intersection(known)
        guard !repeated.isEmpty else { return nil }
        var seen = FieldSet()
        var flaw: FieldFlaw?
        ObjectWalk(offset: 0, depth: 0).forEachMember(bytes) { name, _ in
            guard flaw == nil, let field = FieldName(name, in: bytes) else { return }
            if repeated.contains(field), seen.contains(field) {
                flaw = .repeated(field.text, at: name.start - 1)
            }
            seen.insert(FieldSet(field))
        }
        return flaw
    }

    private static let idRule =
        "id must be a whole number from 0 to \(integerMax), written without fraction or exponent, "
        + "or a string of at most \(idBytesMax) bytes"
}

extension RequestDecoder {
    private func refuse(
        _ scan: LineScan,
        _ refusal: Refusal,
        _ ignored: [String] = []
    ) -> DecodedLine {
        .refused(RefusedLine(id: scan.id, refusal: refusal, ignored: ignored))
    }

    private func refuse(_ scan: LineScan, _ flaw: JSONFlaw) -> DecodedLine {
        refuse(scan, Refusal(.badRequest, flaw.explanation, offset: flaw.offset))
    }

    private func refuse(
        _ scan: LineScan,
        _ flaw: FieldFlaw,
        _ ignored: [String] = []
    ) -> DecodedLine {
        let refusal = Refusal(
            .badRequest,
            flaw.message,
            offset: flaw.offset,
            field: flaw.field,
            limit: flaw.limit
        )
        return refuse(scan, refusal, ignored)
    }
}

extension FieldFlaw {
    static func repeated(_ name: String, at offset: Int) -> FieldFlaw {
        FieldFlaw(name, "\(name) is there more than once", offset: offset)
    }
}

extension JSONFlaw {
    /// A sentence for people.
    package var explanation: String {
        switch kind {
        case .endOfInput: "the line ends in the middle of a value"
        case .unexpectedByte: "this is no JSON from byte \(offset) on"
        case .controlCharacter: "a control character in a string must be escaped"
        case .invalidUTF8: "this is no UTF-8 from byte \(offset) on"
        case .invalidEscape: "this is no escape that JSON knows"
        case .loneSurrogate: "an escaped surrogate must be half of a pair"
        case .invalidNumber: "this is no number as JSON writes them"
        case .numberNotFinite: "a number is too large for a finite double"
        case .tooDeep: "values nest deeper than \(JSONReader.depthMax)"
        case .trailingBytes: "something follows the object"
        case .notAnObject: "a line must be a JSON object"
        }
    }
}
