// The fields of `queue`, which `lock` and `steal` share (the table in PROTOCOL §3).

import HoldfastModel

extension RequestDecoder {
    func ticketRequest(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> TicketRequest {
        var request = TicketRequest(resource: try line.resource(bytes))
        // Most requests stop here: a resource and perhaps a lease.
        request.lease = try lease(&line, bytes) ?? TicketRequest.leaseDefault
        guard line.fields.containsOther(than: RequestDecoder.plainFields) else {
            return request
        }
        request.mode = try mode(&line, bytes)
        request.maxWait = try line.duration(.maxWait, .zero ... .day, bytes)
        let priorities = 0...Int64(TicketRequest.priorityMax)
        request.priority = UInt8(try line.integer(.priority, priorities, bytes) ?? 0)
        request.ifMine = try line.word(.ifMine, RequestDecoder.ifMineWords, bytes) ?? .queue
        request.binding = try line.word(.bind, RequestDecoder.bindWords, bytes)
        request.stealable = try line.flag(.stealable, bytes)
        let delays = Interval.zero...TicketRequest.lockDelayMax
        request.lockDelay = try line.duration(.lockDelay, delays, bytes) ?? .zero
        let polls = RequestDecoder.pollWithinMin ... .day
        request.pollWithin =
            try line.duration(.pollWithin, polls, bytes) ?? TicketRequest.pollWithinDefault
        request.notify = try line.word(.notify, RequestDecoder.notifyWords, bytes) ?? .state
        request.details = try details(&line, bytes)
        return request
    }

    func steal(_ line: inout RequestLine, _ bytes: Span<UInt8>) throws(FieldFlaw) -> Operation {
        let request = try ticketRequest(&line, bytes)
        // Rule 21: a steal always has a reason, and an empty text is none.
        guard line.has(.reason) else { throw .missing(.reason) }
        guard request.details?.reason?.isEmpty == false else {
            throw FieldFlaw("reason", "reason must say why, in 1 to 256 bytes")
        }
        let graces = Interval.zero...TicketRequest.graceMax
        let steal = Steal(
            grace: try line.duration(.grace, graces, bytes) ?? .zero,
            force: try line.flag(.force, bytes)
        )
        return .steal(request, steal)
    }

    static let pollWithinMin = Interval.milliseconds(100)

    private static let plainFields = FieldSet(.id, .op, .resource, .lease, .wait)
    private static let bindWords = Vocabulary([
        ("ticket", Binding.ticket), ("session", .session),
    ])
    private static let ifMineWords = Vocabulary([
        ("queue", IfMine.queue), ("return", .return),
    ])
    private static let notifyWords = Vocabulary([
        ("none", Notify.none), ("state", .state), ("position", .position),
    ])

    private enum ModeWord {
        case exclusive
        case shared
        case permit
    }

    private static let modeWords = Vocabulary([
        ("exclusive", ModeWord.exclusive), ("shared", .shared), ("permit", .permit),
    ])

    /// Rule 6: `of` is 1–1,000,000 and `permits` 1–`of`; both belong to permits alone.
    private func mode(_ line: inout RequestLine, _ bytes: Span<UInt8>) throws(FieldFlaw) -> Mode {
        let word = try line.word(.mode, RequestDecoder.modeWords, bytes) ?? .exclusive
        guard word == .permit else {
            for field in [FieldName.permits, .of] where line.has(field) {
                throw FieldFlaw(field.text, "\(field.text) belongs to mode \"permit\"")
            }
            return word == .shared ? .shared : .exclusive
        }
        guard let of = try line.integer(.of, 1...Int64(Mode.permitsMax), bytes) else {
            throw .missing(.of)
        }
        let count = try line.integer(.permits, 1...of, bytes) ?? 1
        return .permit(count: UInt32(count), of: UInt32(of))
    }

    private func details(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> TicketDetails? {
        let keys = 1...TicketRequest.keyBytesMax
        let key = try line.text(.key, bytes, byteCounts: keys)
        let holder = try line.text(.holder, bytes)
        let reason = try line.text(.reason, bytes)
        let meta = try meta(&line, bytes)
        guard key != nil || holder != nil || reason != nil || !meta.isEmpty else { return nil }
        return TicketDetails(key: key, holder: holder, reason: reason, meta: meta)
    }

    /// At most 16 strings and so many bytes in all, names counted too; sorted by the bytes of the name.
    private func meta(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> [MetaEntry] {
        guard let meta = line.value(of: .meta) else { return [] }
        guard bytes[meta.start] == 0x7b else {
            throw FieldFlaw("meta", "meta must be an object of strings")
        }
        var budget = MetaBudget(bytes: metaBytes)
        var entries: [MetaEntry] = []
        var names = NestedNames()
        try ObjectWalk(offset: meta.start).forEachMember(bytes) { (name, place) throws(FieldFlaw) in
            try names.add(name, of: "meta", bytes)
            guard bytes[place] != 0x6e else { return }
            let value = try FieldValue(
                inside: .meta,
                named: "meta",
                at: place,
                bytes
            ).rawText(bytes)
            try budget.take(name.byteCount(in: bytes) + value.byteCount(in: bytes))
            entries.append(MetaEntry(name: name.text(in: bytes), value: value.text(in: bytes)))
        }
        entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return entries
    }
}

/// What is left of the bounds of one `meta`.
private struct MetaBudget {
    var countLeft = TicketRequest.metaCountMax
    var bytesLeft: Int
    private let bytes: Int

    init(bytes: Int) {
        self.bytes = bytes
        bytesLeft = bytes
    }

    mutating func take(_ byteCount: Int) throws(FieldFlaw) {
        countLeft -= 1
        bytesLeft -= byteCount
        guard countLeft >= 0, bytesLeft >= 0 else {
            let most = "\(TicketRequest.metaCountMax) strings and \(bytes) bytes"
            throw FieldFlaw("meta", "meta may have at most \(most)", limit: .meta)
        }
    }
}
