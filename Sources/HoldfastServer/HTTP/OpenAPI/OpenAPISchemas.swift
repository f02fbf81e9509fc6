// The shapes that the OpenAPI document names, as JSON Schema. Answers name every member that may come, so that a test
// can hold what the server really sends against them; requests leave room for members that nobody reads.

enum OpenAPISchemas {
    struct Named: Sendable {
        var name: String
        var schema: String
        /// Whose it is; of all where there is none.
        var tags: [DescribedOperation.Tag] = []
    }

    static let all = requests + answers + views + profiles + atLock

    /// A resource path, a lease and so on are members of several.
    private static let ticketMembers = """
        "resource":{"type":"string","minLength":1,"maxLength":512},
        "lease":{"type":["number","null"],"minimum":0.1,"maximum":86400,"default":30,
        "description":"Seconds."},
        "mode":{"type":["string","null"],"enum":["exclusive","shared","permit",null],
        "default":"exclusive"},
        "permits":{"type":["integer","null"],"minimum":1,"maximum":1000000,"default":1},
        "of":{"type":["integer","null"],"minimum":1,"maximum":1000000,
        "description":"Required with mode permit."},
        "maxWait":{"type":["number","null"],"minimum":0,"maximum":86400},
        "priority":{"type":["integer","null"],"minimum":0,"maximum":9,"default":0},
        "key":{"type":["string","null"],"maxLength":128,
        "description":"The same key finds the same ticket."},
        "ifMine":{"type":["string","null"],"enum":["queue","return",null],"default":"queue"},
        "bind":{"type":["string","null"],"enum":["ticket",null],"default":"ticket"},
        "stealable":{"type":["boolean","null"],"default":false},
        "lockDelay":{"type":["number","null"],"minimum":0,"default":0},
        "pollWithin":{"type":["number","null"],"default":90},
        "holder":{"type":["string","null"],"maxLength":256},
        "meta":{"type":["object","null"],"maxProperties":16,
        "additionalProperties":{"type":"string"}}
        """

    private static let reason = #""reason":{"type":["string","null"],"maxLength":256}"#
    private static let ignored = """
        "ignored":{"type":"array","items":{"type":"string"},
        "description":"Members that nobody reads."}
        """

