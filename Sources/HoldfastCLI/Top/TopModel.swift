// What `top` knows and what keys do to it. No terminal, no connection, no clock in here: the picture is
// worked out from this value alone (TopPicture), so every picture can be tested.

package import HoldfastModel
package import HoldfastWire

package struct TopModel: Sendable {
    /// The counters of `stats` that are shown.
    package struct Counters: Equatable, Sendable {
        package var uptime = Interval.zero
        package var connections = 0
        package var resources = 0
        package var held = 0
        package var waiting = 0
        package var granted = 0
        package var expired = 0
        package var lost = 0
        package var stolen = 0
        package var requests = 0
    }

    /// One resource of `resources`.
    package struct Row: Equatable, Sendable {
        package var resource: String
        package var holder: String
        package var holderCount: Int
        package var age: Interval?
        package var remaining: Interval?
        /// The longest that was seen to remain of this grant: near the lease, which is not told.
        package var leaseSeen: Interval?
        package var queueLength: Int
        package var oldestWait: Interval
        /// After a holder was lost it is closed for so long (rule 15).
        package var closedFor: Interval?
        package var fence: Int
    }

    package struct Rates: Equatable, Sendable {
        package var grants = 0.0
        package var requests = 0.0
    }

    package var server: String
    package var order: ResourcesQuestion.Order
    package var prefix: String
    package private(set) var counters = Counters()
    package private(set) var rows: [Row] = []
    package private(set) var rates: Rates?
    /// Grants per second of the last answers, oldest first.
    package private(set) var pastGrants: [Double] = []
    package private(set) var isPaused = false
    /// The filter while it is typed.
    package private(set) var editedPrefix: String?
    package private(set) var firstRow = 0
    /// Why there are no news, while there are none.
    package private(set) var trouble: String?

    private var countedAt: Instant?
    private var leasesSeen: [String: (fence: Int, remaining: Interval)] = [:]

    package init(server: String, order: ResourcesQuestion.Order = .queue, prefix: String = "") {
        self.server = server
        self.order = order
        self.prefix = prefix
    }

    /// As many as a narrow terminal has room for.
    private static let pastMax = 40

    // MARK: News

    /// Takes the replies to `stats` and `resources`.
    package mutating func take(stats: JSONValue, resources: JSONValue, at now: Instant) {
        trouble = nil
        let old = counters
        counters = Counters(stats)
        if let countedAt, now > countedAt, counters.uptime >= old.uptime {
            let seconds = (now - countedAt).seconds
            let rates = Rates(
                grants: Double(max(0, counters.granted - old.granted)) / seconds,
                requests: Double(max(0, counters.requests - old.requests)) / seconds
            )
            self.rates = rates
            pastGrants = pastGrants.suffix(TopModel.pastMax - 1) + [rates.grants]
        }
        countedAt = now
        rows = (resources["resources"]?.elements ?? []).map(Row.init)
        rememberLeases()
        firstRow = min(firstRow, max(0, rows.count - 1))
    }

    package mutating func failed(_ text: String) { trouble = text }

    private mutating func rememberLeases() {
        var seen: [String: (fence: Int, remaining: Interval)] = [:]
        for index in rows.indices {
            guard let remaining = rows[index].remaining else { continue }
            let (resource, fence) = (rows[index].resource, rows[index].fence)
            let known = leasesSeen[resource].flatMap { $0.fence == fence ? $0.remaining : nil }
            let longest = max(known ?? .zero, remaining)
            rows[index].leaseSeen = longest
            seen[resource] = (fence, longest)
        }
        leasesSeen = seen
    }

    // MARK: Keys

    package enum Command: Equatable, Sendable {
        case quit
        /// Ask the server again at once.
        case ask
        case draw
    }

    /// What a key does; `pageRows` is how many rows a page has.
    package mutating func press(_ key: Key, pageRows: Int) -> Command? {
        if editedPrefix != nil { return edit(key) }
        switch key {
        case .character("q"): return .quit
        case .character("s"):
            order = order == .queue ? .wait : order == .wait ? .path : .queue
            firstRow = 0
            return .ask
        case .character("p"), .character(" "): isPaused.toggle()
        case .character("/"): editedPrefix = prefix
        case .character("j"), .down: scroll(by: 1)
        case .character("k"), .up: scroll(by: -1)
        case .pageDown: scroll(by: pageRows)
        case .pageUp: scroll(by: -pageRows)
        case .character("g"), .home: firstRow = 0
        case .character("G"), .end: scroll(by: rows.count)
        case .escape where !prefix.isEmpty:
            prefix = ""
            return .ask
        case .character, .escape, .enter, .backspace: return nil
        }
        return isPaused || key != .character("p") && key != .character(" ") ? .draw : .ask
    }

    private mutating func edit(_ key: Key) -> Command? {
        switch key {
        case .character(let character): editedPrefix?.append(character)
        case .backspace: editedPrefix = editedPrefix.map { String($0.dropLast()) }
        case .escape: editedPrefix = nil
        case .enter:
            prefix = editedPrefix ?? prefix
            editedPrefix = nil
            firstRow = 0
            return .ask
        case .up, .down, .pageUp, .pageDown, .home, .end: return nil
        }
        return .draw
    }

    private mutating func scroll(by count: Int) {
        firstRow = max(0, min(firstRow + count, rows.count - 1))
    }
}

extension TopModel.Counters {
    init(_ stats: JSONValue) {
        func count(_ name: String) -> Int {
            stats[name]?.integer.flatMap { Int(exactly: $0) } ?? 0
        }
        uptime = stats["uptime"]?.interval ?? .zero
        connections = count("connections")
        resources = count("resources")
        held = count("held")
        waiting = count("waiting")
        granted = count("granted")
        expired = count("expired")
        lost = count("lost")
        stolen = count("stolen")
        requests = count("requests")
    }
}

extension TopModel.Row {
    init(_ resource: JSONValue) {
        let holder = resource["holder"]
        self.resource = harmless(resource["resource"]?.string ?? "?")
        self.holder = ResourcesCommand.people(in: holder)
        holderCount = resource["holders"]?.integer.flatMap { Int(exactly: $0) } ?? 0
        age = holder?["age"]?.interval
        remaining = holder?["remaining"]?.interval
        queueLength = resource["queueLength"]?.integer.flatMap { Int(exactly: $0) } ?? 0
        oldestWait = resource["oldestWait"]?.interval ?? .zero
        closedFor = resource["closedFor"]?.interval
        fence = resource["fence"]?.integer.flatMap { Int(exactly: $0) } ?? 0
    }
}
