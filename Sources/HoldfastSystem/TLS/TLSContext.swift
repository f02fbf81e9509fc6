// How one side speaks TLS: its certificate and key, whom it believes, what is spoken inside. A context never changes;
// a new certificate is a new context, and connections keep the one they began with.

import CSystem

/// What the TLS connections of one side have in common.
package final class TLSContext: @unchecked Sendable {
    /// Read by the connections of all loops; the library guards what it changes inside.
    let handle: OpaquePointer
    let isServer: Bool
    /// What an operator should know of it.
    package let notes: [String]

    /// For connections that are accepted.
    ///
    /// `clientAuthority`: a file of those who must vouch for every client; nil lets in whoever comes. `protocols`: what
    /// is spoken inside, the best first.
    package convenience init(
        server files: TLSFiles,
        clientAuthority: String? = nil,
        protocols: [String]
    ) throws(TLSFlaw) {
        let handle = try Self.make(isServer: true)
        do throws(TLSFlaw) {
            try Self.use(files, in: handle)
            if let clientAuthority { try Self.require(clientAuthority, in: handle) }
            try Self.speak(protocols, in: handle)
        } catch {
            holdfast_tls_context_free(handle)
            throw error
        }
        self.init(owning: handle, isServer: true, notes: Self.notes(on: files, in: handle))
    }

    /// For connections that are made.
    ///
    /// `authorities`: a file of those that are believed; nil believes whom the system believes. `files` say who this
    /// client is, where a server asks.
    package convenience init(
        clientTrusting authorities: String?,
        files: TLSFiles? = nil,
        protocols: [String]
    ) throws(TLSFlaw) {
        let handle = try Self.make(isServer: false)
        do throws(TLSFlaw) {
            try Self.trust(authorities, in: handle)
            if let files { try Self.use(files, in: handle) }
            try Self.speak(protocols, in: handle)
        } catch {
            holdfast_tls_context_free(handle)
            throw error
        }
        self.init(owning: handle, isServer: false, notes: [])
    }

    private init(owning handle: OpaquePointer, isServer: Bool, notes: [String]) {
        self.handle = handle
        self.isServer = isServer
        self.notes = notes
    }

    deinit { holdfast_tls_context_free(handle) }
}

// MARK: - Setting it up

extension TLSContext {
    private static func make(isServer: Bool) throws(TLSFlaw) -> OpaquePointer {
        do throws(CryptographyUnavailable) { _ = try Cryptography() } catch {
            throw .unavailable(error)
        }
        guard let handle = holdfast_tls_context_new(isServer ? 1 : 0) else {
            throw .failed(lastReason)
        }
        return handle
    }

    private static func use(_ files: TLSFiles, in handle: OpaquePointer) throws(TLSFlaw) {
        try TLSFile.check(files.certificate, as: "certificate")
        guard holdfast_tls_use_certificate(handle, files.certificate) == 0 else {
            throw .unusable("certificate", files.certificate, lastReason)
        }
        var key = try TLSFile.key(at: files.key)
        // Only the library's own copy stays in memory.
        defer { for index in key.indices { key[index] = 0 } }
        let result = key.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                holdfast_tls_use_key(handle, $0.baseAddress, $0.count)
            }
        }
        guard result == 0 else { throw .unusable("key", files.key, keyReason(lastReason)) }
    }

    /// In words of whoever has the file, where the library's are those of its makers.
    private static func keyReason(_ reason: String) -> String {
        switch reason {
        case "key values mismatch", "key type mismatch":
            "it is not the key of the certificate"
        case "bad password read", "problems getting password", "interrupted or cancelled",
            "bad decrypt":
            "it is encrypted, and nobody is asked for a pass phrase; write it in the clear with 'openssl pkey'"
        default: reason
        }
    }

    private static func require(
        _ authority: String,
        in handle: OpaquePointer
    ) throws(TLSFlaw) {
        try TLSFile.check(authority, as: "authority of the clients")
        guard holdfast_tls_require_clients(handle, authority) == 0 else {
            throw .unusable("authority of the clients", authority, lastReason)
        }
    }

    private static func trust(
        _ authorities: String?,
        in handle: OpaquePointer
    ) throws(TLSFlaw) {
        if let authorities { try TLSFile.check(authorities, as: "authority") }
        guard holdfast_tls_trust(handle, authorities) == 0 else {
            throw authorities.map { .unusable("authority", $0, lastReason) }
                ?? .failed("the authorities of the system cannot be read: \(lastReason)")
        }
    }

    private static func speak(
        _ protocols: [String],
        in handle: OpaquePointer
    ) throws(TLSFlaw) {
        let names = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        guard holdfast_tls_speak(handle, names, names.count) == 0 else {
            throw .failed("\(protocols) cannot be offered: \(lastReason)")
        }
    }

    private static func notes(on files: TLSFiles, in handle: OpaquePointer) -> [String] {
        holdfast_tls_certificate_is_over(handle) == 1
            ? ["the certificate \(files.certificate) is expired: clients that look will not come"]
            : []
    }

    /// Why the call before failed.
    private static var lastReason: String { String(cString: holdfast_openssl_error()) }
}
