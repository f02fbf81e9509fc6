// `--auth tokens`: whoever shows a token that the operator's file knows is who the file says. The file can be read
// again while the server runs: rights are looked up with each request, so what was taken away is gone at once.

package import HoldfastCoordinator
package import HoldfastCore
package import HoldfastModel

/// Knows principals by their tokens.
package final class TokenAuthority: Authority {
    private let table: Locked<AccessTable>
    private let owners: OwnerDirectory
    private let digest: @Sendable ([UInt8]) -> [UInt8]

    /// `digest` is SHA-256.
    package init(
        _ table: AccessTable,
        owners: OwnerDirectory,
        digest: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) {
        self.table = Locked(table)
        self.owners = owners
        self.digest = digest
    }

    package var provesByToken: Bool { true }
    package var knowsRightsByName: Bool { true }

    package func principal(token: String?) throws(Refusal) -> Principal {
        guard let token else { return .nobody(owners) }
        // Whoever guesses cannot choose how the hash of the guess begins: looking it up tells nothing by its time.
        let hash = digest(Array(token.utf8))
        let table = table.withLock { $0 }
        guard let person = table.person(tokenHash: hash) else { throw .unknownToken }
        return principal(of: person, in: table, by: hash)
    }

    /// Whoever shows no token is whom its certificate names, where the file knows that name; a token wins, so that
    /// the programs of one machine may share its certificate.
    package func principal(token: String?, certified name: String?) throws(Refusal) -> Principal {
        let table = table.withLock { $0 }
        guard token == nil, let name, let person = table.person(named: name) else {
            return try principal(token: token)
        }
        return principal(of: person, in: table)
    }

    private func principal(
        of person: AccessTable.Person,
        in table: AccessTable,
        by proof: [UInt8] = []
    ) -> Principal {
        var limits = person.limits
        limits.priority = table.priorityMax(ofRoles: person.roles)
        return Principal(
            owner: owners.owner(named: person.name),
            rightsShown: table.patterns(ofRoles: person.roles).map(\.text),
            kind: person.kind,
            proof: proof,
            limits: limits,
            edition: table.edition
        )
    }

    package func rights(of principal: Principal, on path: ResourcePath) -> Caller.Rights {
        patterns(of: principal.owner).rights(on: path)
    }

    package func rightsOnEverything(of principal: Principal) -> Caller.Rights {
        patterns(of: principal.owner).rightsOnEverything
    }

    package func may(_ principal: Principal, somewhere right: Right) -> Bool {
        patterns(of: principal.owner).contains(right)
    }

    package func roles(of principal: Principal) -> [String] {
        table.withLock { $0.person(named: principal.owner.name)?.roles } ?? []
    }

    package func refusal(of principal: Principal, at wall: WallTime) -> Refusal? {
        guard principal.isProved else { return nil }
        return table.withLock { $0.knows(principal.owner.name, by: principal.proof) }
            ? nil : .unknownToken
    }

    package func renewed(_ principal: Principal) -> Principal? {
        let table = table.withLock { $0 }
        guard principal.isProved, principal.edition != table.edition else { return nil }
        return table.person(named: principal.owner.name).map {
            self.principal(of: $0, in: table, by: principal.proof)
        }
    }

    package func displayName(of owner: Owner) -> String {
        table.withLock { $0.person(named: owner.name)?.display } ?? owner.name
    }

    private func patterns(of owner: Owner) -> [RightPattern] {
        let table = table.withLock { $0 }
        return table.person(named: owner.name).map { table.patterns(ofRoles: $0.roles) } ?? []
    }

    /// Takes another table; gives the names that are not in it any more.
    package func exchange(for fresh: AccessTable) -> [String] {
        let before = table.withLock { table in
            let before = table
            table = fresh
            table.edition = before.edition + 1
            return before
        }
        return before.everybody.filter { fresh.person(named: $0) == nil }
    }
}

extension Refusal {
    /// Says nothing about what was wrong with it.
    static let unknownToken = Refusal(.unauthenticated, "this token is not known here")
}
