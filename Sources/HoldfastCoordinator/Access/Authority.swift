// Who may do what (rules 29, 30): the seam that later answers stand behind. The first answer is
// `none`: every token is a name, and everybody may do everything.

package import HoldfastCore
package import HoldfastModel

/// Decides who a client is and what it may do on a resource.
///
/// A class, because each request asks it: one that may be a value would be copied first.
package protocol Authority: AnyObject, Sendable {
    /// Whether a token is the proof of a name; else its text is the name.
    var provesByToken: Bool { get }

    /// Whether a name must be proved before it counts; whoever has not proved one is nobody.
    var provesNames: Bool { get }

    /// Whether a proof can be over while its client is here.
    var proofsEnd: Bool { get }

    /// The principal that a token stands for; refuses with `unauthenticated`.
    ///
    /// Without one it is whoever has not said hello yet: where names must be proved, somebody without rights. An
    /// authority that refuses even that turns every connection away.
    func principal(token: String?) throws(Refusal) -> Principal

    /// The same for a client whose certificate proved what it is called; nil where none did.
    ///
    /// An authority that knows nothing of certificates goes by the token alone.
    func principal(token: String?, certified name: String?) throws(Refusal) -> Principal

    /// What the principal may do on this resource.
    func rights(of principal: Principal, on path: ResourcePath) -> Caller.Rights

    /// What the principal may do on everything (`**`): what concerns the whole server needs no less.
    func rightsOnEverything(of principal: Principal) -> Caller.Rights

    /// Whether there may be a resource on which the principal has this right.
    func may(_ principal: Principal, somewhere right: Right) -> Bool

    /// The names of its roles, for the APIs that go by them.
    func roles(of principal: Principal) -> [String]

    /// Why somebody who proved a name is not heard any more: the name, its token or its key was taken off the list, or
    /// the proof is over.
    func refusal(of principal: Principal, at wall: WallTime) -> Refusal?

    /// Whether its list of people says what somebody may do.
    ///
    /// Else a proof says it, which whoever waits does not show again.
    var knowsRightsByName: Bool { get }

    /// Who a principal is after the list was read again; nil where nothing has changed for it.
    func renewed(_ principal: Principal) -> Principal?

    /// What people call an owner.
    func displayName(of owner: Owner) -> String
}

extension Authority {
    package var provesNames: Bool { provesByToken }
    package var proofsEnd: Bool { false }

    package func principal(token: String?, certified name: String?) throws(Refusal) -> Principal {
        try principal(token: token)
    }

    package func may(_ principal: Principal, somewhere right: Right) -> Bool { true }
    package func roles(of principal: Principal) -> [String] { principal.roles }

    /// What it is told of then is only what it may read.
    package func may(_ principal: Principal, watch scope: WatchScope) -> Bool {
        switch scope {
        case .resource(let path): rights(of: principal, on: path).contains(.read)
        case .prefix, .everything: may(principal, somewhere: .read)
        }
    }

    package func mayRead(_ path: ResourcePath, _ principal: Principal) -> Bool {
        rights(of: principal, on: path).contains(.read)
    }

    /// The same for whoever is told of events, which may be long after it asked to be.
    package func mayRead(_ path: ResourcePath, _ principal: Principal, at wall: WallTime) -> Bool {
        mayRead(path, principal) && refusal(of: principal, at: wall) == nil
    }

    package func refusal(of principal: Principal, at wall: WallTime) -> Refusal? { nil }
    package var knowsRightsByName: Bool { false }
    package func renewed(_ principal: Principal) -> Principal? { nil }
    package func displayName(of owner: Owner) -> String { owner.name }
}

