// From a method and a path to the function that answers. Routes are patterns in one table, so that what is served can
// be listed: for `Allow`, and for the tests that hold the OpenAPI document to it. Fixed segments win over parameters.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel

/// One method of one path.
struct Route: Sendable {
    typealias Handler = @Sendable (Exchange) async -> HTTPReply?

    let method: HTTPMethod
    /// As a document writes it: "/v1/tickets/{ticket}", "/v1/resources/{path...}".
    let pattern: String
    let handler: Handler
    let segments: [Segment]

    enum Segment: Hashable, Sendable {
        case fixed(String)
        case parameter
        /// All that is left, at least one segment; their decoded texts are joined by slashes.
        case rest
    }

    init(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping Handler) {
        self.method = method
        self.pattern = pattern
        self.handler = handler
        segments = pattern.split(separator: "/").map { part in
            guard part.hasPrefix("{") else { return .fixed(String(part)) }
            return part.hasSuffix("...}") ? .rest : .parameter
        }
    }
}

/// The routes of one server.
struct Router: Sendable {
    let routes: [Route]
    private let gatekeeper: Gatekeeper
    /// By the first segment, which all patterns have fixed.
    private let byFirst: [String: [Route]]

    init(_ setting: HTTPSetting) {
        gatekeeper = Gatekeeper(setting)
        let routes = Router.routes(setting)
        self.routes = routes
        byFirst = Dictionary(grouping: routes) { route in
            if case .fixed(let text)? = route.segments.first { text } else { "" }
        }
    }

    private static func routes(_ setting: HTTPSetting) -> [Route] {
        let profiles = HTTPProfile.allCases.filter(setting.profiles.contains)
        return NativeRoutes.all + OperationalRoutes.all + profiles.flatMap { $0.routes(setting) }
    }

    /// The response to a request; nil where the route wrote it itself.
    func answer(_ request: Request, on connection: HTTPConnection) async -> HTTPReply? {
        if let (status, refusal) = gatekeeper.refusal(of: request) {
            return Problem.reply(status, refusal)
        }
        let segments = request.segments
        let matching = candidates(segments, of: request)
        guard !matching.isEmpty else {
            if request.method == .options, segments.isEmpty { return HTTPReply(.noContent) }
            return Problem.reply(Refusal(.notFound, "there is nothing at this path"))
        }
        let method = request.method == .head ? .get : request.method
        guard let route = matching.first(where: { $0.method == method }) else {
            return Router.otherMethod(request, matching)
        }
        guard let parameters = Router.parameters(of: route, segments, request) else {
            return Problem.reply(Refusal(.badRequest, "the path is not percent-encoded UTF-8"))
        }
        let exchange = Exchange(request: request, parameters: parameters, connection: connection)
        return await route.handler(exchange)
    }

    private static func otherMethod(_ request: Request, _ matching: [Route]) -> HTTPReply {
        var allowed = matching.map(\.method)
        if allowed.contains(.get) { allowed.append(.head) }
        allowed.append(.options)
        let allow = HTTPMethod.allCases.filter(allowed.contains).map(\.rawValue)
            .joined(separator: ", ")
        guard request.method != .options else {
            return HTTPReply(.noContent).with("Allow", allow)
        }
        let refusal = Refusal(.badRequest, "this path takes \(allow)")
        return Problem.reply(.methodNotAllowed, refusal).with("Allow", allow)
    }

    /// The routes of this path, whatever their methods: those of the best pattern.
    private func candidates(_ segments: [ByteRange], of request: Request) -> [Route] {
        guard let first = segments.first.flatMap({ request.text(in: $0) }),
            let routes = byFirst[first]
        else { return [] }
        let matching = routes.filter { Router.matches($0, segments, request) }
        guard let best = matching.map(Router.rank).max() else { return [] }
        return matching.filter { Router.rank($0) == best }
    }

    /// Fixed segments count more than parameters, those more than a rest.
    private static func rank(_ route: Route) -> Int {
        route.segments.reduce(0) { rank, segment in
            switch segment {
            case .fixed: rank + 100
            case .parameter: rank + 10
            case .rest: rank
            }
        }
    }

    private static func matches(_ route: Route, _ segments: [ByteRange], _ request: Request) -> Bool
    {
        for (index, pattern) in route.segments.enumerated() {
            guard index < segments.count else { return false }
            switch pattern {
            case .fixed(let text):
                guard request.text(in: segments[index]) == text else { return false }
            case .parameter: continue
            case .rest: return true
            }
        }
        return segments.count == route.segments.count
    }

    /// Nil where one cannot be decoded.
    private static func parameters(
        of route: Route,
        _ segments: [ByteRange],
        _ request: Request
    ) -> [String]? {
        var parameters: [String] = []
        for (index, pattern) in route.segments.enumerated() {
            switch pattern {
            case .fixed: continue
            case .parameter:
                guard let text = request.decoded(segments[index]) else { return nil }
                parameters.append(text)
            case .rest:
                var texts: [String] = []
                for segment in segments[index...] {
                    guard let text = request.decoded(segment) else { return nil }
                    texts.append(text)
                }
                parameters.append(texts.joined(separator: "/"))
            }
        }
        return parameters
    }
}

/// A request and where it came from, as a route sees it.
struct Exchange: Sendable {
    let request: Request
    /// What stands for the parameters of the pattern, decoded once.
    let parameters: [String]
    let connection: HTTPConnection

    func principal(in place: CredentialPlace = .authorization) throws(Refusal) -> Principal {
        let authority = connection.service.coordinator.setting.authority
        return try request.principal(in: place, by: authority)
    }
}
