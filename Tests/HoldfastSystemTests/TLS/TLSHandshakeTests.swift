// Who believes whom: certificates that are right, and every way in which one is not.

import HoldfastModel
import TestSupport
import Testing

@testable import HoldfastSystem

struct TLSHandshakeTests {
    private let certificates: Certificates

    init() throws { certificates = try Certificates.made() }

    /// What the client's end comes to, and what the server's end says.
    private func attempt(
        _ server: TLSContext,
        _ client: TLSContext,
        host: String = "localhost"
    ) async throws -> (client: TLSFailure?, server: TLSFailure?) {
        try await onLoop { loop in
            let pair = try TLSPair(on: loop, server: server, client: client, host: host)
            defer { pair.close() }
            async let greeted = failure(of: pair.server)
            let found = await failure(of: pair.client)
            // Under TLS 1.3 a client is done before the server has looked at its certificate.
            pair.client.finishWriting()
            return (found, await greeted)
        }
    }

    @Sendable private func failure(of stream: TLSStream) async -> TLSFailure? {
        do throws(TLSFailure) {
            try await stream.establish()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func `a server that is meant is believed`(host: String) async throws {
        let result = try await attempt(
            certificates.server(),
            certificates.client(),
            host: host
        )
        #expect(result.client == nil && result.server == nil)
    }

    @Test(arguments: [
        ("server", "ours", "elsewhere.example", TLSVerdict.wrongHost),
        ("server", "ours", "127.0.0.2", .wrongAddress),
        // The common name is for people: it makes no host.
        ("elsewhere", "ours", "localhost", .wrongHost),
        ("expired", "ours", "localhost", .expired),
        ("server", "others", "localhost", .unknownAuthority),
    ])
    func `a certificate that is not right is told why`(
        server: String,
        authority: String,
        host: String,
        verdict: TLSVerdict
    ) async throws {
        let result = try await attempt(
            certificates.server(server),
            certificates.client(trusting: authority),
            host: host
        )
        #expect(result.client == .untrusted(verdict))
        #expect(result.server != nil)
    }

    @Test func `a server that nobody vouches for is told with the way out`() async throws {
        let result = try await attempt(
            certificates.server("others"),
            certificates.client()
        )
        #expect(result.client.map { "\($0)" }?.contains("--tls-ca") == true)
    }

    // MARK: Clients with certificates

    @Test(arguments: [("named", "ci-7"), ("unnamed", "spiffe://example/ci-8")])
    func `a client is called as its certificate says`(name: String, called: String) async throws {
        let found = try await onTLSPair(
            server: certificates.server(clients: "ours"),
            client: certificates.client(as: name)
        ) { pair in
            (pair.server.peerName, pair.client.peerName)
        }
        #expect(found.0 == called)
        #expect(found.1 == nil)
    }

    @Test(arguments: [nil, "others", "expired"])
    func `a client without a good certificate is turned away`(name: String?) async throws {
        let result = try await attempt(
            certificates.server(clients: "ours"),
            certificates.client(as: name)
        )
        #expect(result.server != nil)
    }

    @Test func `where none is asked for, a client has no name`() async throws {
        let name = try await onTLSPair(
            server: certificates.server(),
            client: certificates.client(as: "named")
        ) { $0.server.peerName }
        #expect(name == nil)
    }

    // MARK: What is spoken inside

    @Test func `a client that speaks something else is refused`() async throws {
        let server = try certificates.server(protocols: ["http/1.1"])
        let refused = try await attempt(server, certificates.client(protocols: ["h2"]))
        #expect(refused.client != nil && refused.server != nil)
        let taken = try await attempt(
            server,
            certificates.client(protocols: ["h2", "http/1.1"])
        )
        #expect(taken.client == nil && taken.server == nil)
    }

    // MARK: Files

    @Test func `a certificate or an authority that others may write is not believed`() async throws
    {
        try await Scratch.with { folder in
            let (open, shut) = (folder + "/open.pem", folder + "/shut.pem")
            try Scratch.shell("cp \(certificates.pem("server")) \(open); cp \(open) \(shut)")
            try Scratch.shell("chmod 664 \(open); chmod 644 \(shut)")
            let key = certificates.key("server")
            for (certificate, authority) in [(open, nil), (shut, open)] {
                let flaw = #expect(throws: TLSFlaw.self) {
                    try TLSContext(
                        server: TLSFiles(certificate: certificate, key: key),
                        clientAuthority: authority,
                        protocols: ["holdfast"]
                    )
                }
                #expect(flaw?.description.contains("chmod go-w \(open)") == true)
            }
            _ = try TLSContext(
                server: TLSFiles(certificate: shut, key: key),
                clientAuthority: shut,
                protocols: ["holdfast"]
            )
        }
    }

    @Test func `files that cannot be used are named with what to do`() throws {
        func flaw(_ certificate: String, _ key: String, clients: String? = nil) -> String? {
            do throws(TLSFlaw) {
                _ = try TLSContext(
                    server: TLSFiles(certificate: certificate, key: key),
                    clientAuthority: clients,
                    protocols: ["holdfast"]
                )
                return nil
            } catch {
                return "\(error)"
            }
        }
        let (pem, key) = (certificates.pem("server"), certificates.key("server"))
        #expect(flaw(pem, key) == nil)
        #expect(flaw("/nowhere.pem", key)?.contains("No such file") == true)
        #expect(flaw(pem, "/nowhere.key")?.contains("cannot read the key") == true)
        #expect(flaw(key, key)?.contains("the certificate \(key) cannot be used") == true)
        #expect(flaw(pem, pem)?.contains("the key \(pem)") == true)
        #expect(flaw(pem, certificates.key("named"))?.contains("not the key of") == true)
        #expect(flaw(pem, certificates.key("encrypted"))?.contains("encrypted") == true)
        let open = certificates.key("open")
        #expect(flaw(pem, open)?.contains("chmod 600 \(open)") == true)
        #expect(flaw(pem, key, clients: "/nowhere.pem")?.contains("authority") == true)
        #expect(flaw(pem, key, clients: key)?.contains("cannot be used") == true)
    }

    @Test func `a certificate that is over is noted and used`() throws {
        #expect(try certificates.server().notes == [])
        #expect(try certificates.server("expired").notes.first?.contains("expired") == true)
    }
}
