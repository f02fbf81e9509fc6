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
    let leases: ClosedRange<Interval>
    let metaBytes: Int
    let lineBytes: Int

    package static let idBytesMax = 64
    /// The greatest integer that every JSON reader keeps exactly, 2^53 − 1.
    package static let integerMax: Int64 = 1 << 53 - 1
    package static let tokenBytesMax = JSONWebToken.bytesMax

    package init(limits: Limits = Limits()) {
        leases = limits.leaseMin...limits.leaseMax
        metaBytes = limits.metaBytes
        lineBytes = limits.lineBytes
    }

    /// Decodes what a `LineFramer` shows.
    ///
    /// After `tooLong` the caller sends the refusal and closes the connection.
    package func decode(_ piece: LinePiece, _ bytes: Span<UInt8>) -> DecodedLine {
        if case .line = piece, let line = PlainLine(bytes) { return decode(line, bytes) }
        return decodeGenerally(piece, bytes)
    }

    /// Decodes a plain line.
    package func decode(_ line: borrowing PlainLine, _ bytes: Span<UInt8>) -> DecodedLine {
        if let request = plainRequest(line, bytes) { return .request(request) }
        return decodeGenerally(.line, bytes)
    }

    /// The same for every line, without a look at what most of them are.
    package func decodeGenerally(_ piece: LinePiece, _ bytes: Span<UInt8>) -> DecodedLine {
        var line = RequestLine()
        let flaw = line.scan(bytes)
        switch piece {
        case .line:
            if let flaw { return refuse(&line, flaw) }
            return decode(&line, bytes)
        case .unfinished:
            let message = "the input ended before the line did"
            return refuse(&line, Refusal(.badRequest, message, offset: bytes.count))
        case .tooLong:
            let message = "a line may have at most \(lineBytes) bytes"
            return refuse(&line, Refusal(.lineTooLong, message, limit: .line))
        }
    }

    private func decode(_ line: inout RequestLine, _ bytes: Span<UInt8>) -> DecodedLine {
        if line.idIsWrong { return refuse(&line, FieldFlaw("id", RequestDecoder.idRule)) }
        guard line.repeated.isDisjoint(with: FieldSet(.id, .op)) else {
            return refuse(&line, repeatedKey(in: &line, of: FieldSet(.id, .op), bytes))
        }
        let name: OperationName
        do throws(Refusal) {
            name = try operationName(of: &line, bytes)
        } catch {
            return refuse(&line, error)
        }
        return decode(&line, as: name, reading: name.fields, bytes)
    }

    /// Decodes the fields of an operation that is known without `op`, as HTTP names it by its path.
    package func decode(_ bytes: Span<UInt8>, as name: OperationName) -> DecodedLine {
        var line = RequestLine()
        if let flaw = line.scan(bytes) { return refuse(&line, flaw) }
        let known = name.fields.subtracting(FieldSet(.id, .op))
        return decode(&line, as: name, reading: known, bytes)
    }

    private func decode(
        _ line: inout RequestLine,
        as name: OperationName,
        reading known: FieldSet,
        _ bytes: Span<UInt8>
    ) -> DecodedLine {
        guard line.repeated.isDisjoint(with: known) else {
            return refuse(&line, repeatedKey(in: &line, of: known, bytes))
        }
        var ignored = IgnoredNames()
        if line.hasUnknown || line.fields.containsOther(than: known) {
            ignored.collect(from: bytes, notIn: known)
        }
        do throws(FieldFlaw) {
            let operation = try operation(name, &line, bytes, &ignored)
            return .request(
                DecodedRequest(id: line.id, operation: operation, ignored: ignored.names)
            )
        } catch {
            return refuse(&line, error, ignored.names)
        }
    }

    private func operationName(
        of line: inout RequestLine,
        _ bytes: Span<UInt8>
    ) throws(Refusal) -> OperationName {
        guard let value = line.value(of: .op) else {
            throw Refusal(.badRequest, "op is missing", field: "op")
        }
        guard let text = try? value.rawText(bytes) else {
            throw Refusal(.badRequest, "op must be a string", field: "op")
        }
        guard let name = OperationName(ShortWord(text, in: bytes)) else {
            // A long one is somebody's mistake, not worth sending back.
            let isShort = text.byteCount(in: bytes) <= RequestDecoder.idBytesMax
            let word = isShort ? text.text(in: bytes) : "…"
            throw Refusal(.unknownOperation, "this server knows no operation called \(word)")
        }
        return name
    }

    /// Walks the line again, only when something did come twice, to say where.
    private func repeatedKey(
        in line: inout RequestLine,
        of known: FieldSet,
        _ bytes: Span<UInt8>
    ) -> FieldFlaw {
        let repeated = line.repeated.intersection(known)
        var seen = FieldSet()
        var flaw: FieldFlaw?
        ObjectWalk(offset: 0, depth: 0).forEachMember(bytes) { name, _ in
            guard flaw == nil, let field = FieldName(name, in: bytes) else { return }
            if repeated.contains(field), seen.contains(field) {
                flaw = .repeated(field.text, at: name.start - 1)
            }
            seen.insert(FieldSet(field))
        }
        guard let flaw else { preconditionFailure("a repeated key is there twice") }
        return flaw
    }

    private static let idRule =
        "id must be a whole number from 0 to \(integerMax), written without fraction or exponent, "
        + "or a string of at most \(idBytesMax) bytes"
}

extension RequestDecoder {
    private func refuse(
        _ line: inout RequestLine,
        _ refusal: Refusal,
        _ ignored: [String] = []
    ) -> DecodedLine {
        .refused(RefusedLine(id: line.id, refusal: refusal, ignored: ignored))
    }

    private func refuse(_ line: inout RequestLine, _ flaw: JSONFlaw) -> DecodedLine {
        refuse(&line, Refusal(.badRequest, flaw.explanation, offset: flaw.offset))
    }

    private func refuse(
        _ line: inout RequestLine,
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
        return refuse(&line, refusal, ignored)
    }
}
