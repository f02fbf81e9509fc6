// The oracle: what must be true of everything that clients and a faultless watcher observe. It is a second, much
// simpler idea of the rules than the core, and shares no code with it. Each check has a name and counts how often
// it was really made, because a check that never applies proves nothing.

package import HoldfastModel

/// A broken promise.
package struct Violation: Sendable {
    package var check: String
    package var text: String
    package var at: Instant
    /// Whose history shows it.
    package var resource: String?

    package init(check: String, text: String, at: Instant, resource: String? = nil) {
        self.check = check
        self.text = text
        self.at = at
        self.resource = resource
    }
}

/// Reads the history of one seed and says what is wrong with it.
package final class Oracle: @unchecked Sendable {
    package private(set) var violations: [Violation] = []
    package private(set) var counts: [String: Int] = [:]
    var asked: [String: Asked] = [:]
    var resources: [String: WatchedResource] = [:]
    var tickets: [String: KnownTicket] = [:]
    var textByLabel: [String: String] = [:]
    /// How many tickets the watcher saw made for a label: a key that was forgotten makes another.
    var madeCount: [String: Int] = [:]
    /// Labels of which replies named more than one ticket.
    var repeated: Set<String> = []
    var trust: [TrustEntry] = []
    /// Labels of tickets whose clients asked for their release.
    var letGo: Set<String> = []
    /// Labels of tickets that were stolen or cleared.
    var taken: Set<String> = []
    var doubtful: [(old: String, new: String, resource: String, at: Instant)] = []
    /// By client: until when its session lets it trust (rule 5).
    var sessionTrust: [Int: Instant] = [:]
    var sessions: [SessionName: KnownSession] = [:]
    /// By client: which of its sessions it has now.
    var sessionEpochs: [Int: Int] = [:]
    /// Labels that were asked for again on another session: which of them they are bound to is open.
    var boundElsewhere: Set<String> = []
    /// By label: the connections on which its owner named it to this server.
    var namers: [String: [Direction]] = [:]
    /// By label: the connection on which a `lock` waits for it.
    var lockers: [String: Direction] = [:]
    /// The server reads what arrives: neither requests in flight nor replies that nobody reads nor a slow disk stop it.
    var isReadAtOnce = true
    /// Labels whose tickets another request may have found by `ifMine`.
    var foundAgain: Set<String> = []
    var finders: [Finder] = []
    /// By label: the sending time of the last answered request of its owner.
    var heardAt: [String: Instant] = [:]
    var steals: [Asked] = []
    /// By resource: when a `clear` was last sent.
    var lastClear: [String: Instant] = [:]
    /// Longer than the journal takes for the batch under way and the next.
    var tellingMax = Interval.milliseconds(200)
    /// When the server was stopped for a while, since it is ready.
    var pauses: [(from: Instant, until: Instant)] = []
    /// Since when the server stops, and tells the watcher nothing any more.
    var stopsSince: Instant?
    /// How long the last server did so.
    var stoppedFor = Interval.zero
    var readyAt = Instant.zero
    var diedAt = Instant.zero
    /// Rule 23, less what a notice may be late.
    var retain = Interval.zero
    var retainedMax = 0
    var now: () -> Instant = { .zero }

    /// A ticket that some reply named.
    struct KnownTicket {
        var label: String
        var resource: String
        var lease: Interval
        var fence: Double?
        /// Rule 11: no lease ends before this.
        var promisedUntil = Instant.zero
        var expiredAt: Instant?
        /// When it was first known to have ended, and how.
        var endedAt: Instant?
        var ended: String?
    }

    func count(_ name: String, _ amount: Int = 1) { counts[name, default: 0] += amount }

    func fail(_ check: String, _ text: String, _ resource: String? = nil) {
        violations.append(Violation(check: check, text: text, at: now(), resource: resource))
    }

    func expect(
        _ check: String,
        _ isTrue: Bool,
        _ resource: String? = nil,
        _ text: () -> String
    ) {
        count("check \(check)")
        if !isTrue { fail(check, text(), resource) }
    }
}
