// Looking at resources and at the server, and what an administrator does.

import HoldfastModel

extension HoldfastClient {
    /// A resource with its holders and its queue, `limit` of each at most.
    ///
    /// - Parameters:
    ///   - resource: Which one.
    ///   - limit: How many to show, at most 1,000; nil is the server's default, 100.
    ///   - position: Show the queue behind this position.
    public func list(
        _ resource: String,
        limit: Int? = nil,
        after position: Int? = nil
    ) async throws(HoldfastError) -> ResourceSnapshot {
        var request = Request("list", [try .resource(resource)])
        if let limit { request["limit"] = .number(limit) }
        if let position { request["after"] = .number(position) }
        return try await ask(request) { $0.resource }
    }

    /// The resources with a live ticket, below `prefix` if one is given.
    ///
    /// - Parameters:
    ///   - prefix: A path; itself and everything below it is shown.
    ///   - limit: How many to show, at most 1,000; nil is the server's default, 100.
    ///   - path: Show what follows this path: the last page's ``ResourcePage/next``.
    ///   - order: In which order; only by path there are pages.
    public func resources(
        under prefix: String? = nil,
        limit: Int? = nil,
        after path: String? = nil,
        order: ResourceOrder = .path
    ) async throws(HoldfastError) -> ResourcePage {
        var request = Request("resources")
        if let prefix { request["prefix"] = .text(prefix) }
        if let limit { request["limit"] = .number(limit) }
        if let path { request["after"] = .text(path) }
        if order != .path { request["sort"] = .text(order.rawValue) }
        return try await ask(request) { $0.page }
    }

    /// What happened on a resource, newest first.
    public func history(
        _ resource: String,
        limit: Int? = nil
    ) async throws(HoldfastError) -> [WatchNotice] {
        var request = Request("history", [try .resource(resource)])
        if let limit { request["limit"] = .number(limit) }
        return try await ask(request) { $0.history(of: resource) }
    }

    /// What the server counts.
    public func statistics() async throws(HoldfastError) -> ServerStatistics {
        try await ask(Request("stats")) { $0.statistics }
    }

    /// Asks the server for a sign of life.
    ///
    /// - Returns: The server's wall clock, RFC 3339.
    @discardableResult
    public func ping() async throws(HoldfastError) -> String {
        try await ask(.ping) { $0.text("time") }
    }

    /// Ends every ticket of a resource, and its lock delay; needs the right `admin`.
    ///
    /// - Returns: How many tickets ended.
    @discardableResult
    public func clear(
        _ resource: String,
        reason: String? = nil
    ) async throws(HoldfastError) -> Int {
        var request = Request("clear", [try .resource(resource)])
        if let reason { request["reason"] = .text(reason) }
        return try await ask(request) { $0.integer("cleared") }
    }

    /// Lets the server take no new tickets, or take them again; needs the right `admin`.
    public func drain(_ isDraining: Bool = true, reason: String? = nil) async throws(HoldfastError)
    {
        var request = Request("drain")
        if !isDraining { request["off"] = .flag(true) }
        if let reason { request["reason"] = .text(reason) }
        try await ask(request) { _ in () }
    }
}
