// `@lock` has no paths of its own: it stands behind every path of a content tree (HTTP §2.3, §2.4). A mount says below
// which path of this server such a tree begins, and which of the two systems that speak it is spoken there.

import HoldfastHTTPCodec
import HoldfastModel

/// A tree of contents that can be locked.
package struct AtLockMount: Hashable, Sendable {
    package var system: AtLockSystem
    /// Where the tree begins; empty for all of the server.
    package var segments: [String]

    /// Reads "nick=/" or "plone=/sites/plone"; nil where it is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let system = AtLockSystem(rawValue: parts[0]),
            parts[1].hasPrefix("/")
        else { return nil }
        var path = parts[1].dropFirst()
        if path.hasSuffix("/") { path.removeLast() }
        guard path.isEmpty || ResourcePath(String(path)) != nil, !path.contains("%") else {
            return nil
        }
        self.init(system, segments: path.split(separator: "/").map(String.init))
    }

    package init(_ system: AtLockSystem, segments: [String] = []) {
        self.system = system
        self.segments = segments
    }

    /// As a URL has it: "" or "/sites/plone".
    var prefix: String { segments.map { "/" + $0 }.joined() }
}

/// The systems that speak `@lock`, each in its own way.
package enum AtLockSystem: String, Hashable, Sendable, CaseIterable {
    case nick
    case plone

    var dialect: any AtLockDialect {
        switch self {
        case .nick: NickDialect()
        case .plone: PloneDialect()
        }
    }
}

extension AtLockMount {
    var territory: Territory { Territory(below: segments, system.dialect.form) }

    func routes(_ setting: HTTPSetting) -> [Route] {
        let profile = AtLockProfile(
            dialect: system.dialect,
            prefix: prefix,
            publicURL: setting.publicURL,
            showsTokens: setting.showsLockTokens
        )
        return ["", "/{path...}"].flatMap { rest in
            let (lock, document) = (prefix + rest + "/@lock", prefix + rest)
            return [
                Route(.post, lock, profile.answer(AtLockProfile.lock)),
                Route(.get, lock, profile.answer(AtLockProfile.show)),
                Route(.patch, lock, profile.answer(AtLockProfile.refresh)),
                Route(.delete, lock, profile.answer(AtLockProfile.unlock)),
                // Every path below may be a document, and none that this server has.
                Route(
                    .patch,
                    document.isEmpty ? "/" : document,
                    traits: rest.isEmpty ? [] : .hidesOthers,
                    profile.answer(AtLockProfile.save)
                ),
            ].map { $0.refusing(as: profile.dialect.form) }
        }
    }
}
