// The request for a ticket, from what a user says. Only what differs from the protocol's defaults is sent.

import HoldfastModel

extension Request {
    init(
        _ operation: String,
        resource: String,
        lease: Duration,
        mode: LockMode,
        priority: Int,
        reason: String?,
        options: LockOptions
    ) throws(HoldfastError) {
        self.init(operation, [try .resource(resource)])
        self["lease"] = .seconds(Interval(lease))
        set(mode)
        if priority != 0 { self["priority"] = .number(priority) }
        if let reason { self["reason"] = .text(reason) }
        set(options)
    }

    private mutating func set(_ mode: LockMode) {
        switch mode {
        case .exclusive: break
        case .shared: self["mode"] = .text("shared")
        case .permit(let count, let of):
            self["mode"] = .text("permit")
            self["permits"] = .number(count)
            self["of"] = .number(of)
        }
    }

    private mutating func set(_ options: LockOptions) {
        if let holder = options.holder { self["holder"] = .text(holder) }
        if let binding = options.binding { self["bind"] = .text(binding.rawValue) }
        if options.isStealable { self["stealable"] = .flag(true) }
        if options.lockDelay > .zero { self["lockDelay"] = .seconds(Interval(options.lockDelay)) }
        if let poll = options.pollWithin { self["pollWithin"] = .seconds(Interval(poll)) }
        if options.returnsOwnTicket { self["ifMine"] = .text("return") }
        if options.reportsPosition { self["notify"] = .text("position") }
        if let key = options.key { self["key"] = .text(key) }
        guard !options.metadata.isEmpty else { return }
        let entries = options.metadata.sorted { $0.key < $1.key }
        self["meta"] = .object(entries.map { Field(name: $0.key, value: .text($0.value)) })
    }
}

extension Request.Field {
    /// Refuses a path that breaks rule 1 before anything is sent.
    static func resource(_ path: String) throws(HoldfastError) -> Request.Field {
        do throws(ResourcePath.Flaw) {
            return Request.Field(
                name: "resource",
                value: .text(try ResourcePath(checking: path).text)
            )
        } catch {
            throw .invalid("\"\(path)\" is no resource: \(error.explanation)")
        }
    }
}
