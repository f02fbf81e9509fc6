// The lines that nearly all traffic consists of, where nothing about them is special: they go the short way, from the
// bytes that were read to the bytes that are written. Whatever the short way does not do is decoded and goes the way of
// all requests.

import HoldfastCoordinator
import HoldfastCore
import HoldfastModel
import HoldfastWire

extension Connection {
    /// Once for the requests of one read: the clock, and whether the short way is open to them.
    ///
    /// What could close it comes from a line that is postponed, which closes it, too.
    func beginRequests() {
        shard.beginRequests()
        goesShortWay = mayGoShortWay
    }

    private var mayGoShortWay: Bool {
        // Bound to nothing, heard at all times, and told before that nobody guesses who it is.
        guard session == nil, !isExamined else { return false }
        if case .none = greeting { return false }
        return coordinator.setting.authority.rightsOnEverything(of: principal).contains(.lock)
    }

    /// Deals with a plain line on the short way; false, and nothing happened, where it is not one for that.
    @inline(__always)
    func deal(
        withPlain line: borrowing PlainLine,
        _ bytes: Span<UInt8>,
        _ decoder: RequestDecoder
    ) -> Bool {
        guard goesShortWay, postponed.isEmpty, let next = client.nextNumber(),
            let ask = decoder.plainAsk(line, bytes)
        else { return false }
        let address = RequestAddress(connection: client.id, request: next.number)
        let asker = PlainAsker(principal, at: address, isNext: next.isNext, hasGates: true)
        switch ask {
        case .queue(let place, let lease, let notify):
            let terms = PlainTerms(lease: lease, notify: notify)
            return take(bytes.extracting(place), terms, .queue, for: asker, line.id)
        case .lock(let place, let lease, let notify, let wait):
            guard client.hasRoomForWait else { return false }
            let terms = PlainTerms(lease: lease, notify: notify)
            return take(bytes.extracting(place), terms, .lock(wait: wait), for: asker, line.id)
        case .release(let ticket, let text):
            if let loop = otherLoop(of: ticket.slot) {
                let number = client.place(line.id, ignored: [], of: ticket.slot)
                letters.add(to: loop, from: principal, on: client.id) { $0.add(ticket, as: number) }
                return true
            }
            return release(ticket, bytes.extracting(text), for: asker, line.id)
        }
    }

    /// Nil where the slot is this one's.
    @inline(__always)
    private func otherLoop(of slot: Slot) -> LoopIndex? {
        guard loopCount > 1 else { return nil }
        let loop = ShardMap.loop(of: slot, among: loopCount)
        return loop == loopIndex ? nil : loop
    }

    @inline(__always)
    private func take(
        _ path: Span<UInt8>,
        _ terms: PlainTerms,
        _ purpose: Event.Purpose,
        for asker: borrowing PlainAsker,
        _ id: RequestID
    ) -> Bool {
        if loopCount > 1 {
            let slot = Slot(ofPath: path)
            if let loop = otherLoop(of: slot) {
                return send(path, terms, purpose, to: loop, of: slot, id)
            }
        }
        switch shard.takePlainly(path, terms, purpose, for: asker) {
        case .granted(let reply, let receipt, let gate):
            grant(reply, of: path, receipt, purpose, for: asker, id, behind: gate)
        case .answered(let answer):
            client.answerAtOnce(answer, id: id, ignored: [])
        case .later(let slot):
            placeForLater(id, purpose, at: shard.home, of: slot)
        case .declined, .released:
            return false
        }
        return true
    }

    @inline(__always)
    private func grant(
        _ reply: PlainReply,
        of path: Span<UInt8>,
        _ receipt: Receipt,
        _ purpose: Event.Purpose,
        for asker: borrowing PlainAsker,
        _ id: RequestID,
        behind gate: UInt64
    ) {
        if !asker.isNext, case .lock = purpose, let grant = ToldGrant(reply) {
            return client.grantApart(grant, of: path, receipt, id: id)
        }
        let isNext = asker.isNext
        if client.grantAtOnce(reply, of: path, receipt, id: id, isNext: isNext, behind: gate) {
            shard.add(client.id, behind: gate)
        }
    }

    /// What is another loop's.
    @inline(never)
    private func send(
        _ path: Span<UInt8>,
        _ terms: PlainTerms,
        _ purpose: Event.Purpose,
        to loop: LoopIndex,
        of slot: Slot,
        _ id: RequestID
    ) -> Bool {
        guard ResourcePath.isPlainASCII(path) else { return false }
        let number = placeForLater(id, purpose, at: coordinator.map[loop].home, of: slot)
        guard let number else { return false }
        letters.add(to: loop, from: principal, on: client.id) {
            $0.add(path, terms, purpose, as: number)
        }
        return true
    }

    /// A `lock` comes when it is done, and is behind nobody's answer.
    @discardableResult
    private func placeForLater(
        _ id: RequestID,
        _ purpose: Event.Purpose,
        at home: ShardHome,
        of slot: Slot
    ) -> UInt64? {
        guard case .lock = purpose else { return client.place(id, ignored: [], of: slot) }
        return client.placeWait(id, ignored: [], at: home)
    }

    @inline(__always)
    private func release(
        _ ticket: TicketID,
        _ text: Span<UInt8>,
        for asker: borrowing PlainAsker,
        _ id: RequestID
    ) -> Bool {
        switch shard.releasePlainly(ticket, for: copy asker) {
        case .released(let reply, let gate):
            let isNext = asker.isNext
            if client.tellReleasedAtOnce(reply, text, id: id, isNext: isNext, behind: gate) {
                shard.add(client.id, behind: gate)
            }
        case .answered(let answer): client.answerAtOnce(answer, id: id, ignored: [])
        case .later(let slot): _ = client.place(id, ignored: [], of: slot)
        case .declined, .granted: return false
        }
        return true
    }
}
