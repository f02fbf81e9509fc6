// Finding a ticket by what it is, not by its id: by idempotency key (rule 23), or as the owner's
// own (rule 25). Few tickets are looked through; of many an index is kept, and each only once
// somebody asked by it.

package import HoldfastModel

/// Which ticket has a key, and which tickets an owner has.
struct Directory: Sendable {
    /// Whether `keys` holds all keys.
    var isKept = false
    var keys: [KeyName: UInt32] = [:]
    /// Whether `mine` holds all live tickets.
    var keepsMine = false
    /// The trees of `forest`, each with the tickets of one owner that `ifMine` may choose from.
    var mine: [MineName: UInt32] = [:]
    var forest = OrderForest()

    /// An owner and a key; both compared by their bytes.
    struct KeyName: Hashable, Sendable {
        var owner: Owner
        var key: String

        static func == (left: KeyName, right: KeyName) -> Bool {
            left.key.isSame(as: right.key) && left.owner == right.owner
        }
        func hash(into hasher: inout Hasher) {
            hasher.combine(owner.name)
            hasher.combine(key)
        }
    }

    /// Tickets that `ifMine` takes for the same but for their count of permits.
    struct MineName: Hashable, Sendable {
        var owner: Owner
        var kind: UInt8
        var of: UInt32

        init(_ owner: Owner, _ mode: Mode) {
            self.owner = owner
            switch mode {
            case .exclusive: (kind, of) = (0, 0)
            case .shared: (kind, of) = (1, 0)
            case .permit(_, let of): (kind, self.of) = (2, of)
            }
        }
    }
}

extension String {
    /// By bytes; `==` would merge canonically equal keys.
    fileprivate func isSame(as other: String) -> Bool {
        let (one, other) = (utf8Span.span, other.utf8Span.span)
        guard one.count == other.count else { return false }
        for index in one.indices where one[index] != other[index] { return false }
        return true
    }
}

extension Ticket {
    /// The order in which `ifMine` chooses: held before queued, among permits the fewest that suffice,
    /// then the oldest.
    fileprivate var mineKey: UInt64 {
        Ticket.mineKey(isHeld: phase == .held, mode) | number & ((1 << 43) - 1)
    }

    fileprivate static func mineKey(isHeld: Bool, _ mode: Mode) -> UInt64 {
        var count: UInt32 = 0
        if case .permit(let permits, _) = mode { count = permits }
        return (isHeld ? 0 : 1 << 63) | UInt64(count) << 43
    }

    /// Whether `ifMine` with this mode may return this ticket.
    fileprivate func serves(_ mode: Mode) -> Bool {
        switch (self.mode, mode) {
        case (.exclusive, .exclusive), (.shared, .shared): true
        case (.permit(let mine, let of), .permit(let asked, let askedOf)):
            of == askedOf && mine >= asked
        case (.exclusive, _), (.shared, _), (.permit, _): false
        }
    }
}

extension LockState {
    /// Places of the arena that are looked through rather than indexed.
    private static let placesLookedThrough = 16

    private var isSmall: Bool { tickets.placeCount <= LockState.placesLookedThrough }

    // MARK: By key

    mutating func ticket(withKey key: String, of owner: Owner) -> UInt32? {
        if !isSmall { keepKeys() }
        return knownTicket(withKey: key, of: owner)
    }

    func knownTicket(withKey key: String, of owner: Owner) -> UInt32? {
        if extras.value.directory.isKept {
            return extras.value.directory.keys[Directory.KeyName(owner: owner, key: key)]
        }
        return (0..<UInt32(tickets.placeCount)).first { index in
            guard case .keyed(let keyed) = tickets[index].texts else { return false }
            return keyed.key.isSame(as: key) && tickets[index].isOwned(by: owner)
        }
    }

    private mutating func keepKeys() {
        guard !extras.value.directory.isKept else { return }
        extras.value.directory.isKept = true
        for index in 0..<UInt32(tickets.placeCount) { listKey(index) }
    }

    /// A ticket was made.
    mutating func list(_ index: UInt32) {
        listMine(index)
        if extras.value.directory.isKept { listKey(index) }
    }

    private mutating func listKey(_ index: UInt32) {
        guard case .keyed(let keyed) = tickets[index].texts else { return }
        let name = Directory.KeyName(owner: tickets[index].owner, key: keyed.key)
        extras.value.directory.keys[name] = index
    }

