// What a client asks for with `queue`, `lock` and `steal`: the fields of PROTOCOL §3, checked and
// with their defaults filled in. Texts ride in one optional object, because most requests carry
// none.

/// A request for a ticket.
@usableFromInline package struct TicketRequest: Hashable, Sendable {
    @usableFromInline package var resource: ResourcePath
    @usableFromInline package var lease: Interval
    @usableFromInline package var mode: Mode
    /// Nil waits for ever; zero never queues (rule 16).
    @usableFromInline package var maxWait: Interval?
    @usableFromInline package var priority: UInt8
    @usableFromInline package var ifMine: IfMine
    /// Nil: the session if the connection has one, else the ticket.
    @usableFromInline package var binding: Binding?
    @usableFromInline package var stealable: Bool
    @usableFromInline package var lockDelay: Interval
    @usableFromInline package var pollWithin: Interval
    @usableFromInline package var notify: Notify
    @usableFromInline package var details: TicketDetails?

    @usableFromInline package init(
        resource: ResourcePath,
        lease: Interval = TicketRequest.leaseDefault,
        mode: Mode = .exclusive,
        maxWait: Interval? = nil,
        priority: UInt8 = 0,
        ifMine: IfMine = .queue,
        binding: Binding? = nil,
        stealable: Bool = false,
        lockDelay: Interval = .zero,
        pollWithin: Interval = TicketRequest.pollWithinDefault,
        notify: Notify = .state,
        details: TicketDetails? = nil
    ) {
        self.resource = resource
        self.lease = lease
        self.mode = mode
        self.maxWait = maxWait
        self.priority = priority
        self.ifMine = ifMine
        self.binding = binding
        self.stealable = stealable
        self.lockDelay = lockDelay
        self.pollWithin = pollWithin
        self.notify = notify
        self.details = details
    }

    @usableFromInline package static let leaseDefault = Interval.seconds(30)
    @usableFromInline package static let pollWithinDefault = Interval.seconds(90)
    @usableFromInline package static let priorityMax: UInt8 = 9
    @usableFromInline package static let lockDelayMax = Interval.seconds(60)
    @usableFromInline package static let graceMax = Interval.seconds(300)
    @usableFromInline package static let keyBytesMax = 128
    @usableFromInline package static let textBytesMax = 256
    @usableFromInline package static let metaCountMax = 16

    /// Whether it says nothing but what every request says: lease and `notify` are all there is to know of it.
    @inlinable package var isPlain: Bool {
        // No `&&`, whose right side is a closure: the request would be copied into it.
        guard case .exclusive = mode, maxWait == nil, priority == 0, case .queue = ifMine,
            binding != .session, !stealable, lockDelay == .zero, details == nil
        else { return false }
        return pollWithin == TicketRequest.pollWithinDefault
    }

    /// Rule 23: the same key must come with the same request, but for `notify`.
    @usableFromInline package func isSameRequest(as other: TicketRequest) -> Bool {
        var copy = other
        copy.notify = notify
        return self == copy
    }
}

/// The texts of a request: the idempotency key, and what rides along for people (rule 4).
@usableFromInline package final class TicketDetails: Sendable {
    @usableFromInline package let key: String?
    @usableFromInline package let holder: String?
    @usableFromInline package let reason: String?
    /// Sorted by the bytes of the name.
    @usableFromInline package let meta: [MetaEntry]

    @usableFromInline package init(
        key: String? = nil,
        holder: String? = nil,
        reason: String? = nil,
        meta: [MetaEntry] = []
    ) {
        self.key = key
        self.holder = holder
        self.reason = reason
        self.meta = meta
    }
}

extension TicketDetails: Hashable {
    @usableFromInline package static func == (left: TicketDetails, right: TicketDetails) -> Bool {
        left === right
            || left.key.isSameText(as: right.key) && left.holder.isSameText(as: right.holder)
                && left.reason.isSameText(as: right.reason) && left.meta == right.meta
    }
    @usableFromInline package func hash(into hasher: inout Hasher) {
        hasher.combine(key?.utf8.count)
        hasher.combine(holder?.utf8.count)
        hasher.combine(meta.count)
    }
}

/// One name and value of a ticket's metadata.
@usableFromInline package struct MetaEntry: Hashable, Sendable {
    @usableFromInline package var name: String
    @usableFromInline package var value: String

    @usableFromInline package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    @usableFromInline package static func == (left: MetaEntry, right: MetaEntry) -> Bool {
        left.name.utf8.elementsEqual(right.name.utf8)
            && left.value.utf8.elementsEqual(right.value.utf8)
    }
}
