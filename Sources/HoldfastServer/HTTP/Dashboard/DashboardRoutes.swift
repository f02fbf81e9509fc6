// The dashboard: pages for people, at `/ui/`. They are static and need no credential; what they show they ask `/v1`
// for, as the person who looks. A page runs nothing and reaches nothing but what this server serves, so that a name
// chosen by a client stays a name: the policy below says so, and a test with a real browser holds the pages to it.

import HoldfastHTTPCodec
import HoldfastModel

/// The routes of the dashboard.
enum DashboardRoutes {
    static let all = [
        Route(.get, "/", traits: .isOfProcess) { _ in redirect },
        Route(.get, "/ui", traits: .isOfProcess) { _ in redirect },
        Route(.get, "/ui/", traits: .isOfProcess) { $0.dashboard(of: "") },
        Route(.get, "/ui/{path...}", traits: .isOfProcess) { $0.dashboard(of: $0.parameters[0]) },
    ]

    private static let redirect = HTTPReply(.found).with("Location", "/ui/")

    fileprivate static let safety = [
        ResponseField("Content-Security-Policy", policy),
        ResponseField("Referrer-Policy", "no-referrer"),
        ResponseField("Cross-Origin-Resource-Policy", "same-origin"),
    ]

    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
        "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")
}

extension Exchange {
    /// A browser keeps what it has and asks each time whether it is still that: after an update it shows the new
    /// pages at once, all of one version.
    fileprivate func dashboard(of name: String) -> HTTPReply {
        guard let asset = DashboardAsset.byName[name] else {
            return Problem.reply(Refusal(.notFound, "there is nothing at this path"))
        }
        let isKept = request.tags(of: "if-none-match").contains { $0 == "*" || $0 == asset.tag }
        var reply =
            isKept
            ? HTTPReply(.notModified) : HTTPReply(.ok, type: asset.type, body: asset.bytes)
        reply.fields = DashboardRoutes.safety
        return reply.with("Cache-Control", "no-cache").with("ETag", asset.tag)
    }
}

extension Request {
    /// The entity tags that such a field lists, compared as weak ones are (RFC 9110 §13.1.2).
    ///
    /// Ours hold no commas.
    fileprivate func tags(of name: String) -> [Substring] {
        (text(of: name) ?? "").split(separator: ",").map { part in
            let tag = part.drop { $0 == " " }.prefix { $0 != " " }
            return tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
        }
    }
}
