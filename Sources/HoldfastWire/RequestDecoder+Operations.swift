// What each operation reads from its line, but for the fields of a ticket request, which have a file of
// their own.

import HoldfastModel

extension RequestDecoder {
    func operation(
        _ name: OperationName,
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>,
        _ ignored: inout IgnoredNames
    ) throws(FieldFlaw) -> Operation {
        switch name {
        case .hello: .hello(try hello(&line, bytes, &ignored))
        case .queue: .queue(try ticketRequest(&line, bytes))
        case .lock: .lock(try ticketRequest(&line, bytes), wait: try line.wait(bytes))
        case .steal: try steal(&line, bytes)
        case .acquire: .acquire(try line.ticket(bytes), wait: try line.wait(bytes))
        case .status: .status(try line.ticket(bytes))
        case .renew: .renew(try line.ticket(bytes), lease: try lease(&line, bytes))
        case .release: .release(try line.ticket(bytes), reason: try line.text(.reason, bytes))
        case .check: try check(&line, bytes)
        case .list: .list(try line.resource(bytes), try listPage(&line, bytes))
        case .resources: .resources(try resources(&line, bytes))
        case .history:
            .history(
                try line.resource(bytes),
                limit: try line.pageLimit(default: RequestDecoder.historyDefault, bytes)
            )
        case .clear: .clear(try line.resource(bytes), reason: try line.text(.reason, bytes))
        case .watch: .watch(try watchScope(&line, bytes))
        case .unwatch: .unwatch(try watchNumber(&line, bytes))
        case .ping: .ping
        case .bye: .bye
        case .drain:
            .drain(reason: try line.text(.reason, bytes), off: try line.flag(.off, bytes))
        case .stats: .stats
        }
    }

    package static let historyDefault = 64
    private static let sortWords = Vocabulary([
        ("queue", ResourcesQuestion.Order.queue), ("wait", .wait),
    ])

    private func check(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> Operation {
        guard !line.has(.ticket) else {
            if line.has(.fence) {
                throw FieldFlaw("fence", "check asks for a ticket or for a fence, not for both")
            }
            return .checkTicket(try line.ticket(bytes))
        }
        let resource = try line.resource(bytes)
        guard let fence = try line.integer(.fence, 0...RequestDecoder.integerMax, bytes) else {
            throw .missing(.fence)
        }
        return .checkFence(resource, Fence(number: UInt64(fence)))
    }

    private func listPage(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> ListPage {
        let after = try line.integer(.after, 0...RequestDecoder.integerMax, bytes)
        return ListPage(
            limit: try line.pageLimit(default: ListPage.limitDefault, bytes),
            after: Int(after ?? 0)
        )
    }

    private func resources(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> ResourcesQuestion {
        let question = ResourcesQuestion(
            prefix: try line.path(.prefix, bytes),
            limit: try line.pageLimit(default: ListPage.limitDefault, bytes),
            after: try line.path(.after, bytes),
            order: try line.word(.sort, RequestDecoder.sortWords, bytes) ?? .path
        )
        if question.order != .path, question.after != nil {
            throw FieldFlaw("after", "after goes with the order of the paths, not with sort")
        }
        return question
    }

    private func watchScope(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> WatchScope {
        let resource = try line.path(.resource, bytes)
        let prefix = try line.path(.prefix, bytes)
        switch (resource, prefix) {
        case (nil, nil): return .everything
        case (let resource?, nil): return .resource(resource)
        case (nil, let prefix?): return .prefix(prefix)
        case (_?, _?):
            throw FieldFlaw("prefix", "watch takes a resource or a prefix, not both")
        }
    }

    private func watchNumber(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> UInt64 {
        guard let watch = try line.integer(.watch, 0...RequestDecoder.integerMax, bytes) else {
            throw .missing(.watch)
        }
        return UInt64(watch)
    }

    func lease(
        _ line: inout RequestLine,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> Interval? {
        try line.duration(.lease, leases, bytes, limit: .lease)
    }
}
