// What each operation reads from its line, but for the fields of a ticket request, which have a file of
// their own.

import HoldfastModel

extension RequestDecoder {
    func operation(
        _ name: OperationName,
        _ fields: FieldReader,
        _ bytes: Span<UInt8>,
        _ ignored: inout IgnoredNames
    ) throws(FieldFlaw) -> Operation {
        switch name {
        case .hello: .hello(try hello(fields, bytes, &ignored))
        case .queue: .queue(try ticketRequest(fields, bytes))
        case .lock: .lock(try ticketRequest(fields, bytes), wait: try fields.wait(bytes))
        case .steal: try steal(fields, bytes)
        case .acquire: .acquire(try fields.ticket(bytes), wait: try fields.wait(bytes))
        case .status: .status(try fields.ticket(bytes))
        case .renew: .renew(try fields.ticket(bytes), lease: try fields.lease(bytes))
        case .release: .release(try fields.ticket(bytes), reason: try fields.text(.reason, bytes))
        case .check: try check(fields, bytes)
        case .list: .list(try fields.resource(bytes), try listPage(fields, bytes))
        case .resources: .resources(try resources(fields, bytes))
        case .history:
            .history(
                try fields.resource(bytes),
                limit: try fields.pageLimit(default: RequestDecoder.historyDefault, bytes)
            )
        case .clear: .clear(try fields.resource(bytes), reason: try fields.text(.reason, bytes))
        case .watch: .watch(try watchScope(fields, bytes))
        case .unwatch: .unwatch(try fields.watch(bytes))
        case .ping: .ping
        case .bye: .bye
        case .drain:
            .drain(reason: try fields.text(.reason, bytes), off: try fields.flag(.off, bytes))
        case .stats: .stats
        }
    }

    package static let historyDefault = 64

    private func check(
        _ fields: FieldReader,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> Operation {
        guard !fields.has(.ticket) else {
            if fields.has(.fence) {
                throw FieldFlaw("fence", "check asks for a ticket or for a fence, not for both")
            }
            return .checkTicket(try fields.ticket(bytes))
        }
        let resource = try fields.resource(bytes)
        guard let fence = try fields.integer(.fence, 0...RequestDecoder.integerMax, bytes) else {
            throw .missing(.fence)
        }
        return .checkFence(resource, Fence(number: UInt64(fence)))
    }

    private func listPage(
        _ fields: FieldReader,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> ListPage {
        let after = try fields.integer(.after, 0...RequestDecoder.integerMax, bytes)
        return ListPage(
            limit: try fields.pageLimit(default: ListPage.limitDefault, bytes),
            after: Int(after ?? 0)
        )
    }

    private func resources(
        _ fields: FieldReader,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> ResourcesQuestion {
        let words: [(String, ResourcesQuestion.Order)] = [("queue", .queue), ("wait", .wait)]
        let question = ResourcesQuestion(
            prefix: try fields.path(.prefix, bytes),
            limit: try fields.pageLimit(default: ListPage.limitDefault, bytes),
            after: try fields.path(.after, bytes),
            order: try fields.word(.sort, words, bytes) ?? .path
        )
        if question.order != .path, question.after != nil {
            throw FieldFlaw("after", "after goes with the order of the paths, not with sort")
        }
        return question
    }

    private func watchScope(
        _ fields: FieldReader,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> WatchScope {
        let resource = try fields.path(.resource, bytes)
        let prefix = try fields.path(.prefix, bytes)
        switch (resource, prefix) {
        case (nil, nil): return .everything
        case (let resource?, nil): return .resource(resource)
        case (nil, let prefix?): return .prefix(prefix)
        case (_?, _?):
            throw FieldFlaw("prefix", "watch takes a resource or a prefix, not both")
        }
    }
}

extension FieldReader {
    func resource(_ bytes: Span<UInt8>) throws(FieldFlaw) -> ResourcePath {
        guard let path = try path(.resource, bytes) else { throw .missing(.resource) }
        return path
    }

    func wait(_ bytes: Span<UInt8>) throws(FieldFlaw) -> Interval? {
        try duration(.wait, .zero ... .day, bytes)
    }

    func pageLimit(default limit: Int, _ bytes: Span<UInt8>) throws(FieldFlaw) -> Int {
        Int(try integer(.limit, 1...Int64(ListPage.limitMax), bytes) ?? Int64(limit))
    }

    func watch(_ bytes: Span<UInt8>) throws(FieldFlaw) -> UInt64 {
        guard let watch = try integer(.watch, 0...RequestDecoder.integerMax, bytes) else {
            throw .missing(.watch)
        }
        return UInt64(watch)
    }
}
