// One method of one path as the OpenAPI document tells it. The parameters of the path are read from the pattern of the
// route, so that the document and the table of routes can be held against each other.

import HoldfastHTTPCodec
import HoldfastWire

struct DescribedOperation: Sendable {
    var method: HTTPMethod
    /// As in ``Route``.
    var pattern: String
    var id: String
    var summary: String
    var tag: Tag = .native
    var parameters: [Parameter] = []
    var body: Body?
    var responses: [Response]
    var needsCredential = true
    /// What it answers is about one ticket, which the fields beside the API of a profile tell of.
    var tellsTicket = false

    enum Tag: String, Sendable, CaseIterable {
        case native
        case operations
        case sfp
        case mangadb
        case versal
        case terraform
        case nick
        case plone

        /// What a refusal looks like there.
        var refusal: Content {
            switch self {
            case .native, .operations: .problem
            case .sfp: .json("SFPError")
            case .mangadb: .json("MangaDBAnswer")
            case .versal: .json("VersalError")
            case .terraform: .text
            case .nick, .plone: .json("AtLockError")
            }
        }
    }

    struct Parameter: Sendable {
        var name: String
        var place = "query"
        var summary: String
        /// A schema as JSON.
        var schema: String
        var isRequired = false
    }

    struct Body: Sendable {
        var schema: String
        var isRequired = true
    }

    struct Response: Sendable {
        var status: HTTPStatus
        var summary: String
        var content: Content

        init(_ status: HTTPStatus, _ summary: String, _ content: Content) {
            (self.status, self.summary, self.content) = (status, summary, content)
        }
    }

    enum Content: Sendable {
        /// The name of a schema.
        case json(String)
        case problem
        case text
        case events
        case empty
    }
}

extension DescribedOperation {
    /// The path as OpenAPI writes it: a rest is a parameter like any other there.
    var path: String { pattern.replacing("...}", with: "}").replacing("*}", with: "}") }

    var pathParameters: [Parameter] {
        pattern.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            let isRest = part.hasSuffix("...}")
            guard !part.hasSuffix("*}") else {
                return Parameter(
                    name: String(part.dropFirst().dropLast(2)),
                    place: "path",
                    summary: "The path of the request that a proxy holds; nobody reads it.",
                    schema: #"{"type":"string"}"#,
                    isRequired: true
                )
            }
            return Parameter(
                name: String(part.dropFirst().dropLast(isRest ? 4 : 1)),
                place: "path",
                summary: isRest
                    ? "A resource path; its slashes may stand as they are or as %2F."
                    : "One segment, percent-decoded once.",
                schema: #"{"type":"string","minLength":1}"#,
                isRequired: true
            )
        }
    }

    /// OpenAPI knows only the common methods.
    var isExpressible: Bool { method != .lock && method != .unlock }
}

// MARK: - Refusals

extension DescribedOperation {
    /// Those that this operation has in common with the others of its API.
    private var refusals: [Response] {
        var refusals = needsCredential ? Array(tag.refusals) : []
        refusals.append((.misdirected, "`Host` is no name of this server."))
        if body != nil { refusals.append((.contentTooLarge, "The body is too large.")) }
        let told = Set(responses.map(\.status))
        return refusals.filter { !told.contains($0.0) }
            .map { Response($0.0, $0.1, tag.refusal) }
    }
}

