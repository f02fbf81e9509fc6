// The plain requests of one read for the shard of another loop, and what they are answered there, as flat as they came:
// one letter there and one back, with the paths one after another in one array. A request like any other is an
// operation with a path of its own on the way there and a place among what is told on the way back; that took four
// times the instructions of a request that stays on its loop.

package import HoldfastCore
package import HoldfastModel

/// Plain requests of one connection, in order.
package struct PlainLetter: Sendable {
    let principal: Principal
    let connection: ConnectionID
    private(set) var items: [Item] = []
    private(set) var paths: [UInt8] = []

    struct Item: Sendable {
        var request: UInt64
        var ask: Ask
    }

    /// `take`: the path goes from the end of the one before to here.
    enum Ask: Sendable {
        case take(pathEnd: Int, PlainTerms, Event.Purpose)
        case release(TicketID)
    }

    package init(from principal: Principal, on connection: ConnectionID) {
        self.principal = principal
        self.connection = connection
    }

    /// The path is one, told in plain ASCII.
    package mutating func add(
        _ path: Span<UInt8>,
        _ terms: PlainTerms,
        _ purpose: Event.Purpose,
        as request: UInt64
    ) {
        // Safe: the bytes are copied while they are lent.
        unsafe path.withUnsafeBufferPointer { unsafe paths.append(contentsOf: $0) }
        items.append(Item(request: request, ask: .take(pathEnd: paths.count, terms, purpose)))
    }

    package mutating func add(_ ticket: TicketID, as request: UInt64) {
        items.append(Item(request: request, ask: .release(ticket)))
    }

    /// For the general way.
    func operation(_ item: Item, pathFrom start: Int) -> Operation {
        switch item.ask {
        case .release(let ticket):
            return .release(TicketReference(ticket: ticket), reason: nil)
        case .take(let end, let terms, let purpose):
            guard let path = ResourcePath(plainASCII: paths.span.extracting(start..<end)) else {
                preconditionFailure("a letter with something that is no path")
            }
            let request = TicketRequest(resource: path, lease: terms.lease, notify: terms.notify)
            guard case .lock(let wait) = purpose else { return .queue(request) }
            return .lock(request, wait: wait)
        }
    }
}

/// What such requests were answered.
struct PlainAnswers: Sendable {
    private let client: ConnectionID
    private var all: [Told] = []

    private struct Told: Sendable {
        var request: UInt64
        var reply: PlainReply
        var receipt: Receipt?
    }

    init(to client: ConnectionID) { self.client = client }

    mutating func add(_ reply: PlainReply, _ receipt: Receipt?, to request: UInt64) {
        all.append(Told(request: request, reply: reply, receipt: receipt))
    }

    /// Hands them to their client, on its loop.
    func deliver(by postOffice: PostOffice) {
        guard !all.isEmpty else { return }
        postOffice.post(to: client) { client in
            for told in all {
                if let client, !client.isGone {
                    client.take(told.reply, to: told.request, told.receipt)
                } else {
                    told.receipt?.sendBack()
                }
            }
        }
    }
}

extension Shard {
    /// Performs the requests of a letter, in order.
    func perform(_ letter: PlainLetter) async {
        beginReading()
        var answers = PlainAnswers(to: letter.connection)
        var start = 0
        for item in letter.items {
            if !take(item, of: letter, pathFrom: start, &answers) {
                // What was decided before is told before.
                answers.deliver(by: postOffice)
                answers = PlainAnswers(to: letter.connection)
                let operation = letter.operation(item, pathFrom: start)
                let address = RequestAddress(connection: letter.connection, request: item.request)
                await perform([RoutedRequest(operation, from: letter.principal, nil, at: address)])
            }
            if case .take(let end, _, _) = item.ask { start = end }
        }
        answers.deliver(by: postOffice)
    }

    /// False, and nothing happened, where the general way is to be gone.
    private func take(
        _ item: PlainLetter.Item,
        of letter: borrowing PlainLetter,
        pathFrom start: Int,
        _ answers: inout PlainAnswers
    ) -> Bool {
        let address = RequestAddress(connection: letter.connection, request: item.request)
        let asker = PlainAsker(letter.principal, at: address, isNext: false, hasGates: false)
        let outcome =
            switch item.ask {
            case .take(let end, let terms, let purpose):
                takeHere(letter.paths.span.extracting(start..<end), terms, purpose, for: asker)
            case .release(let ticket):
                releaseHere(ticket, for: asker)
            }
        switch outcome {
        case .declined: return false
        case .later: return true
        case .granted(let reply, let receipt, _): answers.add(reply, receipt, to: item.request)
        case .released(let reply, _): answers.add(reply, nil, to: item.request)
        case .answered: preconditionFailure("nobody waits for an answer at once")
        }
        return true
    }
}
