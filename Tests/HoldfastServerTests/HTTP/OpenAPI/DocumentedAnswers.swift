// What the OpenAPI document promises of the answer to a request: its status, its type and its shape.

import HoldfastHTTPCodec
import HoldfastWire

@testable import HoldfastServer

/// The document of a server, by default of one on which every profile is switched on.
struct DocumentedAnswers {
    let document: JSONValue

    init(_ setting: HTTPSetting = HTTPSetting()) throws {
        document = try OpenAPITests.document(setting)
    }

    /// The name of the operation that answers; nil where the document has none.
    func operation(of method: String, _ target: String) -> String? {
        description(of: method, target)?["operationId"]?.string
    }

    /// What is wrong with an answer; empty where it is as told, or the document tells nothing of such a request.
    func flaws(of response: HTTPResponse, to method: String, _ target: String) -> [String] {
        guard let responses = description(of: method, target)?["responses"] else { return [] }
        guard let told = responses["\(response.status)"] else {
            return ["\(response.status) is not told of"]
        }
        let fields = DescribedOperation.Header.allCases.map(\.rawValue)
            .filter { response[$0] != nil && told["headers"]?[$0] == nil }
        guard fields.isEmpty else { return fields.map { "the field \($0) is not told of" } }
        guard let media = told["content"]?.members?.first else {
            return response.body.isEmpty ? [] : ["a body where none is told of"]
        }
        let type = response["Content-Type"]?.split(separator: ";").first.map { String($0) } ?? ""
        guard type == media.name else { return ["\(type) and not \(media.name)"] }
        guard type.hasSuffix("json"), let schema = media.value["schema"] else {
            return response.body.isEmpty ? ["no body"] : []
        }
        return JSONShape(document: document, schema: schema).flaws(of: response.json)
    }

    /// The path with the most fixed segments wins, as in the router.
    private func description(of method: String, _ target: String) -> JSONValue? {
        let path = target.prefix { $0 != "?" }.split(separator: "/")
        let matching = (document["paths"]?.members ?? []).filter { member in
            covers(member.name.split(separator: "/"), path)
        }
        let best = matching.max { fixedCount($0.name) < fixedCount($1.name) }
        // OpenAPI has no words for these two; what they answer is what POST answers behind the path.
        guard method != "LOCK", method != "UNLOCK" else {
            return description(of: "POST", target + "/" + method.lowercased())
        }
        return best?.value[method.lowercased()]
    }

    /// A parameter named `path` stands for any number of segments.
    private func covers(_ pattern: [Substring], _ path: [Substring]) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        let others = Array(pattern.dropFirst())
        let counts = first == "{path}" ? Array(1...max(1, path.count)) : [1]
        return counts.contains { count in
            path.count >= count && (first.hasPrefix("{") || first == path[0])
                && covers(others, Array(path.dropFirst(count)))
        }
    }

    private func fixedCount(_ name: String) -> Int {
        name.split(separator: "/").count { !$0.hasPrefix("{") }
    }
}
