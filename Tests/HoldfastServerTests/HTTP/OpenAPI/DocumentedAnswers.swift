// What the OpenAPI document promises of the answer to a request: its status, its type and its shape.

import HoldfastHTTPCodec
import HoldfastServer
import HoldfastWire

/// The document of a server on which every profile is switched on.
struct DocumentedAnswers {
    let document: JSONValue

    init() throws { document = try OpenAPITests.document(Set(HTTPProfile.allCases)) }

    /// The name of the operation that answers; nil where the document has none.
    func operation(of method: String, _ target: String) -> String? {
        description(of: method, target)?["operationId"]?.string
    }

    /// What is wrong with an answer; empty where it is as told, or the document tells nothing of such a request.
    func flaws(of response: HTTPResponse, to method: String, _ target: String) -> [String] {
        guard let responses = description(of: method, target)?["responses"] else { return [] }
        let told = responses["\(response.status)"] ?? responses["default"]
        guard let media = told?["content"]?.members?.first else {
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
            let pattern = member.name.split(separator: "/")
            return pattern.count == path.count
                && zip(pattern, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        let best = matching.min { $0.name.count("{") < $1.name.count("{") }
        return best?.value[method.lowercased()]
    }
}

extension String {
    fileprivate func count(_ character: Character) -> Int { count { $0 == character } }
}
