// `/openapi.json` against what is served: every route is in it and nothing else, every name leads somewhere, and what
// the server answers has the shape that the document gives it.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastSimulation
import HoldfastWire
import Testing

@testable import HoldfastServer

@Suite struct OpenAPITests {
    /// Every choice of profiles that differs in kind.
    struct Choice: Sendable, CustomTestStringConvertible {
        var profiles: Set<HTTPProfile>
        var mounts: [AtLockMount]

        var setting: HTTPSetting {
            var setting = HTTPSetting()
            setting.profiles = profiles
            setting.atLockMounts = mounts
            return setting
        }

        var testDescription: String {
            (profiles.map(\.rawValue).sorted()
                + mounts.map { "\($0.system)=/" + $0.segments.joined(separator: "/") })
                .joined(separator: ",")
        }
    }

    private static let nick = AtLockMount(.nick)
    private static let plone = AtLockMount(.plone, segments: ["sites", "one"])

    static let choices =
        [Choice(profiles: [], mounts: [])]
        + [[], [nick], [plone], [nick, plone]].map {
            Choice(profiles: Set(HTTPProfile.allCases), mounts: $0)
        } + HTTPProfile.allCases.map { Choice(profiles: [$0], mounts: []) }

    static func document(_ setting: HTTPSetting) throws -> JSONValue {
        try JSONValue(parsing: OpenAPIDocument.bytes(setting).span)
    }

    @Test(arguments: choices)
    func `the document tells of every route and of nothing else`(choice: Choice) throws {
        // Pages are for people; programs ask what the pages ask.
        let pages = DashboardRoutes.all.map(\.pattern)
        let routes = Router(choice.setting).routes
            .filter { $0.method != .get || !pages.contains($0.pattern) }
            .map { route in
                let path = route.pattern.replacing("...}", with: "}").replacing("*}", with: "}")
                return "\(route.method.rawValue) \(path)"
            }
        var told: [String] = []
        for path in try #require(Self.document(choice.setting)["paths"]?.members) {
            for member in path.value.members ?? [] where member.value.members != nil {
                told.append("\(member.name.uppercased()) \(path.name)")
            }
            for method in path.value["x-methods"]?.elements ?? [] {
                told.append("\(method.string ?? "") \(path.name)")
            }
        }
        #expect(told.sorted() == routes.sorted())
    }

    @Test(arguments: choices)
    func `every shape that is named is there, and every one that is there is named`(
        choice: Choice
    ) throws {
        let document = try Self.document(choice.setting)
        var named: Set<String> = []
        func visit(_ value: JSONValue) {
            if let name = value["$ref"]?.string { named.insert(name) }
            for member in value.members ?? [] { visit(member.value) }
            for element in value.elements ?? [] { visit(element) }
        }
        visit(document)
        var there: [String] = []
        for kind in ["schemas", "headers"] {
            let shapes = try #require(document["components"]?[kind]?.members)
            there += shapes.map { "#/components/\(kind)/\($0.name)" }
        }
        #expect(named == Set(there))
        #expect(there.count == Set(there).count)
    }

    @Test func `operations have names of their own, and paths all their parameters`() throws {
        var setting = HTTPSetting()
        setting.atLockMounts = [Self.nick, Self.plone]
        let document = try Self.document(setting)
        #expect(document["openapi"]?.string == "3.1.0")
        var ids: [String] = []
        for path in try #require(document["paths"]?.members) {
            for member in path.value.members ?? [] where member.value.members != nil {
                ids.append(try #require(member.value["operationId"]?.string))
                for parameter in member.value["parameters"]?.elements ?? []
                where parameter["in"]?.string == "path" {
                    let name = try #require(parameter["name"]?.string)
                    #expect(path.name.contains("{\(name)}"))
                    #expect(parameter["required"]?.bool == true)
                }
                #expect(member.value["responses"]?["default"] != nil)
            }
        }
        #expect(ids.count == Set(ids).count)
    }

    @Test func `what a request must show of its sender is what this server asks for`() async throws
    {
        func requirement(_ access: OpenAPIAccess) throws -> String? {
            let bytes = OpenAPIDocument.bytes(HTTPSetting(), access)
            return try JSONValue(parsing: bytes.span)["security"]?.description
        }
        let owners = OwnerDirectory()
        let (open, closed) = (
            OpenAuthority(owners: owners),
            TokenAuthority(AccessTable(), owners: owners, digest: plainDigest)
        )
        let certified = OpenAuthority(owners: owners, goesByCertificates: true)
        var asking = HTTPSetting()
        asking.asksForCertificates = true
        let (bearer, basic) = (#"{"bearer":[]}"#, #"{"basic":[]}"#)
        let certificate = #"{"certificate":[]}"#
        #expect(
            try requirement(OpenAPIAccess(HTTPSetting(), open)) == "[{},\(bearer),\(basic)]"
        )
        #expect(try requirement(OpenAPIAccess(HTTPSetting(), closed)) == "[\(bearer),\(basic)]")
        #expect(
            try requirement(OpenAPIAccess(asking, closed)) == "[\(bearer),\(basic),\(certificate)]"
        )
        #expect(try requirement(OpenAPIAccess(asking, certified)) == "[\(certificate)]")
        let server = VirtualServer(authority: closed)
        let answer = try await HTTPTalker(MemoryTalker(server.connectHTTP()))
            .ask("GET", "/openapi.json")
        #expect(answer.json["security"]?.description == "[\(bearer),\(basic)]")
    }

    @Test func `APIs with a place of their own for the sender ask for that one`() throws {
        let document = try Self.document(HTTPSetting())
        var access = OpenAPIAccess()
        access.isOptional = false
        let bytes = OpenAPIDocument.bytes(HTTPSetting(), access)
        let closed = try JSONValue(parsing: bytes.span)
        let schemes = closed["components"]?["securitySchemes"]
        for (path, method, name, place) in [
            ("/admin/lock", "post", "refreshToken", "cookie"), ("/locks", "post", "SID", "header"),
        ] {
            let open = document["paths"]?[path]?[method]
            #expect(open?["security"] == nil)
            let sender = open?["parameters"]?.elements?.first
            #expect(sender?["name"]?.string == name && sender?["in"]?.string == place)
            #expect(sender?["required"]?.bool == true)
            let operation = closed["paths"]?[path]?[method]
            #expect(operation?["security"]?.description == "[{\"\(name)\":[]}]")
            #expect(schemes?[name]?["in"]?.string == place)
            #expect(schemes?[name]?["name"]?.string == name)
        }
        var open = HTTPSetting()
        open.areMetricsOpen = true
        let metrics = try Self.document(open)["paths"]?["/metrics"]?["get"]
        #expect(metrics?["security"]?.description == "[]")
        #expect(document["paths"]?["/metrics"]?["get"]?["security"] == nil)
    }

    @Test(arguments: Place.allCases)
    func `it is served to anybody`(place: Place) async throws {
        try await place.with { house in
            let answer = try await house.http().ask("GET", "/openapi.json")
            #expect(answer.status == 200)
            #expect(answer["Content-Type"] == "application/json")
            #expect(answer.json["info"]?["title"]?.string == "Holdfast")
        }
    }
}
