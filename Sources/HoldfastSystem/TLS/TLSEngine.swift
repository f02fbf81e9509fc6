// One end of a TLS connection without a socket: bytes of the other end go in, bytes for it come out. It belongs to a
// stream, which moves them; everything the library is called for, it is called for here.

import CSystem
import HoldfastModel

/// The library's side of a connection.
struct TLSEngine: ~Copyable {
    private let handle: OpaquePointer
    /// What is spoken inside must not outlive what it is spoken by.
    private let context: TLSContext

    /// What a step came to.
    enum Step {
        case done(Int)
        case wantsMore
        /// The other end said that no more comes.
        case ended
        case failed(TLSFailure)
    }

    static let recordBytes = Int(HOLDFAST_TLS_RECORD_BYTES)
    /// Where a name that a certificate holds is longer, it is none.
    private static let nameBytesMax = 256

    /// `host`: whose certificate a client must be shown.
    init(_ context: TLSContext, expecting host: String? = nil) throws(TLSFailure) {
        guard let handle = holdfast_tls_new(context.handle) else { throw Self.lastFailure }
        if let host, !Self.expect(host, of: handle) {
            holdfast_tls_free(handle)
            throw Self.lastFailure
        }
        self.handle = handle
        self.context = context
    }

    private static func expect(_ host: String, of handle: OpaquePointer) -> Bool {
        let isAddress = SocketAddress(numericHost: host, port: 0) != nil
        return holdfast_tls_expect_host(handle, host, isAddress ? 1 : 0) == 0
    }

    deinit { holdfast_tls_free(handle) }

    // MARK: In

    /// Lends what the other end sent to the calls in `body`; what they leave is kept.
    func lending(_ bytes: UnsafeBufferPointer<UInt8>, _ body: () -> Void) {
        precondition(unreadCount == 0, "what was kept comes first")
        holdfast_tls_lend(handle, bytes.baseAddress, bytes.count)
        body()
        let result = holdfast_tls_keep(handle)
        precondition(result == 0, "no memory for what a client sent")
    }

    var unreadCount: Int { holdfast_tls_unread(handle) }

    func shakeHands() -> Step { step(holdfast_tls_handshake(handle)) }

    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Step {
        step(Int32(holdfast_tls_read(handle, buffer.baseAddress, buffer.count)))
    }

    // MARK: Out

    /// Takes bytes for the other end, at most one record's.
    func write(_ bytes: UnsafeBufferPointer<UInt8>) -> Step {
        step(holdfast_tls_write(handle, bytes.baseAddress, bytes.count))
    }

    func finish() { holdfast_tls_finish(handle) }

    /// What is to be sent.
    var outboundCount: Int {
        var bytes: UnsafePointer<UInt8>?
        return holdfast_tls_outbound(handle, &bytes)
    }

    /// Sends what the stream takes; true when nothing is left.
    func send(to stream: any ByteStream) throws(StreamError) -> Bool {
        while true {
            var bytes: UnsafePointer<UInt8>?
            let count = holdfast_tls_outbound(handle, &bytes)
            guard count > 0 else { return true }
            let sent = try stream.write(UnsafeBufferPointer(start: bytes, count: count).span)
            guard sent > 0 else { return false }
            holdfast_tls_sent(handle, sent)
        }
    }

    // MARK: Who is there

    /// What the certificate of the other end calls it.
    var peerName: String? {
        var name = [UInt8](repeating: 0, count: Self.nameBytesMax)
        let count = name.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                holdfast_tls_peer_name(handle, $0.baseAddress, $0.count)
            }
        }
        return count > 0 ? String(validating: name[..<count], as: UTF8.self) : nil
    }

    /// "TLSv1.3".
    var version: String { String(cString: holdfast_tls_version(handle)) }

    // MARK: Outcomes

    private func step(_ result: Int32) -> Step {
        switch result {
        case HOLDFAST_TLS_WANTS_MORE: .wantsMore
        case HOLDFAST_TLS_ENDED: .ended
        case HOLDFAST_TLS_FAILED: .failed(failure)
        default: .done(Int(result))
        }
    }

    private var failure: TLSFailure {
        let verdict = holdfast_tls_verdict(handle)
        let failure = Self.lastFailure
        return verdict == 0 ? failure : .untrusted(TLSVerdict(code: verdict))
    }

    private static var lastFailure: TLSFailure {
        .failed(String(cString: holdfast_openssl_error()))
    }
}
