// The profiles in the OpenAPI document (HTTP §2), each as its own system's clients see it.

import HoldfastHTTPCodec

extension OpenAPIDocument {
    private typealias Response = DescribedOperation.Response
    private typealias Parameter = DescribedOperation.Parameter

    private static let sfpError = DescribedOperation.Content.json("SFPError")
    private static let sfpMissing = Response(.notFound, "Lock not found", sfpError)
    private static let sfpTicket = "/sfp/api/locks/{repository}/{resource}/{ticketId}"
    private static let sfpResource = "/sfp/api/locks/{repository}/{resource}"

    static let sfp = [
        DescribedOperation(
            method: .post,
            pattern: "/sfp/api/locks",
            id: "sfpQueueLock",
            summary: "Queue a lock for a resource",
            tag: .sfp,
            body: .init(schema: "SFPRequest"),
            responses: [Response(.created, "Lock request queued", .json("SFPTicket"))],
            tellsTicket: true
        ),
        DescribedOperation(
            method: .get,
            pattern: sfpTicket,
            id: "sfpGetLockStatus",
            summary: "Get status of a specific lock",
            tag: .sfp,
            responses: [Response(.ok, "Lock status", .json("SFPTicket")), sfpMissing],
            tellsTicket: true
        ),
        DescribedOperation(
            method: .delete,
            pattern: sfpTicket,
            id: "sfpReleaseLock",
            summary: "Release a lock",
            tag: .sfp,
            responses: [Response(.ok, "Lock released", .json("SFPTicket")), sfpMissing],
            tellsTicket: true
        ),
        DescribedOperation(
            method: .post,
            pattern: sfpTicket + "/acquire",
            id: "sfpAttemptLockAcquisition",
            summary: "Attempt to acquire a lock for a queued ticket",
            tag: .sfp,
            responses: [
                Response(.ok, "Lock acquisition attempt result", .json("SFPAttempt")), sfpMissing,
            ],
            tellsTicket: true
        ),
        DescribedOperation(
            method: .get,
            pattern: sfpResource,
            id: "sfpGetResourceLocks",
            summary: "Get all locks for a resource",
            tag: .sfp,
            responses: [Response(.ok, "Locks of the resource", .json("SFPTickets"))]
        ),
        DescribedOperation(
            method: .delete,
            pattern: sfpResource,
            id: "sfpClearAllLocks",
            summary: "Clear all locks for a resource",
            tag: .sfp,
            responses: [Response(.ok, "All locks cleared", .json("ClearAnswer"))]
        ),
    ]

    static let mangadb = [
        DescribedOperation(
            method: .post,
            pattern: "/admin/lock",
            id: "mangadbLock",
            summary: "Lock a record for its editor",
            tag: .mangadb,
            body: .init(schema: "MangaDBRequest"),
            responses: [
                Response(.ok, "Success", .json("MangaDBAnswer")),
                Response(.conflict, "Conflict", .json("MangaDBAnswer")),
            ],
            tellsTicket: true
        ),
        DescribedOperation(
            method: .delete,
            pattern: "/admin/remove-lock",
            id: "mangadbRemoveLock",
            summary: "Remove the editor's lock",
            tag: .mangadb,
            body: .init(schema: "MangaDBRequest"),
            responses: [Response(.ok, "Success", .json("MangaDBAnswer"))],
            tellsTicket: true
        ),
    ]

    static let versal = [
        DescribedOperation(
            method: .post,
            pattern: "/locks",
            id: "versalAcquire",
            summary: "Acquire a lock of a gadget",
            tag: .versal,
            body: .init(schema: "VersalRequest"),
            responses: [Response(.created, "The lock", .json("VersalLock"))],
            tellsTicket: true
        ),
        DescribedOperation(
            method: .get,
            pattern: "/locks",
            id: "versalList",
            summary: "The locks of a course",
            tag: .versal,
            parameters: [
                Parameter(
                    name: "subject.courseId",
                    summary: "The course.",
                    schema: #"{"type":"string","minLength":1}"#,
                    isRequired: true
                )
            ],
            responses: [Response(.ok, "Its locks", .json("VersalLocks"))]
        ),
        DescribedOperation(
            method: .delete,
            pattern: "/locks/{lockId}",
            id: "versalRelease",
            summary: "Release a lock",
            tag: .versal,
            responses: [Response(.ok, "Released", .json("Empty"))]
        ),
    ]

    private static let lockInfo = Response(.locked, "Another holds it", .json("LockInfo"))
    private static let tooLong = Response(.contentTooLarge, "A LockInfo of over 4 KiB", .text)
    private static let otherInfo = Response(.conflict, "The lock has another ID", .json("LockInfo"))

    static let terraform = [
        terraform(.lock, "/terraform/{name}", "terraformLock", [lockInfo, tooLong]),
        terraform(.post, "/terraform/{name}/lock", "terraformLockByPost", [lockInfo, tooLong]),
        terraform(.unlock, "/terraform/{name}", "terraformUnlock", [otherInfo]),
        terraform(.post, "/terraform/{name}/unlock", "terraformUnlockByPost", [otherInfo]),
    ]

    private static func terraform(
        _ method: HTTPMethod,
        _ pattern: String,
        _ id: String,
        _ refusals: [Response]
    ) -> DescribedOperation {
        let locks = refusals[0].status == .locked
        return DescribedOperation(
            method: method,
            pattern: pattern,
            id: id,
            summary: locks ? "Lock a state" : "Unlock a state; without a body by force",
            tag: .terraform,
            body: .init(schema: "LockInfo", isRequired: locks),
            responses: [Response(.ok, "Done", .empty)] + refusals,
            tellsTicket: true
        )
    }
}
