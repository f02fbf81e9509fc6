// As much of JSON Schema as the OpenAPI document uses: enough to say where a value is not what the document promises.

import HoldfastWire

struct JSONShape {
    let document: JSONValue
    let schema: JSONValue

    /// What is wrong with a value; empty where it fits.
    func flaws(of value: JSONValue, at place: String = "$") -> [String] {
        if let reference = schema["$ref"]?.string {
            let name = String(reference.split(separator: "/").last ?? "")
            guard let named = document["components"]?["schemas"]?[name] else {
                return ["\(place): no shape \(name)"]
            }
            return JSONShape(document: document, schema: named).flaws(of: value, at: place)
        }
        var flaws: [String] = []
        if let type = schema["type"] {
            let types = type.elements?.compactMap(\.string) ?? [type.string ?? ""]
            if !types.contains(where: { value.isJSON($0) }) {
                flaws.append("\(place): no \(types)")
            }
        }
        if let words = schema["enum"]?.elements, !words.contains(value) {
            flaws.append("\(place): \(value) is none of \(words)")
        }
        if let least = schema["minimum"]?.double, let number = value.double, number < least {
            flaws.append("\(place): below \(least)")
        }
        for element in value.elements ?? [] {
            guard let items = schema["items"] else { break }
            flaws += JSONShape(document: document, schema: items).flaws(
                of: element,
                at: place + "[]"
            )
        }
        return flaws + flawsOfMembers(of: value, at: place)
    }

    private func flawsOfMembers(of value: JSONValue, at place: String) -> [String] {
        guard let members = value.members else { return [] }
        var flaws: [String] = []
        for name in schema["required"]?.elements?.compactMap(\.string) ?? []
        where value[name] == nil {
            flaws.append("\(place): no \(name)")
        }
        for member in members {
            let inside = "\(place).\(member.name)"
            if let known = schema["properties"]?[member.name] {
                flaws += JSONShape(document: document, schema: known).flaws(
                    of: member.value,
                    at: inside
                )
            } else if let others = schema["additionalProperties"] {
                if others.bool == false {
                    flaws.append("\(inside) is not told of")
                } else {
                    flaws += JSONShape(document: document, schema: others)
                        .flaws(of: member.value, at: inside)
                }
            }
        }
        return flaws
    }
}

extension JSONValue {
    fileprivate func isJSON(_ type: String) -> Bool {
        switch type {
        case "string": string != nil
        case "integer": integer != nil
        case "number": double != nil
        case "boolean": bool != nil
        case "object": members != nil
        case "array": elements != nil
        default: false
        }
    }
}
