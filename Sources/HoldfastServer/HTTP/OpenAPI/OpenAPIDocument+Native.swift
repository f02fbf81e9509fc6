// The native API and the operational endpoints in the OpenAPI document (HTTP §1 and §3).

import HoldfastHTTPCodec

extension OpenAPIDocument {
    private typealias Response = DescribedOperation.Response
    private typealias Parameter = DescribedOperation.Parameter

    private static let wait = Parameter(
        name: "wait",
        summary: "How long to wait for the grant, in seconds.",
        schema: #"{"type":"number","minimum":0,"maximum":300,"default":30}"#
    )

    private static func limit(_ most: Int, default count: Int) -> Parameter {
        Parameter(
            name: "limit",
            summary: "How many to show at most.",
            schema: #"{"type":"integer","minimum":1,"maximum":\#(most),"default":\#(count)}"#
        )
    }

    private static func passedOn(_ name: String, _ summary: String) -> Parameter {
        Parameter(name: name, place: "header", summary: summary, schema: #"{"type":"string"}"#)
    }

    private static let unknown = Response(.notFound, "No such ticket is remembered.", .problem)
    private static let malformed = Response(.badRequest, "A field is wrong.", .problem)
    private static let over = Response(.gone, "The ticket has ended; `ended` says how.", .problem)
    private static let missing = Response(.forbidden, "A right is missing.", .problem)

    static let native =
        tickets + resources
        + NativeRoutes.checkMethods.flatMap { [check($0), checkBelow($0)] }

    private static let tickets = [
        DescribedOperation(
            method: .post,
            pattern: "/v1/tickets",
            id: "queue",
            summary: "Take a ticket: it holds the resource, or waits in its queue.",
            body: .init(schema: "TicketRequest"),
            responses: [
                Response(.created, "Acquired at once.", .json("Ticket")),
                Response(.accepted, "It waits in the queue.", .json("Ticket")),
                Response(.ok, "Found by `key` or `ifMine`.", .json("Ticket")),
                malformed, missing,
                Response(.conflict, "With `maxWait` 0: another has it.", .problem),
            ]
        ),
        DescribedOperation(
            method: .post,
            pattern: "/v1/locks",
            id: "lock",
            summary: "Take a ticket and wait until it is granted.",
            parameters: [wait],
            body: .init(schema: "TicketRequest"),
            responses: [
                Response(.created, "Acquired.", .json("Ticket")),
                Response(.ok, "Found by `key` or `ifMine`.", .json("Ticket")),
                malformed, missing,
                Response(.conflict, "The wait is over, or another has it.", .problem),
                over,
            ]
        ),
        DescribedOperation(
            method: .post,
            pattern: "/v1/steal",
            id: "steal",
            summary: "Take the resource from those who hold it.",
            body: .init(schema: "StealRequest"),
            responses: [
                Response(.created, "Acquired.", .json("Ticket")),
                Response(.accepted, "Waits for the grace of its victims.", .json("Ticket")),
                Response(.ok, "Found by `key` or `ifMine`.", .json("Ticket")),
                malformed,
                Response(.forbidden, "A right is missing, or a holder is not stealable.", .problem),
                Response(.conflict, "Another has it, or uses it in another mode.", .problem),
            ]
        ),
        DescribedOperation(
            method: .get,
            pattern: "/v1/tickets/{ticket}",
            id: "status",
            summary: "How a ticket stands, also a finished one while it is remembered.",
            parameters: [
                Parameter(
                    name: "resource",
                    summary: "Only where it is a ticket of this resource.",
                    schema: #"{"type":"string"}"#
                )
            ],
            responses: [
                Response(.ok, "The view of the ticket.", .json("TicketView")), unknown,
            ]
        ),
        DescribedOperation(
            method: .post,
            pattern: "/v1/tickets/{ticket}/acquire",
            id: "acquire",
            summary: "Ask whether it is granted, and wait for it.",
            parameters: [wait],
            body: .init(schema: "AcquireRequest", isRequired: false),
            responses: [
                Response(.ok, "Whether it is granted.", .json("AcquireAnswer")), malformed, unknown,
                Response(.conflict, "The client left before it was granted.", .problem), over,
            ]
        ),
        DescribedOperation(
            method: .post,
            pattern: "/v1/tickets/{ticket}/renew",
            id: "renew",
            summary: "Let the lease begin anew.",
            body: .init(schema: "RenewRequest", isRequired: false),
            responses: [
                Response(.ok, "The lease from now on.", .json("RenewAnswer")), malformed, unknown,
                Response(.conflict, "It is still queued.", .problem), over,
            ]
        ),
        DescribedOperation(
            method: .delete,
            pattern: "/v1/tickets/{ticket}",
            id: "release",
            summary: "Give the resource back, or leave the queue.",
            body: .init(schema: "ReleaseRequest", isRequired: false),
            responses: [
                Response(.ok, "It has ended.", .json("ReleaseAnswer")), malformed, missing, unknown,
                over,
            ]
        ),
    ]

    private static let resources = [
        DescribedOperation(
            method: .get,
            pattern: "/v1/resources",
            id: "resources",
            summary: "The resources that are held, waited for or closed.",
            parameters: [
                Parameter(
                    name: "prefix",
                    summary: "Only those at and below this path.",
                    schema: #"{"type":"string"}"#
                ),
                limit(1_000, default: 100),
                Parameter(
                    name: "after",
                    summary: "Only those behind this path: the `next` of the page before.",
                    schema: #"{"type":"string"}"#
                ),
                Parameter(
                    name: "sort",
                    summary: "By path, or those with the longest queue or wait first.",
                    schema: #"{"type":"string","enum":["queue","wait"]}"#
                ),
            ],
            responses: [Response(.ok, "A page of resources.", .json("Resources")), malformed]
        ),
        DescribedOperation(
            method: .get,
            pattern: "/v1/resources/{path...}",
            id: "list",
            summary: "Who holds a resource, who waits, who was there lately.",
            parameters: [
                limit(1_000, default: 100),
                Parameter(
                    name: "after",
                    summary: "Only those behind this position of the queue.",
                    schema: #"{"type":"integer","minimum":0}"#
                ),
            ],
            responses: [
                Response(.ok, "The resource.", .json("Resource")), malformed, missing,
            ]
        ),
        DescribedOperation(
            method: .delete,
            pattern: "/v1/resources/{path...}",
            id: "clear",
            summary: "End every ticket of a resource.",
            body: .init(schema: "ClearRequest", isRequired: false),
            responses: [
                Response(.ok, "How many have ended.", .json("ClearAnswer")), malformed, missing,
            ]
        ),
        DescribedOperation(
            method: .get,
            pattern: "/v1/history/{path...}",
            id: "history",
            summary: "What happened to a resource, newest first.",
            parameters: [limit(1_000, default: 64)],
            responses: [Response(.ok, "Its history.", .json("History")), malformed, missing]
        ),
        DescribedOperation(
            method: .get,
            pattern: "/v1/rights",
            id: "rights",
            summary: "Who the server takes the caller for, and what that one may do.",
            parameters: [
                Parameter(
                    name: "resource",
                    summary: "Also tells what it may do there.",
                    schema: #"{"type":"string","minLength":1}"#
                )
            ],
            responses: [Response(.ok, "The rights.", .json("Rights")), malformed]
        ),
        DescribedOperation(
            method: .get,
            pattern: "/v1/events",
            id: "watch",
            summary: "What happens, as server-sent events, for as long as the client stays.",
            parameters: [
                Parameter(
                    name: "prefix",
                    summary: "Only at and below this path.",
                    schema: #"{"type":"string"}"#
                ),
                Parameter(
                    name: "resource",
                    summary: "Only of this resource.",
                    schema: #"{"type":"string"}"#
                ),
                Parameter(
                    name: "Last-Event-ID",
                    place: "header",
                    summary: "Where the client was; what is missed since is told, or a `gap`.",
                    schema: #"{"type":"string"}"#
                ),
            ],
            responses: [Response(.ok, "The stream.", .events), malformed]
        ),
    ]

    /// Of a proxy that asks with the path of the request that it holds, too.
    private static func checkBelow(_ method: HTTPMethod) -> DescribedOperation {
        var operation = check(method)
        operation.pattern = "/v1/check/{path*}"
        operation.id = operation.id.replacing("check", with: "checkBelow")
        operation.parameters.removeAll { $0.place == "query" }
        return operation
    }

    /// A proxy asks with the method of the request that it holds.
    private static func check(_ method: HTTPMethod) -> DescribedOperation {
        DescribedOperation(
            method: method,
            pattern: "/v1/check",
            id: method == .get ? "check" : "checkBy" + method.rawValue.capitalizedWord,
            summary: "Whether a fence or a ticket is a current one, for reverse proxies.",
            parameters: [
                Parameter(
                    name: "resource",
                    summary: "With `fence`.",
                    schema: #"{"type":"string"}"#
                ),
                Parameter(
                    name: "fence",
                    summary: "The fence that the client showed.",
                    schema: #"{"type":"integer","minimum":0}"#
                ),
                Parameter(
                    name: "ticket",
                    summary: "Instead of the two.",
                    schema: #"{"type":"string"}"#
                ),
                passedOn("X-Holdfast-Resource", "As `resource`, where the query has none."),
                passedOn("X-Holdfast-Fence", "As `fence`, where the query proves nothing."),
                passedOn("X-Holdfast-Ticket", "As `ticket`, where the query proves nothing."),
                passedOn("Lock-Token", "As `ticket`, where nothing else proves anything."),
            ],
            responses: [
                Response(.ok, "It is a current one.", .json("CheckAnswer")),
                Response(.forbidden, "It is not, or what is asked cannot be read.", .problem),
                Response(.badRequest, "What came is no request of HTTP.", .problem),
            ]
        )
    }

    static let operational = [
        DescribedOperation(
            method: .get,
            pattern: "/healthz",
            id: "health",
            summary: "Whether the process answers.",
            tag: .operations,
            responses: [Response(.ok, "It does.", .text)],
            needsCredential: false
        ),
        DescribedOperation(
            method: .get,
            pattern: "/readyz",
            id: "readiness",
            summary: "Whether locks are granted here.",
            tag: .operations,
            responses: [
                Response(.ok, "They are.", .json("Readiness")),
                Response(.unavailable, "Not now; the checks say why.", .json("Readiness")),
            ],
            needsCredential: false
        ),
        DescribedOperation(
            method: .get,
            pattern: "/version",
            id: "version",
            summary: "Which server this is.",
            tag: .operations,
            responses: [Response(.ok, "Its names.", .json("Version"))],
            needsCredential: false
        ),
        DescribedOperation(
            method: .get,
            pattern: "/metrics",
            id: "metrics",
            summary: "Counters and gauges in the text format of Prometheus.",
            tag: .operations,
            responses: [Response(.ok, "The metrics.", .text)]
        ),
        DescribedOperation(
            method: .get,
            pattern: "/openapi.json",
            id: "openapi",
            summary: "This document.",
            tag: .operations,
            responses: [Response(.ok, "An OpenAPI document.", .json("OpenAPI"))],
            needsCredential: false
        ),
    ]
}

extension String {
    /// "POST" as "Post".
    fileprivate var capitalizedWord: String { prefix(1).uppercased() + dropFirst().lowercased() }
}
