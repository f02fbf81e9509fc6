// The words of PROTOCOL §3 that stand behind `op`. They are compared where they stand in the line, so that
// no request makes a string of its operation.

/// The operations of PROTOCOL §3.
package enum OperationName: String, Hashable, Sendable, CaseIterable {
    case hello
    case queue
    case lock
    case acquire
    case status
    case renew
    case release
    case check
    case list
    case resources
    case history
    case steal
    case clear
    case watch
    case unwatch
    case ping
    case bye
    case drain
    case stats

    /// The operation of that name, nil for a word that is none.
    init?(_ word: JSONText, in bytes: Span<UInt8>) {
        guard word.isPlain else {
            self.init(rawValue: word.text(in: bytes))
            return
        }
        guard word.end > word.start else { return nil }
        let match: OperationName? =
            switch (word.end - word.start, bytes[word.start]) {
            case (3, 0x62): .bye
            case (4, 0x6c): word.equals("lock", in: bytes) ? .lock : .list
            case (4, 0x70): .ping
            case (5, 0x63): word.equals("check", in: bytes) ? .check : .clear
            case (5, 0x64): .drain
            case (5, 0x68): .hello
            case (5, 0x71): .queue
            case (5, 0x72): .renew
            case (5, 0x73): word.equals("steal", in: bytes) ? .steal : .stats
            case (5, 0x77): .watch
            case (6, 0x73): .status
            case (7, 0x61): .acquire
            case (7, 0x68): .history
            case (7, 0x72): .release
            case (7, 0x75): .unwatch
            case (9, 0x72): .resources
            default: nil
            }
        guard let match, word.equals(match.rawValue, in: bytes) else { return nil }
        self = match
    }

    /// The fields that this operation reads; every other one is named as ignored.
    var fields: FieldSet {
        let own: FieldSet =
            switch self {
            case .hello: [.version, .client, .token, .session, .resume]
            case .queue: .ticketRequest
            case .lock: [.ticketRequest, .wait]
            case .steal: [.ticketRequest, .grace, .force]
            case .acquire: [.ticket, .resource, .wait]
            case .status: [.ticket, .resource]
            case .renew: [.ticket, .resource, .lease]
            case .release: [.ticket, .resource, .reason]
            case .check: [.ticket, .resource, .fence]
            case .list: [.resource, .limit, .after]
            case .resources: [.prefix, .limit, .after, .sort]
            case .history: [.resource, .limit]
            case .clear: [.resource, .reason]
            case .watch: [.resource, .prefix]
            case .unwatch: .watch
            case .drain: [.reason, .off]
            case .ping, .bye, .stats: []
            }
        return own.union([.id, .op])
    }
}
