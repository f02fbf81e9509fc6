// Certificates for the tests of TLS, made once in a process by the openssl command: what is in a repository expires,
// and a key in it is a key that everybody has.

import Glibc
import TestSupport
import Testing

@testable import HoldfastSystem

/// A directory of certificates and keys, gone when the process ends.
struct Certificates {
    let directory: String

    /// "ours" vouches for "server", "expired", "elsewhere" and the clients; "others" for nobody here.
    static func made() throws -> Certificates { Certificates(directory: try shared.get().path) }

    func pem(_ name: String) -> String { "\(directory)/\(name).pem" }
    func key(_ name: String) -> String { "\(directory)/\(name).key" }
    func files(_ name: String) -> TLSFiles {
        TLSFiles(certificate: pem(name), key: key(name))
    }

    func server(
        _ name: String = "server",
        clients: String? = nil,
        protocols: [String] = TLSConnector.protocols
    ) throws -> TLSContext {
        try TLSContext(
            server: files(name),
            clientAuthority: clients.map(pem),
            protocols: protocols
        )
    }

    func client(
        trusting authority: String = "ours",
        as name: String? = nil,
        protocols: [String] = TLSConnector.protocols
    ) throws -> TLSContext {
        try TLSContext(
            clientTrusting: pem(authority),
            files: name.map(files),
            protocols: protocols
        )
    }

    private static let shared: Result<Scratch, any Error> = Result {
        let scratch = try Scratch()
        atexit { try? Certificates.shared.get().remove() }
        try Scratch.shell("cd \(scratch.path)\n\(script)")
        return scratch
    }

    private static let script = """
        key() { openssl ecparam -name prime256v1 -genkey -noout -out $1.key; chmod 600 $1.key; }
        authority() { key $1; openssl req -x509 -key $1.key -subj /CN=$1 -days 2 -out $1.pem; }
        sign() {
            key $1
            openssl req -new -key $1.key -subj "$2" -out $1.csr
            printf 'subjectAltName=%s\\n' "$3" > $1.ext
            openssl x509 -req -in $1.csr -CA ours.pem -CAkey ours.key -CAcreateserial \\
                -extfile $1.ext -days $4 -out $1.pem 2>/dev/null
        }
        authority ours
        authority others
        sign server /CN=server DNS:localhost,IP:127.0.0.1 2
        sign expired /CN=server DNS:localhost,IP:127.0.0.1 -1
        sign elsewhere /CN=localhost DNS:elsewhere.example,IP:192.0.2.1 2
        sign named /CN=ci-7 DNS:ci.example 2
        sign unnamed / URI:spiffe://example/ci-8,DNS:ci.example 2
        openssl pkey -in server.key -aes256 -passout pass:secret -out encrypted.key
        chmod 600 encrypted.key
        cp server.key open.key
        chmod 644 open.key
        """
}

/// Both ends of a TLS connection inside the kernel.
struct TLSPair: Sendable {
    let server: TLSStream
    let client: TLSStream
    let failures: Diary

    init(
        on loop: EventLoop,
        server: TLSContext,
        client: TLSContext,
        host: String = "localhost"
    ) throws {
        let pair = try SocketPair(loop, loop)
        let failures = Diary()
        self.failures = failures
        self.server = try TLSStream(accepting: pair.first, server, on: loop) {
            failures.note("\($0)")
        }
        self.client = try TLSStream(connecting: pair.second, to: host, client, on: loop)
    }

    func close() {
        server.close()
        client.close()
    }
}

/// Runs a body over a pair whose handshake is over.
func onTLSPair<Result: Sendable>(
    server: TLSContext,
    client: TLSContext,
    _ body: @escaping @Sendable (TLSPair) async throws -> Result
) async throws -> Result {
    try await onLoop { loop in
        let pair = try TLSPair(on: loop, server: server, client: client)
        defer { pair.close() }
        async let greeted: Void = pair.server.establish()
        try await pair.client.establish()
        try await greeted
        return try await body(pair)
    }
}

extension TLSStream {
    /// Writes all of it, waiting for room where there is none.
    func writeAll(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            rest = rest.dropFirst(try write(rest.span))
            guard !rest.isEmpty else { return }
            await withCheckedContinuation { continuation in
                whenWritable { continuation.resume() }
            }
        }
    }
}
