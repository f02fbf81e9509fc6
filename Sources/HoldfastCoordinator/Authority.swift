// Who may do what (rules 29, 30): the seam that later answers stand behind. The first answer is
// `none`: every token is a name, and everybody may do everything.

package import HoldfastCore
package import HoldfastModel

/// Decides who a client is and what it may do on a resource.
package protocol Authority: Sendable {
    /// Whether a client must say `hello` before anything else.
    var requiresHello: Bool { get }

    /// The principal that a token stands for; refuses with `unauthenticated`.
    ///
    /// Without one it is whoever has not said hello yet: where names must be proved, somebody without rights. An
    /// authority that refuses even that turns every connection away.
    func principal(token: String?) throws(Refusal) -> Principal

    /// What the principal may do on this resource.
    func rights(of principal: Principal, on path: ResourcePath) -> Caller.Rights

    /// What the principal may do on everything (`**`): what concerns the whole server needs no less.
    func rightsOnEverything(of principal: Principal) -> Caller.Rights
}

/// An authenticated client.
package struct Principal: Sendable {
    package var owner: Owner
    /// As `hello` shows them: "lock:ci/**".
    package var rightsShown: [String]

    package init(owner: Owner, rightsShown: [String]) {
        self.owner = owner
        self.rightsShown = rightsShown
    }
}

/// `--auth none`: the token's text is the owner's name, and everybody has all rights on `**`.
package struct OpenAuthority: Authority {
    private let owners: OwnerDirectory

    package init(owners: OwnerDirectory) { self.owners = owners }

    package var requiresHello: Bool { false }

    package func principal(token: String?) throws(Refusal) -> Principal {
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
            rightsShown: Right.allCases.map { "\($0.rawValue):**" }
        )
    }

    package func rights(of principal: Principal, on path: ResourcePath) -> Caller.Rights { .all }

    package func rightsOnEverything(of principal: Principal) -> Caller.Rights { .all }
}
