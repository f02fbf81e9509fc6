// What must have happened in a run of many seeds with every fault on: a fault that never struck, an error that was
// never answered, a check that was never made proves nothing. Each is counted by name; what is missing fails the run.

import HoldfastModel

/// The names of counts that a long enough run has.
package enum Coverage {
    /// Fewer seeds than this may miss something by chance.
    package static let seedCountMin = 200

    /// What never happened, by name.
    package static func missing(in counts: [String: Int]) -> [String] {
        needed.filter { counts[$0, default: 0] == 0 }
    }

    private static let needed =
        Fault.allCases.map { "fault \($0.rawValue)" }
        + operations.map { "op \($0)" }
        + errors.map { "error \($0)" }
        + refusals.flatMap { op, codes in codes.map { "refused \(op) \($0)" } }
        + limits.map { "limit \($0)" }
        + events.map { "saw \($0)" }
        + told.map { "event \($0)" }
        + checks.map { "check \($0)" }
        + others

    private static let operations = [
        "hello", "queue", "lock", "steal", "acquire", "status", "renew", "release", "check", "list",
        "resources", "history", "clear", "watch", "unwatch", "ping", "bye", "drain", "stats",
    ]

    /// Not `moved`, which a single node never sends, and not `internal`, which must never happen.
    private static let errors = [
        "bad_request", "unknown_op", "line_too_long", "unauthenticated", "forbidden", "not_found",
        "conflict", "not_acquired", "lost", "timed_out", "not_stealable", "capacity_mismatch",
        "limit_exceeded", "draining", "unavailable",
    ]

    /// By operation, what PROTOCOL names for it.
    private static let refusals: [(String, [String])] = [
        ("hello", ["not_found", "limit_exceeded", "unauthenticated"]),
        ("queue", ["bad_request", "capacity_mismatch", "conflict", "draining", "limit_exceeded"]),
        (
            "lock",
            ["capacity_mismatch", "conflict", "draining", "limit_exceeded", "lost", "timed_out"]
        ),
        ("steal", ["capacity_mismatch", "draining", "limit_exceeded", "not_stealable"]),
        ("acquire", ["forbidden", "lost", "not_found"]),
        ("renew", ["forbidden", "lost", "not_acquired", "not_found"]),
        ("release", ["lost", "not_found"]),
        ("status", ["not_found"]),
        ("watch", ["limit_exceeded"]),
    ]

    /// Not those that answer nothing: `in_flight` stops reading, `retained` and `history` forget.
    private static let limits = [
        "line", "connections", "connections_per_principal", "waits", "queue",
        "tickets_per_principal", "resources", "sessions", "watches", "meta", "lease",
    ]

    private static let events = [
        "queued", "acquired", "renewed", "released", "cancelled", "expired", "timed_out",
        "abandoned", "session_ended", "stolen", "losing", "kept", "cleared",
    ]

    private static let told = [
        "queued", "acquired", "losing", "kept", "lost", "position", "goodbye",
    ]

    private static let checks = [
        "answered", "damage-found", "ended-stays", "ends-once", "ends-with-session", "exclusion",
        "fences-rise", "graces-end", "graces-kept", "held-alone", "idempotent", "leases-kept",
        "lock-delay", "no-dead-waiter", "no-lost-wake-up", "no-overtaking", "nothing-forgotten",
        "nothing-left", "one-ending", "one-fence", "owners-alone", "position-in-queue",
        "remembered", "replies-in-order", "same-order", "same-picture", "sdk-comes-back", "served",
        "sessions-kept", "stolen-by-consent", "stops", "told-its-position", "told-of-loss",
        "waits-end", "waits-kept", "watch-sequence",
    ]

    private static let others = [
        "session resumed", "trusted by waited", "found by ifMine", "retried after a lost reply",
        "sdk locks used", "sdk lock lost", "sdk timed out", "sdk refused", "sdk unreachable",
        "sdk outcome unknown", "goodbye draining", "goodbye unavailable", "goodbye line_too_long",
        "goodbye connections",
    ]
}
