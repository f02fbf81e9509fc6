// A request of each profile that wants a lock, and how a server that cannot do it now begins its answer (HTTP §2):
// MangaDB has one word for it with status 500, the others have 503 in the envelope of their API.

@testable import HoldfastServer

struct ProfileWish: Sendable {
    /// Method and target.
    var request: String
    var body: String
    /// Who asks, as that API says it.
    var field: String
    var answer: String

    var words: [String] { request.split(separator: " ").map(String.init) }

    static let volume = #"{"route":"volume","id":"1"}"#
    static let mangadb = #"500 {"data":"Internal server error","code":500}"#

    /// With `@lock` as Nick has it at the root, and as Plone has it below `/plone`.
    static let all = [
        ProfileWish(
            request: "POST /admin/lock",
            body: volume,
            field: "Cookie: refreshToken=ann",
            answer: mangadb
        ),
        ProfileWish(
            request: "POST /locks",
            body: #"{"type":"gadget","subject":{"courseId":"c","gadgetId":"g"}}"#,
            field: "SID: ann",
            answer: #"503 {"error":503,"message":""#
        ),
        ProfileWish(
            request: "POST /sfp/api/locks",
            body: #"{"repository":"a","resource":"b","leaseDurationSeconds":60}"#,
            field: bearer("ann"),
            answer: #"503 {"statusCode":503,"message":""#
        ),
        ProfileWish(
            request: "POST /doc/@lock",
            body: "",
            field: bearer("ann"),
            answer: #"503 {"error":{"message":""#
        ),
        ProfileWish(
            request: "PATCH /doc/@lock",
            body: "",
            field: bearer("ann"),
            answer: #"503 {"error":{"message":""#
        ),
        ProfileWish(
            request: "POST /plone/doc/@lock",
            body: "",
            field: bearer("ann"),
            answer: #"503 {"error":{"type":"Service Unavailable""#
        ),
        ProfileWish(
            request: "LOCK /terraform/t",
            body: #"{"ID":"1"}"#,
            field: bearer("ann"),
            answer: "503 "
        ),
        ProfileWish(
            request: "POST /terraform/t/lock",
            body: #"{"ID":"1"}"#,
            field: bearer("ann"),
            answer: "503 "
        ),
    ]
}
