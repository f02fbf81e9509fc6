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
    /// It changes nothing, whatever its method says: whoever asks for somebody else keeps that one's method.
    let isSafe: Bool
    /// It asks nothing of the coordinator, so it answers also while that reads back what was stored.
    let isOfProcess: Bool
    /// How it refuses what does not come as far as its handler.
    private(set) var form = RefusalForm.problem
    let segments: [Segment]

    enum Segment: Hashable, Sendable {
        case fixed([UInt8])
        /// Never empty: at `/v1/tickets/` there is no ticket.
        case parameter
        /// All but what is fixed behind it, at least one segment and no slash at its end; their decoded texts are
        /// joined by slashes.
        case rest
        /// Whatever is there, with or without a slash at its end; nobody reads it. A document writes it "{path*}".
        case anything
    }

    init(
        _ method: HTTPMethod,
        _ pattern: String,
        hidesOthers: Bool = false,
        isSafe: Bool = false,
        isOfProcess: Bool = false,
        _ handler: @escaping Handler
    ) {
        self.hidesOthers = hidesOthers
        self.isSafe = isSafe
        self.isOfProcess = isOfProcess
        self.method = method
        self.pattern = pattern
        self.handler = handler
        let parts = pattern.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        segments = (pattern == "/" ? [] : parts).map { part in
            guard part.hasPrefix("{") else { return .fixed(Array(part.utf8)) }
            if part.hasSuffix("*}") { return .anything }
            return part.hasSuffix("...}") ? .rest : .parameter
        }
    }

    func refusing(as form: RefusalForm) -> Route {
        var route = self
        route.form = form
        return route
    }
}

/// The routes of one server.
struct Router: Sendable {
    let routes: [Route]
    private let gatekeeper: Gatekeeper
    let crossOrigin: CrossOrigin
    /// By the first segment, which few paths share.
    private let groups: [Group]
    /// Those that begin with any: only mounts do.
    private let unfixed: [PathPattern]
    /// The deepest first.
    private let territories: [Territory]

    private struct Group: Sendable {
        var first: [UInt8]
        var patterns: [PathPattern]
    }

    init(_ setting: HTTPSetting) {
        gatekeeper = Gatekeeper(setting)
        crossOrigin = CrossOrigin(setting)
        let routes = Router.routes(setting)
        self.routes = routes
        let patterns = PathPattern.patterns(of: routes)
        groups = Dictionary(grouping: patterns.filter { $0.first != nil }) { $0.first ?? [] }
            .map { Group(first: $0.key, patterns: $0.value) }
        unfixed = patterns.filter { $0.first == nil }
        territories =
            (HTTPProfile.allCases.filter(setting.profiles.contains).map(\.territory)
            + setting.atLockMounts.map(\.territory)).sorted { $0.depth > $1.depth }
    }

    private static func routes(_ setting: HTTPSetting) -> [Route] {
        let profiles = HTTPProfile.allCases.filter(setting.profiles.contains)
        return NativeRoutes.all + OperationalRoutes.all + DashboardRoutes.all
            + profiles.flatMap { $0.routes(setting) }
            + setting.atLockMounts.flatMap { $0.routes(setting) }
    }

