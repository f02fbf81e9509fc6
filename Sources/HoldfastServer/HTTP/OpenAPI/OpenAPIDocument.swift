// `/openapi.json`: what this server answers, as tools read it (OpenAPI 3.1). It is put together from the operations of
// the APIs that are switched on, so it never tells of a path that answers 404; a test holds it to the table of routes.

import HoldfastHTTPCodec
import HoldfastWire

enum OpenAPIDocument {
    /// The operations that a server with these settings answers.
    static func operations(_ setting: HTTPSetting) -> [DescribedOperation] {
        let profiles = HTTPProfile.allCases.filter(setting.profiles.contains)
        let operational = operational.map { operation in
            var operation = operation
            if operation.id == "metrics", setting.areMetricsOpen {
                operation.needsCredential = false
            }
            return operation
        }
        return native + operational + profiles.flatMap(\.described)
            + setting.atLockMounts.flatMap(atLock)
    }

    static func bytes(
        _ setting: HTTPSetting,
        _ access: OpenAPIAccess = OpenAPIAccess()
    ) -> [UInt8] {
        let operations = operations(setting)
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { writer in
            writer.beginObject()
            writer.member("openapi", "3.1.0")
            info(&writer)
            writer.key("security")
            writer.value(JSONValue(document: access.requirement))
            writer.key("paths")
            paths(operations, access, &writer)
            writer.key("components")
            writer.beginObject()
            writer.key("securitySchemes")
            writer.value(JSONValue(document: access.schemes(of: Set(operations.map(\.tag)))))
            writer.key("headers")
            writer.beginObject()
            for header in DescribedOperation.Header.told(of: operations) {
                writer.freeKey(header.rawValue)
                header.write(to: &writer)
            }
            writer.endObject()
            writer.key("schemas")
            writer.beginObject()
            for (name, schema) in schemas(of: operations) {
                writer.freeKey(name)
                writer.value(schema)
            }
            writer.endObject()
            writer.endObject()
            writer.endObject()
        }
        return bytes
    }

    private static func info(_ writer: inout JSONWriter) {
        writer.key("info")
        writer.beginObject()
        writer.member("title", "Holdfast")
        writer.member("version", ServerName.version)
        writer.member(
            "description",
            """
            Locks with fair queues, visible positions, leases and fences. Every API here, and the line protocol over \
            TCP, contends in the same queues. A change that carries Sec-Fetch-Site or Origin of another site is 403, \
            a Host that is neither an address, nor a name without a dot, nor configured is 421.
            """
        )
        writer.endObject()
    }

    /// One object a path, in the order in which the paths first come.
    private static func paths(
        _ operations: [DescribedOperation],
        _ access: OpenAPIAccess,
        _ writer: inout JSONWriter
    ) {
        var names: [String] = []
        var byPath: [String: [DescribedOperation]] = [:]
        for operation in operations {
            let path = operation.path
            if byPath[path] == nil { names.append(path) }
            byPath[path, default: []].append(operation)
        }
        writer.beginObject()
        for name in names {
            let here = byPath[name] ?? []
            writer.freeKey(name)
            writer.beginObject()
            for operation in here where operation.isExpressible {
                writer.freeKey(operation.method.rawValue.lowercased())
                operation.write(to: &writer, for: access)
            }
            let others = here.filter { !$0.isExpressible }.map(\.method.rawValue)
            if !others.isEmpty {
                writer.member("description", "Also answers " + others.joined(separator: " and "))
                writer.member("x-methods", others)
            }
            writer.endObject()
        }
        writer.endObject()
    }

    /// Those of every server, and those of the profiles whose operations are here.
    private static func schemas(
        of operations: [DescribedOperation]
    ) -> [(name: String, schema: JSONValue)] {
        let tags = Set(operations.map(\.tag))
        return OpenAPISchemas.all
            .filter { $0.tags.isEmpty || !tags.isDisjoint(with: $0.tags) }
            .map { ($0.name, JSONValue(document: $0.schema)) }
    }
}

extension HTTPProfile {
    fileprivate var described: [DescribedOperation] {
        switch self {
        case .sfp: OpenAPIDocument.sfp
        case .mangadb: OpenAPIDocument.mangadb
        case .versal: OpenAPIDocument.versal
        case .terraform: OpenAPIDocument.terraform
        }
    }
}
