// Which operation a request is, without what it asks: for counts, where a number is worth more than a text.

extension Operation {
    /// The operations, in the order in which they are counted.
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case hello
        case queue
        case lock
        case steal
        case exchange
        case acquire
        case status
        case renew
        case release
        case check
        case list
        case resources
        case history
        case clear
        case watch
        case unwatch
        case ping
        case bye
        case drain
        case stats
        /// What was sent is no request.
        case unreadable

        /// As the protocol calls it.
        package var name: String { "\(self)" }
    }

    package var kind: Kind {
        switch self {
        case .hello: .hello
        case .queue: .queue
        case .lock: .lock
        case .steal: .steal
        case .exchange: .exchange
        case .acquire: .acquire
        case .status: .status
        case .renew: .renew
        case .release: .release
        case .checkFence, .checkTicket: .check
        case .list: .list
        case .resources: .resources
        case .history: .history
        case .clear: .clear
        case .watch: .watch
        case .unwatch: .unwatch
        case .ping: .ping
        case .bye: .bye
        case .drain: .drain
        case .stats: .stats
        }
    }
}