    /// The response to a request; nil where the route wrote it itself.
    func answer(_ request: Request, on connection: HTTPConnection) async -> HTTPReply? {
        guard var reply = await answerOwn(request, on: connection) else { return nil }
        // RFC 9110: whoever is turned away is told how to say who it is.
        if reply.status == .unauthorized,
            !reply.fields.contains(where: { $0.name == "WWW-Authenticate" })
        {
            reply = reply.with("WWW-Authenticate", #"Bearer realm="holdfast""#)
        }
        reply.fields += crossOrigin.fields(for: request)
        return reply
    }

    private func answerOwn(
        _ request: Request,
        on connection: HTTPConnection
    ) async -> HTTPReply? {
        let place = place(of: request)
        if let (status, refusal) = gatekeeper.refusal(of: request, on: place.route) {
            return form(at: place, of: request).reply(status, refusal)
        }
        if request.method == .options, request.segments.isEmpty { return HTTPReply(.noContent) }
        guard let route = place.route else { return withoutRoute(place, request) }
        guard let parameters = route.parameters(place.segments, request) else {
            let refusal = Refusal(.badRequest, "the path is not percent-encoded UTF-8")
            return route.form.reply(refusal)
        }
        if !connection.isStarted, !route.isOfProcess, let refusal = await connection.awaitStart() {
            return route.form.reply(refusal)
        }
        let exchange = Exchange(
            request: request,
            parameters: parameters,
            connection: connection,
            isSafe: route.isSafe
        )
        return await route.handler(exchange)
    }

    private func withoutRoute(_ place: RoutedPlace, _ request: Request) -> HTTPReply {
        // What is there for one method is there for whoever asks which there are: a browser does so before it changes
        // anything for a page of another origin.
        let isAsked = request.method == .options || request.method == .other
        guard place.routes.contains(where: { isAsked || !$0.hidesOthers }) else {
            let refusal = Refusal(.notFound, "there is nothing at this path")
            return form(at: place, of: request).reply(refusal)
        }
        return otherMethod(request, place)
    }

    private func otherMethod(_ request: Request, _ place: RoutedPlace) -> HTTPReply {
        var allowed = place.routes.map(\.method)
        if allowed.contains(.get) { allowed.append(.head) }
        allowed.append(.options)
        let allow = HTTPMethod.allCases.filter(allowed.contains).map(\.rawValue)
            .joined(separator: ", ")
        guard request.method != .options else {
            var reply = HTTPReply(.noContent).with("Allow", allow)
            reply.fields += crossOrigin.preflight(request, allowing: allow) ?? []
            return reply
        }
        let refusal = Refusal(.badRequest, "this path takes \(allow)")
        return form(at: place, of: request).reply(.methodNotAllowed, refusal)
            .with("Allow", allow)
    }

    /// How a request is refused that may be no whole one: of its head only the path must be there.
    func form(for request: Request) -> RefusalForm {
        guard !request.bytes.isEmpty, !request.path.isEmpty else { return .problem }
        return form(at: place(of: request), of: request)
    }

    private func form(at place: RoutedPlace, of request: Request) -> RefusalForm {
        if let route = place.route ?? place.routes.first(where: { !$0.hidesOthers }) {
            return route.form
        }
        return territories.first { $0.covers(place.segments, of: request) }?.form ?? .problem
    }

    private func place(of request: Request) -> RoutedPlace {
        // The root has one segment, which is empty.
        let segments = request.path.count == 1 ? [] : request.segments
        let routes = candidates(segments, of: request)
        let method = request.method == .head ? .get : request.method
        return RoutedPlace(
            segments: segments,
            routes: routes,
            route: routes.first { $0.method == method }
        )
    }

    /// The routes of this path, whatever their methods: those of the best pattern.
    private func candidates(_ segments: [ByteRange], of request: Request) -> [Route] {
        let first = segments.first ?? .empty
        let group = groups.first { request.reads($0.first, at: first) }
        let found = group.map { Router.best(of: $0.patterns, segments, request) } ?? []
        return found.isEmpty ? Router.best(of: unfixed, segments, request) : found
    }

    private static func best(
        of patterns: [PathPattern],
        _ segments: [ByteRange],
        _ request: Request
    ) -> [Route] {
        var (rank, found): (Int, [Route]) = (-1, [])
        for pattern in patterns where pattern.rank >= rank && pattern.matches(segments, request) {
            if pattern.rank > rank { found = pattern.routes } else { found += pattern.routes }
            rank = pattern.rank
        }
        return found
    }
}

/// Where a request leads.
private struct RoutedPlace {
    var segments: [ByteRange]
    /// All of the path, whatever their methods.
    var routes: [Route]
    /// The one of the request's method.
    var route: Route?
}

/// A request and where it came from, as a route sees it.
struct Exchange: Sendable {
    let request: Request
    /// What stands for the parameters of the pattern, decoded once.
    let parameters: [String]
    let connection: HTTPConnection
    /// Of its route.
    let isSafe: Bool

    func principal(in place: CredentialPlace = .authorization) throws(Refusal) -> Principal {
        let authority = connection.service.coordinator.setting.authority
        let visitor = connection.client.visitor
        do throws(Refusal) {
            let token = try request.token(in: place, isProof: authority.provesByToken)
            let principal = try visitor.principal(
                token,
                certified: connection.client.stream.peerName,
                by: authority
            )
            try visitor.enter(as: principal, with: token, atMost: connection.coordinatorLimits)
            try pay(as: principal)
            return principal
        } catch {
            if authority.provesNames, error.code == .unauthenticated,
                let token = try? request.token(in: place), !token.isEmpty
            {
                connection.client.guesses.note()
                connection.service.coordinator.setting.witness?.saw(
                    strangerFrom: connection.client.stream.peer,
                    at: connection.client.loop.reading.wall
                )
            }
            throw error
        }
    }

    /// A request takes one token, whatever its route asks for it.
    private func pay(as principal: Principal) throws(Refusal) {
        let client = connection.client
        guard client.pace.isBound, !client.state.value.isPaid else { return }
        client.state.value.isPaid = true
        let keeps = !isSafe && request.keeps
        if let refusal = client.pace.refusal(of: principal, keeps: keeps) { throw refusal }
    }
}

extension Request {
    /// It keeps what somebody has, or gives it back, in any of the APIs.
    fileprivate var keeps: Bool {
        if method == .delete || method == .unlock { return true }
        guard let last = segments.last.flatMap({ text(in: $0) }) else { return false }
        return ["renew", "release", "unlock"].contains(last)
    }
}
