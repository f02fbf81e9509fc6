// What a user decides about TLS. Files are read when the client connects first, so that making a client cannot fail.

import HoldfastModel
package import HoldfastSystem

extension HoldfastClient {
    /// How a client speaks TLS: whom it believes, and who it says it is.
    ///
    /// The server must show a certificate for the host name or IP address that the client was made with. The system's
    /// OpenSSL 3 does the work; it is looked for when a client needs it.
    public struct TLS: Hashable, Sendable {
        /// A file in PEM with the authorities that are believed; nil believes those that the system believes.
        public var authorities: String?

        /// A file in PEM with this client's certificate, for servers that ask for one.
        public var certificate: String?

        /// A file in PEM with the key of that certificate, which no other user of the machine may read.
        public var key: String?

        /// TLS with the system's authorities and no certificate where these are left out.
        public init(
            authorities: String? = nil,
            certificate: String? = nil,
            key: String? = nil
        ) {
            self.authorities = authorities
            self.certificate = certificate
            self.key = key
        }
    }
}

extension HoldfastClient.TLS {
    /// Reads the files.
    package func context() throws(TLSFlaw) -> TLSContext {
        try TLSContext(
            clientTrusting: authorities,
            files: certificate.map { TLSFiles(certificate: $0, key: key ?? $0) },
            protocols: TLSConnector.protocols
        )
    }
}
