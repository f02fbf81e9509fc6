// `--auth jwt`: whoever shows a token that one of the operator's keys signed is who the token says, until it ends. What
// its roles may do is in the same file as for tokens of our own; a role that no line tells of grants nothing.

package import HoldfastCoordinator
package import HoldfastCore
package import HoldfastModel
import HoldfastWire

/// What a token has to say, and where.
package struct JWTSetting: Hashable, Sendable {
    /// Who must have made it; anybody who has the key when nil.
    package var issuer: String?
    /// For whom it must be made; a token that is made for somebody is refused when nil.
    package var audience: String?
    package var nameClaim = "sub"
    package var rolesClaim = "roles"
    /// How far the clocks of the two sides may be apart.
    package var leeway = Interval.seconds(30)

    /// More would make tokens that are over good for long (RFC 8725: some minutes at most).
    package static let leewayMax = Interval.seconds(60)

    package init() {}
}

/// Knows principals by tokens that others made.
package final class JWTAuthority: Authority {
    private let setting: JWTSetting
    private let state: Locked<State>
    private let owners: OwnerDirectory
    private let clock: @Sendable () -> WallTime

    private struct State: Sendable {
        var keys: JWTKeys
        var table: AccessTable
    }

    package init(
        _ setting: JWTSetting,
        keys: JWTKeys,
        table: AccessTable,
        owners: OwnerDirectory,
        clock: @escaping @Sendable () -> WallTime
    ) {
        self.setting = setting
        state = Locked(State(keys: keys, table: table))
        self.owners = owners
        self.clock = clock
    }

    package var provesByToken: Bool { true }
    package var proofsEnd: Bool { true }

    package func principal(token: String?) throws(Refusal) -> Principal {
        guard let token else { return .nobody(owners) }
        let state = state.withLock { $0 }
        guard let token = JSONWebToken(token), let key = state.keys.markOfKey(behind: token) else {
            throw .unknownToken
        }
        let claims = token.claims
        let expiry = try checkTimes(claims)
        try checkPeers(claims)
        guard let name = claims[setting.nameClaim]?.string, !name.isEmpty,
            name.utf8.count <= TicketRequest.textBytesMax, name != Owner.anonymousName
        else { throw Refusal(.unauthenticated, "the token names nobody (\(setting.nameClaim))") }
        let roles = roles(in: claims)
        var limits = PrincipalLimits()
        limits.priority = state.table.priorityMax(ofRoles: roles)
        return Principal(
            owner: owners.owner(named: name),
            rightsShown: state.table.patterns(ofRoles: roles).map(\.text),
            kind: claims["kind"]?.string == Principal.Kind.application.rawValue
                ? .application : .user,
            roles: roles,
            proof: key,
            expiresAt: expiry,
            limits: limits,
            edition: state.table.edition
        )
    }

    /// Gives when it ends.
    private func checkTimes(_ claims: JSONValue) throws(Refusal) -> WallTime {
        let now = clock()
        guard let expiry = Self.time(claims["exp"]) else {
            throw Refusal(.unauthenticated, "the token has no end (exp)")
        }
        let end = WallTime(microseconds: expiry.microseconds + leewayMicroseconds)
        guard now < end else { throw .expiredToken }
        if let value = claims["nbf"] {
            guard let begin = Self.time(value),
                begin.microseconds - leewayMicroseconds <= now.microseconds
            else { throw Refusal(.unauthenticated, "the token is not good yet (nbf)") }
        }
        return end
    }

    private func checkPeers(_ claims: JSONValue) throws(Refusal) {
        if let issuer = setting.issuer, claims["iss"]?.string != issuer {
            throw Refusal(.unauthenticated, "the token was made by somebody else (iss)")
        }
        guard let audience = claims["aud"] ?? (setting.audience == nil ? nil : .null) else {
            return
        }
        let names = audience.elements?.compactMap(\.string) ?? audience.string.map { [$0] } ?? []
        guard let own = setting.audience, names.contains(own) else {
            throw Refusal(.unauthenticated, "the token was made for somebody else (aud)")
        }
    }

    /// A list, or words with spaces between.
    private func roles(in claims: JSONValue) -> [String] {
        let value = claims[setting.rolesClaim]
        if let elements = value?.elements { return elements.compactMap(\.string) }
        return value?.string?.split(separator: " ").map(String.init) ?? []
    }

    private var leewayMicroseconds: Int64 { setting.leeway.nanoseconds / 1_000 }

    /// Seconds since 1970, as far as a clock goes.
    private static func time(_ value: JSONValue?) -> WallTime? {
        guard let seconds = value?.double, (0...253_402_300_799).contains(seconds) else {
            return nil
        }
        return WallTime(microseconds: Int64(seconds * 1_000_000))
    }

    package func rights(of principal: Principal, on path: ResourcePath) -> Caller.Rights {
        patterns(of: principal).rights(on: path)
    }

    package func rightsOnEverything(of principal: Principal) -> Caller.Rights {
        patterns(of: principal).rightsOnEverything
    }

    package func may(_ principal: Principal, somewhere right: Right) -> Bool {
        patterns(of: principal).contains(right)
    }

    package func refusal(of principal: Principal, at wall: WallTime) -> Refusal? {
        guard principal.isProved else { return nil }
        if let expiresAt = principal.expiresAt, wall >= expiresAt { return .expiredToken }
        return state.withLock { $0.keys.contains(mark: principal.proof) } ? nil : .unknownToken
    }

    package func renewed(_ principal: Principal) -> Principal? {
        let table = state.withLock { $0.table }
        guard principal.isProved, principal.edition != table.edition else { return nil }
        var limits = principal.limits
        limits.priority = table.priorityMax(ofRoles: principal.roles)
        return Principal(
            owner: principal.owner,
            rightsShown: table.patterns(ofRoles: principal.roles).map(\.text),
            kind: principal.kind,
            roles: principal.roles,
            proof: principal.proof,
            expiresAt: principal.expiresAt,
            limits: limits,
            edition: table.edition
        )
    }

    private func patterns(of principal: Principal) -> [RightPattern] {
        guard !principal.roles.isEmpty else { return [] }
        return state.withLock { $0.table }.patterns(ofRoles: principal.roles)
    }

    /// Takes other keys and roles.
    package func exchange(keys: JWTKeys, table: AccessTable) {
        state.withLock { state in
            let edition = state.table.edition + 1
            state = State(keys: keys, table: table)
            state.table.edition = edition
        }
    }
}

extension Refusal {
    static let expiredToken = Refusal(
        .unauthenticated,
        "the token is over; connect again with a fresh one"
    )
}
