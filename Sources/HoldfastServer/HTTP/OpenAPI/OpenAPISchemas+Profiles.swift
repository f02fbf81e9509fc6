// The shapes of the profiles, as the documents of their systems have them (HTTP §2).

extension OpenAPISchemas {
    static let profiles = [
        Named(
            name: "SFPRequest",
            schema: """
                {"type":"object","required":["repository","resource","leaseDurationSeconds"],
                "properties":{
                "repository":{"type":"string"},"resource":{"type":"string"},
                "leaseDurationSeconds":{"type":"number","minimum":0.1,"maximum":86400}}}
                """,
            tags: [.sfp]
        ),
        Named(
            name: "SFPTicket",
            schema: """
                {"type":"object","additionalProperties":false,"required":["id","repository",
                "resource","ticketId",
                "status","leaseDurationSeconds","createdAt","updatedAt","requestedBy"],
                "properties":{
                "id":{"type":"string"},"repository":{"type":"string"},"resource":{"type":"string"},
                "ticketId":{"type":"string"},"status":{"type":"string","enum":["queued",
                "acquired","released"]},
                "queuePosition":{"type":"number"},"leaseStart":{"type":"string",
                "format":"date-time"},
                "leaseDurationSeconds":{"type":"number"},"createdAt":{"type":"string",
                "format":"date-time"},
                "updatedAt":{"type":"string","format":"date-time"},"requestedBy":{"type":"string"}}}
                """,
            tags: [.sfp]
        ),
        Named(
            name: "SFPTickets",
            schema: ##"{"type":"array","items":{"$ref":"#/components/schemas/SFPTicket"}}"##,
            tags: [.sfp]
        ),
        Named(
            name: "SFPAttempt",
            schema: """
                {"type":"object","additionalProperties":false,"required":["acquired","message"],
                "properties":{
                "acquired":{"type":"boolean"},"message":{"type":"string"}}}
                """,
            tags: [.sfp]
        ),
        Named(
            name: "SFPError",
            schema: """
                {"type":"object","additionalProperties":false,"required":["statusCode","message"],
                "properties":{
                "statusCode":{"type":"integer"},"message":{"type":"string"}}}
                """,
            tags: [.sfp]
        ),
        Named(
            name: "MangaDBRequest",
            schema: """
                {"type":"object","required":["route","id"],"properties":{"route":{"type":"string"},
                "id":{"type":["string","number"]}}}
                """,
            tags: [.mangadb]
        ),
        Named(
            name: "MangaDBAnswer",
            schema: """
                {"type":"object","additionalProperties":false,"required":["data","code"],
                "properties":{
                "data":{"type":"string"},"code":{"type":"integer"}}}
                """,
            tags: [.mangadb]
        ),
        Named(
            name: "VersalRequest",
            schema: """
                {"type":"object","required":["type","subject"],"properties":{
                "type":{"type":"string","enum":["gadget"]},"subject":{"type":"object",
                "required":["courseId","gadgetId"],"properties":{"courseId":{"type":"string"},
                "gadgetId":{"type":"string"}}}}}
                """,
            tags: [.versal]
        ),
        Named(
            name: "VersalLock",
            schema: """
                {"type":"object","additionalProperties":false,"required":["id","type","subject",
                "ownerId","expiresIn"],
                "properties":{"id":{"type":"string"},"type":{"type":"string","enum":["gadget"]},
                "subject":{"type":"object","additionalProperties":false,"required":["courseId",
                "gadgetId"],
                "properties":{"courseId":{"type":"string"},"gadgetId":{"type":"string"}}},
                "ownerId":{"type":"string"},"expiresIn":{"type":"integer"}}}
                """,
            tags: [.versal]
        ),
        Named(
            name: "VersalLocks",
            schema: ##"{"type":"array","items":{"$ref":"#/components/schemas/VersalLock"}}"##,
            tags: [.versal]
        ),
        Named(
            name: "VersalError",
            schema: """
                {"type":"object","additionalProperties":false,"required":["error","message"],
                "properties":{
                "error":{"type":"integer"},"message":{"type":"string"}}}
                """,
            tags: [.versal]
        ),
        Named(
            name: "Empty",
            schema: #"{"type":"object","additionalProperties":false}"#,
            tags: [.versal]
        ),
        Named(
            name: "LockInfo",
            schema: """
                {"type":"object","required":["ID"],"properties":{"ID":{"type":"string",
                "minLength":1}},"description":"A LockInfo; kept byte for byte, but for the ID unread."}
                """,
            tags: [.terraform]
        ),
    ]
}