/// An authenticated client; one object, because it travels with every request.
package final class Principal: Sendable {
    package let owner: Owner
    /// As `hello` shows them: "lock:ci/**".
    package let rightsShown: [String]
    package let kind: Kind
    /// Of an authority that keeps no list of people: what the proof said.
    package let roles: [String]
    /// The hash of the token, or the mark of the key that made it; empty where a certificate's name is all there is.
    ///
    /// For whoever looks again whether it is still one.
    package let proof: [UInt8]
    /// The proof is good until then.
    package let expiresAt: WallTime?
    package let limits: PrincipalLimits
    /// Which reading of the authority's list that is.
    package let edition: Int
    /// How it came by its name.
    package let standing: Standing

    package enum Kind: String, Hashable, Sendable {
        case user
        case application
    }

    package enum Standing: Hashable, Sendable {
        /// By whatever the authority asks for.
        case proved
        /// It is nobody yet.
        case unproved
        /// It showed a ticket, which is its owner's word: it may do what needs `lock` with that.
        case byTicket
        /// A route of this server looks for it, and decides itself what it shows: `read`.
        case looking
    }

    package init(
        owner: Owner,
        rightsShown: [String],
        kind: Kind = .user,
        roles: [String] = [],
        proof: [UInt8] = [],
        expiresAt: WallTime? = nil,
        limits: PrincipalLimits = PrincipalLimits(),
        edition: Int = 0,
        standing: Standing = .proved
    ) {
        self.owner = owner
        self.rightsShown = rightsShown
        self.kind = kind
        self.roles = roles
        self.proof = proof
        self.expiresAt = expiresAt
        self.limits = limits
        self.edition = edition
        self.standing = standing
    }

    package var isProved: Bool { standing == .proved }

    /// Whoever has not said who it is, where names must be proved.
    package static func nobody(_ owners: OwnerDirectory) -> Principal {
        Principal(
            owner: owners.owner(named: Owner.anonymousName),
            rightsShown: [],
            standing: .unproved
        )
    }

    /// Whoever shows the ticket of this owner.
    package static func bearer(ofTicketOf owner: Owner) -> Principal {
        Principal(owner: owner, rightsShown: [], standing: .byTicket)
    }

    /// A route that has to know who holds something before it does what this owner asks.
    package static func looking(for owner: Owner) -> Principal {
        Principal(owner: owner, rightsShown: [], standing: .looking)
    }
}

/// What an operator says of one principal in place of the server's limits.
package struct PrincipalLimits: Hashable, Sendable {
    package var tickets: Int?
    package var connections: Int?
    /// In a second.
    package var requests: Int?
    /// Rule 7: nothing more urgent may be asked for; nil: anything.
    package var priority: UInt8?

    package init() {}
}

/// `--auth none`: the token's text is the owner's name, and everybody has all rights on `**`.
///
/// Where every client must show a certificate, its name is the owner's, and there is no other way to have one.
package final class OpenAuthority: Authority {
    private let owners: OwnerDirectory
    private let goesByCertificates: Bool

    package init(owners: OwnerDirectory, goesByCertificates: Bool = false) {
        self.owners = owners
        self.goesByCertificates = goesByCertificates
    }

    private static let allRights = Right.allCases.map { "\($0.rawValue):**" }

    package var provesByToken: Bool { false }
    package var provesNames: Bool { goesByCertificates }

    package func principal(token: String?) throws(Refusal) -> Principal {
        guard !goesByCertificates else { return .nobody(owners) }
        return try principal(named: token)
    }

    private func principal(named token: String?) throws(Refusal) -> Principal {
        let name = token.flatMap { $0.isEmpty ? nil : $0 } ?? Owner.anonymousName
        guard name.utf8.count <= TicketRequest.textBytesMax else {
            throw Refusal(
                .unauthenticated,
                "without authentication the token is the owner's name, at most "
                    + "\(TicketRequest.textBytesMax) bytes"
            )
        }
        return Principal(
            owner: owners.owner(named: name),
            rightsShown: OpenAuthority.allRights
        )
    }

    /// What is proved is no text that one may choose: a token may only say the same.
    package func principal(token: String?, certified name: String?) throws(Refusal) -> Principal {
        guard let name else {
            guard goesByCertificates else { return try principal(named: token) }
            throw Refusal(.unauthenticated, "this client's certificate names nobody")
        }
        guard let token, !token.isEmpty, token != name else { return try principal(named: name) }
        throw Refusal(
            .unauthenticated,
            "this client's certificate is that of \(name), and its token says another name"
        )
    }

    package func rights(of principal: Principal, on path: ResourcePath) -> Caller.Rights {
        rightsOnEverything(of: principal)
    }

    /// A route that looks for an owner, or a ticket that is shown, stands for somebody who proved a name.
    package func rightsOnEverything(of principal: Principal) -> Caller.Rights {
        principal.standing == .unproved ? [] : .all
    }

    package func may(_ principal: Principal, somewhere right: Right) -> Bool {
        principal.standing != .unproved
    }
}
