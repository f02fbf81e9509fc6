// What the operator decides. Flags, environment and file end here; whoever reads it need not know
// where a value came from.

import HoldfastCoordinator
package import HoldfastModel
package import HoldfastSystem

/// The settings of one server.
package struct Configuration: Sendable {
    /// Where it listens for the line protocol; port 0 takes any free one.
    package var listen = [ListenAddress(host: "127.0.0.1", port: 7420)]
    /// Where it listens for HTTP; nowhere when empty.
    package var httpListen: [ListenAddress] = []
    package var http = HTTPSetting()
    /// How TLS is spoken on all ports; nil: all is plain text.
    package var tls: TLSSetting?
    package var socketOptions = SocketOptions()
    package var access = AccessSetting.open
    /// How many event loops; nil: the cores, at most 16.
    package var loopCount: Int?
    /// Whether a thread looks a moment longer before it sleeps.
    package var pollsBeforeSleep = true
    /// What this node calls itself; nil: the host's name.
    package var node: String?
    /// What survives the process.
    package var data = DataStore.memory
    /// How long finished tickets are remembered (rule 23).
    package var retain = Interval.seconds(60)
    package var limits = Limits()
    /// Rule 18: where the fences start when the wall clock cannot be trusted.
    package var firstFence: UInt64?
    /// Listening beyond loopback without authentication and TLS must be asked for.
    package var isInsecureAllowed = false
    /// The file that says who took locks from others; nil: nobody writes it down.
    package var auditFile: String?
    /// Takes what an operator should read while it serves, a line at a time.
    package var tell: @Sendable (String) -> Void = { _ in }
    /// Bounds the stop on SIGTERM.
    package var drainTimeout = Interval.seconds(10)
    /// Every step checks the whole resource; for tests.
    package var checksInvariants = false

    package init() {}

    package static let loopCountMax = 16
}

extension Configuration {
    /// The loops this machine gets.
    package var effectiveLoopCount: Int {
        max(1, min(loopCount ?? Processors.count, Configuration.loopCountMax))
    }

    /// HTTP as it is spoken: TLS is for all ports.
    var effectiveHTTP: HTTPSetting {
        var setting = http
        setting.isSecure = tls != nil
        setting.asksForCertificates = tls?.clientAuthority != nil
        return setting
    }

    /// Whether whoever comes must prove who that is, and nobody else can read along.
    ///
    /// A client that must show a certificate has proved it.
    package var isProtected: Bool {
        guard let tls else { return false }
        return access != .open || tls.clientAuthority != nil
    }

    /// What is in this process's memory would let others in, or let them pose as this server.
    package var holdsSecrets: Bool { access != .open || tls != nil }

    /// Beyond loopback only with authentication and TLS, or when the operator insists.
    package func checkExposure() throws(StartError) {
        guard !isInsecureAllowed, !isProtected else { return }
        for address in listen + httpListen where !address.isLoopback {
            throw .exposed("\(address)")
        }
    }

    /// Reads the files that a start would read; gives what an operator should know of them.
    package func checkFiles() throws(StartError) -> [String] {
        _ = try AccessKeeper(access, owners: OwnerDirectory())
        do throws(TLSFlaw) {
            return try tls?.check() ?? []
        } catch {
            throw .tls(error)
        }
    }

    /// Rule 18: fences start at the microseconds since 1970, unless the operator knows a higher
    /// one.
    func fenceAtStart(wall: WallTime) throws(StartError) -> Fence {
        if let firstFence { return Fence(number: firstFence - 1) }
        guard wall >= Configuration.wallMin else { throw .clock(wall) }
        return Fence(number: UInt64(wall.microseconds))
    }

    /// 2025-01-01: a clock that shows less was never set.
    private static let wallMin = WallTime(microseconds: 1_735_689_600_000_000)
}

/// What `hello` calls this server.
package enum ServerName {
    package static let version = "0.1.0"
    package static let text = "holdfast/\(version)"
}
