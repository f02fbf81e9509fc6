// What CLI.md names and this build has not got. A configuration that uses it gets a clear answer instead
// of a spelling hint; when a stage is built, its lines move from here to where they belong.

package enum Later {
    package static let tls = missing("tls")
    package static let tlsAuthority = missing("tls-ca")

    package static let serve: [OptionDescription] = [
        "tls-cert", "tls-key", "tls-client-ca",
    ].map { missing($0).description }

    private static func missing(_ name: String) -> Option<String> {
        Option<String>(name, repeats: .adds, stage: .notBuilt, "")
    }
}