extension DescribedOperation.Tag {
    /// In the order of their numbers.
    fileprivate var refusals: KeyValuePairs<HTTPStatus, String> {
        switch self {
        case .native, .operations:
            [
                .badRequest: "Something in it is wrong.",
                .unauthorized: "It does not say who asks.",
                .forbidden: "A right is missing, or a page of another origin asks.",
                .tooManyRequests: "A limit, which is named, is reached; see `Retry-After`.",
                .unavailable: "Not now; see `Retry-After`.",
            ]
        case .mangadb:
            [
                .badRequest: "Missing parameters",
                .forbidden: "Forbidden",
                .notFound: "Not found",
                .internalError: "Internal server error",
            ]
        case .versal:
            [
                .badRequest: "Bad request",
                .unauthorized: "Invalid credentials",
                .forbidden: "Resource locked, or Insufficient permissions",
                .notFound: "Course, Gadget or Lock not found",
                .unavailable: "Not now; see `Retry-After`.",
            ]
        case .sfp:
            [
                .badRequest: "Something in it is wrong.",
                .unauthorized: "Unauthorized",
                .forbidden: "Forbidden - Requires role: owner, application",
                .unavailable: "Not now; see `Retry-After`.",
            ]
        case .terraform, .nick, .plone:
            [
                .badRequest: "Something in it is wrong.",
                .unauthorized: "It does not say who asks, or its API says no with this status.",
                .forbidden: "A right is missing, or its API says no with this status.",
                .unavailable: "Not now; see `Retry-After`.",
            ]
        }
    }
}

// MARK: - As JSON

extension DescribedOperation {
    func write(to writer: inout JSONWriter, for access: OpenAPIAccess) {
        writer.beginObject()
        writer.member("operationId", id)
        writer.member("summary", summary)
        writer.member("tags", [tag.rawValue])
        if !needsCredential {
            writer.key("security")
            writer.beginArray()
            writer.endArray()
        } else if let scheme = access.scheme(of: tag) {
            writer.key("security")
            writer.value(JSONValue(document: #"[{"\#(scheme.name)":[]}]"#))
        }
        writer.key("parameters")
        writer.beginArray()
        for parameter in pathParameters + [access.sender(of: tag)].compactMap(\.self) + parameters {
            parameter.write(to: &writer)
        }
        writer.endArray()
        if let body {
            writer.key("requestBody")
            writer.beginObject()
            writer.member("required", body.isRequired)
            Content.json(body.schema).write(to: &writer)
            writer.endObject()
        }
        writer.key("responses")
        writer.beginObject()
        for response in responses + refusals {
            writer.freeKey(String(response.status.number))
            response.content.write(response.summary, headers(of: response.status), to: &writer)
        }
        writer.key("default")
        tag.refusal.write(
            "Refused; the status says in short why.",
            headersOfOthers,
            to: &writer
        )
        writer.endObject()
        writer.endObject()
    }
}

extension DescribedOperation.Parameter {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("in", place)
        writer.member("description", summary)
        writer.member("required", isRequired)
        writer.key("schema")
        writer.value(JSONValue(document: schema))
        writer.endObject()
    }
}

extension DescribedOperation.Content {
    fileprivate func write(
        _ summary: String,
        _ headers: [DescribedOperation.Header],
        to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.member("description", summary)
        headers.write(to: &writer)
        write(to: &writer)
        writer.endObject()
    }

    fileprivate func write(to writer: inout JSONWriter) {
        switch self {
        case .empty: return
        case .json(let name):
            media(HTTPReply.json, ##"{"$ref":"#/components/schemas/\##(name)"}"##, &writer)
        case .problem:
            media(HTTPReply.problem, ##"{"$ref":"#/components/schemas/Problem"}"##, &writer)
        case .text: media("text/plain", #"{"type":"string"}"#, &writer)
        case .events: media("text/event-stream", #"{"type":"string"}"#, &writer)
        }
    }

    private func media(_ type: String, _ schema: String, _ writer: inout JSONWriter) {
        writer.key("content")
        writer.beginObject()
        writer.freeKey(type)
        writer.beginObject()
        writer.key("schema")
        writer.value(JSONValue(document: schema))
        writer.endObject()
        writer.endObject()
    }
}

extension JSONValue {
    /// JSON that stands in this program.
    init(document text: String) {
        do { try self.init(parsing: text) } catch {
            preconditionFailure("a part of the OpenAPI document is no JSON: \(text)")
        }
    }
}
