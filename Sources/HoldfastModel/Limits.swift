// Everything that grows has a limit with a name (rule 31, PROTOCOL §8): the name is what the error
// says and the key in `hello`, the flag is how the operator moves it.

/// The names of PROTOCOL §8.
package enum LimitName: String, Hashable, Sendable, CaseIterable {
    case line
    case connections
    case connectionsPerPrincipal = "connections_per_principal"
    case connectionsPerAddress = "connections_per_address"
    case requestsPerSecond = "requests_per_second"
    case inFlight = "in_flight"
    case waits
    case queue
    case claims
    case ticketsPerPrincipal = "tickets_per_principal"
    case resources
    case sessions
    case watches
    case outbound
    case memory
    case meta
    case retained
    case history
    case lease
}

/// The bounds of this server.
package struct Limits: Hashable, Sendable {
    package var lineBytes = 65_536
    package var connections = 16_384
    package var connectionsPerPrincipal = 16_384
    /// Nil: half of all for an address beyond this machine, so that none takes the places of all others.
    package var connectionsPerAddress: Int?
    /// Of one principal.
    ///
    /// Nil: `requestsPerSecondDefault` where names must be proved; where anybody may call itself anything a bound of
    /// one name would bound nobody.
    package var requestsPerSecond: Int?
    package var inFlight = 1_024
    package var waits = 16_384
    package var queue = 250_000
    /// What waiting stealers want of holders, one by one: on one resource each may want all of them.
    package var claims = 1_000_000
    package var ticketsPerPrincipal = 100_000
    package var resources = 4_000_000
    package var sessions = 65_536
    package var watches = 64
    package var outboundBytes = 4 * 1_048_576
    package var metaBytes = 1_024
    package var retained = 64
    package var history = 64
    /// Over all resources.
    package var historyTotal = 1_000_000
    /// Records that wait for the disk, per loop; over it whoever asks for a ticket waits to be read.
    package var undurableRecords = 131_072
    package var leaseMin = Interval.milliseconds(100)
    package var leaseMax = Interval.day

    package init() {}

    package static let requestsPerSecondDefault = 50_000

    /// How many connections one address may have; nil: as many as there are.
    package func connections(ofAddressOnThisMachine isLocal: Bool) -> Int? {
        connectionsPerAddress ?? (isLocal ? nil : max(1, connections / 2))
    }

    /// How long `outbound` may be exceeded before the connection is closed (rule 32).
    package var outboundPatience = Interval.seconds(10)

    /// What events may pile up to in that time: sixteen times as much, or this where that is more.
    package var outboundRoomMin = 16 * 1_048_576
    package var outboundBytesMost: Int { max(16 * outboundBytes, outboundRoomMin) }
}

extension BinaryInteger {
    /// "1 watch", "2 watches".
    package func counted(_ one: String, _ many: String? = nil) -> String {
        "\(self) \(self == 1 ? one : many ?? one + "s")"
    }
}
