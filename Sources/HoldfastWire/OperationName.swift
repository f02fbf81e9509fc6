// The operations of PROTOCOL §3, and which fields each of them reads.

/// The words behind `op`.
package enum OperationName: UInt8, Hashable, Sendable, CaseIterable {
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

    package var text: String {
        switch self {
        case .hello: "hello"
        case .queue: "queue"
        case .lock: "lock"
        case .acquire: "acquire"
        case .status: "status"
        case .renew: "renew"
        case .release: "release"
        case .check: "check"
        case .list: "list"
        case .resources: "resources"
        case .history: "history"
        case .steal: "steal"
        case .clear: "clear"
        case .watch: "watch"
        case .unwatch: "unwatch"
        case .ping: "ping"
        case .bye: "bye"
        case .drain: "drain"
        case .stats: "stats"
        }
    }

    /// The operation of that name, nil for a word that is none.
    init?(_ word: ShortWord?) {
        guard let word, let number = OperationName.table.number(of: word) else { return nil }
        self.init(rawValue: number)
    }

    /// The fields that this operation reads; every other one is named as ignored.
    var fields: FieldSet { OperationName.fieldSets[Int(rawValue)] }

    private static let table = WordTable(allCases.map(\.text))
    private static let fieldSets = allCases.map(\.ownFields)

    private var ownFields: FieldSet {
        switch self {
        case .hello: FieldSet(.id, .op, .version, .client, .token, .session, .resume)
        case .queue: OperationName.queueFields
        case .lock: OperationName.queueFields.union(FieldSet(.wait))
        case .steal: OperationName.queueFields.union(FieldSet(.grace, .force))
        case .acquire: FieldSet(.id, .op, .ticket, .resource, .wait)
        case .status: FieldSet(.id, .op, .ticket, .resource)
        case .renew: FieldSet(.id, .op, .ticket, .resource, .lease)
        case .release: FieldSet(.id, .op, .ticket, .resource, .reason)
        case .check: FieldSet(.id, .op, .ticket, .resource, .fence)
        case .list: FieldSet(.id, .op, .resource, .limit, .after)
        case .resources: FieldSet(.id, .op, .prefix, .limit, .after, .sort)
        case .history: FieldSet(.id, .op, .resource, .limit)
        case .clear: FieldSet(.id, .op, .resource, .reason)
        case .watch: FieldSet(.id, .op, .resource, .prefix)
        case .unwatch: FieldSet(.id, .op, .watch)
        case .drain: FieldSet(.id, .op, .reason, .off)
        case .ping, .bye, .stats: FieldSet(.id, .op)
        }
    }

    /// The table of `queue` in PROTOCOL §3.
    private static let queueFields = FieldSet(
        .id,
        .op,
        .resource,
        .lease,
        .mode,
        .permits,
        .of,
        .maxWait,
        .priority,
        .key,
        .ifMine,
        .bind,
        .stealable,
        .lockDelay,
        .pollWithin,
        .holder,
        .reason,
        .meta,
        .notify
    )
}
