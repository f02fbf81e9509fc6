// From flags to the server's configuration. What the flags cannot know (that the shortest lease is not
// longer than the longest) is checked here, so that `check-config` finds it, too.

import HoldfastJournal
import HoldfastModel
package import HoldfastServer
import HoldfastSystem

package enum ServeSettings {
    package static func configuration(
        from settings: Settings
    ) throws(UsageError) -> Configuration {
        var configuration = Configuration()
        let listen = settings.all(ServeOptions.listen)
        if !listen.isEmpty {
            configuration.listen = listen.map { ListenAddress(host: $0.host, port: $0.port) }
        }
        configuration.httpListen = try HTTPOptions.listen(in: settings)
        configuration.http = try HTTPOptions.setting(in: settings)
        configuration.access = try AccessOptions.setting(in: settings)
        configuration.loopCount = try positive(ServeOptions.loops, in: settings)
        configuration.pollsBeforeSleep = !settings.isOn(ServeOptions.noPolling)
        configuration.node = settings[ServeOptions.node]
        configuration.retain = settings[ServeOptions.retain] ?? configuration.retain
        configuration.drainTimeout =
            settings[ServeOptions.drainTimeout] ?? configuration.drainTimeout
        configuration.firstFence = try firstFence(in: settings)
        configuration.isInsecureAllowed = settings.isOn(ServeOptions.insecure)
        configuration.tls = try tls(in: settings)
        configuration.data = try data(in: settings)
        configuration.auditFile = settings[ServeOptions.audit]?.text
        configuration.limits = try limits(in: settings)
        try checkExposure(configuration, in: settings)
        return configuration
    }

    /// A certificate and its key, or neither.
    private static func tls(in settings: Settings) throws(UsageError) -> TLSSetting? {
        let clientAuthority = settings[ServeOptions.tlsClientAuthority]
        switch (settings[ServeOptions.tlsCertificate], settings[ServeOptions.tlsKey]) {
        case (let certificate?, let key?):
            return TLSSetting(
                files: TLSFiles(certificate: certificate.text, key: key.text),
                clientAuthority: clientAuthority?.text
            )
        case (_?, nil): throw wrong("--tls-cert needs --tls-key", settings)
        case (nil, _?): throw wrong("--tls-key needs --tls-cert", settings)
        case (nil, nil):
            guard clientAuthority == nil else {
                throw wrong("--tls-client-ca needs --tls-cert and --tls-key", settings)
            }
            return nil
        }
    }

    private static func data(in settings: Settings) throws(UsageError) -> DataStore {
        let directory = settings[ServeOptions.data] ?? ServeOptions.data.description.fallback
        switch directory {
        case nil, "":
            throw wrong("--data: a directory, or none", settings)
        case "none":
            return .memory
        case let directory?:
            var journal = FileJournalSettings()
            journal.sync = settings[ServeOptions.sync] ?? .always
            if let bytes = try atLeast(4_096, ServeOptions.segment, in: settings) {
                journal.segmentBytes = bytes
            }
            if let bytes = try atLeast(4_096, ServeOptions.snapshotAfter, in: settings) {
                journal.snapshotFloorBytes = bytes
            }
            return .directory(directory, journal)
        }
    }

    private static func limits(in settings: Settings) throws(UsageError) -> Limits {
        var limits = Limits()
        let counts: [(Option<Int>, WritableKeyPath<Limits, Int>)] = [
            (ServeOptions.maxLine, \.lineBytes), (ServeOptions.maxConnections, \.connections),
            (ServeOptions.maxConnectionsPerPrincipal, \.connectionsPerPrincipal),
            (ServeOptions.maxInFlight, \.inFlight), (ServeOptions.maxWaits, \.waits),
            (ServeOptions.maxQueue, \.queue),
            (ServeOptions.maxClaims, \.claims),
            (ServeOptions.maxTicketsPerPrincipal, \.ticketsPerPrincipal),
            (ServeOptions.maxResources, \.resources), (ServeOptions.maxSessions, \.sessions),
            (ServeOptions.maxWatches, \.watches), (ServeOptions.maxOutbound, \.outboundBytes),
            (ServeOptions.maxMeta, \.metaBytes), (ServeOptions.maxRetained, \.retained),
            (ServeOptions.maxHistory, \.history),
            (ServeOptions.maxUndurable, \.undurableRecords),
        ]
        for (option, path) in counts {
            if let value = try positive(option, in: settings) { limits[keyPath: path] = value }
        }
        limits.connectionsPerAddress = try positive(
            ServeOptions.maxConnectionsPerAddress,
            in: settings
        )
        limits.requestsPerSecond = try positive(ServeOptions.maxRequestsPerSecond, in: settings)
        limits.leaseMin = settings[ServeOptions.minLease] ?? limits.leaseMin
        limits.leaseMax = settings[ServeOptions.maxLease] ?? limits.leaseMax
        guard limits.leaseMin > .zero, limits.leaseMin <= limits.leaseMax else {
            throw wrong("--min-lease must be above zero and not above --max-lease", settings)
        }
        guard limits.leaseMax <= .day else {
            throw wrong("--max-lease: a lease lasts 24 h at most", settings)
        }
        return limits
    }

    private static func positive(
        _ option: Option<Int>,
        in settings: Settings
    ) throws(UsageError) -> Int? {
        try atLeast(1, option, in: settings)
    }

    private static func atLeast(
        _ least: Int,
        _ option: Option<Int>,
        in settings: Settings
    ) throws(UsageError) -> Int? {
        guard let value = settings[option] else { return nil }
        guard value >= least else {
            throw wrong("--\(option.description.name): must be at least \(least)", settings)
        }
        return value
    }

    /// Rule 18: a fence is below 2^53.
    private static func firstFence(in settings: Settings) throws(UsageError) -> UInt64? {
        guard let value = try positive(ServeOptions.firstFence, in: settings) else { return nil }
        guard value < 1 << 53 else {
            throw wrong("--first-fence: must be below 2^53", settings)
        }
        return UInt64(value)
    }

    private static func checkExposure(
        _ configuration: Configuration,
        in settings: Settings
    ) throws(UsageError) {
        do throws(StartError) {
            try configuration.checkExposure()
        } catch {
            throw wrong("\(error)", settings)
        }
    }

    private static func wrong(_ message: String, _ settings: Settings) -> UsageError {
        UsageError(message, in: settings.command.name)
    }
}
