// The fields of `queue`, which `lock` and `steal` share (the table in PROTOCOL §3).

import HoldfastModel

extension RequestDecoder {
    func ticketRequest(
        _ fields: FieldReader,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> TicketRequest {
        var request = TicketRequest(resource: try fields.resource(bytes))
        // Most requests stop here: a resource and perhaps a lease.
        request.lease = try fields.lease(bytes) ?? TicketRequest.leaseDefault
        guard fields.scan.fields.containsOther(than: RequestDecoder.plainFields) else {
            return request
        }
        request.mode = try mode(fields, bytes)
        request.maxWait = try fields.duration(.maxWait, .zero ... .day, bytes)
        let priorities = 0...Int64(TicketRequest.priorityMax)
        request.priority = UInt8(try fields.integer(.priority, priorities, bytes) ?? 0)
        request.ifMine = try fields.word(.ifMine, RequestDecoder.ifMineWords, bytes) ?? .queue
        request.binding = try fields.word(.bind, RequestDecoder.bindWords, bytes)
        request.stealable = try fields.flag(.stealable, bytes)
        let delays = Interval.zero...TicketRequest.lockDelayMax
        request.lockDelay = try fields.duration(.lockDelay, delays, bytes) ?? .zero
        let polls = RequestDecoder.pollWithinMin ... .day
        request.pollWithin =
            try fields.duration(.pollWithin, polls, bytes) ?? TicketRequest.pollWithinDefault
        request.notify = try fields.word(.notify, RequestDecoder.notifyWords, bytes) ?? .state
        request.details = try details(fields, bytes)
        return request
    }

    func steal(_ fields: FieldReader, _ bytes: Span<UInt8>) throws(FieldFlaw) -> Operation {
        let request = try ticketRequest(fields, bytes)
        // Rule 21: a steal always has a reason.
        guard fields.has(.reason) else { throw .missing(.reason) }
        let graces = Interval.zero...TicketRequest.graceMax
        let steal = Steal(
            grace: try fields.duration(.grace, graces, bytes) ?? .zero,
            force: try fields.flag(.force, bytes)
        )
        return .steal(request, steal)
    }

    static let pollWithinMin = Interval.milliseconds(100)

    private static let plainFields = FieldSet([.id, .op, .resource, .lease, .wait])
    private static let bindWords = [("ticket", Binding.ticket), ("session", .session)]
    private static let ifMineWords = [("queue", IfMine.queue), ("return", .return)]
    private static let notifyWords = [
        ("none", Notify.none), ("state", .state), ("position", .position),
    ]

    private enum ModeWord {
        case exclusive
        case shared
        case permit
    }

    private static let modeWords = [
        ("exclusive", ModeWord.exclusive), ("shared", .shared), ("permit", .permit),
    ]

    /// Rule 6: `of` is 1–1,000,000 and `permits` 1–`of`; both belong to permits alone.
    private func mode(_ fields: FieldReader, _ bytes: Span<UInt8>) throws(FieldFlaw) -> Mode {
        let word = try fields.word(.mode, RequestDecoder.modeWords, bytes) ?? .exclusive
        guard word == .permit else {
            for field in [FieldName.permits, .of] where fields.has(field) {
                throw FieldFlaw(field.text, "\(field.text) belongs to mode \"permit\"")
            }
            return word == .shared ? .shared : .exclusive
        }
        guard let of = try fields.integer(.of, 1...Int64(Mode.permitsMax), bytes) else {
            throw .missing(.of)
        }
        let count = try fields.integer(.permits, 1...of, bytes) ?? 1
        return .permit(count: UInt32(count), of: UInt32(of))
    }

    private func details(
        _ fields: FieldReader,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> TicketDetails? {
        let keys = 1...TicketRequest.keyBytesMax
        let key = try fields.text(.key, bytes, byteCounts: keys)
        let holder = try fields.text(.holder, bytes)
        let reason = try fields.text(.reason, bytes)
        let meta = try meta(fields, bytes)
        guard key != nil || holder != nil || reason != nil || !meta.isEmpty else { return nil }
        return TicketDetails(key: key, holder: holder, reason: reason, meta: meta)
    }

    /// At most 16 strings and so many bytes in all, names counted too; sorted by the bytes of the name.
    private func meta(
        _ fields: FieldReader,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> [MetaEntry] {
        guard let offset = fields.scan.offset(of: .meta) else { return [] }
        guard bytes[offset] == 0x7b else {
            throw FieldFlaw("meta", "meta must be an object of strings")
        }
        var budget = MetaBudget(limits: limits)
        var entries: [MetaEntry] = []
        var names = NestedNames()
        try ObjectWalk(offset: offset).forEachMember(bytes) { (name, place) throws(FieldFlaw) in
            try names.add(name, of: "meta", bytes)
            guard bytes[place] != 0x6e else { return }
            let value = try ValueReader(name: "meta", offset: place).rawText(bytes)
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
    let limits: Limits

    init(limits: Limits) {
        self.limits = limits
        bytesLeft = limits.metaBytes
    }

    mutating func take(_ byteCount: Int) throws(FieldFlaw) {
        countLeft -= 1
        bytesLeft -= byteCount
        guard countLeft >= 0, bytesLeft >= 0 else {
            let most = "\(TicketRequest.metaCountMax) strings and \(limits.metaBytes) bytes"
            throw FieldFlaw("meta", "meta may have at most \(most)", limit: .meta)
        }
    }
}
