// What the operator decides about HTTP (CLI.md): who may ask from where, how long a sender may take, which APIs of
// other systems are spoken.

package import HoldfastHTTPCodec
package import HoldfastModel

/// The settings of the HTTP side of a server.
package struct HTTPSetting: Sendable {
    package var limits = HTTPLimits()
    /// From the first byte of a request to its last (408).
    package var sendPatience = Interval.seconds(10)
    /// A connection on which nothing is asked for so long is closed.
    package var idlePatience = Interval.seconds(75)
    /// Names beside IP addresses and names without a dot that may stand in `Host`.
    package var hosts: [String] = []
    /// Origins beside the server's own whose pages may change something.
    package var origins: [String] = []
    /// `/metrics` needs no right.
    package var areMetricsOpen = false
    /// The APIs of other systems that are spoken.
    package var profiles = Set(HTTPProfile.allCases)
    /// Where `@lock` is spoken.
    package var atLockMounts = [AtLockMount(.nick)]
    /// The token of an `@lock` is shown to everybody who may read, as Plone does.
    package var showsLockTokens = false
    /// As clients call this server, without a slash at the end; else what they say in `Host`.
    package var publicURL: String?
    /// HTTP is spoken under TLS: the addresses that are told begin with https.
    package var isSecure = false
    /// A client that has a certificate shows it.
    package var asksForCertificates = false
    /// How long a lock lasts where an API knows no lease.
    package var mangadbLease = Interval.seconds(3_600)
    package var versalLease = Interval.seconds(900)
    /// What a Versal client may lock.
    package var versalCatalog = VersalCatalog()
    package var terraformLease = Interval.seconds(43_200)

    package init() {}
}

/// An API of another system that has routes of its own.
package enum HTTPProfile: String, Hashable, Sendable, CaseIterable {
    case sfp
    case mangadb
    case versal
    case terraform
}
