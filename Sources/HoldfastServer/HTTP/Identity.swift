// Who asks: the one place where HTTP's ways of saying it (a bearer token, a name with a password, a cookie, a header of
// some system) become the token that the server's authority knows from TCP.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel

/// A way to say who one is, as a profile's clients do it.
enum CredentialPlace: Sendable {
    /// `Authorization`, of any scheme.
    case authorization
    case cookie(String)
    case header(String)
}

extension Request {
    /// What stands there; nil where nothing does.
    ///
    /// A user's name stands for its token as long as names are not proved; then the password is it, where there is one.
    func token(
        in place: CredentialPlace,
        isProof: Bool = false
    ) throws(Refusal) -> String? {
        switch place {
        case .authorization:
            switch credentials {
            case nil: return nil
            case .bearer(let token)?: return token
            case .basic(let user, let password)?:
                return isProof && !password.isEmpty ? password : user
            case .unreadable?:
                throw Refusal(.unauthenticated, "the Authorization field cannot be read")
            }
        case .cookie(let name):
            guard cookieCount(name) <= 1 else { throw .saidTwice(name) }
            return cookie(name)
        case .header(let name):
            // Of two, one was added on the way, and nobody knows which.
            guard count(of: name) <= 1 else { throw .saidTwice(name) }
            return text(of: name)
        }
    }
}

extension Refusal {
    fileprivate static func saidTwice(_ name: String) -> Refusal {
        Refusal(.unauthenticated, "\(name) comes more than once")
    }
}
