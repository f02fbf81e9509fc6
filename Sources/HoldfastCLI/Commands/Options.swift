// The options that commands share, each said once.

package import HoldfastModel

package enum Options {
    // How to reach the server.
    package static let server = Option<ServerAddress>(
        "server",
        default: "127.0.0.1:7420",
        "where the server listens"
    )
    package static let token = Option<String>("token", "who you are; better in a file")
    package static let tokenFile = Option<FileName>("token-file", "the file that holds the token")
    package static let timeout = Option<Interval>(
        "timeout",
        default: "10",
        "how long a connection or an answer may take"
    )

    package static let tls = Option<Bool>("tls", "speak TLS")
    package static let tlsAuthority = Option<FileName>(
        "tls-ca",
        "believe these authorities (PEM), not the system's; means --tls"
    )
    package static let tlsCertificate = Option<FileName>(
        "tls-cert",
        "show this certificate (PEM) to a server that asks; means --tls"
    )
    package static let tlsKey = Option<FileName>(
        "tls-key",
        "the certificate's key (PEM), closed to other users"
    )

    // How to show it.
    package static let json = Option<Bool>(
        "json",
        "print the server's replies, one object per line"
    )
    package static let config = Option<FileName>("config", "read settings from a file")
    package static let help = Option<Bool>("help", environment: false, "show this")

    // What a ticket asks for.
    package static let lease = Option<Interval>(
        "lease",
        default: "30",
        "how long the lock lives without renewal"
    )
    package static let mode = Option<Mode>(
        "mode",
        default: "exclusive",
        "who may hold it beside you; N/M takes N of M permits"
    )
    package static let maxWait = Option<Interval>("max-wait", "leave the queue after this time")
    package static let priority = Option<Int>(
        "priority",
        placeholder: "0-9",
        default: "0",
        "higher is served first"
    )
    package static let key = Option<String>(
        "key",
        "doing it twice with one key makes one ticket"
    )
    package static let ifMine = Option<IfMine>(
        "if-mine",
        default: "queue",
        "what to do when you have a ticket there already"
    )
    package static let stealable = Option<Bool>("stealable", "let others steal the lock")
    package static let lockDelay = Option<Interval>(
        "lock-delay",
        default: "0",
        "keep it closed this long if the lock is lost"
    )
    package static let pollWithin = Option<Interval>(
        "poll-within",
        default: "90",
        "the ticket is abandoned when it is not asked for this long"
    )
    package static let holder = Option<String>("holder", "who holds it, for people to read")
    package static let reason = Option<String>("reason", "why, for people to read")
    package static let meta = Option<MetaEntry>(
        "meta",
        repeats: .adds,
        "a note for people and tools; may be repeated"
    )

    // What one command or another takes besides.
    package static let wait = Option<Interval>("wait", "give up after this time")
    package static let resource = Option<String>(
        "resource",
        placeholder: "PATH",
        environment: false,
        "check that the ticket is one of this resource"
    )
    package static let newLease = Option<Interval>("lease", "the new length of the lease")
    package static let grace = Option<Interval>(
        "grace",
        default: "0",
        "give the holder time to finish"
    )
    package static let force = Option<Bool>(
        "force",
        "take what is not stealable, too (needs admin)"
    )
    package static let limit = Option<Int>("limit", default: "100", "show at most this many")
    package static let afterPosition = Option<Int>("after", "show the queue behind this position")
    package static let afterPath = Option<String>(
        "after",
        placeholder: "PATH",
        "show what follows this one"
    )
    package static let prefix = Option<String>(
        "prefix",
        placeholder: "PATH",
        "only this path and what lies below it"
    )
    package static let sort = Option<ResourcesQuestion.Order>(
        "sort",
        default: "path",
        "longest queue or longest wait first"
    )
    package static let off = Option<Bool>("off", "take tickets again")
    package static let count = Option<Int>("count", default: "1", "ask this often, once a second")
}

/// The groups of options that commands are described with.
package enum OptionSections {
    package static let connection = CommandDescription.Section(
        "Connection",
        [
            Options.server.description, Options.token.description, Options.tokenFile.description,
            Options.timeout.description, Options.tls.description,
            Options.tlsAuthority.description, Options.tlsCertificate.description,
            Options.tlsKey.description,
        ]
    )
    package static let output = CommandDescription.Section(
        "General",
        [Options.json.description, Options.config.description]
    )
    package static let ticket = CommandDescription.Section(
        "Ticket",
        [
            Options.lease.description, Options.mode.description, Options.maxWait.description,
            Options.priority.description, Options.key.description, Options.ifMine.description,
            Options.stealable.description, Options.lockDelay.description,
            Options.pollWithin.description, Options.holder.description,
            Options.meta.description,
        ]
    )
}
