// What a user may adjust, in a user's units.

import HoldfastModel

extension HoldfastClient {
    /// How a client behaves; every property has a default that suits a service.
    public struct Configuration: Hashable, Sendable {
        /// What the server's log calls this client.
        public var name: String?

        /// How long the server keeps this client's tickets when its connection is gone, 0.1 to 300 s; nil
        /// asks for no session, and every ticket stands on its own lease.
        ///
        /// With a session the locks of a process that died are free after the grace, however long their
        /// leases are, and a waiter keeps its place in the queue while the connection is repaired. A lock
        /// bound to the session may be trusted no longer than the grace without an answer of the server.
        public var sessionGrace: Duration?

        /// How long a request waits for a working connection before it fails with
        /// ``HoldfastError/unreachable(_:)`` or ``HoldfastError/outcomeUnknown(_:)``.
        ///
        /// With zero the first failed attempt decides. Locks that are held are not affected: they go on
        /// trying.
        public var patience: Duration

        /// How long the server may stay silent with a request unanswered before the connection counts
        /// as broken.
        ///
        /// Never longer than a third of the session's grace.
        public var responseTimeout: Duration

        /// How long one attempt to connect may take.
        public var connectTimeout: Duration

        /// How often an idle connection is probed.
        ///
        /// Never longer than a third of the session's grace.
        public var keepAlive: Duration

        /// The pause after the first failed attempt to connect; it doubles with each further one.
        public var backoffFirst: Duration

        /// The longest pause between attempts to connect.
        public var backoffLongest: Duration

        /// How TLS is spoken; nil: the connection is plain text.
        public var tls: TLS?

        /// How many events are kept for a reader that falls behind.
        public var eventBuffer: Int

        /// A configuration with the defaults for what is left out.
        public init(
            name: String? = nil,
            sessionGrace: Duration? = .seconds(10),
            patience: Duration = .seconds(10),
            responseTimeout: Duration = .seconds(5),
            connectTimeout: Duration = .seconds(5),
            keepAlive: Duration = .seconds(10),
            backoffFirst: Duration = .milliseconds(50),
            backoffLongest: Duration = .seconds(5),
            eventBuffer: Int = 256,
            tls: TLS? = nil
        ) {
            self.name = name
            self.sessionGrace = sessionGrace
            self.patience = patience
            self.responseTimeout = responseTimeout
            self.connectTimeout = connectTimeout
            self.keepAlive = keepAlive
            self.backoffFirst = backoffFirst
            self.backoffLongest = backoffLongest
            self.eventBuffer = eventBuffer
            self.tls = tls
        }
    }
}

extension ClientSettings {
    init(_ configuration: HoldfastClient.Configuration, token: String?) {
        self.init(
            name: configuration.name,
            token: token,
            grace: configuration.sessionGrace.map { Interval($0) },
            patience: Interval(configuration.patience),
            responseTimeout: max(.milliseconds(1), Interval(configuration.responseTimeout)),
            keepAlive: max(.milliseconds(1), Interval(configuration.keepAlive)),
            backoffFirst: max(.milliseconds(1), Interval(configuration.backoffFirst)),
            backoffLongest: max(.milliseconds(1), Interval(configuration.backoffLongest))
        )
    }
}
