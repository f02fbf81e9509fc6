// From a method and a path to the function that answers. Routes are patterns in one table, so that what is served can
// be listed: for `Allow`, and for the tests that hold the OpenAPI document to it. Fixed segments win over parameters.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel

/// The routes of one server.
final class Router: Sendable {
    let routes: [Route]
    private let gatekeeper: Gatekeeper
    let crossOrigin: CrossOrigin
    /// By the first segment, which few paths share.
    private let groups: [PatternGroup]
    private let firstCounts: [Int]
    /// Those that begin with any: only mounts do.
    private let unfixed: PatternGroup
    /// The deepest first.
    private let territories: [Territory]

    init(_ setting: HTTPSetting) {
        gatekeeper = Gatekeeper(setting)
        crossOrigin = CrossOrigin(setting)
        let routes = Router.routes(setting)
        self.routes = routes
        let patterns = PathPattern.patterns(of: routes)
        groups = Dictionary(grouping: patterns.filter { $0.first != nil }) { $0.first ?? [] }
            .map { PatternGroup($0.key, $0.value) }
        firstCounts = groups.map(\.first.count)
        unfixed = PatternGroup(nil, patterns.filter { $0.first == nil })
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

    /// Finds what is to be done for a request, and does what needs no waiting.
    func begin(_ request: Request, on connection: HTTPConnection) -> RequestBeginning {
        let place = place(of: request)
        if let (status, refusal) = gatekeeper.refusal(of: request, on: place.route) {
            return .replied(form(at: place, of: request).reply(status, refusal))
        }
        if request.method == .options, request.segments.isEmpty {
            return .replied(HTTPReply(.noContent))
        }
        guard let route = place.route else { return .replied(withoutRoute(place, request)) }
        guard let parameters = route.parameters(place.segments, request) else {
            let refusal = Refusal(.badRequest, "the path is not percent-encoded UTF-8 without NUL")
            return .replied(route.form.reply(refusal))
        }
        let exchange = Exchange(
            request: request,
            parameters: parameters,
            connection: connection,
            isSafe: route.isSafe
        )
        guard connection.isStarted || route.isOfProcess else { return .early(route, exchange) }
        return route.begin(exchange)
    }

    /// Whether the request is for this server, by one of its names.
    func isOurs(_ request: borrowing Request) -> Bool { gatekeeper.isOurs(request) }

    /// What every response says beside what its route said.
    func complete(_ reply: HTTPReply, to request: Request) -> HTTPReply {
        var reply = reply
        // RFC 9110: whoever is turned away is told how to say who it is.
        if reply.status == .unauthorized,
            !reply.fields.contains(where: { $0.name == "WWW-Authenticate" })
        {
            reply = reply.with("WWW-Authenticate", #"Bearer realm="holdfast""#)
        }
        reply.fields += crossOrigin.fields(for: request)
        return reply
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
        // Longer by two where an at sign is encoded.
        for (index, count) in firstCounts.enumerated()
        where count == first.count || count == first.count - 2 {
            let group = groups[index]
            guard request.reads(group.first, at: first) else { continue }
            let found = group.routes(segments, request)
            if !found.isEmpty { return found }
        }
        return unfixed.routes(segments, request)
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
