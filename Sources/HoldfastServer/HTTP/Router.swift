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
    /// Other methods of the path are not merely not allowed: as far as they go there is nothing.
    let hidesOthers: Bool
    let segments: [Segment]

    enum Segment: Hashable, Sendable {
        case fixed(String)
        case parameter
        /// All but what is fixed behind it, at least one segment; their decoded texts are joined by slashes.
        case rest
    }

    init(
        _ method: HTTPMethod,
        _ pattern: String,
        hidesOthers: Bool = false,
        _ handler: @escaping Handler
    ) {
        self.hidesOthers = hidesOthers
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
    /// By the first segment.
    private let byFirst: [String: [Route]]
    /// Those that begin with any: only mounts do.
    private let unfixed: [Route]

    init(_ setting: HTTPSetting) {
        gatekeeper = Gatekeeper(setting)
        let routes = Router.routes(setting)
        self.routes = routes
        byFirst = Dictionary(grouping: routes) { $0.firstFixed ?? "" }
        unfixed = routes.filter { $0.firstFixed == nil }
    }

    private static func routes(_ setting: HTTPSetting) -> [Route] {
        let profiles = HTTPProfile.allCases.filter(setting.profiles.contains)
        return NativeRoutes.all + OperationalRoutes.all + DashboardRoutes.all
            + profiles.flatMap { $0.routes(setting) }
            + setting.atLockMounts.flatMap { $0.routes(setting) }
    }

    /// The response to a request; nil where the route wrote it itself.
    func answer(_ request: Request, on connection: HTTPConnection) async -> HTTPReply? {
        if let (status, refusal) = gatekeeper.refusal(of: request) {
            return Problem.reply(status, refusal)
        }
        if request.method == .options, request.segments.isEmpty { return HTTPReply(.noContent) }
        // The root has one segment, which is empty.
        let segments = request.path.count == 1 ? [] : request.segments
        let matching = candidates(segments, of: request)
        let method = request.method == .head ? .get : request.method
        guard
            matching.contains(where: {
                $0.method == method || method == .other || !$0.hidesOthers
            })
        else {
            return Problem.reply(Refusal(.notFound, "there is nothing at this path"))
        }
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
        let first = segments.first.flatMap { request.text(in: $0) } ?? ""
        var matching = (byFirst[first] ?? []).filter { Router.matches($0, segments, request) }
        if matching.isEmpty {
            matching = unfixed.filter { Router.matches($0, segments, request) }
        }
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
        guard route.restCount(in: segments) != nil else { return false }
        var index = 0
        for pattern in route.segments {
            switch pattern {
            case .fixed(let text):
                guard request.text(in: segments[index]) == text else { return false }
                index += 1
            case .parameter: index += 1
            case .rest: index += route.restCount(in: segments) ?? 0
            }
        }
        return true
    }

    /// Nil where one cannot be decoded.
    private static func parameters(
        of route: Route,
        _ segments: [ByteRange],
        _ request: Request
    ) -> [String]? {
        var parameters: [String] = []
        var index = 0
        for pattern in route.segments {
            switch pattern {
            case .fixed: index += 1
            case .parameter:
                guard let text = request.decoded(segments[index]) else { return nil }
                parameters.append(text)
                index += 1
            case .rest:
                var texts: [String] = []
                for segment in segments[index...].prefix(route.restCount(in: segments) ?? 0) {
                    guard let text = request.decoded(segment) else { return nil }
                    texts.append(text)
                }
                parameters.append(texts.joined(separator: "/"))
                index += texts.count
            }
        }
        return parameters
    }
}

extension Route {
    fileprivate var firstFixed: String? {
        switch segments.first {
        case .fixed(let text)?: text
        case .parameter?, .rest?: nil
        // Of the root itself.
        case nil: ""
        }
    }

    /// How many segments the rest takes, or zero without one; nil where the path is too short or too long.
    fileprivate func restCount(in path: [ByteRange]) -> Int? {
        let surplus = path.count - segments.count
        if segments.contains(.rest) { return surplus >= 0 ? surplus + 1 : nil }
        return surplus == 0 ? 0 : nil
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
        do throws(Refusal) {
            return try request.principal(
                in: place,
                certified: connection.client.stream.peerName,
                by: authority
            )
        } catch {
            if authority.requiresHello, error.code == .unauthenticated,
                let token = try? request.token(in: place), !token.isEmpty
            {
                connection.client.guesses.note()
            }
            throw error
        }
    }
}
