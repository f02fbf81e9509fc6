// `@lock` in the OpenAPI document: the same operations at the root of each mount and behind every path below it.

import HoldfastHTTPCodec

extension OpenAPIDocument {
    private typealias Response = DescribedOperation.Response

    static func atLock(_ mount: AtLockMount) -> [DescribedOperation] {
        ["", "/{path...}"].flatMap { rest in
            let place = Place(mount: mount, isRoot: rest.isEmpty)
            return [
                place.lock(.post, "Lock", "Lock a document", body: "AtLockRequest"),
                place.lock(.get, "Show", "Who holds the lock of a document"),
                place.lock(.patch, "Refresh", "Refresh a lock", body: "AtLockRequest"),
                place.lock(.delete, "Unlock", "Unlock a document", body: "AtLockForce"),
                place.save,
            ]
        }
    }

    private struct Place {
        var mount: AtLockMount
        var isRoot: Bool

        private var document: String { mount.prefix + (isRoot ? "" : "/{path...}") }

        private func id(_ name: String) -> String {
            ([mount.system.rawValue] + mount.segments + [isRoot ? "Root" : "", name])
                .joined()
        }

        func lock(
            _ method: HTTPMethod,
            _ name: String,
            _ summary: String,
            body: String? = nil
        ) -> DescribedOperation {
            DescribedOperation(
                method: method,
                pattern: document + "/@lock",
                id: id(name),
                summary: summary,
                tag: mount.system.tag,
                body: body.map { DescribedOperation.Body(schema: $0, isRequired: false) },
                responses: [Response(.ok, "How it stands then", .json("AtLock"))],
                tellsTicket: true
            )
        }

        var save: DescribedOperation {
            DescribedOperation(
                method: .patch,
                pattern: document.isEmpty ? "/" : document,
                id: id("Save"),
                summary: "Whether a document may be saved",
                tag: mount.system.tag,
                parameters: [
                    DescribedOperation.Parameter(
                        name: "Lock-Token",
                        place: "header",
                        summary: "The token of its lock.",
                        schema: #"{"type":"string"}"#
                    )
                ],
                responses: [Response(.noContent, "It may", .empty)]
            )
        }
    }
}

extension AtLockSystem {
    fileprivate var tag: DescribedOperation.Tag {
        switch self {
        case .nick: .nick
        case .plone: .plone
        }
    }
}

extension OpenAPISchemas {
    static let atLock = [
        Named(
            name: "AtLockRequest",
            schema: """
                {"type":"object","properties":{"stealable":{"type":"boolean","default":true},
                "timeout":{"type":"number","minimum":0.1,"maximum":86400,"default":600,
                "description":"Seconds."}}}
                """,
            tags: [.nick, .plone]
        ),
        Named(
            name: "AtLockForce",
            schema: #"{"type":"object","properties":{"force":{"type":"boolean","default":false}}}"#,
            tags: [.nick, .plone]
        ),
        Named(
            name: "AtLock",
            schema: """
                {"type":"object","additionalProperties":false,"required":["locked","stealable"],
                "properties":{"created":{"type":"string","format":"date-time"},
                "creator":{"type":"string"},"creator_name":{"type":"string"},
                "creator_url":{"type":"string"},"locked":{"type":"boolean"},
                "name":{"type":"string"},"stealable":{"type":"boolean"},
                "time":{"type":["string","number"]},"timeout":{"type":"number"},
                "token":{"type":"string"}}}
                """,
            tags: [.nick, .plone]
        ),
        Named(
            name: "AtLockError",
            schema: """
                {"type":"object","additionalProperties":false,"required":["error"],"properties":{
                "error":{"type":"object","additionalProperties":false,
                "required":["type","message"],"properties":{
                "type":{"type":"string"},"message":{"type":"string"}}}}}
                """,
            tags: [.nick, .plone]
        ),
    ]
}
