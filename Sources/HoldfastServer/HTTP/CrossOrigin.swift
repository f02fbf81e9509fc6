// What a browser must be told before a page of another origin may read an answer (the CORS protocol of the Fetch
// standard). Nothing at all, unless the operator names origins: then these, each by its own name and never by a star,
// so that their pages may show cookies and credentials, too. Whether such a page may change something is for the
// gatekeeper.

import HoldfastHTTPCodec

/// The origins whose pages may read answers.
struct CrossOrigin: Sendable {
    private let origins: Set<String>

    init(_ setting: HTTPSetting) { origins = Set(setting.origins.map { $0.lowercased() }) }

    /// What every answer to this request has beside its own fields.
    func fields(for request: Request) -> [ResponseField] {
        guard !origins.isEmpty else { return [] }
        // A cache must not show one origin what was meant for another.
        let vary = ResponseField("Vary", "Origin")
        guard let origin = allowedOrigin(of: request) else { return [vary] }
        return [
            vary,
            ResponseField("Access-Control-Allow-Origin", origin),
            ResponseField("Access-Control-Allow-Credentials", "true"),
            ResponseField("Access-Control-Expose-Headers", CrossOrigin.exposed),
        ]
    }

    /// The answer to a browser that asks whether it may ask; nil where this request is something else.
    func preflight(_ request: Request, allowing methods: String) -> [ResponseField]? {
        guard request.method == .options, allowedOrigin(of: request) != nil,
            request.value(of: "access-control-request-method") != nil
        else { return nil }
        let wanted = request.text(of: "access-control-request-headers")
        return [
            ResponseField("Access-Control-Allow-Methods", methods),
            ResponseField("Access-Control-Max-Age", "600"),
        ] + (wanted.map { [ResponseField("Access-Control-Allow-Headers", $0)] } ?? [])
    }

    private func allowedOrigin(of request: Request) -> String? {
        guard let origin = request.text(of: "origin"), origins.contains(origin.lowercased()) else {
            return nil
        }
        return origin
    }

    /// Beyond what every page may read.
    private static let exposed =
        "Location, Retry-After, Holdfast-Ticket, Holdfast-Fence, Holdfast-Position"
}
