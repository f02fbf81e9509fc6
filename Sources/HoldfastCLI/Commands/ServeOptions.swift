// The options of `serve` and `check-config`: how to listen, what to keep, and every limit of
// PROTOCOL §8.

package import HoldfastJournal
package import HoldfastModel

package enum LogLevelChoice: String, ChoiceValue {
    case debug
    case info
    case notice
    case warning
    case error
}

package enum LogFormatChoice: String, ChoiceValue {
    case text
    case json
}

package enum ServeOptions {
    package static let listen = Option<ServerAddress>(
        "listen",
        default: "127.0.0.1:7420",
        repeats: .addsByCommas,
        "where to listen; port 0 takes a free one; may be repeated"
    )
    package static let http = Option<String>(
        "http",
        placeholder: "HOST:PORT|off",
        default: "127.0.0.1:7421",
        repeats: .addsByCommas,
        "where to listen for HTTP; port 0 takes a free one; may be repeated"
    )
    package static let data = Option<String>(
        "data",
        placeholder: "DIR|none",
        default: "./holdfast-data",
        "the directory that keeps what was acknowledged; none: in memory, a stop forgets"
    )
    package static let sync = Option<SyncPolicy>(
        "sync",
        default: "always",
        "when data is made to last; always: before anybody is told; interval:MS: later, and a power loss may take "
            + "that much of what was acknowledged"
    )
    package static let segment = Option<Int>(
        "segment",
        placeholder: "BYTES",
        default: "67108864",
        "bytes of a file of the journal, reserved before they are written"
    )
    package static let snapshotAfter = Option<Int>(
        "snapshot-after",
        placeholder: "BYTES",
        default: "67108864",
        "take a snapshot when the journal is longer than this and than twice the last one"
    )
    package static let tlsCertificate = Option<FileName>(
        "tls-cert",
        "speak TLS with this certificate (PEM, with those that lead to its authority); SIGHUP reads it again"
    )
    package static let tlsKey = Option<FileName>(
        "tls-key",
        "the certificate's key (PEM), closed to other users"
    )
    package static let tlsClientAuthority = Option<FileName>(
        "tls-client-ca",
        "let in only clients with a certificate of one of these authorities; its name is theirs"
    )
    package static let audit = Option<FileName>(
        "audit",
        "write down who took or ended others' locks, as lines of JSON; SIGHUP opens the file anew"
    )
    package static let insecure = Option<Bool>(
        "insecure",
        "listen beyond loopback without authentication and TLS"
    )
    package static let loops = Option<Int>(
        "loops",
        default: "the cores, at most 16",
        "event loops"
    )
    package static let noPolling = Option<Bool>(
        "no-polling",
        "sleep at once where there is nothing to do: less of the processor, slower hand-overs"
    )
    package static let node = Option<String>(
        "node",
        default: "the host's name",
        "the server's name"
    )
    package static let drainTimeout = Option<Interval>(
        "drain-timeout",
        default: "10",
        "how long stopping may take"
    )
    package static let firstFence = Option<Int>(
        "first-fence",
        "start fences here where the wall clock is wrong"
    )
    package static let retain = Option<Interval>(
        "retain",
        default: "60",
        "remember finished tickets this long"
    )
    package static let logLevel = Option<LogLevelChoice>(
        "log-level",
        default: "notice",
        "what is worth a line"
    )
    package static let logFormat = Option<LogFormatChoice>(
        "log-format",
        default: "text",
        "how lines look"
    )

    package static let maxLine = limit("line", 65_536, "bytes of a request line")
    package static let maxConnections = limit("connections", 16_384, "open connections")
    package static let maxConnectionsPerPrincipal = limit(
        "connections-per-principal",
        16_384,
        "open connections of one principal"
    )
    package static let maxConnectionsPerAddress = Option<Int>(
        "max-connections-per-address",
        default: "half of all, and all for this machine",
        "most open connections of one address; those of an IPv6 network /64 count together"
    )
    package static let maxRequestsPerSecond = Option<Int>(
        "max-requests-per-second",
        default: "50000 where names are proved",
        "most requests of one principal in a second; renewals and releases are refused last"
    )
    package static let maxInFlight = limit("in-flight", 1_024, "unanswered requests per connection")
    package static let maxWaits = limit("waits", 16_384, "waiting requests per connection")
    package static let maxQueue = limit("queue", 250_000, "tickets waiting for one resource")
    package static let maxClaims = limit(
        "claims",
        1_000_000,
        "holders wanted by waiting stealers of one resource, counted for each"
    )
    package static let maxTicketsPerPrincipal = limit(
        "tickets-per-principal",
        100_000,
        "live tickets of one principal"
    )
    package static let maxResources = limit("resources", 4_000_000, "resources with a ticket")
    package static let maxSessions = limit("sessions", 65_536, "sessions")
    package static let maxWatches = limit("watches", 64, "watches per connection")
    package static let maxOutbound = limit("outbound", 4_194_304, "unread bytes per connection")
    package static let maxMeta = limit("meta", 1_024, "bytes of a ticket's metadata")
    package static let maxRetained = limit("retained", 64, "finished tickets per resource")
    package static let maxHistory = limit("history", 64, "events remembered per resource")
    package static let maxUndurable = limit(
        "undurable",
        131_072,
        "records per loop that wait for the disk; over it new tickets wait, too"
    )
    package static let minLease = Option<Interval>("min-lease", default: "0.1", "shortest lease")
    package static let maxLease = Option<Interval>("max-lease", default: "24h", "longest lease")

    package static let sections = [
        CommandDescription.Section(
            "Server",
            [
                listen.description, http.description, data.description, sync.description,
                segment.description, snapshotAfter.description,
                tlsCertificate.description, tlsKey.description, tlsClientAuthority.description,
                insecure.description, loops.description, noPolling.description,
                node.description,
                drainTimeout.description, firstFence.description, retain.description,
                logLevel.description, logFormat.description, audit.description,
                Options.config.description,
            ]
        ),
        CommandDescription.Section("Access", AccessOptions.all),
        CommandDescription.Section("HTTP", HTTPOptions.all),
        CommandDescription.Section(
            "Limits",
            [
                maxLine.description, maxConnections.description,
                maxConnectionsPerPrincipal.description, maxConnectionsPerAddress.description,
                maxRequestsPerSecond.description, maxInFlight.description,
                maxWaits.description, maxQueue.description, maxClaims.description,
                maxTicketsPerPrincipal.description, maxResources.description,
                maxSessions.description, maxWatches.description,
                maxOutbound.description, maxMeta.description, maxRetained.description,
                maxHistory.description, maxUndurable.description, minLease.description,
                maxLease.description,
            ]
        ),
    ]

    private static func limit(_ name: String, _ fallback: Int, _ help: String) -> Option<Int> {
        Option<Int>("max-\(name)", default: String(fallback), "most \(help)")
    }
}
