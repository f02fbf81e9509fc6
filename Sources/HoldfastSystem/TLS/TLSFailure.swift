// Why a TLS connection did not come about, or broke, in words of whoever tries to connect. Most of these are met by
// people who set up a server: each says what was seen and, where it can, what to do.

import CSystem

/// What ended a TLS connection.
package enum TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The other end does not speak TLS.
    case plainText
    /// It said too little for too long.
    case timedOut
    /// It went away before both knew each other.
    case ended
    /// The connection broke after that.
    case broken
    /// Its certificate is not believed, and why.
    case untrusted(TLSVerdict)
    /// Anything else, in the library's words.
    case failed(String)

    /// The other end did not prove who it is.
    package var isOfIdentity: Bool {
        switch self {
        case .untrusted: true
        case .failed(let reason): reason.contains("did not return a certificate")
        case .plainText, .timedOut, .ended, .broken: false
        }
    }

    package var description: String {
        switch self {
        case .plainText: "the other side does not speak TLS"
        case .timedOut: "the TLS handshake took too long: does the other side speak TLS?"
        case .ended: "the connection ended during the TLS handshake"
        case .broken: "the connection broke"
        case .untrusted(let verdict): "the certificate is not believed: \(verdict)"
        case .failed(let reason): "TLS: \(reason)"
        }
    }

    /// The same in words of whoever runs the server that a client did not convince.
    package var descriptionForServer: String {
        guard case .untrusted(let verdict) = self else { return description }
        return "the certificate is not believed: \(verdict.words(naming: "--tls-client-ca"))"
    }
}

/// Why a certificate is not believed.
package struct TLSVerdict: Hashable, Sendable, CustomStringConvertible {
    /// The library's number for it.
    package let code: Int

    package init(code: Int) { self.code = code }

    package static let expired = TLSVerdict(code: 10)
    package static let notYetValid = TLSVerdict(code: 9)
    package static let selfSigned = TLSVerdict(code: 18)
    package static let selfSignedInChain = TLSVerdict(code: 19)
    package static let unknownAuthority = TLSVerdict(code: 20)
    package static let unknownAuthorityOfFirst = TLSVerdict(code: 21)
    package static let wrongHost = TLSVerdict(code: 62)
    package static let wrongAddress = TLSVerdict(code: 64)

    package var description: String { words(naming: "--tls-ca") }

    /// `flag` is what tells that side whom to believe.
    fileprivate func words(naming flag: String) -> String {
        switch self {
        case .expired: "it has expired"
        case .notYetValid: "it is not valid yet (is the clock right?)"
        case .selfSigned, .selfSignedInChain, .unknownAuthority, .unknownAuthorityOfFirst:
            "no known authority vouches for it; name the authority's certificate with \(flag)"
        case .wrongHost:
            "it is not for this host name (the names are those in its subjectAltName)"
        case .wrongAddress:
            "it is not for this IP address (the addresses are those in its subjectAltName)"
        default: String(cString: holdfast_tls_verdict_text(code))
        }
    }
}
