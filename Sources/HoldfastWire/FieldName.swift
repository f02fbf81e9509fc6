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
    init?(_ word: JSONText, in bytes: Span<UInt8>) {
        guard word.isPlain else {
            let text = word.unescaped(in: bytes)
            self.init(bytes: text.span)
            return
        }
        self.init(bytes: bytes.extracting(word.start..<word.end))
    }

    private init?(bytes: Span<UInt8>) {
        guard bytes.count >= 2 else { return nil }
        let match: FieldName? =
            switch (bytes.count, bytes[0], bytes[1]) {
            case (2, 0x69, _): .id
            case (2, 0x6f, 0x70): .op
            case (2, 0x6f, _): .of
            case (3, 0x6b, _): .key
            case (3, 0x6f, _): .off
            case (4, 0x62, _): .bind
            case (4, 0x6d, 0x65): .meta
            case (4, 0x6d, _): .mode
            case (4, 0x73, _): .sort
            case (4, 0x77, _): .wait
            case (5, 0x61, _): .after
            case (5, 0x66, 0x65): .fence
            case (5, 0x66, _): .force
            case (5, 0x67, _): .grace
            case (5, 0x6c, 0x65): .lease
            case (5, 0x6c, _): .limit
            case (5, 0x74, _): .token
            case (5, 0x77, _): .watch
            case (6, 0x63, _): .client
            case (6, 0x68, _): .holder
            case (6, 0x69, _): .ifMine
            case (6, 0x6e, _): .notify
            case (6, 0x70, _): .prefix
            case (6, 0x72, _): bytes[2] == 0x61 ? .reason : .resume
            case (6, 0x74, _): .ticket
            case (7, 0x6d, _): .maxWait
            case (7, 0x70, _): .permits
            case (7, 0x73, _): .session
            case (7, 0x76, _): .version
            case (8, 0x70, _): .priority
            case (8, 0x72, _): .resource
            case (9, 0x6c, _): .lockDelay
            case (9, 0x73, _): .stealable
            case (10, 0x70, _): .pollWithin
            default: nil
            }
        guard let match, bytes.hasSameBytes(as: match.text) else { return nil }
        self = match
    }
}

/// A set of field names.
struct FieldSet: OptionSet, Hashable, Sendable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }
    init(_ field: FieldName) { rawValue = 1 << UInt64(field.rawValue) }

    func contains(_ field: FieldName) -> Bool { rawValue >> UInt64(field.rawValue) & 1 == 1 }
    func containsOther(than other: FieldSet) -> Bool { rawValue & ~other.rawValue != 0 }

    static let id = FieldSet(.id)
    static let op = FieldSet(.op)
    static let resource = FieldSet(.resource)
    static let lease = FieldSet(.lease)
    static let ticket = FieldSet(.ticket)
    static let fence = FieldSet(.fence)
    static let wait = FieldSet(.wait)
    static let reason = FieldSet(.reason)
    static let grace = FieldSet(.grace)
    static let force = FieldSet(.force)
    static let version = FieldSet(.version)
    static let client = FieldSet(.client)
    static let token = FieldSet(.token)
    static let session = FieldSet(.session)
    static let resume = FieldSet(.resume)
    static let limit = FieldSet(.limit)
    static let after = FieldSet(.after)
    static let prefix = FieldSet(.prefix)
    static let sort = FieldSet(.sort)
    static let watch = FieldSet(.watch)
    static let off = FieldSet(.off)

    /// The table of `queue` in PROTOCOL §3.
    static let ticketRequest = FieldSet(
        rawValue: [
            .resource, .lease, .mode, .permits, .of, .maxWait, .priority, .key, .ifMine, .bind,
            .stealable, .lockDelay, .pollWithin, .holder, .reason, .meta, .notify,
        ].reduce(0) { $0 | FieldSet($1).rawValue }
    )
}