    /// A ticket is forgotten.
    mutating func unlist(_ index: UInt32) {
        guard extras.value.directory.isKept, case .keyed(let keyed) = tickets[index].texts else {
            return
        }
        let name = Directory.KeyName(owner: tickets[index].owner, key: keyed.key)
        extras.value.directory.keys[name] = nil
    }

    // MARK: As the owner's own

    /// Rule 25: the owner's live ticket of this mode, the acquired one first.
    mutating func ticket(mine owner: Owner, _ mode: Mode) -> UInt32? {
        if !isSmall { keepMine() }
        return knownTicket(mine: owner, mode)
    }

    private func knownTicket(mine owner: Owner, _ mode: Mode) -> UInt32? {
        let directory = extras.value.directory
        guard directory.keepsMine else { return searchedTicket(mine: owner, mode) }
        guard let root = directory.mine[Directory.MineName(owner, mode)] else { return nil }
        let held = directory.forest.first(
            from: Ticket.mineKey(isHeld: true, mode),
            under: root
        )
        if let held, tickets[held].phase == .held { return held }
        return directory.forest.first(from: Ticket.mineKey(isHeld: false, mode), under: root)
    }

    private func searchedTicket(mine owner: Owner, _ mode: Mode) -> UInt32? {
        (0..<UInt32(tickets.placeCount)).filter { index in
            tickets[index].isLive && tickets[index].isOwned(by: owner)
                && tickets[index].serves(mode)
        }.min { tickets[$0].mineKey < tickets[$1].mineKey }
    }

    private mutating func keepMine() {
        guard !extras.value.directory.keepsMine else { return }
        extras.value.directory.keepsMine = true
        for index in 0..<UInt32(tickets.placeCount) where tickets[index].isLive { listMine(index) }
    }

    mutating func listMine(_ index: UInt32) {
        guard extras.value.directory.keepsMine else { return }
        let (key, weight) = (tickets[index].mineKey, tickets[index].secretLow)
        let name = Directory.MineName(tickets[index].owner, tickets[index].mode)
        var root = extras.value.directory.mine[name] ?? OrderForest.none
        extras.value.directory.forest.insert(
            index,
            key: key,
            weight: weight,
            into: &root
        )
        extras.value.directory.mine[name] = root
    }

    mutating func unlistMine(_ index: UInt32) {
        guard extras.value.directory.keepsMine else { return }
        let key = tickets[index].mineKey
        let name = Directory.MineName(tickets[index].owner, tickets[index].mode)
        guard var root = extras.value.directory.mine[name] else { return }
        extras.value.directory.forest.remove(key: key, from: &root)
        extras.value.directory.mine[name] = root == OrderForest.none ? nil : root
    }

    /// Whether `request` would be answered with a ticket that is already here (`key`, `ifMine`):
    /// asked before a limit or a drain refuses a new one.
    package func finds(_ request: TicketRequest, of owner: Owner) -> Bool {
        if let key = request.details?.key, knownTicket(withKey: key, of: owner) != nil {
            return true
        }
        guard request.ifMine == .return else { return false }
        return knownTicket(mine: owner, request.mode) != nil
    }

    /// The session that a remembered ticket is bound to.
    package func session(ofTicket ticketIndex: UInt32) -> SessionID? {
        tickets.contains(ticketIndex) ? tickets[ticketIndex].boundSession : nil
    }

    /// The session that must still hear how a ticket ended; nil where there is none, or it has heard.
    package func sessionOwed(ofTicket ticketIndex: UInt32) -> SessionID? {
        guard tickets.contains(ticketIndex), tickets[ticketIndex].phase == .finished,
            tickets[ticketIndex].ending != .sessionEnded,
            tickets[ticketIndex].traits.contains(.owesNews)
        else { return nil }
        return tickets[ticketIndex].boundSession
    }

    /// The places in which tickets may be; some are empty.
    package var ticketIndices: Range<UInt32> { 0..<UInt32(tickets.placeCount) }

    /// The connection that hears a remembered ticket.
    package func listener(ofTicket ticketIndex: UInt32) -> ConnectionID? {
        tickets.contains(ticketIndex) ? tickets[ticketIndex].connection : nil
    }
}
