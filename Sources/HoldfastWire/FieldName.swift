// The names of the fields at the top of a request line, found in place: a number from 0 for each, so that
// where its value stands fits into a small array on the stack.

/// The fields of all operations.
package enum FieldName: UInt8, Hashable, Sendable, CaseIterable {
    case id
    case op
    case resource
    case lease
    case ticket
    case fence
    case key
    case wait
    case maxWait
    case mode
    case permits
    case of
    case priority
    case ifMine
    case bind
    case stealable
    case lockDelay
    case pollWithin
    case holder
    case reason
    case meta
    case notify
    case grace
    case force
    case version
    case client
    case token
    case session
    case resume
    case limit
    case after
    case prefix
    case sort
    case watch
    case off

    package var text: String {
        switch self {
        case .id: "id"
        case .op: "op"
        case .resource: "resource"
        case .lease: "lease"
        case .ticket: "ticket"
        case .fence: "fence"
        case .key: "key"
        case .wait: "wait"
        case .maxWait: "maxWait"
        case .mode: "mode"
        case .permits: "permits"
        case .of: "of"
        case .priority: "priority"
        case .ifMine: "ifMine"
        case .bind: "bind"
        case .stealable: "stealable"
        case .lockDelay: "lockDelay"
        case .pollWithin: "pollWithin"
        case .holder: "holder"
        case .reason: "reason"
        case .meta: "meta"
        case .notify: "notify"
        case .grace: "grace"
        case .force: "force"
        case .version: "version"
        case .client: "client"
        case .token: "token"
        case .session: "session"
        case .resume: "resume"
        case .limit: "limit"
        case .after: "after"
        case .prefix: "prefix"
        case .sort: "sort"
        case .watch: "watch"
        case .off: "off"
        }
    }

    /// The field of that name, nil for one that no operation reads.
    init?(_ name: JSONText, in bytes: Span<UInt8>) {
        guard let word = ShortWord(name, in: bytes) else { return nil }
        guard let number = FieldName.table.number(of: word) else { return nil }
        self.init(rawValue: number)
    }

    private static let table = WordTable(allCases.map(\.text))
}

/// A set of field names.
struct FieldSet: OptionSet, Hashable, Sendable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }
    init(_ field: FieldName) { rawValue = 1 << UInt64(field.rawValue) }
    init(_ fields: FieldName...) { rawValue = fields.reduce(0) { $0 | FieldSet($1).rawValue } }

    func contains(_ field: FieldName) -> Bool { rawValue >> UInt64(field.rawValue) & 1 == 1 }
    func containsOther(than other: FieldSet) -> Bool { rawValue & ~other.rawValue != 0 }
}