    private static let requests = [
        Named(
            name: "TicketRequest",
            schema: """
                {"type":"object","required":["resource"],"properties":{\(ticketMembers),\(reason)}}
                """
        ),
        Named(
            name: "StealRequest",
            schema: """
                {"type":"object","required":["resource","reason"],"properties":{\(ticketMembers),
                "reason":{"type":"string","maxLength":256},
                "grace":{"type":["number","null"],"minimum":0,"maximum":300,"default":0},
                "force":{"type":["boolean","null"],"default":false}}}
                """
        ),
        Named(
            name: "AcquireRequest",
            schema: """
                {"type":"object","properties":{"resource":{"type":["string","null"]},
                "wait":{"type":["number","null"],"minimum":0,"maximum":300}}}
                """
        ),
        Named(
            name: "RenewRequest",
            schema: """
                {"type":"object","properties":{"resource":{"type":["string","null"]},
                "lease":{"type":["number","null"],"minimum":0.1,"maximum":86400}}}
                """
        ),
        Named(
            name: "ReleaseRequest",
            schema: """
                {"type":"object","properties":{"resource":{"type":["string","null"]},\(reason)}}
                """
        ),
        Named(name: "ClearRequest", schema: #"{"type":"object","properties":{\#(reason)}}"#),
    ]

    private static let fence = #""fence":{"type":"integer","minimum":0}"#
    private static let states =
        #""state":{"type":"string","enum":["queued","acquired","released"]}"#
    private static let place = """
        "position":{"type":"integer","minimum":1},"queueLength":{"type":"integer","minimum":0}
        """
    private static let endings = """
        {"type":"string","enum":["released","cancelled","expired","timed_out","abandoned",
        "session_ended","stolen",
        "cleared"]}
        """

    private static let answers = [
        Named(
            name: "Ticket",
            schema: """
                {"type":"object","additionalProperties":false,"required":["ticket","resource",
                "state","lease"],
                "properties":{"ticket":{"type":"string"},
                "resource":{"type":"string"},\(states),\(fence),
                "lease":{"type":"number"},"remaining":{"type":"number"},
                "waited":{"type":"number"},\(place),
                "ended":\(endings),"existing":{"type":"boolean"},\(ignored)}}
                """
        ),
        Named(
            name: "AcquireAnswer",
            schema: """
                {"type":"object","additionalProperties":false,"required":["acquired","state"],
                "properties":{"acquired":{"type":"boolean"},\(states),\(fence),
                "lease":{"type":"number"},
                "remaining":{"type":"number"},"waited":{"type":"number"},\(place),
                "message":{"type":"string"},
                \(ignored)}}
                """
        ),
        Named(
            name: "RenewAnswer",
            schema: """
                {"type":"object","additionalProperties":false,"required":["state","fence","lease",
                "remaining"],
                "properties":{\(states),\(fence),"lease":{"type":"number"},
                "remaining":{"type":"number"},
                "losing":{"type":"boolean"},\(ignored)}}
                """
        ),
        Named(
            name: "ReleaseAnswer",
            schema: """
                {"type":"object","additionalProperties":false,"required":["ticket","state","ended"],
                "properties":{"ticket":{"type":"string"},\(states),"ended":\(endings),
                "already":{"type":"boolean"},\(ignored)}}
                """
        ),
        Named(
            name: "ClearAnswer",
            schema: """
                {"type":"object","additionalProperties":false,"required":["cleared"],
                "properties":{"cleared":{"type":"integer","minimum":0},\(ignored)}}
                """
        ),
        Named(
            name: "CheckAnswer",
            schema: """
                {"type":"object","additionalProperties":false,"required":["valid"],
                "properties":{"valid":{"type":"boolean"},\(fence),\(states),\(ignored)}}
                """
        ),
        Named(
            name: "Rights",
            schema: """
                {"type":"object","additionalProperties":false,"required":["principal","rights"],
                "properties":{"principal":{"type":"string"},
                "rights":{"type":"array","items":{"type":"string"},
                "description":"Each with the pattern of resources on which it holds."},
                "resource":{"type":"string"},
                "here":{"type":"array","items":{"type":"string",
                "enum":["lock","read","steal","admin"]},
                "description":"Of these, what may be done to the resource."},\(ignored)}}
                """
        ),
        Named(
            name: "Problem",
            schema: """
                {"type":"object","description":"RFC 9457, with the code of the line protocol.",
                "required":["type","title","status","detail","code","message","retryable"],
                "properties":{
                "type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},
                "detail":{"type":"string"},"code":{"type":"string"},"message":{"type":"string"},
                "retryable":{"type":"boolean"},"offset":{"type":"integer"},
                "field":{"type":"string"},
                "limit":{"type":"string"},"right":{"type":"string"},"ended":\(endings),
                "by":{"type":"string"},
                "endReason":{"type":"string"},"holder":{"$ref":"#/components/schemas/TicketView"},
                "holders":{"type":"integer"},"queueLength":{"type":"integer"},
                "closedFor":{"type":"number"},
                "node":{"type":"string"},"address":{"type":"string"},
                "valid":{"type":"boolean"},\(fence),
                \(states)}}
                """
        ),
        Named(
            name: "Readiness",
            schema: """
                {"type":"object","additionalProperties":false,"required":["ready","checks"],
                "properties":{
                "ready":{"type":"boolean"},
                "checks":{"type":"object","additionalProperties":{"type":"boolean"}}}}
                """
        ),
        Named(
            name: "Version",
            schema: """
                {"type":"object","additionalProperties":false,"required":["server","version",
                "protocol"],
                "properties":{"server":{"type":"string"},"version":{"type":"string"},
                "protocol":{"type":"integer"},"node":{"type":"string"}}}
                """
        ),
        Named(
            name: "OpenAPI",
            schema: #"{"type":"object","required":["openapi","info","paths"]}"#
        ),
    ]

    private static let views = [
        Named(
            name: "TicketView",
            schema: """
                {"type":"object","additionalProperties":false,
                "required":["number","resource","state","mode","owner","priority","lease",
                "createdAt","stealable",
                "bind"],"properties":{"ticket":{"type":"string",
                "description":"Shown to its owner."},
                "number":{"type":"integer"},"resource":{"type":"string"},\(states),
                "ended":\(endings),
                "mode":{"type":"string","enum":["exclusive","shared","permit"]},
                "permits":{"type":"integer"},
                "of":{"type":"integer"},"owner":{"type":"string"},"holder":{"type":"string"},
                "reason":{"type":"string"},"meta":{"type":"object",
                "additionalProperties":{"type":"string"}},
                "priority":{"type":"integer"},"lease":{"type":"number"},\(fence),
                "remaining":{"type":"number"},
                \(place),"createdAt":{"type":"string","format":"date-time"},
                "acquiredAt":{"type":"string","format":"date-time"},
                "renewedAt":{"type":"string","format":"date-time"},
                "expiresAt":{"type":"string","format":"date-time"},
                "endedAt":{"type":"string","format":"date-time"},"stealable":{"type":"boolean"},
                "bind":{"type":"string","enum":["ticket","session"]},"endedBy":{"type":"string"},
                "endReason":{"type":"string"},\(ignored)}}
                """
        ),
        Named(
            name: "Resource",
            schema: """
                {"type":"object","additionalProperties":false,"required":["resource","holders",
                "holderCount","queue",
                "queueLength","recent","fence"],"properties":{"resource":{"type":"string"},
                "mode":{"type":"string","enum":["exclusive","shared","permit"]},
                "of":{"type":"integer"},
                "holders":{"type":"array","items":{"$ref":"#/components/schemas/TicketView"}},
                "holderCount":{"type":"integer"},
                "queue":{"type":"array","items":{"$ref":"#/components/schemas/TicketView"}},
                "queueLength":{"type":"integer"},
                "recent":{"type":"array",
                "items":{"$ref":"#/components/schemas/TicketView"}},\(fence),
                "closedFor":{"type":"number"},\(ignored)}}
                """
        ),
        Named(
            name: "Resources",
            schema: """
                {"type":"object","additionalProperties":false,"required":["resources"],
                "properties":{
                "resources":{"type":"array",
                "items":{"$ref":"#/components/schemas/ResourceSummary"}},
                "next":{"type":"string"},\(ignored)}}
                """
        ),
        Named(
            name: "ResourceSummary",
            schema: """
                {"type":"object","additionalProperties":false,"required":["resource","holders",
                "queueLength","fence"],
                "properties":{"resource":{"type":"string"},
                "mode":{"type":"string","enum":["exclusive","shared","permit"]},
                "holders":{"type":"integer"},
                "queueLength":{"type":"integer"},\(fence),"oldestWait":{"type":"number"},
                "holder":{"type":"object","additionalProperties":false,"required":["owner"],
                "properties":{
                "owner":{"type":"string"},"label":{"type":"string"},"age":{"type":"number"},
                "remaining":{"type":"number"}}},"closedFor":{"type":"number"}}}
                """
        ),
        Named(
            name: "History",
            schema: """
                {"type":"object","additionalProperties":false,"required":["history"],"properties":{
                "history":{"type":"array","items":{"type":"object","additionalProperties":false,
                "required":["at","event","number","owner"],"properties":{
                "at":{"type":"string","format":"date-time"},"event":{"type":"string"},
                "number":{"type":"integer"},"owner":{"type":"string"},"holder":{"type":"string"},
                "by":{"type":"string"},\(fence),"ended":\(endings),
                "reason":{"type":"string"}}}},\(ignored)}}
                """
        ),
    ]
}
