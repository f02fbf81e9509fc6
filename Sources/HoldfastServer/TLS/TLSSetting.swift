// What the operator decides about TLS: one certificate for all ports, and whether clients must show one, too.

package import HoldfastSystem

/// How a server speaks TLS.
package struct TLSSetting: Hashable, Sendable {
    package var files: TLSFiles
    /// A file of the authorities one of which must vouch for every client; nil lets in whoever comes.
    package var clientAuthority: String?

    package init(files: TLSFiles, clientAuthority: String? = nil) {
        self.files = files
        self.clientAuthority = clientAuthority
    }

    /// Whether the files can be used; gives what an operator should know of them.
    package func check() throws(TLSFlaw) -> [String] { try context(for: TLSDoors.lines).notes }

    func context(for protocols: [String]) throws(TLSFlaw) -> TLSContext {
        try TLSContext(server: files, clientAuthority: clientAuthority, protocols: protocols)
    }
}
