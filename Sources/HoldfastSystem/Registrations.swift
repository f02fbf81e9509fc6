// Who hears of which descriptor. An event may outlive its descriptor within one batch of events, and the
// kernel reuses numbers at once: so the kernel is given a place and a generation, never a descriptor or
// an address.

/// Something on a loop that owns a descriptor.
protocol ReadinessHandler: AnyObject {
    /// Its descriptor became ready. On the loop.
    func becameReady(_ readiness: Readiness)
}

extension EventLoop {
    /// Has the kernel watch a descriptor; nil when it has no room for one more.
    ///
    /// On the loop.
    func register(_ handler: any ReadinessHandler, descriptor: Int32) -> RegistrationToken? {
        let token = registrations.insert(handler)
        do throws(SystemError) {
            try poller.add(descriptor, token: token.bits)
            return token
        } catch {
            registrations.remove(token)
            return nil
        }
    }

    /// Ends the watch over a descriptor that stays open; closing ends it, too.
    ///
    /// On the loop.
    func unregister(_ token: RegistrationToken, descriptor: Int32) {
        registrations.remove(token)
        poller.remove(descriptor)
    }
}

/// The place of one registration; the kernel carries it as 64 bits.
struct RegistrationToken: Hashable {
    var index: UInt32
    var generation: UInt32

    init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    init(bits: UInt64) {
        index = UInt32(truncatingIfNeeded: bits)
        generation = UInt32(truncatingIfNeeded: bits >> 32)
    }

    var bits: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}

/// The registrations of one loop.
///
/// They hold their handlers: what is open lives until it is closed.
struct Registrations {
    private struct Place {
        var handler: (any ReadinessHandler)?
        var generation: UInt32 = 0
    }

    private var places: [Place] = []
    private var free: [UInt32] = []

    var count: Int { places.count - free.count }

    mutating func insert(_ handler: any ReadinessHandler) -> RegistrationToken {
        let index: UInt32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = UInt32(places.count)
            places.append(Place())
        }
        places[Int(index)].handler = handler
        return RegistrationToken(index: index, generation: places[Int(index)].generation)
    }

    mutating func remove(_ token: RegistrationToken) {
        let index = Int(token.index)
        precondition(places[index].generation == token.generation, "removed twice")
        places[index].handler = nil
        places[index].generation &+= 1
        free.append(token.index)
    }

    /// Nil for an event that came after its descriptor was closed.
    func handler(of token: RegistrationToken) -> (any ReadinessHandler)? {
        let index = Int(token.index)
        guard index < places.count, places[index].generation == token.generation else { return nil }
        return places[index].handler
    }

    mutating func removeAll() -> [any ReadinessHandler] {
        defer { self = Registrations() }
        return places.compactMap(\.handler)
    }
}
