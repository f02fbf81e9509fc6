// Who a client is, by its token and by what its certificate proves.

import HoldfastCoordinator
import HoldfastCore
import HoldfastModel
import Testing

struct AuthorityTests {
    private let authority = OpenAuthority(owners: OwnerDirectory())

    @Test(arguments: [nil, "", "ci-7"])
    func `a certificate names its client, and a token may say the same`(token: String?) throws {
        let principal = try authority.principal(token: token, certified: "ci-7")
        #expect(principal.owner.name == "ci-7")
    }

    @Test func `what is proved is no text that one may choose`() {
        let refusal = #expect(throws: Refusal.self) {
            try authority.principal(token: "root", certified: "ci-7")
        }
        #expect(refusal?.code == .unauthenticated)
    }

    @Test func `without a certificate the token is the name`() throws {
        #expect(try authority.principal(token: "root", certified: nil).owner.name == "root")
        #expect(try authority.principal(token: nil, certified: nil).owner.name == "anonymous")
    }

    @Test func `where everybody has to show a certificate, nobody is what a token alone says`()
        throws
    {
        let authority = OpenAuthority(owners: OwnerDirectory(), goesByCertificates: true)
        #expect(authority.provesNames && !authority.provesByToken)
        let proved = try authority.principal(token: nil, certified: "ci-7")
        #expect(proved.isProved && authority.rightsOnEverything(of: proved) == .all)
        // Of a certificate without a name, and of a connection before its handshake.
        #expect(throws: Refusal.self) { try authority.principal(token: "root", certified: nil) }
        let nobody = try authority.principal(token: "root")
        #expect(!nobody.isProved && authority.rightsOnEverything(of: nobody) == [])
        #expect(!authority.may(nobody, somewhere: .read))
    }

    /// Takes one token and knows nothing of certificates.
    private final class OneToken: Authority {
        let owners = OwnerDirectory()
        var provesByToken: Bool { true }

        func principal(token: String?) throws(Refusal) -> Principal {
            guard token == "secret" else { throw Refusal(.unauthenticated, "no") }
            return Principal(owner: owners.owner(named: "known"), rightsShown: [])
        }

        func rights(of principal: Principal, on path: ResourcePath) -> Caller.Rights { .all }

        func rightsOnEverything(of principal: Principal) -> Caller.Rights { .all }
    }

    @Test func `an authority that knows nothing of certificates takes none for a token`() throws {
        let authority = OneToken()
        #expect(throws: Refusal.self) { try authority.principal(token: nil, certified: "secret") }
        #expect(try authority.principal(token: "secret", certified: "x").owner.name == "known")
    }
}
