// The options of `serve` that are about who may come in.

package import HoldfastModel
import HoldfastServer

package enum AccessOptions {
    /// The ways there are.
    package enum Method: String, ChoiceValue {
        case none
        case tokens
        case jwt
    }

    package static let auth = Option<Method>(
        "auth",
        default: "none",
        "how clients prove who they are; none: everybody is whoever it says"
    )
    package static let tokens = Option<FileName>(
        "tokens",
        "people with their tokens' hashes, and roles, as lines of JSON; read again on SIGHUP"
    )
    package static let jwtKey = Option<FileName>(
        "jwt-key",
        "what signs tokens: a public key or certificate in PEM, a JWK set, or a secret"
    )
    package static let jwtIssuer = Option<String>("jwt-issuer", "who must have made a token (iss)")
    package static let jwtAudience = Option<String>(
        "jwt-audience",
        "for whom a token must be made (aud)"
    )
    package static let jwtName = Option<String>(
        "jwt-name-claim",
        default: "sub",
        "where a token says whose it is"
    )
    package static let jwtRoles = Option<String>(
        "jwt-roles-claim",
        default: "roles",
        "where a token says which roles of the --tokens file it has"
    )
    package static let jwtLeeway = Option<Interval>(
        "jwt-leeway",
        default: "30",
        "how far the clocks of the two sides may be apart, 60 at most"
    )

    static let all = [
        auth.description, tokens.description, jwtKey.description, jwtIssuer.description,
        jwtAudience.description, jwtName.description, jwtRoles.description, jwtLeeway.description,
    ]

    static func setting(in settings: Settings) throws(UsageError) -> AccessSetting {
        let (file, key) = (settings[tokens]?.text, settings[jwtKey]?.text)
        let method = settings[auth] ?? .none
        func wrong(_ problem: String) -> UsageError {
            UsageError(problem, in: settings.command.name)
        }
        guard key == nil || method == .jwt else { throw wrong("--jwt-key goes with --auth jwt") }
        switch method {
        case .none:
            guard file == nil else { throw wrong("--tokens goes with --auth tokens, or jwt") }
            return .open
        case .tokens:
            guard let file else { throw wrong("--auth tokens needs --tokens FILE") }
            return .tokens(file: file)
        case .jwt:
            guard let key else { throw wrong("--auth jwt needs --jwt-key FILE") }
            let jwt = jwt(in: settings)
            guard jwt.leeway <= JWTSetting.leewayMax else {
                throw wrong("--jwt-leeway: clocks may be 60 s apart at most")
            }
            return .jwt(jwt, keyFile: key, roleFile: file)
        }
    }

    private static func jwt(in settings: Settings) -> JWTSetting {
        var setting = JWTSetting()
        setting.issuer = settings[jwtIssuer]
        setting.audience = settings[jwtAudience]
        setting.nameClaim = settings[jwtName] ?? setting.nameClaim
        setting.rolesClaim = settings[jwtRoles] ?? setting.rolesClaim
        setting.leeway = settings[jwtLeeway] ?? setting.leeway
        return setting
    }
}
